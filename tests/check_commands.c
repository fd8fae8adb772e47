/*
 * The virtual modem's commands beyond the simplest, as dialogues: numbers in pieces, the line before
 * once more, stored profiles, other line ends; and how long DTR must be off.
 */
#include "modems.h"
#include "unit.h"

#include <string.h>

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
	{ "dialled in pieces", { { 0, "ATE0D2;\r", "ATE0D2;\r\r\nOK\r\n" }, { 0, "ATD2\r", "" },
	    { 500, "", "" }, { 49500, "", "\r\nNO ANSWER\r\n" }, { 0, "ATD1\r", "" },
	    { 500, "", "\r\nCONNECT 115200\r\n" } } },
	{ "dialled, then online", { { 0, "ATE0D1;\r", "ATE0D1;\r\r\nOK\r\n" }, { 60000, "", "" },
	    { 0, "ATO\r", "" }, { 500, "", "\r\nCONNECT 115200\r\n" } } },
	{ "dialled, then given up", { { 0, "ATE0D1;H\r", "ATE0D1;H\r\r\nOK\r\n" },
	    { 0, "ATO\r", "\r\nNO CARRIER\r\n" }, { 0, "ATD1;\r", "\r\nOK\r\n" },
	    { 0, "ATZ\r", "\r\nOK\r\n" }, { 0, "ATE0D1\r", "ATE0D1\r" },
	    { 500, "", "\r\nCONNECT 115200\r\n" } } },
	{ "commands behind the semicolon", { { 0, "ATE0D1;S7?\r", "ATE0D1;S7?\r\r\n050\r\n\r\nOK\r\n" },
	    { 0, "ATD;JS7=9\r", "\r\nERROR\r\n" }, { 0, "ATS7?\r", "\r\n050\r\n\r\nOK\r\n" } } },
	{ "too many digits in pieces", { { 0, "ATE0D1111111111222222222233333333334444444444;\r",
	    "ATE0D1111111111222222222233333333334444444444;\r\r\nOK\r\n" },
	    { 0, "ATD555555555566666666667777;\r", "\r\nERROR\r\n" },
	    { 0, "ATD55555555556666666666777;\r", "\r\nOK\r\n" }, { 0, "ATO\r", "" },
	    { 500, "", "\r\nNO CARRIER\r\n" } } },
	{ "the line before", { { 0, "A/", "A/\r\nOK\r\n" }, { 0, "ATE0S7?\r",
	    "ATE0S7?\r\r\n050\r\n\r\nOK\r\n" }, { 0, "A/", "\r\n050\r\n\r\nOK\r\n" },
	    { 0, "a/A/", "\r\n050\r\n\r\nOK\r\n\r\n050\r\n\r\nOK\r\n" }, { 0, "ATJ\rA/",
	    "\r\nERROR\r\n\r\nERROR\r\n" } } },
	{ "redial", { { 0, "ATE0D3\r", "ATE0D3\r" }, { 500, "", "\r\nBUSY\r\n" }, { 0, "A/", "" },
	    { 500, "", "\r\nBUSY\r\n" } } },
	{ "redial after a call", { { 0, "ATE0D1\r", "ATE0D1\r" }, { 500, "",
	    "\r\nCONNECT 115200\r\n" }, { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" },
	    { 0, "A/", "\r\nERROR\r\n" }, { 0, "ATH\r", "\r\nOK\r\n" } } },
	{ "stored profiles", { { 0, "ATE0S7=33&W\r", "ATE0S7=33&W\r\r\nOK\r\n" },
	    { 0, "ATS7=34&W1\r", "\r\nOK\r\n" }, { 0, "AT&F\r", "\r\nOK\r\n" },
	    { 0, "ATZ1\r", "ATZ1\r\r\nOK\r\n" }, { 0, "ATS7?\r", "\r\n034\r\n\r\nOK\r\n" },
	    { 0, "ATZ\r", "\r\nOK\r\n" }, { 0, "ATS7?\r", "\r\n033\r\n\r\nOK\r\n" },
	    { 0, "ATS7=35&W2\r", "\r\nERROR\r\n" }, { 0, "ATZ0S7=36\r", "\r\nOK\r\n" },
	    { 0, "ATS7?\r", "\r\n033\r\n\r\nOK\r\n" } } },
	{ "profiles shown", { { 0, "ATE0&K4&W1\r", "ATE0&K4&W1\r\r\nOK\r\n" }, { 0, "ATV0&V\r",
	    "ACTIVE PROFILE:\r\nE0 Q0 V0 X4 &C1 &D2 &K4\r\nS00:000 S01:000 S02:043 S03:013\r\n"
	    "S04:010 S05:008 S06:002 S07:050\r\nS08:002 S09:006 S10:001 S11:095\r\n"
	    "S12:050 S13:000 S15:000 S25:000\r\nS26:001 S27:073 S30:000 S36:007\r\n"
	    "S37:000 S38:020 S39:003 S46:136\r\nS48:007 S91:010 S95:000\r\n"
	    "STORED PROFILE 0:\r\nE1 Q0 V1 X4 &C1 &D2 &K3\r\nS00:000 S01:000 S02:043 S03:013\r\n"
	    "S04:010 S05:008 S06:002 S07:050\r\nS08:002 S09:006 S10:001 S11:095\r\n"
	    "S12:050 S13:000 S15:000 S25:000\r\nS26:001 S27:073 S30:000 S36:007\r\n"
	    "S37:000 S38:020 S39:003 S46:136\r\nS48:007 S91:010 S95:000\r\n"
	    "STORED PROFILE 1:\r\nE0 Q0 V1 X4 &C1 &D2 &K4\r\nS00:000 S01:000 S02:043 S03:013\r\n"
	    "S04:010 S05:008 S06:002 S07:050\r\nS08:002 S09:006 S10:001 S11:095\r\n"
	    "S12:050 S13:000 S15:000 S25:000\r\nS26:001 S27:073 S30:000 S36:007\r\n"
	    "S37:000 S38:020 S39:003 S46:136\r\nS48:007 S91:010 S95:000\r\n0\r" } } },
	/* set-up strings as programs send them */
	{ "a fax server asks", { { 0, "ATE0V1Q0S0=0H0\r", "ATE0V1Q0S0=0H0\r\r\nOK\r\n" },
	    { 0, "AT&K3&D2&C1M0L0\r", "\r\nOK\r\n" }, { 0, "AT+FCLASS=?\r", "\r\n0,1\r\n\r\nOK\r\n" },
	    { 0, "AT+FCLASS=2\r", "\r\nERROR\r\n" }, { 0, "AT+FCLASS=1\r", "\r\nOK\r\n" },
	    { 0, "AT+FCLASS?;+FTM=?\r",
	    "\r\n1\r\n\r\n24,48,72,73,74,96,97,98,121,122,145,146\r\n\r\nOK\r\n" },
	    { 0, "AT+FTH=3\r", "\r\nERROR\r\n" }, { 0, "AT+FMI?\r", "\r\nERROR\r\n" },
	    { 0, "ATS7=60S8=2DT1,@W1\r", "" }, { 500, "", "\r\nNO CARRIER\r\n" } } },
	{ "a system looks what it is", { { 0, "ATE0Q0V1\r", "ATE0Q0V1\r\r\nOK\r\n" },
	    { 0, "AT+GMM\r", "\r\nvirtual modem\r\n\r\nOK\r\n" }, { 0, "AT#CLS=?\r", "\r\nERROR\r\n" },
	    { 0, "AT+GCI?\r", "\r\nERROR\r\n" }, { 0, "AT+GCAP\r",
	    "\r\n+GCAP: +FCLASS,+ES,+DS\r\n\r\nOK\r\n" }, { 0, "AT&F&C1&D2S0=0W1\r", "\r\nOK\r\n" },
	    { 0, "AT+ES=3,0,2;+DS=3;+IFC=2,2;S7=55\r", "AT+ES=3,0,2;+DS=3;+IFC=2,2;S7=55\r\r\nOK\r\n" } } },
	{ "as makers have it", { { 0, "AT&F1E0X4M0L0&H1&S1&R2&B1&A3&K1\r",
	    "AT&F1E0X4M0L0&H1&S1&R2&B1&A3&K1\r\r\nOK\r\n" },
	    { 0, "AT S36=7 S48=7 S95=47 W1\r", "\r\nOK\r\n" },
	    { 0, "ATC1F1M1Q0V1X4S7=255S11=55S0=0S30=0\r", "\r\nOK\r\n" },
	    { 0, "AT&Q5\\N3\\A3\\J0\\G0\\Q3%C3%E2\r", "\r\nOK\r\n" } } },
	{ "old dialling programs", { { 0, "ATE0X5&N0&U0&T5S13=1S15=0S27=0S39=3S91=10I9\r",
	    "ATE0X5&N0&U0&T5S13=1S15=0S27=0S39=3S91=10I9\r\r\nOK\r\n" },
	    { 0, "AT+VCID=1;+VCID?\r", "\r\n+VCID: 1\r\n\r\nOK\r\n" } } },
	{ "the last number", { { 0, "ATE0DL\r", "ATE0DL\r" }, { 500, "", "\r\nNO CARRIER\r\n" },
	    { 0, "ATD3\r", "" }, { 500, "", "\r\nBUSY\r\n" }, { 0, "ATDTL\r", "" }, { 500, "", "\r\nBUSY\r\n" },
	    { 0, "ATDL;H\r", "\r\nOK\r\n" }, { 0, "ATD1;\r", "\r\nOK\r\n" }, { 0, "ATO\r", "" },
	    { 500, "", "\r\nCONNECT 115200\r\n" } } },
	{ "the last number, of a call", { { 0, "ATE0D1\r", "ATE0D1\r" }, { 500, "", "\r\nCONNECT 115200\r\n" },
	    { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" }, { 0, "ATZ\r", "\r\nOK\r\n" },
	    { 0, "ATE0DL\r", "ATE0DL\r" }, { 500, "", "\r\nCONNECT 115200\r\n" } } },
	{ "reports", { { 0, "ATE0+ER=1;+DR=1;+ILRR=1;D1\r", "ATE0+ER=1;+DR=1;+ILRR=1;D1\r" }, { 500, "",
	    "\r\n+ER: NONE\r\n\r\n+DR: NONE\r\n\r\n+ILRR: 115200\r\n\r\nCONNECT 115200\r\n" },
	    { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" }, { 0, "ATO\r", "\r\nCONNECT 115200\r\n" },
	    { 1000, "+++", "+++" }, { 1000, "", "\r\nOK\r\n" }, { 0, "ATHV0D1\r", "" }, { 500, "",
	    "+ER: NONE\r\n+DR: NONE\r\n+ILRR: 115200\r\n1\r" } } },
	{ "no reports when quiet", { { 0, "ATE0+ER=1;Q1D1\r", "ATE0+ER=1;Q1D1\r" }, { 500, "", "" },
	    { 0, "x", "x" } } },
	{ "flow control in the profile", { { 0, "ATE0+IFC=1,1;+IPR=9600;&W\r",
	    "ATE0+IFC=1,1;+IPR=9600;&W\r\r\nOK\r\n" },
	    { 0, "AT&F\r", "\r\nOK\r\n" }, { 0, "ATE0+IFC?\r", "ATE0+IFC?\r\r\n+IFC: 2,2\r\n\r\nOK\r\n" },
	    { 0, "ATZ\r", "\r\nOK\r\n" }, { 0, "AT+IFC?;+IPR?\r",
	    "\r\n+IFC: 1,1\r\n\r\n+IPR: 9600\r\n\r\nOK\r\n" } } },
	/* terminals with 7 bits and parity: even, odd, mark */
	{ "even parity", { { 0, "A\xd4" "E\x30\x8d", "A\xd4" "E\x30\x8d\r\nOK\r\n" },
	    { 0, "AT\xff\r", "\r\nERROR\r\n" }, { 0, "A\xd4I\xb1\x8d", "\r\n000\r\n\r\nOK\r\n" },
	    { 0, "A\xaf", "\r\n000\r\n\r\nOK\r\n" } } },
	{ "odd parity", { { 0, "\xc1TE\xb0\r", "\xc1TE\xb0\r\r\nOK\r\n" }, { 0, "\xc1T\xc4\x31\r", "" },
	    { 500, "", "\r\nCONNECT 115200\r\n" }, { 1000, "\xab\xab\xab", "\xab\xab\xab" },
	    { 1000, "", "\r\nOK\r\n" }, { 0, "\xc1THO\r", "\r\nNO CARRIER\r\n" } } },
	{ "mark parity", { { 0, "\xe1\xf4\xe5\xb1\x88\xb0\x8d", "\xe1\xf4\xe5\xb1\b \b\xb0\x8d\r\nOK\r\n" },
	    { 0, "\xc1\xd4\x8d", "\r\nOK\r\n" } } },
	{ "no parity, no escape of another's", { { 0, "ATE0D1\r", "ATE0D1\r" }, { 500, "",
	    "\r\nCONNECT 115200\r\n" }, { 1000, "\xab\xab\xab", "\xab\xab\xab" }, { 1000, "", "" },
	    { 0, "x", "x" } } },
	{ "S3, S4 and S5 count at once", { { 0, "ATE0S3=33S4=35\r", "ATE0S3=33S4=35\r!#OK!#" },
	    { 0, "AT\r!", "!#OK!#" }, { 0, "ATS5=36!", "!#OK!#" }, { 0, "ATJ$I1!", "!#000!#!#OK!#" },
	    { 0, "ATS3=13!", "\r#OK\r#" }, { 0, "ATJ\bI1\r", "\r#ERROR\r#" } } },
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

/* What the one before has dialled is not for the next. */
START_TEST(the_last_number_goes_with_its_caller)
{
	type(0, "ATE0D3\r");
	pass(500);
	vmodem_reset(&modem[0]);
	said(0);
	type(0, "ATE0DL\r");
	pass(500);
	ck_assert_str_eq(said(0), "ATE0DL\r\r\nNO CARRIER\r\n");
}
END_TEST

/* S25: a fall counts when DTR was off for so long, and a short one not at all. */
START_TEST(dtr_ignored_for_a_while)
{
	in_call("ATE0S25=10\r", "ATE0\r");
	vmodem_dtr(&modem[0], false, now);
	pass(99);
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
	vmodem_dtr(&modem[0], true, now);
	ck_assert(msec_is_never(vmodem_due(&modem[0])));
	pass(1000);
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
	vmodem_dtr(&modem[0], false, now);
	pass(50);
	vmodem_dtr(&modem[0], false, now); /* told again: no new fall */
	pass(49);
	ck_assert_int_eq(modem[0].phase, VMODEM_IN_CALL);
	pass(1);
	ck_assert_int_eq(modem[0].phase, VMODEM_ON_HOOK);
	ck_assert_str_eq(said(0), "\r\nNO CARRIER\r\n");
	ck_assert_str_eq(said(1), "\r\nNO CARRIER\r\n");
	pass(1000);
	ck_assert_str_eq(said(0), "");
}
END_TEST

/* A rise that comes when the fall was due already, before anybody ticked. */
START_TEST(dtr_late_tick)
{
	in_call("ATE0S25=10\r", "ATE0\r");
	vmodem_dtr(&modem[0], false, now);
	now = msec_add(now, 100);
	vmodem_dtr(&modem[0], true, now);
	ck_assert_int_eq(modem[0].phase, VMODEM_ON_HOOK);
	in_call("ATE0S25=10\r", "ATE0\r");
	vmodem_dtr(&modem[0], false, now);
	vmodem_reset(&modem[0]);
	ck_assert(msec_is_never(vmodem_due(&modem[0])));
}
END_TEST

START_TEST(profile_of_dtr)
{
	type(0, "ATE0S7=33&D3&WS7=44\r");
	vmodem_dtr(&modem[0], false, now);
	ck_assert_uint_eq(hayes_s(&modem[0].at, 7), 33);
	vmodem_dtr(&modem[0], true, now);
	vmodem_reset(&modem[0]); /* the next owner finds nothing of it */
	said(0);
	type(0, "ATZ\r");
	ck_assert_str_eq(said(0), "ATZ\r\r\nOK\r\n");
	ck_assert_uint_eq(hayes_s(&modem[0].at, 7), 50);
}
END_TEST

/* What a line asks for beyond all room is cut, but its result is told. */
START_TEST(views_without_end)
{
	char line[HAYES_LINE + 4] = "AT";
	const char *end;
	int i;

	for (i = 0; i < HAYES_LINE / 2; i++)
		strcat(line, "&V");
	strcat(line, "\r");
	type(0, line);
	end = said(0);
	ck_assert_uint_gt(strlen(end), VMODEM_RING / 2);
	ck_assert_str_eq(end + strlen(end) - 6, "\r\nOK\r\n");
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("commands");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, modems_start, modems_stop);
	tcase_add_loop_test(tc, a_dialogue, 0, ROWS(dialogues));
	tcase_add_test(tc, the_last_number_goes_with_its_caller);
	tcase_add_test(tc, dtr_ignored_for_a_while);
	tcase_add_test(tc, dtr_late_tick);
	tcase_add_test(tc, profile_of_dtr);
	tcase_add_test(tc, views_without_end);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
