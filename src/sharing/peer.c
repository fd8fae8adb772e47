/*
 * Judges whether a client is still there and takes what it is sent, see peer.h.
 *
 * "Nothing taken since" is known only as well as looks are close, so they are close in comparison
 * with the time that they judge: a verdict is at most an eighth late.
 */
#include "sharing/peer.h"

#define CLOSE_ENOUGH 8
#define SPACING_MIN 250   /* ms */
#define SPACING_MAX 10000 /* ms */

void
peer_init(struct peer *p, const struct conf_rules *rules)
{
	*p = (struct peer){ .due = MSEC_NEVER };
	peer_rules(p, rules);
}

void
peer_rules(struct peer *p, const struct conf_rules *rules)
{
	const struct conf_keepalive *k = &rules->keepalive;

	p->stall = rules->stall;
	p->dead = k->idle > 0 ? (k->idle + (int64_t)k->interval * k->probes) * 1000 : 0;
}

static msec_t
after(msec_t from, int64_t ms)
{
	return ms > 0 ? msec_add(from, ms) : MSEC_NEVER;
}

/* When the next verdict can be due at the earliest; acked: the peer's last acknowledgement. */
static msec_t
verdict(const struct peer *p, msec_t acked)
{
	return msec_min(after(p->since, p->stall), after(msec_max(p->since, acked), p->dead));
}

static msec_t
next_look(const struct peer *p, msec_t now)
{
	int64_t shortest = p->stall;

	if (shortest == 0 || (p->dead > 0 && p->dead < shortest))
		shortest = p->dead;
	shortest /= CLOSE_ENOUGH;
	if (shortest < SPACING_MIN)
		shortest = SPACING_MIN;
	if (shortest > SPACING_MAX)
		shortest = SPACING_MAX;
	return msec_add(now, shortest);
}

static void
quiet(struct peer *p)
{
	p->watching = false;
	p->due = MSEC_NEVER;
}

bool
peer_queued(struct peer *p, const struct peer_sample *s, msec_t now)
{
	if (p->watching || s->waiting == 0 || (p->dead == 0 && p->stall == 0))
		return false;
	p->watching = true;
	p->since = now;
	p->taken = s->queued - s->waiting;
	p->due = msec_min(next_look(p, now), verdict(p, now));
	return true;
}

enum peer_verdict
peer_look(struct peer *p, const struct peer_sample *s, msec_t now)
{
	msec_t acked = { now.v - s->ack_age };

	if (s->waiting == 0) {
		quiet(p);
		return PEER_QUIET;
	}
	if (!p->watching)
		return peer_queued(p, s, now) ? PEER_ALIVE : PEER_QUIET;
	if (s->queued - s->waiting > p->taken) {
		p->taken = s->queued - s->waiting;
		p->since = now;
	}
	p->due = msec_min(next_look(p, now), verdict(p, acked));
	if (!msec_reached(verdict(p, acked), now))
		return PEER_ALIVE;
	quiet(p);
	if (msec_reached(after(msec_max(p->since, acked), p->dead), now))
		return PEER_DEAD;
	return PEER_STALLED;
}

msec_t
peer_due(const struct peer *p)
{
	return p->due;
}
