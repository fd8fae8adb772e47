/*
 * A thread beside the loop that does one thing at a time, at a lower priority than the loop: what takes milliseconds
 * and touches nothing that the loop does.  Made when it is first needed; where none is to be had the loop does it.
 */
#ifndef IO_ARTIST_H
#define IO_ARTIST_H

#include <stdbool.h>
#include <stdint.h>

#include "io/loop.h"

struct artist;

#define ARTIST_NICE 10 /* so much nicer than the loop; at 19 a look would take seconds on a host that is busy */

/* NULL without memory.  work(ctx) is done in the thread, and then done(ctx) is called from the loop. */
struct artist *artist_new(struct loop *, loop_fn *work, loop_fn *done, void *ctx);

/* Begins; not before the last one is done.  done() is never called from inside. */
void artist_begin(struct artist *);

/*
 * Ends it; done() is not called any more.  Waits at most so many ms for what it does: false: it goes on, what it works
 * on must be left to it, and so is the artist.  NULL is nothing.
 */
bool artist_free(struct artist *, int64_t ms);

#endif
