/*
 * The line editor of the AT interpreter, key by key.
 */
#include "modem/hayes_edit.h"
#include "unit.h"

#include <string.h>

static struct hayes at;
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
	{ "AT\b", HAYES_KEY_USELESS, NULL },
	{ "\b", HAYES_KEY_USELESS, NULL },
	{ "A\x7f", HAYES_KEY_USELESS, NULL },
	{ "AT\b\b\bE0\r", HAYES_KEY_LINE, "E0" },
	{ "A\bT\r", HAYES_KEY_NONE, NULL },
	{ "ATE\n\t\x1b" "0\r", HAYES_KEY_LINE, "E0" },
	{ "AT\xff\x80\r", HAYES_KEY_LINE, "\xff\x80" },
	{ "ATE0\rATV0\r", HAYES_KEY_LINE, "V0" },
	{ "A\xd4" "E\xb0\x8d", HAYES_KEY_LINE, "E0" },
	{ "\xc1TE\xb0\r", HAYES_KEY_LINE, "E0" },
	{ "\xe1\xf4\xe5\xb0\x8d", HAYES_KEY_LINE, "e0" },
	{ "\xc1\xaf", HAYES_KEY_LINE, "" },
	{ "A\xd4" "E1\x88\xb0\xff\xb1\x8d", HAYES_KEY_LINE, "E1" },
	{ "A\xd4\xff\x8d" "AT\xff\r", HAYES_KEY_LINE, "\xff" },
	{ "\xc1" "AT\xff\r", HAYES_KEY_LINE, "\xff" },
	{ "ATE0\x8d", HAYES_KEY_NONE, NULL },
	{ "AT E 0\r", HAYES_KEY_LINE, " E 0" },
	{ "A/", HAYES_KEY_LINE, "" },
	{ "a/", HAYES_KEY_LINE, "" },
	{ "ATE0\rA/", HAYES_KEY_LINE, "E0" },
	{ "ATE0\rA/A/", HAYES_KEY_LINE, "E0" },
	{ "ATE0\rxyA/", HAYES_KEY_LINE, "E0" },
	{ "ATE0\rAA/", HAYES_KEY_LINE, "E0" },
	{ "ATE0\rA/\r", HAYES_KEY_NONE, NULL },
	{ "ATE0\rA\r/", HAYES_KEY_NONE, NULL },
	{ "ATE0\r/", HAYES_KEY_NONE, NULL },
	{ "ATE0\rA //", HAYES_KEY_NONE, NULL },
	{ "ATE0\rATA/", HAYES_KEY_NONE, NULL },
	{ "ATE0\rAT\rA/", HAYES_KEY_LINE, "" },
	{ "ATE0\rATV1\b\b\rA/", HAYES_KEY_LINE, "" },
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

START_TEST(repeat_of_a_line_too_long)
{
	hayes_init(&at);
	hayes_edit_init(&editor);
	keys("AT");
	type_many(HAYES_LINE + 1);
	ck_assert_int_eq(keys("\r"), HAYES_KEY_TOO_LONG);
	ck_assert_int_eq(keys("A/"), HAYES_KEY_TOO_LONG);
	ck_assert_int_eq(keys("ATE0\r"), HAYES_KEY_LINE);
	ck_assert_int_eq(keys("A/"), HAYES_KEY_LINE);
	ck_assert_str_eq(editor.line, "E0");
}
END_TEST

/* What is dropped and was begun with AT is gone, and so is what was before it. */
START_TEST(dropped)
{
	hayes_init(&at);
	hayes_edit_init(&editor);
	keys("ATE0\rA");
	hayes_edit_drop(&editor);
	ck_assert_int_eq(keys("/"), HAYES_KEY_NONE);
	ck_assert_int_eq(keys("A/"), HAYES_KEY_LINE);
	ck_assert_str_eq(editor.line, "E0");
	keys("ATV");
	hayes_edit_drop(&editor);
	ck_assert_int_eq(keys("1\r"), HAYES_KEY_NONE);
	ck_assert_int_eq(keys("A/"), HAYES_KEY_LINE);
	ck_assert_str_eq(editor.line, "");
}
END_TEST

START_TEST(other_keys)
{
	struct hayes_commands commands;
	char line[] = "S3=33S5=35";

	hayes_init(&at);
	hayes_edit_init(&editor);
	hayes_begin(&commands, line);
	while (hayes_next(&commands, &at) == HAYES_NEXT)
		;
	ck_assert_int_eq(keys("ATE1#0!"), HAYES_KEY_LINE);
	ck_assert_str_eq(editor.line, "E0");
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("edit");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, editing, 0, ROWS(typed));
	tcase_add_test(tc, line_length);
	tcase_add_test(tc, repeat_of_a_line_too_long);
	tcase_add_test(tc, dropped);
	tcase_add_test(tc, other_keys);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
