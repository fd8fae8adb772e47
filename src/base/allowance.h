/*
 * A share of the time for those who may have no more of it: what they take is written down, and whoever has had too
 * much waits.  Pure: the times are passed in, in us.
 *
 * They save up to ALLOWANCE_MOST while they take nothing, and owe ALLOWANCE_DEBT at most, so that one who takes long
 * once does not make the next one wait without end.
 */
#ifndef BASE_ALLOWANCE_H
#define BASE_ALLOWANCE_H

#include <stdint.h>

#define ALLOWANCE_SHARE 4    /* of the time one part in so many */
#define ALLOWANCE_MOST 1000  /* us */
#define ALLOWANCE_DEBT 4500  /* us */
#define ALLOWANCE_AGAIN 500  /* us that are there again at the end of a wait */

/* The longest wait, us. */
#define ALLOWANCE_WAIT (ALLOWANCE_SHARE * (ALLOWANCE_DEBT + ALLOWANCE_AGAIN))

/* All zero: nothing was taken. */
struct allowance {
	int64_t left; /* ALLOWANCE_SHARE times as many us; negative: what is owed */
	int64_t at;
};

/* At `now` (us, of a clock that began at least ALLOWANCE_WAIT ago and never goes back) so many us have been taken, 0 or more.
 * Returns how long to wait for more; 0: not at all. */
int64_t allowance_take(struct allowance *, int64_t now, int64_t taken);

#endif
