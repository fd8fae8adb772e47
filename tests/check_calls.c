/*
 * Two virtual modems that call each other: ringing, answering, every way to end a call, DTR.
 * A third one disturbs them.
 */
#include "modem/vmodem_trunk.h"
#include "modems.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

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

/* The LF of CR LF belongs to the command, also in a piece of its own (V.250, 5.6.1); what comes later is data. */
START_TEST(lf_behind_the_answer)
{
	static const struct {
		int after;
		const char *heard;
	} cases[] = { { 0, "data" }, { VMODEM_DEAF - 1, "data" }, { VMODEM_DEAF, "\ndata" } };

	dial("ATE0\r", "ATE0\r");
	pass(500);
	type(1, "ATA\r");
	said(0);
	pass(cases[_i].after);
	type(1, "\ndata");
	ck_assert_str_eq(said(0), cases[_i].heard);
	type(1, "\n");
	ck_assert_str_eq(said(0), "\n");
}
END_TEST

START_TEST(lf_in_the_same_piece)
{
	dial("ATE0\r", "ATE0\r");
	pass(500);
	type(1, "ATA\r\n\n");
	ck_assert_str_eq(said(0), "\r\nCONNECT 115200\r\n\n");
}
END_TEST

/* What was typed of a line when the call came up is gone when it is over. */
START_TEST(half_a_line_and_a_call)
{
	dial("ATE0\r", "ATE0S0=1\r");
	pass(500);
	type(1, "ATDT");
	pass(2000);
	ck_assert_int_eq(modem[1].phase, VMODEM_IN_CALL);
	vmodem_hang_up(&modem[0]);
	said(1);
	type(1, "AT\r");
	ck_assert_str_eq(said(1), "\r\nOK\r\n");
	ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
}
END_TEST

/* Nobody is there: what is dialled or answered would be hung up at once (V.250, 6.2.9). */
START_TEST(no_call_without_dtr)
{
	static const char *const settings[] = { "ATE0&D0\r", "ATE0&D1\r", "ATE0&D2\r", "ATE0&D3\r" };

	type(0, settings[_i]);
	vmodem_dtr(&modem[0], false, now);
	type(0, "ATE0\r");
	said(0);
	type(0, "ATD1\r");
	ck_assert_str_eq(said(0), _i < 2 ? "" : "\r\nNO CARRIER\r\n");
	ck_assert_int_eq(modem[0].phase, _i < 2 ? VMODEM_DIALLING : VMODEM_ON_HOOK);
	vmodem_hang_up(&modem[0]);
	vmodem_dtr(&modem[0], true, now);
	type(0, "ATS25=10\r");
	said(0);
	vmodem_dtr(&modem[0], false, now);
	type(0, "ATD1\r"); /* so short that it does not count yet */
	ck_assert_str_eq(said(0), "");
	ck_assert_int_eq(modem[0].phase, VMODEM_DIALLING);
}
END_TEST

START_TEST(no_answer_without_dtr)
{
	dial("ATE0\r", "ATE0\r");
	vmodem_dtr(&modem[1], false, now);
	pass(500);
	said(1);
	type(1, "ATA\r");
	ck_assert_str_eq(said(1), "\r\nNO CARRIER\r\n");
	ck_assert_int_eq(modem[0].phase, VMODEM_WAITING);
}
END_TEST

/* No fax answers anywhere, and nobody is rung for one; what is in the book otherwise is called again in class 0. */
START_TEST(a_fax_calls)
{
	type(0, "ATE0+FCLASS=1\r");
	said(0);
	type(0, "ATD2\r");
	pass(VMODEM_SETUP);
	ck_assert_str_eq(said(0), "\r\nNO CARRIER\r\n");
	ck_assert_str_eq(said(1), "");
	type(0, "AT+FCLASS=0;D1\r");
	pass(VMODEM_SETUP);
	ck_assert_str_eq(said(0), "\r\nCONNECT 115200\r\n");
}
END_TEST

/* Who calls it with data is told as by a fax; by hand and by S0. */
START_TEST(a_fax_answers)
{
	dial("ATE0\r", _i == 0 ? "ATE0+FCLASS=1\r" : "ATE0S0=1+FCLASS=1\r");
	pass(500);
	said(1);
	if (_i == 0)
		type(1, "ATA\r");
	else
		pass(2000);
	ck_assert_str_eq(said(0), "\r\nNO CARRIER\r\n");
	ck_assert_str_eq(said(1), "\r\nNO CARRIER\r\n");
	ck_assert_uint_eq(modem[1].modem, IDLE);
	ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
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
	vmodem_dtr(&modem[1], automatic[_i].dtr, now);
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
	vmodem_dtr(&modem[1], false, now);
	type(0, "ATD2\r");
	pass(500 + 2000);
	ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
	vmodem_dtr(&modem[1], true, now);
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
		vmodem_dtr(&modem[0], false, now);
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

START_TEST(second_caller)
{
	dial("ATE0\r", "ATE0\r");
	pass(600);
	type(2, "ATE0D2\r");
	pass(500);
	ck_assert_str_eq(said(2), "ATE0D2\r\r\nBUSY\r\n");
	ck_assert_ptr_eq(modem[1].caller, &modem[0]);
	type(1, "ATA\r");
	type(2, "ATD2\r");
	pass(500);
	ck_assert_str_eq(said(2), "\r\nBUSY\r\n");
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
}
END_TEST

/* Who rang where the power went off has nothing to do with who rings there now. */
START_TEST(forgotten_caller)
{
	dial("ATE0\r", "ATE0\r");
	pass(600);
	vmodem_power(&modem[1], false);
	vmodem_power(&modem[1], true);
	pass(40000);
	type(2, "ATD2\r");
	pass(20000);
	ck_assert_str_eq(said(0), "\r\nNO ANSWER\r\n");
	ck_assert_ptr_eq(modem[1].caller, &modem[2]);
}
END_TEST

START_TEST(rings_are_counted_anew)
{
	dial("ATE0\r", "ATE0S0=2\r");
	pass(5000);
	type(0, "x");
	type(0, "ATD2\r");
	pass(500 + 7999);
	ck_assert_int_eq(modem[1].phase, VMODEM_ON_HOOK);
	pass(1);
	ck_assert_int_eq(modem[1].phase, VMODEM_IN_CALL);
}
END_TEST

/* S1 shows them, and is not stored. */
START_TEST(rings_in_s1)
{
	dial("ATE0\r", "ATE0S1=7\r");
	pass(500);
	said(1);
	type(1, "ATS1?\r");
	ck_assert_str_eq(said(1), "\r\n001\r\n\r\nOK\r\n");
	pass(6000);
	type(1, "AT&WS1?\r");
	ck_assert_str_eq(said(1), "\r\nRING\r\n\r\n002\r\n\r\nOK\r\n");
	type(0, "x");
	type(1, "ATS1?\r");
	ck_assert_str_eq(said(1), "\r\n000\r\n\r\nOK\r\n");
	type(1, "ATZ\r");
	ck_assert_uint_eq(hayes_s(&modem[1].at, 1), 0);
}
END_TEST

START_TEST(rings_without_end)
{
	dial("ATE0\r", "ATE0\r");
	pass(500);
	modem[1].rings = 254;
	pass(6000);
	ck_assert_uint_eq(hayes_s(&modem[1].at, 1), 255);
	pass(6000);
	ck_assert_uint_eq(hayes_s(&modem[1].at, 1), 255);
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
		vmodem_dtr(&modem[i], false, now);
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
	vmodem_dtr(&modem[0], false, now);
	ck_assert_int_eq(modem[0].phase, _i < 2 ? VMODEM_IN_CALL : VMODEM_ON_HOOK);
	ck_assert(modem[0].online == (_i == 0));
	ck_assert_str_eq(said(0), _i == 0 ? "" : _i == 1 ? "\r\nOK\r\n" : "\r\nNO CARRIER\r\n");
	ck_assert_str_eq(said(1), _i < 2 ? "" : "\r\nNO CARRIER\r\n");
	ck_assert_uint_eq(hayes_s(&modem[0].at, 7), _i == 3 ? 50 : 33);
	vmodem_dtr(&modem[0], false, now); /* no second fall */
	vmodem_dtr(&modem[0], true, now);
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

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("calls");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, modems_start, modems_stop);
	tcase_add_test(tc, ring_and_answer);
	tcase_add_loop_test(tc, lf_behind_the_answer, 0, 3);
	tcase_add_test(tc, lf_in_the_same_piece);
	tcase_add_test(tc, half_a_line_and_a_call);
	tcase_add_loop_test(tc, no_call_without_dtr, 0, 4);
	tcase_add_test(tc, a_fax_calls);
	tcase_add_loop_test(tc, a_fax_answers, 0, 2);
	tcase_add_test(tc, no_answer_without_dtr);
	tcase_add_loop_test(tc, automatic_answer, 0, ROWS(automatic));
	tcase_add_test(tc, dtr_returns_and_it_answers);
	tcase_add_loop_test(tc, state_of_the_called, 0, ROWS(states));
	tcase_add_test(tc, both_call_each_other);
	tcase_add_test(tc, no_dialling_while_it_rings);
	tcase_add_loop_test(tc, caller_gives_up, 0, 4);
	tcase_add_test(tc, called_loses_power);
	tcase_add_test(tc, second_caller);
	tcase_add_test(tc, forgotten_caller);
	tcase_add_test(tc, rings_are_counted_anew);
	tcase_add_test(tc, rings_in_s1);
	tcase_add_test(tc, rings_without_end);
	tcase_add_loop_test(tc, end_of_call, 0, 2 * ROWS(ends));
	tcase_add_loop_test(tc, dtr_in_call, 0, 4);
	tcase_add_test(tc, reset_is_complete);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
