/*
 * A heap of points in time: what is due first.  Its nodes lie in the objects that wait, so that nothing
 * here can fail for want of memory.  A pairing heap: adding is constant, the rest logarithmic,
 * amortised.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

/* Read `due` freely, of a node that is in a heap; write nothing. */
struct heap_node {
	msec_t due;
	struct heap_node *child, *next; /* its first child, its next sibling */
	struct heap_node **back;        /* what points to it; NULL: in no heap */
};

/* Read `n`: how many are in it. */
struct heap {
	struct heap_node *first; /* what is due first; NULL: empty */
	size_t n;
};

/* All zero is an empty heap, and a node in none. */

static inline bool
heap_has(const struct heap_node *node)
{
	return node->back != NULL;
}

/* A node that is in no heap, and is not moved while it is in this one. */
void heap_add(struct heap *, struct heap_node *, msec_t due);

/* A node that is in this heap. */
void heap_remove(struct heap *, struct heap_node *);

#endif
