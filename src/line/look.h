/*
 * Looking at a device that is closed, from outside: is it there, and who has its lock file?  Opening a tty
 * raises DTR and takes bytes.
 */
#ifndef LINE_LOOK_H
#define LINE_LOOK_H

#include <stddef.h>

#include "io/dirwatch.h"

#define LOOK_AGAIN 2000 /* ms: where no news come of the lock directory, or nothing but a try tells */
#define LOOK_REASON 120

enum look_result { LOOK_FREE, LOOK_LOCKED, LOOK_NO_DEVICE };

/* Follows links.  lock_directory "": no lock files.  LOCKED: reason says by whom. */
enum look_result look_at(const char *lock_directory, const char *device, char reason[static LOOK_REASON]);

/* Watches the lock file of the node that the device leads to now; NULL: it cannot, or there is none. */
struct dirwatch_file *look_watch(struct dirwatch *, const char *lock_directory, const char *device,
    dirwatch_fn *, void *ctx);

#endif
