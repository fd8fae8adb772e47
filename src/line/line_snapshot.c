/*
 * A line for the snapshot.
 */
#include "line/line_parts.h"

#include <stdio.h>

#define ASK_AGAIN 1000 /* ms: lamps that nobody watches are asked for so often at most */

enum snapshot_state
line_shown(const struct line *l)
{
	static const enum snapshot_state same[] = {
		[LINE_OUT] = SNAPSHOT_OUT, [LINE_OPENING] = SNAPSHOT_OUT,
		[LINE_HANDOVER] = SNAPSHOT_HANDOVER, [LINE_FREE] = SNAPSHOT_FREE,
		[LINE_RINGING] = SNAPSHOT_RINGING, [LINE_OWNED] = SNAPSHOT_IN_USE,
		[LINE_QUARANTINE] = SNAPSHOT_QUARANTINE, [LINE_RESTING] = SNAPSHOT_FREE,
		[LINE_FOREIGN] = SNAPSHOT_FOREIGN, [LINE_CLOSING] = SNAPSHOT_OUT,
		[LINE_DISABLED] = SNAPSHOT_DISABLED, [LINE_SHUT] = SNAPSHOT_OUT,
	};
	enum snapshot_state state = same[l->state];

	/* What clients see is the arbiter's word, where that says more. */
	switch (l->seat.state) {
	case ARBITER_HANDOVER:
		return state == SNAPSHOT_OUT ? SNAPSHOT_HANDOVER : state;
	case ARBITER_FREE:
		return SNAPSHOT_FREE;
	case ARBITER_OWNED:
		return SNAPSHOT_IN_USE;
	case ARBITER_OUT:
		break;
	}
	/* Tested again: out of service as before. */
	return state == SNAPSHOT_HANDOVER ? SNAPSHOT_QUARANTINE : state;
}

static int64_t
left(const struct line *l, msec_t due)
{
	int64_t ms = msec_is_never(due) ? -1 : msec_since(loop_now(l->house->loop), due);

	return ms > 0 ? ms : msec_is_never(due) ? -1 : 0;
}

static int64_t
ready_in(const struct line *l, enum snapshot_state state)
{
	switch (state) {
	case SNAPSHOT_HANDOVER:
		return left(l, l->handover_ends);
	case SNAPSHOT_RINGING:
	case SNAPSHOT_QUARANTINE:
		return left(l, l->due);
	default:
		return -1;
	}
}

static uint8_t
lamps(const struct rfc2217_state *s)
{
	return (uint8_t)((s->dtr ? SNAPSHOT_DTR : 0) | (s->rts ? SNAPSHOT_RTS : 0) |
	    ((s->modem & RFC2217_CTS) != 0 ? SNAPSHOT_CTS : 0) |
	    ((s->modem & RFC2217_DSR) != 0 ? SNAPSHOT_DSR : 0) |
	    ((s->modem & RFC2217_DCD) != 0 ? SNAPSHOT_DCD : 0) |
	    ((s->modem & RFC2217_RI) != 0 ? SNAPSHOT_RI : 0));
}

static bool
is_lit(const struct line *l)
{
	return l->known.lines && (l->state == LINE_HANDOVER || l->state == LINE_FREE ||
	    l->state == LINE_RINGING || l->state == LINE_OWNED || l->state == LINE_QUARANTINE);
}

static void
describe_settings(char dst[static LINE_SETTINGS], const struct rfc2217_format *f)
{
	static const char parities[] = "?NOEMS", *const stops[] = { "?", "1", "2", "1.5" };
	const char *flow = f->outflow == 3 ? "rtscts" :
	    f->outflow == 2 ? "xonxoff" : "none";

	snprintf(dst, LINE_SETTINGS, "%lu %u%c%s %s", (unsigned long)f->baud, f->datasize,
	    parities[f->parity < sizeof parities - 1 ? f->parity : 0],
	    stops[f->stopsize <= 3 ? f->stopsize : 0], flow);
}

void
line_snapshot(struct line *l, char settings[static LINE_SETTINGS], struct snapshot_line *to)
{
	enum snapshot_state state = line_shown(l);
	bool out = state == SNAPSHOT_OUT || state == SNAPSHOT_QUARANTINE || state == SNAPSHOT_FOREIGN ||
	    state == SNAPSHOT_DISABLED;

	describe_settings(settings, &l->known.rfc.format);
	*to = (struct snapshot_line){
		.name = l->conf->name, .kind = l->conf->setup->kind == CONF_MODEM ? "modem" : "console",
		.device = l->conf->setup->type == CONF_VIRTUAL ? "virtual" :
		    l->conf->setup->type == CONF_LOOPBACK ? "loopback" : l->conf->device,
		.state = state, .reason = out ? line_reason(l) : "", .ready_in = ready_in(l, state),
		.settings = settings, .lamps_known = is_lit(l), .lamps = lamps(&l->known.rfc),
		.owner = { .number = "", .result = "" },
	};
	if (l->counts == NULL)
		return;
	to->claims = l->counts->claims;
	to->refusals = l->counts->refusals;
	to->cuts = l->counts->cuts;
	to->failures = l->counts->failures;
	to->from_clients = l->counts->from_clients;
	to->to_clients = l->counts->to_clients;
}

/* So that the lamps of the next snapshot are true, of a line that nobody watches. */
void
line_look_at_lamps(struct line *l)
{
	const struct port_op tell = { .kind = PORT_TELL };
	msec_t now = loop_now(l->house->loop);

	if ((l->state != LINE_FREE && l->state != LINE_OWNED) || l->count > 0 ||
	    !msec_reached(l->lamps_due, now))
		return;
	l->lamps_due = msec_add(now, ASK_AGAIN);
	line_submit(l, &tell, NULL, NULL);
}
