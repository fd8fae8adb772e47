/*
 * The clock on the wall for what deletes by it: a clock that is wrong for a moment, at a start or later, must not
 * cost anything.  Pure: it is told what the clocks say.
 */
#ifndef BASE_WALLCLOCK_H
#define BASE_WALLCLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define WALLCLOCK_DAY (INT64_C(24) * 60 * 60 * 1000)

/* All zero at first; its fields are wallclock.c's. */
struct wallclock {
	bool looked, agreed;
	int64_t wall, agreed_wall; /* ms since 1970 */
	msec_t at, agreed_at;
};

/*
 * The time that is certain to have been reached, ms since 1970, never later than `wall`, which is what the clock
 * says now.  That is what it said a day ago or longer, and the time since; in the first day, `newest`: the time of
 * the newest thing that is known from before.
 */
int64_t wallclock_certain(struct wallclock *, int64_t wall, msec_t now, int64_t newest);

#endif
