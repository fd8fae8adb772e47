/*
 * What a reload finds changed: for every key that it counts when the manual says, and nothing
 * else does; lists and phone books value by value; and what an older service takes over at once.
 */
#include "conf/diff.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conftext.h"
#include "conf/parts.h"

/* The classes as the manual's letters: at once, next hand-over, ends a claim, new clients,
 * restart. */
static const enum conf_reload classes[] = {
	['N'] = CONF_RELOAD_NOW, ['H'] = CONF_RELOAD_HANDOVER, ['E'] = CONF_RELOAD_ENDS,
	['C'] = CONF_RELOAD_CLIENTS, ['R'] = CONF_RELOAD_RESTART
};
#define ANY 0x1f

/* Two values of each key. */
static const struct {
	const struct conf_table *table;
	const char *key, *a, *b;
	char when;
} keys[] = {
	{ &conf_globals, "log-level", "info", "debug", 'N' },
	{ &conf_globals, "control-socket", "/a", "\"\"", 'R' },
	{ &conf_globals, "state-directory", "/a", "/b", 'R' },
	{ &conf_globals, "lock-directory", "\"\"", "/b", 'R' },
	{ &conf_globals, "run-as", "\"\"", "modemshare", 'R' },
	{ &conf_globals, "history-days", "400", "0", 'N' },
	{ &conf_globals, "history-size", "256MiB", "255MiB", 'N' },
	{ &conf_globals, "max-clients", "1024", "1023", 'N' },
	{ &conf_globals, "max-clients-per-address", "64", "65", 'N' },
	{ &conf_status, "listen", "80", "81", 'R' },
	{ &conf_lines, "kind", "modem", "console", 'E' },
	{ &conf_lines, "device", "/a", "/b", 'E' },
	{ &conf_lines, "speed", "115200", "9600", 'H' },
	{ &conf_lines, "format", "8N1", "8E1", 'H' },
	{ &conf_lines, "flow", "rtscts", "xonxoff", 'H' },
	{ &conf_lines, "hangup-time", "1s", "999ms", 'H' },
	{ &conf_lines, "dtr-when-free", "true", "false", 'H' },
	{ &conf_lines, "break-time", "300ms", "1s", 'N' },
	{ &conf_lines, "host-sharing", "false", "true", 'E' },
	{ &conf_lines, "hangup", "{ dtr, ATH }", "{ ATH, dtr }", 'H' },
	{ &conf_lines, "init", "{ ATZ, ATE1 }", "{ ATZ, ATE1V1 }", 'H' },
	{ &conf_lines, "init-timeout", "10s", "10001ms", 'H' },
	{ &conf_lines, "init-pause", "0", "1ms", 'H' },
	{ &conf_lines, "settle-time", "1s", "2s", 'H' },
	{ &conf_lines, "carrier-timeout", "1s", "2s", 'H' },
	{ &conf_lines, "guard-time", "1s", "2s", 'H' },
	{ &conf_lines, "attempts", "2", "3", 'H' },
	{ &conf_lines, "retest", "30s", "31s", 'H' },
	{ &conf_lines, "answer", "5", "6", 'E' },
	{ &conf_lines, "pace", "false", "true", 'E' },
	{ &conf_numbers, "to", "busy", "echo", 'N' },
	{ &conf_services, "listen", "5", "6", 'N' },
	{ &conf_services, "lines", "{ l, m }", "{ m, l }", 'N' },
	{ &conf_services, "pick", "first", "least-used", 'N' },
	{ &conf_services, "protocol", "telnet", "raw", 'C' },
	{ &conf_services, "allow", "loopback", "any", 'C' },
	{ &conf_services, "claim", "use", "connect", 'C' },
	{ &conf_services, "claim-timeout", "30s", "0", 'C' },
	{ &conf_services, "busy", "refuse", "queue", 'C' },
	{ &conf_services, "queue-limit", "8", "9", 'C' },
	{ &conf_services, "queue-wait", "10m", "11m", 'C' },
	{ &conf_services, "show-owner", "true", "false", 'N' },
	{ &conf_services, "say-why", "true", "false", 'N' },
	{ &conf_services, "inactivity", "5m", "5m1s", 'N' },
	{ &conf_services, "inactivity-in-call", "15m", "0", 'N' },
	{ &conf_services, "inactivity-contended", "2m", "1m", 'N' },
	{ &conf_services, "after-call", "60s", "61s", 'N' },
	{ &conf_services, "session-limit", "12h", "0", 'N' },
	{ &conf_services, "warning", "30s", "20s", 'N' },
	{ &conf_services, "activity", "auto", "client", 'N' },
	{ &conf_services, "cool-down", "60s", "61s", 'N' },
	{ &conf_services, "keepalive", "{ 30, 10, 3 }", "{ 30, 10, 4 }", 'N' },
	{ &conf_services, "stall", "60s", "0", 'C' },
	{ &conf_services, "drain", "1s", "0", 'N' },
	{ &conf_services, "takeover", "off", "same-owner", 'C' },
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define OTHER "line m { kind = modem device = /m }\n"

static const struct conf_key *
key_of(size_t i)
{
	int at = conf_find(keys[i].table, keys[i].key);

	ck_assert_msg(at >= 0, "%s is no key", keys[i].key);
	return &keys[i].table->keys[at];
}

/* A file with a line, its service and this key; the keys that others change stand beside it. */
static struct conf *
with_value(size_t i, const char *value)
{
	const struct conf_table *table = keys[i].table;
	const struct conf_key *key = key_of(i);
	bool line = table == &conf_lines, service = table == &conf_services;
	bool virtual = table == &conf_numbers || (line && key->modem_only && !key->proof);
	bool kind = line && strcmp(key->name, "kind") == 0;
	char set[100], text[600];

	snprintf(set, sizeof set, "%s = %s", key->name, value);
	if (key->pool)
		snprintf(text, sizeof text, OTHER "line l { kind = modem device = /l }\n"
		    "service s { listen = 1 %s %s }", key->type == CONF_LINES ? "" : "lines = l", set);
	else
		snprintf(text, sizeof text, OTHER "%s\nstatus { %s }\nline l {\n%s%s%s%s%s\n%s%s%s }\n",
		    table == &conf_globals ? set : "", table == &conf_status ? set : "listen = 90",
		    kind ? "hangup-time = 0 flow = none\n" : "kind = modem\n",
		    strcmp(key->name, "device") == 0 ? "" : virtual ? "device = virtual\n" :
		    "device = /d\n", service && key->type == CONF_LISTEN ? "" : "listen = 1\n",
		    strcmp(key->name, "protocol") == 0 ? "claim = connect\n" : "",
		    line || service ? set : "",
		    table == &conf_numbers ? "number 1 { " : "", table == &conf_numbers ? set : "",
		    table == &conf_numbers ? " }" : "");
	return parse_well(text);
}

/* Everything of two files with the same names. */
struct differences {
	struct conf_diff globals, line, service;
	unsigned classes;
	size_t n;
};

static void
look_at_lines(const struct conf *a, const struct conf *b, struct differences *all)
{
	size_t *lines = conf_match_lines(a, b), i;
	struct conf_diff d;

	for (i = 0; i < a->n_lines; i++) {
		ck_assert_uint_ne(lines[i], CONF_ABSENT);
		all->classes |= conf_diff_line(&a->lines[i], &b->lines[lines[i]], &d);
		all->n += d.n;
		if (strcmp(a->lines[i].name, "l") == 0)
			all->line = d;
	}
	free(lines);
}

/* Kinds of two lines may differ, and then the defaults of their services do. */
static struct differences
differences(const struct conf *a, const struct conf *b, bool services)
{
	size_t *match = conf_match_services(a, b), i;
	struct differences all = { .n = 0 };

	all.classes = conf_diff_globals(a, b, &all.globals);
	all.n = all.globals.n;
	look_at_lines(a, b, &all);
	for (i = 0; services && i < a->n_services; i++) {
		ck_assert_uint_ne(match[i], CONF_ABSENT);
		all.classes |= conf_diff_service(a, &a->services[i], b, &b->services[match[i]],
		    &all.service);
		all.n += all.service.n;
	}
	free(match);
	return all;
}

START_TEST(one_key_differs)
{
	struct conf *a = with_value((size_t)_i, keys[_i].a), *b = with_value((size_t)_i, keys[_i].b);
	struct conf *again = with_value((size_t)_i, keys[_i].a);
	struct differences d = differences(a, b, strcmp(keys[_i].key, "kind") != 0);
	const struct conf_table *table = keys[_i].table;
	const char *name = table == &conf_status ? "status" : table == &conf_numbers ? "number" :
	    keys[_i].key;
	const struct conf_diff *where = table == &conf_services ? &d.service :
	    table == &conf_globals || table == &conf_status ? &d.globals : &d.line;

	ck_assert_msg(d.classes == classes[(int)keys[_i].when], "%s: %x", keys[_i].key, d.classes);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_uint_eq(where->n, 1);
	ck_assert_str_eq(where->at[0].key, name);
	ck_assert_uint_eq(where->at[0].when, d.classes);
	ck_assert_uint_eq(where->classes, d.classes);
	ck_assert(d.service.listen == (table == &conf_services && strcmp(name, "listen") == 0));
	ck_assert(d.service.lines == (strcmp(name, "lines") == 0));
	d = differences(a, again, true);
	ck_assert_uint_eq(d.classes, 0);
	ck_assert_uint_eq(d.n, 0);
	conf_free(a);
	conf_free(b);
	conf_free(again);
}
END_TEST

START_TEST(every_key_has_a_case)
{
	const struct conf_table *tables[] = { &conf_globals, &conf_status, &conf_lines, &conf_numbers,
		&conf_services };
	size_t t, i, k, n = 0;

	for (t = 0; t < COUNT(tables); t++)
		for (i = 0; i < tables[t]->n; i++, n++) {
			for (k = 0; k < COUNT(keys); k++)
				if (keys[k].table == tables[t] &&
				    strcmp(keys[k].key, tables[t]->keys[i].name) == 0)
					break;
			ck_assert_msg(k < COUNT(keys), "%s has no case", tables[t]->keys[i].name);
		}
	ck_assert_uint_eq(n, COUNT(keys));
}
END_TEST

/* ---- value by value ---- */

#define LINE "line l { kind = modem device = /l listen = 1 "
#define DIALS "line l { kind = modem device = virtual "
#define W "}\nline w { kind = modem device = virtual }\nline x { kind = modem device = virtual }\n"
#define SAME_ALLOW "allow = { \"192.0.2.0/24\", loopback } }"

/* What stands in line l, twice; and what differs. */
static const struct {
	const char *a, *b, *keys;
} pairs[] = {
	{ LINE "}", "line l {listen=1 device='/l'#\nkind=modem}", "" },
	/* what is said as it would be anyhow */
	{ LINE "}", LINE "speed = 115200 warning = 30s allow = loopback keepalive = { 30, 10, 3 } }", "" },
	/* lists */
	{ LINE "hangup = { dtr, ATH } }", LINE "hangup = { dtr } }", "hangup" },
	{ LINE "hangup = { dtr, ATH } }", LINE "hangup = { dtr, ATH, ATH0 } }", "hangup" },
	{ LINE "init = { ATZ } }", LINE "init = { } }", "init" },
	{ LINE "init = { } }", LINE "init = { } }", "" },
	{ LINE "format = 8N1 }", LINE "format = 7N1 }", "format" },
	{ LINE "format = 8N1 }", LINE "format = 8N2 }", "format" },
	{ LINE "format = 8N1 speed = 300 }", LINE "format = 7E1 flow = none }", "speed, format, flow" },
	{ LINE "keepalive = { 30, 10, 3 } }", LINE "keepalive = { 31, 10, 3 } }", "keepalive" },
	{ LINE "keepalive = { 30, 10, 3 } }", LINE "keepalive = { 30, 11, 3 } }", "keepalive" },
	{ LINE SAME_ALLOW, LINE SAME_ALLOW, "" },
	{ LINE SAME_ALLOW, LINE "allow = { \"192.0.2.0/25\", loopback } }", "allow" },
	{ LINE SAME_ALLOW, LINE "allow = { \"192.0.3.0/24\", loopback } }", "allow" },
	{ LINE SAME_ALLOW, LINE "allow = { \"192.0.2.0/24\" } }", "allow" },
	{ LINE "allow = \"1.0.0.0/8\" }", LINE "allow = \"100::/8\" }", "allow" },
	{ LINE SAME_ALLOW, LINE "allow = { \"192.0.2.0/24\", loopback, any } }", "allow" },
	/* listeners */
	{ DIALS "listen = 1 }", DIALS "listen = { 1, 2 } }", "listen" },
	{ DIALS "listen = 1 }", DIALS "listen = { \"127.0.0.1:1\", \"[::1]:1\" } }", "listen" },
	{ DIALS "listen = \"127.0.0.1:1\" }", DIALS "listen = \"127.0.0.2:1\" }", "listen" },
	{ DIALS "listen = \"[::1]:1\" }", DIALS "listen = \"127.0.0.1:1\" }", "listen" },
	{ DIALS "answer = 5 }", DIALS "}", "answer" },
	{ "status { listen = 9 }" LINE "}", LINE "}", "status" },
	{ "status { listen = 9 }" LINE "}", "status { listen = { 9, 8 } }" LINE "}", "status" },
	/* who may ring, too: of the line, and of the service if it listens */
	{ DIALS "answer = 5 allow = loopback }", DIALS "answer = 5 allow = any }", "allow" },
	{ DIALS "answer = 5 listen = 1 }", DIALS "answer = 5 listen = 1 allow = any }", "allow, allow" },
	/* phone books */
	{ DIALS "number 1 { to = busy } number 2 { to = echo } }",
	  DIALS "number 2 { to = echo } number 1 { to = busy } }", "" },
	{ DIALS "number 1 { to = busy } }", DIALS "}", "number" },
	{ DIALS "number 1 { to = busy } }", DIALS "number 2 { to = busy } }", "number" },
	{ DIALS "number 1 { to = busy } }", DIALS "number 1 { to = no-answer } }", "number" },
	{ DIALS "number 1 { to = \"line:w\" } " W, DIALS "number 1 { to = \"line:w\" } " W, "" },
	{ DIALS "number 1 { to = \"line:w\" } " W, DIALS "number 1 { to = \"line:x\" } " W, "number" },
	{ DIALS "number 1 { to = \"tcp:h:1\" } }", DIALS "number 1 { to = \"tcp:h:1\" } }", "" },
	{ DIALS "number 1 { to = \"tcp:h:1\" } }", DIALS "number 1 { to = \"tcp:h:2\" } }", "number" },
	{ DIALS "number 1 { to = \"tcp:h:1\" } }", DIALS "number 1 { to = \"tcp:i:1\" } }", "number" },
	{ DIALS "number 1 { to = \"tcp:h:1\" } }", DIALS "number 1 { to = \"telnet:h:1\" } }", "number" },
	/* what only one of them can have is no difference of its own */
	{ LINE "flow = none hangup-time = 0 session-limit = 0 inactivity = 30m activity = both "
	  "inactivity-in-call = 0 after-call = 0 }",
	  "line l { kind = console device = /l listen = 1 }", "kind" },
	{ LINE "}", DIALS "listen = 1 }", "device" },
	{ DIALS "answer = 5 listen = 1 }", LINE "}", "device, answer" },
	{ "line l { kind = console device = /l }", "line l { kind = console device = loopback }",
	  "device" },
	{ "line l { kind = console device = loopback }",
	  "line l { kind = modem device = virtual flow = none hangup-time = 0 }", "kind, device" },
	/* keys that carry others with them */
	{ LINE "}", LINE "protocol = raw }", "protocol, claim" },
	{ "history-days = 1 log-level = error\nlock-directory = /d\n" LINE "}", LINE "}",
	  "log-level, lock-directory, history-days" },
};

/* All names in the order globals, lines, services. */
static void
names_of(char dst[static 300], const struct differences *d)
{
	const struct conf_diff *parts[] = { &d->globals, &d->line, &d->service };
	size_t i, used = 0;

	dst[0] = '\0';
	for (i = 0; i < COUNT(parts); i++) {
		if (parts[i]->n == 0)
			continue;
		used += (size_t)snprintf(dst + used, 300 - used, "%s", used > 0 ? ", " : "");
		conf_diff_describe(dst + used, 300 - used, parts[i], ANY);
		used += strlen(dst + used);
	}
}

START_TEST(value_by_value)
{
	struct conf *a = parse_well(pairs[_i].a), *b = parse_well(pairs[_i].b);
	struct differences d = differences(a, b, true);
	char names[300];

	names_of(names, &d);
	ck_assert_str_eq(names, pairs[_i].keys);
	/* and the other way round */
	d = differences(b, a, true);
	names_of(names, &d);
	ck_assert_str_eq(names, pairs[_i].keys);
	conf_free(a);
	conf_free(b);
}
END_TEST

/* ---- names ---- */

#define L(name, rest) "line " name " { kind = modem device = \"/" name "\" " rest " }\n"
#define S(name, rest) "service " name " { " rest " }\n"

START_TEST(order_does_not_matter)
{
	struct conf *a = parse_well("log-level = info history-days = 1\nstatus { listen = 9 }\n"
	    L("a", "listen = 1") L("b", "") L("c", "listen = 3")
	    S("s", "listen = 5 lines = { c, b }") S("t", "listen = 6 lines = a"));
	struct conf *b = parse_well(S("t", "listen = 6 lines = a") L("c", "listen = 3")
	    S("s", "lines = { c, b } listen = 5") L("b", "") L("a", "listen = 1")
	    "status { listen = 9 }\nhistory-days = 1 log-level = info");

	ck_assert_uint_eq(differences(a, b, true).n, 0);
	conf_free(a);
	conf_free(b);
}
END_TEST

START_TEST(another_name_is_another_line)
{
	struct conf *a = parse_well(L("a", "listen = 1") L("b", "listen = 2") S("s", "listen = 5 lines = "
	    "{ a, b }"));
	struct conf *b = parse_well(L("b", "listen = 2") L("c", "listen = 1") S("s", "listen = 5 lines = "
	    "{ c, b }"));
	size_t *old = conf_match_lines(a, b), *new = conf_match_lines(b, a);
	size_t *services = conf_match_services(a, b), *back = conf_match_services(b, a);
	struct conf_diff d;

	ck_assert_uint_eq(old[0], CONF_ABSENT);
	ck_assert_uint_eq(old[1], 0);
	ck_assert_uint_eq(new[0], 1);
	ck_assert_uint_eq(new[1], CONF_ABSENT);
	ck_assert_uint_eq(services[0], CONF_ABSENT);
	ck_assert_uint_eq(services[1], 0);
	ck_assert_uint_eq(services[2], 2);
	ck_assert_uint_eq(back[0], 1);
	ck_assert_uint_eq(back[1], CONF_ABSENT);
	ck_assert_uint_eq(back[2], 2);
	ck_assert_uint_eq(conf_diff_service(a, &a->services[2], b, &b->services[2], &d), CONF_RELOAD_NOW);
	ck_assert(d.lines && !d.listen);
	free(old);
	free(new);
	free(services);
	free(back);
	conf_free(a);
	conf_free(b);
}
END_TEST

/* A line that listens no more is a service less; a pool with a line more is one that differs. */
START_TEST(services_come_and_go)
{
	struct conf *a = parse_well(L("a", "listen = 1") L("b", "") S("s", "listen = 5 lines = { a, b }"));
	struct conf *b = parse_well(L("a", "") L("b", "") L("c", "") S("s", "listen = { 5, 1 } lines = "
	    "{ a, b, c }"));
	struct conf *none = parse_well("line v { kind = modem device = virtual }");
	size_t *match = conf_match_services(a, b), *nothing = conf_match_services(none, b);
	size_t *gone = conf_match_services(a, none);
	struct conf_diff d;

	ck_assert_uint_eq(match[0], CONF_ABSENT);
	ck_assert_uint_eq(match[1], 0);
	ck_assert_ptr_nonnull(nothing);
	ck_assert(gone[0] == CONF_ABSENT && gone[1] == CONF_ABSENT);
	conf_diff_service(a, &a->services[1], b, &b->services[0], &d);
	ck_assert(d.listen && d.lines && d.n == 2 && d.classes == CONF_RELOAD_NOW);
	free(match);
	free(nothing);
	free(gone);
	conf_free(a);
	conf_free(b);
	conf_free(none);
}
END_TEST

/* ---- words ---- */

START_TEST(describes_what_it_is_asked_for)
{
	struct conf *a = parse_well(LINE "}"), *b = parse_well("control-socket = \"\" log-level = debug\n"
	    "state-directory = /s\nstatus { listen = 9 }\n" LINE "}");
	static const char all[] = "control-socket, state-directory, status";
	struct conf_diff d;
	char text[100];
	size_t cap;

	ck_assert_uint_eq(conf_diff_globals(a, b, &d), CONF_RELOAD_NOW | CONF_RELOAD_RESTART);
	ck_assert_str_eq(conf_diff_describe(text, sizeof text, &d, CONF_RELOAD_RESTART), all);
	ck_assert_str_eq(conf_diff_describe(text, sizeof text, &d, CONF_RELOAD_NOW), "log-level");
	ck_assert_str_eq(conf_diff_describe(text, sizeof text, &d, CONF_RELOAD_ENDS), "");
	ck_assert_str_eq(conf_diff_describe(text, sizeof all, &d, CONF_RELOAD_RESTART), all);
	ck_assert_str_eq(conf_diff_describe(text, sizeof all - 1, &d, CONF_RELOAD_RESTART),
	    "control-socket, state-directory, ...");
	ck_assert_str_eq(conf_diff_describe(text, 20, &d, CONF_RELOAD_RESTART), "control-socket, ...");
	ck_assert_str_eq(conf_diff_describe(text, 19, &d, CONF_RELOAD_RESTART), "...");
	for (cap = 4; cap <= sizeof all; cap++) {
		memset(text, 'x', sizeof text);
		ck_assert_uint_lt(strlen(conf_diff_describe(text, cap, &d, ANY)), cap);
		ck_assert_int_eq(text[cap], 'x');
	}
	conf_free(a);
	conf_free(b);
}
END_TEST

/* ---- at once ---- */

/* A pool with the first or second value of every key of a service. */
static struct conf *
pool(bool second)
{
	char text[2000];
	size_t i, used;

	used = (size_t)snprintf(text, sizeof text, L("l", "") L("m", "") "service s {\n");
	for (i = 0; i < COUNT(keys); i++)
		if (keys[i].table == &conf_services && strcmp(keys[i].key, "protocol") != 0)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s = %s\n", keys[i].key,
			    second ? keys[i].b : keys[i].a);
	snprintf(text + used, sizeof text - used, "}\n");
	return parse_well(text);
}

START_TEST(takes_over_what_counts_at_once)
{
	struct conf *a = pool(false), *b = pool(true);
	struct conf_rules rules = *a->services[0].rules;
	struct conf_service running = a->services[0];
	struct conf_diff d;
	size_t i;

	running.rules = &rules;
	conf_apply_now(&rules, b->services[0].rules);
	/* the same as the new one but for what is for new clients and what points somewhere */
	conf_diff_service(a, &running, b, &b->services[0], &d);
	ck_assert(d.listen && d.lines);
	for (i = 0; i < d.n; i++)
		ck_assert_msg(d.at[i].when == CONF_RELOAD_CLIENTS || strcmp(d.at[i].key, "listen") == 0 ||
		    strcmp(d.at[i].key, "lines") == 0, "%s is not taken over", d.at[i].key);
	ck_assert_uint_eq(d.n, 10);
	/* and from the old one it differs only in what counts at once */
	ck_assert_uint_eq(conf_diff_service(a, &a->services[0], a, &running, &d), CONF_RELOAD_NOW);
	ck_assert(!d.listen && !d.lines);
	ck_assert_uint_eq(d.n, conf_services.n - 11);
	ck_assert_ptr_eq(rules.allow, a->services[0].rules->allow);
	conf_free(a);
	conf_free(b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("confdiff");
	TCase *tc = tcase_create("confdiff");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, one_key_differs, 0, (int)COUNT(keys));
	tcase_add_test(tc, every_key_has_a_case);
	tcase_add_loop_test(tc, value_by_value, 0, (int)COUNT(pairs));
	tcase_add_test(tc, order_does_not_matter);
	tcase_add_test(tc, another_name_is_another_line);
	tcase_add_test(tc, services_come_and_go);
	tcase_add_test(tc, describes_what_it_is_asked_for);
	tcase_add_test(tc, takes_over_what_counts_at_once);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
