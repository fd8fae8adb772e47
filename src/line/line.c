/*
 * The life of a line: beginning, failing, ending; and its time.  See line.h.
 */
#include "line/line_parts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "io/dirwatch.h"
#include "io/log.h"
#include "ports/virtual.h"

/* ---- time ---- */

void
line_arm(struct line *l)
{
	msec_t due = msec_min(l->operation_due, l->due);

	if (l->state == LINE_HANDOVER && l->run != NULL)
		due = msec_min(due, handover_due(&l->run->machine));
	if (l->state == LINE_HANDOVER)
		due = msec_min(due, l->handover_ends);
	loop_timer_set(&l->timer, due);
}

/* due: when the state ends by itself, or never. */
void
line_enter(struct line *l, enum line_state state, msec_t due)
{
	bool news = state != l->state;

	l->state = state;
	l->due = due;
	line_arm(l);
	line_watch_device(l);
	if (news)
		l->house->news->changed(l->house->ctx, l);
}

static void
state_is_due(struct line *l)
{
	switch (l->state) {
	case LINE_OUT:
		line_open(l);
		break;
	case LINE_HANDOVER:
		line_handover_stuck(l);
		break;
	case LINE_CLOSING:
		line_not_closed(l);
		break;
	case LINE_QUARANTINE:
		line_begin_handover(l);
		break;
	case LINE_RINGING:
		line_rung_out(l);
		break;
	case LINE_RESTING:
	case LINE_FOREIGN:
		line_look_at_lock(l);
		break;
	default:
		break;
	}
}

static void
on_timer(void *ctx)
{
	struct line *l = ctx;
	msec_t now = loop_now(l->house->loop);

	if (msec_reached(l->operation_due, now) ||
	    (l->state == LINE_HANDOVER && msec_reached(l->handover_ends, now)))
		line_fail(l, "the driver does not answer");
	else if (msec_reached(l->due, now))
		state_is_due(l);
	else if (l->state == LINE_HANDOVER && l->run != NULL &&
	    msec_reached(handover_due(&l->run->machine), now))
		line_handover_waited(l);
	else
		line_arm(l);
}

/* ---- out of service ---- */

static char not_opened[] = "not opened yet", no_memory[] = "no memory to say why"; /* nobody changes them */

void
line_drop_reason(struct line *l)
{
	if (l->reason != not_opened && l->reason != no_memory)
		free(l->reason);
	l->reason = NULL;
}

void
line_set_reason(struct line *l, const char *reason)
{
	bool news = l->reason == NULL || strcmp(l->reason, reason) != 0;
	char *text = strdup(reason);

	line_drop_reason(l);
	l->reason = text != NULL ? text : no_memory;
	if (news && !l->shutting)
		log_warn("line out of service: event=line-out line=%s reason=\"%s\"", l->conf->name,
		    l->reason);
}

/* Ends whatever the line was doing, because the device is gone or its driver hangs. */
void
line_fail(struct line *l, const char *reason)
{
	line_set_reason(l, reason);
	line_end_run(l);
	l->preparing = false;
	line_enter(l, LINE_CLOSING, MSEC_NEVER);
	line_answer_all(l, reason);
	if (l->owner != NULL)
		l->house->owner->gone(l->owner, l->reason);
	line_close(l, LINE_THEN_TRY);
	l->house->news->out(l->house->ctx, l);
	line_tested(l, reason);
}

/* ---- life ---- */

struct line *
line_new(const struct line_house *house, const struct conf_line *conf)
{
	struct line *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->house = house;
	l->conf = conf;
	l->operation_due = l->due = l->handover_ends = MSEC_NEVER;
	l->state = LINE_OUT;
	l->reason = not_opened;
	l->known.rfc.format = conf->setup->format;
	arbiter_line_init(&l->seat, conf->setup->host_sharing);
	loop_timer_init(&l->timer, house->loop, on_timer, l);
	l->port = line_make_port(l);
	if (l->port == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

/* Who comes right after the start waits as in any hand-over, unless the device is not there. */
void
line_start(struct line *l)
{
	l->handover_ends = msec_add(loop_now(l->house->loop), LINE_OPERATION + line_handover_bound(l->conf));
	l->begun = true;
	l->used_by_others = true;
	l->house->news->found(l->house->ctx, l);
	line_open(l);
}

static void
close_for_good(struct line *l)
{
	if (l->state != LINE_CLOSING)
		line_close(l, LINE_THEN_TRY);
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
	line_end_run(l);
	line_tested(l, "the server ends");
	switch (l->state) {
	case LINE_OUT:
	case LINE_RESTING:
	case LINE_FOREIGN:
	case LINE_DISABLED:
		line_enter(l, LINE_SHUT, MSEC_NEVER);
		l->house->news->closed(l->house->ctx, l);
		break;
	case LINE_HANDOVER:
	case LINE_FREE:
	case LINE_RINGING:
	case LINE_QUARANTINE:
	case LINE_OWNED:
		line_enter(l, LINE_FREE, MSEC_NEVER);
		if (l->conf->setup->hangup_time > 0)
			line_submit(l, &down, on_hung_up, l);
		else
			close_for_good(l);
		break;
	case LINE_OPENING:
		close_for_good(l);
		break;
	case LINE_CLOSING:
		line_enter(l, LINE_CLOSING, MSEC_NEVER);
		break;
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
	line_tested(l, "the server ends");
	dirwatch_remove(l->device_watch);
	dirwatch_remove(l->lock_watch);
	loop_timer_set(&l->timer, MSEC_NEVER);
	port_free(l->port);
	line_end_run(l);
	free(l->ring);
	line_free_pending(l);
	line_drop_reason(l);
	free(l->counts);
	free(l->will);
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

msec_t
line_takeover(const struct line *l)
{
	return l->counts != NULL ? l->counts->takeover : (msec_t){ 0 };
}

void
line_taken_over(struct line *l, msec_t again)
{
	line_counts(l)->takeover = again;
}

struct line_counts *
line_counts(struct line *l)
{
	static struct line_counts nowhere; /* without memory it is not counted */

	if (l->counts == NULL)
		l->counts = calloc(1, sizeof *l->counts);
	return l->counts != NULL ? l->counts : &nowhere;
}

void
line_monitor(struct line *l, bool on)
{
	l->monitored = on;
}

const char *
line_reason(const struct line *l)
{
	return l->reason != NULL ? l->reason : "";
}

int64_t
line_handover_left(const struct line *l)
{
	int64_t left = msec_since(loop_now(l->house->loop), l->handover_ends);

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
	return l->conf->setup->type == CONF_VIRTUAL;
}
