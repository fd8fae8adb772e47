/*
 * What dials and what does not, each line whole, byte by byte and at every split.
 */
#include <string.h>

#include "modem/dialwatch.h"
#include "unit.h"

struct line {
	const char *bytes;
	size_t n;
	bool dials;
};

#define DIALS(x) { x, sizeof(x) - 1, true }
#define NOT(x) { x, sizeof(x) - 1, false }

static const struct line lines[] = {
	DIALS("ATDT123\r"),
	DIALS("atdt123\r"),
	DIALS("AtDp123\r"),
	DIALS("ATD123\r"),
	DIALS("ATD\r"),
	DIALS("ATDL\r"),
	DIALS("ATDS=1\r"),
	DIALS("ATDT0,W@!;\r"),
	DIALS("ATD+4312345;\r"),
	DIALS("AT X4 D 5\r"),
	DIALS("AT\tDT5\r"),
	DIALS("ATE1DT5\r"),
	DIALS("ATE1V1Q0DT5\r"),
	DIALS("AT&FDT5\r"),
	DIALS("AT&D2DT5\r"),
	DIALS("AT& D2 DT5\r"),
	DIALS("AT\\N3DT5\r"),
	DIALS("AT%C0DT5\r"),
	DIALS("AT-D1DT5\r"),
	DIALS("ATS7=60DT5\r"),
	DIALS("ATS0?DT5\r"),
	DIALS("AT*H1DT5\r"),
	DIALS("AT+FCLASS=0;DT5\r"),
	DIALS("AT+FCLASS=0;+MS=V34;D5\r"),
	DIALS("AT#CID=1;DT5\r"),
	DIALS("AT#X3DT5\r"),
	DIALS("AT*X&D2DT5\r"),
	DIALS("ATDT5\r\n"),
	DIALS("ATDT5\r\0"),
	DIALS("\nATDT5\r"),
	DIALS("+++ATDT5\r"),
	DIALS("xAATDT5\r"),
	DIALS("AT\rATDT5\r"),
	DIALS("ATZ\r\nATDT5\r\n"),
	DIALS("ATDT5\rATDT6\r"),
	DIALS("\xc1\xd4\xc4\xd4" "5\x8d"), /* parity bits set */

	NOT(""),
	NOT("\r"),
	NOT("AT\r"),
	NOT("ATA\r"),
	NOT("ATZ\r"),
	NOT("ATH0\r"),
	NOT("ATDT123"), /* no CR yet */
	NOT("ATDT123\n"),
	NOT("DT123\r"),
	NOT("A TDT5\r"),
	NOT("A\rTDT5\r"),
	NOT("AT&D2\r"),
	NOT("AT&d2\r"),
	NOT("AT& D2\r"),
	NOT("AT\\D1\r"),
	NOT("AT%D1\r"),
	NOT("AT-D1\r"),
	NOT("AT&F&D2&C1\r"),
	NOT("AT+CIND?\r"),
	NOT("AT+CGDCONT=1,\"IP\",\"D\"\r"),
	NOT("AT^SYSCFG=13,3FFFFFFF,D,2\r"),
	NOT("AT^DTMF\r"),
	NOT("AT#DIALMODE=1\r"),
	NOT("AT#CID=1D\r"),
	NOT("AT#CID?D\r"),
	NOT("AT*CNTID\r"),
	NOT("AT$D\r"),
	NOT("A/"),
	NOT("A/DT5\r"),
	NOT("ATDT5\rX"),
	NOT("ATDT5\r\r"),
	NOT("ATDT5\r\nX"),
	NOT("ATDT5\r\n\n"),
	NOT("ATDT5\r\0\0"),
	NOT("ATDT5\r\0\n"),
	NOT("ATDT5\rATH\r"),
	NOT("ATDT5\r\nA"),
	NOT("ATDT5\rA/"),
};

START_TEST(each_line)
{
	const struct line *line = &lines[_i];
	size_t n = line->n, cut;
	uint8_t *bytes = unit_guarded(line->bytes, n);
	struct dialwatch d;

	for (cut = 0; cut <= n; cut++) {
		dialwatch_init(&d);
		dialwatch_input(&d, bytes, cut);
		ck_assert_msg(dialwatch_input(&d, bytes + cut, n - cut) == line->dials,
		    "line %d, cut at %zu", _i, cut);
		ck_assert(dialwatch_input(&d, bytes, 0) == line->dials);
	}
	dialwatch_init(&d);
	for (cut = 0; cut < n; cut++)
		dialwatch_input(&d, bytes + cut, 1);
	ck_assert(dialwatch_input(&d, bytes, 0) == line->dials);
	unit_unguard(bytes, n);
}
END_TEST

/* After a dial line anything else makes the modem give up, also in a later read. */
START_TEST(sends_again)
{
	struct dialwatch d;

	dialwatch_init(&d);
	ck_assert(dialwatch_input(&d, (const uint8_t *)"ATDT5\r", 6));
	ck_assert(dialwatch_input(&d, (const uint8_t *)"\n", 1));
	ck_assert(!dialwatch_input(&d, (const uint8_t *)" ", 1));
	ck_assert(!dialwatch_input(&d, NULL, 0));
	ck_assert(dialwatch_input(&d, (const uint8_t *)"ATD6\r", 5));
	ck_assert(!dialwatch_input(&d, (const uint8_t *)"A", 1));
	ck_assert(!dialwatch_input(&d, (const uint8_t *)"TD7", 3));
	ck_assert(dialwatch_input(&d, (const uint8_t *)"\r", 1));
}
END_TEST

START_TEST(line_length)
{
	uint8_t line[DIALWATCH_LINE + 8];
	struct dialwatch d;
	size_t n;

	memset(line, '5', sizeof line);
	memcpy(line, "ATD", 3);
	for (n = 3; n < sizeof line; n++) {
		dialwatch_init(&d);
		dialwatch_input(&d, line, n);
		ck_assert_int_eq(dialwatch_input(&d, (const uint8_t *)"\r", 1),
		    n <= DIALWATCH_LINE);
		ck_assert(dialwatch_input(&d, (const uint8_t *)"ATD5\r", 5));
	}
	dialwatch_init(&d);
	for (n = 0; n < 1000; n++)
		dialwatch_input(&d, line, sizeof line);
	ck_assert(!dialwatch_input(&d, (const uint8_t *)"ATD5\r", 5));
	ck_assert(dialwatch_input(&d, (const uint8_t *)"ATD5\r", 5));
}
END_TEST

/* Every byte value in every place of a line: nothing but the watched ones dials. */
START_TEST(any_byte)
{
	static const char *const fronts[] = { "", "A", "AT", "AT&", "AT+", "AT#", "ATE" };
	struct dialwatch d;
	size_t i;
	unsigned c;

	for (i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
		for (c = 0; c < 256; c++) {
			uint8_t byte = (uint8_t)c;
			bool is_d = (c & 0x5f) == 'D' && (c & 0x40) != 0;

			dialwatch_init(&d);
			dialwatch_input(&d, (const uint8_t *)fronts[i], strlen(fronts[i]));
			dialwatch_input(&d, &byte, 1);
			ck_assert_msg(dialwatch_input(&d, (const uint8_t *)"\r", 1) ==
			    (is_d && (i == 2 || i == 6)), "%s and %u", fronts[i], c);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dialwatch");
	TCase *tc = tcase_create("dialwatch");

	tcase_add_loop_test(tc, each_line, 0, (int)(sizeof lines / sizeof lines[0]));
	tcase_add_test(tc, sends_again);
	tcase_add_test(tc, line_length);
	tcase_add_test(tc, any_byte);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
