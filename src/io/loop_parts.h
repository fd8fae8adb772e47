/*
 * What timer.c needs of loop.c.
 */
#ifndef IO_LOOP_PARTS_H
#define IO_LOOP_PARTS_H

#include "io/loop.h"

/* All that are set. */
struct heap *loop_timers(struct loop *);

/* After a change of them: wakes the loop when the first one is due. */
void loop_set_tick(struct loop *);

#endif
