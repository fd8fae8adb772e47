/*
 * One client of the control socket: its lines in, in order and one at a time, and its lines out.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/control_parts.h"

#define PIECE 8192 /* bytes that are sent at a time: an owner of a line waits for no more */
#define AT_ONCE 16 /* requests of one turn of the loop */

/* ---- begin and end ---- */

static struct control_peer
peer_of(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return (struct control_peer){ .uid = -1, .pid = -1 };
	return (struct control_peer){ .uid = peer.uid, .pid = peer.pid };
}

static bool
may_act(const struct control_peer *p)
{
	return p->uid == 0 || p->uid == (int64_t)geteuid();
}

static void
drop_first(struct control_client *k)
{
	struct control_line *l = k->unsent;

	k->unsent = l->next;
	if (k->unsent == NULL)
		k->unsent_end = &k->unsent;
	k->waiting -= l->n;
	k->sent = 0;
	print_unref(l->print);
	free(l->text);
	free(l);
}

static void
destroy(void *ctx)
{
	struct control_client *k = ctx;

	while (k->unsent != NULL)
		drop_first(k);
	loop_fd_free(k->watch);
	loop_timer_free(k->deadline);
	if (k->fd >= 0)
		close(k->fd);
	free(k->in);
	free(k);
}

void
control_client_close(struct control_client *k)
{
	struct control *c = k->control;
	struct control_client **at;

	if (c == NULL)
		return;
	for (at = &c->clients; *at != k; at = &(*at)->next)
		;
	*at = k->next;
	control_streams_end(k);
	if (k->call != NULL)
		k->call->client = NULL;
	k->control = NULL;
	loop_fd_free(k->watch);
	k->watch = NULL;
	loop_timer_set(k->deadline, MSEC_NEVER);
	close(k->fd);
	k->fd = -1;
	k->reap.fn = destroy;
	k->reap.ctx = k;
	loop_reap(c->loop, &k->reap);
}

/* Closed, and not only shut down: who asks through a pipe does that when he has asked. */
static bool
has_gone(const struct control_client *k)
{
	struct pollfd p = { .fd = k->fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

static void on_deadline(void *ctx);
static void on_socket(void *ctx, int what);
static void settle(struct control_client *, bool takes);

/* Those whose end has not been seen yet, since others come first. */
static void
close_the_gone(struct control *c)
{
	struct control_client *k, *next;

	for (k = c->clients; k != NULL; k = next) {
		next = k->next;
		if (has_gone(k))
			control_client_close(k);
	}
}

/* Why k, which is not among them yet, may not be; NULL: it may. */
static const char *
place_for(struct control *c, const struct control_client *k)
{
	const char *why = control_no_place(c, k);

	if (why == NULL)
		return NULL;
	close_the_gone(c);
	return control_no_place(c, k);
}

void
control_client_new(struct control *c, int fd)
{
	struct ctlmsg_greeting g = { .version = PACKAGE_VERSION, .protocol = CTLMSG_PROTOCOL };
	struct control_client *k = calloc(1, sizeof *k);
	const char *no_place;

	if (k == NULL) {
		close(fd);
		return;
	}
	k->fd = fd;
	k->unsent_end = &k->unsent;
	k->look.fn = control_on_status;
	k->look.ctx = k;
	k->peer = peer_of(fd);
	k->may_act = g.may_act = may_act(&k->peer);
	no_place = place_for(c, k);
	k->watch = loop_fd_new(c->loop, fd, LOOP_READ | LOOP_LATE, on_socket, k);
	k->deadline = loop_timer_new(c->loop, on_deadline, k);
	if (k->watch == NULL || k->deadline == NULL) {
		destroy(k);
		return;
	}
	k->control = c;
	k->next = c->clients;
	c->clients = k;
	control_client_put(k, ctlmsg_write_greeting(&g));
	if (no_place != NULL) {
		control_client_fail(k, 0, CTLMSG_BUSY, no_place);
		k->ending = true;
	}
	settle(k, false);
}

/* ---- lines to the client ---- */

/* Takes text and print, the first of which NULL (no memory) ends the client. */
static void
append(struct control_client *k, char *text, size_t n_head, struct print *print, size_t n)
{
	struct control_line *l = malloc(sizeof *l);

	if (text == NULL || l == NULL) {
		print_unref(print);
		free(text);
		free(l);
		k->ending = true;
		return;
	}
	*l = (struct control_line){ NULL, text, n_head, print, n };
	*k->unsent_end = l;
	k->unsent_end = &l->next;
	k->waiting += n;
}

void
control_client_put(struct control_client *k, char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	append(k, text, n, NULL, n);
}

void
control_client_show(struct control_client *k, struct print *p, int64_t id, uint64_t missed)
{
	char head[CTLMSG_HEAD], tail[CTLMSG_TAIL], *text;
	size_t n_head, n_tail;

	if (p == NULL) {
		k->ending = true;
		return;
	}
	ctlmsg_write_status(head, tail, id, missed);
	n_head = strlen(head);
	n_tail = strlen(tail);
	text = malloc(n_head + n_tail);
	if (text != NULL) {
		memcpy(text, head, n_head);
		memcpy(text + n_head, tail, n_tail);
	}
	append(k, text, n_head, p, n_head + p->n + n_tail);
}

void
control_client_reply(struct control_client *k, const struct ctlmsg_reply *r)
{
	control_client_put(k, ctlmsg_write_reply(r));
}

void
control_client_fail(struct control_client *k, int64_t id, enum ctlmsg_code code, const char *error)
{
	struct ctlmsg_reply r = { .id = id, .kind = CTLMSG_FAILURE, .code = code, .text = error };

	control_client_reply(k, &r);
}

/* What of a line is not sent yet, a piece of it at most. */
static ssize_t
send_piece(int fd, const struct control_line *l, size_t sent)
{
	size_t n_print = l->print != NULL ? l->print->n : 0, room = PIECE, n, i;
	struct iovec parts[3] = { { l->text, l->n_head },
		{ (void *)(uintptr_t)(l->print != NULL ? l->print->bytes : NULL), n_print },
		{ l->text + l->n_head, l->n - l->n_head - n_print } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 3 };

	for (i = 0; i < 3; i++) {
		n = sent < parts[i].iov_len ? sent : parts[i].iov_len;
		sent -= n;
		if (n > 0)
			parts[i].iov_base = (char *)parts[i].iov_base + n;
		parts[i].iov_len = parts[i].iov_len - n < room ? parts[i].iov_len - n : room;
		room -= parts[i].iov_len;
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A piece, or several short lines.  Returns how much went; -1: the client has gone. */
static ssize_t
send_some(struct control_client *k)
{
	ssize_t all = 0, n;

	while (k->unsent != NULL && all < PIECE) {
		n = send_piece(k->fd, k->unsent, k->sent);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? all : -1;
		all += n;
		k->sent += (size_t)n;
		if (k->sent == k->unsent->n)
			drop_first(k);
	}
	return all;
}

/* ---- lines from the client ---- */

static void
act(struct control_client *k, const struct ctlmsg_request *r)
{
	struct control *c = k->control;
	struct control_call *call = malloc(sizeof *call);

	if (call == NULL) {
		control_client_fail(k, r->id, CTLMSG_FAILED, "no memory; expected more");
		return;
	}
	*call = (struct control_call){ .client = k, .peer = k->peer, .id = r->id };
	k->call = call;
	c->ops->act(c->ctx, call, r);
}

static void
carry_out(struct control_client *k, const struct ctlmsg_request *r)
{
	if (ctlmsg_acts(r->verb) && !k->may_act) {
		control_client_fail(k, r->id, CTLMSG_DENIED,
		    "not permitted to this user; expected root or the user of the daemon");
		return;
	}
	switch (r->verb) {
	case CTLMSG_STATUS:
		control_status(k, r->id);
		break;
	case CTLMSG_WATCH:
		control_watch(k, r->id);
		break;
	case CTLMSG_HISTORY:
		control_history(k, r);
		break;
	case CTLMSG_MONITOR:
		control_monitor(k, r);
		break;
	default:
		act(k, r);
	}
}

static void
take_line(struct control_client *k, const char *line, size_t n)
{
	struct ctlmsg_request r;
	char error[CTLMSG_ERROR];

	if (ctlmsg_read_request(line, n, &r, error) == 0) {
		k->asked = true;
		carry_out(k, &r);
		return;
	}
	control_client_fail(k, r.id, CTLMSG_BAD, error);
	if (++k->mistakes >= CONTROL_MISTAKES)
		k->ending = true;
}

static bool
is_busy(const struct control_client *k)
{
	return k->call != NULL || k->query != NULL || gallery_waits(&k->look) || k->ending ||
	    k->waiting > CONTROL_STREAM / 2;
}

/* What waits for it is so much that a turn has enough of it. */
static bool
has_plenty(const struct control_client *k)
{
	return k->waiting >= PIECE;
}

/* Takes lines as long as each is answered at once, not too many in a row, and behind a big answer none. */
static void
take_lines(struct control_client *k)
{
	size_t n = 0;
	char *end;
	int turn;

	k->in_line = false;
	for (turn = 0; n < k->n_in && !is_busy(k) && (end = memchr(k->in + n, '\n', k->n_in - n)) != NULL; turn++) {
		if (turn == AT_ONCE || (turn > 0 && has_plenty(k))) {
			k->in_line = true;
			break;
		}
		take_line(k, k->in + n, (size_t)(end - (k->in + n)) + 1);
		if (k->control == NULL)
			return;
		n = (size_t)(end - k->in) + 1;
		k->progress = true;
	}
	k->n_in -= n;
	if (n > 0)
		memmove(k->in, k->in + n, k->n_in);
	if (k->n_in == CTLMSG_MAX && !is_busy(k) && !k->in_line) {
		control_client_fail(k, 0, CTLMSG_BAD, "a line of more than 64 KiB; expected less");
		k->ending = true;
	}
	if (k->n_in == 0) {
		free(k->in);
		k->in = NULL;
	}
}

static void
read_some(struct control_client *k)
{
	ssize_t n;

	if (k->in == NULL && (k->in = malloc(CTLMSG_MAX)) == NULL) {
		control_client_close(k);
		return;
	}
	n = recv(k->fd, k->in + k->n_in, CTLMSG_MAX - k->n_in, MSG_DONTWAIT);
	if (n > 0)
		k->n_in += (size_t)n;
	else if (n == 0)
		k->ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		control_client_close(k);
}

static void
on_socket(void *ctx, int what)
{
	struct control_client *k = ctx;

	if ((what & LOOP_READ) != 0)
		read_some(k);
	if (k->control != NULL && ((what & LOOP_HANGUP) != 0 || k->ended) && has_gone(k))
		control_client_close(k);
	settle(k, true);
}

/* ---- after each event ---- */

static void
set_deadline(struct control_client *k)
{
	int64_t limit = 0; /* none */

	if (control_streams(k))
		limit = k->unsent != NULL || k->unread > 0 ? k->control->limits.unread_ms : 0;
	else if (k->unsent != NULL)
		limit = CONTROL_STALL;
	else if (k->call == NULL && k->query == NULL && !gallery_waits(&k->look))
		limit = k->asked ? CONTROL_IDLE : CONTROL_FIRST;
	if (limit == k->limit && !k->progress)
		return;
	k->limit = limit;
	loop_timer_set(k->deadline,
	    limit == 0 ? MSEC_NEVER : msec_add(loop_now(k->control->loop), limit));
}

/* What is sent now finds its place only if the kernel has room: who is told reads it when he reads again. */
static void
on_deadline(void *ctx)
{
	struct control_client *k = ctx;

	k->limit = 0;
	if (!control_streams(k)) {
		control_client_close(k);
	} else if (control_has_read(k)) {
		k->progress = true;
		set_deadline(k);
	} else if (k->unsent != NULL) {
		control_client_close(k);
	} else {
		control_client_fail(k, k->watching != 0 ? k->watching : k->monitoring, CTLMSG_BUSY,
		    "closed, because nothing was read for too long; expected at least a read a minute");
		k->ending = true;
		settle(k, false);
	}
}

static void
set_wants(struct control_client *k)
{
	int want = LOOP_LATE;

	if (!is_busy(k) && !k->ended && k->n_in < CTLMSG_MAX)
		want |= LOOP_READ;
	if (k->unsent != NULL || k->in_line)
		want |= LOOP_WRITE;
	loop_fd_want(k->watch, want);
}

/* A line could be taken, if only to say that it is too long. */
static bool
has_work(const struct control_client *k)
{
	return k->n_in > 0 && !is_busy(k) && !k->in_line &&
	    (k->n_in == CTLMSG_MAX || memchr(k->in, '\n', k->n_in) != NULL);
}

/* All that can be done now; false: the client has gone. */
static bool
go_on(struct control_client *k, bool takes)
{
	ssize_t n;

	do {
		if (takes)
			take_lines(k);
		else if (has_work(k))
			k->in_line = true;
		if (k->control == NULL)
			return false;
		n = send_some(k);
		if (n < 0)
			return false;
		k->progress = k->progress || n > 0;
		control_streams_go_on(k);
	} while (has_work(k));
	if (control_streams(k))
		control_has_sent(k);
	return true;
}

/* takes: lines that have come are carried out, in a turn of the client's own only. */
static void
settle(struct control_client *k, bool takes)
{
	bool over, has_read;

	if (k->control == NULL || k->settling)
		return;
	k->settling = true;
	k->progress = false;
	has_read = control_has_read(k);
	over = !go_on(k, takes);
	k->settling = false;
	if (control_streams(k)) /* what it asks, and what the kernel takes for it, says nothing of that */
		k->progress = has_read;
	if (k->control == NULL)
		return;
	if (k->unsent == NULL && (k->ending || (k->ended && !control_streams(k) && k->call == NULL &&
	    k->query == NULL && !gallery_waits(&k->look) && !k->in_line)))
		over = true;
	if (over) {
		control_client_close(k);
		return;
	}
	set_wants(k);
	set_deadline(k);
}

void
control_client_settle(struct control_client *k)
{
	settle(k, false);
}

void
control_client_later(struct control_client *k)
{
	if (k->control == NULL || k->settling)
		return;
	if (k->unsent == NULL) {
		settle(k, false);
		return;
	}
	k->progress = false;
	set_wants(k);
	set_deadline(k);
}
