/*
 * The way back of a line: carries out the steps of modem/handover.h on its port.
 */
#include "line/line_parts.h"

#include <stdlib.h>

#include "io/log.h"
#include "sharing/words.h"

static void step(struct line *, enum handover_do);

void
line_end_run(struct line *l)
{
	free(l->run);
	l->run = NULL;
}

static bool
make_run(struct line *l)
{
	if (l->run == NULL) {
		l->run = calloc(1, sizeof *l->run);
		if (l->run == NULL) {
			line_fail(l, "no memory to hand it over");
			return false;
		}
		l->run->away_ends = MSEC_NEVER;
	}
	line_forget(l, l); /* answers to the steps of another run */
	l->run->sent = 0;
	l->run->anew = false;
	line_rules(l->conf, &l->run->rules);
	return true;
}

/* ---- its two ends ---- */

static void
ready(struct line *l)
{
	bool off = l->run->machine.carrier_off;
	msec_t rings = ringwatch_until(&l->run->machine.ring, loop_now(l->house->loop));

	l->trusted = off && l->known.lines;
	if (l->conf->setup->kind == CONF_MODEM && l->known.lines && !off)
		log_warn("carrier is on after the hand-over, calls cannot be told by it: "
		    "event=carrier-untrusted line=%s", l->conf->name);
	if (l->failures > 0)
		log_info("the modem is in order again: event=line-back line=%s", l->conf->name);
	line_end_run(l);
	l->failures = 0;
	l->used_by_others = false;
	line_drop_reason(l);
	log_debug("line ready: event=line-ready line=%s", l->conf->name);
	line_free_now(l, rings);
}

/* It is never handed out before it has passed; meanwhile whoever wants it reads why. */
static void
failed(struct line *l)
{
	char reason[HANDOVER_FAILURE + 16];
	int64_t rest;

	words_quarantine(reason, sizeof reason, handover_failure(&l->run->machine));
	line_end_run(l);
	l->failures++;
	line_counts(l)->failures++;
	rest = handover_retest(l->conf->setup->retest, l->failures);
	line_set_reason(l, reason);
	log_info("tested again: event=quarantine line=%s failures=%u seconds=%lld", l->conf->name,
	    l->failures, (long long)(rest / 1000));
	line_enter(l, LINE_QUARANTINE, msec_add(loop_now(l->house->loop), rest));
	l->house->news->out(l->house->ctx, l);
	line_tested(l, reason);
	if (l->disabled && l->state == LINE_QUARANTINE)
		line_park(l);
}

/* A probe is only an attempt to save the time of the whole. */
static void
ended(struct line *l, enum handover_do how)
{
	if (how == HANDOVER_READY) {
		ready(l);
	} else if (l->preparing) {
		l->preparing = false;
		line_begin_handover(l);
	} else {
		failed(l);
	}
}

/* ---- one step ---- */

static void
on_step_tried(void *ctx, const char *failed, const struct port_state *state)
{
	const struct line *l = ctx;

	(void)state;
	if (failed != NULL && l->state == LINE_HANDOVER)
		log_debug("a step of the hand-over was refused: event=handover line=%s error=\"%s\"",
		    l->conf->name, failed);
}

static void
on_step_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct line *l = ctx;

	if (l->state != LINE_HANDOVER || l->run == NULL)
		return;
	on_step_tried(ctx, failed, state);
	step(l, handover_next(&l->run->machine, (state->rfc.modem & RFC2217_DCD) != 0,
	    loop_now(l->house->loop)));
}

static struct port_op
op_for(const struct line *l, enum handover_do what)
{
	struct port_op op = { .kind = PORT_TELL };

	switch (what) {
	case HANDOVER_RESET:
		op.kind = PORT_RESET;
		break;
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
		op.format = l->conf->setup->format;
		break;
	case HANDOVER_SIGNALS:
		op.kind = PORT_SIGNALS;
		op.mask = PORT_DTR | PORT_RTS;
		op.values = (uint8_t)(PORT_RTS | (l->conf->setup->dtr_when_free ? PORT_DTR : 0));
		break;
	default:
		break;
	}
	return op;
}

static void
send_rest(struct line *l)
{
	size_t n;
	const uint8_t *b = handover_bytes(&l->run->machine, &n);

	l->run->sent += port_send(l->port, b + l->run->sent, n - l->run->sent);
	if (l->run->sent == n)
		step(l, handover_next(&l->run->machine, false, loop_now(l->house->loop)));
}

/* Nothing hangs on the answer. */
static bool
needs_no_answer(enum handover_do what)
{
	return what == HANDOVER_RESET || what == HANDOVER_PURGE || what == HANDOVER_BREAK_OFF ||
	    what == HANDOVER_SETTINGS || what == HANDOVER_SIGNALS;
}

/*
 * Submits together what can be, so that the worker and the loop wake up once for all; returns what comes then.
 * A purge overtakes what the last owner has left, but not the steps before it.
 */
static enum handover_do
submit_steps(struct line *l, enum handover_do what)
{
	struct port_op op;
	bool behind = false;

	for (; needs_no_answer(what);
	    what = handover_next(&l->run->machine, false, loop_now(l->house->loop))) {
		l->run->doing = what;
		op = op_for(l, what);
		op.in_order = behind;
		behind = behind || (op.kind != PORT_PURGE && op.kind != PORT_RESET);
		line_submit(l, &op, on_step_tried, l);
	}
	return what;
}

static void
step(struct line *l, enum handover_do what)
{
	struct port_op op;

	what = submit_steps(l, what);
	l->run->doing = what;
	l->run->sent = 0;
	l->due = MSEC_NEVER;
	switch (what) {
	case HANDOVER_READY:
	case HANDOVER_FAILED:
		ended(l, what);
		break;
	case HANDOVER_WAIT:
		line_arm(l);
		break;
	case HANDOVER_SEND:
		line_enter(l, LINE_HANDOVER, msec_add(loop_now(l->house->loop),
		    handover_patience(&l->run->machine)));
		send_rest(l);
		break;
	default:
		op = op_for(l, what);
		line_submit(l, &op, on_step_done, l);
	}
}

/* ---- from outside ---- */

void
line_begin_handover(struct line *l)
{
	msec_t now = loop_now(l->house->loop);

	if (!make_run(l))
		return;
	l->handover_ends = msec_add(now, line_handover_bound(l->conf));
	line_enter(l, LINE_HANDOVER, MSEC_NEVER);
	step(l, handover_start(&l->run->machine, &l->run->rules, now));
}

void
line_begin_probe(struct line *l)
{
	msec_t now = loop_now(l->house->loop);

	if (!make_run(l))
		return;
	l->handover_ends = msec_add(now, line_handover_bound(l->conf));
	line_enter(l, LINE_HANDOVER, MSEC_NEVER);
	step(l, handover_probe(&l->run->machine, &l->run->rules, now));
}

void
line_handover_goes_on(struct line *l)
{
	l->run->away_ends = MSEC_NEVER;
	if (l->run->anew) {
		line_begin_handover(l);
		return;
	}
	line_enter(l, LINE_HANDOVER, MSEC_NEVER);
	step(l, handover_returned(&l->run->machine, loop_now(l->house->loop)));
}

/* Some resets make a modem leave the bus: it is not gone then, but on its way back. */
bool
line_handover_awaits_device(struct line *l)
{
	if (l->state != LINE_HANDOVER || l->run == NULL || !handover_may_leave(&l->run->machine))
		return false;
	if (!line_is_awaited(l))
		l->run->away_ends = msec_min(msec_add(loop_now(l->house->loop), LINE_AWAY),
		    l->handover_ends);
	return true;
}

bool
line_is_awaited(const struct line *l)
{
	return l->run != NULL && !msec_is_never(l->run->away_ends);
}

void
line_handover_waited(struct line *l)
{
	if (l->run->doing == HANDOVER_WAIT)
		step(l, handover_next(&l->run->machine, false, loop_now(l->house->loop)));
}

/* A command that the line does not take. */
void
line_handover_stuck(struct line *l)
{
	if (l->run != NULL && l->run->doing == HANDOVER_SEND)
		step(l, handover_not_taken(&l->run->machine, loop_now(l->house->loop)));
}

void
line_handover_data(struct line *l, const uint8_t *b, size_t n)
{
	enum handover_do what;

	if (l->run == NULL)
		return;
	what = handover_data(&l->run->machine, b, n, loop_now(l->house->loop));
	if (l->run->doing != HANDOVER_WAIT)
		return;
	if (what != HANDOVER_WAIT)
		step(l, what);
	else
		line_arm(l);
}

void
line_handover_writable(struct line *l)
{
	if (l->run != NULL && l->run->doing == HANDOVER_SEND)
		send_rest(l);
}
