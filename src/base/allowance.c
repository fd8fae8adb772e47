/*
 * A share of the time, see allowance.h.
 */
#include "base/allowance.h"

static int64_t
within(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

int64_t
allowance_take(struct allowance *a, int64_t now, int64_t taken)
{
	const int64_t most = (int64_t)ALLOWANCE_SHARE * ALLOWANCE_MOST, least = -(int64_t)ALLOWANCE_SHARE * ALLOWANCE_DEBT;
	int64_t passed = within(now - a->at, 0, most - least);

	taken = within(taken, 0, ALLOWANCE_MOST + ALLOWANCE_DEBT);
	a->at = now;
	a->left = within(a->left + passed, least, most);
	a->left = within(a->left - taken * ALLOWANCE_SHARE, least, most);
	return a->left > 0 ? 0 : (int64_t)ALLOWANCE_SHARE * ALLOWANCE_AGAIN - a->left;
}
