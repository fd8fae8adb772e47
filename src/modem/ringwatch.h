/*
 * Does a free line ring?  Then nobody gets it for a moment: who dials would answer.  Pure.
 */
#ifndef MODEM_RINGWATCH_H
#define MODEM_RINGWATCH_H

#include "base/clock.h"
#include "modem/chat.h"

#define RINGWATCH_HOLD INT64_C(8000) /* ms after the last ring; bells come every 5 or 6 s */

/* Fields are ringwatch.c's. */
struct ringwatch {
	struct chat_line line;
	msec_t until;
};

void ringwatch_init(struct ringwatch *);

/* What the line says (RING, +CRING, 2 with V0); RI is on, or has been. */
void ringwatch_data(struct ringwatch *, const uint8_t *, size_t n, msec_t now);
void ringwatch_ri(struct ringwatch *, msec_t now);

/* When the line may be granted: now, if it does not ring, else later. */
msec_t ringwatch_until(const struct ringwatch *, msec_t now);

#endif
