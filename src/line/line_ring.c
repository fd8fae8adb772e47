/*
 * A free modem that rings: whoever dialled now would answer a call that is not for him, so the line
 * is granted only when it has been quiet for a while.
 *
 * Only real modems are listened to.  The built-in one rings for whoever claims it to answer.
 */
#include "line/line_parts.h"

#include <stdlib.h>

#include "io/log.h"

#define RINGS_AT_MOST 180000 /* ms: no caller waits longer, so it is the modem that is wrong */

static bool
listens(const struct line *l)
{
	return l->conf->setup->kind == CONF_MODEM && l->conf->setup->type == CONF_SERIAL;
}

static void
become_free(struct line *l)
{
	if (l->disabled) {
		line_park(l);
		return;
	}
	line_tested(l, NULL);
	if (l->state != LINE_FREE)
		return;
	if (l->seat.state == ARBITER_OUT)
		l->house->news->found(l->house->ctx, l);
	l->house->news->ready(l->house->ctx, l);
	if (l->state == LINE_FREE && l->conf->setup->host_sharing)
		line_rest(l);
}

/* Free from now on, or when it has stopped ringing. */
void
line_free_now(struct line *l, msec_t rings)
{
	struct port_op watch = { .kind = PORT_WATCH, .modem = true, .seldom = true };
	msec_t now = loop_now(l->house->loop);

	if (!listens(l))
		rings = now;
	if (listens(l) && l->ring == NULL && (l->ring = calloc(1, sizeof *l->ring)) != NULL)
		ringwatch_init(&l->ring->watch);
	if (l->ring != NULL) {
		l->ring->since = now;
		l->ring->watch.until = rings;
	}
	if (l->ring != NULL && l->known.lines)
		line_submit(l, &watch, NULL, NULL);
	if (msec_before(now, rings)) {
		l->handover_ends = msec_add(now, RINGS_AT_MOST); /* what is told of it */
		if (l->seat.state == ARBITER_OUT)
			l->house->news->found(l->house->ctx, l);
		line_enter(l, LINE_RINGING, rings);
		return;
	}
	line_enter(l, LINE_FREE, MSEC_NEVER);
	become_free(l);
}

static void
heard(struct line *l)
{
	msec_t now = loop_now(l->house->loop), until = ringwatch_until(&l->ring->watch, now);

	if (l->shutting || !msec_before(now, until))
		return;
	if (l->state == LINE_FREE) {
		log_info("it rings, and is granted when it has stopped: event=ringing line=%s",
		    l->conf->name);
		l->ring->since = now;
		l->handover_ends = msec_add(now, RINGS_AT_MOST);
		line_enter(l, LINE_RINGING, until);
		l->house->news->unready(l->house->ctx, l);
	} else if (l->state == LINE_RINGING) {
		line_enter(l, LINE_RINGING, msec_min(until, msec_add(l->ring->since, RINGS_AT_MOST)));
	}
}

void
line_ring_data(struct line *l, const uint8_t *b, size_t n)
{
	if (l->ring == NULL)
		return;
	ringwatch_data(&l->ring->watch, b, n, loop_now(l->house->loop));
	heard(l);
}

/* A line that is stuck on does not ring: only its changes count. */
void
line_ring_signal(struct line *l, uint8_t state, uint8_t deltas)
{
	bool rose = (state & ~l->known.rfc.modem & RFC2217_RI) != 0;

	if (l->ring == NULL || (!rose && (deltas & RFC2217_RI_FELL) == 0))
		return;
	ringwatch_ri(&l->ring->watch, loop_now(l->house->loop));
	heard(l);
}

/* A modem that never stops has to prove that it is in order. */
void
line_rung_out(struct line *l)
{
	msec_t now = loop_now(l->house->loop);

	if (l->ring != NULL && msec_since(l->ring->since, now) >= RINGS_AT_MOST) {
		line_begin_handover(l);
		return;
	}
	log_debug("it rings no more: event=line-ready line=%s", l->conf->name);
	line_enter(l, LINE_FREE, MSEC_NEVER);
	become_free(l);
}
