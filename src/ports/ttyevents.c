/*
 * The queue from a worker to the loop, see ttyevents.h.
 */
#include "ports/ttyevents.h"

void
ttyevents_init(struct ttyevents *q, struct loop *loop, loop_fn *fn, void *ctx)
{
	q->loop = loop;
	q->note = (struct loop_note){ .fn = fn, .ctx = ctx };
	q->posted = false;
	q->first = q->n = 0;
}

/* The latest of its kind that waits, or NULL. */
static struct ttyevent *
find(struct ttyevents *q, enum ttyevent_kind kind)
{
	struct ttyevent *e;
	unsigned i;

	for (i = q->n; i > 0; i--) {
		e = &q->list[(q->first + i - 1) % TTYEVENTS];
		if (e->kind == kind)
			return e;
	}
	return NULL;
}

/* Can an event that waits take the new one in? */
static bool
merge(struct ttyevents *q, const struct ttyevent *new)
{
	struct ttyevent *e = NULL;
	bool watched = new->kind == TTYEVENT_MODEM || new->kind == TTYEVENT_ERRORS;

	if (new->kind == TTYEVENT_PURGED || new->kind == TTYEVENT_FAILS || (watched && q->n >= TTYEVENTS_WATCHED))
		e = find(q, new->kind);
	if (e == NULL)
		return false;
	e->bits = new->kind == TTYEVENT_ERRORS ? (uint8_t)(e->bits | new->bits) : new->bits;
	e->deltas |= new->deltas;
	return true;
}

void
ttyevents_put(struct ttyevents *q, const struct ttyevent *new)
{
	if (merge(q, new))
		return;
	q->list[(q->first + q->n++) % TTYEVENTS] = *new;
	if (q->posted || (q->held && (new->kind == TTYEVENT_DONE || new->kind == TTYEVENT_PURGED)))
		return;
	q->posted = true;
	loop_post(q->loop, &q->note);
}

bool
ttyevents_take(struct ttyevents *q, struct ttyevent *e, bool *more)
{
	bool any = q->n > 0;

	if (any) {
		*e = q->list[q->first];
		q->first = (q->first + 1) % TTYEVENTS;
		q->n--;
	}
	*more = q->posted = q->n > 0;
	return any;
}

void
ttyevents_clear(struct ttyevents *q)
{
	q->first = q->n = 0;
}
