/*
 * The bound of a line: the sum, by hand, for every combination of limits that are set or not.
 */
#include "base/dialling.h"
#include "sharing/bound.h"
#include "sharing/tenure.h"
#include "tenures.h"
#include "unit.h"

#include <string.h>

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)
#define NONE BOUND_NONE
#define NA BOUND_NA

static const struct {
	enum conf_kind kind;
	int64_t handover, inactivity, in_call, after_call, limit, warning, drain;
	struct bound bound;
	const char *printed;
} cases[] = {
	/* The defaults of a modem and of a console. */
	{ CONF_MODEM, 8500, 5 * M, 15 * M, M, 12 * H, 30 * S, S,
	  { 5 * M + 9500, 16 * M + 9500, 12 * H + 9500 },
	  "l: idle 5m10s, in call 16m10s, at the latest 12h1m" },
	{ CONF_CONSOLE, 7500, 30 * M, 0, 0, 0, 30 * S, S, { 30 * M + 8500, NA, NONE },
	  "l: idle 30m9s, in call -, at the latest none" },
	{ CONF_CONSOLE, 7500, 0, 0, 0, 0, 0, 0, { NONE, NA, NONE },
	  "l: idle none, in call -, at the latest none" },
	{ CONF_MODEM, 7500, 0, 0, 0, 0, 0, 0, { NONE, NONE, NONE },
	  "l: idle none, in call none, at the latest none" },
	{ CONF_CONSOLE, 7500, S, 0, 0, S, 0, 0, { 8500, NA, 8500 },
	  "l: idle 9s, in call -, at the latest 9s" },
	/* One that dials says nothing for 180 s, and is warned behind it. */
	{ CONF_MODEM, 7500, M, 5 * M, 0, H, 30 * S, 0, { 217500, 330 * S + 7500, H + 7500 },
	  "l: idle 3m38s, in call 5m38s, at the latest 1h1m" },
	{ CONF_MODEM, 7500, 180 * S, 5 * M, 0, H, 0, 0, { 187500, 5 * M + 7500, H + 7500 },
	  "l: idle 3m8s, in call 5m8s, at the latest 1h1m" },
	{ CONF_MODEM, 7500, 180 * S + 1, 5 * M, 0, H, 0, 0, { 187501, 5 * M + 7500, H + 7500 },
	  "l: idle 3m8s, in call 5m8s, at the latest 1h1m" },
	/* After a call only after-call counts. */
	{ CONF_MODEM, 7500, 5 * M, M, 6 * M, H, 0, 0, { 6 * M + 7500, 9 * M + 7500, H + 7500 },
	  "l: idle 6m8s, in call 9m8s, at the latest 1h1m" },
	/* The begin of a call leaves the full warning, and comes at the end of the dialling. */
	{ CONF_MODEM, 0, 10 * S, 30 * S, S, H, 10 * S, 0, { 190 * S, 191 * S, H },
	  "l: idle 3m10s, in call 3m11s, at the latest 1h" },
	{ CONF_MODEM, 0, 10 * S, 191 * S, S, H, 10 * S, 0, { 190 * S, 192 * S, H },
	  "l: idle 3m10s, in call 3m12s, at the latest 1h" },
	{ CONF_MODEM, 7500, 0, 10 * S, 6 * M, 0, 30 * S, 0, { NONE, 577500, NONE },
	  "l: idle none, in call 9m38s, at the latest none" },
	/* A call may end a moment before its limit: without after-call inactivity counts then, or nothing. */
	{ CONF_MODEM, 7500, 5 * M, M, 0, 0, 30 * S, 0, { 5 * M + 7500, 5 * M + 7500, NONE },
	  "l: idle 5m8s, in call 5m8s, at the latest none" },
	{ CONF_MODEM, 7500, 0, M, 0, H, 30 * S, 0, { NONE, NONE, H + 7500 },
	  "l: idle none, in call none, at the latest 1h1m" },
	/* Every part counts once. */
	{ CONF_MODEM, 37500, 10 * M, 20 * M, 0, 2 * H, S, 60 * S,
	  { 10 * M + 97500, 20 * M + S + 97500, 2 * H + 97500 },
	  "l: idle 11m38s, in call 21m39s, at the latest 2h2m" },
};

START_TEST(is_the_sum)
{
	struct conf_setup setup = { .kind = cases[_i].kind };
	struct conf_line line = { .setup = &setup };
	struct conf_rules service = {
		.inactivity = cases[_i].inactivity, .inactivity_in_call = cases[_i].in_call,
		.after_call = cases[_i].after_call, .session_limit = cases[_i].limit,
		.warning = cases[_i].warning, .drain = cases[_i].drain
	};
	struct bound b = { 1, 1, 1 };
	char text[100];

	bound_of(&service, &line, cases[_i].handover, &b);
	ck_assert_int_eq(b.idle, cases[_i].bound.idle);
	ck_assert_int_eq(b.in_call, cases[_i].bound.in_call);
	ck_assert_int_eq(b.latest, cases[_i].bound.latest);
	ck_assert_uint_eq(bound_print(text, sizeof text, "l", &b), strlen(text));
	ck_assert_str_eq(text, cases[_i].printed);
}
END_TEST

/*
 * When a claim is cut whose client was in a call, or dialled and was answered at last, and sends nothing from 0 on,
 * while carrier comes and goes: each time a moment before the cut, or at any time.
 */
static int64_t
cut_in_call(const struct conf_rules *rules, uint32_t *seed)
{
	enum tenure_call call = tenures_random(seed, 2) == 0 ? TENURE_DIALS : TENURE_IN_CALL;
	enum tenure_rule rule;
	struct tenure t;
	msec_t now = { 0 };
	int64_t left;
	int i;

	tenure_start(&t, rules, true, now);
	tenure_call(&t, call, now);
	tenure_client_bytes(&t, now);
	if (call == TENURE_DIALS) {
		now.v = DIALLING_AT_MOST - 1;
		call = TENURE_IN_CALL;
		tenure_call(&t, call, now);
	}
	for (i = 0; i < 1000; i++) {
		left = tenure_if_idle(&t, now);
		if (left == TENURE_NO_LIMIT)
			return BOUND_NONE;
		now.v += tenures_random(seed, 2) == 0 ? left - 1 : tenures_random(seed, (uint32_t)left + 2);
		if (tenure_check(&t, now, &rule, &left) == TENURE_CUT)
			break;
		call = call == TENURE_IN_CALL ? TENURE_NO_CALL : TENURE_IN_CALL;
		tenure_call(&t, call, now);
	}
	return now.v;
}

/* What is printed of a call holds whatever carrier does, and no less would. */
START_TEST(holds_in_a_call)
{
	static const int64_t times[] = { 0, S, 10 * S, M, 2 * M, 5 * M, 15 * M };
	struct conf_setup setup = { .kind = CONF_MODEM };
	struct conf_line line = { .setup = &setup };
	uint32_t seed = 20261130;
	unsigned i, n;

	for (i = 0; i < 500; i++) {
		struct conf_rules rules = { .inactivity = times[tenures_random(&seed, 7)],
			.inactivity_in_call = times[tenures_random(&seed, 7)],
			.after_call = times[tenures_random(&seed, 7)],
			.warning = times[tenures_random(&seed, 3)] };
		int64_t cut, latest = 0;
		struct bound b;

		bound_of(&rules, &line, 0, &b);
		for (n = 0; n < 200 && latest != BOUND_NONE; n++) {
			cut = cut_in_call(&rules, &seed);
			latest = cut == BOUND_NONE || cut > latest ? cut : latest;
		}
		if (b.in_call == BOUND_NONE || latest == BOUND_NONE) {
			ck_assert_int_eq(latest, b.in_call);
			continue;
		}
		ck_assert_int_le(latest, b.in_call + 1); /* it is asked a moment late */
		ck_assert_int_ge(latest, b.in_call - 2);
	}
}
END_TEST

START_TEST(no_service_no_bound)
{
	struct conf_setup setup = { .kind = CONF_MODEM };
	struct conf_line line = { .setup = &setup };
	struct bound b;
	char text[100];

	bound_of(NULL, &line, 8500, &b);
	bound_print(text, sizeof text, "modem2", &b);
	ck_assert_str_eq(text, "modem2: idle -, in call -, at the latest -");
}
END_TEST

static const struct {
	int64_t a, b, worst;
} pairs[] = {
	{ 1, 2, 2 }, { 2, 1, 2 }, { NONE, 1, NONE }, { 1, NONE, NONE }, { NA, 1, 1 }, { 1, NA, 1 },
	{ NA, NONE, NONE }, { NONE, NA, NONE }, { NA, NA, NA }, { NONE, NONE, NONE }, { 0, NA, 0 },
};

START_TEST(the_worst_of_services)
{
	struct bound b = { pairs[_i].a, 5, 7 }, other = { pairs[_i].b, 6, 6 };

	bound_worst(&b, &other);
	ck_assert_int_eq(b.idle, pairs[_i].worst);
	ck_assert_int_eq(b.in_call, 6);
	ck_assert_int_eq(b.latest, 7);
	b = (struct bound){ 5, pairs[_i].a, pairs[_i].a };
	other = (struct bound){ 4, pairs[_i].b, pairs[_i].b };
	bound_worst(&b, &other);
	ck_assert_int_eq(b.idle, 5);
	ck_assert_int_eq(b.in_call, pairs[_i].worst);
	ck_assert_int_eq(b.latest, pairs[_i].worst);
}
END_TEST

START_TEST(print_is_cut)
{
	struct bound b = { S, NONE, NA };
	char text[100];
	size_t cap, len;

	for (cap = 1; cap < sizeof text; cap++) {
		memset(text, '!', sizeof text);
		len = bound_print(text, cap, "modem1", &b);
		ck_assert_uint_lt(len, cap);
		ck_assert_uint_eq(strlen(text), len);
		ck_assert_int_eq(text[cap], '!');
	}
	ck_assert_str_eq(text, "modem1: idle 1s, in call none, at the latest -");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bound");
	TCase *tc = tcase_create("bound");

	tcase_add_loop_test(tc, is_the_sum, 0, (int)(sizeof cases / sizeof cases[0]));
	tcase_add_test(tc, holds_in_a_call);
	tcase_add_test(tc, no_service_no_bound);
	tcase_add_loop_test(tc, the_worst_of_services, 0, (int)(sizeof pairs / sizeof pairs[0]));
	tcase_add_test(tc, print_is_cut);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
