/*
 * The clients whose wait ends, in a pairing heap: the earliest is at hand, one is added or taken out in
 * logarithmic time (amortised), and nothing is allocated.  due_prev is the sibling before, or the parent.
 */
#include "sharing/arbiter_inside.h"

static struct arbiter_client *
meld(struct arbiter_client *x, struct arbiter_client *y)
{
	struct arbiter_client *swap;

	if (x == NULL || y == NULL)
		return x != NULL ? x : y;
	if (msec_before(y->due, x->due)) {
		swap = x;
		x = y;
		y = swap;
	}
	y->due_prev = x;
	y->due_next = x->due_child;
	if (x->due_child != NULL)
		x->due_child->due_prev = y;
	x->due_child = y;
	return x;
}

/* The children of one that is taken out, melded to one tree: in pairs, then the pairs from the last. */
static struct arbiter_client *
meld_all(struct arbiter_client *first)
{
	struct arbiter_client *pairs = NULL, *all = NULL, *x, *y, *rest;

	for (; first != NULL; first = rest) {
		x = first;
		y = x->due_next;
		rest = y != NULL ? y->due_next : NULL;
		x = meld(x, y);
		x->due_next = pairs;
		pairs = x;
	}
	for (; pairs != NULL; pairs = rest) {
		rest = pairs->due_next;
		all = meld(all, pairs);
	}
	if (all != NULL)
		all->due_next = all->due_prev = NULL;
	return all;
}

void
arbiter_due_add(struct arbiter *a, struct arbiter_client *c)
{
	c->due_child = c->due_next = c->due_prev = NULL;
	a->due = meld(a->due, c);
}

void
arbiter_due_drop(struct arbiter *a, struct arbiter_client *c)
{
	struct arbiter_client *below = meld_all(c->due_child);

	if (a->due == c) {
		a->due = below;
		return;
	}
	if (c->due_prev->due_child == c)
		c->due_prev->due_child = c->due_next;
	else
		c->due_prev->due_next = c->due_next;
	if (c->due_next != NULL)
		c->due_next->due_prev = c->due_prev;
	a->due = meld(a->due, below);
}

msec_t
arbiter_due(const struct arbiter *a)
{
	return a->due != NULL ? a->due->due : MSEC_NEVER;
}
