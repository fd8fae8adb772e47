/*
 * By which names programs lock a device, pure: LCK.. and the last part of its path, as mgetty, HylaFAX and
 * cu have it, or all of it behind /dev/ with '_' for '/', as minicom: "LCK..pts_3".  By a link they know it by the
 * link's names.
 */
#ifndef BASE_LOCKNAME_H
#define BASE_LOCKNAME_H

#include <stdbool.h>
#include <stddef.h>

#define LOCKNAME_MOST 4

/* Each once, the device's own first.  They point into the paths that they are of; '/' in one stands for '_'. */
struct locknames {
	const char *list[LOCKNAME_MOST];
	size_t n;
};

/* device: the real node; path: as it is configured, a link or the same. */
void lockname_of(struct locknames *, const char *device, const char *path);

bool lockname_same(const char *, const char *);

/* The lock file in dir; NULL where that is too long for dst. */
const char *lockname_path(char *dst, size_t cap, const char *dir, const char *name);

#endif
