/*
 * What the standards say, paragraph by paragraph: what the virtual modem answers, and what the reader of commands makes
 * of a line.  V.250 is ITU-T V.250 (07/2003), the others are 3GPP TS 27.005, 27.007 and 22.030, ITU-T T.31 and T.32.
 */
#include "modem/callwatch.h"
#include "modems.h"
#include "unit.h"

#include <string.h>

#define ROWS(table) (int)(sizeof table / sizeof *table)
#define TYPED 3
#define OK "\r\nOK\r\n"
#define BAD "\r\nERROR\r\n"

/* ---- the virtual modem ---- */

/* Typed behind ATE0, `after` ms apart; all that it says. */
static const struct {
	const char *paragraph, *typed[TYPED];
	int after;
	const char *says;
} answers[] = {
	{ "V.250, 5.2.1", { "at\r", "AT\r" }, 0, OK OK },
	{ "V.250, 5.2.1, what is before it is none", { "x\rAT\r" }, 0, OK },
	{ "V.250, 5.2.2", { "ATX\bS0?\r" }, 0, "\r\n000\r\n" OK },
	{ "V.250, 5.2.2, control characters", { "AT\x01S0?\n\r" }, 0, "\r\n000\r\n" OK },
	{ "V.250, 5.2.3", { "ATE1\r", "AT\r" }, 0, OK "AT\r" OK },
	{ "V.250, 5.2.4", { "ATS7?\r", "A/" }, 0, "\r\n050\r\n" OK "\r\n050\r\n" OK },
	{ "V.250, 5.3.1", { "ATE0V1X4\r", "AT E V1\r" }, 0, OK OK },
	{ "V.250, 5.3.1, an unknown one", { "ATJ\r" }, 0, BAD },
	{ "V.250, 5.3.2", { "ATS7=9\r", "ATS7?\r" }, 0, OK "\r\n009\r\n" OK },
	{ "V.250, 5.3.2, an unknown one", { "ATS99?\r" }, 0, BAD },
	{ "V.250, 5.4.4.2, 5.4.4.3", { "AT+ILRR=1\r", "AT+ILRR?\r" }, 0, OK "\r\n+ILRR: 1\r\n" OK },
	{ "V.250, 5.4.4.4", { "AT+ER=?\r" }, 0, "\r\n+ER: (0-1)\r\n" OK },
	{ "V.250, 5.4.5.1", { "AT+ILRR=1;+ER=1\r", "AT+ILRR?;+ER?\r" }, 0, OK "\r\n+ILRR: 1\r\n\r\n+ER: 1\r\n" OK },
	{ "V.250, 5.6, bad ones stop the line", { "ATS7=9JS7=8\r", "ATS7?\r" }, 0, BAD "\r\n009\r\n" OK },
	{ "V.250, 5.6.1", { "ATD4\r", "x" }, 600, "\r\nNO CARRIER\r\n" },
	{ "V.250, 5.7.1, numbers", { "ATV0\r", "ATJ\r" }, 0, "0\r4\r" },
	{ "V.250, 6.1.1", { "ATS7=9\r", "ATZE0\r", "ATE0S7?\r" }, 0, OK OK "ATE0S7?\r\r\n050\r\n" OK },
	{ "V.250, 6.1.2", { "ATS7=9\r", "AT&FE0S7?\r" }, 0, OK "\r\n050\r\n" OK },
	{ "V.250, 6.1.3", { "ATI\r" }, 0, "\r\nmodemshare\r\n" OK },
	{ "V.250, 6.1.4, 6.1.5", { "AT+GMI;+GMM\r" }, 0, "\r\nmodemshare\r\n\r\nvirtual modem\r\n" OK },
	{ "V.250, 6.1.6", { "AT+GMR\r" }, 0, "\r\n" PACKAGE_VERSION "\r\n" OK },
	{ "V.250, 6.1.7", { "AT+GSN\r" }, 0, "\r\n000\r\n" OK },
	{ "V.250, 6.2.1", { "ATS3=33\r", "AT!" }, 0, "!\nOK!\n!\nOK!\n" },
	{ "V.250, 6.2.2", { "ATS4=33\r", "AT\r" }, 0, "\r!OK\r!\r!OK\r!" },
	{ "V.250, 6.2.3", { "ATS5=33\r", "ATJ!S7?\r" }, 0, OK "\r\n050\r\n" OK },
	{ "V.250, 6.2.5", { "ATQ1\r", "AT\r", "ATQ0\r" }, 0, OK },
	{ "V.250, 6.2.6", { "ATV0S7?\r" }, 0, "050\r\n0\r" },
	{ "V.250, 6.2.7", { "ATX0D3\r" }, 600, "\r\nNO CARRIER\r\n" },
	{ "V.250, 6.2.7, X4", { "ATX4D3\r" }, 600, "\r\nBUSY\r\n" },
	{ "V.250, 6.2.10", { "AT+IPR=9600\r", "AT+IPR?\r" }, 0, OK "\r\n+IPR: 9600\r\n" OK },
	{ "V.250, 6.2.11, 6.2.12", { "AT+ICF?;+IFC?\r" }, 0, "\r\n+ICF: 3,3\r\n\r\n+IFC: 2,2\r\n" OK },
	{ "V.250, 6.2.13", { "AT+ILRR=1;D1\r" }, 600, "\r\n+ILRR: 115200\r\n\r\nCONNECT 115200\r\n" },
	{ "V.250, 6.3.1", { "ATDT 1\r" }, 600, "\r\nCONNECT 115200\r\n" },
	{ "V.250, 6.3.1, a semicolon", { "ATD1;\r" }, 600, OK },
	{ "V.250, 6.3.2, 6.3.3", { "ATT\r", "ATP\r" }, 0, OK OK },
	{ "V.250, 6.3.5, nobody calls", { "ATA\r" }, 60000, "\r\nNO CARRIER\r\n" },
	{ "V.250, 6.3.6", { "ATH\r", "ATH0\r" }, 0, OK OK },
	{ "V.250, 6.3.7, no call", { "ATO\r" }, 0, "\r\nNO CARRIER\r\n" },
	{ "V.250, 6.3.8", { "ATS0?\r" }, 0, "\r\n000\r\n" OK },
	{ "V.250, 6.3.10", { "ATS7=1D4\r" }, 1000, "\r\nNO ANSWER\r\n" },
	{ "V.250, 6.3.13, 6.3.14", { "ATL2M1\r" }, 0, OK },
	{ "V.250, 6.5.1", { "AT+ES?\r" }, 0, "\r\n+ES: 1,0,1\r\n" OK },
	{ "V.250, 6.5.5", { "AT+ER=1;D1\r" }, 600, "\r\n+ER: NONE\r\n\r\nCONNECT 115200\r\n" },
	{ "V.250, 6.6.1", { "AT+DS?\r" }, 0, "\r\n+DS: 0,0\r\n" OK },
	{ "V.250, 6.6.2", { "AT+DR=1;D1\r" }, 600, "\r\n+DR: NONE\r\n\r\nCONNECT 115200\r\n" },
};

START_TEST(the_modem_answers)
{
	char all[400] = "";
	int i;

	modems_start();
	type(0, "ATE0\r");
	said(0);
	for (i = 0; i < TYPED && answers[_i].typed[i] != NULL; i++) {
		type(0, answers[_i].typed[i]);
		pass(answers[_i].after);
		strcat(all, said(0));
	}
	ck_assert_msg(strcmp(all, answers[_i].says) == 0, "%s: read <%s>", answers[_i].paragraph, all);
	modems_stop();
}
END_TEST

/* ---- the reader of commands ---- */

enum { NONE = CALLWATCH_NO_CALL, DIALS = CALLWATCH_DIALS, UP = CALLWATCH_IN_CALL };

/* > what the client sends, < what the modem says. */
static const struct {
	const char *paragraph, *said[8];
	int state;
	const char *number, *result;
} calls[] = {
	{ "V.250, 5.2.1", { ">atdt5\r" }, DIALS, "5", "" },
	{ "V.250, 5.2.2", { ">ATDT56\b7 \b8\r" }, DIALS, "578", "" },
	{ "V.250, 5.2.4", { ">ATD5\r", "<\r\nBUSY\r\n", ">A/" }, DIALS, "5", "" },
	{ "V.250, 5.4.2.2", { ">AT+X=\"a;D5\"\r" }, NONE, "", "" },
	{ "V.250, 5.4.5.1", { ">AT+ILRR=1;D5\r" }, DIALS, "5", "" },
	{ "V.250, 5.6.1", { ">ATD5\r", ">x" }, NONE, "5", "" },
	{ "V.250, 5.7.1, CONNECT", { ">ATD5\r", "<\r\nCONNECT\r\n" }, UP, "5", "CONNECT" },
	{ "V.250, 5.7.1, NO CARRIER", { ">ATD5\r", "<\r\nNO CARRIER\r\n" }, NONE, "5", "NO CARRIER" },
	{ "V.250, 5.7.1, NO DIALTONE", { ">ATD5\r", "<6\r" }, NONE, "5", "NO DIALTONE" },
	{ "V.250, 5.7.1, BUSY", { ">ATD5\r", "<7\r" }, NONE, "5", "BUSY" },
	{ "V.250, 5.7.1, NO ANSWER", { ">ATD5\r", "<8\r" }, NONE, "5", "NO ANSWER" },
	{ "V.250, 6.1.1", { ">ATZD5\r" }, NONE, "", "" },
	{ "V.250, 6.2.9", { ">AT&D2\r" }, NONE, "", "" },
	{ "V.250, 6.3.1", { ">ATDT0,W5!@*#ABCD+\r" }, DIALS, "0,W5*#ABCD+", "" },
	{ "V.250, 6.3.1, stored", { ">ATDS=3\r" }, DIALS, "S=3", "" },
	{ "V.250, 6.3.1, a semicolon", { ">ATD5;\r", "<\r\nOK\r\n" }, NONE, "5", "OK" },
	{ "V.250, 6.3.5", { ">ATA\r", "<\r\nCONNECT\r\n" }, UP, "", "CONNECT" },
	{ "V.250, 6.3.5, nothing follows", { ">ATAD5\r" }, NONE, "", "" },
	{ "V.250, 6.3.7", { ">ATD5;\r", "<\r\nOK\r\n", ">ATO\r", "<\r\nCONNECT\r\n" }, UP, "5", "CONNECT" },
	{ "V.250, 6.3.7, numbers", { ">ATD5;\r", "<0\r", ">ATO\r", "<1\r" }, UP, "5", "CONNECT" },
	{ "V.250, 6.3.7, no call", { ">ATD5\r", "<\r\nBUSY\r\n", ">ATO\r", "<\r\nNO CARRIER\r\n" }, NONE, "5", "BUSY" },
	{ "V.250, 6.3.7, nothing follows", { ">ATOD5\r" }, NONE, "", "" },
	{ "V.250, 6.3.8", { ">ATS0=2\r", "<\r\nCONNECT\r\n" }, UP, "", "CONNECT" },
	{ "27.005, 3.4.2", { "<\r\nRING\r\n\r\n+CMGL: 1\r\nCONNECT\r\n" }, NONE, "", "" },
	{ "27.005, 3.4.3", { "<\r\nRING\r\n\r\n+CMGR: 1\r\nCONNECT\r\n" }, NONE, "", "" },
	{ "27.005, 3.4.1, +CMT", { "<\r\nRING\r\n\r\n+CMT: 1\r\nCONNECT\r\n" }, NONE, "", "" },
	{ "27.005, 3.4.1, +CBM", { "<\r\nRING\r\n\r\n+CBM: 1\r\nCONNECT\r\n" }, NONE, "", "" },
	{ "27.005, 3.4.1, +CDS", { "<\r\nRING\r\n\r\n+CDS: 1\r\nCONNECT\r\n" }, NONE, "", "" },
	{ "27.005, 3.5.1", { ">AT+CMGS=\"5\"\r", "<\r\n> ", ">ATD5\r\x1a" }, NONE, "", "" },
	{ "27.005, 3.5.3", { ">AT+CMGW=\"5\"\r", "<\r\n> ", ">ATD5\r\x1b", ">ATD6\r" }, DIALS, "6", "" },
	{ "27.005, 3.5.5", { ">AT+CMGC=7\r", "<\r\n> ", ">ATD5\r\x1a" }, NONE, "", "" },
	{ "27.005, 3.2.5", { ">ATD5\r", "<\r\n+CMS ERROR: 300\r\n" }, DIALS, "5", "" },
	{ "27.007, 6.2", { ">ATD>\"Jo;D5\";\r" }, DIALS, "", "" },
	{ "27.007, 6.3", { ">ATD>ME3\r" }, DIALS, "", "" },
	{ "27.007, 6.11, +CRING", { "<\r\n+CRING: ASYNC\r\n\r\nCONNECT 9600\r\n" }, UP, "", "CONNECT 9600" },
	{ "27.007, 9.2", { ">ATD5\r", "<\r\n+CME ERROR: operation not allowed\r\n" }, NONE, "5",
	    "+CME ERROR: operation not allowed" },
	{ "27.007, 10.1.12", { ">AT+CGDATA=\"PPP\",1\r", "<\r\nCONNECT\r\n", "<\r\nOK\r\n" }, UP, "", "CONNECT" },
	{ "27.007, 10.1.12, asked", { ">AT+CGDATA=?\r", "<\r\nCONNECT\r\n" }, NONE, "", "" },
	{ "27.007, 10.2.1.1", { ">ATD*99***1#\r", "<\r\nCONNECT\r\n" }, UP, "*99***1#", "CONNECT" },
	{ "22.030, 6.5.2", { ">ATD*33*1234#;\r" }, DIALS, "*33", "" },
	{ "22.030, 6.5.4", { ">ATD*03**1234*2345*2345#;\r" }, DIALS, "*03", "" },
	{ "22.030, 6.6.2", { ">ATD**04*1234*4321*4321#;\r" }, DIALS, "**04", "" },
	{ "22.030, 6.6.3", { ">ATD**05*12345678*4321*4321#;\r" }, DIALS, "**05", "" },
	{ "T.31, class 1", { ">AT+FCLASS=1\r", ">ATD5\r", "<\r\nCONNECT\r\n", "<\r\nOK\r\n", ">ATH\r" }, NONE, "5",
	    "CONNECT" },
	{ "T.32, +FCO", { ">AT+FCLASS=2.0\r", ">ATD5\r", "<\r\n+FCO\r\n" }, UP, "5", "+FCO" },
	{ "T.32, +FHS", { ">AT+FCLASS=2.0\r", ">ATD5\r", "<\r\n+FCO\r\n", "<\r\n+FHS:0\r\n" }, NONE, "5", "+FCO" },
};

START_TEST(the_reader_makes)
{
	const char *const *s;
	struct callwatch c;

	now.v = 1000;
	callwatch_init(&c, false);
	for (s = calls[_i].said; *s != NULL; s++)
		(**s == '>' ? callwatch_client : callwatch_line)(&c, (const uint8_t *)*s + 1, strlen(*s) - 1, now);
	ck_assert_msg((int)callwatch_state(&c) == calls[_i].state, "%s: state %d", calls[_i].paragraph,
	    (int)callwatch_state(&c));
	ck_assert_msg(strcmp(callwatch_number(&c), calls[_i].number) == 0, "%s: number %s", calls[_i].paragraph,
	    callwatch_number(&c));
	ck_assert_msg(strcmp(callwatch_result(&c), calls[_i].result) == 0, "%s: result %s", calls[_i].paragraph,
	    callwatch_result(&c));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("standards");
	TCase *tc = tcase_create("standards");

	tcase_add_loop_test(tc, the_modem_answers, 0, ROWS(answers));
	tcase_add_loop_test(tc, the_reader_makes, 0, ROWS(calls));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
