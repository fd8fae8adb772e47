/*
 * Floods of log lines, see logquiet.h.
 */
#include "io/logquiet.h"

#include <limits.h>

static int64_t
next_spell(const struct logquiet *q, msec_t now, int64_t ms)
{
	if (q->spell == 0 || msec_since(q->until, now) >= LOGQUIET_MOST)
		return ms;
	return q->spell > LOGQUIET_MOST / 2 ? LOGQUIET_MOST : 2 * q->spell;
}

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
	q->spell = next_spell(q, now, ms);
	q->until = msec_add(now, q->spell);
	return true;
}
