/*
 * What others look at of a line.
 */
#include "line/parts.h"

#include <stddef.h>
#include <stdlib.h>

enum snapshot_state
line_shown(const struct line *l)
{
	static const enum snapshot_state same[] = {
		[LIFE_NEW] = SNAPSHOT_OUT, [LIFE_OUT] = SNAPSHOT_OUT, [LIFE_OPENING] = SNAPSHOT_OUT,
		[LIFE_HANDOVER] = SNAPSHOT_HANDOVER, [LIFE_FREE] = SNAPSHOT_FREE,
		[LIFE_RINGING] = SNAPSHOT_RINGING, [LIFE_OWNED] = SNAPSHOT_IN_USE,
		[LIFE_QUARANTINE] = SNAPSHOT_QUARANTINE, [LIFE_RESTING] = SNAPSHOT_FREE,
		[LIFE_FOREIGN] = SNAPSHOT_FOREIGN, [LIFE_DISABLED] = SNAPSHOT_DISABLED,
		[LIFE_CLOSING] = SNAPSHOT_OUT, [LIFE_HANGUP] = SNAPSHOT_OUT, [LIFE_SHUT] = SNAPSHOT_OUT,
	};
	enum snapshot_state state = l->life.tried ? SNAPSHOT_FOREIGN : same[l->life.state];

	/* What clients see is the arbiter's word, where that says more. */
	switch (l->seat.state) {
	case ARBITER_HANDOVER:
		return state == SNAPSHOT_OUT ? SNAPSHOT_HANDOVER : state;
	case ARBITER_FREE:
		return SNAPSHOT_FREE;
	case ARBITER_OWNED:
		/* He has it in this very turn; or had it until it failed, and leaves in this one. */
		if (l->owner == NULL)
			return state == SNAPSHOT_FREE ? SNAPSHOT_HANDOVER : state;
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

/* When it is to be had at the latest, of one that is on its way: a ring may come before, and is waited for. */
static msec_t
ready_at(const struct line *l)
{
	msec_t rung;

	if (l->life.state != LIFE_RINGING)
		return l->handover_ends;
	rung = msec_add(l->bell->since, LINE_RINGS);
	return l->life.proven ? rung : msec_add(rung, wayback_bound(l->conf));
}

static int64_t
ready_in(const struct line *l, enum snapshot_state state)
{
	switch (state) {
	case SNAPSHOT_HANDOVER:
	case SNAPSHOT_RINGING:
		return left(l, ready_at(l));
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
	return l->queue.known.lines && (l->life.state == LIFE_HANDOVER || l->life.state == LIFE_FREE ||
	    l->life.state == LIFE_RINGING || l->life.state == LIFE_OWNED || l->life.state == LIFE_QUARANTINE);
}

void
line_snapshot(struct line *l, char settings[static SETTINGS_TEXT], struct snapshot_line *to)
{
	enum snapshot_state state = line_shown(l);
	bool out = state == SNAPSHOT_OUT || state == SNAPSHOT_QUARANTINE || state == SNAPSHOT_FOREIGN ||
	    state == SNAPSHOT_DISABLED;

	settings_text(settings, &l->queue.known.rfc.format);
	*to = (struct snapshot_line){
		.name = l->conf->name, .kind = l->conf->setup->kind == CONF_MODEM ? "modem" : "console",
		.device = l->conf->setup->type == CONF_VIRTUAL ? "virtual" :
		    l->conf->setup->type == CONF_LOOPBACK ? "loopback" : l->conf->device,
		.state = state, .reason = out ? line_reason(l) : "", .ready_in = ready_in(l, state),
		.settings = settings, .lamps_known = is_lit(l), .lamps = lamps(&l->queue.known.rfc),
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

static bool
is_shown_alike(const struct port_state *a, const struct port_state *b)
{
	const struct rfc2217_format *f = &a->rfc.format, *g = &b->rfc.format;

	return a->lines == b->lines && lamps(&a->rfc) == lamps(&b->rfc) && f->baud == g->baud &&
	    f->datasize == g->datasize && f->parity == g->parity && f->stopsize == g->stopsize &&
	    f->outflow == g->outflow && f->inflow == g->inflow;
}

void
line_altered_from(struct line *l, const struct port_state *before)
{
	if (!is_shown_alike(before, &l->queue.known))
		l->house->news->altered(l->house->ctx, l);
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
	int64_t ms = left(l, ready_at(l));

	return l->seat.state == ARBITER_HANDOVER && ms > 0 ? ms : 0;
}

int64_t
line_handover_bound(const struct conf_line *conf)
{
	return wayback_bound(conf) + (wayback_real_modem(conf) ? LINE_RINGS : 0);
}

const struct port_state *
line_state(const struct line *l)
{
	return &l->queue.known;
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

struct generation *
line_generation(const struct line *l)
{
	return l->will->generation;
}

bool
line_has_begun(const struct line *l)
{
	return l->begun;
}

bool
line_succeeds(const struct line *l)
{
	return l->succeeds;
}

bool
line_retired(const struct line *l)
{
	return l->retired;
}

void
line_ring(struct line *l, int fd)
{
	port_virtual_ring(l->port, fd);
}
