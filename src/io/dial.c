/*
 * Connecting to a host by name, see dial.h.
 *
 * The thread and the loop share a struct lookup, which belongs to the thread until it is posted or
 * abandoned; one lock for all of them, held for a moment only, decides which.
 */
#include "io/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/thread.h"

#define STACK_SIZE (256 * 1024) /* the resolver's modules want some */

struct addresses {
	struct sockaddr_storage at[DIAL_ADDRESSES];
	socklen_t length[DIAL_ADDRESSES];
	int n;
};

struct lookup {
	struct loop *loop;
	struct loop_note note;
	struct dial *dial;      /* the loop's; NULL: nobody wants it any more */
	bool posted, abandoned; /* under the lock */
	char host[DIAL_HOST + 1];
	struct addresses found;
};

enum dial_state {
	DIAL_IDLE,       /* Until: with the call */
	DIAL_LOOKING,    /* Until: S7; the look-up itself goes on in its thread, and its answer goes to nobody */
	DIAL_CONNECTING, /* Until: S7 */
	DIAL_TELLING     /* Until: with the turn of the loop */
};

struct dial {
	struct loop *loop;
	dial_fn *fn;
	void *ctx;
	enum dial_state state;
	struct lookup *lookup; /* running */
	char host[DIAL_HOST + 1];
	uint16_t port;
	struct addresses to;
	int next; /* of the addresses */
	enum dial_end end;
	struct loop_timer *timer;
	struct loop_fd *watch;
	int fd;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- looking up ---- */

static void
find(const char *host, int flags, struct addresses *found)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = flags };
	struct addrinfo *all, *a;

	found->n = 0;
	if (getaddrinfo(host, NULL, &hints, &all) != 0)
		return;
	for (a = all; a != NULL && found->n < DIAL_ADDRESSES; a = a->ai_next) {
		memcpy(&found->at[found->n], a->ai_addr, a->ai_addrlen);
		found->length[found->n++] = a->ai_addrlen;
	}
	freeaddrinfo(all);
}

static void *
look_up(void *arg)
{
	struct lookup *l = arg;
	bool abandoned;

	find(l->host, 0, &l->found);
	pthread_mutex_lock(&lock);
	abandoned = l->abandoned;
	l->posted = !abandoned;
	if (l->posted)
		loop_post(l->loop, &l->note);
	pthread_mutex_unlock(&lock);
	if (abandoned)
		free(l);
	return NULL;
}

/* ---- connecting ---- */

static void
drop_socket(struct dial *d)
{
	loop_fd_free(d->watch);
	d->watch = NULL;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

/* Tells it later, since this may be inside dial_start(). */
static void
fail(struct dial *d, enum dial_end end)
{
	d->state = DIAL_TELLING;
	d->end = end;
	loop_timer_set(d->timer, loop_now(d->loop));
}

static void on_socket(void *ctx, int what);

/* Returns 0 once it is under way, else why not. */
static int
try_address(struct dial *d, int i)
{
	struct sockaddr *sa = (struct sockaddr *)&d->to.at[i];

	if (sa->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)sa)->sin_port = htons(d->port);
	else if (sa->sa_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)sa)->sin6_port = htons(d->port);
	d->fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return errno;
	if (connect(d->fd, sa, d->to.length[i]) != 0 && errno != EINPROGRESS)
		return errno;
	d->watch = loop_fd_new(d->loop, d->fd, LOOP_WRITE, on_socket, d);
	return d->watch == NULL ? ENOMEM : 0;
}

/* Goes on after `error` of the address before. */
static void
connect_next(struct dial *d, int error)
{
	d->state = DIAL_CONNECTING;
	while (d->next < d->to.n) {
		drop_socket(d);
		error = try_address(d, d->next++);
		if (error != 0)
			continue;
		loop_timer_set(d->timer, d->next == d->to.n ? MSEC_NEVER :
		    msec_add(loop_now(d->loop), DIAL_NEXT));
		return;
	}
	drop_socket(d);
	fail(d, error == ECONNREFUSED ? DIAL_REFUSED : DIAL_FAILED);
}

static void
on_socket(void *ctx, int what)
{
	struct dial *d = ctx;
	int error = 0, fd = d->fd;
	socklen_t len = sizeof error;

	(void)what;
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		connect_next(d, error);
		return;
	}
	d->fd = -1; /* not ours any more */
	dial_stop(d);
	d->fn(d->ctx, DIAL_CONNECTED, fd);
}

static void
on_timer(void *ctx)
{
	struct dial *d = ctx;

	if (d->state == DIAL_CONNECTING) {
		connect_next(d, ETIMEDOUT);
	} else if (d->state == DIAL_TELLING) {
		d->state = DIAL_IDLE;
		d->fn(d->ctx, d->end, -1);
	}
}

/* ---- from one to the other ---- */

static void start_lookup(struct dial *d);

static void
on_looked_up(void *ctx)
{
	struct lookup *l = ctx;
	struct dial *d = l->dial;

	if (d != NULL)
		d->lookup = NULL;
	if (d != NULL && d->state == DIAL_LOOKING) {
		d->to = l->found;
		if (strcmp(l->host, d->host) != 0)
			start_lookup(d);
		else if (d->to.n == 0)
			fail(d, DIAL_UNKNOWN);
		else
			connect_next(d, 0);
	}
	free(l);
}

static void
start_lookup(struct dial *d)
{
	struct lookup *l = calloc(1, sizeof *l);

	if (l == NULL) {
		fail(d, DIAL_FAILED);
		return;
	}
	l->loop = d->loop;
	l->dial = d;
	l->note.fn = on_looked_up;
	l->note.ctx = l;
	memcpy(l->host, d->host, sizeof l->host);
	if (thread_start(STACK_SIZE, look_up, l) != 0) {
		free(l);
		fail(d, DIAL_FAILED);
		return;
	}
	d->lookup = l;
}

/* ---- calls down ---- */

struct dial *
dial_new(struct loop *loop, dial_fn *fn, void *ctx)
{
	struct dial *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->loop = loop;
	d->fn = fn;
	d->ctx = ctx;
	d->fd = -1;
	d->timer = loop_timer_new(loop, on_timer, d);
	if (d->timer != NULL)
		return d;
	free(d);
	return NULL;
}

void
dial_start(struct dial *d, const char *host, uint16_t port)
{
	dial_stop(d);
	snprintf(d->host, sizeof d->host, "%s", host);
	d->port = port;
	d->next = 0;
	d->state = DIAL_LOOKING;
	find(host, AI_NUMERICHOST, &d->to);
	if (d->to.n > 0)
		connect_next(d, 0);
	else if (d->lookup == NULL)
		start_lookup(d);
}

void
dial_stop(struct dial *d)
{
	d->state = DIAL_IDLE;
	loop_timer_set(d->timer, MSEC_NEVER);
	drop_socket(d);
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	dial_stop(d);
	loop_timer_free(d->timer);
	if (d->lookup != NULL) {
		pthread_mutex_lock(&lock);
		d->lookup->dial = NULL;
		if (!d->lookup->posted)
			d->lookup->abandoned = true;
		pthread_mutex_unlock(&lock);
	}
	free(d);
}
