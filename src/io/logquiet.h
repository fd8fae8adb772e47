/*
 * Log lines about what may come in floods: one, and then none for a while.
 */
#ifndef IO_LOGQUIET_H
#define IO_LOGQUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* Of one kind of line; all zero at first. */
struct logquiet {
	msec_t until;
	unsigned unlogged;
};

/*
 * Is this to be logged?  Then nothing else is for ms milliseconds from now, and *unlogged is how many were
 * not since the last line.
 */
bool logquiet_may_speak(struct logquiet *, msec_t now, int64_t ms, unsigned *unlogged);

#endif
