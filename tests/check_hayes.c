/*
 * The AT interpreter: the line editor key by key, every command with every value up to its
 * limit and past it, registers, dial strings, and the texts of every result.
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
	ck_assert_int_eq(hayes_s(&at, 12), 50);
	ck_assert_int_eq(hayes_s(&at, 1), 0);
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
	{ "X", 4, offsetof(struct hayes, results), true },
	{ "&C", 1, offsetof(struct hayes, carrier), true },
	{ "&D", 3, offsetof(struct hayes, dtr), true },
	{ "I", 4, 0, false },
	{ "&F", 1, 0, false },
	{ "L", 3, 0, false },
	{ "M", 3, 0, false },
	{ "&K", 6, 0, false },
	{ "&Q", 6, 0, false },
	{ "&R", 1, 0, false },
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
	    { 12, 0, 255 },
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
	{ "+GMM", HAYES_BAD, "", NULL },
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
	{ "DT12;", HAYES_BAD, "", NULL },
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

/* ---- the editor ---- */

static struct hayes_editor editor;

static enum hayes_key
keys(const char *text)
{
	enum hayes_key key = HAYES_KEY_NONE;

	for (; *text != '\0'; text++)
		key = hayes_edit(&editor, &at, (uint8_t)*text);
	return key;
}

static const struct {
	const char *typed;
	enum hayes_key last;
	const char *line;
} typed[] = {
	{ "AT\r", HAYES_KEY_LINE, "" },
	{ "at\r", HAYES_KEY_LINE, "" },
	{ "aT\r", HAYES_KEY_LINE, "" },
	{ "AtE0\r", HAYES_KEY_LINE, "E0" },
	{ "\r\nxyzATE0\r", HAYES_KEY_LINE, "E0" },
	{ "AAAT1\r", HAYES_KEY_LINE, "1" },
	{ "ABT1\r", HAYES_KEY_NONE, NULL },
	{ "A\rT1\r", HAYES_KEY_NONE, NULL },
	{ "A T1\r", HAYES_KEY_NONE, NULL },
	{ "\r", HAYES_KEY_NONE, NULL },
	{ "ATE0", HAYES_KEY_NONE, NULL },
	{ "ATE1\b0\r", HAYES_KEY_LINE, "E0" },
	{ "ATE1\x7f" "0\r", HAYES_KEY_LINE, "E0" },
	{ "AT1\b", HAYES_KEY_ERASED, NULL },
	{ "AT\b", HAYES_KEY_NONE, NULL },
	{ "AT\b\b\bE0\r", HAYES_KEY_LINE, "E0" },
	{ "A\bT\r", HAYES_KEY_NONE, NULL },
	{ "ATE\n\t\x1b" "0\r", HAYES_KEY_LINE, "E0" },
	{ "AT\xff\x80\r", HAYES_KEY_LINE, "\xff\x80" },
	{ "ATE0\rATV0\r", HAYES_KEY_LINE, "V0" },
	{ "AT E 0\r", HAYES_KEY_LINE, " E 0" },
};

START_TEST(editing)
{
	hayes_init(&at);
	hayes_edit_init(&editor);
	ck_assert_int_eq(keys(typed[_i].typed), typed[_i].last);
	if (typed[_i].line != NULL)
		ck_assert_str_eq(editor.line, typed[_i].line);
}
END_TEST

static void
type_many(size_t n)
{
	while (n-- > 0)
		ck_assert_int_eq(hayes_edit(&editor, &at, 'x'), HAYES_KEY_NONE);
}

START_TEST(line_length)
{
	hayes_init(&at);
	hayes_edit_init(&editor);
	keys("AT");
	type_many(HAYES_LINE);
	ck_assert_int_eq(keys("\r"), HAYES_KEY_LINE);
	ck_assert_uint_eq(strlen(editor.line), HAYES_LINE);
	keys("AT");
	type_many(HAYES_LINE + 1);
	ck_assert_int_eq(keys("\r"), HAYES_KEY_TOO_LONG);
	keys("AT");
	type_many(100000);
	ck_assert_int_eq(keys("\r"), HAYES_KEY_TOO_LONG);
	keys("AT"); /* too long, and corrected */
	type_many(HAYES_LINE + 1);
	ck_assert_int_eq(keys("\b\b"), HAYES_KEY_ERASED);
	ck_assert_int_eq(keys("y\r"), HAYES_KEY_LINE);
	ck_assert_uint_eq(strlen(editor.line), HAYES_LINE);
	ck_assert_int_eq(editor.line[HAYES_LINE - 1], 'y');
}
END_TEST

START_TEST(other_keys)
{
	char said[256];

	hayes_init(&at);
	hayes_edit_init(&editor);
	run("S3=33S5=35", said);
	ck_assert_int_eq(keys("ATE1#0!"), HAYES_KEY_LINE);
	ck_assert_str_eq(editor.line, "E0");
}
END_TEST

/* ---- answers ---- */

static const struct {
	const char *settings;
	enum hayes_code code;
	const char *want;
} results[] = {
	{ "", HAYES_OK, "\r\nOK\r\n" },
	{ "", HAYES_CONNECT, "\r\nCONNECT 4000000\r\n" },
	{ "", HAYES_RING, "\r\nRING\r\n" },
	{ "", HAYES_NO_CARRIER, "\r\nNO CARRIER\r\n" },
	{ "", HAYES_ERROR, "\r\nERROR\r\n" },
	{ "", HAYES_NO_DIALTONE, "\r\nNO DIALTONE\r\n" },
	{ "", HAYES_BUSY, "\r\nBUSY\r\n" },
	{ "", HAYES_NO_ANSWER, "\r\nNO ANSWER\r\n" },
	{ "V0", HAYES_OK, "0\r" },
	{ "V0", HAYES_CONNECT, "1\r" },
	{ "V0", HAYES_RING, "2\r" },
	{ "V0", HAYES_NO_CARRIER, "3\r" },
	{ "V0", HAYES_ERROR, "4\r" },
	{ "V0", HAYES_NO_DIALTONE, "6\r" },
	{ "V0", HAYES_BUSY, "7\r" },
	{ "V0", HAYES_NO_ANSWER, "8\r" },
	{ "Q1", HAYES_OK, "" },
	{ "Q1V0", HAYES_CONNECT, "" },
	{ "X0", HAYES_CONNECT, "\r\nCONNECT\r\n" },
	{ "X1", HAYES_CONNECT, "\r\nCONNECT 4000000\r\n" },
	{ "X0", HAYES_BUSY, "\r\nNO CARRIER\r\n" },
	{ "X1", HAYES_BUSY, "\r\nNO CARRIER\r\n" },
	{ "X2", HAYES_BUSY, "\r\nNO CARRIER\r\n" },
	{ "X3", HAYES_BUSY, "\r\nBUSY\r\n" },
	{ "X0", HAYES_NO_DIALTONE, "\r\nNO CARRIER\r\n" },
	{ "X1V0", HAYES_NO_DIALTONE, "3\r" },
	{ "X2", HAYES_NO_DIALTONE, "\r\nNO DIALTONE\r\n" },
	{ "X3", HAYES_NO_DIALTONE, "\r\nNO CARRIER\r\n" },
	{ "S3=33S4=35", HAYES_OK, "!#OK!#" },
	{ "S3=33V0", HAYES_ERROR, "4!" },
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
	tcase_add_loop_test(tc, editing, 0, ROWS(typed));
	tcase_add_test(tc, line_length);
	tcase_add_test(tc, other_keys);
	tcase_add_loop_test(tc, a_result, 0, ROWS(results));
	tcase_add_test(tc, information);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
