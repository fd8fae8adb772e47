/*
 * Two virtual modems that call each other: ringing, answering, every way to end a call, DTR,
 * and what full rings do.
 */
#include "modems.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* ---- two modems ---- */

static void
dial(const char *callers, const char *called)
{
	type(0, callers);
	type(1, called);
	said(0);
	said(1);
	type(0, "ATD2\r");
	said(0);
}

static void
in_call(const char *callers, const char *called)
{
	dial(callers, called);
	pass(500);
	type(1, "ATA\r");
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
	said(0);
	said(1);
	modem[0].deltas = modem[1].deltas = 0;
}

START_TEST(ring_and_answer)
{
	dial("ATE0\r", "ATE0\r");
	ck_assert_int_eq(modem[0].phase, VMODEM_DIALLING);
	pass(499);
	ck_assert_str_eq(said(1), "");
	ck_assert_uint_eq(modem[1].modem, IDLE);
	pass(1);
	ck_assert_int_eq(modem[0].phase, VMODEM_WAITING);
	ck_assert_str_eq(said(1), "\r\nRING\r\n");
	ck_assert_uint_eq(modem[1].modem, IDLE | RFC2217_RI);
	ck_assert_uint_eq(modem[1].deltas, 0);
	pass(1999);
	ck_assert_uint_eq(modem[1].modem, IDLE | RFC2217_RI);
	pass(1);
	ck_assert_uint_eq(modem[1].modem, IDLE);
	ck_assert_uint_eq(modem[1].deltas, RFC2217_RI_FELL);
	pass(3999);
	ck_assert_str_eq(said(1), "");
	pass(1);
	ck_assert_str_eq(said(1), "\r\nRING\r\n");
	type(1, "ATA\r");
	ck_assert_str_eq(said(1), "\r\nCONNECT 115200\r\n");
	ck_assert_str_eq(said(0), "\r\nCONNECT 115200\r\n");
	ck_assert_uint_eq(modem[0].modem, CARRIER);
	ck_assert_uint_eq(modem[1].modem, CARRIER);
	ck_assert_uint_eq(modem[0].deltas, RFC2217_DCD_CHANGED);
	ck_assert_uint_eq(modem[1].deltas, RFC2217_DCD_CHANGED | RFC2217_RI_FELL);
	type(0, "ping");
	type(1, "pong");
	ck_assert_str_eq(said(0), "pong");
	ck_assert_str_eq(said(1), "ping");
	ck_assert(msec_is_never(vmodem_due(&modem[0])));
	ck_assert(msec_is_never(vmodem_due(&modem[1])));
}
END_TEST

static const struct {
	const char *setting;
	bool dtr;
	int answers_after; /* ms after the first ring, -1: never */
} automatic[] = {
	{ "ATE0S0=0\r", true, -1 },
	{ "ATE0S0=1\r", true, 2000 },
	{ "ATE0S0=2\r", true, 8000 },
	{ "ATE0S0=4\r", true, 20000 },
	{ "ATE0S0=255\r", true, -1 },
	{ "ATE0S0=1\r", false, -1 },
	{ "ATE0S0=1&D3\r", false, -1 }, /* and its S0 is gone */
	{ "ATE0S0=1&D1\r", false, 2000 },
	{ "ATE0S0=1&D0\r", false, 2000 },
};

START_TEST(automatic_answer)
{
	type(1, automatic[_i].setting);
	vmodem_dtr(&modem[1], automatic[_i].dtr);
	type(0, "ATE0D2\r");
	pass(500);
	if (automatic[_i].answers_after < 0) {
		pass(49499);
		ck_assert_int_eq(modem[0].phase, VMODEM_WAITING);
		pass(1);
		ck_assert_str_eq(said(0), "ATE0D2\r\r\nNO ANSWER\r\n");
		ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
		ck_assert_ptr_null(modem[1].caller);
		return;
	}
	pass(automatic[_i].answers_after - 1);
	ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
	pass(1);
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
	ck_assert_int_eq(modem[1].phase, VMODEM_IN_CALL);
	ck_assert_str_eq(said(0), "ATE0D2\r\r\nCONNECT 115200\r\n");
}
END_TEST

START_TEST(dtr_returns_and_it_answers)
{
	type(1, "ATS0=1\r");
	vmodem_dtr(&modem[1], false);
	type(0, "ATD2\r");
	pass(500 + 2000);
	ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
	vmodem_dtr(&modem[1], true);
	pass(6000);
	ck_assert_int_eq(modem[1].phase, VMODEM_IN_CALL);
}
END_TEST

/* How the called modem is when it is called, and what the caller hears. */
static const struct {
	const char *name, *typed;
	const char *heard; /* NULL: it rings */
} states[] = {
	{ "on hook", "", NULL },
	{ "off hook", "ATH1\r", "\r\nBUSY\r\n" },
	{ "dialling", "ATD4\r", "\r\nBUSY\r\n" },
	{ "in a call", "ATD1\r", "\r\nBUSY\r\n" },
};

START_TEST(state_of_the_called)
{
	type(1, states[_i].typed);
	pass(600);
	type(0, "ATE0D2\r");
	said(0);
	pass(500);
	ck_assert_msg(strcmp(said(0), states[_i].heard == NULL ? "" : states[_i].heard) == 0, "%s",
	    states[_i].name);
	ck_assert((modem[1].caller != NULL) == (states[_i].heard == NULL));
}
END_TEST

START_TEST(both_call_each_other)
{
	type(0, "ATE0D2\r");
	pass(1);
	type(1, "ATE0D2\r");
	pass(499);
	ck_assert_str_eq(said(0), "ATE0D2\r\r\nBUSY\r\n");
	pass(1);
	ck_assert_str_eq(said(0), "\r\nRING\r\n");
	ck_assert_str_eq(said(1), "ATE0D2\r");
}
END_TEST

START_TEST(no_dialling_while_it_rings)
{
	dial("AT\r", "ATE0\r");
	pass(500);
	said(1);
	type(1, "ATD1\r");
	ck_assert_str_eq(said(1), "\r\nNO DIALTONE\r\n");
	type(1, "ATH1\r");
	ck_assert_str_eq(said(1), "\r\nOK\r\n");
	type(1, "ATH\r");
	ck_assert_str_eq(said(1), "\r\nOK\r\n");
	type(1, "ATA\r");
	ck_assert_str_eq(said(1), "\r\nCONNECT 115200\r\n");
}
END_TEST

/* The caller gives up before the answer: by a byte, by DTR, by reset, by losing power. */
static void
give_up(int how)
{
	switch (how) {
	case 0:
		type(0, "x");
		ck_assert_str_eq(said(0), "\r\nNO CARRIER\r\n");
		break;
	case 1:
		vmodem_dtr(&modem[0], false);
		ck_assert_str_eq(said(0), "\r\nNO CARRIER\r\n");
		break;
	case 2:
		vmodem_reset(&modem[0]);
		ck_assert_str_eq(said(0), "");
		break;
	default:
		vmodem_power(&modem[0], false);
	}
}

START_TEST(caller_gives_up)
{
	dial("ATE0\r", "ATE0\r");
	pass(600);
	said(1);
	give_up(_i);
	ck_assert_ptr_null(modem[1].caller);
	ck_assert_uint_eq(modem[1].modem, IDLE);
	ck_assert_uint_eq(modem[1].deltas, RFC2217_RI_FELL);
	ck_assert(msec_is_never(vmodem_due(&modem[1])));
	pass(60000);
	ck_assert_str_eq(said(1), "");
	type(1, "ATA\r");
	ck_assert_str_eq(said(1), "\r\nNO CARRIER\r\n");
}
END_TEST

START_TEST(called_loses_power)
{
	dial("ATE0\r", "ATE0\r");
	pass(600);
	vmodem_power(&modem[1], false);
	ck_assert_int_eq(modem[0].phase, VMODEM_WAITING);
	vmodem_power(&modem[1], true);
	pass(49399);
	ck_assert_str_eq(said(0), "");
	pass(1);
	ck_assert_str_eq(said(0), "\r\nNO ANSWER\r\n");
	vmodem_power(&modem[1], false);
	type(0, "ATD2\r");
	pass(50000);
	ck_assert_str_eq(said(0), "\r\nNO ANSWER\r\n");
}
END_TEST

/* Each way to end a call; the other one reads NO CARRIER after the data that was under way. */
static const struct {
	const char *name, *own;
} ends[] = {
	{ "ATH", "\r\nOK\r\n" }, { "ATZ", "\r\nOK\r\n" }, { "DTR", "\r\nNO CARRIER\r\n" },
	{ "reset", "" }, { "power", "" },
};

static void
end_call(int i, int how)
{
	if (how < 2) {
		pass(1000);
		type(i, "+++");
		pass(1000);
		said(i);
		type(i, how == 0 ? "ATH\r" : "ATZ\r");
	} else if (how == 2) {
		vmodem_dtr(&modem[i], false);
	} else if (how == 3) {
		vmodem_reset(&modem[i]);
	} else {
		vmodem_power(&modem[i], false);
	}
}

START_TEST(end_of_call)
{
	int how = _i / 2, i = _i % 2;
	char want[64];

	in_call("ATE0\r", "ATE0\r");
	type(i, "last words");
	end_call(i, how);
	ck_assert_msg(strcmp(said(i), ends[how].own) == 0, "%s", ends[how].name);
	snprintf(want, sizeof want, "last words%s\r\nNO CARRIER\r\n", how < 2 ? "+++" : "");
	ck_assert_str_eq(said(1 - i), want);
	ck_assert_int_eq(modem[1 - i].phase, VMODEM_ON_HOOK);
	ck_assert_uint_eq(modem[1 - i].modem, IDLE);
	ck_assert_uint_eq(modem[1 - i].deltas, RFC2217_DCD_CHANGED);
	ck_assert_uint_eq(modem[i].modem, IDLE);
	type(1 - i, "AT\r");
	ck_assert_str_eq(said(1 - i), "\r\nOK\r\n");
}
END_TEST

/* ---- DTR, reset ---- */

START_TEST(dtr_in_call)
{
	char setting[32];

	snprintf(setting, sizeof setting, "ATE0S7=33&D%d\r", _i);
	in_call(setting, "ATE0\r");
	vmodem_dtr(&modem[0], false);
	ck_assert_int_eq(modem[0].phase, _i < 2 ? VMODEM_IN_CALL : VMODEM_ON_HOOK);
	ck_assert(modem[0].online == (_i == 0));
	ck_assert_str_eq(said(0), _i == 0 ? "" : _i == 1 ? "\r\nOK\r\n" : "\r\nNO CARRIER\r\n");
	ck_assert_str_eq(said(1), _i < 2 ? "" : "\r\nNO CARRIER\r\n");
	ck_assert_uint_eq(hayes_s(&modem[0].at, 7), _i == 3 ? 50 : 33);
	vmodem_dtr(&modem[0], false); /* no second fall */
	vmodem_dtr(&modem[0], true);
	ck_assert_str_eq(said(0), "");
}
END_TEST

START_TEST(reset_is_complete)
{
	in_call("ATE0V0S0=3S2=1&D0\r", "ATE0\r");
	type(1, "for the last owner");
	vmodem_reset(&modem[0]);
	vmodem_purge(&modem[0]);
	ck_assert_str_eq(said(0), "");
	type(0, "ATS0?S2?\r");
	ck_assert_str_eq(said(0), "ATS0?S2?\r\r\n000\r\n\r\n043\r\n\r\nOK\r\n");
	ck_assert_int_eq(modem[0].at.dtr, 2);
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
	vmodem_dtr(&modem[1], false); /* there is always room for the end */
	ck_assert_mem_eq(said(1) + most, "\r\nNO CARRIER\r\n", 14);
	ck_assert(vmodem_writable(&modem[0])); /* for commands */
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
	Suite *suite = suite_create("calls");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, modems_start, modems_stop);
	tcase_add_test(tc, ring_and_answer);
	tcase_add_loop_test(tc, automatic_answer, 0, ROWS(automatic));
	tcase_add_test(tc, dtr_returns_and_it_answers);
	tcase_add_loop_test(tc, state_of_the_called, 0, ROWS(states));
	tcase_add_test(tc, both_call_each_other);
	tcase_add_test(tc, no_dialling_while_it_rings);
	tcase_add_loop_test(tc, caller_gives_up, 0, 4);
	tcase_add_test(tc, called_loses_power);
	tcase_add_loop_test(tc, end_of_call, 0, 2 * ROWS(ends));
	tcase_add_loop_test(tc, dtr_in_call, 0, 4);
	tcase_add_test(tc, reset_is_complete);
	tcase_add_test(tc, full_ring);
	tcase_add_test(tc, held_in_command_mode);
	tcase_add_test(tc, unread_answers);
	tcase_add_test(tc, rings_unread);
	tcase_add_test(tc, off_takes_nothing);
	tcase_add_test(tc, both_ways);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
