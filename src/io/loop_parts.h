/*
 * What the parts of the loop need of each other.
 */
#ifndef IO_LOOP_PARTS_H
#define IO_LOOP_PARTS_H

#include "io/loop.h"

/* What libevent runs on. */
struct event_base;
struct event_base *loop_base(struct loop *);

/* The epolls of descriptors of which hardly anything comes, and of those that come late and had to wait. */
int loop_seldom(const struct loop *);
int loop_late(const struct loop *);

/* Tells of one of them that has news. */
void loop_fd_serve(int epoll);

/* Is one that comes late called at the end of this turn, by loop_fd_tell()?  Else it has to wait; and not any more. */
bool loop_defer(struct loop *, struct loop_fd *, short what);
void loop_forget(struct loop *, const struct loop_fd *);
void loop_fd_tell(struct loop_fd *, short what);

/* It waits for its turn with the others. */
void loop_fd_wait(struct loop_fd *);

/* What the callback of a descriptor begins with: it reads the clock, and others are busy if it does not come late. */
void loop_begin(struct loop *, bool late);

/* All timers that are set. */
struct heap *loop_timers(struct loop *);

/* After a change of them: wakes the loop when the first one is due. */
void loop_set_tick(struct loop *);

#endif
