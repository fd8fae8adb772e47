/*
 * What is certain of the time while the clock on the wall goes wrong and right again.
 */
#include "base/wallclock.h"
#include "unit.h"

#define DAY WALLCLOCK_DAY
#define HOUR (DAY / 24)
#define RIGHT INT64_C(1764000000000) /* when it begins, really */
#define AHEAD (2000 * DAY)

static struct wallclock c;

static void
setup(void)
{
	c = (struct wallclock){ 0 };
}

/* So many ms after the begin, with a clock that is `wrong` by so much; the newest that is known is an hour older than
 * the begin. */
static int64_t
certain(int64_t ms, int64_t wrong)
{
	return wallclock_certain(&c, RIGHT + ms + wrong, (msec_t){ 5000 + ms }, RIGHT - HOUR) - RIGHT;
}

START_TEST(right_all_the_time)
{
	ck_assert_int_eq(certain(0, 0), -HOUR);
	ck_assert_int_eq(certain(HOUR, 0), -HOUR);
	ck_assert_int_eq(certain(DAY, 0), DAY);
	ck_assert_int_eq(certain(DAY + HOUR, 0), DAY + HOUR);
	ck_assert_int_eq(certain(3 * DAY, 0), 3 * DAY);
}
END_TEST

START_TEST(ahead_at_the_start)
{
	ck_assert_int_eq(certain(0, AHEAD), -HOUR);
	ck_assert_int_eq(certain(HOUR, AHEAD), -HOUR);
	ck_assert_int_eq(certain(DAY - 1, AHEAD), -HOUR);
	ck_assert_int_eq(certain(DAY, 0), DAY); /* mended */
	ck_assert_int_eq(certain(2 * DAY, 0), 2 * DAY);
}
END_TEST

/* A day of it is believed. */
START_TEST(ahead_for_a_day)
{
	ck_assert_int_eq(certain(0, AHEAD), -HOUR);
	ck_assert_int_eq(certain(DAY, AHEAD), DAY + AHEAD);
}
END_TEST

START_TEST(ahead_for_a_moment)
{
	certain(0, 0);
	certain(DAY, 0);
	ck_assert_int_eq(certain(_i * HOUR + DAY, AHEAD), _i * HOUR + DAY);
	ck_assert_int_eq(certain(_i * HOUR + DAY + 1, AHEAD), _i * HOUR + DAY + 1);
	ck_assert_int_eq(certain(_i * HOUR + DAY + HOUR, 0), _i * HOUR + DAY + HOUR);
	ck_assert_int_eq(certain(4 * DAY, 0), 4 * DAY);
	ck_assert_int_eq(certain(5 * DAY, 0), 5 * DAY);
}
END_TEST

/* As without a battery: never later than it says, and right again a day after it is mended. */
START_TEST(behind)
{
	ck_assert_int_eq(certain(0, -RIGHT), -RIGHT);
	ck_assert_int_eq(certain(DAY, 0), DAY - RIGHT);
	ck_assert_int_eq(certain(2 * DAY, 0), 2 * DAY);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wallclock");
	TCase *t = tcase_create("wallclock");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, right_all_the_time);
	tcase_add_test(t, ahead_at_the_start);
	tcase_add_test(t, ahead_for_a_day);
	tcase_add_loop_test(t, ahead_for_a_moment, 0, 30);
	tcase_add_test(t, behind);
	suite_add_tcase(s, t);
	return unit_run(s);
}
