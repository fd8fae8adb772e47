/*
 * How many clients there are places for: what descriptors are left when each line and each listener has its own, and
 * readers of the page, the control socket and the administrator have theirs.  Pure.
 */
#ifndef SHARING_PLACES_H
#define SHARING_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

#define PLACES_CONTROL 32 /* clients of the control socket: all who may look, and of root and of the daemon's user all */
/* Descriptors for these, for what is always open (with history and log some 18), and for what is opened for a moment. */
#define PLACES_RESERVE (PLACES_CONTROL + 32)
#define PLACES_READERS 64 /* of the page, where there is one */

struct places {
	size_t descriptors;                         /* that the process may have */
	size_t lines, listeners, readers, reserve; /* that others than clients may need of them */
	size_t max_clients;                        /* as configured */
};

/* Of this configuration while the page is as `page` says: that of the start, or the same. */
void places_of(const struct conf *, const struct conf *page, size_t descriptors, struct places *);

/* What is left for clients, perhaps less than none; how many there are at most. */
int64_t places_left(const struct places *);
size_t places_clients(const struct places *);

/* The least number of descriptors with which one client has a place. */
size_t places_needed(const struct places *);

/*
 * "clients: at most N; descriptors N - lines N - listeners N - reserve N = N", with " - readers N" where there are any,
 * without a line end.  Always terminated (cap at least 1); returns the length.
 */
size_t places_print(char *dst, size_t cap, const struct places *);

#endif
