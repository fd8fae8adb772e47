/*
 * Tells when files come, go, or change their attributes: one inotify descriptor for the house.
 *
 * What is watched is the directory that the file is in, once for all files in it; while that is
 * missing, the nearest one above it that is there.  What happens to one name costs those who watch it,
 * whatever else is watched.
 */
#ifndef IO_DIRWATCH_H
#define IO_DIRWATCH_H

#include <stdbool.h>

#include "io/loop.h"

struct dirwatch;
struct dirwatch_file;

/*
 * Something may have happened to the file: look at it.  Comes in the loop, never from inside a call; once
 * for what happened at once; also without need: when directories on its way came or went, and when
 * the kernel has lost events.  May add and remove files, its own too.
 */
typedef void dirwatch_fn(void *ctx);

/* NULL without memory.  The loop outlives it. */
struct dirwatch *dirwatch_new(struct loop *);

/* After all files were removed; NULL is nothing. */
void dirwatch_free(struct dirwatch *);

/*
 * Watches an absolute path, which is copied; its last part is watched as it is, a link is not followed.
 * What happened before is not told: look at the file after this.  NULL without memory; whether it works
 * tells dirwatch_works().
 */
struct dirwatch_file *dirwatch_add(struct dirwatch *, const char *path, dirwatch_fn *fn, void *ctx);

/* No call comes any more; NULL is nothing. */
void dirwatch_remove(struct dirwatch_file *);

/*
 * Is it watched?  False where the kernel has no descriptor or watch left, or does not let us look: then the
 * owner must poll, and this, which tries again, tells it when that is over.  A file of which
 * this was false has missed what happened: look at it when it turns true.  It may turn false again, but
 * only when fn is called.
 */
bool dirwatch_works(struct dirwatch_file *);

/* Was the file made since this was asked last, though it may be gone again?  True also where events were lost. */
bool dirwatch_came(struct dirwatch_file *);

#endif
