/*
 * A listening TCP socket, see listener.h.
 */
#include "io/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/log.h"
#include "io/logquiet.h"

#define REST_MS 100    /* after an accept that failed for want of resources */
#define QUIET_MS 10000 /* between two log lines about that */

struct listener {
	struct loop_fd watch;
	struct loop_timer *rest; /* NULL: it accepts */
	listener_fn *fn;
	void *ctx;
	bool marked, paused;
};

void
listener_log_failure(struct loop *loop, const char *key, const char *name, int error)
{
	static struct logquiet quiet; /* of all: it is the process that is out of descriptors */
	unsigned unlogged;

	if (logquiet_may_speak(&quiet, loop_now(loop), QUIET_MS, &unlogged))
		log_warn("cannot accept a client: event=accept %s=%s error=\"%s\" unlogged=%u", key, name,
		    strerror(error), unlogged);
}

static void
want(struct listener *l)
{
	loop_fd_want(&l->watch, l->rest == NULL && !l->paused ? LOOP_READ | LOOP_SELDOM : LOOP_SELDOM);
}

static void
on_rested(void *ctx)
{
	struct listener *l = ctx;

	loop_timer_free(l->rest);
	l->rest = NULL;
	want(l);
}

/*
 * Out of descriptors or memory: the client stays in the queue, and we look again a little later; at once
 * where there is no memory for a timer.
 */
static void
rest(struct listener *l, int error)
{
	msec_t now = loop_now(l->watch.loop);

	l->rest = loop_timer_new(l->watch.loop, on_rested, l);
	if (l->rest != NULL) {
		want(l);
		loop_timer_set(l->rest, msec_add(now, REST_MS));
	}
	errno = error;
	l->fn(l->ctx, -1, NULL, 0);
}

int
listener_take(struct listener *l, struct sockaddr_storage *from, socklen_t *len)
{
	*len = sizeof *from;
	return accept4(l->watch.fd, (struct sockaddr *)from, len, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* One for each event: mostly there is no second, and to look for it costs more than another turn does.  Nor does a
 * flood of them starve the sessions then. */
static void
on_readable(void *ctx, int what)
{
	struct listener *l = ctx;
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	int fd;

	if ((what & LOOP_READ) == 0 || l->rest != NULL || l->paused)
		return;
	fd = listener_take(l, &from, &len);
	if (fd >= 0)
		l->fn(l->ctx, fd, (struct sockaddr *)&from, len);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		rest(l, errno);
	/* Anything else concerns that one client, which has gone already. */
}

/*
 * The kernel lets nobody bind a TCP port beside a socket that listens at an overlapping address, but where both
 * have SO_REUSEPORT and one user.  It stays set no longer than binding takes: other programs of
 * our user that ask for it could join in as well.  (Linux remembers that the port was shared for as long as it
 * is in use, and goes on to let them; of nobody else's.)
 */
static int
set_shared(int fd, bool on)
{
	const int value = on;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

static int
bind_and_listen(int fd, const struct sockaddr *sa, socklen_t len, bool beside)
{
	const int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
	    (sa->sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0) ||
	    (beside && set_shared(fd, true) != 0) || bind(fd, sa, len) != 0 || listen(fd, LISTENER_BACKLOG) != 0 ||
	    (beside && set_shared(fd, false) != 0))
		return -1;
	return 0;
}

static int
open_socket(const struct sockaddr *sa, socklen_t len, bool beside)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0 || bind_and_listen(fd, sa, len, beside) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static struct listener *
make(struct loop *loop, const struct sockaddr *sa, socklen_t len, bool beside, listener_fn *fn, void *ctx)
{
	struct listener *l = calloc(1, sizeof *l);
	int fd, error;

	if (l == NULL)
		return NULL;
	l->fn = fn;
	l->ctx = ctx;
	fd = open_socket(sa, len, beside);
	if (fd >= 0 && loop_fd_start(&l->watch, loop, fd, LOOP_READ | LOOP_SELDOM, on_readable, l) == 0)
		return l;
	error = errno;
	if (fd >= 0)
		close(fd);
	free(l);
	errno = error;
	return NULL;
}

struct listener *
listener_new(struct loop *loop, const struct sockaddr *sa, socklen_t len, listener_fn *fn, void *ctx)
{
	return make(loop, sa, len, false, fn, ctx);
}

struct listener *
listener_new_beside(struct loop *loop, const struct sockaddr *sa, socklen_t len, listener_fn *fn, void *ctx)
{
	return make(loop, sa, len, true, fn, ctx);
}

int
listener_share(struct listener *l, bool on)
{
	return set_shared(l->watch.fd, on);
}

int
listener_fd(const struct listener *l)
{
	return l->watch.fd;
}

void
listener_address(const struct listener *l, struct sockaddr_storage *sa, socklen_t *len)
{
	*len = sizeof *sa;
	if (getsockname(l->watch.fd, (struct sockaddr *)sa, len) != 0)
		memset(sa, 0, sizeof *sa);
}

void
listener_give(struct listener *l, listener_fn *fn, void *ctx)
{
	l->fn = fn;
	l->ctx = ctx;
}

void
listener_pause(struct listener *l, bool on)
{
	l->paused = on;
	want(l);
}

void
listener_mark(struct listener *l, bool on)
{
	l->marked = on;
}

bool
listener_marked(const struct listener *l)
{
	return l->marked;
}

/* ---- clients of another listener ---- */

/* Is what is bound to `at` reached by connecting to `to`? */
static bool
reaches(const struct sockaddr_storage *at, const struct sockaddr_storage *to)
{
	struct sockaddr_in6 at6, to6;
	struct sockaddr_in at4, to4;

	if (at->ss_family != to->ss_family)
		return false;
	if (at->ss_family == AF_INET) {
		memcpy(&at4, at, sizeof at4);
		memcpy(&to4, to, sizeof to4);
		return at4.sin_port == to4.sin_port && (at4.sin_addr.s_addr == htonl(INADDR_ANY) ||
		    at4.sin_addr.s_addr == to4.sin_addr.s_addr);
	}
	if (at->ss_family != AF_INET6)
		return false;
	memcpy(&at6, at, sizeof at6);
	memcpy(&to6, to, sizeof to6);
	return at6.sin6_port == to6.sin6_port && (IN6_IS_ADDR_UNSPECIFIED(&at6.sin6_addr) ||
	    IN6_ARE_ADDR_EQUAL(&at6.sin6_addr, &to6.sin6_addr));
}

bool
listener_offer(struct listener *l, int fd, const struct sockaddr *from, socklen_t len)
{
	struct sockaddr_storage at, to;
	socklen_t n;

	listener_address(l, &at, &n);
	n = sizeof to;
	if (getsockname(fd, (struct sockaddr *)&to, &n) != 0 || !reaches(&at, &to))
		return false;
	l->fn(l->ctx, fd, from, len);
	return true;
}

void
listener_free(struct listener *l)
{
	if (l == NULL)
		return;
	loop_fd_stop(&l->watch);
	loop_timer_free(l->rest);
	close(l->watch.fd);
	free(l);
}
