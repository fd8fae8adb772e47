/*
 * A share of the time: who takes more of it waits, and how long.
 */
#include "base/allowance.h"
#include "unit.h"

#define START 100000 /* us */

static struct allowance a;

static void
set_up(void)
{
	a = (struct allowance){ 0, 0 };
}

static void
tear_down(void)
{
}

START_TEST(what_was_saved_is_there_at_once)
{
	ck_assert_int_eq(allowance_take(&a, START, 0), 0);
	ck_assert_int_eq(allowance_take(&a, START, ALLOWANCE_MOST - 1), 0);
	ck_assert_int_eq(allowance_take(&a, START, 1), ALLOWANCE_SHARE * ALLOWANCE_AGAIN);
}
END_TEST

START_TEST(no_more_than_that_is_saved)
{
	ck_assert_int_eq(allowance_take(&a, START, 0), 0);
	ck_assert_int_eq(allowance_take(&a, START + 1000000000, ALLOWANCE_MOST - 1), 0);
	ck_assert_int_gt(allowance_take(&a, START + 1000000000, 1), 0);
}
END_TEST

START_TEST(after_the_wait_there_is_some_again)
{
	int64_t wait = allowance_take(&a, START, ALLOWANCE_MOST + 100);

	ck_assert_int_eq(wait, ALLOWANCE_SHARE * (100 + ALLOWANCE_AGAIN));
	ck_assert_int_eq(allowance_take(&a, START + wait, ALLOWANCE_AGAIN - 1), 0);
	ck_assert_int_gt(allowance_take(&a, START + wait, 1), 0);
}
END_TEST

START_TEST(one_who_takes_long_owes_no_more)
{
	ck_assert_int_eq(allowance_take(&a, START, INT64_MAX), ALLOWANCE_WAIT);
	ck_assert_int_eq(allowance_take(&a, START, INT64_MAX), ALLOWANCE_WAIT);
	ck_assert_int_eq(allowance_take(&a, START + ALLOWANCE_WAIT, 0), 0);
}
END_TEST

START_TEST(a_clock_that_stands_still_or_goes_back_gives_nothing)
{
	ck_assert_int_gt(allowance_take(&a, START, ALLOWANCE_MOST), 0);
	ck_assert_int_gt(allowance_take(&a, START, 0), 0);
	ck_assert_int_gt(allowance_take(&a, START - 1000, 0), 0);
	ck_assert_int_eq(allowance_take(&a, START - 999, 0), 0);
}
END_TEST

/* Pieces of any size, each as soon as it may be: in the end the share, or a little less where one is larger than what
 * can be saved. */
START_TEST(it_is_a_share)
{
	static const int64_t sizes[] = { 1, 7, 40, 333, 900, 4000 };
	int64_t now = START, taken = 0, size = sizes[_i];

	while (now < START + 10000000) {
		now += size;
		taken += size;
		now += allowance_take(&a, now, size);
	}
	ck_assert_int_le(taken, (now - START) / ALLOWANCE_SHARE + ALLOWANCE_MOST + size);
	ck_assert_int_ge(taken, (now - START) / ALLOWANCE_SHARE * 4 / 5);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("allowance");
	TCase *t = tcase_create("allowance");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, what_was_saved_is_there_at_once);
	tcase_add_test(t, no_more_than_that_is_saved);
	tcase_add_test(t, after_the_wait_there_is_some_again);
	tcase_add_test(t, one_who_takes_long_owes_no_more);
	tcase_add_test(t, a_clock_that_stands_still_or_goes_back_gives_nothing);
	tcase_add_loop_test(t, it_is_a_share, 0, 6);
	suite_add_tcase(s, t);
	return unit_run(s);
}
