/*
 * How long a line can be away: what `modemshared -n` prints and what a refused client is told.
 * Pure; durations in milliseconds.
 *
 * A bound is the sum of the worst of each step: the limit that ends the claim, `drain` (the owner
 * may hang up a moment before the limit), and the hand-over.
 */
#ifndef SHARING_BOUND_H
#define SHARING_BOUND_H

#include <stddef.h>
#include <stdint.h>

#include "sharing/conf.h"

/* No inactivity rule applies so long after an ATD line (no call, no result). */
#define BOUND_DIALLING (180 * INT64_C(1000))
/* What a hand-over can find in progress: output that drains, then a break of the owner. */
#define BOUND_IN_PROGRESS INT64_C(2500)
/* A driver that does not answer for so long puts the line out of service. */
#define HANDOVER_OPERATION INT64_C(5000)

#define BOUND_NONE INT64_C(-1) /* no such limit is set */
#define BOUND_NA INT64_C(-2)   /* does not apply */

/*
 * From the owner's last activity without a call (dialling included) and in a call, and from the
 * begin of the claim, each up to *free* or out of service.
 */
struct bound {
	int64_t idle, in_call, latest;
};

/*
 * The longest that a hand-over of this line may take: what is in progress, `hangup-time`, and
 * HANDOVER_OPERATION for all that the driver does.  The line holds itself to it: not free by then
 * is out of service, `the driver does not answer`.
 */
int64_t bound_handover(const struct conf_line *);

/* service: NULL for a line that nobody can connect to; then nothing applies. */
void bound_of(const struct conf_service *, const struct conf_line *, struct bound *);

/*
 * "NAME: idle D, in call D, at the latest D", "none" and "-" as above, without a line end.
 * Durations are rounded up to what is shown of them, so that a printed bound holds.  Always
 * terminated (cap at least 1); returns the length.
 */
size_t bound_print(char *dst, size_t cap, const char *name, const struct bound *);

#endif
