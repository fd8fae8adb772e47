/*
 * Who cools down.  By identity alone: services may share lines, and who was cut on a line must not come
 * first on it through another one.  Asked only when a client has to wait, so a table is enough.
 */
#include "sharing/arbiter_inside.h"

#define LONG_AGO ((msec_t){ INT64_MIN })

void
arbiter_cool(struct arbiter *a, uint64_t identity, msec_t until)
{
	struct arbiter_cooling *e, *slot = a->cooling;

	for (e = a->cooling; e < a->cooling + ARBITER_COOLING_MAX; e++) {
		if (e->identity == identity) {
			e->until = msec_max(e->until, until);
			return;
		}
		if (msec_before(e->until, slot->until))
			slot = e;
	}
	if (msec_before(slot->until, until))
		*slot = (struct arbiter_cooling){ identity, until };
}

msec_t
arbiter_cools(const struct arbiter *a, uint64_t identity)
{
	const struct arbiter_cooling *e;

	if (identity == 0)
		return LONG_AGO;
	for (e = a->cooling; e < a->cooling + ARBITER_COOLING_MAX; e++) {
		if (e->identity == identity)
			return e->until;
	}
	return LONG_AGO;
}

void
arbiter_init(struct arbiter *a)
{
	size_t i;

	*a = (struct arbiter){ .arrivals = 0 };
	TAILQ_INIT(&a->tell_clients);
	TAILQ_INIT(&a->tell_lines);
	for (i = 0; i < ARBITER_COOLING_MAX; i++)
		a->cooling[i].until = LONG_AGO;
}
