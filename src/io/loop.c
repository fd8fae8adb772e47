/*
 * The event loop on libevent's core, see loop.h.
 *
 * All timers are behind one of libevent's; descriptors are loop_fd.c's.
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

#include "io/log.h"
#include "io/loop_parts.h"
#include "io/notes.h"

/*
 * Notes run in one turn for each that was marked when its end began: a claim takes four, from the session to the
 * arbiter and back.  More than that go round in a circle, and may not keep the loop from its descriptors.
 */
#define SOON_EACH 16
#define SOON_AT_LEAST 64

/* Priorities of libevent; its own, as the HTTP server's, are the second. */
enum { AT_ONCE, LATE, RANKS };

struct loop {
	struct event_base *base;
	struct loop_note *soon; /* in order; the last one's next is soon_end, so that all marked have one */
	struct loop_note **soon_at;
	struct loop_note soon_end;
	size_t n_soon;
	struct loop_note *reaped; /* in order, freed after the turn */
	struct loop_note **reap_end;
	struct notes notes;
	struct event woken, tick, rare;
	struct event ended; /* behind all that came at once: what is late waits for the next turn */
	msec_t waits_since; /* something late does, and none of it has had its turn; never: no */
	msec_t fair_until;
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

/*
 * libevent calls all that is ready and AT_ONCE, or one that is LATE, and then looks again.  In either case the turn
 * ends there, so that what is to be done at its end does not wait for all that is late.
 */
void
loop_begin(struct loop *l, bool late)
{
	read_clock(l);
	if (!late) {
		event_active(&l->ended, EV_READ, 0);
		return;
	}
	l->waits_since = MSEC_NEVER;
	event_base_loopbreak(l->base);
}

void
loop_tick(struct loop *l)
{
	loop_begin(l, true);
}

static bool
is_fair(const struct loop *l)
{
	return msec_before(l->now, l->fair_until);
}

int
loop_rank(const struct loop *l, bool late)
{
	return late || is_fair(l) ? LATE : AT_ONCE;
}

static void
on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(l->base);
}

/* Whatever comes at once while it lasts is in one row with the rest from its next time on: loop_rank(). */
static void
be_fair(struct loop *l)
{
	if (event_base_get_num_events(l->base, EVENT_BASE_COUNT_ACTIVE) == 0)
		l->waits_since = MSEC_NEVER;
	else if (msec_is_never(l->waits_since))
		l->waits_since = l->now;
	else if (msec_reached(msec_add(l->waits_since, LOOP_PATIENCE), l->now)) {
		l->fair_until = msec_add(l->now, LOOP_FAIR);
		l->waits_since = MSEC_NEVER;
	}
}

/* ---- notes ---- */

static void
on_wakeup(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	notes_take(&l->notes);
	loop_begin(l, false);
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

/* ---- the loop ---- */

static void on_tick(evutil_socket_t, short, void *);

static bool
watch_own(struct loop *l)
{
	evtimer_assign(&l->tick, l->base, on_tick, l);
	event_assign(&l->ended, l->base, -1, 0, on_ended, l);
	event_priority_set(&l->tick, AT_ONCE);
	event_priority_set(&l->ended, AT_ONCE);
	return event_assign(&l->woken, l->base, l->notes.wakeup, EV_READ | EV_PERSIST, on_wakeup, l) == 0 &&
	    event_priority_set(&l->woken, AT_ONCE) == 0 && event_add(&l->woken, NULL) == 0 &&
	    event_assign(&l->rare, l->base, l->seldom, EV_READ | EV_PERSIST, loop_fd_rare, l) == 0 &&
	    event_priority_set(&l->rare, AT_ONCE) == 0 && event_add(&l->rare, NULL) == 0;
}

static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config == NULL)
		return NULL;
	if (event_config_set_max_dispatch_interval(config, NULL, 1, LATE) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	if (base != NULL && event_base_priority_init(base, RANKS) != 0) {
		event_base_free(base);
		base = NULL;
	}
	return base;
}

static bool
loop_init(struct loop *l)
{
	bool woken = notes_init(&l->notes) == 0;

	l->reap_end = &l->reaped;
	l->soon = &l->soon_end;
	l->soon_at = &l->soon;
	l->ticks = l->waits_since = MSEC_NEVER;
	read_clock(l);
	l->seldom = epoll_create1(EPOLL_CLOEXEC);
	l->base = base_new();
	return woken && l->seldom >= 0 && l->base != NULL && watch_own(l);
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
		be_fair(l);
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
	loop_begin(l, false);
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
	loop_begin(s->loop, false);
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
	event_priority_set(&s->ev, AT_ONCE);
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
