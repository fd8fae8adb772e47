/*
 * The inside of listening, for the files that make it up: listening.c, listening_reload.c.
 */
#ifndef DAEMON_LISTENING_PARTS_H
#define DAEMON_LISTENING_PARTS_H

#include "daemon/listening.h"

/*
 * Opens the listener at one address, beside others of ours or not.  Returns 0, also where an optional address
 * does not exist here; -1 with errno.
 */
int listening_start(const struct listening *, size_t, struct loop *, bool beside);

/* Says that it listens there. */
void listening_log_one(const struct listening *, size_t);

/* Is there one, where there is to be any? */
bool listening_somewhere(const struct listening *);

#endif
