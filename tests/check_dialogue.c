/*
 * A modem from one owner to the next, whatever state it was left in and whatever it does: what
 * is sent, what comes of it and how long it takes, to the ms.
 */
#include <string.h>

#include "modem/handover.h"
#include "modemplay.h"
#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])
#define FIRST "AT&F\r"
#define REST "ATE1V1Q0S0=0X4&C1&D2\rAT\rAT\r"
#define WAKE_CALL "\x10\x03" "+++AT\rATQ0V1\rAT&F\r" /* +++ because no carrier tells of a call */
#define WAKE "\x10\x03" "AT\rATQ0V1\rAT&F\r"

/* A call may have been up that no carrier told of. */
#define WOKEN "ATH\r" REST

/* Up to the first command: DTR low, settle; with carrier that stays, also +++ and ATH. */
#define BEGIN (1000 + 2600)
#define HUNG_UP (1000 + 5000 + 2600 + 2 * 1100 + 20 + 100)
/* From the first command, each answered after 20 ms, to the end. */
#define DIALOGUE (20 + 1000 + 3 * (20 + 100))
/* The first command and what wakes, unanswered. */
#define SILENT (10000 + 3 * (1000 + 100))
#define GUARDS (2 * 1100)
/* Where carrier must fall and does not, behind all ways: what wakes, and &C1. */
#define LAST "+++ATH\r" "\x10\x03" "AT\rATQ0V1&C1\r"
#define LAST_WAY (HUNG_UP + 5000 + 1100 + 2 * 120)

struct scene {
	const char *name;
	struct faults f;
	const char *failure; /* NULL: it becomes ready */
	int64_t took;
	bool carrier_off;
	const char *sent;
};

static const struct scene scenes[] = {
	/* what it says */
	{ "in order", { 0 }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "echo off", { .no_echo = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "V0", { .numeric = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "V0, echo off", { .numeric = true, .no_echo = true }, NULL, BEGIN + DIALOGUE, true,
	    FIRST REST },
	{ "Q1", { .quiet = true }, NULL, BEGIN + 10000 + 1100 + GUARDS + 3 * 120 + DIALOGUE, true,
	    FIRST WAKE_CALL WOKEN },
	{ "OK twice", { .twice = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "OK when DTR rises", { .ok_at_dtr = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "chatter", { .chatter = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "rings", { .rings = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "the far end says RING", { .in_call = true, .far_rings = true }, NULL, BEGIN + DIALOGUE, true,
	    FIRST REST },
	{ "the far end says RING, no DCD", { .in_call = true, .far_rings = true, .no_dcd = true }, NULL,
	    BEGIN + DIALOGUE, true, FIRST REST },
	{ "the far end says RING, &D0", { .in_call = true, .far_rings = true, .ignores_dtr = true }, NULL,
	    HUNG_UP + DIALOGUE, true, "+++ATH\r" FIRST REST },
	{ "the far end says RING, no lines", { .in_call = true, .far_rings = true, .no_lines = true },
	    NULL, BEGIN + 10000 + 1100 + GUARDS + 3 * 120 + DIALOGUE, true, FIRST WAKE_CALL WOKEN },
	{ "then it rings", { .in_call = true, .far_rings = true, .rings = true }, NULL, BEGIN + DIALOGUE,
	    true, FIRST REST },
	{ "chatter only", { .chatter = true, .mute = true }, "no answer to AT&F",
	    2 * (BEGIN + SILENT + GUARDS + 10000), false, FIRST WAKE_CALL FIRST WAKE_CALL },
	{ "garbage", { .garbage = true }, "it answers garbage to AT&F",
	    2 * (BEGIN + SILENT + GUARDS + 10000), false, FIRST WAKE_CALL FIRST WAKE_CALL },
	{ "flood and answers", { .flood = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "flood", { .flood = true, .mute = true }, "it answers garbage to AT&F",
	    2 * (BEGIN + SILENT + GUARDS + 10000), false, FIRST WAKE_CALL FIRST WAKE_CALL },

	/* when it says it */
	{ "mute", { .mute = true }, "no answer to AT&F",
	    2 * (BEGIN + SILENT + GUARDS + 10000), false, FIRST WAKE_CALL FIRST WAKE_CALL },
	{ "mute at first", { .dead = BEGIN + 1 }, NULL,
	    BEGIN + 10000 + 1100 + GUARDS + 3 * 120 + DIALOGUE, true, FIRST WAKE_CALL WOKEN },
	{ "mute for an attempt", { .dead = BEGIN + SILENT + GUARDS + 1 }, NULL,
	    BEGIN + SILENT + GUARDS + 10000 + BEGIN + DIALOGUE, true, FIRST WAKE_CALL FIRST REST },
	{ "slow", { .slow = 9000 }, NULL, BEGIN + DIALOGUE + 8980, true, FIRST REST },
	{ "just in time", { .slow = 9999 }, NULL, BEGIN + DIALOGUE + 9979, true, FIRST REST },
	/* Its OK comes while it is woken, 500 ms after DLE ETX, and again; it is no answer to AT&F. */
	{ "too slow", { .slow = 10500 }, "no answer to AT&F",
	    2 * (BEGIN + 10000 + 600 + GUARDS + 2 * 120 + 10000), false, FIRST WAKE_CALL FIRST WAKE_CALL },
	{ "slow test", { .late = 2000 }, "no answer to AT",
	    2 * (BEGIN + 2000 + 1000 + 2000 + 100 + 2000), false, FIRST "ATE1V1Q0S0=0X4&C1&D2\rAT\r"
	    FIRST "ATE1V1Q0S0=0X4&C1&D2\rAT\r" },
	{ "as slow as can be", { .late = 1999 }, NULL, BEGIN + 2999 + 3 * 2099, true, FIRST REST },

	{ "takes nothing", { .stuck = true }, "no answer to AT&F", 2 * (BEGIN + 10000), false, "" },
	{ "takes nothing, in call", { .stuck = true, .in_call = true, .ignores_dtr = true },
	    "the call does not end", 2 * (1000 + 5000 + 2600 + GUARDS), false, "" },

	/* what it was left in */
	{ "in call", { .in_call = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "&D0", { .ignores_dtr = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "&D0, in call", { .in_call = true, .ignores_dtr = true }, NULL, HUNG_UP + DIALOGUE, true,
	    "+++ATH\r" FIRST REST },
	{ "&D0, in call, &C0", { .in_call = true, .ignores_dtr = true, .carrier_on = true }, NULL,
	    HUNG_UP + 5000 + DIALOGUE, true, "+++ATH\r" FIRST REST },
	{ "&C0", { .carrier_on = true }, NULL, HUNG_UP + 5000 + DIALOGUE, true, "+++ATH\r" FIRST REST },
	{ "strapped", { .strapped = true }, NULL, HUNG_UP + 5000 + DIALOGUE, false,
	    "+++ATH\r" FIRST REST },
	{ "fax", { .fax = true }, NULL, BEGIN + 10000 + 120 + GUARDS + 3 * 120 + DIALOGUE, true,
	    FIRST WAKE_CALL WOKEN },
	{ "other speed", { .own_speed = true, .mute = false }, NULL,
	    BEGIN + 10000 + 1100 + GUARDS + 3 * 120 + DIALOGUE, true, FIRST WAKE_CALL WOKEN },
	{ "in call, no lines", { .in_call = true, .no_lines = true }, NULL,
	    BEGIN + 10000 + 1100 + GUARDS + 3 * 120 + DIALOGUE, true, FIRST WAKE_CALL WOKEN },
	{ "in call, no lines, S2=128", { .in_call = true, .no_lines = true, .no_escape = true },
	    "no answer to AT&F", 2 * (BEGIN + SILENT + GUARDS + 10000), false,
	    FIRST WAKE_CALL FIRST WAKE_CALL },
	{ "&D0, in call, S2=128", { .in_call = true, .ignores_dtr = true, .no_escape = true },
	    "the call does not end", 2 * (HUNG_UP + 9980 + 5000 + SILENT + 10000), false,
	    "+++ATH\r" FIRST WAKE "+++ATH\r" FIRST WAKE },
	/* It cannot be told from DCD that is strapped. */
	{ "in call for ever", { .in_call = true, .ignores_dtr = true, .ends_by = "" }, NULL,
	    HUNG_UP + 5000 + DIALOGUE, false, "+++ATH\r" FIRST REST },
	/* But where it falls without a call: whoever says OK, it may be the far end of one. */
	{ "in call, the host says OK", { .in_call = true, .ignores_dtr = true, .no_escape = true, .far_oks = true,
	    .falls = true }, "the call does not end", 2 * LAST_WAY, false, LAST LAST },
	{ "in call, the host says nothing", { .in_call = true, .ignores_dtr = true, .no_escape = true,
	    .falls = true }, "the call does not end", 2 * (HUNG_UP + 9980 + 5000 + 3 * 1100), false,
	    LAST LAST },
	{ "in call for ever, DCD falls", { .in_call = true, .ignores_dtr = true, .ends_by = "", .falls = true },
	    "the call does not end", 2 * LAST_WAY, false, LAST LAST },
	{ "&C0, DCD falls", { .carrier_on = true, .falls = true }, NULL, LAST_WAY + DIALOGUE, true, LAST FIRST REST },
	{ "&C0, Q1, DCD falls", { .carrier_on = true, .quiet = true, .falls = true }, NULL,
	    HUNG_UP + 9980 + 5000 + 2 * 1100 + 120 + DIALOGUE, true, LAST FIRST REST },
	{ "in call, DCD falls", { .in_call = true, .falls = true }, NULL, BEGIN + DIALOGUE, true, FIRST REST },
	{ "&D0, in call, DCD falls", { .in_call = true, .ignores_dtr = true, .falls = true }, NULL, HUNG_UP + DIALOGUE,
	    true, "+++ATH\r" FIRST REST },
	{ "&D0, fax, DCD falls", { .fax = true, .carrier_on = true, .falls = true }, NULL,
	    HUNG_UP + 9980 + 5000 + 3 * 120 + DIALOGUE, true, LAST FIRST REST },
	{ "left with +++, no lines", { .left_call = true, .no_lines = true, .no_carrier = true }, NULL,
	    BEGIN + DIALOGUE + 120, true, FIRST WOKEN },
	{ "in order, no lines", { .no_lines = true, .no_carrier = true }, NULL, BEGIN + DIALOGUE + 120,
	    true, FIRST WOKEN },
	{ "no lines, ATH is refused", { .no_lines = true, .no_carrier = true, .refuses = "ATH" }, NULL,
	    BEGIN + DIALOGUE + 120, true, FIRST WOKEN },

	/* what it refuses */
	{ "the first", { .refuses = "AT&F" }, "AT&F is refused: ERROR", 2 * (BEGIN + 20), false, FIRST FIRST },
	{ "the first, V0", { .refuses = "AT&F", .numeric = true }, "AT&F is refused: 4", 2 * (BEGIN + 20),
	    false, FIRST FIRST },
	{ "the second", { .refuses = "ATE1V1Q0S0=0X4&C1&D2" },
	    "ATE1V1Q0S0=0X4&C1&D2 is refused: ERROR", 2 * (BEGIN + 1020 + 20), false,
	    FIRST "ATE1V1Q0S0=0X4&C1&D2\r" FIRST "ATE1V1Q0S0=0X4&C1&D2\r" },
	{ "the second, twice", { .refuses = "ATE1V1Q0S0=0X4&C1&D2", .twice = true,
	    .with = "+CME ERROR: \x01 no \\ such" },
	    "ATE1V1Q0S0=0X4&C1&D2 is refused: +CME ERROR: \\x01", 2 * (BEGIN + 1020 + 20), false,
	    FIRST "ATE1V1Q0S0=0X4&C1&D2\r" FIRST "ATE1V1Q0S0=0X4&C1&D2\r" },
	{ "the test", { .refuses = "AT" }, "AT is refused: ERROR", 2 * (BEGIN + 1020 + 120 + 20),
	    false, FIRST "ATE1V1Q0S0=0X4&C1&D2\rAT\r" FIRST "ATE1V1Q0S0=0X4&C1&D2\rAT\r" },
};

START_TEST(a_modem)
{
	const struct scene *s = &scenes[_i];
	const char *failure = s->failure != NULL ? s->failure : "";
	struct handover_rules r = play_rules;
	enum handover_do end;
	struct play p;

	play_init(&p, &s->f);
	r.no_carrier = s->f.no_carrier;
	r.carrier_falls = s->f.falls;
	end = play_run(&p, &r);
	ck_assert_msg((end == HANDOVER_FAILED) == (s->failure != NULL), "%s: %d, %s", s->name, end,
	    handover_failure(&p.h));
	ck_assert_msg(strncmp(handover_failure(&p.h), failure, strlen(failure)) == 0, "%s: %s", s->name,
	    handover_failure(&p.h));
	ck_assert_msg(strcmp(p.sent, s->sent) == 0, "%s: sent %s", s->name, p.sent);
	ck_assert_msg(play_took(&p) == s->took, "%s: %lld", s->name, (long long)play_took(&p));
	ck_assert_msg(p.h.carrier_off == s->carrier_off, "%s", s->name);
	ck_assert_int_le(play_took(&p), handover_longest(&play_rules));
	ck_assert_msg(end != HANDOVER_READY || !p.call || s->f.ends_by != NULL, "%s: in a call", s->name);
	ck_assert_int_eq(msec_before(p.now, ringwatch_until(&p.h.ring, p.now)), s->f.rings);
}
END_TEST

/* ---- other rules ---- */

static const char *const chup[] = { "escape", "AT+CHUP" };
static const char *const escape_first[] = { "escape", "dtr", "ATH" };
static const char *const dtr[] = { "dtr" };
static const char *const ath[] = { "escape", "ATH" };
static const char *const secret_way[] = { "dtr", "AT+XPW=1234" };
static const char *const gsm[] = { "dtr", "AT+CHUP", "ATH" };
static const char *const pin[] = { "ATZ", "AT + cPiN=1234", "ATX4" };
static const char *const profile[] = { "ATZ", "ATQ0" };
#define ZEROS(x) x "0000000000" "0000000000" "0000000000" "0000000000" "0000000000" "0000000000"
#define MOST ZEROS(ZEROS("AT00000")) /* with its CR the most that is sent */
static const char *const longest_init[] = { MOST };
static const char *const too_long_init[] = { MOST "0" };
static const char *const too_long_way[] = { MOST "0", "ATH" };

struct variant {
	const char *name;
	struct faults f;
	const char *const *hangup;
	size_t n_hangup;
	const char *const *init;
	size_t n_init;
	int64_t hangup_time;
	const char *failure;
	const char *sent, *actions;
};

static const struct variant variants[] = {
	{ "CHUP", { .in_call = true, .ignores_dtr = true, .ends_by = "AT+CHUP" }, chup, 2, pin, 1, 1000,
	    NULL, "+++AT+CHUP\rATZ\rAT\rAT\r", "EBU.L.>.L>.LSUP>.>.>.IPL" },
	{ "only the pulse", { 0 }, dtr, 1, pin, 1, 1000, NULL, "ATZ\rAT\rAT\r",
	    "EBPD.LPU.SUP>.>.>.IPL" },
	{ "no pulse", { 0 }, dtr, 1, pin, 1, 0, NULL, "ATZ\rAT\rAT\r", "EBU.SUP>.>.>.IPL" },
	{ "no way", { 0 }, dtr, 0, pin, 1, 1000, NULL, "ATZ\rAT\rAT\r", "EBU.SUP>.>.>.IPL" },
	{ "no init", { 0 }, dtr, 1, pin, 0, 1000, NULL, "AT\rAT\r", "EBPD.LPU.SUP>.>.IPL" },
	{ "no init, other speed", { .own_speed = true }, dtr, 1, pin, 0, 1000, NULL,
	    "AT\r\x10\x03" "AT\rATQ0V1\rAT\rAT\r", NULL },
	{ "escape first, no call", { 0 }, escape_first, 3, pin, 1, 1000, NULL, "ATZ\rAT\rAT\r",
	    "EBU.LPD.LPU.LSUP>.>.>.IPL" },
	{ "escape first, a call", { .in_call = true }, escape_first, 3, pin, 1, 1000, NULL,
	    "+++ATZ\rAT\rAT\r", "EBU.L.>.PD.LPU.LSUP>.>.>.IPL" },
	{ "a PIN", { .refuses = "AT + cPiN=1234", .with = "+CME ERROR: 1234" }, dtr, 1, pin, 2, 1000,
	    "AT + cPiN... is refused: ERROR", NULL, NULL },
	{ "a PIN before", { .refuses = "ATX4", .with = "+CME ERROR: 1234" }, dtr, 1, pin, 3, 1000,
	    "ATX4 is refused: ERROR", NULL, NULL },
	{ "a PIN that hangs up", { .refuses = "ATX4", .with = "+CME ERROR: 1234" }, secret_way, 2, pin + 2, 1, 1000,
	    "ATX4 is refused: ERROR", NULL, NULL },
	{ "a PIN, mute", { .mute = true }, dtr, 1, pin + 1, 1, 1000, "no answer to AT + cPiN...",
	    NULL, NULL },
	{ "ATZ alone ends the call", { .in_call = true, .ignores_dtr = true, .ends_by = "ATZ" }, ath, 2,
	    pin, 1, 1000, NULL, "+++ATH\rATZ\rAT\rAT\r", NULL },
	{ "ATZ hangs up", { .left_call = true, .no_lines = true, .no_carrier = true }, ath, 2, pin, 1,
	    1000, NULL, "ATZ\rAT\rAT\r", NULL },
	{ "Q1 in the profile", { .quiet = true, .stores_quiet = true }, ath, 2, profile, 2, 1000, NULL,
	    "ATZ\r" "\x10\x03" "+++AT\rATQ0V1\rATZ\rATQ0\rAT\rAT\r", NULL },
	{ "each that hangs up", { .left_call = true, .no_lines = true, .no_carrier = true,
	    .ends_by = "ATH" }, gsm, 3, pin + 2, 1, 1000, NULL, "ATX4\rAT+CHUP\rATH\rAT\rAT\r", NULL },
	{ "none that hangs up", { .no_lines = true, .no_carrier = true }, dtr, 1, pin + 2, 1, 1000, NULL,
	    "ATX4\rAT\rAT\r", NULL },
	{ "too long", { 0 }, dtr, 1, too_long_init, 1, 1000,
	    "AT000000000000000000000000000000000000000000000 is too long", "", "EBPD.LPU.SUPEI" },
	{ "just not too long", { 0 }, dtr, 1, longest_init, 1, 1000, NULL, MOST "\rAT\rAT\r",
	    "EBPD.LPU.SUP>.>.>.IPL" },
	{ "a way that is too long", { .in_call = true, .no_lines = true }, too_long_way, 2, pin, 1,
	    1000, "no answer to ATZ", NULL, NULL },
	{ "a way that is too long, carrier", { .strapped = true }, too_long_way, 1, pin, 1, 1000, NULL,
	    "ATZ\rAT\rAT\r", "EBU.LSUP>.>.>.IPL" },
};

START_TEST(rules)
{
	const struct variant *v = &variants[_i];
	struct handover_rules r = play_rules;
	enum handover_do end;
	struct play p;

	r.hangup = v->hangup;
	r.n_hangup = v->n_hangup;
	r.init = v->init;
	r.n_init = v->n_init;
	r.hangup_time = v->hangup_time;
	r.attempts = 0;
	r.no_carrier = v->f.no_carrier;
	play_init(&p, &v->f);
	end = play_run(&p, &r);
	ck_assert_msg((end == HANDOVER_FAILED) == (v->failure != NULL), "%s: %d, %s", v->name, end,
	    handover_failure(&p.h));
	if (v->failure != NULL)
		ck_assert_msg(strcmp(handover_failure(&p.h), v->failure) == 0, "%s: %s", v->name,
		    handover_failure(&p.h));
	if (v->sent != NULL)
		ck_assert_msg(strncmp(p.sent, v->sent, strlen(v->sent)) == 0, "%s: %s", v->name,
		    p.sent);
	if (v->actions != NULL)
		ck_assert_msg(strcmp(p.actions, v->actions) == 0, "%s: %s", v->name, p.actions);
	ck_assert_int_le(play_took(&p), handover_longest(&r));
	ck_assert_msg(end != HANDOVER_READY || !p.call, "%s: in a call", v->name);
}
END_TEST

/* Every byte of it belongs to whoever is at the console. */
START_TEST(nothing_is_sent)
{
	const struct faults f = { .chatter = true, .in_call = true };
	struct handover_rules r = play_rules;
	struct play p;

	r.modem = _i != 0;
	r.dialogue = !r.modem;
	play_init(&p, &f);
	ck_assert_int_eq(play_run(&p, &r), HANDOVER_READY);
	ck_assert_str_eq(p.actions, "XEBD.PSIPL");
	ck_assert_uint_eq(p.nsent, 0);
	ck_assert_int_eq(play_took(&p), 1000);
	ck_assert_int_eq(handover_longest(&r), 1000);
	ck_assert_int_eq(play_probe(&p, &r), HANDOVER_READY);
	ck_assert_uint_eq(p.nsent, 0);
}
END_TEST

/* What the port takes is on top. */
START_TEST(slow_port)
{
	const struct faults f = { 0 };
	struct play p;

	play_init(&p, &f);
	p.operation = 7;
	ck_assert_int_eq(play_run(&p, &play_rules), HANDOVER_READY);
	ck_assert_int_eq(play_took(&p), 4980 + 15 * 7);
}
END_TEST

/* ---- a modem that leaves the bus ---- */

#define SECOND "ATE1V1Q0S0=0X4&C1&D2"
#define AGAIN 2600 /* ms it rests when it is back */

static const struct {
	struct faults f;
	const char *failure, *sent;
	int64_t took;
	unsigned returns;
	bool lost;
} leavings[] = {
	/* the first that it left after is not sent again, whether it had answered or not */
	{ { .leaves = "AT&F", .leaves_ms = 10, .n_leaves = 1 }, NULL, FIRST REST,
	    BEGIN + 10 + AGAIN + 3 * 120, 1, false },
	{ { .leaves = "AT&F", .leaves_ms = 0, .n_leaves = 1 }, NULL, FIRST REST,
	    BEGIN + AGAIN + 3 * 120, 1, false },
	{ { .leaves = "AT&F", .leaves_ms = 500, .n_leaves = 1 }, NULL, FIRST REST,
	    BEGIN + 500 + AGAIN + 3 * 120, 1, false },
	/* a later one is, since one before it may have been the cause; but once */
	{ { .leaves = SECOND, .leaves_ms = 10, .n_leaves = 1 }, NULL, FIRST SECOND "\r" REST,
	    BEGIN + 1020 + 10 + AGAIN + 3 * 120, 1, false },
	{ { .leaves = SECOND, .leaves_ms = 10, .n_leaves = 2 }, NULL, FIRST SECOND "\r" REST,
	    BEGIN + 1020 + 2 * (10 + AGAIN) + 2 * 120, 2, false },
	/* long after: the one that was under way has not reached it */
	{ { .leaves = "AT&F", .leaves_ms = 1030, .n_leaves = 1 }, NULL, FIRST SECOND "\r" REST,
	    BEGIN + 1030 + AGAIN + 3 * 120, 1, false },
	/* by DTR: it has hung up, and is told all */
	{ { .leaves = "dtr", .leaves_ms = 10, .n_leaves = 1 }, NULL, FIRST REST,
	    10 + AGAIN + DIALOGUE, 1, false },
	{ { .leaves = "dtr", .leaves_ms = 2000, .n_leaves = 1 }, NULL, FIRST REST,
	    2000 + AGAIN + DIALOGUE, 1, false },
	{ { .leaves = "dtr", .leaves_ms = 10, .n_leaves = 1, .in_call = true }, NULL, FIRST REST,
	    10 + AGAIN + DIALOGUE, 1, false },
	/* in the test, which is begun again */
	{ { .leaves = "AT", .leaves_ms = 10, .n_leaves = 1 }, NULL, FIRST SECOND "\rAT\rAT\rAT\r",
	    BEGIN + 1020 + 120 + 10 + AGAIN + 2 * 120, 1, false },
	{ { .leaves = "AT", .leaves_ms = 130, .n_leaves = 1 }, NULL,
	    FIRST SECOND "\rAT\rAT\rAT\rAT\r", BEGIN + 1020 + 120 + 130 + AGAIN + 2 * 120, 1, false },
	/* as often as each command may make it, and two more */
	{ { .leaves = "AT", .leaves_ms = 10, .n_leaves = 4 }, NULL,
	    FIRST SECOND "\rAT\rAT\rAT\rAT\rAT\rAT\r",
	    BEGIN + 1020 + 120 + 4 * (10 + AGAIN) + 2 * 120, 4, false },
	{ { .leaves = "AT", .leaves_ms = 10, .n_leaves = 5 }, NULL,
	    FIRST SECOND "\rAT\rAT\rAT\rAT\rAT\r", BEGIN + 1020 + 120 + 4 * (10 + AGAIN) + 10, 4, true },
	/* a second attempt sends all again */
	{ { .leaves = "AT&F", .leaves_ms = 10, .n_leaves = 2, .refuses = "AT" }, "AT is refused: ERROR",
	    FIRST SECOND "\rAT\r" FIRST SECOND "\rAT\r", 2 * (BEGIN + 10 + AGAIN + 120 + 20), 2, false },
	/* it comes back, and is dead */
	{ { .leaves = "AT&F", .leaves_ms = 10, .n_leaves = 1, .refuses = SECOND, .with = "NO CARRIER" },
	    "no answer to ATE1V1Q0S0=0X4&C1&D2", FIRST SECOND "\r" FIRST SECOND "\r",
	    BEGIN + 10 + AGAIN + 10000 + BEGIN + 1020 + 10000, 1, false },
};

START_TEST(it_leaves)
{
	const char *failure = leavings[_i].failure;
	enum handover_do end;
	struct play p;

	play_init(&p, &leavings[_i].f);
	end = play_run(&p, &play_rules);
	ck_assert_int_eq(p.lost, leavings[_i].lost);
	if (!p.lost)
		ck_assert_int_eq(end, failure == NULL ? HANDOVER_READY : HANDOVER_FAILED);
	if (failure != NULL)
		ck_assert_str_eq(handover_failure(&p.h), failure);
	ck_assert_str_eq(p.sent, leavings[_i].sent);
	ck_assert_int_eq(play_took(&p), leavings[_i].took);
	ck_assert_uint_eq(p.returns, leavings[_i].returns);
	ck_assert_int_le(play_took(&p), handover_longest(&play_rules) + p.returns * AGAIN);
}
END_TEST

/* A device that others have just used, and one that knows no dialogue, are not waited for. */
START_TEST(it_must_not_leave)
{
	struct handover_rules r = play_rules;
	struct handover h;

	handover_probe(&h, &r, (msec_t){ 1 });
	ck_assert(!handover_may_leave(&h));
	handover_start(&h, &r, (msec_t){ 1 });
	ck_assert(handover_may_leave(&h));
	r.dialogue = false;
	handover_start(&h, &r, (msec_t){ 1 });
	ck_assert(!handover_may_leave(&h));
	r.dialogue = true;
	r.modem = false;
	handover_start(&h, &r, (msec_t){ 1 });
	ck_assert(!handover_may_leave(&h));
}
END_TEST

/* ---- the test at the grant ---- */

static const struct {
	struct faults f;
	int64_t settle, took;
	const char *failure, *sent;
} probes[] = {
	{ { 0 }, 2600, 120, NULL, "AT\r" },
	{ { .dead = 1 }, 2600, 620, NULL, "AT\rAT\r" },
	{ { .dead = 2001 }, 2600, 2500 + 120, NULL, "AT\rAT\rAT\rAT\rAT\rAT\r" },
	{ { .mute = true }, 2600, 2600, "no answer to AT", "AT\rAT\rAT\rAT\rAT\rAT\r" },
	{ { .mute = true }, 0, 0, "no answer to AT", "AT\r" },
	{ { .mute = true, .strapped = true }, 500, 500, "no answer to AT", "AT\r" },
	{ { .garbage = true }, 600, 600, "it answers garbage to AT", "AT\rAT\r" },
	{ { .refuses = "AT" }, 600, 600, "AT is refused: ERROR", "AT\rAT\r" },
	{ { .flood = true, .mute = true }, 600, 600, "it answers garbage to AT", "AT\rAT\r" },
	{ { .strapped = true, .chatter = true }, 600, 120, NULL, "AT\r" },
};

START_TEST(at_the_grant)
{
	struct handover_rules r = play_rules;
	enum handover_do end;
	struct play p;

	r.settle_time = probes[_i].settle;
	play_init(&p, &probes[_i].f);
	end = play_probe(&p, &r);
	if (probes[_i].failure != NULL) {
		ck_assert_int_eq(end, HANDOVER_FAILED);
		ck_assert_msg(strcmp(handover_failure(&p.h), probes[_i].failure) == 0 ||
		    probes[_i].f.refuses != NULL, "%s", handover_failure(&p.h));
	} else {
		ck_assert_int_eq(end, HANDOVER_READY);
		ck_assert_int_eq(p.h.carrier_off, !probes[_i].f.strapped);
	}
	ck_assert_int_eq(play_took(&p), probes[_i].took);
	ck_assert_str_eq(p.sent, probes[_i].sent);
	ck_assert_int_eq(strncmp(p.actions, "SUP>", 4), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dialogue");
	TCase *tc = tcase_create("dialogue");

	tcase_add_loop_test(tc, a_modem, 0, (int)COUNT(scenes));
	tcase_add_loop_test(tc, rules, 0, (int)COUNT(variants));
	tcase_add_loop_test(tc, nothing_is_sent, 0, 2);
	tcase_add_test(tc, slow_port);
	tcase_add_loop_test(tc, it_leaves, 0, (int)COUNT(leavings));
	tcase_add_test(tc, it_must_not_leave);
	tcase_add_loop_test(tc, at_the_grant, 0, (int)COUNT(probes));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
