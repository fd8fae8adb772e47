/*
 * Port operations in order, see portqueue.h.
 */
#include "line/portqueue.h"

#include <stdlib.h>

struct portqueue_item {
	portqueue_fn *fn;
	void *ctx;
	int64_t budget; /* ms it may take */
};

void
portqueue_init(struct portqueue *q, const struct rfc2217_format *format)
{
	*q = (struct portqueue){ .due = MSEC_NEVER };
	q->known.rfc.format = *format;
}

/* A port answers these at once, or refuses them: nothing waits for them. */
static bool
may_be_pending(const struct port_op *op)
{
	return (op->kind != PORT_PURGE || op->in_order) && op->kind != PORT_RESET && op->kind != PORT_WATCH;
}

static void
drop_memory(struct portqueue *q)
{
	if (q->count > 0)
		return;
	free(q->items);
	q->items = NULL;
	q->first = 0;
	q->due = MSEC_NEVER;
}

static bool
make_room(struct portqueue *q, const char **why)
{
	if (q->count == PORTQUEUE_MAX) {
		*why = "too much is asked of the line at once";
		return false;
	}
	if (q->items == NULL)
		q->items = calloc(PORTQUEUE_MAX, sizeof *q->items);
	if (q->items == NULL)
		*why = "no memory";
	return q->items != NULL;
}

int
portqueue_submit(struct portqueue *q, struct port *port, const struct port_op *op, msec_t now, portqueue_fn *fn,
    void *ctx, const char **why)
{
	int64_t budget = PORTQUEUE_TIME + op->drain_ms + op->ms;
	int r;

	if (may_be_pending(op) && !make_room(q, why))
		return PORT_REFUSED;
	r = port_submit(port, op, &q->known, why);
	if (r != PORT_PENDING) {
		drop_memory(q);
		return r;
	}
	q->items[(q->first + q->count) % PORTQUEUE_MAX] = (struct portqueue_item){ fn, ctx, budget };
	if (q->count++ == 0)
		q->due = msec_add(now, budget);
	return PORT_PENDING;
}

static struct portqueue_item
pop(struct portqueue *q)
{
	struct portqueue_item item = q->items[q->first];

	q->first = (uint8_t)((q->first + 1) % PORTQUEUE_MAX);
	q->count--;
	drop_memory(q);
	return item;
}

void
portqueue_done(struct portqueue *q, const char *failed, const struct port_state *state, msec_t now)
{
	struct portqueue_item item;

	q->known = *state;
	if (q->count == 0)
		return; /* refused already, when the driver hung */
	item = pop(q);
	if (q->count > 0)
		q->due = msec_add(now, q->items[q->first].budget);
	if (item.fn != NULL)
		item.fn(item.ctx, failed, &q->known);
}

/* As many as there are now: whoever is answered may ask again. */
void
portqueue_refuse_all(struct portqueue *q, const char *why)
{
	struct portqueue_item item;
	unsigned n;

	for (n = q->count; n > 0 && q->count > 0; n--) {
		item = pop(q);
		if (item.fn != NULL)
			item.fn(item.ctx, why, &q->known);
	}
}

void
portqueue_forget(struct portqueue *q, const void *ctx)
{
	unsigned i;

	for (i = 0; i < q->count; i++)
		if (q->items[(q->first + i) % PORTQUEUE_MAX].ctx == ctx)
			q->items[(q->first + i) % PORTQUEUE_MAX].fn = NULL;
}

msec_t
portqueue_due(const struct portqueue *q)
{
	return q->due;
}
