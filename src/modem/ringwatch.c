/*
 * Watches for rings, see ringwatch.h.
 */
#include "modem/ringwatch.h"

void
ringwatch_init(struct ringwatch *r)
{
	*r = (struct ringwatch){ .until = { INT64_MIN } };
}

void
ringwatch_data(struct ringwatch *r, const uint8_t *b, size_t n, msec_t now)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (chat_line_input(&r->line, b[i]) && chat_word(&r->line) == CHAT_RING)
			ringwatch_ri(r, now);
}

void
ringwatch_ri(struct ringwatch *r, msec_t now)
{
	r->until = msec_add(now, RINGWATCH_HOLD);
}

msec_t
ringwatch_until(const struct ringwatch *r, msec_t now)
{
	return msec_max(r->until, now);
}
