/*
 * What dials and what does not, and what else command lines ask for.
 */
#include <string.h>

#include "modem/atline.h"
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
	DIALS("AATDT5\r"),
	DIALS("\x11 \tATDT5\r"),
	DIALS("++++++ATDT5\r"),
	DIALS("a text\nATDT5\r"),
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
	NOT("xATDT5\r"),
	NOT("your code at DT5\r"),
	NOT("+x+ATDT5\r"),
	NOT("A+ATDT5\r"),
	NOT("ATZDT5\r"), /* V.250, 6.1.1 */
	NOT("ATADT5\r"),
	NOT("ATODT5\r"),
	NOT("ATDT\b\b\r"),
	NOT("AT+CPBW=1,\"5\",129,\"Smith;Dad 01\"\r"), /* V.250, 5.4.2.2 */
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

/* Did the last thing that was sent dial? */
static bool
dials(struct atline *a, const uint8_t *b, size_t n, bool before)
{
	size_t i;

	for (i = 0; i < n; i++) {
		enum atline_event event = atline_input(a, b[i]);

		if (event != ATLINE_TAIL)
			before = event == ATLINE_ENDED && a->dials;
	}
	return before;
}

START_TEST(each_line)
{
	const struct line *line = &lines[_i];
	uint8_t *bytes = unit_guarded(line->bytes, line->n);
	struct atline a;

	atline_init(&a);
	ck_assert(dials(&a, bytes, line->n, false) == line->dials);
	unit_unguard(bytes, line->n);
}
END_TEST

/* However long a line is, the modem that takes it dials. */
START_TEST(line_length)
{
	char number[ATLINE_NUMBER], digits[ATLINE_NUMBER];
	struct atline a;
	size_t n, i;

	memset(digits, '5', sizeof digits);
	digits[sizeof digits - 1] = '\0';
	for (n = 1; n < 100000; n += n / 3 + 1) {
		atline_init(&a); /* long before the D */
		dials(&a, (const uint8_t *)"ATE0", 4, false);
		for (i = 0; i < n; i++)
			dials(&a, (const uint8_t *)(i % 3 == 0 ? "V" : i % 3 == 1 ? "1" : " "), 1, false);
		ck_assert(atline_inside(&a));
		ck_assert(dials(&a, (const uint8_t *)"DT0123\r", 7, false));
		atline_number(&a, number);
		ck_assert_str_eq(number, "0123");
		ck_assert(!atline_inside(&a));
		dials(&a, (const uint8_t *)"ATD", 3, false); /* long behind it */
		for (i = 0; i < n; i++)
			dials(&a, (const uint8_t *)"5", 1, false);
		ck_assert(dials(&a, (const uint8_t *)(n < ATLINE_NUMBER ? "\r" : "6\r"), n < ATLINE_NUMBER ? 1 : 2, false));
		atline_number(&a, number);
		ck_assert_str_eq(number, n < ATLINE_NUMBER ? digits + ATLINE_NUMBER - 1 - n : digits);
	}
}
END_TEST

/* Every byte value in every place of a line: nothing but the watched ones dials. */
START_TEST(any_byte)
{
	static const char *const fronts[] = { "", "A", "AT", "AT&", "AT+", "AT#", "ATE" };
	struct atline a;
	size_t i;
	unsigned c;

	for (i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
		for (c = 0; c < 256; c++) {
			uint8_t byte = (uint8_t)c;
			bool is_d = (c & 0x5f) == 'D' && (c & 0x40) != 0;

			atline_init(&a);
			dials(&a, (const uint8_t *)fronts[i], strlen(fronts[i]), false);
			dials(&a, &byte, 1, false);
			ck_assert_msg(dials(&a, (const uint8_t *)"\r", 1, false) ==
			    (is_d && (i == 2 || i == 6)), "%s and %u", fronts[i], c);
		}
	}
}
END_TEST

static const struct number {
	const char *line, *number;
	bool voice;
} numbers[] = {
	{ "ATDT5551234\r", "5551234", false },
	{ "ATD5551234;\r", "5551234", true },
	{ "ATDP 555-12 34\r", "5551234", false },
	{ "atdt(030) 555.12/34\r", "0305551234", false },
	{ "ATX4DT0,W5@!R\r", "0,W5", false },
	{ "ATDT*99***1#\r", "*99***1#", false },
	{ "ATD+43 1 23\r", "+43123", false },
	{ "ATDTabcd\r", "ABCD", false },
	{ "ATD\r", "", false },
	{ "ATDTP5\r", "5", false },
	{ "ATDL\r", "L", false },
	{ "ATDS=3\r", "S=3", false },
	{ "ATDTS=3;\r", "S=3", true },
	{ "ATD5=3\r", "53", false },
	{ "ATD>\"BOB\"1;\r", "", true },
	{ "ATD\"BOB\"\r", "", false },
	{ "ATD5;+CPIN=1234\r", "5", true },
	{ "ATDT56\b7\r", "57", false },
	/* V.250, 5.2.2: blanks count, and so does what follows a semicolon */
	{ "ATDT 55 \b5\r", "555", false },
	{ "ATDT 5 5\b\b\b6\r", "6", false },
	{ "ATD5551234;H\b0\b\b\r", "5551234", false },
	{ "ATD5551234;H\b0\b\r", "5551234", true },
	{ "ATDT5\x01\b6\r", "6", false },
	{ "ATZ\bDT5\r", "5", false },
	{ "AT+CPBW=1,\"5\",129,\"Smith;Dad 01\";DT5\r", "5", false }, /* V.250, 5.4.2.2 */
	{ "ATD>\"a;b\";\r", "", true },
	{ "ATD>\"a;b\"\r", "", false },
	{ "ATDT56\x7f\x7f" "8\r", "8", false },
	{ "AT+CPIN=1234;DT5\r", "5", false },
	{ "ATDT5\x8d", "5", false },
	{ "ATD**04*1234*4321*4321#;\r", "**04", true }, /* 3GPP TS 22.030, 6.6.2 */
	{ "ATDT ** 05, * 1234#\r", "**05", false },
};

START_TEST(each_number)
{
	const struct number *t = &numbers[_i];
	char number[ATLINE_NUMBER];
	struct atline a;

	atline_init(&a);
	ck_assert(dials(&a, (const uint8_t *)t->line, strlen(t->line), false));
	ck_assert_int_eq(atline_number(&a, number), t->voice);
	ck_assert_str_eq(number, t->number);
}
END_TEST

START_TEST(long_number)
{
	char number[ATLINE_NUMBER];
	struct atline a;
	size_t n, i;

	for (n = ATLINE_NUMBER - 3; n < ATLINE_NUMBER + 3; n++) {
		atline_init(&a);
		dials(&a, (const uint8_t *)"ATD", 3, false);
		for (i = 0; i < n; i++)
			dials(&a, (const uint8_t *)"7", 1, false);
		dials(&a, (const uint8_t *)"\b8\r", 3, false);
		atline_number(&a, number);
		ck_assert_uint_eq(strlen(number), n < ATLINE_NUMBER ? n : ATLINE_NUMBER - 1);
		ck_assert_int_eq(number[strlen(number) - 1], n < ATLINE_NUMBER ? '8' : '7');
	}
}
END_TEST

/* No D is left of it. */
START_TEST(taken_back)
{
	struct atline a;

	atline_init(&a);
	ck_assert(!dials(&a, (const uint8_t *)"ATDT\b\bH\r", 8, false));
	ck_assert(a.hangs);
}
END_TEST

static const struct flags {
	const char *line;
	bool answers, hangs, online;
} flags[] = {
	{ "AT\r", false, false, false },
	{ "ATA\r", true, false, false },
	{ "ATE1A\r", true, false, false },
	{ "AT&A3\r", false, false, false },
	{ "ATH\r", false, true, false },
	{ "ath0\r", false, true, false },
	{ "ATH 1\r", false, false, false },
	{ "ATHE1\r", false, true, false },
	{ "ATZ\r", false, true, false },
	{ "AT&H1\r", false, false, false },
	{ "AT+CHUP\r", false, true, false }, /* 3GPP TS 27.007, 6.5 */
	{ "at +chup;+CREG?\r", false, true, false },
	{ "AT+CHUP=1\r", false, false, false },
	{ "AT+CHUPS\r", false, false, false },
	{ "AT+CCHUP\r", false, false, false },
	{ "AT+X=1;+CHUP\r", false, true, false },
	{ "AT^CHUP\r", false, false, false },
	/* V.250, 5.2.2: what is taken back is none */
	{ "ATH\bO\r", false, false, true },
	{ "ATA\b\r", false, false, false },
	{ "AT+CHUP\bX\r", false, false, false },
	{ "ATE1 \bH\r", false, true, false },
	{ "ATH\b\b\b\bA\r", true, false, false },
	/* V.250, 6.1.1, 6.3.5, 6.3.7: nothing follows Z, A, O */
	{ "ATZA\r", false, true, false },
	{ "ATAH\r", true, false, false },
	{ "ATOH\r", false, false, true },
	{ "ATO0H\r", false, false, true },
	{ "AT#H\r", false, false, false },
	{ "ATO\r", false, false, true },
	{ "ATO1\r", false, false, true },
	{ "+++ATH\r", false, true, false },
	{ "ATH\rAT\r", false, false, false },
};

START_TEST(each_flag)
{
	const struct flags *t = &flags[_i];
	struct atline a;

	atline_init(&a);
	ck_assert(!dials(&a, (const uint8_t *)t->line, strlen(t->line), false));
	ck_assert_int_eq(a.answers, t->answers);
	ck_assert_int_eq(a.hangs, t->hangs);
	ck_assert_int_eq(a.online, t->online);
}
END_TEST

/* The last byte's event. */
static const struct event {
	const char *bytes;
	enum atline_event event;
} events[] = {
	{ "A/", ATLINE_REPEAT },
	{ "a/", ATLINE_REPEAT },
	{ "AT\rA/", ATLINE_REPEAT },
	{ "AT\r\nA/", ATLINE_REPEAT },
	{ "A/A/", ATLINE_REPEAT },
	{ "A/\rA/", ATLINE_REPEAT },
	{ "xA/", ATLINE_REPEAT },
	{ "AA/", ATLINE_REPEAT },
	{ "A /", ATLINE_MORE },
	{ "ATA/", ATLINE_MORE },
	{ "A", ATLINE_MORE },
	{ "AT", ATLINE_MORE },
	{ "AT\r", ATLINE_ENDED },
	{ "A\r", ATLINE_MORE },
	{ "\r", ATLINE_MORE },
	{ "\r\n", ATLINE_TAIL },
	{ "AT\r\n", ATLINE_TAIL },
	{ "AT\r\n\n", ATLINE_MORE },
	{ "A/\r", ATLINE_TAIL },
	{ "A/\r\n", ATLINE_TAIL },
	{ "A/\n", ATLINE_TAIL },
	{ "A/\r\r", ATLINE_MORE },
	{ "A/\rAT\r", ATLINE_ENDED },
};

START_TEST(each_event)
{
	const struct event *t = &events[_i];
	enum atline_event event = ATLINE_MORE;
	struct atline a;
	size_t i;

	atline_init(&a);
	for (i = 0; t->bytes[i] != '\0'; i++)
		event = atline_input(&a, (uint8_t)t->bytes[i]);
	ck_assert_int_eq(event, t->event);
}
END_TEST

#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

int
main(void)
{
	Suite *suite = suite_create("atline");
	TCase *tc = tcase_create("atline");

	tcase_add_loop_test(tc, each_line, 0, COUNT(lines));
	tcase_add_test(tc, line_length);
	tcase_add_test(tc, any_byte);
	tcase_add_loop_test(tc, each_number, 0, COUNT(numbers));
	tcase_add_test(tc, long_number);
	tcase_add_test(tc, taken_back);
	tcase_add_loop_test(tc, each_flag, 0, COUNT(flags));
	tcase_add_loop_test(tc, each_event, 0, COUNT(events));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
