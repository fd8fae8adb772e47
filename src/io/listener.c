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

#define BACKLOG 128
#define AT_ONCE 16     /* accepted per event, so that a flood does not starve the sessions */
#define REST_MS 100    /* after an accept that failed for want of resources */
#define QUIET_MS 10000 /* between two log lines about that */

struct listener {
	struct loop_fd watch;
	struct loop_timer *rest; /* NULL: it accepts */
	listener_fn *fn;
	void *ctx;
	msec_t quiet; /* no further log line until then */
};

static void
on_rested(void *ctx)
{
	struct listener *l = ctx;

	loop_timer_free(l->rest);
	l->rest = NULL;
	loop_fd_want(&l->watch, LOOP_READ | LOOP_SELDOM);
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
		loop_fd_want(&l->watch, LOOP_SELDOM);
		loop_timer_set(l->rest, msec_add(now, REST_MS));
	}
	if (!msec_before(now, l->quiet)) {
		log_warn("cannot accept a client: event=accept error=\"%s\"", strerror(error));
		l->quiet = msec_add(now, QUIET_MS);
	}
}

static void
on_readable(void *ctx, int what)
{
	struct listener *l = ctx;
	struct sockaddr_storage from;
	socklen_t len;
	int fd, i;

	if ((what & LOOP_READ) == 0 || l->rest != NULL)
		return;
	for (i = 0; i < AT_ONCE; i++) {
		len = sizeof from;
		fd = accept4(l->watch.fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			l->fn(l->ctx, fd, (struct sockaddr *)&from, len);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			rest(l, errno);
			return;
		} else if (errno == EAGAIN)
			return;
		/* Anything else concerns that one client, which has gone already. */
	}
}

static int
open_socket(const struct sockaddr *sa, socklen_t len)
{
	const int one = 1;
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    (sa->sa_family != AF_INET6 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) == 0) &&
	    bind(fd, sa, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

struct listener *
listener_new(struct loop *loop, const struct sockaddr *sa, socklen_t len, listener_fn *fn, void *ctx)
{
	struct listener *l = calloc(1, sizeof *l);
	int fd, error;

	if (l == NULL)
		return NULL;
	l->fn = fn;
	l->ctx = ctx;
	l->quiet = loop_now(loop);
	fd = open_socket(sa, len);
	if (fd >= 0 && loop_fd_start(&l->watch, loop, fd, LOOP_READ | LOOP_SELDOM, on_readable, l) == 0)
		return l;
	error = fd < 0 ? errno : ENOMEM;
	if (fd >= 0)
		close(fd);
	free(l);
	errno = error;
	return NULL;
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
listener_give(struct listener *l, void *ctx)
{
	l->ctx = ctx;
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
