/*
 * Log lines about what may come in floods: one, and then none for a while, which gets longer as long as it goes on.
 */
#ifndef IO_LOGQUIET_H
#define IO_LOGQUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define LOGQUIET_MOST 60000 /* ms */

/* Of one kind of line; all zero at first. */
struct logquiet {
	msec_t until;
	int64_t spell; /* ms that nothing is logged after the last line */
	unsigned unlogged;
};

/*
 * Is this to be logged?  Then nothing else is for ms milliseconds from now, or for twice as long as the last time where
 * that was over for less than LOGQUIET_MOST, but that at most; and *unlogged is how many were not since the last line.
 */
bool logquiet_may_speak(struct logquiet *, msec_t now, int64_t ms, unsigned *unlogged);

#endif
