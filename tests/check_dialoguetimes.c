/*
 * The deadlines of a modem's hand-over, each to the ms, and the longest that it may take.
 */
#include <string.h>

#include "modem/handover.h"
#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

static const char *const ways[] = { "dtr", "escape", "ATH" };
static const char *const escape_ways[] = { "escape", "AT+CHUP", "dtr", "ATH" };
static const char *const inits[] = { "ATZ", "ATE1", "ATX4" };

/* All different, so that none can stand for another. */
static const struct handover_rules odd = {
	.modem = true, .dialogue = true, .hangup_time = 1009, .carrier_timeout = 250,
	.guard_time = 1103, .settle_time = 2609, .init_timeout = 10007, .init_pause = 1013,
	.hangup = ways, .n_hangup = 3, .init = inits, .n_init = 3, .attempts = 1,
};

static const struct handover_rules usual = {
	.modem = true, .dialogue = true, .hangup_time = 1000, .carrier_timeout = 5000,
	.guard_time = 1100, .settle_time = 2600, .init_timeout = 10000, .init_pause = 1000,
	.hangup = ways, .n_hangup = 3, .init = inits, .n_init = 2, .attempts = 2,
};

static enum handover_do
hear(struct handover *h, const char *text, int64_t now)
{
	return handover_data(h, (const uint8_t *)text, strlen(text), (msec_t){ now });
}

/* Carries out, in no time, until the next wait or the end; carrier as given. */
static enum handover_do
go_on(struct handover *h, enum handover_do what, bool carrier, int64_t now)
{
	while (what != HANDOVER_WAIT && what != HANDOVER_READY && what != HANDOVER_FAILED)
		what = handover_next(h, carrier, (msec_t){ now });
	return what;
}

/* ---- each wait ---- */

/* A modem that says nothing and whose carrier stays. */
static const int64_t waits[] = {
	1009, 100, 100, 50, 2609, 1103, 1103, 10007, 100, 100, 100, 50,
	10007, 1000, 100, 1000, 100, 1000, 100, 10007,
};

/* Each is ended by its time or, as by_data says, by what comes then, which is dropped. */
static void
each_wait(bool by_data)
{
	struct handover h;
	int64_t now = 77;
	enum handover_do what = handover_start(&h, &odd, (msec_t){ now });
	size_t i;

	for (i = 0; i < COUNT(waits); i++) {
		ck_assert_int_eq(go_on(&h, what, true, now), HANDOVER_WAIT);
		ck_assert_msg(handover_due(&h).v - now == waits[i], "wait %zu: %lld", i,
		    (long long)(handover_due(&h).v - now));
		ck_assert_int_eq(handover_next(&h, false, (msec_t){ now }), HANDOVER_WAIT);
		now += waits[i];
		ck_assert_int_eq(handover_next(&h, false, (msec_t){ now - 1 }), HANDOVER_WAIT);
		ck_assert_int_eq(hear(&h, "\r\nxOK\r\n", now - 1), HANDOVER_WAIT);
		what = by_data ? hear(&h, "OK\r", now) : handover_next(&h, false, (msec_t){ now });
	}
	ck_assert_int_eq(go_on(&h, what, true, now), HANDOVER_FAILED);
	ck_assert_str_eq(handover_failure(&h), "the call does not end");
}

START_TEST(all_waits)
{
	each_wait(_i != 0);
}
END_TEST

/* ---- the longest ---- */

static const char *
sent(const struct handover *h, char dst[static HANDOVER_SEND_MAX])
{
	size_t n;
	const uint8_t *b = handover_bytes(h, &n);

	memcpy(dst, b, n);
	dst[n > 0 ? n - 1 : 0] = '\0';
	return dst;
}

/*
 * The slowest modem: no answer to what may go without one, all others in the last ms, and none to
 * the last test.  Returns ms; *answers: how many there were.
 */
static int64_t
slowest(const struct handover_rules *r, int *answers)
{
	char text[HANDOVER_SEND_MAX];
	struct handover h;
	int64_t now = 0;
	int zs = 0, tests = 0;
	enum handover_do what = handover_start(&h, r, (msec_t){ now });

	*answers = 0;
	while (what != HANDOVER_FAILED) {
		ck_assert_int_ne(what, HANDOVER_READY);
		if (what == HANDOVER_SEND) {
			bool answer;

			sent(&h, text);
			zs += strcmp(text, "ATZ") == 0;
			tests += strcmp(text, "AT") == 0;
			answer = (strcmp(text, "ATZ") == 0 && zs % 2 == 0) ||
			    (strcmp(text, "AT") == 0 && tests % 3 == 2) ||
			    strcmp(text, "ATE1") == 0 || strcmp(text, "ATX4") == 0;
			ck_assert_int_eq(handover_next(&h, true, (msec_t){ now }), HANDOVER_WAIT);
			if (answer) {
				now = handover_due(&h).v - 1;
				what = hear(&h, "OK\r", now);
				++*answers;
				continue;
			}
		}
		if (!msec_is_never(handover_due(&h)))
			now = handover_due(&h).v;
		what = handover_next(&h, true, (msec_t){ now });
	}
	ck_assert_str_eq(handover_failure(&h), "no answer to AT");
	return now;
}

static const struct {
	const char *const *hangup;
	size_t n_hangup;
	int64_t hangup_time, init_timeout, init_pause;
	unsigned attempts;
	int64_t longest; /* of an attempt */
} bounds[] = {
	{ ways, 3, 1000, 10000, 1000, 1,
	    8600 + 2200 + 15100 + 13300 + 10000 + 1000 + 2 * 10100 + 2 * 2100 },
	{ ways, 3, 1000, 10000, 1000, 2,
	    8600 + 2200 + 15100 + 13300 + 10000 + 1000 + 2 * 10100 + 2 * 2100 },
	{ ways, 3, 0, 10000, 0, 3,
	    2600 + 2200 + 15100 + 13300 + 10000 + 100 + 2 * 10100 + 2 * 2100 },
	{ escape_ways, 4, 1000, 500, 1000, 4,
	    2600 + 8600 + 2200 + 2 * 5600 + 500 + 3 * 600 + 500 + 1000 + 2 * 600 + 2 * 600 },
	{ ways, 2, 1000, 2000, 1000, 2, 8600 + 2200 + 2000 + 3300 + 2000 + 1000 + 2 * 2100 + 2 * 2100 },
};

START_TEST(longest)
{
	struct handover_rules r = usual;
	int64_t took, most;
	int answers;

	r.init = inits;
	r.n_init = 3;
	r.hangup = bounds[_i].hangup;
	r.n_hangup = bounds[_i].n_hangup;
	r.hangup_time = bounds[_i].hangup_time;
	r.init_timeout = bounds[_i].init_timeout;
	r.init_pause = bounds[_i].init_pause;
	r.attempts = bounds[_i].attempts;
	most = handover_longest(&r);
	ck_assert_int_eq(most, bounds[_i].longest * r.attempts);
	took = slowest(&r, &answers);
	/* An answer comes 1 ms before its time, and after the last command nothing is dropped. */
	ck_assert_int_eq(answers, 4 * (int)r.attempts);
	ck_assert_int_eq(took, most - answers - HANDOVER_PAUSE * r.attempts);
}
END_TEST

START_TEST(longest_of_rules)
{
	struct handover_rules r = usual;

	ck_assert_int_eq(handover_longest(&r),
	    2 * (8600 + 2200 + 15100 + 13300 + 10000 + 1000 + 10100 + 4200));
	r.n_init = 0;
	r.n_hangup = 0;
	r.attempts = 0;
	ck_assert_int_eq(handover_longest(&r), 2600 + 2000 + 3300 + 2 * 2100);
	r.settle_time = INT64_MAX / 4;
	r.attempts = 8;
	ck_assert_int_eq(handover_longest(&r), INT64_MAX);
}
END_TEST

/* ---- carrier ---- */

/* To where carrier is waited for, DTR being low since 1009 ms. */
static void
await_carrier(struct handover *h)
{
	go_on(h, handover_start(h, &odd, (msec_t){ 0 }), true, 0);
	ck_assert_int_eq(handover_due(h).v, 1009);
	ck_assert_int_eq(handover_next(h, false, (msec_t){ 1009 }), HANDOVER_LOOK);
	ck_assert_int_eq(handover_next(h, true, (msec_t){ 1009 }), HANDOVER_WAIT);
}

START_TEST(carrier_falls)
{
	struct handover h;

	await_carrier(&h);
	ck_assert_int_eq(handover_due(&h).v, 1009 + HANDOVER_POLL);
	ck_assert_int_eq(handover_next(&h, true, handover_due(&h)), HANDOVER_LOOK);
	ck_assert_int_eq(handover_next(&h, false, (msec_t){ 1110 }), HANDOVER_PURGE);
	ck_assert_int_eq(handover_next(&h, true, (msec_t){ 1110 }), HANDOVER_DTR_UP);
}
END_TEST

/* It is looked at once more when its time is over. */
START_TEST(carrier_falls_late)
{
	struct handover h;

	await_carrier(&h);
	ck_assert_int_eq(handover_next(&h, true, (msec_t){ 1109 }), HANDOVER_LOOK);
	ck_assert_int_eq(go_on(&h, HANDOVER_LOOK, true, 1109), HANDOVER_WAIT);
	ck_assert_int_eq(handover_next(&h, true, (msec_t){ 1209 }), HANDOVER_LOOK);
	ck_assert_int_eq(go_on(&h, HANDOVER_LOOK, true, 1209), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, 1259);
	ck_assert_int_eq(handover_next(&h, true, (msec_t){ 1259 }), HANDOVER_LOOK);
	ck_assert_int_eq(go_on(&h, HANDOVER_LOOK, _i == 0, 1259), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, 1259 + 2609);
	/* Off: no other way, but the dialogue. */
	ck_assert_int_eq(handover_next(&h, _i == 0, (msec_t){ 3868 }), HANDOVER_LOOK);
	ck_assert_int_eq(handover_next(&h, _i == 0, (msec_t){ 3868 }),
	    _i == 0 ? HANDOVER_WAIT : HANDOVER_LOOK);
}
END_TEST

/* ---- answers ---- */

/* To the first command, not sent yet, at 5000. */
static void
reach_command(struct handover *h)
{
	enum handover_do what = handover_start(h, &odd, (msec_t){ 0 });

	while (what != HANDOVER_SEND)
		what = handover_next(h, false, (msec_t){ 5000 - (what == HANDOVER_WAIT ? 0 : 4000) });
}

/* It may come before the port has taken the last byte; the pause begins after that. */
START_TEST(answer_while_sending)
{
	struct handover h;

	reach_command(&h);
	ck_assert_int_eq(hear(&h, "ATZ\r\r\nOK", 5001), HANDOVER_WAIT);
	ck_assert_int_eq(hear(&h, "\r\nERROR\r\n", 5002), HANDOVER_WAIT);
	ck_assert(msec_is_never(handover_due(&h)));
	ck_assert_int_eq(handover_next(&h, false, (msec_t){ 5003 }), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, 5003 + 1013);
}
END_TEST

/* What comes in the pause belongs to the command before. */
START_TEST(answer_in_the_pause)
{
	struct handover h;

	reach_command(&h);
	handover_next(&h, false, (msec_t){ 5000 });
	ck_assert_int_eq(hear(&h, "OK\r\nOK\r\n", 5100), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, 5100 + 1013);
	ck_assert_int_eq(hear(&h, "ERROR\r\nO", 6112), HANDOVER_WAIT);
	ck_assert_int_eq(handover_next(&h, false, (msec_t){ 6113 }), HANDOVER_SEND);
	ck_assert_int_eq(handover_next(&h, false, (msec_t){ 6113 }), HANDOVER_WAIT);
	ck_assert_int_eq(hear(&h, "K\r\n", 6114), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, 6113 + 10007);
	ck_assert_int_eq(hear(&h, "NO CARRIER\r\nRING\r\nOK\r\n", 6115), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, 6115 + HANDOVER_PAUSE);
	ck_assert_int_eq(ringwatch_until(&h.ring, (msec_t){ 6115 }).v, 6115 + RINGWATCH_HOLD);
}
END_TEST

/* Sends it, in silence up to then; returns the time, at which it is waited for an answer. */
static int64_t
send(struct handover *h, const char *wanted, bool carrier, int64_t now)
{
	enum handover_do what = msec_is_never(h->due) ? handover_start(h, &odd, (msec_t){ now }) :
	    HANDOVER_WAIT;
	char text[HANDOVER_SEND_MAX];

	for (;;) {
		ck_assert_int_ne(what, HANDOVER_FAILED);
		if (what == HANDOVER_WAIT)
			now = handover_due(h).v;
		if (what == HANDOVER_SEND && strcmp(sent(h, text), wanted) == 0)
			break;
		what = handover_next(h, carrier, (msec_t){ now });
	}
	ck_assert_int_eq(handover_next(h, carrier, (msec_t){ now }), HANDOVER_WAIT);
	return now;
}

/* The begin of a line that was cut off is not the begin of the next answer. */
START_TEST(half_an_answer)
{
	struct handover h = { .due = MSEC_NEVER };
	int64_t now = send(&h, "ATZ", false, 0);

	ck_assert_int_eq(hear(&h, "O", now + 1), HANDOVER_WAIT);
	now = send(&h, "\x10", false, now);
	ck_assert_int_eq(hear(&h, "K\r", now + 1), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, now + HANDOVER_WAKE);
}
END_TEST

/* Who has answered +++ is in no call that does not end. */
START_TEST(answered_once)
{
	struct handover h = { .due = MSEC_NEVER };
	enum handover_do what;
	int64_t now = send(&h, "++", true, 0);

	ck_assert_int_eq(hear(&h, "\r\nOK\r\n", now + 1), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, now + 1103);
	now = send(&h, "ATZ", true, send(&h, "ATZ", true, now));
	what = handover_next(&h, true, handover_due(&h));
	ck_assert_int_eq(go_on(&h, what, true, now), HANDOVER_FAILED);
	ck_assert_str_eq(handover_failure(&h), "no answer to ATZ");
}
END_TEST

/* To what hangs up NO CARRIER and ERROR are answers, to others NO CARRIER is none. */
START_TEST(answers_of_hanging_up)
{
	static const char *const said[] = { "OK\r", "NO CARRIER\r", "ERROR\r" };
	struct handover h = { .due = MSEC_NEVER };
	int64_t now = send(&h, "ATH", true, 0);

	ck_assert_int_eq(hear(&h, said[_i], now + 5), HANDOVER_WAIT);
	ck_assert_int_eq(handover_due(&h).v, now + 5 + HANDOVER_PAUSE);
}
END_TEST

/* Bytes that never end move time on as well as a timer does. */
START_TEST(flood_only)
{
	static const uint8_t flood[] = "OK OKAY \xff\x80OK";
	struct handover h;
	int64_t now = 0;
	enum handover_do what = handover_start(&h, &odd, (msec_t){ now });

	while (what != HANDOVER_FAILED && what != HANDOVER_READY && now <= handover_longest(&odd)) {
		if (what != HANDOVER_WAIT) {
			what = handover_next(&h, false, (msec_t){ now });
			continue;
		}
		now++;
		what = handover_data(&h, flood, sizeof flood - 1, (msec_t){ now });
	}
	ck_assert_int_eq(what, HANDOVER_FAILED);
	ck_assert_str_eq(handover_failure(&h), "it answers garbage to ATZ");
	ck_assert_int_eq(now, 1009 + 2609 + 10007 + 3300 + 2206 + 10007);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dialoguetimes");
	TCase *tc = tcase_create("dialoguetimes");

	tcase_add_loop_test(tc, all_waits, 0, 2);
	tcase_add_loop_test(tc, longest, 0, (int)COUNT(bounds));
	tcase_add_test(tc, longest_of_rules);
	tcase_add_test(tc, carrier_falls);
	tcase_add_loop_test(tc, carrier_falls_late, 0, 2);
	tcase_add_test(tc, answer_while_sending);
	tcase_add_test(tc, answer_in_the_pause);
	tcase_add_test(tc, half_an_answer);
	tcase_add_test(tc, answered_once);
	tcase_add_loop_test(tc, answers_of_hanging_up, 0, 3);
	tcase_add_test(tc, flood_only);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
