/*
 * The rate of a line: how long a number of bytes takes in each format, what idle time is worth, and that
 * the time told is the first at which there is room.
 */
#include "modem/pace.h"
#include "unit.h"

static const struct {
	struct rfc2217_format format;
	int bytes; /* in a second */
} lines[] = {
	{ { 9600, 8, RFC2217_NONE, RFC2217_STOP_1, 1, 14 }, 960 },
	{ { 9600, 7, RFC2217_EVEN, RFC2217_STOP_1, 1, 14 }, 960 },
	{ { 9600, 8, RFC2217_ODD, RFC2217_STOP_2, 1, 14 }, 800 },
	{ { 300, 8, RFC2217_NONE, RFC2217_STOP_1, 1, 14 }, 30 },
	{ { 50, 5, RFC2217_NONE, RFC2217_STOP_15, 1, 14 }, 6 }, /* 6.7 */
	{ { 115200, 8, RFC2217_NONE, RFC2217_STOP_1, 1, 14 }, 11520 },
	{ { 4000000, 8, RFC2217_NONE, RFC2217_STOP_1, 1, 14 }, 400000 },
};

/* Sends as told for so long; returns how many bytes that were. */
static size_t
send_for(struct pace *p, msec_t *now, int64_t ms)
{
	msec_t end = msec_add(*now, ms), due;
	size_t n, all = 0;

	for (;;) {
		n = pace_room(p, *now);
		pace_spend(p, n);
		all += n;
		due = pace_due(p);
		ck_assert(msec_before(*now, due)); /* nobody spins */
		if (!msec_before(due, end))
			break;
		*now = due;
		ck_assert_uint_ge(pace_room(p, *now), 1);
	}
	*now = end;
	return all;
}

START_TEST(a_second)
{
	msec_t now = { 5000 };
	struct pace p;
	size_t n;
	int i;

	pace_init(&p, &lines[_i].format, now);
	pace_spend(&p, pace_room(&p, now)); /* what it had saved */
	for (i = 0; i < 3; i++) {
		n = send_for(&p, &now, 1000);
		ck_assert_msg(n + 1 + (size_t)lines[_i].bytes / 50 >= (size_t)lines[_i].bytes &&
		    n <= (size_t)lines[_i].bytes + 1 + (size_t)lines[_i].bytes / 50, "%zu bytes", n);
	}
}
END_TEST

START_TEST(idle_time_is_worth_little)
{
	msec_t now = { 5000 };
	struct pace p;

	pace_init(&p, &lines[0].format, now);
	ck_assert_uint_eq(pace_room(&p, now), 48); /* 50 ms */
	ck_assert_uint_eq(pace_room(&p, msec_add(now, INT64_C(1) << 40)), 48);
	pace_spend(&p, 48);
	ck_assert_uint_eq(pace_room(&p, msec_add(now, INT64_C(1) << 40)), 0);
	pace_init(&p, &lines[4].format, now);
	ck_assert_uint_eq(pace_room(&p, now), 1); /* never none */
}
END_TEST

/* Just before the time told there is less than a piece, then there is one. */
START_TEST(due_is_exact)
{
	msec_t now = { 5000 }, due, before;
	size_t piece = (size_t)lines[_i].bytes / 100;
	struct pace p;

	pace_init(&p, &lines[_i].format, now);
	pace_spend(&p, pace_room(&p, now));
	due = pace_due(&p);
	before.v = due.v - 1;
	if (piece == 0)
		piece = 1;
	ck_assert_uint_lt(pace_room(&p, before), piece);
	ck_assert_uint_ge(pace_room(&p, due), piece);
}
END_TEST

START_TEST(another_rate)
{
	msec_t now = { 5000 };
	struct pace p;

	pace_init(&p, &lines[3].format, now);
	pace_spend(&p, 1);
	pace_format(&p, &lines[6].format, now);
	ck_assert_uint_eq(pace_room(&p, msec_add(now, 50)), 20000);
	pace_format(&p, &lines[3].format, msec_add(now, 50));
	ck_assert_uint_eq(pace_room(&p, msec_add(now, 50)), 1); /* what was saved is as long, not as much */
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("pace");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, a_second, 0, ROWS(lines));
	tcase_add_test(tc, idle_time_is_worth_little);
	tcase_add_loop_test(tc, due_is_exact, 0, ROWS(lines));
	tcase_add_test(tc, another_rate);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
