/*
 * The life of a line: opening, failing, trying again, ending; and its time.  See line.h.
 */
#include "daemon/line_parts.h"

#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "ports/loopback.h"
#include "ports/serial.h"

/* ---- the timer ---- */

void
line_arm(struct line *l)
{
	msec_t due = msec_min(l->operation_due, l->retry);

	if (l->state == LINE_HANDOVER)
		due = msec_min(due, msec_min(handover_due(&l->handover), l->handover_ends));
	loop_timer_set(l->timer, due);
}

/* ---- out of service ---- */

static void
set_reason(struct line *l, const char *reason)
{
	bool news = l->reason == NULL || strcmp(l->reason, reason) != 0;

	free(l->reason_text);
	l->reason_text = strdup(reason);
	l->reason = l->reason_text != NULL ? l->reason_text : "no memory to say why";
	if (news && !l->shutting)
		log_warn("line out of service: event=line-out line=%s reason=\"%s\"", l->conf->name,
		    l->reason);
}

static void
try_later(struct line *l)
{
	l->state = LINE_OUT;
	l->operation_due = MSEC_NEVER;
	l->retry = msec_add(loop_now(l->loop), LINE_RETRY);
	line_arm(l);
}

/* Ends whatever the line was doing, because the device is gone or its driver hangs. */
void
line_fail(struct line *l, const char *reason)
{
	set_reason(l, reason);
	l->state = LINE_CLOSING;
	l->operation_due = l->retry = MSEC_NEVER;
	line_answer_all(l, reason);
	if (l->owner != NULL)
		l->owner->gone(l->owner_ctx, l->reason);
	port_close(l->port);
	line_arm(l);
	l->news->out(l->ctx, l);
}

static void
on_gone(void *ctx, const char *reason)
{
	struct line *l = ctx;

	if (l->state != LINE_CLOSING && l->state != LINE_OUT && l->state != LINE_SHUT)
		line_fail(l, reason);
}

static void
on_closed(void *ctx)
{
	struct line *l = ctx;

	if (l->shutting) {
		l->state = LINE_SHUT;
		l->news->closed(l->ctx, l);
		return;
	}
	try_later(l);
}

/* ---- opening ---- */

static void
open_port(struct line *l)
{
	l->state = LINE_OPENING;
	l->retry = MSEC_NEVER;
	l->operation_due = msec_add(loop_now(l->loop), LINE_OPERATION);
	port_open(l->port, &l->conf->format);
	line_arm(l);
}

/* Once is enough: it is as it is until somebody mends the directory. */
static void
tell_unlocked(struct line *l)
{
	const char *why = port_serial_unlocked(l->port);

	if (why != NULL && !l->unlocked)
		log_warn("no lock file, other programs may not see that the line is taken: "
		    "event=unlocked line=%s why=\"%s\"", l->conf->name, why);
	l->unlocked = why != NULL;
}

static void
on_opened(void *ctx, const char *reason, const struct port_state *state)
{
	struct line *l = ctx;

	if (l->state != LINE_OPENING)
		return;
	l->operation_due = MSEC_NEVER;
	if (reason != NULL) {
		set_reason(l, reason);
		try_later(l);
		l->news->out(l->ctx, l);
		return;
	}
	l->known = *state;
	log_debug("device open: event=open line=%s modem-lines=%s library=%s", l->conf->name,
	    state->lines ? "yes" : "no",
	    l->conf->type == CONF_SERIAL && port_serial_by_library(l->port) ? "yes" : "no");
	if (l->conf->type == CONF_SERIAL)
		tell_unlocked(l);
	if (l->seat.state == ARBITER_OUT)
		l->news->found(l->ctx, l);
	line_begin_handover(l);
}

static const struct port_news port_news = {
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

/* ---- time ---- */

static void
on_timer(void *ctx)
{
	struct line *l = ctx;
	msec_t now = loop_now(l->loop);

	if (msec_reached(l->operation_due, now) ||
	    (l->state == LINE_HANDOVER && msec_reached(l->handover_ends, now))) {
		line_fail(l, "the driver does not answer");
		return;
	}
	if (msec_reached(l->retry, now)) {
		open_port(l);
		return;
	}
	if (l->state == LINE_HANDOVER && msec_reached(handover_due(&l->handover), now)) {
		line_handover_waited(l);
		return;
	}
	line_arm(l);
}

/* ---- life ---- */

static struct port *
make_port(struct line *l, const char *lock_dir, struct exchange *exchange)
{
	switch (l->conf->type) {
	case CONF_VIRTUAL:
		return port_virtual_new(exchange, l->conf, &port_news, l);
	case CONF_LOOPBACK:
		return port_loopback_new(l->loop, &port_news, l);
	default:
		return port_serial_new(l->loop, l->conf->device, lock_dir,
		    l->conf->hangup_time > 0, &port_news, l);
	}
}

struct line *
line_new(struct loop *loop, const struct conf_line *conf, const char *lock_dir,
    struct exchange *exchange, const struct line_news *news, void *ctx)
{
	struct line *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->loop = loop;
	l->conf = conf;
	l->news = news;
	l->ctx = ctx;
	l->operation_due = l->retry = MSEC_NEVER;
	l->state = LINE_OUT;
	l->reason = "not opened yet";
	l->known.rfc.format = conf->format;
	l->timer = loop_timer_new(loop, on_timer, l);
	l->port = make_port(l, lock_dir, exchange);
	if (l->timer == NULL || l->port == NULL) {
		loop_timer_free(l->timer);
		port_free(l->port);
		free(l);
		return NULL;
	}
	return l;
}

void
line_start(struct line *l)
{
	/* Who comes right after the start waits as in any hand-over, unless the device is not there. */
	l->handover_ends = msec_add(loop_now(l->loop), LINE_OPERATION + line_handover_bound(l->conf));
	l->news->found(l->ctx, l);
	open_port(l);
}

static void
close_for_good(struct line *l)
{
	if (l->state == LINE_CLOSING)
		return;
	l->state = LINE_CLOSING;
	l->operation_due = MSEC_NEVER;
	line_arm(l);
	port_close(l->port);
}

static void
on_hung_up(void *ctx, const char *failed, const struct port_state *state)
{
	(void)failed; /* closing drops DTR as well, where the driver does it */
	(void)state;
	close_for_good(ctx);
}

void
line_shut(struct line *l)
{
	const struct port_op down = { .kind = PORT_SIGNALS, .mask = PORT_DTR | PORT_BRK };

	l->shutting = true;
	l->retry = MSEC_NEVER;
	switch (l->state) {
	case LINE_OUT:
		on_closed(l);
		break;
	case LINE_HANDOVER:
	case LINE_FREE:
	case LINE_OWNED:
		l->state = LINE_FREE;
		if (l->conf->hangup_time > 0)
			line_submit(l, &down, on_hung_up, l);
		else
			close_for_good(l);
		break;
	case LINE_OPENING:
		close_for_good(l);
		break;
	case LINE_CLOSING:
	case LINE_SHUT:
		break;
	}
}

void
line_ring(struct line *l, int fd)
{
	port_virtual_ring(l->port, fd);
}

void
line_free(struct line *l)
{
	if (l == NULL)
		return;
	loop_timer_free(l->timer);
	port_free(l->port);
	free(l->pending);
	free(l->reason_text);
	free(l);
}

/* ---- what others look at ---- */

const struct conf_line *
line_conf(const struct line *l)
{
	return l->conf;
}

struct arbiter_line *
line_seat(struct line *l)
{
	return &l->seat;
}

struct line *
line_of_seat(struct arbiter_line *seat)
{
	return (struct line *)(void *)((char *)seat - offsetof(struct line, seat));
}

struct arbiter_service *
line_queue(struct line *l)
{
	return &l->queue;
}

struct arbiter_member *
line_member(struct line *l)
{
	return &l->member;
}

const char *
line_reason(const struct line *l)
{
	return l->reason != NULL ? l->reason : "";
}

int64_t
line_handover_left(const struct line *l)
{
	int64_t left = msec_since(loop_now(l->loop), l->handover_ends);

	return l->seat.state == ARBITER_HANDOVER && left > 0 ? left : 0;
}

const struct port_state *
line_state(const struct line *l)
{
	return &l->known;
}

bool
line_trusts_carrier(const struct line *l)
{
	return l->trusted;
}

bool
line_tells_calls(const struct line *l)
{
	return l->conf->type == CONF_VIRTUAL;
}
