/*
 * The queue of a service: who waits, at which place, and for which lines that makes contention.
 */
#include "sharing/arbiter_inside.h"

#include <stddef.h>

/* Somebody waits in the service now, or nobody any more. */
static void
contend(struct arbiter *a, struct arbiter_service *s, bool somebody)
{
	struct arbiter_member *m;
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		m = &s->members[i];
		if (somebody)
			m->line->waited++;
		else
			m->line->waited--;
		arbiter_tell_line(a, m->line);
	}
}

/* Behind everybody but the last who cool down: they let one pass who does not. */
static void
insert(struct arbiter_service *s, struct arbiter_client *c, msec_t now)
{
	struct arbiter_client *after = TAILQ_LAST(&s->queue, arbiter_clients);

	if (!msec_before(now, c->cools)) {
		while (after != NULL && msec_before(now, after->cools))
			after = TAILQ_PREV(after, arbiter_clients, entry);
	}
	if (after != NULL)
		TAILQ_INSERT_AFTER(&s->queue, after, c, entry);
	else
		TAILQ_INSERT_HEAD(&s->queue, c, entry);
}

/* Has come, and is to be put into the queue. */
static void
come(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c,
    const struct arbiter_rules *rules, msec_t now)
{
	c->place = ARBITER_WAITS;
	c->held = arbiter_moving(s) > 0;
	c->patient = rules->queue;
	c->told_number = 0;
	if (c->patient && rules->wait > 0)
		heap_add(&a->waits, &c->wait, msec_add(now, rules->wait));
}

static void
queued(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c)
{
	if (s->waiting++ == 0)
		contend(a, s, true);
	arbiter_answer(a, c, ARBITER_WAIT);
	arbiter_in_order(a, s);
}

void
arbiter_enter(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c,
    const struct arbiter_rules *rules, msec_t now)
{
	come(a, s, c, rules, now);
	c->arrival = ++a->arrivals;
	c->cools = s->rules.cool_down > 0 ? arbiter_cools(a, &c->identity) : now;
	insert(s, c, now);
	queued(a, s, c);
}

/* He has waited for as long as he owned it. */
void
arbiter_enter_first(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c,
    const struct arbiter_rules *rules, msec_t now)
{
	come(a, s, c, rules, now);
	c->arrival = 0;
	c->cools = now;
	TAILQ_INSERT_HEAD(&s->queue, c, entry);
	queued(a, s, c);
}

void
arbiter_take_out(struct arbiter *a, struct arbiter_client *c)
{
	struct arbiter_service *s = c->service;

	if (heap_has(&c->wait))
		heap_remove(&a->waits, &c->wait);
	TAILQ_REMOVE(&s->queue, c, entry);
	if (--s->waiting == 0)
		contend(a, s, false);
	c->place = ARBITER_NOWHERE;
	c->number = 0;
	c->held = false;
}

void
arbiter_in_order(struct arbiter *a, struct arbiter_service *s)
{
	struct arbiter_client *c;
	uint32_t place = 0;

	TAILQ_FOREACH(c, &s->queue, entry) {
		if (c->number == ++place)
			continue;
		c->number = place;
		arbiter_answer(a, c, ARBITER_WAIT);
	}
}

bool
arbiter_waits_already(const struct arbiter_service *s, const struct arbiter_identity *identity)
{
	const struct arbiter_client *c;

	TAILQ_FOREACH(c, &s->queue, entry) {
		if (arbiter_same(&c->identity, identity))
			return true;
	}
	return false;
}

bool
arbiter_before(const struct arbiter_client *a, const struct arbiter_client *b, msec_t now)
{
	bool a_cools = msec_before(now, a->cools), b_cools = msec_before(now, b->cools);

	return a_cools != b_cools ? b_cools : a->arrival < b->arrival;
}

struct arbiter_client *
arbiter_first_wait(const struct arbiter *a)
{
	char *node = (char *)a->waits.first;

	return node != NULL ? (void *)(node - offsetof(struct arbiter_client, wait)) : NULL;
}

msec_t
arbiter_due(const struct arbiter *a)
{
	return a->waits.first != NULL ? a->waits.first->due : MSEC_NEVER;
}
