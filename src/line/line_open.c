/*
 * The device of a line: opening, closing, going and coming back.
 */
#include "line/line_parts.h"

#include "io/dirwatch.h"
#include "io/log.h"
#include "ports/loopback.h"
#include "ports/serial.h"

/* Closed, and tried again soon. */
void
line_out(struct line *l)
{
	l->operation_due = MSEC_NEVER;
	line_enter(l, LINE_OUT, msec_add(loop_now(l->house->loop), LINE_RETRY));
}

void
line_close(struct line *l, enum line_after after)
{
	l->after = after;
	l->operation_due = MSEC_NEVER;
	line_enter(l, LINE_CLOSING, MSEC_NEVER);
	line_answer_all(l, "the line is closed");
	port_close(l->port);
}

/* Somebody waits for the line, so the driver must let go in time; unless it has already. */
void
line_wait_for_close(struct line *l, msec_t until)
{
	if (l->state == LINE_CLOSING)
		line_enter(l, LINE_CLOSING, until);
}

/* In vain: whoever waits is told. */
void
line_not_closed(struct line *l)
{
	line_set_reason(l, "the driver does not answer");
	line_end_run(l);
	l->preparing = false;
	l->after = LINE_THEN_TRY;
	line_enter(l, LINE_CLOSING, MSEC_NEVER);
	l->house->news->out(l->house->ctx, l);
	line_tested(l, "the driver does not answer");
}

static void
on_gone(void *ctx, const char *reason)
{
	struct line *l = ctx;

	if (l->state == LINE_CLOSING || l->state == LINE_OUT || l->state == LINE_SHUT)
		return;
	if (line_handover_awaits_device(l)) {
		log_info("it left in its hand-over, and is waited for: event=line-away line=%s",
		    l->conf->name);
		line_close(l, LINE_THEN_TRY);
		line_wait_for_close(l, l->run->away_ends);
		return;
	}
	line_fail(l, reason);
}

static void
on_closed(void *ctx)
{
	struct line *l = ctx;

	if (l->shutting) {
		line_enter(l, LINE_SHUT, MSEC_NEVER);
		l->house->news->closed(l->house->ctx, l);
	} else if (l->disabled) {
		line_park(l);
	} else if (l->after == LINE_THEN_OPEN) {
		line_open(l);
	} else if (l->after == LINE_THEN_REST) {
		line_rested(l);
	} else {
		line_out(l);
	}
}

/* ---- opening ---- */

void
line_open(struct line *l)
{
	line_enter(l, LINE_OPENING, MSEC_NEVER);
	l->operation_due = msec_add(loop_now(l->house->loop), LINE_OPERATION);
	line_arm(l);
	port_open(l->port, &l->conf->setup->format);
}

static void
not_opened(struct line *l, const char *reason)
{
	if (line_is_awaited(l) && msec_before(loop_now(l->house->loop), l->run->away_ends)) {
		if (l->conf->setup->type == CONF_SERIAL && port_serial_in_use(l->port))
			l->run->anew = true; /* others may have changed it */
		line_out(l);
		return;
	}
	line_end_run(l);
	l->preparing = false;
	if (l->disabled) {
		line_out(l);
		line_park(l);
	} else if (l->conf->setup->host_sharing && port_serial_in_use(l->port)) {
		line_foreign(l, reason);
	} else {
		line_set_reason(l, reason);
		line_out(l);
		l->house->news->out(l->house->ctx, l);
	}
	line_tested(l, reason);
}

static void
tell_unlocked(struct line *l)
{
	const char *why = l->conf->setup->type == CONF_SERIAL ? port_serial_unlocked(l->port) : NULL;

	if (why != NULL && !l->told_unlocked)
		log_warn("no lock file, other programs may not see that the line is taken: "
		    "event=unlocked line=%s why=\"%s\"", l->conf->name, why);
	l->told_unlocked = why != NULL;
}

static void
on_opened(void *ctx, const char *reason, const struct port_state *state)
{
	struct line *l = ctx;

	if (l->state != LINE_OPENING)
		return;
	l->operation_due = MSEC_NEVER;
	if (reason != NULL) {
		not_opened(l, reason);
		return;
	}
	l->known = *state;
	log_debug("device open: event=open line=%s modem-lines=%s library=%s", l->conf->name,
	    state->lines ? "yes" : "no",
	    l->conf->setup->type == CONF_SERIAL && port_serial_by_library(l->port) ? "yes" : "no");
	tell_unlocked(l);
	if (l->seat.state == ARBITER_OUT && l->failures == 0)
		l->house->news->found(l->house->ctx, l);
	if (line_is_awaited(l))
		line_handover_goes_on(l);
	else if (l->preparing && !l->used_by_others && l->conf->setup->kind == CONF_MODEM)
		line_begin_probe(l);
	else {
		l->preparing = false; /* the whole way is no probe */
		line_begin_handover(l);
	}
}

const struct port_news line_port_news = {
	.opened = on_opened,
	.room = line_on_room,
	.data = line_on_data,
	.writable = line_on_writable,
	.modem = line_on_modem,
	.errors = line_on_errors,
	.done = line_on_done,
	.gone = on_gone,
	.closed = on_closed,
	.call = line_on_call,
};

struct port *
line_make_port(struct line *l)
{
	switch (l->conf->setup->type) {
	case CONF_VIRTUAL:
		return port_virtual_new(l->house->exchange, l->conf, &line_port_news, l);
	case CONF_LOOPBACK:
		return port_loopback_new(l->house->loop, &line_port_news, l);
	default:
		return port_serial_new(l->house->serials, l->conf->device, l->conf->setup->hangup_time > 0,
		    &line_port_news, l);
	}
}

/* ---- its directory ---- */

static void
on_device_changed(void *ctx)
{
	struct line *l = ctx;

	if (l->state == LINE_OUT)
		line_open(l);
	else if (l->state == LINE_RESTING || l->state == LINE_FOREIGN)
		line_look_at_lock(l);
}

/*
 * While it is closed and awaited, so that it is found as soon as it is there; it is looked for now and then
 * all the same.  That an open one goes its descriptor tells.
 */
void
line_watch_device(struct line *l)
{
	bool awaited = l->state == LINE_OUT || l->state == LINE_RESTING || l->state == LINE_FOREIGN;

	if (l->state == LINE_OPENING || l->house->watch == NULL || l->conf->setup->type != CONF_SERIAL)
		return;
	if (awaited && l->device_watch == NULL) {
		l->device_watch = dirwatch_add(l->house->watch, l->conf->device, on_device_changed, l);
	} else if (!awaited) {
		dirwatch_remove(l->device_watch);
		l->device_watch = NULL;
	}
}
