/*
 * A function that runs in a process of its own, for what may end the one it runs in, or never end: whatever it dies
 * of, and however much memory it wants, this process goes on.  It knows all that we knew when it was started, has no
 * descriptor of ours, and tells by writing.
 */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include "io/loop.h"

struct child;

/* In the child: writes its answer to `out`; what goes to standard error arrives with it.  Returning is its end. */
typedef void child_fn(void *arg, int out);

/*
 * In the loop, once for each child_start(): wrong is NULL, and here are the n bytes that it wrote, or it tells
 * for a person why there are none.  Both until it returns.
 */
typedef void child_ended_fn(void *ctx, const char *wrong, const uint8_t *bytes, size_t n);

/* One at a time.  most: bytes of an answer.  NULL without memory. */
struct child *child_new(struct loop *, size_t most, child_ended_fn *, void *ctx);

/*
 * Returns 0, or -1 with errno: EBUSY as long as one runs, or one that was killed does not go since its disk hangs.
 * After `ms` it is killed, which is told when it has gone, 200 ms later at most.  It may have `memory` bytes more
 * than we have.
 */
int child_start(struct child *, child_fn *, void *arg, int64_t ms, size_t memory);

/* Kills one that runs, of which nothing is told any more.  NULL is nothing. */
void child_free(struct child *);

#endif
