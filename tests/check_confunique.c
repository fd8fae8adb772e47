/*
 * What no two lines may have, against comparing each with all before it; and what lines share in memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conftext.h"
#include "unit.h"

#define LINES 40

/* Any of these two clashes where the port is the same: equal, or one is a wildcard of the family. */
static const char *const hosts[] = {
	"0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.3", "[::]", "[::1]", "[::2]"
};

struct drawn {
	unsigned device, host, port;
};

static bool
clash(const struct drawn *a, const struct drawn *b)
{
	bool six = a->host >= 4;

	return a->port != 0 && a->port == b->port && six == (b->host >= 4) &&
	    (a->host == b->host || a->host % 4 == 0 || b->host % 4 == 0);
}

static void
draw(struct drawn lines[static LINES], unsigned *seed, unsigned ports)
{
	int i;

	for (i = 0; i < LINES; i++)
		lines[i] = (struct drawn){ (unsigned)rand_r(seed) % 60, (unsigned)rand_r(seed) % 7,
			(unsigned)rand_r(seed) % ports };
}

/* Each line is one of the text, numbered from 1. */
static void
print_lines(char *text, const struct drawn *lines)
{
	int i;

	for (i = 0; i < LINES; i++)
		text += sprintf(text, "line l%d { kind = console device = \"/dev/%u\" allow = { any } "
		    "session-limit = 1d listen = { \"%s:%u\" } }\n", i, lines[i].device,
		    hosts[lines[i].host], lines[i].port);
}

static void
print_expected(char *text, const struct drawn *l)
{
	int i, j;

	text[0] = '\0';
	for (i = 0; i < LINES; i++) {
		for (j = 0; j < i && l[j].device != l[i].device; j++)
			;
		if (j < i)
			text += sprintf(text, "F:%d: line \"l%d\" has the device of line \"l%d\", at line "
			    "%d; expected a device of its own\n", i + 1, i, j, j + 1);
	}
	for (i = 0; i < LINES; i++) {
		for (j = 0; j < i && !clash(&l[j], &l[i]); j++)
			;
		if (j < i)
			text += sprintf(text, "F:%d: %s:%u is listened on twice, first at line %d; "
			    "expected a port of its own\n", i + 1, hosts[l[i].host], l[i].port, j + 1);
	}
}

START_TEST(told_as_by_comparing_all)
{
	static char text[LINES * 200], expected[LINES * 400];
	struct drawn lines[LINES];
	unsigned seed = (unsigned)_i + 1;

	draw(lines, &seed, 8 + (unsigned)_i * 40);
	print_lines(text, lines);
	print_expected(expected, lines);
	ck_assert_ptr_null(parse(text));
	ck_assert_uint_lt(strlen(expected), sizeof report.text - 20);
	ck_assert_str_eq(report.text, expected);
}
END_TEST

/* What is the same is there once, and only that. */
START_TEST(same_rules_shared)
{
	struct conf *c = parse_well(
	    "line a { kind = console device = /dev/a listen = { 1 } session-limit = 1d }\n"
	    "line b { kind = console device = /dev/b listen = { 2 } session-limit = 1d }\n"
	    "line c { kind = console device = /dev/c listen = { 3 } session-limit = 2d }\n"
	    "line d { kind = console device = /dev/d listen = { 4 } session-limit = 1d\n"
	    "         allow = { \"192.0.2.1\" } }\n"
	    "line e { kind = console device = /dev/e listen = { 5 } session-limit = 1d }\n");

	ck_assert_uint_eq(c->n_services, 5);
	ck_assert_uint_eq(c->n_rules, 3);
	ck_assert_uint_eq(c->n_acls, 1);
	ck_assert_ptr_eq(c->services[0].rules, c->services[1].rules);
	ck_assert_ptr_eq(c->services[0].rules, c->services[4].rules);
	ck_assert_int_eq(c->services[2].rules->session_limit, 2 * 24 * 3600 * 1000);
	ck_assert_ptr_null(c->services[2].rules->allow);
	ck_assert_ptr_ne(c->services[3].rules->allow, c->services[0].rules->allow);
	ck_assert_str_eq(c->services[4].name, "e");
	ck_assert_str_eq(c->lines[3].device, "/dev/d");
	conf_free(c);
}
END_TEST

/* A setup is not shared with one that differs in a command or a time. */
START_TEST(same_setups_shared)
{
	struct conf *c = parse_well(
	    "line a { kind = modem device = /dev/a listen = { 1 } }\n"
	    "line b { kind = modem device = /dev/b listen = { 2 } init = { ATZ } }\n"
	    "line c { kind = modem device = /dev/c listen = { 3 } settle-time = 1s }\n"
	    "line d { kind = modem device = /dev/d listen = { 4 } }\n"
	    "line e { kind = modem device = /dev/e listen = { 5 } init = { ATZ } }\n"
	    "line f { kind = modem device = /dev/f listen = { 6 } hangup = { dtr, escape } }\n");
	const struct conf_line *l = c->lines;

	ck_assert_uint_eq(c->n_setups, 4);
	ck_assert_ptr_eq(l[0].setup, l[3].setup);
	ck_assert_ptr_eq(l[1].setup, l[4].setup);
	ck_assert_ptr_ne(l[0].setup, l[2].setup);
	ck_assert_str_eq(l[0].setup->hangup[2], "ATH");
	ck_assert_str_eq(l[4].setup->init[0], "ATZ");
	ck_assert_uint_eq(l[4].setup->n_init, 1);
	ck_assert_int_eq(l[2].setup->settle_time, 1000);
	ck_assert_uint_eq(l[5].setup->n_hangup, 2);
	conf_free(c);
}
END_TEST

/* Nor with one of another kind, device or settings, nor where there is a phone book or an address. */
START_TEST(other_setups_not_shared)
{
	struct conf *c = parse_well(
	    "line a { kind = console device = /dev/a listen = { 1 } }\n"
	    "line b { kind = console device = /dev/b listen = { 2 } host-sharing = true }\n"
	    "line c { kind = console device = /dev/c listen = { 3 } speed = 9600 }\n"
	    "line d { kind = console device = /dev/d listen = { 4 } dtr-when-free = false }\n"
	    "line e { kind = console device = loopback listen = { 5 } }\n"
	    "line f { kind = modem device = virtual listen = { 6 } }\n"
	    "line g { kind = modem device = virtual listen = { 7 } pace = true }\n"
	    "line h { kind = modem device = virtual listen = { 8 } answer = { 108 } }\n"
	    "line i { kind = modem device = virtual listen = { 9 } number 1 { to = busy } }\n"
	    "line j { kind = modem device = virtual listen = { 10 } number 1 { to = busy } }\n"
	    "line k { kind = modem device = virtual listen = { 11 } answer = { 111 } }\n"
	    "line l { kind = modem device = virtual listen = { 12 } }\n");

	ck_assert_uint_eq(c->n_setups, 11);
	ck_assert_ptr_eq(c->lines[5].setup, c->lines[11].setup);
	ck_assert_str_eq(c->lines[9].setup->numbers[0].digits, "1");
	ck_assert_uint_eq(c->lines[10].setup->answer[0].address.v4.sin_port, htons(111));
	conf_free(c);
}
END_TEST

/* A name that a line and its service have is there once. */
START_TEST(names_shared)
{
	struct conf *c = parse_well("line a { kind = modem device = /dev/a listen = { 1 } }\n"
	    "service s { lines = { a } listen = { 2 } }\n");

	ck_assert_ptr_eq(c->services[0].name, c->lines[0].name);
	ck_assert_str_eq(c->services[1].name, "s");
	conf_free(c);
}
END_TEST

/* The list of a virtual line is that of its service too: it is freed once. */
START_TEST(list_of_line_and_service_shared)
{
	struct conf *c = parse_well(VIRTUAL " listen = { 1 }\n answer = { 2 }\n allow = { any }\n"
	    " number 1 { to = \"tcp:host.example:7\" }\n number 2 { to = busy }\n}\n");

	ck_assert_uint_eq(c->n_acls, 1);
	ck_assert_ptr_eq(c->lines[0].setup->allow, c->services[0].rules->allow);
	ck_assert_uint_eq(c->lines[0].setup->n_answer, 2);
	ck_assert_str_eq(c->lines[0].setup->numbers[0].host, "host.example");
	ck_assert_ptr_null(c->lines[0].setup->numbers[1].host);
	ck_assert_ptr_null(c->lines[0].device);
	conf_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("confunique");
	TCase *t = tcase_create("confunique");

	tcase_add_loop_test(t, told_as_by_comparing_all, 0, 30);
	tcase_add_test(t, same_rules_shared);
	tcase_add_test(t, same_setups_shared);
	tcase_add_test(t, other_setups_not_shared);
	tcase_add_test(t, names_shared);
	tcase_add_test(t, list_of_line_and_service_shared);
	suite_add_tcase(s, t);
	return unit_run(s);
}
