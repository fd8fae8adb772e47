/*
 * A kernel that is played, see playkernel.h.
 */
#include "playkernel.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WATCHED 256
#define STANDS 20000 /* turns at one time, at most: else the loop spins */
#define NEVER INT64_MAX
#define BEGIN 1000000

struct watched {
	struct event *ev;
	uint64_t seen; /* edge-triggered: the news of its socket that were told */
	short active;
};

/* A socket in an epoll. */
struct polled {
	int epoll, fd;
	struct epoll_event wanted;
	uint64_t seen; /* as above */
};

static struct {
	const struct play_ops *ops; /* NULL: nothing is played */
	int64_t now, until;
	unsigned stands;
	struct watched watched[WATCHED];
	size_t n;
	struct polled polled[PLAY_SOCKETS];
	size_t n_polled;
	struct event *timer;
	int64_t due; /* of the timer */
	struct play_socket sockets[PLAY_SOCKETS];
	int n_sockets;
} k;

int __real_clock_gettime(clockid_t, struct timespec *);
int __real_epoll_ctl(int, int, int, struct epoll_event *);
int __real_epoll_wait(int, struct epoll_event *, int, int);
ssize_t __real_recv(int, void *, size_t, int);
ssize_t __real_sendmsg(int, const struct msghdr *, int);
int __real_poll(struct pollfd *, nfds_t, int);
int __real_ioctl(int, unsigned long, ...);
int __real_shutdown(int, int);
int __real_close(int);
int __real_getsockopt(int, int, int, void *, socklen_t *);
int __real_setsockopt(int, int, int, const void *, socklen_t);

int __wrap_clock_gettime(clockid_t, struct timespec *);
int __wrap_epoll_ctl(int, int, int, struct epoll_event *);
int __wrap_epoll_wait(int, struct epoll_event *, int, int);
int __wrap_event_add(struct event *, const struct timeval *);
int __wrap_event_del(struct event *);
int __wrap_event_base_loop(struct event_base *, int);
int __wrap_event_base_loopbreak(struct event_base *);
ssize_t __wrap_recv(int, void *, size_t, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);
int __wrap_poll(struct pollfd *, nfds_t, int);
int __wrap_ioctl(int, unsigned long, ...);
int __wrap_shutdown(int, int);
int __wrap_close(int);
int __wrap_getsockopt(int, int, int, void *, socklen_t *);
int __wrap_setsockopt(int, int, int, const void *, socklen_t);

void
play_die(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so after %lld ms: %s\n", file, line, (long long)(k.now - BEGIN), what);
	abort();
}

/* ---- the clock ---- */

void
play_begin(const struct play_ops *ops)
{
	memset(&k, 0, sizeof k);
	k.ops = ops;
	k.now = k.until = BEGIN;
	k.due = NEVER;
}

void
play_end(void)
{
	int i;

	for (i = 0; i < k.n_sockets; i++)
		ring_clear(&k.sockets[i].inbox);
	k.ops = NULL;
}

int64_t
play_now(void)
{
	return k.now;
}

void
play_pass(int64_t ms)
{
	k.until = k.now + ms;
}

int64_t
play_until_due(void)
{
	return k.due == NEVER ? -1 : k.due > k.now ? k.due - k.now : 0;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	if (k.ops == NULL)
		return __real_clock_gettime(clock, ts);
	ts->tv_sec = (time_t)(k.now / 1000);
	ts->tv_nsec = (long)(k.now % 1000 * 1000000);
	return 0;
}

/* ---- sockets ---- */

static bool
is_played(int fd)
{
	return k.ops != NULL && fd >= PLAY_FD;
}

struct play_socket *
play_socket(int fd)
{
	must(fd >= PLAY_FD && fd < PLAY_FD + k.n_sockets);
	return &k.sockets[fd - PLAY_FD];
}

/* As the program sees it: it may not use one that it has closed. */
static struct play_socket *
ours(int fd)
{
	struct play_socket *s = play_socket(fd);

	must(!s->closed);
	return s;
}

int
play_connect(void)
{
	struct play_socket *s = &k.sockets[k.n_sockets];

	if (k.n_sockets == PLAY_SOCKETS)
		return -1;
	*s = (struct play_socket){ .window = PLAY_WINDOW, .heard = k.now };
	ring_init(&s->inbox, PLAY_INBOX);
	return PLAY_FD + k.n_sockets++;
}

static void
heard_of(struct play_socket *s)
{
	s->news++;
	s->heard = k.now;
}

void
play_send(int fd, const uint8_t *b, size_t n)
{
	struct play_socket *s = play_socket(fd);

	if (s->closed || s->fin || s->reset)
		return;
	ring_put(&s->inbox, b, n);
	heard_of(s);
}

void
play_fin(int fd)
{
	struct play_socket *s = play_socket(fd);

	if (!s->reset && !s->closed)
		s->fin = true;
	heard_of(s);
}

void
play_reset(int fd)
{
	struct play_socket *s = play_socket(fd);

	s->reset = true;
	ring_clear(&s->inbox);
	heard_of(s);
}

void
play_take(int fd, size_t window)
{
	struct play_socket *s = play_socket(fd);

	s->window = window;
	s->news++;
}

void
play_silence(int fd, bool on)
{
	struct play_socket *s = play_socket(fd);

	s->silent = on;
	if (on)
		return;
	s->unacked = 0;
	heard_of(s);
}

static int
fails(int error)
{
	errno = error;
	return -1;
}

ssize_t
__wrap_recv(int fd, void *b, size_t n, int flags)
{
	struct play_socket *s;
	const uint8_t *oldest;
	size_t took = 0, span;

	if (!is_played(fd))
		return __real_recv(fd, b, n, flags);
	s = ours(fd);
	if (s->reset && !s->error_told) {
		s->error_told = true;
		return fails(ECONNRESET);
	}
	while (took < n && (oldest = ring_peek(&s->inbox, &span)) != NULL) {
		if (span > n - took)
			span = n - took;
		memcpy((uint8_t *)b + took, oldest, span);
		ring_drop(&s->inbox, span);
		took += span;
	}
	return took > 0 || s->fin || s->reset ? (ssize_t)took : fails(EAGAIN);
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct play_socket *s;
	size_t i, n, sent = 0;

	if (!is_played(fd))
		return __real_sendmsg(fd, m, flags);
	s = ours(fd);
	if (s->reset || s->shut)
		return fails(s->reset && !s->error_told ? ECONNRESET : EPIPE);
	for (i = 0; i < m->msg_iovlen && s->window > 0; i++) {
		n = m->msg_iov[i].iov_len < s->window ? m->msg_iov[i].iov_len : s->window;
		k.ops->came(fd, m->msg_iov[i].iov_base, n);
		s->window -= n;
		sent += n;
	}
	if (s->silent)
		s->unacked += sent;
	else
		s->heard = k.now;
	return sent > 0 ? (ssize_t)sent : fails(EAGAIN);
}

int
__wrap_poll(struct pollfd *p, nfds_t n, int timeout)
{
	const struct play_socket *s;

	if (n != 1 || !is_played(p->fd))
		return __real_poll(p, n, timeout);
	s = ours(p->fd);
	p->revents = 0;
	if (s->reset)
		p->revents = POLLERR | POLLHUP | (p->events & POLLRDHUP);
	else if (s->fin)
		p->revents = p->events & POLLRDHUP;
	return p->revents != 0;
}

int
__wrap_ioctl(int fd, unsigned long what, ...)
{
	va_list args;
	void *arg;

	va_start(args, what);
	arg = va_arg(args, void *);
	va_end(args);
	if (!is_played(fd))
		return __real_ioctl(fd, what, arg);
	must(what == FIONREAD || what == SIOCOUTQ);
	*(int *)arg = (int)(what == FIONREAD ? ours(fd)->inbox.used : ours(fd)->unacked);
	return 0;
}

int
__wrap_shutdown(int fd, int how)
{
	struct play_socket *s;

	if (!is_played(fd))
		return __real_shutdown(fd, how);
	s = ours(fd);
	must(how == SHUT_WR);
	s->shut = true;
	return s->reset ? fails(ENOTCONN) : 0;
}

int
__wrap_close(int fd)
{
	size_t i;

	if (!is_played(fd))
		return __real_close(fd);
	for (i = 0; i < k.n; i++)
		must(event_get_fd(k.watched[i].ev) != fd);
	ours(fd)->closed = true;
	ring_clear(&play_socket(fd)->inbox);
	return 0;
}

static int
tell_info(const struct play_socket *s, void *value, socklen_t len)
{
	struct tcp_info info;

	memset(&info, 0, sizeof info);
	info.tcpi_last_ack_recv = info.tcpi_last_data_recv = (uint32_t)(k.now - s->heard);
	must(len >= sizeof info);
	memcpy(value, &info, sizeof info);
	return 0;
}

int
__wrap_getsockopt(int fd, int level, int what, void *value, socklen_t *len)
{
	struct play_socket *s;

	if (!is_played(fd))
		return __real_getsockopt(fd, level, what, value, len);
	s = ours(fd);
	if (level == IPPROTO_TCP && what == TCP_INFO)
		return tell_info(s, value, *len);
	must(level == SOL_SOCKET && what == SO_ERROR);
	*(int *)value = s->reset && !s->error_told ? ECONNRESET : 0;
	s->error_told = true;
	return 0;
}

int
__wrap_setsockopt(int fd, int level, int what, const void *value, socklen_t len)
{
	if (!is_played(fd))
		return __real_setsockopt(fd, level, what, value, len);
	(void)ours(fd);
	return 0;
}

/* ---- an epoll ---- */

int
__wrap_epoll_ctl(int epoll, int how, int fd, struct epoll_event *e)
{
	size_t i;

	if (!is_played(fd))
		return __real_epoll_ctl(epoll, how, fd, e);
	for (i = 0; i < k.n_polled; i++)
		if (k.polled[i].epoll == epoll && k.polled[i].fd == fd)
			break;
	must((i < k.n_polled) == (how != EPOLL_CTL_ADD));
	if (how == EPOLL_CTL_DEL) {
		k.n_polled--;
		memmove(&k.polled[i], &k.polled[i + 1], (k.n_polled - i) * sizeof k.polled[0]);
		return 0;
	}
	must(i < PLAY_SOCKETS);
	k.polled[i] = (struct polled){ epoll, fd, *e, UINT64_MAX };
	k.n_polled += how == EPOLL_CTL_ADD;
	return 0;
}

static uint32_t
news_of(const struct polled *p)
{
	const struct play_socket *s = ours(p->fd);
	uint32_t found = 0;

	if (s->reset)
		found = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
	if (s->inbox.used > 0 || s->fin)
		found |= EPOLLIN;
	if (s->fin)
		found |= EPOLLRDHUP;
	if (s->window > 0)
		found |= EPOLLOUT;
	if ((p->wanted.events & EPOLLET) != 0 && p->seen == s->news)
		return 0;
	return found & (p->wanted.events | EPOLLERR | EPOLLHUP);
}

static struct polled *
with_news(int epoll)
{
	size_t i;

	for (i = 0; i < k.n_polled; i++)
		if (k.polled[i].epoll == epoll && news_of(&k.polled[i]) != 0)
			return &k.polled[i];
	return NULL;
}

/* Whoever is told of comes last from then on. */
int
__wrap_epoll_wait(int epoll, struct epoll_event *e, int n, int ms)
{
	struct polled *found = k.ops != NULL ? with_news(epoll) : NULL, told;

	if (found == NULL)
		return __real_epoll_wait(epoll, e, n, ms);
	*e = (struct epoll_event){ news_of(found), found->wanted.data };
	told = *found;
	told.seen = ours(told.fd)->news;
	memmove(found, found + 1, (size_t)(&k.polled[--k.n_polled] - found) * sizeof *found);
	k.polled[k.n_polled++] = told;
	return 1;
}

/* ---- what libevent does ---- */

static size_t
find(const struct event *ev)
{
	size_t i;

	for (i = 0; i < k.n; i++)
		if (k.watched[i].ev == ev)
			break;
	return i;
}

/* The timer, or a descriptor; those of the real kernel have no news, but an epoll that is told of sockets. */
int
__wrap_event_add(struct event *ev, const struct timeval *tv)
{
	size_t i = find(ev);

	if (tv != NULL) {
		k.timer = ev;
		k.due = k.now + (int64_t)tv->tv_sec * 1000 + tv->tv_usec / 1000;
		return 0;
	}
	if ((event_get_events(ev) & EV_SIGNAL) != 0)
		return 0;
	must(k.n < WATCHED);
	if (i == k.n)
		k.watched[k.n++] = (struct watched){ .ev = ev, .seen = UINT64_MAX };
	return 0;
}

int
__wrap_event_del(struct event *ev)
{
	size_t i = find(ev);

	if (ev == k.timer)
		k.due = NEVER;
	if (i == k.n)
		return 0;
	k.n--;
	memmove(&k.watched[i], &k.watched[i + 1], (k.n - i) * sizeof k.watched[0]);
	return 0;
}

static short
readiness(const struct play_socket *s)
{
	short what = 0;

	if (s->reset)
		return EV_READ | EV_WRITE;
	if (s->inbox.used > 0 || s->fin)
		what |= EV_READ;
	if (s->fin)
		what |= EV_CLOSED;
	if (s->window > 0)
		what |= EV_WRITE;
	return what;
}

static void
look(struct watched *w)
{
	const struct play_socket *s;
	short wanted = event_get_events(w->ev);

	if (event_get_fd(w->ev) < PLAY_FD) {
		w->active = with_news(event_get_fd(w->ev)) != NULL ? EV_READ : 0;
		return;
	}
	s = ours(event_get_fd(w->ev));
	w->active = (short)(readiness(s) & wanted);
	if ((wanted & EV_ET) != 0 && w->seen == s->news)
		w->active = 0;
	w->seen = s->news;
}

static void
call(struct event *ev, short what)
{
	event_get_callback(ev)(event_get_fd(ev), what, event_get_callback_arg(ev));
}

/* What is ready now; of what is taken off meanwhile nothing is told.  Returns whether anything was. */
static bool
tell_ready(void)
{
	bool told = false;
	short what;
	size_t i;

	for (i = 0; i < k.n; i++)
		look(&k.watched[i]);
	for (i = 0; i < k.n; i++) {
		what = k.watched[i].active;
		if (what == 0)
			continue;
		k.watched[i].active = 0;
		call(k.watched[i].ev, what);
		told = true;
		i = (size_t)-1;
	}
	if (k.due > k.now)
		return told;
	k.due = NEVER;
	call(k.timer, EV_TIMEOUT);
	return true;
}

int
__wrap_event_base_loop(struct event_base *base, int flags)
{
	(void)base;
	k.ops->ended();
	must(++k.stands < STANDS);
	if (tell_ready() || (flags & EVLOOP_NONBLOCK) != 0)
		return 0;
	k.stands = 0;
	if (k.now == k.until)
		k.ops->idle();
	else
		k.now = k.due < k.until ? k.due : k.until;
	return 0;
}

int
__wrap_event_base_loopbreak(struct event_base *base)
{
	(void)base;
	return 0;
}
