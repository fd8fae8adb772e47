/*
 * The clock on the wall, see wallclock.h.
 */
#include "base/wallclock.h"

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
wallclock_certain(struct wallclock *c, int64_t wall, msec_t now, int64_t newest)
{
	if (c->looked && msec_since(c->at, now) >= WALLCLOCK_DAY) {
		c->agreed_wall = earlier(wall, c->wall + msec_since(c->at, now));
		c->agreed_at = now;
		c->agreed = true;
		c->looked = false;
	}
	if (!c->looked) {
		c->wall = wall;
		c->at = now;
		c->looked = true;
	}
	if (!c->agreed)
		return earlier(wall, newest);
	return earlier(wall, c->agreed_wall + msec_since(c->agreed_at, now));
}
