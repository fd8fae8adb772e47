/*
 * What the parts of the loop need of each other.
 */
#ifndef IO_LOOP_PARTS_H
#define IO_LOOP_PARTS_H

#include "io/loop.h"

/* What libevent runs on; its callbacks begin with loop_tick(), which reads the clock. */
struct event_base;
struct event_base *loop_base(struct loop *);
void loop_tick(struct loop *);

/* The epoll of descriptors of which hardly anything comes; what libevent calls when it has news. */
int loop_seldom(const struct loop *);
void loop_fd_rare(int epoll, short what, void *);

/* libevent's priority of a descriptor: may it come at once?  And what each callback begins with, by that. */
int loop_rank(const struct loop *, bool late);
void loop_begin(struct loop *, bool late);

/* All timers that are set. */
struct heap *loop_timers(struct loop *);

/* After a change of them: wakes the loop when the first one is due. */
void loop_set_tick(struct loop *);

#endif
