/*
 * The loop's half of a serial port's control, see ttyctl.h and ttyworker.h.
 */
#include "ports/ttyctl.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/thread.h"
#include "ports/ttyworker.h"

#define RETRY_MS 100 /* after the system had no thread for us */
#define STACK_SIZE (64 * 1024)

_Static_assert(sizeof(struct thread) <= 4096, "below the guard page");

/* What is locked while there is no worker is not shared. */
static void
lock(struct ttyctl *t)
{
	if (t->thread != NULL)
		pthread_mutex_lock(&t->thread->lock);
}

static void
unlock(struct ttyctl *t)
{
	if (t->thread != NULL)
		pthread_mutex_unlock(&t->thread->lock);
}

static void
deliver(struct ttyctl *t, const struct ttyevent *e)
{
	switch (e->kind) {
	case TTYEVENT_OPENED:
		t->house->news->opened(t, e->reason == NULL ? t->dev.fd : -1, e->reason, &e->state);
		break;
	case TTYEVENT_REOPENED:
		t->house->news->reopened(t, t->dev.fd);
		break;
	case TTYEVENT_DONE:
		t->house->news->done(t, e->reason, &e->state);
		break;
	case TTYEVENT_PURGED:
		t->house->news->purged(t);
		break;
	case TTYEVENT_MODEM:
		t->house->news->modem(t, e->bits, e->deltas);
		break;
	case TTYEVENT_ERRORS:
		t->house->news->errors(t, e->bits);
		break;
	case TTYEVENT_FAILS:
		t->house->news->fails(t, e->reason);
		break;
	case TTYEVENT_GONE:
		t->house->news->gone(t, e->reason);
		break;
	case TTYEVENT_CLOSED:
		t->house->news->closed(t);
		break;
	}
}

/* Nothing is touched after the last one: in closed() the owner may free us. */
static void
on_note(void *arg)
{
	struct ttyctl *t = arg;
	struct ttyevent e;
	bool any, more;

	do {
		lock(t);
		any = ttyevents_take(&t->thread->events, &e, &more);
		if (any && e.kind == TTYEVENT_DONE)
			t->answers--;
		unlock(t);
		if (any)
			deliver(t, &e);
	} while (more);
}

/* ---- the thread ---- */

static void on_ended(void *);

static void
init_sync(struct thread *th)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&th->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&th->wake, &attr);
	pthread_condattr_destroy(&attr);
}

/* At the end of a turn, once for all that it was given in it: to wake it costs more than most of what it then
 * does, and it would be asleep again before the next comes. */
static void
on_soon(void *arg)
{
	struct thread *th = arg;

	pthread_cond_signal(&th->wake);
}

static struct thread *
map_thread(struct ttyctl *t)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = STACK_SIZE + 2 * page;
	uint8_t *low = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	struct thread *th = (struct thread *)(void *)low;

	if (low == MAP_FAILED)
		return NULL;
	if (mprotect(low + page, page, PROT_NONE) != 0) { /* what runs over its stack must not go on */
		munmap(low, size);
		return NULL;
	}
	th->mapped = size;
	th->ctl = t;
	th->loop = t->house->loop;
	th->ended = (struct loop_note){ .fn = on_ended, .ctx = th };
	th->soon = (struct loop_note){ .fn = on_soon, .ctx = th };
	init_sync(th);
	ttyevents_init(&th->events, th->loop, on_note, t);
	th->last.modem = t->told;
	th->uncounted = true;
	return th;
}

static void
unmap_thread(struct thread *th)
{
	loop_unsoon(th->loop, &th->soon);
	pthread_cond_destroy(&th->wake);
	pthread_mutex_destroy(&th->lock);
	munmap(th, th->mapped);
}

static void *
run_thread(void *arg)
{
	struct thread *th = arg;

	ttyworker(th->ctl); /* what it points to is not freed before we are joined */
	loop_post(th->loop, &th->ended);
	return NULL;
}

static int
create_on(struct thread *th)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, (uint8_t *)th + th->mapped - STACK_SIZE, STACK_SIZE);
	err = thread_create(&th->id, &attr, run_thread, th);
	pthread_attr_destroy(&attr);
	return err;
}

/* Everything that a worker needs but the thread itself. */
static bool
grow_locked(struct ttyctl *t)
{
	if (t->thread != NULL)
		return true;
	t->thread = map_thread(t);
	lock(t);
	return t->thread != NULL;
}

/* ms: until it is looked at again, at the latest. */
static void
wait(struct ttyctl *t, int64_t ms)
{
	struct ttyhouse *h = t->house;

	if (!t->waits)
		STAILQ_INSERT_TAIL(&h->waiting, t, entry);
	t->waits = true;
	if (h->armed && ms > 0)
		return;
	loop_timer_set(&h->later, msec_add(loop_now(h->loop), ms));
	h->armed = true;
}

static void
stop_waiting(struct ttyctl *t)
{
	if (t->waits)
		STAILQ_REMOVE(&t->house->waiting, t, ttyctl, entry);
	t->waits = false;
}

/* There is work: the worker wakes at the end of this turn, or one is started; unlocks.  Without a thread it is
 * tried again: false. */
static bool
wake_and_unlock(struct ttyctl *t)
{
	bool started = t->running, room = grow_locked(t);

	if (room)
		t->running = true;
	unlock(t);
	if (room && started)
		loop_soon(t->house->loop, &t->thread->soon);
	if (started || (room && create_on(t->thread) == 0))
		return true;
	t->running = false; /* there is no thread */
	wait(t, RETRY_MS);
	return false;
}

/* In the loop, when a thread has nothing left to do but to return; there may be new work by now. */
static void
on_ended(void *arg)
{
	struct thread *th = arg;
	struct ttyctl *t = th->ctl;

	if (t != NULL) {
		pthread_join(th->id, NULL);
		t->running = false;
		lock(t);
		if (ttyworker_wanted(t) || th->events.n > 0 || th->events.posted) {
			wake_and_unlock(t);
			return;
		}
		t->told = th->last.modem;
		unlock(t);
		t->thread = NULL;
	}
	unmap_thread(th);
	if (t != NULL)
		t->house->news->rests(t);
}

static void
waited(struct ttyctl *t)
{
	const char *reason = t->gone;

	if (reason != NULL) {
		t->gone = NULL;
		t->house->news->gone(t, reason);
		return;
	}
	lock(t);
	wake_and_unlock(t);
}

/* Each once, those that wait again come last; news may end others. */
static void
on_later(void *arg)
{
	struct ttyhouse *h = arg;
	struct ttyctl *t;
	size_t n = 0;

	h->armed = false;
	STAILQ_FOREACH(t, &h->waiting, entry)
		n++;
	while (n-- > 0 && (t = STAILQ_FIRST(&h->waiting)) != NULL) {
		stop_waiting(t);
		waited(t);
	}
}

/* ---- life ---- */

void
ttyhouse_init(struct ttyhouse *h, struct loop *loop, const char *lock_dir, const struct ttyctl_news *news)
{
	*h = (struct ttyhouse){ .loop = loop, .lock_dir = lock_dir, .news = news };
	STAILQ_INIT(&h->waiting);
	loop_timer_init(&h->later, loop, on_later, h);
}

void
ttyhouse_done(struct ttyhouse *h)
{
	loop_timer_set(&h->later, MSEC_NEVER);
}

void
ttyctl_init(struct ttyctl *t, struct ttyhouse *house, const char *path, bool hupcl)
{
	memset(t, 0, sizeof *t);
	t->house = house;
	t->path = path;
	t->dev.fd = -1;
	t->hupcl = t->dev.hupcl = hupcl;
}

/* If it runs it is about to return, and a note of it is under way. */
static void
free_thread(struct ttyctl *t)
{
	struct thread *th = t->thread;

	if (th == NULL)
		return;
	if (t->running)
		pthread_join(th->id, NULL);
	th->ctl = NULL;
	if (!t->running)
		unmap_thread(th);
}

void
ttyctl_done(struct ttyctl *t)
{
	free_thread(t);
	stop_waiting(t);
	free(t->dev.why);
}

void
ttyctl_open(struct ttyctl *t, const struct rfc2217_format *f)
{
	lock(t);
	t->life = TTY_OPENING;
	t->state.rfc.format = *f;
	wake_and_unlock(t);
}

bool
ttyctl_works(const struct ttyctl *t)
{
	return t->thread != NULL;
}

bool
ttyctl_busy(const struct ttyctl *t)
{
	return t->dev.busy;
}

int
ttyctl_unlocked(const struct ttyctl *t)
{
	return t->dev.unlocked;
}

int
ttyctl_left(const struct ttyctl *t)
{
	return t->dev.left;
}

bool
ttyctl_by_library(const struct ttyctl *t)
{
	return t->dev.library;
}

bool
ttyctl_purging(struct ttyctl *t, uint8_t which)
{
	uint8_t asked = atomic_load(&t->purge); /* first: it moves to `purging` */

	return ((asked | atomic_load(&t->purging)) & which) != 0;
}

/* The first look takes the counters as they are, but compares the lines with what was told last. */
static void
watch_locked(struct ttyctl *t, const struct port_op *op)
{
	bool before = ttyworker_watches(t);

	t->modem = op->modem;
	t->errors = op->errors;
	t->seldom = op->seldom;
	if (t->thread == NULL)
		return;
	t->thread->look_at = 0;
	if (before)
		return;
	t->thread->uncounted = true;
	t->thread->blind_since = 0;
}

/* What needs no answer. */
static bool
submits_silently(const struct port_op *op)
{
	return op->kind == PORT_WATCH || op->kind == PORT_RESET || (op->kind == PORT_PURGE && !op->in_order);
}

static void
submit_silent_locked(struct ttyctl *t, const struct port_op *op)
{
	if (op->kind == PORT_PURGE)
		atomic_fetch_or(&t->purge, op->purge);
	else if (op->kind == PORT_WATCH)
		watch_locked(t, op);
}

static unsigned
pending_locked(const struct ttyctl *t)
{
	return t->nops + t->busy + t->answers;
}

/* Mostly all has left when a client ends, and then nobody need be woken to see it. */
static bool
is_done_locked(const struct ttyctl *t, const struct port_op *op)
{
	return op->kind == PORT_DRAIN && t->life == TTY_OPEN && pending_locked(t) == 0 &&
	    (atomic_load(&t->purge) | atomic_load(&t->purging)) == 0 && ttydev_drained(&t->dev);
}

/* Static, for a person; NULL: nothing stands against it. */
static const char *
refusal_locked(struct ttyctl *t, const struct port_op *op)
{
	if (t->life != TTY_OPEN)
		return t->life == TTY_GONE ? "device gone" : "it is not open";
	if (submits_silently(op))
		return NULL;
	if (pending_locked(t) >= TTYCTL_OPS)
		return "too many operations wait for the driver";
	return grow_locked(t) ? NULL : "out of memory";
}

/* Only when no thread runs, which would have begun with it. */
static const char *
take_back(struct ttyctl *t)
{
	t->nops--;
	return "the system has no thread for it";
}

enum port_result
ttyctl_submit(struct ttyctl *t, const struct port_op *op, struct port_state *state, const char **why)
{
	bool silent = submits_silently(op), done;

	lock(t);
	*state = t->state;
	done = is_done_locked(t, op);
	*why = done ? NULL : refusal_locked(t, op);
	if (*why == NULL && silent)
		submit_silent_locked(t, op);
	if (*why != NULL || done || (silent && !ttyworker_wanted(t))) {
		unlock(t);
		return *why != NULL ? PORT_REFUSED : PORT_DONE;
	}
	if (!silent)
		t->thread->ops[(t->thread->first_op + t->nops++) % TTYCTL_OPS] = *op;
	if (!wake_and_unlock(t) && !silent)
		*why = take_back(t);
	if (silent)
		return PORT_DONE;
	return *why != NULL ? PORT_REFUSED : PORT_PENDING;
}

void
ttyctl_hupcl(struct ttyctl *t, bool hupcl)
{
	lock(t);
	t->hupcl = hupcl;
	if (t->life == TTY_OPEN && ttyworker_wanted(t))
		wake_and_unlock(t);
	else
		unlock(t);
}

void
ttyctl_gone(struct ttyctl *t, const char *reason)
{
	unsigned i, pending;

	if (t->life == TTY_OPEN && t->thread == NULL) {
		t->life = TTY_GONE;
		t->gone = reason;
		wait(t, 0);
		return;
	}
	lock(t);
	if (t->life == TTY_OPEN) {
		t->life = TTY_GONE;
		pending = t->nops + t->busy;
		t->nops = 0;
		t->busy = false;
		for (i = 0; i < pending; i++)
			ttyworker_done(t, reason);
		ttyworker_event(t, TTYEVENT_GONE, reason);
		pthread_cond_signal(&t->thread->wake);
	}
	unlock(t);
}

void
ttyctl_close(struct ttyctl *t)
{
	lock(t);
	t->life = TTY_CLOSING;
	t->gone = NULL;
	stop_waiting(t);
	if (t->thread != NULL)
		ttyevents_clear(&t->thread->events);
	t->nops = t->answers = 0;
	t->busy = t->modem = t->errors = false;
	atomic_store(&t->purge, 0);
	wake_and_unlock(t);
}
