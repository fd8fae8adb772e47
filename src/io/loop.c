/*
 * The event loop on libevent's core, see loop.h.
 *
 * Each descriptor has one struct event whose flags follow from what is wanted.  While nothing is
 * read, a hang-up must still be seen without the level-triggered spin that unread data or an
 * error would cause: then the event is edge-triggered (epoll tells errors as readiness to read).
 */
#include "io/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct loop {
	struct event_base *base;
	struct loop_note *reaped; /* in order, freed after the turn */
	struct loop_note **reap_end;
	pthread_mutex_t lock; /* of posted and post_end */
	struct loop_note *posted;
	struct loop_note **post_end;
	struct loop_note *due; /* taken from posted, being called */
	int wakeup; /* eventfd */
	struct event *woken;
	bool stopped;
	msec_t now;
	uint64_t turns;
	uint8_t scratch[LOOP_SCRATCH];
};

struct loop_fd {
	struct event ev;
	struct loop *loop;
	loop_fd_fn *fn;
	void *ctx;
	int want;
	bool closed_seen; /* the peer's close was told; waiting for writing must not tell it again */
};

struct loop_timer {
	struct event ev;
	struct loop *loop;
	loop_fn *fn;
	void *ctx;
	msec_t due;
};

struct loop_signal {
	struct event ev;
	struct loop *loop;
	loop_fn *fn;
	void *ctx;
};

static void
read_clock(struct loop *l)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	l->now.v = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	l->turns++;
}

msec_t
loop_now(const struct loop *l)
{
	return l->now;
}

uint64_t
loop_turns(const struct loop *l)
{
	return l->turns;
}

int64_t
loop_wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint8_t *
loop_scratch(struct loop *l)
{
	return l->scratch;
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

void
loop_tick(struct loop *l)
{
	read_clock(l);
}

/* ---- notes ---- */

/* Takes the whole list first: what a note adds belongs to the next round. */
static void
run_notes(struct loop_note *n)
{
	struct loop_note *next;

	for (; n != NULL; n = next) {
		next = n->next; /* fn may free the note */
		n->fn(n->ctx);
	}
}

static void
on_wakeup(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	struct loop_note *n;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
		return;
	read_clock(l);
	pthread_mutex_lock(&l->lock);
	l->due = l->posted;
	l->posted = NULL;
	l->post_end = &l->posted;
	pthread_mutex_unlock(&l->lock);
	while ((n = l->due) != NULL) {
		l->due = n->next; /* fn may free the note */
		n->fn(n->ctx);
	}
}

void
loop_post(struct loop *l, struct loop_note *n)
{
	const uint64_t one = 1;
	bool first;

	n->next = NULL;
	pthread_mutex_lock(&l->lock);
	first = l->posted == NULL;
	*l->post_end = n;
	l->post_end = &n->next;
	pthread_mutex_unlock(&l->lock);
	/* An eventfd counter takes 2^64 - 2 wake-ups before a write could fail. */
	if (first && write(l->wakeup, &one, sizeof one) < 0)
		abort();
}

/* Returns where the list ends then. */
static struct loop_note **
take_out(struct loop_note **list, const struct loop_note *n)
{
	while (*list != NULL)
		if (*list == n)
			*list = n->next;
		else
			list = &(*list)->next;
	return list;
}

void
loop_unpost(struct loop *l, struct loop_note *n)
{
	take_out(&l->due, n);
	pthread_mutex_lock(&l->lock);
	l->post_end = take_out(&l->posted, n);
	pthread_mutex_unlock(&l->lock);
}

void
loop_reap(struct loop *l, struct loop_note *n)
{
	n->next = NULL;
	*l->reap_end = n;
	l->reap_end = &n->next;
}

static void
reap(struct loop *l)
{
	struct loop_note *list;

	while ((list = l->reaped) != NULL) {
		l->reaped = NULL;
		l->reap_end = &l->reaped;
		run_notes(list);
	}
}

/* ---- the loop ---- */

static bool
loop_init(struct loop *l)
{
	pthread_mutex_init(&l->lock, NULL);
	l->post_end = &l->posted;
	l->reap_end = &l->reaped;
	read_clock(l);
	l->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	l->base = event_base_new();
	if (l->wakeup < 0 || l->base == NULL)
		return false;
	l->woken = event_new(l->base, l->wakeup, EV_READ | EV_PERSIST, on_wakeup, l);
	return l->woken != NULL && event_add(l->woken, NULL) == 0;
}

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);

	if (l != NULL && !loop_init(l)) {
		loop_free(l);
		l = NULL;
	}
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	reap(l);
	if (l->woken != NULL)
		event_free(l->woken);
	if (l->base != NULL)
		event_base_free(l->base);
	if (l->wakeup >= 0)
		close(l->wakeup);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

int
loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped) {
		if (event_base_loop(l->base, EVLOOP_ONCE) < 0)
			return -1;
		reap(l);
	}
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
	event_base_loopbreak(l->base);
}

/* ---- descriptors ---- */

static short
flags_for(const struct loop_fd *f)
{
	switch (f->want) {
	case LOOP_READ:
		return EV_READ | EV_PERSIST;
	case LOOP_READ | LOOP_WRITE:
		return EV_READ | EV_WRITE | EV_PERSIST;
	case LOOP_WRITE:
		return (short)(EV_WRITE | EV_PERSIST | (f->closed_seen ? 0 : EV_CLOSED));
	default:
		return EV_READ | EV_CLOSED | EV_ET | EV_PERSIST;
	}
}

static void
on_fd(evutil_socket_t fd, short what, void *arg)
{
	struct loop_fd *f = arg;
	int told = 0;

	(void)fd;
	read_clock(f->loop);
	if ((what & EV_READ) != 0)
		told |= (f->want & LOOP_READ) != 0 ? LOOP_READ : LOOP_HANGUP;
	if ((what & EV_WRITE) != 0)
		told |= LOOP_WRITE;
	if ((what & EV_CLOSED) != 0)
		told |= LOOP_HANGUP;
	if ((what & EV_CLOSED) != 0 && f->want == LOOP_WRITE) {
		f->closed_seen = true;
		loop_fd_want(f, LOOP_WRITE);
	}
	f->fn(f->ctx, told);
}

static int
arm(struct loop_fd *f, int fd)
{
	if (event_assign(&f->ev, f->loop->base, fd, flags_for(f), on_fd, f) != 0)
		return -1;
	return event_add(&f->ev, NULL);
}

struct loop_fd *
loop_fd_new(struct loop *l, int fd, int want, loop_fd_fn *fn, void *ctx)
{
	struct loop_fd *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->loop = l;
	f->fn = fn;
	f->ctx = ctx;
	f->want = want;
	if (arm(f, fd) != 0) {
		free(f);
		return NULL;
	}
	return f;
}

void
loop_fd_want(struct loop_fd *f, int want)
{
	short before = event_get_events(&f->ev);
	int fd = event_get_fd(&f->ev);

	f->want = want;
	if (flags_for(f) == before)
		return;
	event_del(&f->ev);
	/* Adding back what was there a moment ago fails only if the kernel has no memory for it: then
	 * the descriptor would be deaf, and whoever waits on it ends by its deadline. */
	(void)arm(f, fd);
}

void
loop_fd_free(struct loop_fd *f)
{
	if (f == NULL)
		return;
	event_del(&f->ev);
	free(f);
}

/* ---- timers ---- */

static void
start_timer(struct loop_timer *t)
{
	int64_t ms = msec_since(t->loop->now, t->due);
	struct timeval tv;

	if (ms < 0)
		ms = 0;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	event_add(&t->ev, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	read_clock(t->loop);
	/* libevent's clock is coarser than ours and may be a little early. */
	if (!msec_reached(t->due, t->loop->now)) {
		start_timer(t);
		return;
	}
	t->due = MSEC_NEVER;
	t->fn(t->ctx);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *ctx)
{
	struct loop_timer *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->loop = l;
	t->fn = fn;
	t->ctx = ctx;
	t->due = MSEC_NEVER;
	evtimer_assign(&t->ev, l->base, on_timer, t);
	return t;
}

void
loop_timer_set(struct loop_timer *t, msec_t due)
{
	if (due.v == t->due.v)
		return;
	t->due = due;
	if (msec_is_never(due))
		event_del(&t->ev);
	else
		start_timer(t);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	event_del(&t->ev);
	free(t);
}

/* ---- signals ---- */

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct loop_signal *s = arg;

	(void)signo;
	(void)what;
	read_clock(s->loop);
	s->fn(s->ctx);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_fn *fn, void *ctx)
{
	struct loop_signal *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->loop = l;
	s->fn = fn;
	s->ctx = ctx;
	evsignal_assign(&s->ev, l->base, signo, on_signal, s);
	if (evsignal_add(&s->ev, NULL) != 0) {
		free(s);
		return NULL;
	}
	return s;
}

void
loop_signal_free(struct loop_signal *s)
{
	if (s == NULL)
		return;
	event_del(&s->ev);
	free(s);
}
