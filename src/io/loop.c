/*
 * The event loop on libevent's core, see loop.h.
 *
 * All timers are behind one of libevent's; descriptors are loop_fd.c's.  Of those that come late one is called at the
 * end of a turn.  The others of that turn, and whatever comes in a pause, go to an epoll of their own, of which one is
 * taken in a turn, as long as any of them is ready: so each has its turn, however many there are.
 */
#include "io/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/allowance.h"
#include "io/log.h"
#include "io/loop_parts.h"
#include "io/notes.h"

/*
 * Notes run in one turn for each that was marked when its end began: a claim takes four, from the session to the
 * arbiter and back.  More than that go round in a circle, and may not keep the loop from its descriptors.
 */
#define SOON_EACH 16
#define SOON_AT_LEAST 64

struct loop {
	struct event_base *base;
	struct loop_note *soon; /* in order; the last one's next is soon_end, so that all marked have one */
	struct loop_note **soon_at;
	struct loop_note soon_end;
	size_t n_soon;
	struct loop_note *reaped; /* in order, freed after the turn */
	struct loop_note **reap_end;
	struct notes notes;
	struct event woken, tick, rare, is_late, pause; /* pause: nothing late until then */
	int seldom, late; /* epolls */
	bool late_waits;  /* one of `late` is ready, and its turn comes */
	bool paused;      /* nothing late for now */
	struct loop_fd *first; /* the first late one of this turn, and what of it */
	short first_what;
	msec_t busy;      /* since the last that was not late */
	struct allowance of_late;
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

int
loop_seldom(const struct loop *l)
{
	return l->seldom;
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

int
loop_late(const struct loop *l)
{
	return l->late;
}

void
loop_begin(struct loop *l, bool late)
{
	read_clock(l);
	if (!late)
		l->busy = l->now;
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

/* ---- the end of a turn ---- */

void
loop_soon(struct loop *l, struct loop_note *n)
{
	if (n->next != NULL)
		return;
	n->next = &l->soon_end;
	*l->soon_at = n;
	l->soon_at = &n->next;
	l->n_soon++;
}

void
loop_unsoon(struct loop *l, struct loop_note *n)
{
	struct loop_note **at = &l->soon;

	if (n->next == NULL)
		return;
	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	if (l->soon_at == &n->next)
		l->soon_at = at;
	n->next = NULL;
	l->n_soon--;
}

/* What is still marked may touch what is to be freed, which then waits as well. */
static void
end_turn(struct loop *l)
{
	size_t left = SOON_AT_LEAST + SOON_EACH * l->n_soon;
	struct loop_note *n;

	for (; left > 0 && l->n_soon > 0; left--) {
		n = l->soon;
		loop_unsoon(l, n);
		n->fn(n->ctx);
	}
	if (l->n_soon == 0)
		reap(l);
}

/* ---- what is late ---- */

/* It is taken at the end of the turn, when all others have been. */
static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	l->late_waits = true;
}

static void
on_pause_ends(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	l->paused = false;
	(void)event_add(&l->is_late, NULL);
}

bool
loop_defer(struct loop *l, struct loop_fd *f, short what)
{
	if (l->paused || l->first != NULL)
		return false;
	l->first = f;
	l->first_what = what;
	return true;
}

void
loop_forget(struct loop *l, const struct loop_fd *f)
{
	if (l->first == f)
		l->first = NULL;
}

_Static_assert(ALLOWANCE_WAIT < 1000000, "a wait is less than a second");

static int64_t
microseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
call_late(struct loop *l)
{
	struct loop_fd *first = l->first;

	l->first = NULL;
	if (l->late_waits) {
		if (first != NULL)
			loop_fd_wait(first);
		l->late_waits = false;
		loop_fd_serve(l->late);
	} else {
		loop_begin(l, true);
		loop_fd_tell(first, l->first_what);
	}
	end_turn(l);
}

static void
late_turn(struct loop *l)
{
	int64_t begun = microseconds(), now, wait;
	struct timeval tv;

	call_late(l);
	if (msec_reached(msec_add(l->busy, LOOP_BUSY), l->now))
		return;
	now = microseconds();
	wait = allowance_take(&l->of_late, now, now - begun);
	if (wait == 0)
		return;
	tv = (struct timeval){ 0, (suseconds_t)wait };
	l->paused = true;
	event_del(&l->is_late);
	evtimer_add(&l->pause, &tv);
}

/* ---- the loop ---- */

static void on_tick(evutil_socket_t, short, void *);

static void
on_rare(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	loop_fd_serve(fd);
}

static bool
watch(struct loop *l, struct event *ev, int fd, event_callback_fn fn)
{
	return event_assign(ev, l->base, fd, EV_READ | EV_PERSIST, fn, l) == 0 && event_add(ev, NULL) == 0;
}

static bool
watch_own(struct loop *l)
{
	evtimer_assign(&l->tick, l->base, on_tick, l);
	evtimer_assign(&l->pause, l->base, on_pause_ends, l);
	return watch(l, &l->woken, l->notes.wakeup, on_wakeup) && watch(l, &l->rare, l->seldom, on_rare) &&
	    watch(l, &l->is_late, l->late, on_late);
}

static bool
loop_init(struct loop *l)
{
	bool woken = notes_init(&l->notes) == 0;

	l->reap_end = &l->reaped;
	l->soon = &l->soon_end;
	l->soon_at = &l->soon;
	l->ticks = MSEC_NEVER;
	read_clock(l);
	l->busy.v = l->now.v - LOOP_BUSY;
	l->seldom = epoll_create1(EPOLL_CLOEXEC);
	l->late = epoll_create1(EPOLL_CLOEXEC);
	l->base = event_base_new();
	return woken && l->seldom >= 0 && l->late >= 0 && l->base != NULL && watch_own(l);
}

/* ---- what libevent has to say ---- */

static void
on_library_log(int severity, const char *message)
{
	if (severity == EVENT_LOG_ERR)
		log_error("libevent fails: event=libevent message=\"%s\"", message);
	else if (severity == EVENT_LOG_WARN)
		log_warn("libevent warns: event=libevent message=\"%s\"", message);
	else
		log_debug("of libevent: event=libevent message=\"%s\"", message);
}

/* It has said why, and would exit itself. */
static void
on_library_end(int status)
{
	(void)status;
	log_end();
	_exit(EXIT_FAILURE);
}

struct loop *
loop_new(void)
{
	struct loop *l = malloc(sizeof *l);

	event_set_log_callback(on_library_log);
	event_set_fatal_callback(on_library_end);
	if (l == NULL)
		return NULL;
	/* The scratch behind it takes no page of memory until somebody uses it. */
	memset(l, 0, offsetof(struct loop, scratch));
	if (!loop_init(l)) {
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
	if (l->late >= 0)
		close(l->late);
	notes_free(&l->notes);
	free(l);
}

int
loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped) {
		if (event_base_loop(l->base, EVLOOP_ONCE | (l->n_soon > 0 ? EVLOOP_NONBLOCK : 0)) < 0)
			return -1;
		end_turn(l);
		if ((l->first != NULL || l->late_waits) && !l->stopped)
			late_turn(l);
	}
	end_turn(l); /* of the last one, too, all is freed: who comes next frees what that belongs to */
	reap(l);
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
	event_base_loopbreak(l->base);
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
