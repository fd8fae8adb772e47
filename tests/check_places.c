/*
 * Places for clients: the sum of what others may need, and how it is said.
 */
#include <stdio.h>
#include <string.h>

#include "sharing/places.h"
#include "unit.h"

static const char lines[] =
    "line a { kind = console device = loopback listen = { \"127.0.0.1:1\" } }\n"
    "line b { kind = modem device = virtual listen = 2 answer = { \"127.0.0.1:3\", \"127.0.0.1:4\" } }\n"
    "line c { kind = console device = /d }\n"
    "service s { lines = c listen = { \"127.0.0.1:5\" } }\n";

static const struct {
	const char *more;
	size_t descriptors;
	const char *said;
	size_t clients, needed;
} cases[] = {
	{ "", 1024, "clients: at most 951; descriptors 1024 - lines 3 - listeners 6 - reserve 64 = 951", 951, 74 },
	{ "", 20000, "clients: at most 1024; descriptors 20000 - lines 3 - listeners 6 - reserve 64 = 19927", 1024, 74 },
	{ "", 74, "clients: at most 1; descriptors 74 - lines 3 - listeners 6 - reserve 64 = 1", 1, 74 },
	{ "", 73, "clients: at most 0; descriptors 73 - lines 3 - listeners 6 - reserve 64 = 0", 0, 74 },
	{ "", 10, "clients: at most 0; descriptors 10 - lines 3 - listeners 6 - reserve 64 = -63", 0, 74 },
	{ "max-clients = 7\n", 1024,
	  "clients: at most 7; descriptors 1024 - lines 3 - listeners 6 - reserve 64 = 951", 7, 74 },
	{ "status { listen = 6 }\n", 1024, "clients: at most 885; descriptors 1024 - lines 3 - listeners 8 - "
	  "readers 64 - reserve 64 = 885", 885, 140 },
};

static struct conf *
parse(const char *more)
{
	static struct conf_report report;
	char text[1024];
	int n = snprintf(text, sizeof text, "%s%s", more, lines);
	struct conf *conf = conf_parse("F", text, (size_t)n, &report);

	ck_assert_msg(conf != NULL, "%s", report.text);
	return conf;
}

START_TEST(the_sum)
{
	struct conf *conf = parse(cases[_i].more);
	struct places p;
	char text[256], cut[20];

	places_of(conf, conf, cases[_i].descriptors, &p);
	ck_assert_uint_eq(places_print(text, sizeof text, &p), strlen(cases[_i].said));
	ck_assert_str_eq(text, cases[_i].said);
	ck_assert_uint_eq(places_print(cut, sizeof cut, &p), sizeof cut - 1);
	ck_assert_mem_eq(cut, text, sizeof cut - 1);
	ck_assert_uint_eq(places_clients(&p), cases[_i].clients);
	ck_assert_uint_eq(places_needed(&p), cases[_i].needed);
	ck_assert_int_eq(places_left(&p) >= 1, cases[_i].descriptors >= cases[_i].needed);
	conf_free(conf);
}
END_TEST

/* A reload that brings a page has none until the next start, and one that takes it out has it still. */
START_TEST(the_page_is_that_of_the_start)
{
	struct conf *with = parse("status { listen = 6 }\n"), *without = parse("");
	struct places p;

	places_of(with, without, 1024, &p);
	ck_assert_int_eq(places_left(&p), 951);
	places_of(without, with, 1024, &p);
	ck_assert_int_eq(places_left(&p), 885);
	conf_free(with);
	conf_free(without);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("places");
	TCase *tc = tcase_create("places");

	tcase_add_loop_test(tc, the_sum, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_test(tc, the_page_is_that_of_the_start);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
