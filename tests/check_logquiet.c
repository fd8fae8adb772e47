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
	ck_assert(!logquiet_may_speak(&q, (msec_t){ 1999 }, 1000, &unlogged));
	ck_assert(logquiet_may_speak(&q, (msec_t){ 100000 }, 1000, &unlogged));
	ck_assert_uint_eq(unlogged, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("logquiet");
	TCase *t = tcase_create("logquiet");

	tcase_add_test(t, one_and_then_none_for_a_while);
	suite_add_tcase(s, t);
	return unit_run(s);
}
