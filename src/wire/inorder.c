/*
 * The order of data and commands towards a line, see inorder.h.
 *
 * Data has positions, counted from the beginning of the session; an item remembers the position
 * it stands behind.  That stays true when data is purged or items overtake.
 */
#include "wire/inorder.h"

#include <stdlib.h>

void
inorder_init(struct inorder *q)
{
	*q = (struct inorder){ .first = 0 };
	ring_init(&q->data, INORDER_DATA);
}

static void
drop_items(struct inorder *q)
{
	free(q->items);
	q->items = NULL;
	q->first = 0;
	q->count = 0;
	q->pending = false;
}

void
inorder_clear(struct inorder *q)
{
	q->taken += q->data.used;
	ring_clear(&q->data);
	drop_items(q);
}

bool
inorder_idle(const struct inorder *q)
{
	return q->data.used == 0 && q->count == 0;
}

size_t
inorder_data(struct inorder *q, const uint8_t *b, size_t n, msec_t now)
{
	if (q->data.used == 0)
		q->progress = now;
	return ring_put(&q->data, b, n);
}

uint8_t *
inorder_reserve(struct inorder *q, size_t *n)
{
	return ring_reserve(&q->data, n);
}

void
inorder_commit(struct inorder *q, size_t n, msec_t now)
{
	if (q->data.used == 0)
		q->progress = now;
	ring_commit(&q->data, n);
}

static struct inorder_item *
item_at(const struct inorder *q, unsigned i)
{
	return &q->items[(q->first + i) % INORDER_COMMANDS];
}

static uint64_t
end_of_data(const struct inorder *q)
{
	return q->taken + q->data.used;
}

static bool
append(struct inorder *q, const struct inorder_item *item)
{
	if (q->count == INORDER_COMMANDS)
		return false;
	if (q->items == NULL && (q->items = calloc(INORDER_COMMANDS, sizeof *q->items)) == NULL)
		return false;
	*item_at(q, q->count++) = *item;
	return true;
}

bool
inorder_command(struct inorder *q, const struct rfc2217_command *c, msec_t now)
{
	struct inorder_item item = {
		.kind = INORDER_COMMAND,
		.command = *c,
		.latest = msec_add(now, INORDER_LATEST),
		.after = end_of_data(q),
	};

	item.command.text = NULL; /* it points into input that is gone by then */
	return append(q, &item);
}

static bool
ends_in_break(const struct inorder *q)
{
	const struct inorder_item *last;

	if (q->count == 0 || (q->count == 1 && q->pending))
		return false;
	last = item_at(q, q->count - 1U);
	return last->kind == INORDER_BREAK && last->after == end_of_data(q);
}

bool
inorder_break(struct inorder *q, msec_t now)
{
	struct inorder_item item = {
		.kind = INORDER_BREAK,
		.latest = msec_add(now, INORDER_LATEST),
		.after = end_of_data(q),
	};

	return ends_in_break(q) || append(q, &item);
}

void
inorder_purge(struct inorder *q, msec_t now)
{
	q->taken += q->data.used;
	ring_clear(&q->data);
	q->progress = now;
}

/* Is there data before the front item? */
static bool
is_behind_data(const struct inorder *q)
{
	return q->count > 0 && item_at(q, 0)->after > q->taken;
}

static msec_t
stuck_at(const struct inorder *q)
{
	msec_t arrived = { item_at(q, 0)->latest.v - INORDER_LATEST };

	return msec_add(msec_max(q->progress, arrived), INORDER_STUCK);
}

static enum inorder_step
choose(const struct inorder *q, msec_t now, bool writable)
{
	size_t n;

	if (q->pending)
		return INORDER_NOTHING;
	if (q->count > 0 && !is_behind_data(q))
		return INORDER_ITEM_READY;
	if (q->count > 0 && msec_reached(item_at(q, 0)->latest, now))
		return INORDER_ITEM_READY;
	if (writable && inorder_peek(q, &n) != NULL)
		return INORDER_DATA_READY;
	if (q->count > 0 && msec_reached(stuck_at(q), now))
		return INORDER_ITEM_READY;
	return INORDER_NOTHING;
}

enum inorder_step
inorder_next(struct inorder *q, msec_t now, bool writable, struct inorder_item *item,
    int *drain_ms)
{
	enum inorder_step step = choose(q, now, writable);
	int64_t left;

	if (step != INORDER_ITEM_READY)
		return step;
	*item = *item_at(q, 0);
	left = is_behind_data(q) ? 0 : msec_since(now, item->latest);
	*drain_ms = left > 0 ? (int)left : 0;
	q->pending = true;
	return step;
}

const uint8_t *
inorder_peek(const struct inorder *q, size_t *n)
{
	const uint8_t *b = ring_peek(&q->data, n);

	if (q->count > 0) {
		uint64_t before = is_behind_data(q) ? item_at(q, 0)->after - q->taken : 0;

		if (q->pending)
			before = 0;
		if (*n > before)
			*n = (size_t)before;
	}
	return *n > 0 ? b : NULL;
}

void
inorder_sent(struct inorder *q, size_t n, msec_t now)
{
	if (n == 0)
		return;
	ring_drop(&q->data, n);
	q->taken += n;
	q->progress = now;
}

void
inorder_answered(struct inorder *q, msec_t now)
{
	if (!q->pending)
		return;
	if (!is_behind_data(q))
		q->progress = now;
	q->pending = false;
	q->first = (uint8_t)((q->first + 1) % INORDER_COMMANDS);
	if (--q->count == 0)
		drop_items(q);
}

msec_t
inorder_due(const struct inorder *q)
{
	if (q->pending || !is_behind_data(q))
		return MSEC_NEVER;
	return msec_min(item_at(q, 0)->latest, stuck_at(q));
}
