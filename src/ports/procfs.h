/*
 * What /proc tells of other processes.  May sleep.
 */
#ifndef PORTS_PROCFS_H
#define PORTS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* The name of a process, printable, cut at cap; "" where it is not known. */
void procfs_program(pid_t, char *dst, size_t cap);

/* Did it begin after this, by the real-time clock as it is now?  False where that is not known. */
bool procfs_began_after(pid_t, time_t);

/* Does it have the device open?  False also where we may not see it.  Bounded. */
bool procfs_has_open(pid_t, const char *device);

/* The first process but ours that has the device open, 0: none that we may see.  Bounded. */
pid_t procfs_holder_of(const char *device);

/* Is the device, which we have open, open nowhere else that we may see?  Bounded. */
bool procfs_open_once(const struct stat *device);

/* Is this the state of a pty's slave? */
bool procfs_is_pty(const struct stat *);

/* Who leads the session of which a process has this pty as controlling terminal, and open; 0: there is none that we
 * may see.  Bounded. */
pid_t procfs_session_on(const struct stat *pty);

#endif
