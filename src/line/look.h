/*
 * Looking at a device that is closed, from outside: is it there, and who has a lock file of it?  Opening a tty
 * raises DTR and takes bytes.
 */
#ifndef LINE_LOOK_H
#define LINE_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "io/dirwatch.h"

#define LOOK_AGAIN 2000 /* ms: where no news come of the lock directory, or nothing but a try tells */
#define LOOK_SOON 100   /* ms: at a lock file without a pid, which may be written just now */
#define LOOK_REASON 120

/* NAMELESS: locked, by somebody who is not known. */
enum look_result { LOOK_FREE, LOOK_LOCKED, LOOK_NAMELESS, LOOK_NO_DEVICE };

/* Follows links.  lock_directory "": no lock files.  LOCKED, NAMELESS: reason says by whom. */
enum look_result look_at(const char *lock_directory, const char *device, char reason[static LOOK_REASON]);

struct look_watch;

/* Watches the lock files of the node that the device leads to now, by all names; NULL: it cannot, or there are none. */
struct look_watch *look_watch(struct dirwatch *, const char *lock_directory, const char *device,
    dirwatch_fn *, void *ctx);

/* No call comes any more; NULL is nothing. */
void look_unwatch(struct look_watch *);

/* As dirwatch_works() and dirwatch_came(), of any of them. */
bool look_works(struct look_watch *);
bool look_came(struct look_watch *);

#endif
