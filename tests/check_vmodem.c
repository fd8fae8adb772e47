/*
 * The virtual modem at one terminal: tables of dialogues, the escape with every time just
 * before and just after, DTR and DCD; and how much of anything a modem takes.
 */
#include "modems.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* ---- dialogues at one terminal ---- */

/* A dialogue: each text is typed `after` ms; then, at once, `want` is read. */
struct turn {
	int after;
	const char *typed, *want;
};

#define TURNS 12

static const struct {
	const char *name;
	struct turn turn[TURNS];
} dialogues[] = {
	{ "AT", { { 0, "AT\r", "AT\r\r\nOK\r\n" } } },
	{ "no echo", { { 0, "ATE0\r", "ATE0\r\r\nOK\r\n" }, { 0, "AT\r", "\r\nOK\r\n" } } },
	{ "CR LF", { { 0, "AT\r\nAT\r\n", "AT\r\r\nOK\r\n\nAT\r\r\nOK\r\n\n" } } },
	{ "noise", { { 0, "hello\r", "hello\r" }, { 0, "AT\r", "AT\r\r\nOK\r\n" } } },
	{ "backspace", { { 0, "ATE1\b", "ATE1\b \b" }, { 0, "0\r", "0\r\r\nOK\r\n" },
	    { 0, "ATX\x7f\b\b\r", "\r\nOK\r\n" } } },
	{ "backspace, echo", { { 0, "AT\b\x7fX\b\r", "ATX\b \b\r\r\nOK\r\n" } } },
	{ "error", { { 0, "ATE0\r", "ATE0\r\r\nOK\r\n" }, { 0, "ATJ\r", "\r\nERROR\r\n" },
	    { 0, "ATV0\r", "0\r" }, { 0, "ATJ\r", "4\r" }, { 0, "ATQ1\r", "" }, { 0, "ATJ\r",
	    "" },
	    { 0, "ATS7?\r", "050\r\n" }, { 0, "AT&F\r", "\r\nOK\r\n" } } },
	{ "identify", { { 0, "ATE0I0S0?\r",
	    "ATE0I0S0?\r\r\nmodemshare\r\n\r\n000\r\n\r\nOK\r\n" } } },
	{ "hang up on hook", { { 0, "ATH\r", "ATH\r\r\nOK\r\n" } } },
	{ "off hook", { { 0, "ATH1\r", "ATH1\r\r\nOK\r\n" }, { 0, "ATE0H0\r",
	    "ATE0H0\r\r\nOK\r\n" } } },
	{ "online without a call", { { 0, "ATO\r", "ATO\r\r\nNO CARRIER\r\n" } } },
	{ "answer without a call", { { 0, "ATA\r", "ATA\r\r\nNO CARRIER\r\n" } } },
	{ "echo", { { 0, "ATDT1\r", "ATDT1\r" }, { 499, "", "" }, { 1, "",
	    "\r\nCONNECT 115200\r\n" },
	    { 0, "AT\r", "AT\r" }, { 1000, "+++", "+++" }, { 999, "", "" }, { 1, "",
	    "\r\nOK\r\n" },
	    { 0, "ATH\r", "ATH\r\r\nOK\r\n" } } },
	{ "busy", { { 0, "ATD3\r", "ATD3\r" }, { 500, "", "\r\nBUSY\r\n" }, { 0, "AT\r",
	    "AT\r\r\nOK\r\n" } } },
	{ "busy, deaf", { { 0, "ATX0D3\r", "ATX0D3\r" }, { 500, "", "\r\nNO CARRIER\r\n" } } },
	{ "no dial tone", { { 0, "ATD5\r", "ATD5\r" }, { 500, "", "\r\nNO DIALTONE\r\n" } } },
	{ "not in the book", { { 0, "ATD999\r", "ATD999\r" }, { 499, "", "" }, { 1, "",
	    "\r\nNO CARRIER\r\n" } } },
	{ "no number", { { 0, "ATD\r", "ATD\r" }, { 500, "", "\r\nNO CARRIER\r\n" } } },
	{ "itself", { { 0, "ATD23\r", "ATD23\r" }, { 500, "", "\r\nBUSY\r\n" } } },
	{ "no answer", { { 0, "ATD4\r", "ATD4\r" }, { 49999, "", "" }, { 1, "",
	    "\r\nNO ANSWER\r\n" },
	    { 0, "AT\r", "AT\r\r\nOK\r\n" } } },
	{ "no answer, S7", { { 0, "ATS7=1D4\r", "ATS7=1D4\r" }, { 999, "", "" }, { 1, "",
	    "\r\nNO ANSWER\r\n" } } },
	{ "no such line", { { 0, "ATS7=3D22\r", "ATS7=3D22\r" }, { 2999, "", "" }, { 1, "",
	    "\r\nNO ANSWER\r\n" } } },
	{ "abort while dialling", { { 0, "ATD1\r", "ATD1\r" }, { 125, " ", "\r\nNO CARRIER\r\n" },
	    { 1000, "AT\r", "AT\r\r\nOK\r\n" } } },
	{ "abort while it rings", { { 0, "ATD4\r", "ATD4\r" }, { 3000, "AT\r",
	    "\r\nNO CARRIER\r\nT\r" } } },
	{ "LF does not abort", { { 0, "ATD1\r\n", "ATD1\r" }, { 124, "\n", "" },
	    { 376, "", "\r\nCONNECT 115200\r\n" } } },
	{ "numeric", { { 0, "ATE0V0D1\r", "ATE0V0D1\r" }, { 500, "", "1\r" }, { 1000, "+++",
	    "+++" },
	    { 1000, "", "0\r" }, { 0, "ATO\r", "1\r" }, { 0, "x", "x" } } },
	{ "bad numbers", { { 0, "ATD1x;\r", "ATD1x;\r\r\nERROR\r\n" }, { 0, "ATDhost\r",
	    "ATDhost\r\r\nERROR\r\n" } } },
	{ "no second call", { { 0, "ATD1\r", "ATD1\r" }, { 500, "", "\r\nCONNECT 115200\r\n" },
	    { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" }, { 0, "ATE0D3\r",
	    "ATE0D3\r\r\nERROR\r\n" },
	    { 0, "ATA\r", "\r\nERROR\r\n" }, { 0, "ATO\r", "\r\nCONNECT 115200\r\n" }, { 0, "x",
	    "x" } } },
	{ "reset ends the call", { { 0, "ATE0D1\r", "ATE0D1\r" }, { 500, "",
	    "\r\nCONNECT 115200\r\n" },
	    { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" }, { 0, "ATZ\r", "\r\nOK\r\n" },
	    { 0, "ATO\r", "ATO\r\r\nNO CARRIER\r\n" } } },
	{ "settings stay in the call", { { 0, "ATE0D1\r", "ATE0D1\r" }, { 500, "",
	    "\r\nCONNECT 115200\r\n" },
	    { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" }, { 0, "AT&F\r", "\r\nOK\r\n" },
	    { 0, "ATOE0\r", "ATOE0\r\r\nCONNECT 115200\r\n" } } },
};

START_TEST(a_dialogue)
{
	const struct turn *t;
	const char *got;
	int i;

	for (i = 0; i < TURNS && dialogues[_i].turn[i].typed != NULL; i++) {
		t = &dialogues[_i].turn[i];
		pass(t->after);
		type(0, t->typed);
		got = said(0);
		ck_assert_msg(strcmp(got, t->want) == 0, "%s, turn %d: read <%s>",
		    dialogues[_i].name, i, got);
	}
}
END_TEST

START_TEST(connect_tells_the_rate)
{
	vmodem_rate(&modem[0], 9600);
	type(0, "ATE0D1\r");
	pass(500);
	ck_assert_str_eq(said(0), "ATE0D1\r\r\nCONNECT 9600\r\n");
}
END_TEST

START_TEST(line_too_long)
{
	char text[HAYES_LINE + 8];
	int i;

	type(0, "ATE0\r");
	said(0);
	for (i = 0; i < 2; i++) {
		memcpy(text, "AT", 2);
		memset(text + 2, ' ', sizeof text - 2);
		memcpy(text + 2 + HAYES_LINE - 2 + i, "V0\r", 4);
		type(0, text);
		ck_assert_str_eq(said(0), i == 0 ? "0\r" : "\r\nERROR\r\n");
		vmodem_reset(&modem[0]);
		type(0, "ATE0\r");
		said(0);
	}
}
END_TEST

/* ---- the escape ---- */

/*
 * Data, silence, then pieces typed one after the other with pauses between; is it command mode
 * after the guard time?
 */
static const struct {
	const char *setting;
	int silence;
	const char *piece[5];
	int pause; /* between the pieces */
	int wait;  /* after the last */
	bool escapes;
} escapes[] = {
	{ "", 1000, { "+++" }, 0, 1000, true },
	{ "", 1000, { "+++" }, 0, 999, false },
	{ "", 999, { "+++" }, 0, 5000, false },
	{ "", 1000, { "+", "+", "+" }, 999, 1000, true },
	{ "", 1000, { "+", "+", "+" }, 1000, 5000, false },
	{ "", 1000, { "+", "++" }, 0, 1000, true },
	{ "", 1000, { "++", "+" }, 10, 1000, true },
	{ "", 1000, { "++++" }, 0, 5000, false },
	{ "", 1000, { "+++", "+" }, 999, 5000, false },
	{ "", 1000, { "+++", "x" }, 999, 5000, false },
	{ "", 1000, { "x+++" }, 0, 5000, false },
	{ "", 1000, { "+++\r" }, 0, 5000, false },
	{ "", 1000, { "++" }, 0, 5000, false },
	{ "", 1000, { "+", "x", "++" }, 10, 5000, false },
	{ "", 1000, { "++++++++++" }, 0, 5000, false },
	{ "", 1000, { "+", "+++" }, 1000, 1000, true }, /* the first one was data */
	{ "S12=5", 100, { "+++" }, 0, 100, true },
	{ "S12=5", 99, { "+++" }, 0, 5000, false },
	{ "S12=5", 100, { "+++" }, 0, 99, false },
	{ "S12=255", 5100, { "+++" }, 0, 5100, true },
	{ "S12=255", 5099, { "+++" }, 0, 9000, false },
	{ "S12=0", 0, { "+++" }, 0, 0, true },
	{ "S12=0", 0, { "abc+++" }, 0, 0, true },
	{ "S12=0", 0, { "a+", "+", "+" }, 100, 0, true },
	{ "S12=0", 0, { "a++++" }, 0, 0, false },
	{ "S12=0", 0, { "++a+" }, 0, 0, false },
	{ "S12=0", 0, { "a++", "a+" }, 100, 0, false },
	{ "S2=42", 1000, { "***" }, 0, 1000, true },
	{ "S2=42", 1000, { "+++" }, 0, 5000, false },
	{ "S2=127", 1000, { "\x7f\x7f\x7f" }, 0, 1000, true },
	{ "S2=128", 1000, { "\x80\x80\x80" }, 0, 5000, false },
	{ "S2=255", 1000, { "\xff\xff\xff" }, 0, 5000, false },
};

START_TEST(an_escape)
{
	char line[32], sent[32] = "x";
	size_t i;

	snprintf(line, sizeof line, "ATE0%sD1\r", escapes[_i].setting);
	type(0, line);
	pass(500);
	said(0);
	type(0, "x");
	for (i = 0; i < 5 && escapes[_i].piece[i] != NULL; i++) {
		pass(i == 0 ? escapes[_i].silence : escapes[_i].pause);
		type(0, escapes[_i].piece[i]);
		strcat(sent, escapes[_i].piece[i]);
	}
	pass(escapes[_i].wait);
	if (escapes[_i].escapes)
		strcat(sent, "\r\nOK\r\n");
	ck_assert_str_eq(said(0), sent);
	ck_assert(modem[0].online == !escapes[_i].escapes);
	ck_assert_uint_eq(modem[0].modem, CARRIER);
}
END_TEST

/*
 * A byte that comes at the very moment of the escape, before anybody ticked, is a command
 * already.
 */
START_TEST(late_tick)
{
	type(0, "ATE0D1\r");
	pass(500);
	said(0);
	now = msec_add(now, 1000);
	type(0, "+++");
	now = msec_add(now, 1000);
	type(0, "ATH\r");
	ck_assert_str_eq(said(0), "+++\r\nOK\r\n\r\nOK\r\n");
}
END_TEST

START_TEST(bytes_after_online)
{
	type(0, "ATE0D1\r");
	pass(500);
	pass(1000);
	type(0, "+++");
	pass(1000);
	said(0);
	type(0, "ATO\rdata");
	ck_assert_str_eq(said(0), "\r\nCONNECT 115200\r\ndata");
	pass(1000);
	type(0, "+++");
	pass(1000);
	ck_assert_str_eq(said(0), "+++\r\nOK\r\n");
}
END_TEST

/* ---- DTR and DCD ---- */

START_TEST(dtr_on_hook)
{
	char setting[32];

	snprintf(setting, sizeof setting, "ATE0S7=33&D%d\r", _i);
	type(0, setting);
	said(0);
	type(0, "ATV");
	vmodem_dtr(&modem[0], false, now);
	vmodem_dtr(&modem[0], true, now);
	type(0, "0\r"); /* a line half typed is dropped with &D2 and &D3 */
	ck_assert_str_eq(said(0), _i < 2 ? "0\r" : _i == 2 ? "" : "0\r");
	ck_assert_int_eq(modem[0].at.verbose, _i < 2 ? 0 : 1);
	ck_assert_int_eq(modem[0].at.echo, _i == 3 ? 1 : 0);
	ck_assert_uint_eq(hayes_s(&modem[0].at, 7), _i == 3 ? 50 : 33);
}
END_TEST

START_TEST(dcd_always_on)
{
	type(0, "AT&C0\r");
	ck_assert_uint_eq(modem[0].modem, CARRIER);
	ck_assert_uint_eq(modem[0].deltas, RFC2217_DCD_CHANGED);
	modem[0].deltas = 0;
	type(0, "ATD1\r");
	pass(500);
	vmodem_dtr(&modem[0], false, now);
	ck_assert_uint_eq(modem[0].modem, CARRIER);
	ck_assert_uint_eq(modem[0].deltas, 0);
	type(0, "AT&C1\r");
	ck_assert_uint_eq(modem[0].modem, IDLE);
	type(0, "AT&C0\r");
	vmodem_reset(&modem[0]);
	ck_assert_uint_eq(modem[0].modem, IDLE);
}
END_TEST

/* ---- bounds ---- */

static uint8_t pattern[VMODEM_RING * 2];

static size_t
push(int i, size_t at, size_t n)
{
	return vmodem_input(&modem[i], pattern + at, n, now);
}

START_TEST(full_ring)
{
	size_t i, most = VMODEM_RING - VMODEM_RESERVE;

	for (i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(i * 7 % 251);
	in_call("ATE0\r", "ATE0\r");
	ck_assert_uint_eq(push(0, 0, sizeof pattern), most);
	ck_assert_uint_eq(push(0, most, 1), 0);
	ck_assert(!vmodem_writable(&modem[0]));
	stirred[0] = 0;
	vmodem_taken(&modem[1], 1);
	ck_assert_uint_gt(stirred[0], 0);
	ck_assert(vmodem_writable(&modem[0]));
	ck_assert(!vmodem_writable(&modem[0])); /* told once */
	ck_assert_uint_eq(push(0, most, 2), 1);
	vmodem_purge(&modem[1]);
	ck_assert(vmodem_writable(&modem[0]));
	ck_assert_uint_eq(push(0, 0, most), most);
	ck_assert_uint_eq(push(0, 0, 1), 0);
	vmodem_dtr(&modem[1], false, now); /* there is always room for the end */
	ck_assert_mem_eq(said(1) + most, "\r\nNO CARRIER\r\n", 14);
	ck_assert(vmodem_writable(&modem[0])); /* for commands */
}
END_TEST

/* The pause before it, or behind it, is the far end's, which does not read: no escape. */
START_TEST(no_escape_behind_what_was_held)
{
	size_t most = VMODEM_RING - VMODEM_RESERVE;

	in_call("ATE0\r", "ATE0\r");
	ck_assert_uint_eq(push(0, 0, most), most);
	ck_assert_uint_eq(vmodem_input(&modem[0], (const uint8_t *)"+++", 3, now), 0);
	pass(5000);
	vmodem_taken(&modem[1], 3);
	type(0, "+++");
	pass(5000);
	ck_assert(modem[0].online);
	said(1);
	type(0, "+++"); /* this time it is silent by itself */
	pass(5000);
	ck_assert(!modem[0].online);
}
END_TEST

START_TEST(no_escape_before_what_is_held)
{
	size_t most = VMODEM_RING - VMODEM_RESERVE;

	in_call("ATE0\r", "ATE0\r");
	ck_assert_uint_eq(push(0, 0, most - 3), most - 3);
	pass(5000);
	ck_assert_uint_eq(vmodem_input(&modem[0], (const uint8_t *)"+++", 3, now), 3);
	ck_assert_uint_eq(push(0, 0, 1), 0);
	pass(5000);
	ck_assert(modem[0].online);
	said(1);
	type(0, "x");
	ck_assert_str_eq(said(1), "x");
}
END_TEST

/* In command mode the far side's data waits at the far side. */
START_TEST(held_in_command_mode)
{
	in_call("ATE0\r", "ATE0\r");
	pass(1000);
	type(1, "+++");
	pass(1000);
	ck_assert_str_eq(said(1), "\r\nOK\r\n");
	ck_assert_uint_eq(push(0, 0, 10), 0);
	stirred[0] = 0;
	type(1, "ATQ1O\r");
	ck_assert_str_eq(said(1), "");
	ck_assert_uint_gt(stirred[0], 0);
	ck_assert(vmodem_writable(&modem[0]));
	ck_assert_uint_eq(push(0, 0, 10), 10);
}
END_TEST

/* A terminal that asks and asks and never reads is no longer listened to; reading cures it. */
START_TEST(unread_answers)
{
	const char *ask = "ATI3I3I3I3\r";
	size_t took = 1, i;

	for (i = 0; i < 100000 && took > 0; i++)
		took = vmodem_input(&modem[0], (const uint8_t *)ask, strlen(ask), now);
	ck_assert_uint_lt(i, 100000);
	ck_assert(!vmodem_writable(&modem[0]));
	said(0);
	ck_assert(vmodem_writable(&modem[0]));
	type(0, "\rATE0\r");
	said(0);
	type(0, "AT\r");
	ck_assert_str_eq(said(0), "\r\nOK\r\n");
}
END_TEST

START_TEST(rings_unread)
{
	int i;

	for (i = 0; i < 400; i++) {
		type(0, "ATS7=255D2\r");
		pass(256000);
		said(0);
	}
	ck_assert_uint_le(modem[1].out.used, VMODEM_RING);
	said(1);
	type(1, "ATE0\r");
	said(1);
	type(1, "AT\r");
	ck_assert_str_eq(said(1), "\r\nOK\r\n");
}
END_TEST

START_TEST(off_takes_nothing)
{
	vmodem_power(&modem[0], false);
	ck_assert_uint_eq(vmodem_input(&modem[0], (const uint8_t *)"AT\r", 3, now), 0);
	ck_assert(msec_is_never(vmodem_due(&modem[0])));
	vmodem_power(&modem[0], true);
	ck_assert_str_eq(said(0), "");
	ck_assert(!vmodem_writable(&modem[0]));
	type(0, "AT\r");
	ck_assert_str_eq(said(0), "AT\r\r\nOK\r\n");
}
END_TEST

#define TOTAL (256 * 1024)

/* Moves what fits from one modem's sender to the other's reader, in uneven pieces. */
static void
move(int from, size_t *sent, size_t *got, unsigned *seed)
{
	uint8_t piece[777];
	const uint8_t *p;
	size_t n, i;

	*seed = *seed * 1103515245 + 12345;
	n = 1 + (*seed >> 16) % sizeof piece;
	if (n > TOTAL - *sent)
		n = TOTAL - *sent;
	for (i = 0; i < n; i++)
		piece[i] = (uint8_t)((*sent + i) * 13 % 241 + (unsigned)from);
	*sent += vmodem_input(&modem[from], piece, n, now);
	*seed = *seed * 1103515245 + 12345;
	p = ring_peek(&modem[1 - from].out, &n);
	if (n > (*seed >> 16) % 700)
		n = (*seed >> 16) % 700;
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(p[i], (uint8_t)((*got + i) * 13 % 241 + (unsigned)from));
	*got += n;
	if (n > 0)
		vmodem_taken(&modem[1 - from], n);
}

START_TEST(both_ways)
{
	size_t sent[2] = { 0, 0 }, got[2] = { 0, 0 }, rounds;
	unsigned seed = 1;

	in_call("ATE0S2=255\r", "ATE0S2=255\r");
	for (rounds = 0; rounds < 100000 && (got[0] < TOTAL || got[1] < TOTAL); rounds++) {
		pass(1);
		move(0, &sent[0], &got[0], &seed);
		move(1, &sent[1], &got[1], &seed);
	}
	ck_assert_uint_eq(got[0], TOTAL);
	ck_assert_uint_eq(got[1], TOTAL);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("vmodem");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, modems_start, modems_stop);
	tcase_add_loop_test(tc, a_dialogue, 0, ROWS(dialogues));
	tcase_add_test(tc, connect_tells_the_rate);
	tcase_add_test(tc, line_too_long);
	tcase_add_loop_test(tc, an_escape, 0, ROWS(escapes));
	tcase_add_test(tc, late_tick);
	tcase_add_test(tc, bytes_after_online);
	tcase_add_loop_test(tc, dtr_on_hook, 0, 4);
	tcase_add_test(tc, dcd_always_on);
	tcase_add_test(tc, no_escape_behind_what_was_held);
	tcase_add_test(tc, no_escape_before_what_is_held);
	tcase_add_test(tc, full_ring);
	tcase_add_test(tc, held_in_command_mode);
	tcase_add_test(tc, unread_answers);
	tcase_add_test(tc, rings_unread);
	tcase_add_test(tc, off_takes_nothing);
	tcase_add_test(tc, both_ways);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
