/*
 * The clocks of a claim: every rule by scripts with each deadline just before and just after, and
 * what must hold for all of them by a long random walk.
 */
#include <stdlib.h>
#include <string.h>

#include "sharing/tenure.h"
#include "tenures.h"
#include "unit.h"

static const struct script scripts[] = {
	{ "no call: warned, cut", .steps = {
		{ 899, NOTHING, 0 }, { 900, WARN_IDLE, 100 }, { 901, NOTHING, 0 }, { 999, NOTHING, 0 },
		{ 1000, CUT_IDLE, 0 } } },
	{ "a byte moves both", .steps = {
		{ 600, CLIENT, 0 }, { 1499, NOTHING, 0 }, { 1500, WARN_IDLE, 100 }, { 1599, NOTHING, 0 },
		{ 1600, CUT_IDLE, 0 } } },
	{ "a byte after the warning makes a new spell", .steps = {
		{ 900, WARN_IDLE, 100 }, { 950, CLIENT, 0 }, { 1849, NOTHING, 0 },
		{ 1850, WARN_IDLE, 100 }, { 1949, NOTHING, 0 }, { 1950, CUT_IDLE, 0 } } },
	{ "late for the warning", .steps = { { 970, WARN_IDLE, 30 }, { 1000, CUT_IDLE, 0 } } },
	{ "late for both", .steps = { { 99999, CUT_IDLE, 0 } } },
	{ "no warning where it is as long as the limit", .warning = 1000, .steps = {
		{ 1, NOTHING, 0 }, { 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "a warning 1 ms shorter than the limit", .warning = 999, .steps = {
		{ 0, NOTHING, 0 }, { 1, WARN_IDLE, 999 }, { 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "warning off", .warning = -1, .steps = { { 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "inactivity off", .inactivity = -1, .steps = { { 9999999, NOTHING, 0 } } },
	{ "line data does not count without a call", .steps = {
		{ 500, LINE, 0 }, { 899, NOTHING, 0 }, { 900, WARN_IDLE, 100 }, { 1000, CUT_IDLE, 0 } } },
	{ "activity both", ACTIVITY(BOTH), .steps = {
		{ 500, LINE, 0 }, { 1399, NOTHING, 0 }, { 1400, WARN_IDLE, 100 }, { 1499, NOTHING, 0 },
		{ 1500, CUT_IDLE, 0 } } },
	{ "activity client in a call", ACTIVITY(CLIENT), .steps = {
		{ 10, CALL, 0 }, { 500, LINE, 0 }, { 2899, NOTHING, 0 }, { 2900, WARN_IDLE, 100 },
		{ 2999, NOTHING, 0 }, { 3000, CUT_IDLE, 0 } } },
	{ "console: auto is the client's data", .console = true, .steps = {
		{ 10, CALL, 0 }, { 500, LINE, 0 }, { 900, WARN_IDLE, 100 }, { 1000, CUT_IDLE, 0 } } },
	{ "console: both", .console = true, ACTIVITY(BOTH), .steps = {
		{ 500, LINE, 0 }, { 1400, WARN_IDLE, 100 }, { 1500, CUT_IDLE, 0 } } },

	{ "a call: its own limit, from the last activity", .steps = {
		{ 500, CLIENT, 0 }, { 800, CALL, 0 }, { 3399, NOTHING, 0 }, { 3400, WARN_IDLE, 100 },
		{ 3499, NOTHING, 0 }, { 3500, CUT_IDLE, 0 } } },
	{ "a call is no activity, and leaves the warning", .in_call = 500, .steps = {
		{ 800, CALL, 0 }, { 800, WARN_IDLE, 100 }, { 899, NOTHING, 0 }, { 900, CUT_IDLE, 0 } } },
	{ "a call that begins after the warning", .steps = {
		{ 900, WARN_IDLE, 100 }, { 950, CALL, 0 }, { 2899, NOTHING, 0 },
		{ 2900, WARN_IDLE, 100 }, { 3000, CUT_IDLE, 0 } } },
	{ "line data counts in a call", .steps = {
		{ 10, CALL, 0 }, { 2000, LINE, 0 }, { 4899, NOTHING, 0 }, { 4900, WARN_IDLE, 100 },
		{ 4999, NOTHING, 0 }, { 5000, CUT_IDLE, 0 } } },
	{ "the last that counts is 4 limits after the client", .steps = {
		{ 10, CALL, 0 }, { 2900, LINE, 0 }, { 5700, LINE, 0 }, { 8500, LINE, 0 }, { 11300, LINE, 0 },
		{ 12000, LINE, 0 }, { 12001, LINE, 0 }, { 14899, NOTHING, 0 }, { 14900, WARN_IDLE, 100 },
		{ 14999, NOTHING, 0 }, { 15000, CUT_IDLE, 0 } } },
	{ "the client's data makes line data count again", .steps = {
		{ 10, CALL, 0 }, { 2900, LINE, 0 }, { 5700, LINE, 0 }, { 8500, LINE, 0 }, { 11300, LINE, 0 },
		{ 12001, LINE, 0 }, { 13000, CLIENT, 0 }, { 15000, LINE, 0 }, { 17899, NOTHING, 0 },
		{ 17900, WARN_IDLE, 100 }, { 18000, CUT_IDLE, 0 } } },
	{ "in-call limit off", .in_call = -1, .steps = { { 10, CALL, 0 }, { 9999999, NOTHING, 0 } } },
	{ "a call told twice is one", .steps = {
		{ 10, CALL, 0 }, { 2900, WARN_IDLE, 100 }, { 2950, CALL, 0 }, { 3000, CUT_IDLE, 0 } } },

	{ "dialling: no rule, then the full warning", .steps = {
		{ 500, DIALS, 0 }, { DIAL + 499, NOTHING, 0 }, { DIAL + 500, WARN_IDLE, 100 },
		{ DIAL + 599, NOTHING, 0 }, { DIAL + 600, CUT_IDLE, 0 } } },
	{ "dialling that ends with no call", .steps = {
		{ 500, DIALS, 0 }, { 9000, NO_CALL, 0 }, { 9000, WARN_IDLE, 100 }, { 9099, NOTHING, 0 },
		{ 9100, CUT_IDLE, 0 } } },
	{ "dialling that ends soon changes little", .steps = {
		{ 500, CLIENT, 0 }, { 500, DIALS, 0 }, { 600, NO_CALL, 0 }, { 1399, NOTHING, 0 },
		{ 1400, WARN_IDLE, 100 }, { 1499, NOTHING, 0 }, { 1500, CUT_IDLE, 0 } } },
	{ "dialling that ends with a call", .steps = {
		{ 500, CLIENT, 0 }, { 500, DIALS, 0 }, { 1500, CALL, 0 }, { 3399, NOTHING, 0 },
		{ 3400, WARN_IDLE, 100 }, { 3500, CUT_IDLE, 0 } } },
	{ "dialling anew", .steps = {
		{ 500, DIALS, 0 }, { 9000, CLIENT, 0 }, { 9000, DIALS, 0 }, { DIAL + 8999, NOTHING, 0 },
		{ DIAL + 9000, WARN_IDLE, 100 }, { DIAL + 9100, CUT_IDLE, 0 } } },
	{ "the end of dialling that had timed out is no change", .steps = {
		{ 500, DIALS, 0 }, { DIAL + 500, WARN_IDLE, 100 }, { DIAL + 550, NO_CALL, 0 },
		{ DIAL + 599, NOTHING, 0 }, { DIAL + 600, CUT_IDLE, 0 } } },
	{ "dialling: activity both goes on", ACTIVITY(BOTH), .steps = {
		{ 500, DIALS, 0 }, { DIAL + 499, LINE, 0 }, { DIAL + 1398, NOTHING, 0 },
		{ DIAL + 1399, WARN_IDLE, 100 }, { DIAL + 1499, CUT_IDLE, 0 } } },
	{ "dialling without an inactivity rule", .inactivity = -1, .steps = {
		{ 500, DIALS, 0 }, { DIAL * 3, NOTHING, 0 } } },
	{ "dialling does not stop the session limit", .session = 2000, .steps = {
		{ 500, DIALS, 0 }, { 1899, NOTHING, 0 }, { 1900, WARN_LIMIT, 100 }, { 1999, NOTHING, 0 },
		{ 2000, CUT_LIMIT, 0 } } },

	{ "after a call: from its end, whatever was before", .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2299, NOTHING, 0 }, { 2300, WARN_IDLE, 100 },
		{ 2399, NOTHING, 0 }, { 2400, CUT_IDLE, 0 } } },
	{ "after a call inactivity does not count", .after_call = 2000, .steps = {
		{ 10, CALL, 0 }, { 100, NO_CALL, 0 }, { 1999, NOTHING, 0 }, { 2000, WARN_IDLE, 100 },
		{ 2100, CUT_IDLE, 0 } } },
	{ "after a call: the first byte", .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2100, CLIENT, 0 }, { 2999, NOTHING, 0 },
		{ 3000, WARN_IDLE, 100 }, { 3099, NOTHING, 0 }, { 3100, CUT_IDLE, 0 } } },
	{ "after a call: the first byte can shorten it", .inactivity = 200, .after_call = 5000,
		.in_call = 9000, .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2100, CLIENT, 0 }, { 2199, NOTHING, 0 },
		{ 2200, WARN_IDLE, 100 }, { 2299, NOTHING, 0 }, { 2300, CUT_IDLE, 0 } } },
	{ "after a call: line data does not end it", ACTIVITY(BOTH), .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2100, LINE, 0 }, { 2300, WARN_IDLE, 100 },
		{ 2400, CUT_IDLE, 0 } } },
	{ "after a call shorter than the warning", .after_call = 50, .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2049, NOTHING, 0 }, { 2050, CUT_IDLE, 0 } } },
	{ "after a call comes the next: no activity, and not put off again", .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2300, WARN_IDLE, 100 }, { 2350, CALL, 0 },
		{ 2399, NOTHING, 0 }, { 2400, CUT_IDLE, 0 } } },
	{ "carrier that comes and goes", .steps = {
		{ 300, CALL, 0 }, { 600, NO_CALL, 0 }, { 700, CALL, 0 }, { 800, NO_CALL, 0 },
		{ 899, NOTHING, 0 }, { 900, WARN_IDLE, 100 }, { 910, CALL, 0 }, { 990, NO_CALL, 0 },
		{ 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "... the client sends, and all is as before", .steps = {
		{ 300, CALL, 0 }, { 600, NO_CALL, 0 }, { 700, CALL, 0 }, { 900, WARN_IDLE, 100 },
		{ 950, CLIENT, 0 }, { 3849, NOTHING, 0 }, { 3850, WARN_IDLE, 100 }, { 3900, NO_CALL, 0 },
		{ 4200, WARN_IDLE, 100 }, { 4299, NOTHING, 0 }, { 4300, CUT_IDLE, 0 } } },
	{ "... the line's data counts in the call", .steps = {
		{ 300, CALL, 0 }, { 600, NO_CALL, 0 }, { 700, CALL, 0 }, { 900, WARN_IDLE, 100 },
		{ 950, LINE, 0 }, { 3849, NOTHING, 0 }, { 3850, WARN_IDLE, 100 }, { 3949, NOTHING, 0 },
		{ 3950, CUT_IDLE, 0 } } },
	{ "... sooner is no putting off", .after_call = 200, .steps = {
		{ 300, CALL, 0 }, { 400, NO_CALL, 0 }, { 450, CALL, 0 }, { 460, NO_CALL, 0 },
		{ 500, WARN_IDLE, 100 }, { 599, NOTHING, 0 }, { 600, CUT_IDLE, 0 } } },
	{ "... without after-call", .after_call = -1, .steps = {
		{ 300, CALL, 0 }, { 900, NO_CALL, 0 }, { 900, WARN_IDLE, 100 }, { 950, CALL, 0 },
		{ 999, NOTHING, 0 }, { 1000, CUT_IDLE, 0 } } },
	{ "... and new rules, which leave the warning", .steps = {
		{ 300, CALL, 0 }, { 600, NO_CALL, 0 }, { 700, CALL, 0 }, { 900, WARN_IDLE, 100 },
		{ 950, RULES, 0 }, { 2899, NOTHING, 0 }, { 2900, WARN_IDLE, 100 }, { 3000, CUT_IDLE, 0 } } },
	{ "after a call comes dialling", .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2350, DIALS, 0 }, { DIAL + 2349, NOTHING, 0 },
		{ DIAL + 2350, WARN_IDLE, 100 }, { DIAL + 2450, CUT_IDLE, 0 } } },
	{ "after-call off: inactivity, with the full warning", .after_call = -1, .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 2000, WARN_IDLE, 100 }, { 2099, NOTHING, 0 },
		{ 2100, CUT_IDLE, 0 } } },
	{ "after-call off, inactivity off", .after_call = -1, .inactivity = -1, .steps = {
		{ 10, CALL, 0 }, { 2000, NO_CALL, 0 }, { 9999999, NOTHING, 0 } } },
	{ "after-call alone", .inactivity = -1, .in_call = -1, .steps = {
		{ 9000, CALL, 0 }, { 20000, NO_CALL, 0 }, { 20300, WARN_IDLE, 100 },
		{ 20400, CUT_IDLE, 0 } } },

	{ "session limit: activity does not help", .session = 1500, .steps = {
		{ 700, CLIENT, 0 }, { 1399, NOTHING, 0 }, { 1400, WARN_LIMIT, 100 }, { 1450, CLIENT, 0 },
		{ 1499, NOTHING, 0 }, { 1500, CUT_LIMIT, 0 } } },
	{ "session limit: a call does not help", .session = 1500, .steps = {
		{ 700, CLIENT, 0 }, { 1400, WARN_LIMIT, 100 }, { 1490, CALL, 0 }, { 1499, NOTHING, 0 },
		{ 1500, CUT_LIMIT, 0 } } },
	{ "session limit: shorter than the warning", .session = 50, .steps = {
		{ 49, NOTHING, 0 }, { 50, CUT_LIMIT, 0 } } },
	{ "session limit, late", .session = 1500, .inactivity = -1, .steps = {
		{ 9000, CUT_LIMIT, 0 } } },
	{ "both late: the earlier one", .session = 1500, .steps = { { 9000, CUT_IDLE, 0 } } },
	{ "both at once: the limit, warned of once", .session = 1000, .steps = {
		{ 900, WARN_LIMIT, 100 }, { 900, NOTHING, 0 }, { 1000, CUT_LIMIT, 0 } } },
	{ "no idle warning before an earlier limit", .session = 950, .steps = {
		{ 850, WARN_LIMIT, 100 }, { 949, NOTHING, 0 }, { 950, CUT_LIMIT, 0 } } },
	{ "a limit warning after an earlier idle one", .session = 1050, .steps = {
		{ 900, WARN_IDLE, 100 }, { 949, NOTHING, 0 }, { 950, WARN_LIMIT, 100 },
		{ 960, CLIENT, 0 }, { 1000, NOTHING, 0 }, { 1050, CUT_LIMIT, 0 } } },
	{ "both warnings late: one after the other", .session = 1050, .steps = {
		{ 960, WARN_IDLE, 40 }, { 960, WARN_LIMIT, 90 }, { 960, NOTHING, 0 },
		{ 1000, CUT_IDLE, 0 } } },

	{ "new rules: shorter, with the full warning", .new_inactivity = 300, .steps = {
		{ 500, RULES, 0 }, { 500, WARN_IDLE, 100 }, { 599, NOTHING, 0 }, { 600, CUT_IDLE, 0 } } },
	{ "new rules: shorter, from the last activity", .new_inactivity = 700, .steps = {
		{ 500, RULES, 0 }, { 599, NOTHING, 0 }, { 600, WARN_IDLE, 100 }, { 700, CUT_IDLE, 0 } } },
	{ "new rules: longer, after the warning", .new_inactivity = 2000, .steps = {
		{ 900, WARN_IDLE, 100 }, { 950, RULES, 0 }, { 1899, NOTHING, 0 },
		{ 1900, WARN_IDLE, 100 }, { 2000, CUT_IDLE, 0 } } },
	{ "new rules: off", .new_inactivity = -1, .steps = {
		{ 900, WARN_IDLE, 100 }, { 950, RULES, 0 }, { 9999999, NOTHING, 0 } } },
	{ "new rules: a limit that has passed", .new_session = 300, .steps = {
		{ 500, RULES, 0 }, { 500, WARN_LIMIT, 100 }, { 599, NOTHING, 0 }, { 600, CUT_LIMIT, 0 } } },
	{ "new rules while dialling", .new_inactivity = 300, .steps = {
		{ 500, DIALS, 0 }, { 600, RULES, 0 }, { DIAL + 499, NOTHING, 0 },
		{ DIAL + 500, WARN_IDLE, 100 }, { DIAL + 599, NOTHING, 0 },
		{ DIAL + 600, CUT_IDLE, 0 } } },
	{ "new rules after dialling timed out", .new_inactivity = 300, .steps = {
		{ 500, DIALS, 0 }, { DIAL + 550, RULES, 0 }, { DIAL + 550, WARN_IDLE, 100 },
		{ DIAL + 649, NOTHING, 0 }, { DIAL + 650, CUT_IDLE, 0 } } },
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
	tenure_client_bytes(&t, tenures_at(300));
	ck_assert_int_eq(tenure_held(&t, tenures_at(700)), 700);
	ck_assert_int_eq(tenure_idle(&t, tenures_at(700)), 400);
	ck_assert_int_eq(tenure_latest(&t, tenures_at(700)), 4300);
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(700)), 600);
	tenure_line_bytes(&t, tenures_at(800));
	ck_assert_int_eq(tenure_idle(&t, tenures_at(800)), 500);
	tenure_call(&t, TENURE_IN_CALL, tenures_at(900));
	tenure_line_bytes(&t, tenures_at(1000));
	ck_assert_int_eq(tenure_idle(&t, tenures_at(1100)), 100);
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(1100)), 2900);
	tenure_call(&t, TENURE_NO_CALL, tenures_at(1200));
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(1200)), 400);
	tenure_call(&t, TENURE_DIALS, tenures_at(1300));
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(1300)), DIAL + 100);
	ck_assert_int_eq(tenure_latest(&t, tenures_at(9000)), 0);
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(9000 + 2 * DIAL)), 0);
	rules.session_limit = rules.inactivity = 0;
	ck_assert_int_eq(tenure_latest(&t, tenures_at(9000)), TENURE_NO_LIMIT);
	ck_assert_int_eq(tenure_if_idle(&t, tenures_at(9000)), TENURE_NO_LIMIT);
}
END_TEST

/* ---- the random walk ---- */

struct walk {
	struct conf_rules rules;
	struct tenure t;
	msec_t now, warned, changed;
	bool warned_now, after_call;
	bool ended, stands; /* a call has ended since the client sent; and then came another change */
};

static void
walk_begin(struct walk *w, uint32_t *seed)
{
	static const int64_t limits[] = { 0, 50, 100, 101, 1000, 3000, 70000 };

	memset(w, 0, sizeof *w);
	w->rules.inactivity = limits[tenures_random(seed, 7)];
	w->rules.inactivity_in_call = limits[tenures_random(seed, 7)];
	w->rules.after_call = limits[tenures_random(seed, 7)];
	w->rules.session_limit = limits[tenures_random(seed, 7)] * 10;
	w->rules.warning = tenures_random(seed, 3) * 50;
	w->rules.activity = (enum conf_activity)tenures_random(seed, 3);
	w->now.v = tenures_random(seed, 9999);
	w->changed.v = INT64_MIN / 2;
	tenure_start(&w->t, &w->rules, true, w->now);
}

static void
walk_event(struct walk *w, uint32_t *seed)
{
	enum tenure_call call = (enum tenure_call)tenures_random(seed, 3), was = w->t.call;
	msec_t line;

	switch (tenures_random(seed, 4)) {
	case 0:
		tenure_client_bytes(&w->t, w->now);
		w->after_call = w->ended = w->stands = false;
		break;
	case 1:
		line = w->t.line;
		tenure_line_bytes(&w->t, w->now);
		if (w->t.line.v != line.v && !w->after_call)
			w->stands = false;
		break;
	case 2:
		tenure_call(&w->t, call, w->now);
		if (call == was && call != TENURE_DIALS)
			break;
		w->stands = w->ended && call != TENURE_DIALS;
		w->ended = call != TENURE_DIALS && (w->ended || was == TENURE_IN_CALL);
		w->after_call = was == TENURE_IN_CALL && call == TENURE_NO_CALL &&
		    w->rules.after_call > 0;
		/* Dialling that had timed out is no change when it ends. */
		if (!w->after_call && !w->stands && !(was == TENURE_DIALS && call == TENURE_NO_CALL &&
		    msec_reached(w->t.dialling_ends, w->now)))
			w->changed = w->now;
		break;
	default:
		break;
	}
}

/* Which rule's cut it is that stands is not worked out here. */
static int64_t
walk_limit(const struct walk *w)
{
	if (w->stands)
		return tenure_idle_limit(&w->t);
	if (w->t.call == TENURE_IN_CALL)
		return w->rules.inactivity_in_call;
	return w->after_call ? w->rules.after_call : w->rules.inactivity;
}

static void
walk_cut_is_right(const struct walk *w, enum tenure_rule rule)
{
	int64_t limit = walk_limit(w);

	if (rule == TENURE_LIMIT) {
		ck_assert_int_eq(tenure_held(&w->t, w->now), w->rules.session_limit);
		return;
	}
	ck_assert_int_gt(limit, 0);
	if (!w->after_call && !w->stands)
		ck_assert_int_ge(tenure_idle(&w->t, w->now), limit);
	ck_assert_int_ge(msec_since(w->changed, w->now), w->rules.warning);
	if (w->t.call == TENURE_DIALS)
		ck_assert_int_ge(msec_since(w->t.dialling_ends, w->now), w->rules.warning);
	if (w->rules.warning > 0 && w->rules.warning < limit) {
		ck_assert(w->warned_now);
		ck_assert_int_eq(msec_since(w->warned, w->now), w->rules.warning);
	}
}

/* Asks exactly when it is due, events in between; every claim ends as the rules say. */
static unsigned
walk(uint32_t *seed)
{
	struct walk w;
	unsigned i;

	walk_begin(&w, seed);
	for (i = 0; i < 200; i++) {
		msec_t next = msec_add(w.now, tenures_random(seed, 5) == 0 ? tenures_random(seed, 200000) : tenures_random(seed, 120));
		enum tenure_verdict verdict = TENURE_GO_ON;
		enum tenure_rule rule;
		int64_t left;

		tenures_check_due(&w.t, w.now, "walk");
		while (msec_reached(tenure_due(&w.t), next)) {
			w.now = msec_max(w.now, tenure_due(&w.t));
			verdict = tenure_check(&w.t, w.now, &rule, &left);
			ck_assert_int_ne(verdict, TENURE_GO_ON);
			if (verdict == TENURE_CUT) {
				walk_cut_is_right(&w, rule);
				return 1;
			}
			ck_assert_int_eq(left, w.rules.warning);
			if (rule == TENURE_IDLE) {
				ck_assert(!w.warned_now);
				w.warned_now = true;
				w.warned = w.now;
			}
		}
		w.now = next;
		left = tenure_if_idle(&w.t, w.now);
		walk_event(&w, seed);
		/* Whatever moves the cut makes a new spell. */
		if (tenure_if_idle(&w.t, w.now) != left)
			w.warned_now = false;
	}
	return 0;
}

/* From the first end of a call on the cut only comes nearer, and it comes. */
static void
flap(uint32_t *seed)
{
	struct walk w;
	enum tenure_rule rule;
	int64_t left, until = TENURE_NO_LIMIT, before;
	unsigned i;

	do
		walk_begin(&w, seed);
	while (w.rules.after_call == 0);
	w.rules.session_limit = 0;
	for (i = 0; tenure_check(&w.t, w.now, &rule, &left) != TENURE_CUT; i++) {
		ck_assert_uint_lt(i, 20000);
		tenure_call(&w.t, i % 2 == 0 ? TENURE_IN_CALL : TENURE_NO_CALL, w.now);
		before = until;
		until = tenure_if_idle(&w.t, w.now);
		if (i >= 2 && before != TENURE_NO_LIMIT)
			ck_assert(until != TENURE_NO_LIMIT && until <= before);
		left = tenures_random(seed, 60);
		w.now.v += left;
		if (until != TENURE_NO_LIMIT)
			until -= left;
	}
}

START_TEST(carrier_that_comes_and_goes)
{
	uint32_t seed = 4711;
	unsigned i;

	for (i = 0; i < 2000; i++)
		flap(&seed);
}
END_TEST

START_TEST(random_walks)
{
	uint32_t seed = 20250101;
	unsigned i, cuts = 0;

	for (i = 0; i < 20000; i++)
		cuts += walk(&seed);
	ck_assert_uint_gt(cuts, 10000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tenure");
	TCase *tc = tcase_create("tenure");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, script, 0, (int)(sizeof scripts / sizeof scripts[0]));
	tcase_add_test(tc, figures);
	tcase_add_test(tc, carrier_that_comes_and_goes);
	tcase_add_test(tc, random_walks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
