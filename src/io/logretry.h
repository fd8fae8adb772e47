/*
 * Gives on, in the loop, what of the log found no room: after 20 ms, and where nothing was taken after twice that,
 * and so on up to 10 s.
 * Nothing wakes the loop while no line waits.
 */
#ifndef IO_LOGRETRY_H
#define IO_LOGRETRY_H

#include "io/loop.h"

struct logretry {
	struct loop_timer timer;
	int64_t pause; /* ms */
};

/* The struct stays the caller's, and so does the loop; both outlive the next call. */
void logretry_start(struct logretry *, struct loop *);

void logretry_stop(struct logretry *);

#endif
