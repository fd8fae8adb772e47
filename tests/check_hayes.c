/*
 * The AT interpreter: every command with every value up to its limit and past it, registers, dial
 * strings, and the texts of every result.
 */
#include "modem/hayes.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct hayes at;
static struct hayes_commands commands;
static char line[HAYES_LINE + 1];

/* Runs a line to its end or to what the modem must do; information texts go to `said`. */
static enum hayes_do
run(const char *text, char said[static 256])
{
	enum hayes_do todo;

	snprintf(line, sizeof line, "%s", text);
	hayes_begin(&commands, line);
	said[0] = '\0';
	while ((todo = hayes_next(&commands, &at)) == HAYES_NEXT || todo == HAYES_SAY)
		if (todo == HAYES_SAY)
			snprintf(said + strlen(said), 256 - strlen(said), "<%s>", commands.text);
	return todo;
}

START_TEST(factory_settings)
{
	hayes_init(&at);
	ck_assert_int_eq(at.echo, 1);
	ck_assert_int_eq(at.quiet, 0);
	ck_assert_int_eq(at.verbose, 1);
	ck_assert_int_eq(at.results, 4);
	ck_assert_int_eq(at.carrier, 1);
	ck_assert_int_eq(at.dtr, 2);
	ck_assert_int_eq(hayes_s(&at, 0), 0);
	ck_assert_int_eq(hayes_s(&at, 2), 43);
	ck_assert_int_eq(hayes_s(&at, 3), 13);
	ck_assert_int_eq(hayes_s(&at, 4), 10);
	ck_assert_int_eq(hayes_s(&at, 5), 8);
	ck_assert_int_eq(hayes_s(&at, 7), 50);
	ck_assert_int_eq(at.flow, 3);
	ck_assert_int_eq(hayes_s(&at, 6), 2);
	ck_assert_int_eq(hayes_s(&at, 8), 2);
	ck_assert_int_eq(hayes_s(&at, 10), 1);
	ck_assert_int_eq(hayes_s(&at, 11), 95);
	ck_assert_int_eq(hayes_s(&at, 12), 50);
	ck_assert_int_eq(hayes_s(&at, 25), 0);
	ck_assert_int_eq(hayes_s(&at, 1), 0);
	ck_assert_int_eq(hayes_s(&at, 13), 0);
}
END_TEST

/* ---- commands ---- */

static const struct {
	const char *name;
	int max;
	size_t field; /* of struct hayes; 0 with has_field false */
	bool has_field;
} valued[] = {
	{ "E", 1, offsetof(struct hayes, echo), true },
	{ "Q", 1, offsetof(struct hayes, quiet), true },
	{ "V", 1, offsetof(struct hayes, verbose), true },
	{ "X", 7, offsetof(struct hayes, results), true },
	{ "&C", 1, offsetof(struct hayes, carrier), true },
	{ "&D", 3, offsetof(struct hayes, dtr), true },
	{ "&K", 6, offsetof(struct hayes, flow), true },
	{ "I", 9, 0, false },
	{ "&F", 1, 0, false },
	{ "L", 3, 0, false },
	{ "M", 3, 0, false },
	{ "B", 16, 0, false },
	{ "N", 1, 0, false },
	{ "W", 2, 0, false },
	{ "&G", 2, 0, false },
	{ "&L", 1, 0, false },
	{ "&M", 4, 0, false },
	{ "&N", 64, 0, false },
	{ "&P", 3, 0, false },
	{ "&T", 19, 0, false },
	{ "&U", 64, 0, false },
	{ "&X", 2, 0, false },
	{ "&Y", 1, 0, false },
	{ "%C", 3, 0, false },
	{ "%E", 3, 0, false },
	{ "\\K", 5, 0, false },
	{ "\\Q", 3, 0, false },
	{ "\\V", 3, 0, false },
	{ "&Q", 6, 0, false },
	{ "&R", 2, 0, false },
	{ "C", 1, 0, false },
	{ "F", 1, 0, false },
	{ "Y", 1, 0, false },
	{ "&A", 3, 0, false },
	{ "&B", 1, 0, false },
	{ "&H", 3, 0, false },
	{ "&I", 5, 0, false },
	{ "&J", 1, 0, false },
	{ "\\A", 3, 0, false },
	{ "\\G", 1, 0, false },
	{ "\\J", 1, 0, false },
	{ "\\L", 1, 0, false },
	{ "\\X", 1, 0, false },
	{ "&S", 1, 0, false },
	{ "\\N", 7, 0, false },
};

START_TEST(every_value)
{
	struct hayes before;
	char text[32], said[256];
	int value;

	for (value = 0; value < 300; value++) {
		hayes_init(&at);
		before = at;
		snprintf(text, sizeof text, "%s%d", valued[_i].name, value);
		if (value > valued[_i].max) {
			ck_assert_msg(run(text, said) == HAYES_BAD, "%s", text);
			ck_assert_msg(memcmp(&at, &before, sizeof at) == 0,
			    "%s changed something", text);
			continue;
		}
		ck_assert_msg(run(text, said) == HAYES_DONE, "%s", text);
		if (valued[_i].has_field)
			((uint8_t *)&before)[valued[_i].field] = (uint8_t)value;
		ck_assert_msg(memcmp(&at, &before, sizeof at) == 0, "%s: other settings", text);
	}
	hayes_init(&at);
	ck_assert_int_eq(run(valued[_i].name, said), HAYES_DONE); /* without a value: 0 */
	if (valued[_i].has_field)
		ck_assert_int_eq(((uint8_t *)&at)[valued[_i].field], 0);
}
END_TEST

static const struct {
	int number, min, max;
} registers[] = {
	{ 0, 0, 255 }, { 2, 0, 255 }, { 3, 0, 127 }, { 4, 0, 127 }, { 5, 0, 127 }, { 7, 1, 255 },
	    { 12, 0, 255 }, { 6, 2, 255 }, { 8, 0, 255 }, { 10, 1, 255 }, { 11, 50, 255 }, { 25, 0, 255 },
	    { 1, 0, 255 }, { 9, 1, 255 }, { 26, 0, 255 }, { 30, 0, 0 }, { 36, 0, 7 }, { 37, 0, 19 },
	    { 38, 0, 255 }, { 46, 0, 255 }, { 48, 0, 255 }, { 95, 0, 255 }, { 13, 0, 255 }, { 15, 0, 255 },
	    { 27, 0, 255 }, { 39, 0, 255 }, { 91, 0, 255 },
};

START_TEST(every_register_value)
{
	int number = registers[_i].number, value;
	char text[32], want[32], said[256];
	struct hayes before;

	hayes_init(&at);
	for (value = 0; value < 1100; value++) {
		before = at;
		snprintf(text, sizeof text, "S%d=%d", number, value);
		if (value < registers[_i].min || value > registers[_i].max) {
			ck_assert_msg(run(text, said) == HAYES_BAD, "%s", text);
			ck_assert_msg(memcmp(&at, &before, sizeof at) == 0,
			    "%s changed something", text);
			continue;
		}
		ck_assert_msg(run(text, said) == HAYES_DONE, "%s", text);
		ck_assert_int_eq(hayes_s(&at, (unsigned)number), value);
		snprintf(text, sizeof text, "S%d?", number);
		snprintf(want, sizeof want, "<%03d>", value);
		ck_assert_int_eq(run(text, said), HAYES_DONE);
		ck_assert_str_eq(said, want);
	}
}
END_TEST

static bool
is_register(unsigned number)
{
	size_t i;

	for (i = 0; i < sizeof registers / sizeof *registers; i++)
		if (registers[i].number == (int)number)
			return true;
	return false;
}

START_TEST(unknown_registers)
{
	unsigned number;
	char text[32], said[256];

	hayes_init(&at);
	for (number = 0; number < 1100; number++) {
		if (is_register(number))
			continue;
		snprintf(text, sizeof text, "S%u?", number);
		ck_assert_msg(run(text, said) == HAYES_BAD, "%s", text);
		snprintf(text, sizeof text, "S%u=1", number);
		ck_assert_msg(run(text, said) == HAYES_BAD, "%s", text);
	}
}
END_TEST

static const struct {
	const char *line;
	enum hayes_do ends;
	const char *said;
	const char *rest; /* NULL: does not matter; else digits of HAYES_DIAL, or what is left */
} lines[] = {
	{ "", HAYES_DONE, "", "" },
	{ "   ", HAYES_DONE, "", "" },
	{ "e0 v1 q0 s0=0 x4 &c1 &d2", HAYES_DONE, "", "" },
	{ "E 0 V 1", HAYES_DONE, "", "" },
	{ "T", HAYES_DONE, "", "" },
	{ "P", HAYES_DONE, "", "" },
	{ "I", HAYES_DONE, "<modemshare>", "" },
	{ "I3S7?I0", HAYES_DONE, "<modemshare virtual modem><050><modemshare>", "" },
	{ "S7=30S7?", HAYES_DONE, "<030>", "" },
	{ "s 7 = 3 1 s 7 ?", HAYES_DONE, "<031>", "" },
	{ "S7=30S7=0S7=40", HAYES_BAD, "", NULL },
	{ "S7=", HAYES_BAD, "", NULL },
	{ "S0=", HAYES_BAD, "", NULL },
	{ "S7", HAYES_BAD, "", NULL },
	{ "S", HAYES_BAD, "", NULL },
	{ "S7!", HAYES_BAD, "", NULL },
	{ "S7=99999999999999999999999999999999", HAYES_BAD, "", NULL },
	{ "S99999999999999999999999999999999?", HAYES_BAD, "", NULL },
	{ "S4294967303=9", HAYES_BAD, "", NULL }, /* 2^32 + 7 */
	{ "E4294967296", HAYES_BAD, "", NULL },
	{ "J", HAYES_BAD, "", NULL },
	{ "&", HAYES_BAD, "", NULL },
	{ "&Z", HAYES_BAD, "", NULL },
	{ "\\", HAYES_BAD, "", NULL },
	{ "+GMX", HAYES_BAD, "", NULL },
	{ "+GMI;+GMM;+GSN", HAYES_DONE, "<modemshare><virtual modem><000>", "" },
	{ "+GMR", HAYES_DONE, "<" PACKAGE_VERSION ">", "" },
	{ "+gcap", HAYES_DONE, "<+GCAP: +FCLASS,+ES,+DS>", "" },
	{ "+GMI=?;+GCAP=?", HAYES_DONE, "", "" },
	{ "+FCLASS?", HAYES_DONE, "<0>", "" },
	{ "+FCLASS=?", HAYES_DONE, "<0,1>", "" },
	{ "+FCLASS=0", HAYES_DONE, "", "" },
	{ "+FCLASS=00", HAYES_DONE, "", "" },
	{ "+FCLASS=0;DT12", HAYES_DIAL, "", "12" },
	{ "E0+FCLASS=0;S7=30", HAYES_DONE, "", "" },
	{ "+FCLASS=0;", HAYES_DONE, "", "" },
	{ "+FCLASS=0;;", HAYES_BAD, "", NULL },
	{ "+FCLASS=0E0", HAYES_BAD, "", NULL },
	{ "+FCLASS=1;+FCLASS?", HAYES_DONE, "<1>", "" },
	{ "+FCLASS=2", HAYES_BAD, "", NULL },
	{ "+FCLASS=1;+FTH=?;+FRH=?;+FTS=?;+FRS=?", HAYES_DONE, "<3><3><0-255><0-255>", "" },
	{ "+FCLASS=1;+FTM=?", HAYES_DONE, "<24,48,72,73,74,96,97,98,121,122,145,146>", "" },
	{ "+FCLASS=1;+FRM=?E0", HAYES_BAD, "", NULL },
	{ "+FCLASS=1;+FTH=3", HAYES_BAD, "", NULL },
	{ "+FCLASS=1;+FRH?", HAYES_BAD, "", NULL },
	{ "+FCLASS=1;+FTM", HAYES_BAD, "", NULL },
	{ "+FCLASS=1;&F+FTM=?", HAYES_BAD, "", NULL },
	{ "+IPR?", HAYES_DONE, "<+IPR: 0>", "" },
	{ "+IPR=115200;+IPR?;+IPR=0;+IPR?", HAYES_DONE, "<+IPR: 115200><+IPR: 0>", "" },
	{ "+IPR=?", HAYES_DONE, "<+IPR: (0,300,1200,2400,4800,9600,19200,38400,57600,115200)>", "" },
	{ "+IPR", HAYES_BAD, "", NULL },
	{ "+ICF?;+ICF=?", HAYES_DONE, "<+ICF: 3,3><+ICF: (0-6),(0-3)>", "" },
	{ "+ICF=2,1;+ICF?", HAYES_DONE, "<+ICF: 2,1>", "" },
	{ "+ifc = 1 , 0 ; + ifc ?", HAYES_DONE, "<+IFC: 1,0>", "" },
	{ "+IFC=1;+IFC?;+IFC=,0;+IFC?", HAYES_DONE, "<+IFC: 1,2><+IFC: 1,0>", "" },
	{ "+IFC=?", HAYES_DONE, "<+IFC: (0-3),(0-2)>", "" },
	{ "+IFC=,", HAYES_BAD, "", NULL },
	{ "+IFC=1,1,1", HAYES_BAD, "", NULL },
	{ "+ILRR=1;+ER=1;+DR=1;+ILRR?;+ER?;+DR?", HAYES_DONE, "<+ILRR: 1><+ER: 1><+DR: 1>", "" },
	{ "+ILRR=?;+ER=?;+DR=?", HAYES_DONE, "<+ILRR: (0-1)><+ER: (0-1)><+DR: (0-1)>", "" },
	{ "+ES=3,0,2;+DS=3,0;+ES?;+DS?", HAYES_DONE, "<+ES: 3,0,2><+DS: 3,0>", "" },
	{ "+ES=?;+DS=?", HAYES_DONE, "<+ES: (0-7),(0-4),(0-6)><+DS: (0-3),(0-1)>", "" },
	{ "+ES?;&F+ES?", HAYES_DONE, "<+ES: 1,0,1><+ES: 1,0,1>", "" },
	{ "1", HAYES_BAD, "", NULL },
	{ "\xc1\xff", HAYES_BAD, "", NULL },
	{ "I0JI0", HAYES_BAD, "<modemshare>", NULL },
	{ "H", HAYES_HANG_UP, "", "" },
	{ "H0E0", HAYES_HANG_UP, "", "E0" },
	{ "H1", HAYES_OFF_HOOK, "", "" },
	{ "H2", HAYES_BAD, "", NULL },
	{ "Z", HAYES_RESET, "", "" },
	{ "Z1", HAYES_RESET, "", "" },
	{ "Z2", HAYES_BAD, "", NULL },
	{ "O", HAYES_ONLINE, "", "" },
	{ "O1", HAYES_ONLINE, "", "" },
	{ "O2", HAYES_BAD, "", NULL },
	{ "A", HAYES_ANSWER, "", "" },
	{ "AA", HAYES_ANSWER, "", "A" },
	{ "D", HAYES_DIAL, "", "" },
	{ "DT5551234", HAYES_DIAL, "", "5551234" },
	{ "dp 555-12 34", HAYES_DIAL, "", "5551234" },
	{ "D(0)W12,34@5!/.$6", HAYES_DIAL, "", "0123456" },
	{ "DT+49*#abcd", HAYES_DIAL, "", "+49*#ABCD" },
	{ "E0DT12", HAYES_DIAL, "", "12" },
	{ "I0DT12", HAYES_DIAL, "<modemshare>", "12" },
	{ "DT12;", HAYES_DIAL_ON, "", "" },
	{ "DT12;H", HAYES_DIAL_ON, "", "H" },
	{ "DT12;;", HAYES_DIAL_ON, "", ";" },
	{ "D;", HAYES_DIAL_ON, "", "" },
	{ "DTx;", HAYES_BAD, "", NULL },
	{ ";", HAYES_BAD, "", NULL },
	{ "E0;", HAYES_BAD, "", NULL },
	{ "&W", HAYES_STORE, "", "" },
	{ "&W1E0", HAYES_STORE, "", "E0" },
	{ "&W2", HAYES_BAD, "", NULL },
	{ "&V", HAYES_SHOW, "", "" },
	{ "&V1E0", HAYES_SHOW, "", "E0" },
	{ "&V2", HAYES_BAD, "", NULL },
	{ "I1I2I5", HAYES_DONE, "<000><000>", "" },
	{ "I4", HAYES_DONE, "<Hayes AT commands, ITU-T V.250>", "" },
	{ "I6I7", HAYES_DONE, "<no error control, no compression><virtual line>", "" },
	{ "I10", HAYES_BAD, "", NULL },
	{ "DT12E0", HAYES_BAD, "", NULL },
	{ "DTexample", HAYES_BAD, "", NULL },
	{ "DT12\xff", HAYES_BAD, "", NULL },
};

START_TEST(a_line)
{
	char said[256];

	hayes_init(&at);
	ck_assert_msg(run(lines[_i].line, said) == lines[_i].ends, "%s", lines[_i].line);
	ck_assert_msg(strcmp(said, lines[_i].said) == 0, "%s said %s", lines[_i].line, said);
	if (lines[_i].rest != NULL)
		ck_assert_str_eq(lines[_i].ends == HAYES_DIAL ? commands.digits : commands.at,
		    lines[_i].rest);
}
END_TEST

START_TEST(first_error_stops)
{
	char said[256];

	hayes_init(&at);
	ck_assert_int_eq(run("E0S7=30S7=0V0", said), HAYES_BAD);
	ck_assert_int_eq(at.echo, 0);
	ck_assert_int_eq(hayes_s(&at, 7), 30);
	ck_assert_int_eq(at.verbose, 1);
	ck_assert_int_eq(run("&F", said), HAYES_DONE);
	ck_assert_int_eq(at.echo, 1);
	ck_assert_int_eq(hayes_s(&at, 7), 50);
}
END_TEST

START_TEST(number_length)
{
	char text[HAYES_LINE + 1] = "D", said[256];

	hayes_init(&at);
	memset(text + 1, '7', HAYES_DIGITS);
	ck_assert_int_eq(run(text, said), HAYES_DIAL);
	ck_assert_uint_eq(strlen(commands.digits), HAYES_DIGITS);
	text[1 + HAYES_DIGITS] = '7';
	ck_assert_int_eq(run(text, said), HAYES_BAD);
}
END_TEST

/* ---- answers ---- */

static const struct {
	const char *settings;
	enum result code;
	const char *want;
} results[] = {
	{ "", RESULT_OK, "\r\nOK\r\n" },
	{ "", RESULT_CONNECT, "\r\nCONNECT 4000000\r\n" },
	{ "", RESULT_RING, "\r\nRING\r\n" },
	{ "", RESULT_NO_CARRIER, "\r\nNO CARRIER\r\n" },
	{ "", RESULT_ERROR, "\r\nERROR\r\n" },
	{ "", RESULT_NO_DIALTONE, "\r\nNO DIALTONE\r\n" },
	{ "", RESULT_BUSY, "\r\nBUSY\r\n" },
	{ "", RESULT_NO_ANSWER, "\r\nNO ANSWER\r\n" },
	{ "V0", RESULT_OK, "0\r" },
	{ "V0", RESULT_CONNECT, "1\r" },
	{ "V0", RESULT_RING, "2\r" },
	{ "V0", RESULT_NO_CARRIER, "3\r" },
	{ "V0", RESULT_ERROR, "4\r" },
	{ "V0", RESULT_NO_DIALTONE, "6\r" },
	{ "V0", RESULT_BUSY, "7\r" },
	{ "V0", RESULT_NO_ANSWER, "8\r" },
	{ "Q1", RESULT_OK, "" },
	{ "Q1V0", RESULT_CONNECT, "" },
	{ "X0", RESULT_CONNECT, "\r\nCONNECT\r\n" },
	{ "X1", RESULT_CONNECT, "\r\nCONNECT 4000000\r\n" },
	{ "X0", RESULT_BUSY, "\r\nNO CARRIER\r\n" },
	{ "X1", RESULT_BUSY, "\r\nNO CARRIER\r\n" },
	{ "X2", RESULT_BUSY, "\r\nNO CARRIER\r\n" },
	{ "X3", RESULT_BUSY, "\r\nBUSY\r\n" },
	{ "X0", RESULT_NO_DIALTONE, "\r\nNO CARRIER\r\n" },
	{ "X1V0", RESULT_NO_DIALTONE, "3\r" },
	{ "X2", RESULT_NO_DIALTONE, "\r\nNO DIALTONE\r\n" },
	{ "X3", RESULT_NO_DIALTONE, "\r\nNO CARRIER\r\n" },
	{ "X5", RESULT_NO_DIALTONE, "\r\nNO DIALTONE\r\n" },
	{ "X7", RESULT_BUSY, "\r\nBUSY\r\n" },
	{ "S3=33S4=35", RESULT_OK, "!#OK!#" },
	{ "S3=33V0", RESULT_ERROR, "4!" },
};

START_TEST(a_result)
{
	char said[256], text[HAYES_TEXT];
	size_t n;

	hayes_init(&at);
	run(results[_i].settings, said);
	n = hayes_result(&at, results[_i].code, 4000000, text);
	ck_assert_msg(n == strlen(results[_i].want) && memcmp(text, results[_i].want, n) == 0,
	    "%s %d: %.*s", results[_i].settings, results[_i].code, (int)n, text);
}
END_TEST

START_TEST(information)
{
	char said[256], text[HAYES_TEXT], much[100] = "";

	hayes_init(&at);
	ck_assert_uint_eq(hayes_info(&at, "ab", text), 6);
	ck_assert_mem_eq(text, "\r\nab\r\n", 6);
	run("V0Q1", said);
	ck_assert_uint_eq(hayes_info(&at, "ab", text), 4);
	ck_assert_mem_eq(text, "ab\r\n", 4);
	memset(much, 'x', sizeof much - 1);
	hayes_init(&at);
	ck_assert_uint_eq(hayes_info(&at, much, text), HAYES_TEXT);
	ck_assert_mem_eq(text + HAYES_TEXT - 3, "x\r\n", 3);
}
END_TEST

/* Rates with a number of their own, as long as X tells them. */
static const struct {
	uint32_t rate;
	const char *x0, *x1;
} numbers[] = {
	{ 300, "1\r", "1\r" }, { 600, "1\r", "9\r" }, { 1200, "1\r", "5\r" },
	{ 2400, "1\r", "10\r" }, { 4800, "1\r", "11\r" }, { 9600, "1\r", "12\r" },
	{ 9601, "1\r", "1\r" },
};

START_TEST(rate_as_a_number)
{
	char said[256], text[HAYES_TEXT];
	size_t n;

	hayes_init(&at);
	run("V0X0", said);
	n = hayes_result(&at, RESULT_CONNECT, numbers[_i].rate, text);
	ck_assert(n == strlen(numbers[_i].x0) && memcmp(text, numbers[_i].x0, n) == 0);
	run("X1", said);
	n = hayes_result(&at, RESULT_CONNECT, numbers[_i].rate, text);
	ck_assert(n == strlen(numbers[_i].x1) && memcmp(text, numbers[_i].x1, n) == 0);
	ck_assert_uint_eq(hayes_result(&at, RESULT_RING, numbers[_i].rate, text), 2);
}
END_TEST

START_TEST(view)
{
	static const char *const want[HAYES_VIEW] = {
		"E0 Q0 V1 X4 &C1 &D2 &K3", "S00:000 S01:000 S02:043 S03:013",
		"S04:010 S05:008 S06:002 S07:255", "S08:002 S09:006 S10:001 S11:095",
		"S12:050 S13:000 S15:000 S25:000", "S26:001 S27:073 S30:000 S36:007",
		"S37:000 S38:020 S39:003 S46:136", "S48:007 S91:010 S95:000" };
	char said[256], text[HAYES_TEXT];
	unsigned i;

	hayes_init(&at);
	run("E0S7=255", said);
	for (i = 0; i < HAYES_VIEW; i++) {
		hayes_view(&at, i, text);
		ck_assert_str_eq(text, want[i]);
	}
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("hayes");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, factory_settings);
	tcase_add_loop_test(tc, every_value, 0, ROWS(valued));
	tcase_add_loop_test(tc, every_register_value, 0, ROWS(registers));
	tcase_add_test(tc, unknown_registers);
	tcase_add_loop_test(tc, a_line, 0, ROWS(lines));
	tcase_add_test(tc, first_error_stops);
	tcase_add_test(tc, number_length);
	tcase_add_loop_test(tc, a_result, 0, ROWS(results));
	tcase_add_loop_test(tc, rate_as_a_number, 0, ROWS(numbers));
	tcase_add_test(tc, information);
	tcase_add_test(tc, view);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
