/*
 * Who cools down.  By identity alone: services may share lines, and who was cut on a line must not come
 * first on it through another one.  Asked only when a client has to wait, so a table is enough.
 */
#include "sharing/arbiter_inside.h"

#include <string.h>

#define LONG_AGO ((msec_t){ INT64_MIN })

bool
arbiter_same(const struct arbiter_identity *a, const struct arbiter_identity *b)
{
	static const struct arbiter_identity none;

	return memcmp(a, b, sizeof *a) == 0 && memcmp(a, &none, sizeof none) != 0;
}

void
arbiter_cool(struct arbiter *a, const struct arbiter_identity *identity, msec_t until)
{
	struct arbiter_cooling *e, *slot = a->cooling;

	for (e = a->cooling; e < a->cooling + ARBITER_COOLING_MAX; e++) {
		if (arbiter_same(&e->identity, identity)) {
			e->until = msec_max(e->until, until);
			return;
		}
		if (msec_before(e->until, slot->until))
			slot = e;
	}
	if (msec_before(slot->until, until))
		*slot = (struct arbiter_cooling){ *identity, until };
}

msec_t
arbiter_cools(const struct arbiter *a, const struct arbiter_identity *identity)
{
	const struct arbiter_cooling *e;

	for (e = a->cooling; e < a->cooling + ARBITER_COOLING_MAX; e++) {
		if (arbiter_same(&e->identity, identity))
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
