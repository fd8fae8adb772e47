/*
 * Lines of the log: what others said ends at its own quote, and is read back as it was.
 */
#include "base/logfmt.h"
#include "logread.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *value, *bare, *quoted;
} cases[] = {
	{ "con", "con", "\"con\"" },
	{ "", "\"\"", "\"\"" },
	{ "192.0.2.7", "192.0.2.7", "\"192.0.2.7\"" },
	{ "[2001:db8::1%eth0]:2217", "[2001:db8::1%eth0]:2217", "\"[2001:db8::1%eth0]:2217\"" },
	{ "two words", "\"two words\"", "\"two words\"" },
	{ "a=b", "\"a=b\"", "\"a=b\"" },
	{ "it's", "\"it's\"", "\"it's\"" },
	{ "x\" event=claim-end line=con why=\"", "\"x\\\" event=claim-end line=con why=\\\"\"",
	    "\"x\\\" event=claim-end line=con why=\\\"\"" },
	{ "\\", "\"\\\\\"", "\"\\\\\"" },
	{ "\\\"", "\"\\\\\\\"\"", "\"\\\\\\\"\"" },
	{ "a\nb\r\tc", "\"a\\nb\\r\\tc\"", "\"a\\nb\\r\\tc\"" },
	{ "\x1b[31m\x7f", "\"\\u001b[31m\\u007f\"", "\"\\u001b[31m\\u007f\"" },
	{ "M\xc3\xbcnchen", "\"M\xc3\xbcnchen\"", "\"M\xc3\xbcnchen\"" },
	{ "\xf0\x9f\x93\x9e", "\"\xf0\x9f\x93\x9e\"", "\"\xf0\x9f\x93\x9e\"" },
	{ "\xc2\x9b" "0m", "\"\\u009b0m\"", "\"\\u009b0m\"" },           /* CSI as one character */
	{ "\xe2\x80\xaetxt", "\"\\u202etxt\"", "\"\\u202etxt\"" },       /* turns the direction */
	{ "\xe2\x80\xa8x", "\"\\u2028x\"", "\"\\u2028x\"" },             /* a line's end to some */
	{ "\xff\xc3", "\"\\ufffd\\ufffd\"", "\"\\ufffd\\ufffd\"" },
	{ "\xc0\xa2", "\"\\ufffd\\ufffd\"", "\"\\ufffd\\ufffd\"" },      /* a quote in two bytes */
	{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "\"\\ufffd\\ufffd\\ufffd\"" },
};

START_TEST(writes_values)
{
	const char *value = cases[_i].value;
	uint8_t *guarded = unit_guarded(value, strlen(value) + 1);
	char dst[100];

	ck_assert_uint_eq(logfmt_value(dst, sizeof dst, (const char *)guarded, false), strlen(cases[_i].bare));
	ck_assert_str_eq(dst, cases[_i].bare);
	ck_assert_uint_eq(logfmt_value(dst, sizeof dst, (const char *)guarded, true), strlen(cases[_i].quoted));
	ck_assert_str_eq(dst, cases[_i].quoted);
	unit_unguard(guarded, strlen(value) + 1);
}
END_TEST

static size_t line(char *, size_t, const char *, ...) __attribute__((format(printf, 3, 4)));

static size_t
line(char *dst, size_t cap, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = logfmt_line(dst, cap, fmt, ap);
	va_end(ap);
	ck_assert_uint_eq(strlen(dst), n);
	return n;
}

static void
reads(const char *text, const char *pairs)
{
	static struct logread_pair p;
	char all[4096] = "";
	size_t used = 0;
	int r;

	while ((r = logread_next(&text, &p)) > 0)
		used += (size_t)snprintf(all + used, sizeof all - used, "<%s=%s>", p.key, p.value);
	ck_assert_int_eq(r, 0);
	ck_assert_str_eq(all, pairs);
}

START_TEST(reads_values_back)
{
	char text[400], want[LOGREAD_MAX], pairs[2 * LOGREAD_MAX + 200];

	line(text, sizeof text, "words: event=x a=%s b=\"%s\" c=%s", cases[_i].value, cases[_i].value, "end");
	logread_wanted(want, cases[_i].value);
	snprintf(pairs, sizeof pairs, "<words:=><event=x><a=%s><b=%s><c=end>", want, want);
	reads(text, pairs);
}
END_TEST

START_TEST(formats_a_line)
{
	char text[200];

	line(text, sizeof text, "%s: event=%s %s=%s n=%d u=%u z=%zu l=%lld v=%llu why=\"not \\ allowed\"", "listening",
	    "listen", "service", "a b", -7, 8U, (size_t)9, -10LL, 11ULL);
	ck_assert_str_eq(text, "listening: event=listen service=\"a b\" n=-7 u=8 z=9 l=-10 v=11 "
	    "why=\"not \\ allowed\"");
	line(text, sizeof text, "x: event=x why=\"%s\" error=\"%s (%s)\"", "idle", "a\"", "\n");
	ck_assert_str_eq(text, "x: event=x why=\"idle\" error=\"a\\\" (\\n)\"");
	ck_assert_uint_eq(line(text, sizeof text, "%s", ""), 0);
}
END_TEST

/* A pair is there whole or not at all, at each length. */
START_TEST(cuts_between_pairs)
{
	static const char whole[] = "x: event=x a=\"b c\" d=\"e \\\" f\" g=7";
	char text[sizeof whole + 1];
	size_t cap, n;

	for (cap = 1; cap <= sizeof text; cap++) {
		n = line(text, cap, "x: event=x a=%s d=\"%s\" g=%d", "b c", "e \" f", 7);
		ck_assert(n < cap && strncmp(text, whole, n) == 0);
		ck_assert_msg(n == 0 || n == 2 || n == 10 || n == 18 || n == 29 || n == sizeof whole - 1,
		    "%zu of %zu", n, cap);
	}
	ck_assert_str_eq(text, whole);
}
END_TEST

START_TEST(cuts_long_values)
{
	char value[2000], text[LOGFMT_VALUE + 100], small[12];
	size_t n;

	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	n = line(text, sizeof text, "x: event=x a=%s b=%s", value, "end");
	ck_assert_uint_eq(n, sizeof "x: event=x a=\"\" b=end" - 1 + LOGFMT_VALUE);
	ck_assert_str_eq(text + n - 10, "...\" b=end");
	memset(value, '"', sizeof value - 1);
	n = line(text, sizeof text, "x: event=x a=\"%s\" b=%s", value, "end");
	ck_assert_str_eq(text + n - 12, "\\\"...\" b=end");
	value[LOGFMT_VALUE / 2] = '\0'; /* fits to the byte */
	n = line(text, sizeof text, "x: event=x a=%s b=%s", value, "end");
	ck_assert_str_eq(text + n - 9, "\\\"\" b=end");
	ck_assert_uint_eq(logfmt_value(small, sizeof small, "abcdefghij", true), 11);
	ck_assert_str_eq(small, "\"abcdef...\"");
	ck_assert_uint_eq(logfmt_value(small, 8, "\x01\x02", true), 5);
	ck_assert_str_eq(small, "\"...\"");
}
END_TEST

/* What is not known takes an unknown part of the arguments: the line ends before it. */
START_TEST(ends_at_what_it_does_not_know)
{
	char text[100];

	line(text, sizeof text, "x: event=x a=%d b=%x c=%d", 1, 2U, 3);
	ck_assert_str_eq(text, "x: event=x a=1");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("logfmt");
	TCase *tc = tcase_create("logfmt");
	int n = (int)(sizeof cases / sizeof cases[0]);

	tcase_add_loop_test(tc, writes_values, 0, n);
	tcase_add_loop_test(tc, reads_values_back, 0, n);
	tcase_add_test(tc, formats_a_line);
	tcase_add_test(tc, cuts_between_pairs);
	tcase_add_test(tc, cuts_long_values);
	tcase_add_test(tc, ends_at_what_it_does_not_know);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
