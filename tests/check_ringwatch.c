/*
 * A free line that rings: what is a ring, and for how long nobody gets the line, to the ms.
 */
#include "modem/ringwatch.h"

#include <string.h>

#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

static const struct {
	const char *bytes;
	bool rings;
} cases[] = {
	{ "\r\nRING\r\n", true },
	{ "RING\r", true },
	{ "RING\n", true },
	{ "2\r", true },
	{ "RING A\r", true },
	{ "+CRING: VOICE\r\n", true },
	{ "^RSSI:1\r\nRING\r\n", true },
	{ "\xd2\xc9\xce\xc7\x8d", true },
	{ "", false },
	{ "RING", false },
	{ "RINGS\r", false },
	{ "RRING\r", false },
	{ "NO RING\r", false },
	{ "22\r", false },
	{ "^RSSI:2\r\nOK\r\n", false },
};

static bool
held(const struct ringwatch *r, int64_t now)
{
	msec_t t = { now }, until = ringwatch_until(r, t);

	ck_assert(!msec_before(until, t));
	return msec_before(t, until);
}

START_TEST(a_ring)
{
	const char *s = cases[_i].bytes;
	struct ringwatch r;
	size_t i;

	ringwatch_init(&r);
	ck_assert(!held(&r, -1000));
	ringwatch_data(&r, (const uint8_t *)s, strlen(s), (msec_t){ 1000 });
	ck_assert_int_eq(held(&r, 1000), cases[_i].rings);
	ck_assert_int_eq(held(&r, 1000 + RINGWATCH_HOLD - 1), cases[_i].rings);
	ck_assert(!held(&r, 1000 + RINGWATCH_HOLD));

	ringwatch_init(&r);
	for (i = 0; s[i] != '\0'; i++)
		ringwatch_data(&r, (const uint8_t *)s + i, 1, (msec_t){ 1000 });
	ck_assert_int_eq(held(&r, 1000), cases[_i].rings);
}
END_TEST

/* The last one counts, of either kind. */
START_TEST(again)
{
	struct ringwatch r;

	ringwatch_init(&r);
	ringwatch_ri(&r, (msec_t){ 0 });
	ck_assert(held(&r, 7999) && !held(&r, 8000));
	ringwatch_data(&r, (const uint8_t *)"RING\rxx\r", 8, (msec_t){ 6000 });
	ck_assert(held(&r, 13999) && !held(&r, 14000));
	ringwatch_ri(&r, (msec_t){ 13999 });
	ck_assert_int_eq(ringwatch_until(&r, (msec_t){ 14000 }).v, 21999);
	ck_assert_int_eq(ringwatch_until(&r, (msec_t){ 30000 }).v, 30000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ringwatch");
	TCase *tc = tcase_create("ringwatch");

	tcase_add_loop_test(tc, a_ring, 0, (int)COUNT(cases));
	tcase_add_test(tc, again);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
