/*
 * How fast bytes go over a line of a given rate and format, pure: how many may pass now, and when more.
 * One for each direction.
 */
#ifndef MODEM_PACE_H
#define MODEM_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "rfc2217.h"

#define PACE_SAVED 50 /* ms: what was not used for longer is lost */
#define PACE_PIECE 10 /* ms: bytes come in pieces of so long, at least one */

/* In the caller's memory. */
struct pace {
	int64_t rate;   /* half bits per second */
	int64_t byte;   /* thousandths of half bits that one byte takes */
	int64_t credit; /* the same unit: half bits per second times milliseconds */
	msec_t since;   /* when the credit was true */
};

/* A line that was idle until now. */
void pace_init(struct pace *, const struct rfc2217_format *, msec_t now);

/* Another rate or format from now on. */
void pace_format(struct pace *, const struct rfc2217_format *, msec_t now);

/* How many bytes may pass now. */
size_t pace_room(struct pace *, msec_t now);

/* n of them have passed. */
void pace_spend(struct pace *, size_t n);

/* When there is room for the next piece. */
msec_t pace_due(const struct pace *);

#endif
