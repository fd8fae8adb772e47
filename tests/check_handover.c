/*
 * The steps of a hand-over without a dialogue: their order with and without a DTR pulse, the wait to
 * the millisecond, and what is known of the carrier at the end; when one that failed is tried again.
 */
#include "modem/handover.h"
#include "unit.h"

static const enum handover_do pulsed[] = {
	HANDOVER_RESET, HANDOVER_EMPTY, HANDOVER_BREAK_OFF, HANDOVER_DTR_DOWN, HANDOVER_WAIT,
	HANDOVER_PURGE, HANDOVER_SETTINGS, HANDOVER_SIGNALS, HANDOVER_PURGE, HANDOVER_LOOK,
	HANDOVER_READY,
};

static const enum handover_do plain[] = {
	HANDOVER_RESET, HANDOVER_EMPTY, HANDOVER_BREAK_OFF, HANDOVER_SETTINGS, HANDOVER_SIGNALS,
	HANDOVER_PURGE, HANDOVER_LOOK, HANDOVER_READY,
};

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

/* Each step takes 10 ms; carrier is on at every step but, maybe, the look. */
static void
run(int64_t hangup_time, const enum handover_do *expected, size_t n, bool carrier)
{
	const struct handover_rules rules = { .hangup_time = hangup_time };
	struct handover h;
	msec_t now = { 1000 };
	enum handover_do what = handover_start(&h, &rules, now);
	size_t i;

	for (i = 0; i < n - 1; i++) {
		ck_assert_msg(what == expected[i], "step %zu: %d", i, what);
		ck_assert_int_eq(!msec_is_never(handover_due(&h)), what == HANDOVER_WAIT);
		if (what == HANDOVER_WAIT) {
			ck_assert_int_eq(handover_due(&h).v, now.v + hangup_time);
			ck_assert_int_eq(handover_next(&h, true, now), HANDOVER_WAIT);
			now.v += hangup_time - 1;
			ck_assert_int_eq(handover_next(&h, true, now), HANDOVER_WAIT);
			ck_assert_int_eq(handover_due(&h).v, now.v + 1);
			now.v++;
		} else {
			now.v += 10;
		}
		ck_assert(!h.carrier_off);
		what = handover_next(&h, what == HANDOVER_LOOK ? carrier : i % 2 == 0, now);
	}
	ck_assert_int_eq(what, HANDOVER_READY);
	ck_assert_int_eq(h.carrier_off, !carrier);
	ck_assert_int_eq(handover_next(&h, !carrier, now), HANDOVER_READY);
	ck_assert_int_eq(h.carrier_off, !carrier);
	ck_assert(msec_is_never(handover_due(&h)));
}

START_TEST(with_pulse)
{
	static const int64_t times[] = { 1, 2, 1000, 60000 };
	size_t i;

	for (i = 0; i < COUNT(times); i++)
		run(times[i], pulsed, COUNT(pulsed), _i != 0);
}
END_TEST

START_TEST(without_pulse)
{
	run(0, plain, COUNT(plain), _i != 0);
}
END_TEST

/* ms until the next test after so many failures. */
static const struct {
	int64_t first;
	unsigned failures;
	int64_t expected;
} retests[] = {
	{ 30000, 0, 30000 }, { 30000, 1, 30000 }, { 30000, 2, 60000 }, { 30000, 5, 480000 },
	{ 30000, 6, 600000 }, { 30000, 7, 600000 }, { 30000, 4000000000u, 600000 },
	{ 1, 4000000000u, 600000 }, { 300000, 2, 600000 }, { 300001, 2, 600000 },
	{ 600000, 9, 600000 }, { 3600000, 1, 3600000 }, { 3600000, 9, 3600000 }, { 0, 4000000000u, 0 },
};

START_TEST(retest)
{
	ck_assert_int_eq(handover_retest(retests[_i].first, retests[_i].failures),
	    retests[_i].expected);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("handover");
	TCase *tc = tcase_create("handover");

	tcase_add_loop_test(tc, with_pulse, 0, 2);
	tcase_add_loop_test(tc, without_pulse, 0, 2);
	tcase_add_loop_test(tc, retest, 0, (int)COUNT(retests));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
