/*
 * The clocks of a claim while somebody waits for its line: each deadline just before and just after,
 * and by random walks that whoever waits only shortens what the owner has, and leaves it the warning.
 */
#include "sharing/tenure.h"
#include "tenures.h"
#include "unit.h"

/* inactivity 1000, in call 3000, contended 300, after a call 400, warning 100 */
static const struct script scripts[] = {
	{ "from the start", .steps = {
		{ 0, WAITER, 0 }, { 199, NOTHING, 0 }, { 200, WARN_IDLE, 100 }, { 299, NOTHING, 0 },
		{ 300, CUT_IDLE, 0 } } },
	{ "from the last activity", .steps = {
		{ 150, CLIENT, 0 }, { 200, WAITER, 0 }, { 349, NOTHING, 0 }, { 350, WARN_IDLE, 100 },
		{ 449, NOTHING, 0 }, { 450, CUT_IDLE, 0 } } },
	{ "idle for longer already: the full warning", .steps = {
		{ 600, WAITER, 0 }, { 600, WARN_IDLE, 100 }, { 699, NOTHING, 0 }, { 700, CUT_IDLE, 0 } } },
	{ "idle for nearly as long: the full warning", .steps = {
		{ 201, WAITER, 0 }, { 201, WARN_IDLE, 100 }, { 300, NOTHING, 0 }, { 301, CUT_IDLE, 0 } } },
	{ "just in time for the warning", .steps = {
		{ 200, WAITER, 0 }, { 200, WARN_IDLE, 100 }, { 299, NOTHING, 0 }, { 300, CUT_IDLE, 0 } } },
	{ "a byte makes a new spell", .steps = {
		{ 600, WAITER, 0 }, { 600, WARN_IDLE, 100 }, { 650, CLIENT, 0 }, { 849, NOTHING, 0 },
		{ 850, WARN_IDLE, 100 }, { 949, NOTHING, 0 }, { 950, CUT_IDLE, 0 } } },
	{ "nobody waits any more: back, and warned anew", .steps = {
		{ 600, WAITER, 0 }, { 600, WARN_IDLE, 100 }, { 650, NO_WAITER, 0 }, { 899, NOTHING, 0 },
		{ 900, WARN_IDLE, 100 }, { 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "gone and come again", .steps = {
		{ 600, WAITER, 0 }, { 600, WARN_IDLE, 100 }, { 650, NO_WAITER, 0 }, { 690, WAITER, 0 },
		{ 690, WARN_IDLE, 100 }, { 789, NOTHING, 0 }, { 790, CUT_IDLE, 0 } } },
	{ "told twice is one", .steps = {
		{ 200, WAITER, 0 }, { 200, WARN_IDLE, 100 }, { 290, WAITER, 0 }, { 299, NOTHING, 0 },
		{ 300, CUT_IDLE, 0 } } },
	{ "nobody, told twice", .steps = {
		{ 200, NO_WAITER, 0 }, { 899, NOTHING, 0 }, { 900, WARN_IDLE, 100 },
		{ 1000, CUT_IDLE, 0 } } },
	{ "who comes late does not put off the cut", .steps = {
		{ 900, WARN_IDLE, 100 }, { 950, WAITER, 0 }, { 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "who comes and goes does not, either", .steps = {
		{ 600, WAITER, 0 }, { 600, WARN_IDLE, 100 }, { 690, NO_WAITER, 0 }, { 900, WARN_IDLE, 100 },
		{ 910, WAITER, 0 }, { 920, NO_WAITER, 0 }, { 990, WAITER, 0 }, { 999, NOTHING, 0 },
		{ 1000, CUT_IDLE, 0 } } },
	{ "late for both", .steps = { { 10, WAITER, 0 }, { 99999, CUT_IDLE, 0 } } },

	{ "longer than inactivity", .contended = 2000, .steps = {
		{ 0, WAITER, 0 }, { 899, NOTHING, 0 }, { 900, WARN_IDLE, 100 }, { 999, NOTHING, 0 },
		{ 1000, CUT_IDLE, 0 } } },
	{ "off", .contended = -1, .steps = {
		{ 0, WAITER, 0 }, { 899, NOTHING, 0 }, { 900, WARN_IDLE, 100 }, { 1000, CUT_IDLE, 0 } } },
	{ "alone", .inactivity = -1, .steps = {
		{ 9000, WAITER, 0 }, { 9000, WARN_IDLE, 100 }, { 9099, NOTHING, 0 },
		{ 9100, CUT_IDLE, 0 } } },
	{ "alone, and nobody waits any more", .inactivity = -1, .steps = {
		{ 9000, WAITER, 0 }, { 9000, WARN_IDLE, 100 }, { 9050, NO_WAITER, 0 },
		{ 9999999, NOTHING, 0 } } },
	{ "no warning where it is as long, and its time is left", .contended = 100, .steps = {
		{ 600, WAITER, 0 }, { 699, NOTHING, 0 }, { 700, CUT_IDLE, 0 } } },
	{ "warning off", .warning = -1, .steps = { { 600, WAITER, 0 }, { 600, CUT_IDLE, 0 } } },
	{ "an earlier session limit", .session = 250, .steps = {
		{ 0, WAITER, 0 }, { 149, NOTHING, 0 }, { 150, WARN_LIMIT, 100 }, { 249, NOTHING, 0 },
		{ 250, CUT_LIMIT, 0 } } },
	{ "it does not touch the session limit", .session = 950, .steps = {
		{ 800, CLIENT, 0 }, { 840, WAITER, 0 }, { 849, NOTHING, 0 }, { 850, WARN_LIMIT, 100 },
		{ 949, NOTHING, 0 }, { 950, CUT_LIMIT, 0 } } },

	{ "in a call", .steps = {
		{ 10, CALL, 0 }, { 500, WAITER, 0 }, { 500, WARN_IDLE, 100 }, { 599, NOTHING, 0 },
		{ 600, CUT_IDLE, 0 } } },
	{ "in a call the line's data counts", .steps = {
		{ 10, CALL, 0 }, { 100, WAITER, 0 }, { 150, LINE, 0 }, { 349, NOTHING, 0 },
		{ 350, WARN_IDLE, 100 }, { 449, NOTHING, 0 }, { 450, CUT_IDLE, 0 } } },
	{ "without a call it does not", .steps = {
		{ 100, WAITER, 0 }, { 150, LINE, 0 }, { 199, NOTHING, 0 }, { 200, WARN_IDLE, 100 },
		{ 300, CUT_IDLE, 0 } } },
	{ "a console's does", .console = true, .activity = 1 + CONF_ACTIVITY_BOTH, .steps = {
		{ 100, WAITER, 0 }, { 150, LINE, 0 }, { 349, NOTHING, 0 }, { 350, WARN_IDLE, 100 },
		{ 450, CUT_IDLE, 0 } } },
	{ "a call that begins leaves the warning", .steps = {
		{ 0, WAITER, 0 }, { 200, WARN_IDLE, 100 }, { 250, CALL, 0 }, { 250, WARN_IDLE, 100 },
		{ 349, NOTHING, 0 }, { 350, CUT_IDLE, 0 } } },
	{ "in-call limit off", .in_call = -1, .steps = {
		{ 10, CALL, 0 }, { 50000, WAITER, 0 }, { 50000, WARN_IDLE, 100 }, { 50100, CUT_IDLE, 0 } } },
	{ "an in-call limit that is shorter", .in_call = 200, .steps = {
		{ 10, CALL, 0 }, { 10, WAITER, 0 }, { 99, NOTHING, 0 },
		{ 100, WARN_IDLE, 100 }, { 199, NOTHING, 0 }, { 200, CUT_IDLE, 0 } } },

	{ "dialling while somebody waits", .steps = {
		{ 0, WAITER, 0 }, { 100, DIALS, 0 }, { DIAL + 99, NOTHING, 0 },
		{ DIAL + 100, WARN_IDLE, 100 }, { DIAL + 199, NOTHING, 0 }, { DIAL + 200, CUT_IDLE, 0 } } },
	{ "somebody comes while it dials", .steps = {
		{ 50, DIALS, 0 }, { 5000, WAITER, 0 }, { DIAL + 49, NOTHING, 0 },
		{ DIAL + 50, WARN_IDLE, 100 }, { DIAL + 149, NOTHING, 0 }, { DIAL + 150, CUT_IDLE, 0 } } },
	{ "dialling that ends with no call", .steps = {
		{ 50, DIALS, 0 }, { 5000, WAITER, 0 }, { 6000, NO_CALL, 0 }, { 6000, WARN_IDLE, 100 },
		{ 6099, NOTHING, 0 }, { 6100, CUT_IDLE, 0 } } },
	{ "dialling without an inactivity rule", .inactivity = -1, .steps = {
		{ 50, DIALS, 0 }, { 5000, WAITER, 0 }, { DIAL + 49, NOTHING, 0 },
		{ DIAL + 50, WARN_IDLE, 100 }, { DIAL + 150, CUT_IDLE, 0 } } },
	{ "somebody comes when dialling has timed out", .inactivity = DIAL + 5000, .steps = {
		{ 50, DIALS, 0 }, { DIAL + 1000, WAITER, 0 }, { DIAL + 1000, WARN_IDLE, 100 },
		{ DIAL + 1099, NOTHING, 0 }, { DIAL + 1100, CUT_IDLE, 0 } } },

	{ "after a call: from its end", .steps = {
		{ 0, WAITER, 0 }, { 10, CALL, 0 }, { 150, CLIENT, 0 }, { 200, NO_CALL, 0 },
		{ 399, NOTHING, 0 }, { 400, WARN_IDLE, 100 }, { 499, NOTHING, 0 }, { 500, CUT_IDLE, 0 } } },
	{ "after a call, which is shorter", .contended = 500, .steps = {
		{ 0, WAITER, 0 }, { 10, CALL, 0 }, { 150, CLIENT, 0 }, { 200, NO_CALL, 0 },
		{ 499, NOTHING, 0 }, { 500, WARN_IDLE, 100 }, { 599, NOTHING, 0 }, { 600, CUT_IDLE, 0 } } },
	{ "after a call somebody comes", .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2250, WAITER, 0 }, { 2250, WARN_IDLE, 100 },
		{ 2349, NOTHING, 0 }, { 2350, CUT_IDLE, 0 } } },
	{ "after a call: the first byte", .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2050, WAITER, 0 }, { 2100, CLIENT, 0 },
		{ 2299, NOTHING, 0 }, { 2300, WARN_IDLE, 100 }, { 2399, NOTHING, 0 },
		{ 2400, CUT_IDLE, 0 } } },
	{ "after-call off", .after_call = -1, .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2000, WARN_IDLE, 100 }, { 2050, WAITER, 0 },
		{ 2099, NOTHING, 0 }, { 2100, CUT_IDLE, 0 } } },

	{ "new rules leave the warning", .new_inactivity = 2000, .steps = {
		{ 0, WAITER, 0 }, { 200, WARN_IDLE, 100 }, { 290, RULES, 0 }, { 290, WARN_IDLE, 100 },
		{ 389, NOTHING, 0 }, { 390, CUT_IDLE, 0 } } },
};

START_TEST(script)
{
	tenures_run(&scripts[_i]);
}
END_TEST

START_TEST(figures)
{
	struct conf_rules rules = tenures_standard;
	struct tenure t;

	rules.session_limit = 5000;
	tenure_start(&t, &rules, true, tenures_at(0));
	tenure_contended(&t, true, tenures_at(50));
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(60)), 240);
	ck_assert_int_eq(tenure_latest(&t, tenures_at(60)), 4940);
	tenure_client_bytes(&t, tenures_at(100));
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(100)), 300);
	ck_assert_int_eq(tenure_idle(&t, tenures_at(150)), 50);
	tenure_contended(&t, false, tenures_at(200));
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(200)), 900);
	rules.inactivity = 0;
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(200)), TENURE_NO_LIMIT);
	tenure_contended(&t, true, tenures_at(900));
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(900)), 100);
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(9000)), 0);
}
END_TEST

/* ---- the same claim, with and without somebody who waits ---- */

static bool
no_later(int64_t a, int64_t b)
{
	return b == TENURE_NO_LIMIT || (a != TENURE_NO_LIMIT && a <= b);
}

static void
both(struct tenure t[static 2], uint32_t *seed, msec_t now)
{
	enum tenure_call call = (enum tenure_call)tenures_random(seed, 3);
	uint32_t what = tenures_random(seed, 3);
	size_t i;

	for (i = 0; i < 2; i++) {
		if (what == 0)
			tenure_client_bytes(&t[i], now);
		else if (what == 1)
			tenure_line_bytes(&t[i], now);
		else
			tenure_call(&t[i], call, now);
	}
}

static void
walk(uint32_t *seed)
{
	static const int64_t limits[] = { 0, 50, 100, 101, 1000, 3000, 70000 };
	struct conf_rules rules = {
		.inactivity = limits[tenures_random(seed, 7)],
		.inactivity_in_call = limits[tenures_random(seed, 7)],
		.inactivity_contended = limits[tenures_random(seed, 7)],
		.after_call = limits[tenures_random(seed, 7)],
		.warning = 50 * tenures_random(seed, 3),
		.activity = (enum conf_activity)tenures_random(seed, 3),
	};
	struct tenure t[2]; /* for t[1] nobody ever waits */
	msec_t now = tenures_at(0);
	int64_t before, after;
	unsigned i;

	tenure_start(&t[0], &rules, true, now);
	t[1] = t[0];
	for (i = 0; i < 100; i++) {
		now.v += tenures_random(seed, tenures_random(seed, 5) == 0 ? 200000 : 120);
		before = tenure_if_idle(&t[0], now);
		if (tenures_random(seed, 3) > 0) {
			both(t, seed, now);
		} else {
			tenure_contended(&t[0], tenures_random(seed, 2) == 0, now);
			after = tenure_if_idle(&t[0], now);
			ck_assert(after == TENURE_NO_LIMIT || !no_later(after, before) ||
			    after == before || after >= rules.warning);
		}
		tenures_check_due(&t[0], now, "walk");
		ck_assert(no_later(tenure_if_idle(&t[0], now), tenure_if_idle(&t[1], now)));
		if (!t[0].contended)
			ck_assert_int_eq(tenure_if_idle(&t[0], now), tenure_if_idle(&t[1], now));
	}
}

START_TEST(random_walks)
{
	uint32_t seed = 1492;
	unsigned i;

	for (i = 0; i < 5000; i++)
		walk(&seed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("contended");
	TCase *tc = tcase_create("contended");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, script, 0, (int)(sizeof scripts / sizeof scripts[0]));
	tcase_add_test(tc, figures);
	tcase_add_test(tc, random_walks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
