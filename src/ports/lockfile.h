/*
 * UUCP lock files in the HDB form, as minicom, cu, pppd, mgetty and HylaFAX keep them: LCK..ttyS0 with a
 * pid in it.  They are how programs of one host agree; what really keeps others out is flock and
 * TIOCEXCL.  Programs may know a device by a link, so a device has a file for each of the names that
 * base/lockname.h finds, the device's own first.
 *
 * Everything here may wait for a disk, so it is for workers.  Nothing logs.  What is found in the
 * directory may be anybody's: links are not followed, and only regular files are read.
 */
#ifndef PORTS_LOCKFILE_H
#define PORTS_LOCKFILE_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/lockname.h"

#define LOCKFILE_PROGRAM 80
#define LOCKFILE_PATH 1024
#define LOCKFILE_YOUNG 10 /* seconds in which a lock without a pid may still get one */
#define LOCKFILE_MARGIN 60 /* seconds: a process that began so long after its lock file did not make it */

enum lockfile_result {
	LOCKFILE_OK = 0,
	LOCKFILE_FREE = -1,      /* lockfile_look(): nobody's, or of a process that is gone */
	LOCKFILE_HELD = -2,      /* a live process has it */
	LOCKFILE_UNWRITABLE = -3, /* no lock file can be made here; errno tells why */
	LOCKFILE_NO_MEMORY = -4
};

/* Who has a device: pid 0 if that is not known, program as the kernel knows it, printable, "" unknown. */
struct lockfile_owner {
	pid_t pid;
	char program[LOCKFILE_PROGRAM];
};

#define LOCKFILE_ROOM 16 /* "/dev/ttyUSB1234" */

/*
 * A device that the caller has, in the caller's memory: all zero is none.  Those of a process are in a list, so it
 * may not be moved between taking and releasing.  A thousand of them shall cost no piece of memory each.
 */
struct lockfile_hold {
	struct lockfile_hold *next;
	char *device; /* NULL: none; room, or else memory of its own */
	const char *path; /* as the caller has it */
	char room[LOCKFILE_ROOM];
};

/*
 * Makes the device the caller's within this process, and its lock files ours; dir NULL or "": only the first.
 * device: the real node; path: a link to it, or itself, which outlives the hold.  now: of the real-time clock.  HELD, and
 * nothing is kept: by *owner, who is alive, or perhaps is: a file without a pid counts for LOCKFILE_YOUNG seconds, one
 * that cannot be read as long as it is there; or, with our own pid, by another line of ours.  Else whatever is there is
 * removed, and a file with our pid that nobody here has is taken over.  Of several that try at once one wins.  A link's
 * name that another device of ours has as well is shared with it.  After OK and UNWRITABLE the device is the caller's
 * until lockfile_release().
 */
int lockfile_take(struct lockfile_hold *, const char *dir, const char *device, const char *path, time_t now,
    struct lockfile_owner *owner);

/* Whose is it?  OK: one of our lines' (*owner: we), FREE, or HELD as above.  Changes nothing. */
int lockfile_look(const char *dir, const char *device, const char *path, time_t now,
    struct lockfile_owner *owner);

/* Gives it back, if it is held: removes the files that are still ours, and no other device's of ours.  Returns 0, or an
 * errno value: one is there still, with our pid. */
int lockfile_release(struct lockfile_hold *, const char *dir);

/* "in use by minicom (pid 1234)", or as much of that as is known; of ourselves, "by another line of this server". */
void lockfile_describe(char *dst, size_t cap, const struct lockfile_owner *);

/*
 * Who has this device open?  The first process found but ours; as far as we may see.  HELD by *owner,
 * or FREE.  Looks at a bounded number of processes and files.
 */
int lockfile_holder_of(const char *device, struct lockfile_owner *owner);

#endif
