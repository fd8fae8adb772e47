/*
 * Which lines are results of a modem, in words and in numbers, and what they tell of a call.
 */
#include <stdio.h>
#include <string.h>

#include "modem/callresult.h"
#include "modem/result.h"
#include "unit.h"

static const struct {
	const char *line;
	enum result is;
	const char *words; /* NULL: the line itself */
	enum callresult call;
} lines[] = {
	{ "OK", RESULT_OK, NULL, CALLRESULT_OK },
	{ "0", RESULT_OK, "OK", CALLRESULT_OK },
	{ "CONNECT", RESULT_CONNECT, NULL, CALLRESULT_CONNECT },
	{ "CONNECT 9600/ARQ", RESULT_CONNECT, NULL, CALLRESULT_CONNECT },
	{ "1", RESULT_CONNECT, "CONNECT", CALLRESULT_CONNECT },
	{ "5", RESULT_CONNECT, "CONNECT 1200", CALLRESULT_CONNECT },
	{ "99", RESULT_CONNECT, "CONNECT", CALLRESULT_CONNECT },
	{ "151", RESULT_CONNECT, "CONNECT", CALLRESULT_CONNECT },
	{ "RING", RESULT_RING, NULL, CALLRESULT_NONE },
	{ "RING 1", RESULT_RING, NULL, CALLRESULT_NONE },
	{ "+CRING: VOICE", RESULT_RING, NULL, CALLRESULT_NONE },
	{ "2", RESULT_RING, "RING", CALLRESULT_NONE },
	{ "NO CARRIER", RESULT_NO_CARRIER, NULL, CALLRESULT_FAILED },
	{ "3", RESULT_NO_CARRIER, "NO CARRIER", CALLRESULT_FAILED },
	{ "ERROR", RESULT_ERROR, NULL, CALLRESULT_FAILED },
	{ "4", RESULT_ERROR, "ERROR", CALLRESULT_FAILED },
	{ "+CME ERROR: 3", RESULT_ERROR, NULL, CALLRESULT_FAILED },
	{ "COMMAND NOT SUPPORT", RESULT_ERROR, NULL, CALLRESULT_FAILED },
	{ "COMMAND NOT SUPPORTED", RESULT_ERROR, NULL, CALLRESULT_FAILED },
	{ "+CMS ERROR: 310", RESULT_MESSAGE_ERROR, NULL, CALLRESULT_NONE },
	{ "NO DIALTONE", RESULT_NO_DIALTONE, NULL, CALLRESULT_FAILED },
	{ "NO DIAL TONE", RESULT_NO_DIALTONE, NULL, CALLRESULT_FAILED },
	{ "6", RESULT_NO_DIALTONE, "NO DIALTONE", CALLRESULT_FAILED },
	{ "BUSY", RESULT_BUSY, NULL, CALLRESULT_FAILED },
	{ "7", RESULT_BUSY, "BUSY", CALLRESULT_FAILED },
	{ "NO ANSWER", RESULT_NO_ANSWER, NULL, CALLRESULT_FAILED },
	{ "8", RESULT_NO_ANSWER, "NO ANSWER", CALLRESULT_FAILED },
	{ "DELAYED 00:10", RESULT_DELAYED, NULL, CALLRESULT_FAILED },
	{ "24", RESULT_DELAYED, "DELAYED", CALLRESULT_FAILED },
	{ "BLACKLISTED", RESULT_BLACKLISTED, NULL, CALLRESULT_FAILED },
	{ "32", RESULT_BLACKLISTED, "BLACKLISTED", CALLRESULT_FAILED },
	{ "PROTOCOL: LAPM", RESULT_PROGRESS, NULL, CALLRESULT_PROGRESS },
	{ "40", RESULT_PROGRESS, "", CALLRESULT_PROGRESS },
	{ "+FCON", RESULT_FAX, NULL, CALLRESULT_FAX }, /* T.32 */
	{ "+FCO", RESULT_FAX, NULL, CALLRESULT_FAX },
	{ "+FHNG:0", RESULT_FAX_ENDED, NULL, CALLRESULT_FAX_ENDED },
	{ "+FHS:00", RESULT_FAX_ENDED, NULL, CALLRESULT_FAX_ENDED },
	{ "RRING", RESULT_OTHER, NULL, CALLRESULT_NONE },
	{ "11", RESULT_OTHER, "RINGING", CALLRESULT_NONE },
	{ "35", RESULT_OTHER, "", CALLRESULT_NONE },
	{ "", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "ok", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "OKAY", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "ERROR 1", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "CONNECTED", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "NOT OK", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "060", RESULT_NONE, NULL, CALLRESULT_NONE },
	{ "1000", RESULT_NONE, NULL, CALLRESULT_NONE },
};

/* At a guard page: a line is not terminated. */
START_TEST(a_line)
{
	size_t n = strlen(lines[_i].line);
	char *line = (char *)unit_guarded(lines[_i].line, n);
	const char *words = NULL;

	ck_assert_int_eq(result_of(line, n, &words), lines[_i].is);
	if (lines[_i].words == NULL)
		ck_assert_ptr_eq(words, line);
	else
		ck_assert_str_eq(words, lines[_i].words);
	ck_assert_int_eq(callresult_of(line, n, &words), lines[_i].call);
	unit_unguard((uint8_t *)line, n);
}
END_TEST

/* A result is written as it is recognized, and V.250's numbers are those of the enum. */
START_TEST(there_and_back)
{
	static const enum result own[] = { RESULT_OK, RESULT_CONNECT, RESULT_RING, RESULT_NO_CARRIER,
		RESULT_ERROR, RESULT_NO_DIALTONE, RESULT_BUSY, RESULT_NO_ANSWER, RESULT_DELAYED,
		RESULT_BLACKLISTED };
	const char *words, *word;
	char number[8];
	size_t i;
	int n;

	for (i = 0; i < sizeof own / sizeof *own; i++) {
		word = result_word(own[i]);
		ck_assert_int_eq(result_of(word, strlen(word), &words), own[i]);
		n = snprintf(number, sizeof number, "%d", (int)own[i]);
		ck_assert_int_eq(result_of(number, (size_t)n, &words), own[i]);
		ck_assert_str_eq(words, word);
	}
	ck_assert_str_eq(result_word(RESULT_NONE), "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("result");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, a_line, 0, (int)(sizeof lines / sizeof *lines));
	tcase_add_test(tc, there_and_back);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
