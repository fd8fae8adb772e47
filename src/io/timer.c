/*
 * Timers of the loop, see loop.h; all of them in one heap.
 */
#include <stdlib.h>

#include "io/loop_parts.h"

void
loop_timer_init(struct loop_timer *t, struct loop *l, loop_fn *fn, void *ctx)
{
	*t = (struct loop_timer){ .loop = l, .fn = fn, .ctx = ctx };
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *ctx)
{
	struct loop_timer *t = malloc(sizeof *t);

	if (t != NULL)
		loop_timer_init(t, l, fn, ctx);
	return t;
}

void
loop_timer_set(struct loop_timer *t, msec_t due)
{
	struct heap *timers = loop_timers(t->loop);

	if (due.v == (heap_has(&t->node) ? t->node.due : MSEC_NEVER).v)
		return;
	if (heap_has(&t->node))
		heap_remove(timers, &t->node);
	if (!msec_is_never(due))
		heap_add(timers, &t->node, due);
	loop_set_tick(t->loop);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t != NULL)
		loop_timer_set(t, MSEC_NEVER);
	free(t);
}
