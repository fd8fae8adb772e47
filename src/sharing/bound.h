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

#include "conf/conf.h"

#define BOUND_NONE INT64_C(-1) /* no such limit is set */
#define BOUND_NA INT64_C(-2)   /* does not apply */

/*
 * From the owner's last activity without a call and in a call (dialling included in both), and from the
 * begin of the claim, each up to *free* or out of service.
 */
struct bound {
	int64_t idle, in_call, latest;
};

/*
 * service: NULL for a line that nobody can connect to; then nothing applies.  handover: the longest
 * that a hand-over of this line may take.  Who waits only shortens it.
 */
void bound_of(const struct conf_rules *, const struct conf_line *, int64_t handover,
    struct bound *);

/* For a line of several services, whichever its owner comes by: *b becomes the worse of both. */
void bound_worst(struct bound *b, const struct bound *other);

/*
 * "NAME: idle D, in call D, at the latest D", "none" and "-" as above, without a line end.
 * Durations are rounded up to what is shown of them, so that a printed bound holds.  Always
 * terminated (cap at least 1); returns the length.
 */
size_t bound_print(char *dst, size_t cap, const char *name, const struct bound *);

#endif
