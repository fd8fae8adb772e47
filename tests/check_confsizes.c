/*
 * A configuration file that is too large in any respect, cut, or not text.
 */
#include "conftext.h"
#include "conf/scan.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static char big[CONF_FILE_MAX + 2];

START_TEST(file_size)
{
	struct conf *c;

	memset(big, '\n', sizeof big);
	memcpy(big, MODEM "}", strlen(MODEM "}"));
	c = conf_parse("F", big, CONF_FILE_MAX, &report);
	ck_assert_msg(c != NULL, "%s", report.text);
	conf_free(c);
	ck_assert_ptr_null(conf_parse("F", big, CONF_FILE_MAX + 1, &report));
	ck_assert_str_eq(report.text, "F: longer than 1 MiB; expected less\n");
}
END_TEST

START_TEST(nul_anywhere)
{
	static const char text[] = MODEM "} # comment\n # another";
	char copy[sizeof text];
	size_t i, k;
	int line = 1;
	char expected[60];

	for (i = 0; i < sizeof text - 1; i++) {
		memcpy(copy, text, sizeof text);
		copy[i] = '\0';
		for (line = 1, k = 0; k < i; k++)
			line += text[k] == '\n';
		ck_assert_ptr_null(conf_parse("F", copy, sizeof text - 1, &report));
		snprintf(expected, sizeof expected, "F:%d: a NUL byte; expected text\n", line);
		ck_assert_str_eq(report.text, expected);
	}
}
END_TEST

/* A file that ends anywhere is an error or, behind the last brace, whole; never a crash. */
START_TEST(cut_anywhere)
{
	static const char text[] = VIRTUAL " allow = { \"any\" } /* c */ listen = { \"0.0.0.0:5\" }\n"
	    " number '1' { to = busy } # x\n}\n";
	size_t n = sizeof text - 1, i;
	struct conf *c;
	uint8_t *guarded;

	for (i = 0; i <= n; i++) {
		guarded = unit_guarded(text, i);
		c = conf_parse("F", (const char *)guarded, i, &report);
		ck_assert_msg((c != NULL) == (i >= n - 1), "at %zu", i);
		unit_unguard(guarded, i);
		conf_free(c);
	}
}
END_TEST

/* A word or text of n characters as the path of lock-directory. */
static struct conf *
parse_long(size_t n, const char *quote)
{
	size_t used = (size_t)sprintf(big, "lock-directory = %s/", quote);

	memset(big + used, 'a', n - 1);
	sprintf(big + used + n - 1, "%s\n" MODEM "}", quote);
	return parse(big);
}

START_TEST(long_words)
{
	static const char *const quotes[] = { "", "'", "\"" };
	struct conf *c;
	size_t i;

	for (i = 0; i < 3; i++) {
		c = parse_long(CONF_TEXT_MAX, quotes[i]);
		ck_assert_msg(c != NULL, "%s", report.text);
		ck_assert_uint_eq(strlen(c->lock_directory), CONF_TEXT_MAX);
		conf_free(c);
		ck_assert_ptr_null(parse_long(CONF_TEXT_MAX + 1, quotes[i]));
		ck_assert_msg(strncmp(report.text, "F:1: a ", 7) == 0 &&
		    strstr(report.text, "too long; expected at most 1023 bytes") != NULL, "%s",
		    report.text);
	}
}
END_TEST

START_TEST(many_sections)
{
	size_t used = 0;
	struct conf *c;
	int i;

	for (i = 0; i < CONF_SECTIONS_MAX; i++)
		used += (size_t)sprintf(big + used, "line l%d { kind = modem device = virtual }\n", i);
	c = parse_well(big);
	ck_assert_uint_eq(c->n_lines, CONF_SECTIONS_MAX);
	conf_free(c);
	sprintf(big + used, "line l { kind = modem device = virtual }\n");
	ck_assert_ptr_null(parse(big));
	ck_assert_str_eq(report.text, "F:4097: too many sections; expected at most 4096\n");
}
END_TEST

START_TEST(many_addresses)
{
	size_t used = (size_t)sprintf(big, VIRTUAL "listen = { 1");
	struct conf *c;
	int i;

	for (i = 2; i <= CONF_LISTEN_MAX; i++)
		used += (size_t)sprintf(big + used, ", %d", i);
	sprintf(big + used, "}\n}");
	c = parse_well(big);
	ck_assert_uint_eq(c->services[0].n_listen, 2 * CONF_LISTEN_MAX);
	conf_free(c);
	sprintf(big + used, ", 65}\n}");
	ck_assert_ptr_null(parse(big));
	ck_assert_str_eq(report.text, "F:4: listen = \"65\"; expected at most 64 addresses\n");
}
END_TEST

/* The report is bounded, whole lines, and says that there was more. */
START_TEST(report_is_bounded)
{
	static const char more[] = "... and more\n";
	size_t used = 0;
	int i;

	for (i = 0; i < 400; i++)
		used += (size_t)sprintf(big + used, "line l%d { kind = modem }\n", i);
	ck_assert_ptr_null(parse(big));
	ck_assert_uint_eq(report.errors, 400);
	ck_assert_uint_lt(strlen(report.text), sizeof report.text);
	ck_assert_str_eq(report.text + strlen(report.text) - strlen(more), more);
	ck_assert_ptr_eq(strstr(report.text, more), report.text + strlen(report.text) - strlen(more));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("confsizes");
	TCase *tc = tcase_create("confsizes");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, file_size);
	tcase_add_test(tc, nul_anywhere);
	tcase_add_test(tc, cut_anywhere);
	tcase_add_test(tc, long_words);
	tcase_add_test(tc, many_sections);
	tcase_add_test(tc, many_addresses);
	tcase_add_test(tc, report_is_bounded);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
