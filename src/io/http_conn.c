/*
 * One connection of an HTTP server, see http_conn.h.
 *
 * While an answer is on its way nothing is read, so what is asked ahead of it waits in the kernel; and one
 * request is answered in a turn, so that nobody who asks for many keeps others waiting.
 */
#include "io/http_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 8192 /* bytes that are sent at a time: an owner of a line waits for no more */

/* Whoever reads the page comes after the owners of lines. */
static void
want(struct http_conn *c, int what)
{
	loop_fd_want(&c->watch, what | LOOP_LATE);
}

static void
enter(struct http_conn *c, enum http_conn_state state)
{
	c->state = state;
	c->since = loop_now(c->loop);
}

void
http_conn_end(struct http_conn *c)
{
	if (c->state == HTTP_CONN_OVER)
		return;
	loop_fd_stop(&c->watch);
	close(c->fd);
	gallery_leave(&c->look);
	print_unref(c->print);
	c->print = NULL;
	enter(c, HTTP_CONN_OVER);
	c->news->over(c->ctx, c);
}

/* ---- out ---- */

/* A last answer must be read before the connection ends: what comes in meanwhile would reset it. */
static void
linger(struct http_conn *c)
{
	if (c->fin || shutdown(c->fd, SHUT_WR) != 0) {
		http_conn_end(c);
		return;
	}
	enter(c, HTTP_CONN_LINGERING);
	want(c, LOOP_READ);
}

/* The answer has left.  If more has been asked, that is answered in the next turn. */
static void
answered(struct http_conn *c)
{
	print_unref(c->print);
	c->print = NULL;
	if (c->last) {
		linger(c);
		return;
	}
	enter(c, HTTP_CONN_ASKING);
	want(c, c->n_in > 0 || c->fin ? LOOP_WRITE : LOOP_READ);
}

static void
flush(struct http_conn *c)
{
	size_t of_head = c->sent < c->n_head ? c->sent : c->n_head, of_body = c->sent - of_head;
	size_t left = c->n_bytes - of_body;
	struct iovec iov[2] = { { c->head + of_head, c->n_head - of_head },
		{ (char *)(uintptr_t)c->bytes + of_body, left < PIECE ? left : PIECE } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = c->n_bytes > 0 ? 2 : 1 };
	ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		http_conn_end(c); /* nobody is there any more to be told */
		return;
	}
	c->sent += n > 0 ? (size_t)n : 0;
	if (c->sent == c->n_head + c->n_bytes)
		answered(c);
	else
		want(c, LOOP_WRITE);
}

void
http_conn_wait(struct http_conn *c)
{
	enter(c, HTTP_CONN_WAITING);
	want(c, 0);
}

/* Many may have waited for one text, and an owner of a line is not to wait for all of them. */
void
http_conn_answer(struct http_conn *c, const char *head, struct print *print, const void *bytes, size_t n,
    bool last)
{
	bool later = c->state == HTTP_CONN_WAITING;

	c->n_head = strlen(head);
	memcpy(c->head, head, c->n_head);
	c->print = print;
	c->bytes = bytes;
	c->n_bytes = n;
	c->sent = 0;
	c->last = last;
	enter(c, HTTP_CONN_ANSWERING);
	if (later)
		want(c, LOOP_WRITE);
	else
		flush(c);
}

/* ---- in ---- */

static bool
has_line(const struct http_conn *c)
{
	return memchr(c->in, '\n', c->n_in) != NULL;
}

/* One whole request, if there is one, or one that can become none any more. */
static void
serve(struct http_conn *c)
{
	size_t n = httphead_length(c->in, c->n_in, &c->seen);
	struct httphead h = { .close = true };
	int refused;

	if (n == 0 && c->n_in < sizeof c->in) {
		if (c->fin)
			http_conn_end(c); /* in the midst of a request, or after all of them */
		else
			want(c, LOOP_READ);
		return;
	}
	refused = n > 0 ? httphead_read(c->in, n, &h) : has_line(c) ? 431 : 414;
	c->n_in -= n;
	memmove(c->in, c->in + n, c->n_in);
	c->seen = 0;
	c->news->asked(c->ctx, c, &h, refused);
}

static void
discard(struct http_conn *c)
{
	ssize_t n = read(c->fd, loop_scratch(c->loop), LOOP_SCRATCH);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		http_conn_end(c);
}

static void
take(struct http_conn *c)
{
	ssize_t n = read(c->fd, c->in + c->n_in, sizeof c->in - c->n_in);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		http_conn_end(c);
		return;
	}
	c->fin = n == 0;
	c->n_in += (size_t)n;
	serve(c);
}

static void
on_fd(void *ctx, int what)
{
	struct http_conn *c = ctx;

	if (c->state == HTTP_CONN_ANSWERING && (what & LOOP_WRITE) != 0)
		flush(c);
	else if (c->state == HTTP_CONN_ASKING && (what & LOOP_WRITE) != 0)
		serve(c);
	else if (c->state == HTTP_CONN_ASKING && (what & LOOP_READ) != 0)
		take(c);
	else if (c->state == HTTP_CONN_LINGERING && (what & LOOP_READ) != 0)
		discard(c);
	/* A hang-up while it waits or is answered: sending tells whether anybody is there. */
}

bool
http_conn_unread(const struct http_conn *c)
{
	int n = 0;

	return ioctl(c->fd, FIONREAD, &n) == 0 && n > 0;
}

/* ---- it ---- */

struct http_conn *
http_conn_new(struct loop *loop, int fd, const struct sockaddr *from, const struct http_conn_news *news,
    void *ctx)
{
	struct http_conn *c = calloc(1, sizeof *c);

	if (c == NULL || loop_fd_start(&c->watch, loop, fd, LOOP_READ | LOOP_LATE, on_fd, c) != 0) {
		close(fd);
		free(c);
		return NULL;
	}
	c->loop = loop;
	c->fd = fd;
	c->news = news;
	c->ctx = ctx;
	addrkey(c->key, from);
	enter(c, HTTP_CONN_ASKING);
	return c;
}

void
http_conn_free(struct http_conn *c)
{
	if (c == NULL)
		return;
	http_conn_end(c);
	free(c);
}
