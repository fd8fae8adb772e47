/*
 * The bell of a free modem: whoever dialled while it rings would answer a call that is not for him, so the
 * line is granted only when it has been quiet for a while, or has rung for very long.
 */
#ifndef LINE_BELL_H
#define LINE_BELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "modem/ringwatch.h"

#define LINE_RINGS 180000 /* ms: no caller waits longer, so it is the modem that is wrong */

struct bell {
	struct ringwatch watch;
	msec_t since; /* it rings without a pause */
};

void bell_init(struct bell *);

/* What the modem says, and the change of its modem lines: true if it rings by that. */
bool bell_data(struct bell *, const uint8_t *, size_t n, msec_t now);
bool bell_lines(struct bell *, uint8_t before, uint8_t after, uint8_t deltas, msec_t now);

/* It has rung meanwhile, and will be quiet then at the earliest. */
void bell_heard_until(struct bell *, msec_t until, msec_t now);

/* When it may be granted: now, if it does not ring; has it rung for LINE_RINGS? */
msec_t bell_until(const struct bell *, msec_t now);
bool bell_rang_long(const struct bell *, msec_t now);

#endif
