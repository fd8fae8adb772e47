/*
 * Floods of log lines, see logquiet.h.
 */
#include "io/logquiet.h"

#include <limits.h>

bool
logquiet_may_speak(struct logquiet *q, msec_t now, int64_t ms, unsigned *unlogged)
{
	if (msec_before(now, q->until)) {
		if (q->unlogged < UINT_MAX)
			q->unlogged++;
		return false;
	}
	*unlogged = q->unlogged;
	q->unlogged = 0;
	q->until = msec_add(now, ms);
	return true;
}
