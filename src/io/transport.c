/*
 * A client's TCP socket, see transport.h.  One read and one write per event; what is wanted from
 * the loop changes only when a direction is stopped or goes on again.  Where input goes on, more of it mostly
 * waits: it is read as the turn ends, before the loop is told, to which stopping once more is then no change.
 */
#include "io/transport.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whoever can take input again has room for one piece and more, so that with the second of these it is enough: input
 * stops there, and has not been wanted of the loop in between. */
#define READS_ON 2

#define READS_MUCH (LOOP_SCRATCH / 2) /* bytes at a time: more will follow */

#define READS_LATE 2048 /* bytes at a time of who owns nothing: 700 options, half a millisecond */

struct transport {
	struct loop *loop;
	struct loop_fd watch;
	struct ring *out;
	struct ring kept; /* read and not yet taken; of just that size */
	const struct transport_news *news;
	void *ctx;
	struct loop_note note; /* reads as the turn ends, `goes_on` times at most; in the end: reaping, or telling a
	                        * failure of write(2) later */
	const char *why;
	int fd;
	bool paused;  /* the owner took less than it was given, or it is enough */
	bool blocked; /* the kernel took less than there was */
	bool by_turns; /* the owner flushes at the end of the turn */
	bool stopped; /* what comes is not wanted of the loop */
	uint8_t goes_on;
	bool owns;
	bool held, fin, ended, shut, lost, closed, noted;
};

static void
want_now(struct transport *t)
{
	int w = 0;

	if (!loop_fd_watched(&t->watch))
		return;
	if (!t->paused && !t->goes_on && !t->ended)
		w |= LOOP_READ;
	if (t->blocked && !t->held)
		w |= LOOP_WRITE;
	if (!t->owns)
		w |= LOOP_LATE;
	t->stopped = (w & LOOP_READ) == 0;
	if (w != t->watch.want) /* mostly it is the same in each turn */
		loop_fd_want(&t->watch, w);
}

static void
want(struct transport *t)
{
	if (!t->by_turns)
		want_now(t);
}

static void
free_now(void *arg)
{
	struct transport *t = arg;

	ring_clear(&t->kept);
	free(t);
}

static const char *
words_for(int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
		return "reset";
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return "dead";
	default:
		return strerror(error);
	}
}

static void
tell_lost(void *arg)
{
	struct transport *t = arg;

	t->noted = false;
	t->note.next = NULL; /* another may have stood behind it */
	if (t->closed)
		free_now(t);
	else
		t->news->lost(t->ctx, t->why);
}

/* At the end of the turn, instead of reading on. */
static void
do_last(struct transport *t, loop_fn *fn)
{
	loop_unsoon(t->loop, &t->note);
	t->note.fn = fn;
	t->noted = true;
	loop_reap(t->loop, &t->note);
}

/* From the loop's own callback; a failed write may stand inside a call down and is told later. */
static void
lose(struct transport *t, const char *why, bool inside_call)
{
	if (t->lost)
		return;
	t->lost = true;
	t->why = why;
	loop_fd_stop(&t->watch);
	if (inside_call) {
		do_last(t, tell_lost);
		return;
	}
	loop_unsoon(t->loop, &t->note);
	t->news->lost(t->ctx, why);
}

/*
 * The end is read only once all before it has been taken.  A FIN that was seen while nothing was read is
 * old news by then, and whoever waits for the last byte hears of it here.
 */
static void
tell_fin(struct transport *t)
{
	if (t->fin && !t->ended)
		return;
	t->fin = true;
	t->news->fin(t->ctx);
}

static bool
is_enough(const struct transport *t, size_t n)
{
	return n >= READS_MUCH && t->news->enough != NULL && t->news->enough(t->ctx);
}

/* Keeps what the owner has not taken. */
static void
offer(struct transport *t, const uint8_t *b, size_t n)
{
	size_t took = t->news->input(t->ctx, b, n);

	if (t->closed || t->lost || (took == n && !is_enough(t, n)))
		return;
	ring_init(&t->kept, (uint32_t)(n - took)); /* it is empty */
	if (ring_put(&t->kept, b + took, n - took) != n - took) {
		lose(t, "no memory", false);
		return;
	}
	t->paused = true;
	want(t);
}

/* True when there was so much that there may be more. */
static bool
on_readable(struct transport *t)
{
	uint8_t *b = loop_scratch(t->loop);
	ssize_t n;

	if (t->paused || t->ended)
		return false; /* it was ready before that was known */
	n = recv(t->fd, b, t->owns ? LOOP_SCRATCH : READS_LATE, 0);
	if (n > 0) {
		offer(t, b, (size_t)n);
		return n == LOOP_SCRATCH && !t->paused && !t->lost && !t->closed;
	}
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			lose(t, words_for(errno), false);
		return false;
	}
	t->ended = true;
	tell_fin(t);
	if (!t->closed) /* mostly it is: then this would be two system calls for nothing */
		want(t);
	return false;
}

static void
on_more(void *ctx)
{
	struct transport *t = ctx;

	if (on_readable(t) && --t->goes_on > 0) {
		loop_soon(t->loop, &t->note);
		return;
	}
	t->goes_on = 0;
	if (!t->closed)
		want_now(t);
}

/* Something happened while nothing is read: new bytes (not our concern now), a FIN, or an error. */
static void
on_hangup(struct transport *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLRDHUP };
	int error = 0;
	socklen_t len = sizeof error;

	if (poll(&p, 1, 0) <= 0)
		return;
	if ((p.revents & POLLERR) != 0) {
		getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		lose(t, words_for(error != 0 ? error : ECONNRESET), false);
		return;
	}
	if ((p.revents & (POLLRDHUP | POLLHUP)) != 0)
		tell_fin(t);
}

bool
transport_look(struct transport *t)
{
	if (!t->closed && !t->lost && !t->fin)
		on_hangup(t);
	return t->lost || t->fin;
}

static void
on_event(void *ctx, int what)
{
	struct transport *t = ctx;

	if ((what & LOOP_WRITE) != 0) {
		t->blocked = false;
		transport_flush(t);
	}
	if ((what & LOOP_READ) != 0 && !t->closed && !t->lost)
		on_readable(t);
	if ((what & LOOP_HANGUP) != 0 && !t->closed && !t->lost)
		on_hangup(t);
}

/*
 * What a client sends ahead of a slow line waits with it, not here; a third less to receive would be a fifteenth
 * more CPU from the net to the line.  Not on the listening socket: a window that is agreed on so makes the
 * receiver do more of the sender's work, a fifth more CPU on loopback.
 */
static void
bound_input(int fd)
{
	const int in = 98304; /* the kernel doubles it */

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &in, sizeof in);
}

static void
probe(int fd, const struct transport_keepalive *k)
{
	const int on = k->idle > 0;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (!on)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &k->idle, sizeof k->idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &k->interval, sizeof k->interval);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &k->probes, sizeof k->probes);
}

void
transport_prepare(int fd, const struct transport_keepalive *k)
{
	const int one = 1, out = 32768; /* doubled too */

	/* All of these exist on every TCP socket; without one the stream still works. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &out, sizeof out);
	probe(fd, k);
}

void
transport_keepalive(struct transport *t, const struct transport_keepalive *k)
{
	probe(t->fd, k);
}

void
transport_by_turns(struct transport *t)
{
	t->by_turns = true;
}

void
transport_owns(struct transport *t, bool owns)
{
	t->owns = owns;
	want(t);
}

struct transport *
transport_new(struct loop *l, int fd, struct ring *out, const struct transport_keepalive *k,
    const struct transport_news *news, void *ctx)
{
	struct transport *t = calloc(1, sizeof *t);

	if (t == NULL || loop_fd_start(&t->watch, l, fd, LOOP_READ | LOOP_LATE, on_event, t) != 0) {
		free(t);
		close(fd);
		return NULL;
	}
	if (k != NULL)
		transport_prepare(fd, k);
	bound_input(fd);
	t->loop = l;
	t->fd = fd;
	t->out = out;
	t->news = news;
	t->ctx = ctx;
	t->note = (struct loop_note){ NULL, on_more, t };
	return t;
}

static void
write_some(struct transport *t)
{
	struct iovec iov[2];
	struct msghdr m = { .msg_iov = iov };
	ssize_t n;

	m.msg_iovlen = (size_t)ring_iov(t->out, iov);
	n = sendmsg(t->fd, &m, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR) {
			lose(t, words_for(errno), true);
			return;
		}
		n = 0;
	}
	if ((size_t)n < t->out->used)
		t->blocked = true;
	if (n > 0)
		t->news->sent(t->ctx, (size_t)n);
}

static void
flush(struct transport *t)
{
	if (!t->held && !t->blocked && !t->lost && !t->shut && t->out->used > 0)
		write_some(t);
}

void
transport_flush(struct transport *t)
{
	flush(t);
	want_now(t);
}

void
transport_hold(struct transport *t, bool hold)
{
	t->held = hold;
	if (!t->by_turns)
		transport_flush(t);
}

void
transport_resume(struct transport *t)
{
	const uint8_t *b;
	size_t n, took;

	while (!t->closed && !t->lost && (b = ring_peek(&t->kept, &n)) != NULL) {
		took = t->news->input(t->ctx, b, n);
		if (t->closed)
			return; /* kept is cleared when the transport is freed */
		ring_drop(&t->kept, took);
		if (took < n)
			return;
	}
	if (t->paused && !t->closed && !t->lost) {
		t->paused = false;
		if (!t->stopped)
			return;
		if (!t->owns) {
			want(t);
			return;
		}
		t->goes_on = READS_ON;
		loop_soon(t->loop, &t->note);
	}
}

bool
transport_paused(const struct transport *t)
{
	return t->paused;
}

size_t
transport_unread(const struct transport *t)
{
	int waiting = 0;

	if (t->lost || ioctl(t->fd, FIONREAD, &waiting) != 0)
		waiting = 0;
	return t->kept.used + (size_t)waiting;
}

bool
transport_ended(const struct transport *t)
{
	return t->ended && t->kept.used == 0;
}

void
transport_shutdown(struct transport *t)
{
	flush(t);
	want(t);
	if (t->lost || t->shut)
		return;
	t->shut = true;
	shutdown(t->fd, SHUT_WR); /* fails only where the peer is gone already */
}

int
transport_unacked(struct transport *t, uint64_t *bytes, int64_t *ack_age)
{
	struct tcp_info info;
	socklen_t len = sizeof info;
	int queued = 0;

	memset(&info, 0, sizeof info);
	if (t->lost || ioctl(t->fd, SIOCOUTQ, &queued) != 0 ||
	    getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return -1;
	*bytes = (uint64_t)queued;
	*ack_age = info.tcpi_last_ack_recv;
	return 0;
}

int64_t
transport_silence(struct transport *t)
{
	struct tcp_info info;
	socklen_t len = sizeof info;

	memset(&info, 0, sizeof info);
	if (t->lost || getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return -1;
	return info.tcpi_last_ack_recv < info.tcpi_last_data_recv ? info.tcpi_last_ack_recv :
	    info.tcpi_last_data_recv;
}

/* Closing with unread input would be a reset, and could destroy what the peer has not read yet. */
static void
drop_input(struct loop *loop, int fd)
{
	int i;

	for (i = 0; i < 8; i++)
		if (recv(fd, loop_scratch(loop), LOOP_SCRATCH, MSG_DONTWAIT) <= 0)
			break;
}

void
transport_farewell(struct loop *loop, int fd, const void *text, size_t n)
{
	if (n > 0 && send(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) /* else it has gone, and knows why */
		shutdown(fd, SHUT_WR);
	drop_input(loop, fd);
	close(fd);
}

void
transport_close(struct transport *t, bool reset)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (t == NULL || t->closed)
		return;
	t->closed = true;
	loop_fd_stop(&t->watch);
	if (!reset && !t->ended) /* behind a FIN comes nothing */
		drop_input(t->loop, t->fd);
	if (reset || t->out->used > 0)
		setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(t->fd);
	if (!t->noted) /* else tell_lost() frees */
		do_last(t, free_now);
}
