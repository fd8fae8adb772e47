/*
 * Does a free modem ring?  See bell.h.
 */
#include "line/bell.h"

#include "rfc2217.h"

void
bell_init(struct bell *b)
{
	ringwatch_init(&b->watch);
	b->since = (msec_t){ 0 };
}

/* It rings now; a bell that was quiet before begins anew. */
static bool
judge(struct bell *b, msec_t before, msec_t now)
{
	if (b->watch.until.v <= before.v)
		return false;
	if (msec_reached(before, now))
		b->since = now;
	return true;
}

bool
bell_data(struct bell *b, const uint8_t *data, size_t n, msec_t now)
{
	msec_t before = b->watch.until;

	ringwatch_data(&b->watch, data, n, now);
	return judge(b, before, now);
}

/* A line that is stuck on does not ring: only its changes count. */
bool
bell_lines(struct bell *b, uint8_t before, uint8_t after, uint8_t deltas, msec_t now)
{
	msec_t until = b->watch.until;

	if ((after & ~before & RFC2217_RI) == 0 && (deltas & RFC2217_RI_FELL) == 0)
		return false;
	ringwatch_ri(&b->watch, now);
	return judge(b, until, now);
}

void
bell_heard_until(struct bell *b, msec_t until, msec_t now)
{
	msec_t before = b->watch.until;

	b->watch.until = msec_max(before, until);
	(void)judge(b, before, now);
}

msec_t
bell_until(const struct bell *b, msec_t now)
{
	return ringwatch_until(&b->watch, now);
}

bool
bell_rang_long(const struct bell *b, msec_t now)
{
	return msec_before(now, bell_until(b, now)) && msec_since(b->since, now) >= LINE_RINGS;
}
