/*
 * Points in time and how to compare them.  A point in time is a struct so that it cannot be
 * mixed with a duration; durations are plain int64_t milliseconds.  Nothing here reads a
 * clock: the event loop does (io/loop.h) and passes what it read.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds on a monotonic clock of unspecified origin; INT64_MAX is "never". */
struct msec {
	int64_t v;
};
typedef struct msec msec_t;

#define MSEC_NEVER ((msec_t){ INT64_MAX })

static inline bool
msec_is_never(msec_t t)
{
	return t.v == INT64_MAX;
}

/* t + ms; never stays never, and a sum past the end is never.  ms is at least 0. */
static inline msec_t
msec_add(msec_t t, int64_t ms)
{
	return ms >= INT64_MAX - t.v ? MSEC_NEVER : (msec_t){ t.v + ms };
}

/* Milliseconds from `from` to `to`, negative when `to` is earlier.  Neither may be never. */
static inline int64_t
msec_since(msec_t from, msec_t to)
{
	return to.v - from.v;
}

static inline bool
msec_before(msec_t a, msec_t b)
{
	return a.v < b.v;
}

/* Has `due` come at `now`?  Never has not. */
static inline bool
msec_reached(msec_t due, msec_t now)
{
	return !msec_is_never(due) && due.v <= now.v;
}

static inline msec_t
msec_min(msec_t a, msec_t b)
{
	return a.v < b.v ? a : b;
}

static inline msec_t
msec_max(msec_t a, msec_t b)
{
	return a.v > b.v ? a : b;
}

#endif
