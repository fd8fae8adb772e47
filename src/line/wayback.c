/*
 * A hand-over on a port, see wayback.h.
 */
#include "line/wayback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "modem/handover.h"
#include "ports/settings.h"

#define IN_PROGRESS 2500 /* ms that output which drains, and then a break of the owner, may take */
#define REOPENED 2000 /* ms that all the closing and opening of one way may take, for what a driver keeps */
#define FAILURE 160

struct wayback {
	struct wayback_line on;
	struct handover_rules rules;
	struct handover machine;
	enum handover_do doing; /* what is being carried out; WAIT: nothing */
	unsigned unanswered;    /* operations before the one that is waited for */
	size_t sent;            /* of what SEND sends */
	bool reopened;          /* it is being emptied, for the second time */
	msec_t send_due;        /* the line must have taken it */
	msec_t away_until;
	uint8_t asked, values;  /* of the modem lines: which, and how, the last time */
	struct port_state last; /* as of the last answer */
	char failure[FAILURE];
};

static enum wayback_outcome step(struct wayback *, enum handover_do, msec_t now);

/* ---- rules ---- */

static void
rules_of(const struct conf_line *conf, struct handover_rules *rules)
{
	const struct conf_setup *d = conf->setup;

	*rules = (struct handover_rules){
		.modem = d->kind == CONF_MODEM,
		.dialogue = d->type == CONF_SERIAL,
		.hangup_time = d->hangup_time,
		.carrier_timeout = d->carrier_timeout,
		.guard_time = d->guard_time,
		.settle_time = d->settle_time,
		.init_timeout = d->init_timeout,
		.init_pause = d->init_pause,
		.hangup = d->hangup,
		.n_hangup = d->n_hangup,
		.init = d->init,
		.n_init = d->n_init,
		.attempts = (unsigned)d->attempts,
		.dtr_when_free = d->dtr_when_free,
	};
}

bool
wayback_real_modem(const struct conf_line *conf)
{
	return conf->setup->kind == CONF_MODEM && conf->setup->type == CONF_SERIAL;
}

int64_t
wayback_bound(const struct conf_line *conf)
{
	struct handover_rules rules;

	rules_of(conf, &rules);
	return IN_PROGRESS + (conf->setup->type == CONF_SERIAL ? REOPENED : 0) + handover_longest(&rules) + (wayback_real_modem(conf) ? WAYBACK_AWAY : 0) + PORTQUEUE_TIME;
}

/* ---- its end ---- */

static enum wayback_outcome
fail(struct wayback *w, const char *why)
{
	snprintf(w->failure, sizeof w->failure, "%s", why);
	return WAYBACK_FAILED;
}

/* A divisor seldom gives the very rate. */
static bool
same_rate(uint32_t a, uint32_t b)
{
	uint64_t more = a > b ? a : b, less = a > b ? b : a;

	return (more - less) * 100 <= less * 3;
}

bool
wayback_same_format(const struct rfc2217_format *a, const struct rfc2217_format *b)
{
	return same_rate(a->baud, b->baud) && a->datasize == b->datasize && a->parity == b->parity &&
	    a->stopsize == b->stopsize && a->outflow == b->outflow && a->inflow == b->inflow;
}

static enum wayback_outcome
wrong_format(struct wayback *w)
{
	char is[SETTINGS_TEXT], should[SETTINGS_TEXT];

	snprintf(w->failure, sizeof w->failure, "its settings are %s, not %s",
	    settings_text(is, &w->last.rfc.format), settings_text(should, &w->on.conf->setup->format));
	return WAYBACK_FAILED;
}

uint8_t
wayback_bare(const struct rfc2217_format *f)
{
	return (uint8_t)((f->datasize == 8) | (f->parity == 1) << 1 | (f->stopsize == 1) << 2 |
	    (f->outflow == RFC2217_OUT_NONE) << 3 | (f->inflow == RFC2217_IN_NONE) << 4);
}

/*
 * A device that does not know parity or the like stays at 8N1 without flow control, whatever it is told: that is
 * all that it can have if it was so when it was opened.  A speed is never so: a driver that cannot set one
 * keeps the last owner's.
 */
static bool
can_have_no_more(const struct wayback *w, const struct rfc2217_format *is, const struct rfc2217_format *asked)
{
	uint8_t differs = (uint8_t)((is->datasize != asked->datasize) | (is->parity != asked->parity) << 1 |
	    (is->stopsize != asked->stopsize) << 2 | (is->outflow != asked->outflow) << 3 |
	    (is->inflow != asked->inflow) << 4);

	return (differs & ~(wayback_bare(is) & w->on.bare)) == 0 && same_rate(is->baud, asked->baud);
}

/* What was asked for counts only if it can be read back: a driver may have done nothing at all.  RTS is the
 * kernel's where it does the flow control. */
static enum wayback_outcome
prove(struct wayback *w)
{
	const struct rfc2217_format *is = &w->last.rfc.format, *asked = &w->on.conf->setup->format;
	bool dtr = (w->values & PORT_DTR) != 0;

	if ((w->asked & PORT_DTR) != 0 && w->last.lines && w->last.rfc.dtr != dtr)
		return fail(w, dtr ? "DTR stays off" : "DTR stays on");
	if (w->last.rfc.brk)
		return fail(w, "break stays on");
	if (wayback_same_format(is, asked) || (w->on.made_known && can_have_no_more(w, is, asked)))
		return WAYBACK_PASSED;
	return w->on.made_known ? wrong_format(w) : WAYBACK_DIFFERS;
}

static enum wayback_outcome
ended(struct wayback *w, enum handover_do how)
{
	return how == HANDOVER_READY ? prove(w) : fail(w, handover_failure(&w->machine));
}

/* ---- one step ---- */

static struct port_op
op_for(const struct wayback *w, enum handover_do what)
{
	const struct conf_setup *setup = w->on.conf->setup;
	struct port_op op = { .kind = PORT_TELL };

	switch (what) {
	case HANDOVER_RESET:
		op.kind = PORT_RESET;
		break;
	case HANDOVER_EMPTY:
		op.in_order = true;
		/* fall through */
	case HANDOVER_PURGE:
		op.kind = PORT_PURGE;
		op.purge = RFC2217_PURGE_BOTH;
		break;
	case HANDOVER_BREAK_OFF:
		op.kind = PORT_SIGNALS;
		op.mask = PORT_BRK;
		break;
	case HANDOVER_DTR_DOWN:
		op.kind = PORT_SIGNALS;
		op.mask = PORT_DTR;
		break;
	case HANDOVER_DTR_UP:
		op.kind = PORT_SIGNALS;
		op.mask = op.values = PORT_DTR | PORT_RTS;
		break;
	case HANDOVER_SETTINGS:
		op.kind = PORT_APPLY;
		op.format = setup->format;
		break;
	case HANDOVER_SIGNALS:
		op.kind = PORT_SIGNALS;
		op.mask = PORT_DTR | PORT_RTS;
		op.values = (uint8_t)(PORT_RTS | (setup->dtr_when_free ? PORT_DTR : 0));
		break;
	default:
		break;
	}
	return op;
}

/* PORT_REFUSED, and then it has failed. */
static int
submit(struct wayback *w, const struct port_op *op, msec_t now)
{
	const char *why = NULL;
	int r = portqueue_submit(w->on.queue, w->on.port, op, now, w->on.answered, w->on.ctx, &why);

	if (r == PORT_REFUSED)
		(void)fail(w, why);
	if (r == PORT_DONE)
		w->last = w->on.queue->known;
	if (op->kind == PORT_SIGNALS && (op->mask & PORT_DTR) != 0) {
		w->asked = op->mask;
		w->values = op->values;
	}
	return r;
}

/* Nothing that comes next hangs on the answer. */
static bool
needs_no_answer(enum handover_do what)
{
	return what == HANDOVER_RESET || what == HANDOVER_PURGE || what == HANDOVER_BREAK_OFF ||
	    what == HANDOVER_SETTINGS || what == HANDOVER_SIGNALS;
}

static enum handover_do
next(struct wayback *w, msec_t now)
{
	return handover_next(&w->machine, (w->last.rfc.modem & RFC2217_DCD) != 0, now);
}

/*
 * Submits together what can be, so that the worker and the loop wake up once for all; returns what comes then,
 * FAILED where one was refused.  A purge overtakes what the last owner has left, but not the steps before it.
 */
static enum handover_do
submit_steps(struct wayback *w, enum handover_do what, msec_t now)
{
	struct port_op op;
	bool behind = false;
	int r;

	for (; needs_no_answer(what); what = next(w, now)) {
		w->doing = what;
		op = op_for(w, what);
		op.in_order = behind;
		behind = behind || (op.kind != PORT_PURGE && op.kind != PORT_RESET);
		r = submit(w, &op, now);
		if (r == PORT_REFUSED)
			return HANDOVER_FAILED;
		w->unanswered += r == PORT_PENDING;
	}
	return what;
}

static enum wayback_outcome
send_rest(struct wayback *w, msec_t now)
{
	size_t n;
	const uint8_t *b = handover_bytes(&w->machine, &n);

	w->sent += port_send(w->on.port, b + w->sent, n - w->sent);
	return w->sent == n ? step(w, next(w, now), now) : WAYBACK_GOES_ON;
}

/* A purge at once ends the last owner's own that drain; behind them comes the one that tells what is left. */
static void
purge_at_once(struct wayback *w, msec_t now)
{
	const struct port_op op = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_BOTH };

	w->reopened = false;
	(void)submit(w, &op, now);
}

/* Carrier is looked at, or DTR moved: what comes then waits for it. */
static enum wayback_outcome
operate(struct wayback *w, enum handover_do what, msec_t now)
{
	struct port_op op = op_for(w, what);

	switch (submit(w, &op, now)) {
	case PORT_PENDING:
		return WAYBACK_GOES_ON;
	case PORT_DONE:
		return step(w, next(w, now), now);
	default:
		return WAYBACK_FAILED;
	}
}

static enum wayback_outcome
step(struct wayback *w, enum handover_do what, msec_t now)
{
	what = submit_steps(w, what, now);
	if (w->failure[0] != '\0')
		return WAYBACK_FAILED;
	w->doing = what;
	w->sent = 0;
	w->send_due = MSEC_NEVER;
	switch (what) {
	case HANDOVER_READY:
	case HANDOVER_FAILED:
		return ended(w, what);
	case HANDOVER_WAIT:
		return WAYBACK_GOES_ON;
	case HANDOVER_EMPTY:
		purge_at_once(w, now);
		return operate(w, what, now);
	case HANDOVER_SEND:
		w->send_due = msec_add(now, handover_patience(&w->machine));
		return send_rest(w, now);
	default:
		return operate(w, what, now);
	}
}

/* ---- from outside ---- */

struct wayback *
wayback_new(const struct wayback_line *on)
{
	struct wayback *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->on = *on;
	w->send_due = w->away_until = MSEC_NEVER;
	w->last = on->queue->known;
	rules_of(on->conf, &w->rules);
	w->rules.no_carrier = !on->queue->known.lines;
	w->rules.carrier_falls = on->carrier_falls;
	return w;
}

void
wayback_free(struct wayback *w)
{
	if (w != NULL)
		portqueue_forget(w->on.queue, w->on.ctx);
	free(w);
}

struct generation *
wayback_generation(const struct wayback *w)
{
	return w->on.generation;
}

enum wayback_outcome
wayback_start(struct wayback *w, msec_t now)
{
	return step(w, handover_start(&w->machine, &w->rules, now), now);
}

enum wayback_outcome
wayback_probe(struct wayback *w, msec_t now)
{
	return step(w, handover_probe(&w->machine, &w->rules, now), now);
}

/* A driver may keep output over a purge, and send it in the next owner's time: a close drops it. */
static enum wayback_outcome
emptied(struct wayback *w, msec_t now)
{
	const struct port_op op = { .kind = PORT_REOPEN };

	if (!w->last.keeps)
		return step(w, next(w, now), now);
	if (w->reopened)
		return fail(w, "it keeps output that nobody takes");
	log_debug("output that the driver keeps is dropped with the device: event=handover-reopen line=%s", w->on.conf->name);
	w->reopened = true;
	return submit(w, &op, now) == PORT_REFUSED ? WAYBACK_FAILED : WAYBACK_GOES_ON;
}

/* A driver that does not do what it is told has its say here, and is judged by what is read back at the end. */
enum wayback_outcome
wayback_answered(struct wayback *w, const char *failed, const struct port_state *state, msec_t now)
{
	if (failed != NULL)
		log_debug("a step of the hand-over was refused by the driver: event=handover line=%s error=\"%s\"",
		    w->on.conf->name, failed);
	w->last = *state;
	if (w->unanswered > 0) {
		w->unanswered--;
		return WAYBACK_GOES_ON;
	}
	if (w->doing == HANDOVER_EMPTY)
		return emptied(w, now);
	return step(w, next(w, now), now);
}

enum wayback_outcome
wayback_data(struct wayback *w, const uint8_t *b, size_t n, msec_t now)
{
	enum handover_do what = handover_data(&w->machine, b, n, now);

	if (w->doing != HANDOVER_WAIT || what == HANDOVER_WAIT)
		return WAYBACK_GOES_ON;
	return step(w, what, now);
}

enum wayback_outcome
wayback_writable(struct wayback *w, msec_t now)
{
	return w->doing == HANDOVER_SEND ? send_rest(w, now) : WAYBACK_GOES_ON;
}

/* A command that the line does not take has failed; else it is what was waited for. */
enum wayback_outcome
wayback_time(struct wayback *w, msec_t now)
{
	if (w->doing == HANDOVER_SEND && msec_reached(w->send_due, now))
		return step(w, handover_not_taken(&w->machine, now), now);
	if (w->doing == HANDOVER_WAIT && msec_reached(handover_due(&w->machine), now))
		return step(w, handover_next(&w->machine, false, now), now);
	return WAYBACK_GOES_ON;
}

msec_t
wayback_due(const struct wayback *w)
{
	return msec_min(w->send_due, w->doing == HANDOVER_WAIT ? handover_due(&w->machine) : MSEC_NEVER);
}

/* ---- a modem that leaves the bus ---- */

bool
wayback_may_leave(const struct wayback *w)
{
	return handover_may_leave(&w->machine);
}

void
wayback_left(struct wayback *w, msec_t until)
{
	w->unanswered = 0;
	portqueue_forget(w->on.queue, w->on.ctx);
	if (msec_is_never(w->away_until))
		w->away_until = until;
}

msec_t
wayback_away_until(const struct wayback *w)
{
	return w->away_until;
}

enum wayback_outcome
wayback_returned(struct wayback *w, msec_t now)
{
	w->away_until = MSEC_NEVER;
	return step(w, handover_returned(&w->machine, now), now);
}

/* ---- */

bool
wayback_carrier_off(const struct wayback *w)
{
	return w->machine.carrier_off;
}

msec_t
wayback_rings(const struct wayback *w)
{
	return w->machine.ring.until;
}

const char *
wayback_failure(const struct wayback *w)
{
	return w->failure;
}
