/*
 * What is logged of a flood.
 */
#include "io/logquiet.h"
#include "unit.h"

START_TEST(one_and_then_none_for_a_while)
{
	struct logquiet q = { 0 };
	unsigned unlogged = 9;

	ck_assert(logquiet_may_speak(&q, (msec_t){ 0 }, 1000, &unlogged));
	ck_assert_uint_eq(unlogged, 0);
	unlogged = 9;
	ck_assert(!logquiet_may_speak(&q, (msec_t){ 0 }, 1000, &unlogged));
	ck_assert(!logquiet_may_speak(&q, (msec_t){ 999 }, 1000, &unlogged));
	ck_assert_uint_eq(unlogged, 9);
	ck_assert(logquiet_may_speak(&q, (msec_t){ 1000 }, 1000, &unlogged));
	ck_assert_uint_eq(unlogged, 2);
	ck_assert(!logquiet_may_speak(&q, (msec_t){ 2999 }, 1000, &unlogged));
	ck_assert(logquiet_may_speak(&q, (msec_t){ 100000 }, 1000, &unlogged));
	ck_assert_uint_eq(unlogged, 1);
}
END_TEST

/* 1, 2, 4, ... 32 s, and one a minute from then on; once it has been over for a minute it begins anew. */
START_TEST(longer_as_long_as_it_goes_on)
{
	struct logquiet q = { 0 };
	unsigned unlogged, lines = 0;
	int64_t ms;

	for (ms = 0; ms < 3600 * 1000; ms += 10)
		lines += logquiet_may_speak(&q, (msec_t){ ms }, 1000, &unlogged);
	ck_assert_uint_eq(lines, 7 + (3600 - 63) / 60);
	ms = q.until.v;
	ck_assert(logquiet_may_speak(&q, (msec_t){ ms + LOGQUIET_MOST - 1 }, 1000, &unlogged));
	ck_assert_int_eq(q.spell, LOGQUIET_MOST);
	ms = q.until.v + LOGQUIET_MOST;
	ck_assert(logquiet_may_speak(&q, (msec_t){ ms }, 1000, &unlogged));
	ck_assert(logquiet_may_speak(&q, (msec_t){ ms + 1000 }, 1000, &unlogged));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("logquiet");
	TCase *t = tcase_create("logquiet");

	tcase_add_test(t, one_and_then_none_for_a_while);
	tcase_add_test(t, longer_as_long_as_it_goes_on);
	suite_add_tcase(s, t);
	return unit_run(s);
}
