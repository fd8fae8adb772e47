/*
 * The event loop on libevent's core, see loop.h.
 *
 * Each descriptor has one struct event whose flags follow from what is wanted.  While nothing is
 * read, a hang-up must still be seen without the level-triggered spin that unread data or an
 * error would cause: then the event is edge-triggered (epoll tells errors as readiness to read).
 *
 * A thousand descriptors of which hardly anything comes need no struct event each: they are in an epoll
 * of their own, which is one descriptor to libevent.  All timers are behind one of libevent's.
 */
#include "io/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "io/loop_parts.h"
#include "io/notes.h"

struct loop {
	struct event_base *base;
	struct loop_note *reaped; /* in order, freed after the turn */
	struct loop_note **reap_end;
	struct notes notes;
	struct event woken, tick, rare;
	int seldom; /* epoll */
	bool stopped;
	struct heap timers;
	msec_t ticks; /* `tick` is set to this */
	msec_t now;
	uint64_t turns;
	uint8_t scratch[LOOP_SCRATCH];
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

static void
on_wakeup(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	notes_take(&l->notes);
	read_clock(l);
	notes_run_taken(&l->notes);
}

void
loop_post(struct loop *l, struct loop_note *n)
{
	notes_post(&l->notes, n);
}

void
loop_unpost(struct loop *l, struct loop_note *n)
{
	notes_drop(&l->notes, n);
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
		notes_run(list);
	}
}

/* ---- the loop ---- */

static void on_tick(evutil_socket_t, short, void *);
static void on_rare(evutil_socket_t, short, void *);

static bool
watch_own(struct loop *l)
{
	evtimer_assign(&l->tick, l->base, on_tick, l);
	return event_assign(&l->woken, l->base, l->notes.wakeup, EV_READ | EV_PERSIST, on_wakeup, l) == 0 &&
	    event_add(&l->woken, NULL) == 0 &&
	    event_assign(&l->rare, l->base, l->seldom, EV_READ | EV_PERSIST, on_rare, l) == 0 &&
	    event_add(&l->rare, NULL) == 0;
}

static bool
loop_init(struct loop *l)
{
	bool woken = notes_init(&l->notes) == 0;

	l->reap_end = &l->reaped;
	l->ticks = MSEC_NEVER;
	read_clock(l);
	l->seldom = epoll_create1(EPOLL_CLOEXEC);
	l->base = event_base_new();
	return woken && l->seldom >= 0 && l->base != NULL && watch_own(l);
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
	if (l->base != NULL)
		event_base_free(l->base);
	if (l->seldom >= 0)
		close(l->seldom);
	notes_free(&l->notes);
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
	switch (f->want & (LOOP_READ | LOOP_WRITE)) {
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

static void change(struct loop_fd *, int want, bool closed_seen);

static void
tell(struct loop_fd *f, short what)
{
	int told = 0;

	read_clock(f->loop);
	if ((what & EV_READ) != 0)
		told |= (f->want & LOOP_READ) != 0 ? LOOP_READ : LOOP_HANGUP;
	if ((what & EV_WRITE) != 0)
		told |= LOOP_WRITE;
	if ((what & EV_CLOSED) != 0)
		told |= LOOP_HANGUP;
	if ((what & EV_CLOSED) != 0 && (f->want & (LOOP_READ | LOOP_WRITE)) == LOOP_WRITE)
		change(f, f->want, true);
	f->fn(f->ctx, told);
}

static void
on_fd(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	tell(arg, what);
}

/* As libevent reads them. */
static short
flags_of(uint32_t found)
{
	if ((found & EPOLLERR) != 0 || (found & (EPOLLHUP | EPOLLRDHUP)) == EPOLLHUP)
		return EV_READ | EV_WRITE;
	return (short)(((found & EPOLLIN) != 0 ? EV_READ : 0) |
	    ((found & EPOLLOUT) != 0 ? EV_WRITE : 0) | ((found & EPOLLRDHUP) != 0 ? EV_CLOSED : 0));
}

/* One at a time: what is told may stop the watching of others. */
static void
on_rare(evutil_socket_t fd, short what, void *arg)
{
	struct epoll_event e;
	struct loop_fd *f;
	short flags;

	(void)what;
	(void)arg;
	if (epoll_wait(fd, &e, 1, 0) != 1)
		return;
	f = e.data.ptr;
	flags = flags_of(e.events) & flags_for(f);
	if (flags != 0)
		tell(f, flags);
}

static int
control_seldom(struct loop_fd *f, int how)
{
	short flags = flags_for(f);
	struct epoll_event e = { .data.ptr = f };

	e.events = ((flags & EV_READ) != 0 ? EPOLLIN : 0U) | ((flags & EV_WRITE) != 0 ? EPOLLOUT : 0U) |
	    ((flags & EV_CLOSED) != 0 ? EPOLLRDHUP : 0U) | ((flags & EV_ET) != 0 ? EPOLLET : 0U);
	return epoll_ctl(f->loop->seldom, how, f->fd, &e);
}

/* Where nothing is watched any more, or not yet. */
static int
arm(struct loop_fd *f)
{
	if ((f->want & LOOP_SELDOM) != 0)
		return control_seldom(f, EPOLL_CTL_ADD);
	if ((f->ev = malloc(event_get_struct_event_size())) == NULL)
		return -1;
	if (event_assign(f->ev, f->loop->base, f->fd, flags_for(f), on_fd, f) == 0 &&
	    event_add(f->ev, NULL) == 0)
		return 0;
	free(f->ev);
	f->ev = NULL;
	return -1;
}

static void
disarm(struct loop_fd *f)
{
	if (f->ev == NULL) {
		control_seldom(f, EPOLL_CTL_DEL);
		return;
	}
	event_del(f->ev);
	free(f->ev);
	f->ev = NULL;
}

int
loop_fd_start(struct loop_fd *f, struct loop *l, int fd, int want, loop_fd_fn *fn, void *ctx)
{
	*f = (struct loop_fd){ .loop = l, .fn = fn, .ctx = ctx, .fd = fd, .want = (uint8_t)want };
	if (arm(f) == 0)
		return 0;
	f->loop = NULL;
	return -1;
}

/* A second event first, then the end of the first: to the kernel one change, not two.  Not between level and
 * edge, which libevent does not mix on one descriptor. */
static bool
replace(struct loop_fd *f, short before)
{
	struct event *old = f->ev;

	if (old == NULL || ((before ^ flags_for(f)) & EV_ET) != 0)
		return false;
	f->ev = NULL;
	if (arm(f) != 0) {
		f->ev = old;
		return false;
	}
	event_del(old);
	free(old);
	return true;
}

/*
 * Adding back what was there a moment ago fails only if the kernel has no memory for it: then the
 * descriptor would be deaf, and whoever waits on it ends by its deadline.  Without memory for a struct
 * event it stays among the seldom ones.
 */
static void
change(struct loop_fd *f, int want, bool closed_seen)
{
	short before = flags_for(f);
	bool moves = (f->ev == NULL) != ((want & LOOP_SELDOM) != 0);

	f->want = (uint8_t)want;
	f->closed_seen = closed_seen;
	if (!moves && flags_for(f) == before)
		return;
	if (!moves && f->ev == NULL) {
		(void)control_seldom(f, EPOLL_CTL_MOD);
		return;
	}
	if (!moves && replace(f, before))
		return;
	disarm(f);
	if (arm(f) == 0)
		return;
	f->want |= LOOP_SELDOM;
	(void)arm(f);
}

void
loop_fd_want(struct loop_fd *f, int want)
{
	change(f, want, f->closed_seen);
}

void
loop_fd_stop(struct loop_fd *f)
{
	if (f->loop == NULL)
		return;
	disarm(f);
	f->loop = NULL;
}

bool
loop_fd_watched(const struct loop_fd *f)
{
	return f->loop != NULL;
}

struct loop_fd *
loop_fd_new(struct loop *l, int fd, int want, loop_fd_fn *fn, void *ctx)
{
	struct loop_fd *f = calloc(1, sizeof *f);

	if (f != NULL && loop_fd_start(f, l, fd, want, fn, ctx) != 0) {
		free(f);
		f = NULL;
	}
	return f;
}

void
loop_fd_free(struct loop_fd *f)
{
	if (f == NULL)
		return;
	loop_fd_stop(f);
	free(f);
}

/* ---- timers ---- */

static msec_t
first_due(const struct loop *l)
{
	return l->timers.first != NULL ? l->timers.first->due : MSEC_NEVER;
}

/* Sets libevent's timer to ours that is due first. */
void
loop_set_tick(struct loop *l)
{
	msec_t due = first_due(l);
	struct timeval tv;
	int64_t ms;

	if (due.v == l->ticks.v)
		return;
	l->ticks = due;
	if (msec_is_never(due)) {
		event_del(&l->tick);
		return;
	}
	ms = msec_since(l->now, due);
	if (ms < 0)
		ms = 0;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	event_add(&l->tick, &tv);
}

/*
 * libevent's clock is coarser than ours and may be a little early; then this only sets it again.  At most as
 * many as there were: one that is set to now each time must not keep the loop from the rest.
 */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	struct loop_timer *t;
	size_t n;

	(void)fd;
	(void)what;
	l->ticks = MSEC_NEVER;
	read_clock(l);
	for (n = l->timers.n; n > 0 && msec_reached(first_due(l), l->now) && !l->stopped; n--) {
		t = (struct loop_timer *)(void *)l->timers.first;
		heap_remove(&l->timers, &t->node);
		t->fn(t->ctx);
		read_clock(l);
	}
	loop_set_tick(l);
}

struct heap *
loop_timers(struct loop *l)
{
	return &l->timers;
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
