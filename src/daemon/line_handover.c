/*
 * The way back of a line: carries out the steps of modem/handover.h on its port.
 */
#include "daemon/line_parts.h"
#include "io/log.h"

#define IN_PROGRESS 2500 /* ms that output which drains, and then a break of the owner, may take */

static void step(struct line *, enum handover_do);

int64_t
line_handover_bound(const struct conf_line *conf)
{
	return IN_PROGRESS + conf->hangup_time + LINE_OPERATION;
}

static void
end_handover(struct line *l)
{
	l->trusted = l->handover.carrier_off && l->known.lines;
	if (l->conf->kind == CONF_MODEM && l->known.lines && !l->handover.carrier_off)
		log_warn("carrier is on after the hand-over, calls cannot be told by it: "
		    "event=carrier-untrusted line=%s", l->conf->name);
	l->state = LINE_FREE;
	l->reason = NULL;
	line_arm(l);
	log_debug("line ready: event=line-ready line=%s", l->conf->name);
	l->news->ready(l->ctx, l);
}

static void
on_step_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct line *l = ctx;

	if (l->state != LINE_HANDOVER)
		return;
	if (failed != NULL)
		log_debug("a step of the hand-over was refused: event=handover line=%s error=\"%s\"",
		    l->conf->name, failed);
	step(l, handover_next(&l->handover, (state->rfc.modem & RFC2217_DCD) != 0,
	    loop_now(l->loop)));
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
	case HANDOVER_SETTINGS:
		op.kind = PORT_APPLY;
		op.format = l->conf->format;
		break;
	case HANDOVER_SIGNALS:
		op.kind = PORT_SIGNALS;
		op.mask = PORT_DTR | PORT_RTS;
		op.values = (uint8_t)(PORT_RTS | (l->conf->dtr_when_free ? PORT_DTR : 0));
		break;
	default:
		break;
	}
	return op;
}

static void
step(struct line *l, enum handover_do what)
{
	struct port_op op;

	if (what == HANDOVER_READY) {
		end_handover(l);
	} else if (what == HANDOVER_WAIT) {
		line_arm(l);
	} else {
		op = op_for(l, what);
		line_submit(l, &op, on_step_done, l);
	}
}

void
line_begin_handover(struct line *l)
{
	msec_t now = loop_now(l->loop);

	l->state = LINE_HANDOVER;
	l->handover_ends = msec_add(now, line_handover_bound(l->conf));
	l->rules = (struct handover_rules){
		.hangup_time = l->conf->hangup_time,
		.dtr_when_free = l->conf->dtr_when_free,
	};
	step(l, handover_start(&l->handover, &l->rules, now));
}

void
line_handover_waited(struct line *l)
{
	step(l, handover_next(&l->handover, false, loop_now(l->loop)));
}
