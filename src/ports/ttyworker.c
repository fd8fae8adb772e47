/*
 * The worker thread of a serial port, see ttyworker.h.
 *
 * Functions named _locked are called, and return, with the lock held; around calls of the driver
 * they let go of it.
 *
 * Modem lines are watched by looking every 20 ms, not by TIOCMIWAIT: that loses what happens between
 * two calls, cannot be woken but by a signal, keeps close() from closing, and some drivers lack it.
 */
#include "ports/ttyworker.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define LOOK_MS 20
#define SELDOM_MS 250 /* enough for a bell, of which the counter tells too */
#define BLIND_MS 2000 /* of looks that fail, one after the other */
#define DRAIN_MS 5
#define LINGER_MS 20 /* the next operation of a hand-over comes within less */

/* A clock of the worker's own: the loop's stands still for it. */
static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
ttyworker_event(struct ttyctl *t, enum ttyevent_kind kind, const char *reason)
{
	struct ttyevent e = { .kind = kind, .reason = reason, .state = t->state };

	ttyevents_put(&t->thread->events, &e);
}

void
ttyworker_done(struct ttyctl *t, const char *failed)
{
	t->answers++;
	ttyworker_event(t, TTYEVENT_DONE, failed);
}

static void
put_watched(struct ttyctl *t, enum ttyevent_kind kind, uint8_t bits, uint8_t deltas)
{
	struct ttyevent e = { .kind = kind, .bits = bits, .deltas = deltas };

	ttyevents_put(&t->thread->events, &e);
}

bool
ttyworker_watches(const struct ttyctl *t)
{
	return t->life == TTY_OPEN && t->dev.lines && (t->modem || (t->errors && t->dev.counts));
}

static bool
cut_locked(const struct ttyctl *t)
{
	return t->life != TTY_OPEN;
}

/* Why an open device is given up. */
static const char *
failing(int err)
{
	return err == -EIO ? "device gone" : ttydev_reason(err);
}

/* The next operation is one that takes no time to speak of, so that the loop may hear of both at once. */
static bool
more_at_once(const struct ttyctl *t)
{
	const struct port_op *next = &t->thread->ops[t->thread->first_op];

	return t->nops > 0 && next->kind != PORT_BREAK &&
	    !(ttydev_wants_drain(next) && next->drain_ms > 0) && atomic_load(&t->purge) == 0;
}

static void
purge_locked(struct ttyctl *t)
{
	uint8_t which = atomic_load(&t->purge);
	int err;

	atomic_store(&t->purging, which);
	atomic_store(&t->purge, 0);
	pthread_mutex_unlock(&t->thread->lock);
	err = ttydev_purge(&t->dev, which);
	pthread_mutex_lock(&t->thread->lock);
	if (err != 0 && t->life == TTY_OPEN) { /* `purging` stays: what could not be purged must not pass */
		ttyworker_event(t, TTYEVENT_FAILS, failing(err));
		return;
	}
	atomic_store(&t->purging, 0);
	t->thread->purged = t->thread->purged || (which & RFC2217_PURGE_TX) != 0;
	if (t->life != TTY_OPEN)
		return;
	t->thread->events.held = !t->busy && more_at_once(t); /* a break or drain may last, and data waits for this */
	ttyworker_event(t, TTYEVENT_PURGED, NULL);
}

static void
recount(struct ttydev_look *last, const struct ttydev_look *now)
{
	uint8_t modem = last->modem;

	*last = *now;
	last->modem = modem;
}

/* A driver may fail once; but a carrier that is lost must not go unseen. */
static void
blind_locked(struct ttyctl *t, int err)
{
	struct thread *th = t->thread;

	if (th->blind_since == 0)
		th->blind_since = now_ms();
	else if (now_ms() - th->blind_since >= BLIND_MS)
		ttyworker_event(t, TTYEVENT_FAILS, failing(err));
}

static void
look_locked(struct ttyctl *t)
{
	struct ttydev_look look;
	uint8_t deltas, errors;
	int err;

	pthread_mutex_unlock(&t->thread->lock);
	err = ttydev_look(&t->dev, &look);
	pthread_mutex_lock(&t->thread->lock);
	t->thread->look_at = now_ms() + (t->seldom ? SELDOM_MS : LOOK_MS);
	if (t->life != TTY_OPEN)
		return;
	if (err != 0) {
		blind_locked(t, err);
		return;
	}
	t->thread->blind_since = 0;
	if (t->thread->uncounted)
		recount(&t->thread->last, &look);
	t->thread->uncounted = false;
	deltas = ttydev_deltas(&t->thread->last, &look);
	errors = ttydev_errors(&t->thread->last, &look);
	if (t->modem && (deltas != 0 || look.modem != t->thread->last.modem))
		put_watched(t, TTYEVENT_MODEM, look.modem, deltas);
	if (t->errors && errors != 0)
		put_watched(t, TTYEVENT_ERRORS, errors, 0);
	t->thread->last = look;
	t->state.rfc.modem = look.modem;
}

/* Does what cannot wait, or else waits for a wake-up, until `until` at most. */
static void
tend_locked(struct ttyctl *t, int64_t until)
{
	struct timespec ts;

	if (atomic_load(&t->purge) != 0) {
		purge_locked(t);
		return;
	}
	if (ttyworker_watches(t)) {
		if (now_ms() >= t->thread->look_at) {
			look_locked(t);
			return;
		}
		if (t->thread->look_at < until)
			until = t->thread->look_at;
	}
	ts.tv_sec = (time_t)(until / 1000);
	ts.tv_nsec = (long)(until % 1000 * 1000000);
	pthread_cond_timedwait(&t->thread->wake, &t->thread->lock, &ts);
}

/* False when it was cut short. */
static bool
pause_locked(struct ttyctl *t, int ms)
{
	int64_t until = now_ms() + ms;

	while (!cut_locked(t) && now_ms() < until)
		tend_locked(t, until);
	return !cut_locked(t);
}

/* Never tcdrain() or TCSADRAIN: on a stuck line they return when it moves again.  What a driver keeps over a purge is
 * not waited for. */
static void
drain_locked(struct ttyctl *t, int ms)
{
	int64_t until = now_ms() + ms;
	bool empty;

	t->thread->purged = false;
	while (now_ms() < until && !cut_locked(t) && !t->thread->purged) {
		pthread_mutex_unlock(&t->thread->lock);
		empty = ttydev_drained(&t->dev);
		pthread_mutex_lock(&t->thread->lock);
		if (empty)
			return;
		pause_locked(t, DRAIN_MS);
	}
}

static int
break_locked(struct ttyctl *t, int ms)
{
	int err;

	pthread_mutex_unlock(&t->thread->lock);
	err = ttydev_signals(&t->dev, PORT_BRK, PORT_BRK);
	pthread_mutex_lock(&t->thread->lock);
	if (err != 0)
		return err;
	pause_locked(t, ms);
	pthread_mutex_unlock(&t->thread->lock);
	err = ttydev_signals(&t->dev, PORT_BRK, 0);
	pthread_mutex_lock(&t->thread->lock);
	return err;
}

/* What the driver is told to do; without the lock. */
static int
carry_out(struct ttyctl *t, const struct port_op *op, struct port_state *state)
{
	int err;

	if (op->kind == PORT_REOPEN)
		err = ttydev_reopen(&t->dev, t->path, &state->rfc.format);
	else
		err = ttydev_operate(&t->dev, op);
	if (op->kind == PORT_REOPEN || op->kind == PORT_PURGE)
		state->keeps = t->dev.fd >= 0 && !ttydev_drained(&t->dev);
	return err;
}

static void
reopened_locked(struct ttyctl *t, int err)
{
	memset(&t->thread->last, 0, sizeof t->thread->last);
	t->thread->uncounted = true;
	if (err == 0)
		ttyworker_event(t, TTYEVENT_REOPENED, NULL);
	else
		ttyworker_event(t, TTYEVENT_FAILS, failing(err));
}

/* Carries the oldest operation out and reads back what is then in force (R27). */
static void
operate_locked(struct ttyctl *t)
{
	struct port_op op = t->thread->ops[t->thread->first_op];
	struct port_state state = t->state;
	int err, unread = 0;

	t->thread->first_op = (t->thread->first_op + 1) % TTYCTL_OPS;
	t->nops--;
	t->busy = true;
	if (ttydev_wants_drain(&op))
		drain_locked(t, op.drain_ms);
	if (cut_locked(t))
		return;
	err = op.kind == PORT_BREAK ? break_locked(t, op.ms) : 0;
	pthread_mutex_unlock(&t->thread->lock);
	if (op.kind != PORT_BREAK)
		err = carry_out(t, &op, &state);
	if (op.kind != PORT_PURGE && op.kind != PORT_DRAIN) /* to ask a USB adapter for its lines takes its time */
		unread = ttydev_state(&t->dev, &state);
	pthread_mutex_lock(&t->thread->lock);
	if (!t->busy) /* answered meanwhile, see ttyctl_gone() */
		return;
	t->busy = false;
	t->state = state;
	if (op.kind == PORT_REOPEN)
		reopened_locked(t, err);
	if (!ttyworker_watches(t))
		t->thread->last.modem = state.rfc.modem;
	t->thread->events.held = more_at_once(t);
	ttyworker_done(t, ttydev_reason(err != 0 ? err : unread));
}

static void
open_locked(struct ttyctl *t)
{
	struct rfc2217_format format = t->state.rfc.format;
	struct port_state state;
	const char *reason = NULL;
	int err = 0;

	memset(&state, 0, sizeof state);
	memset(&t->thread->last, 0, sizeof t->thread->last);
	atomic_store(&t->purging, 0);
	t->dev.hupcl = t->hupcl;
	pthread_mutex_unlock(&t->thread->lock);
	if (ttydev_open(&t->dev, t->path, t->house->lock_dir, &reason) == 0) {
		err = ttydev_start(&t->dev, &format);
		if (err == 0)
			err = ttydev_state(&t->dev, &state);
		if (err == 0 && t->dev.lines)
			err = ttydev_look(&t->dev, &t->thread->last);
		reason = ttydev_reason(err);
		if (err != 0)
			ttydev_close(&t->dev, t->house->lock_dir);
	}
	pthread_mutex_lock(&t->thread->lock);
	t->state = state;
	if (t->life == TTY_CLOSING)
		return;
	t->life = reason == NULL ? TTY_OPEN : TTY_CLOSED;
	ttyworker_event(t, TTYEVENT_OPENED, reason);
}

static void
hupcl_locked(struct ttyctl *t)
{
	int err;

	t->dev.hupcl = t->hupcl;
	pthread_mutex_unlock(&t->thread->lock);
	err = ttydev_set_hupcl(&t->dev);
	pthread_mutex_lock(&t->thread->lock);
	if (err != 0 && t->life == TTY_OPEN) /* opened anew it has it from the start */
		ttyworker_event(t, TTYEVENT_FAILS, failing(err));
}

static void
close_locked(struct ttyctl *t)
{
	if (t->dev.fd >= 0 && t->hupcl != t->dev.hupcl)
		hupcl_locked(t);
	pthread_mutex_unlock(&t->thread->lock);
	if (t->dev.fd >= 0)
		ttydev_close(&t->dev, t->house->lock_dir);
	else
		ttydev_unlock(&t->dev, t->house->lock_dir); /* it could not be opened again */
	pthread_mutex_lock(&t->thread->lock);
	t->life = TTY_CLOSED;
	ttyworker_event(t, TTYEVENT_CLOSED, NULL);
}

bool
ttyworker_wanted(const struct ttyctl *t)
{
	switch (t->life) {
	case TTY_OPENING: case TTY_CLOSING:
		return true;
	case TTY_OPEN:
		return t->nops > 0 || atomic_load(&t->purge) != 0 || t->hupcl != t->dev.hupcl ||
		    ttyworker_watches(t);
	default:
		return false;
	}
}

static void
work_locked(struct ttyctl *t)
{
	if (t->life == TTY_OPENING)
		open_locked(t);
	else if (t->life == TTY_CLOSING)
		close_locked(t);
	else if (t->hupcl != t->dev.hupcl)
		hupcl_locked(t);
	else if (t->nops > 0 && atomic_load(&t->purge) == 0)
		operate_locked(t);
	else
		tend_locked(t, INT64_MAX);
}

/* Waits a little for more to do: starting a thread costs ten times what it does.  False: none came. */
static bool
linger_locked(struct ttyctl *t)
{
	int64_t until = now_ms() + LINGER_MS;
	struct timespec ts = { .tv_sec = (time_t)(until / 1000),
		.tv_nsec = (long)(until % 1000 * 1000000) };

	while (t->life == TTY_OPEN && !ttyworker_wanted(t) &&
	    pthread_cond_timedwait(&t->thread->wake, &t->thread->lock, &ts) == 0)
		;
	return ttyworker_wanted(t);
}

void
ttyworker(struct ttyctl *t)
{
	pthread_mutex_lock(&t->thread->lock);
	while (ttyworker_wanted(t) || linger_locked(t))
		work_locked(t);
	pthread_mutex_unlock(&t->thread->lock);
}
