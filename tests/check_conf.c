/*
 * The configuration: every key with its default, its borders and what is wrong beside them.
 */
#include "sharing/conf.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conftext.h"
#include "sharing/conf_parts.h"

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)

static const char *
listened(const struct conf_service *s, size_t i)
{
	static char text[TEXT_ADDRESS];

	ck_assert_uint_lt(i, s->n_listen);
	return text_address(text, (const struct sockaddr *)&s->listen[i].address, 1);
}

static bool
allows(const struct conf_service *s, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	ck_assert_int_eq(inet_pton(AF_INET, address, &in.sin_addr), 1);
	return acl_allows(s->allow, (struct sockaddr *)&in);
}

/* ---- defaults, as the manual has them ---- */

START_TEST(global_defaults)
{
	struct conf *c = parse_well(MODEM "}");

	ck_assert_int_eq(c->log_level, 2);
	ck_assert_str_eq(c->control_socket, "/run/modemshare/control");
	ck_assert_str_eq(c->state_directory, "/var/lib/modemshare");
	ck_assert_str_eq(c->lock_directory, "/run/lock");
	ck_assert_uint_eq(c->max_clients, 1024);
	ck_assert_uint_eq(c->max_clients_per_address, 64);
	conf_free(c);
	conf_free(NULL);
}
END_TEST

static void
common_defaults(const struct conf *c, const char *name)
{
	const struct conf_line *l = &c->lines[0];
	const struct conf_service *s = &c->services[0];

	ck_assert_uint_eq(c->n_lines, 1);
	ck_assert_uint_eq(c->n_services, 1);
	ck_assert_str_eq(l->name, name);
	ck_assert_str_eq(s->name, name);
	ck_assert_uint_eq(s->line, 0);
	ck_assert_int_eq(l->type, CONF_SERIAL);
	ck_assert_uint_eq(l->format.baud, 115200);
	ck_assert_uint_eq(l->format.datasize, 8);
	ck_assert_uint_eq(l->format.parity, RFC2217_NONE);
	ck_assert_uint_eq(l->format.stopsize, RFC2217_STOP_1);
	ck_assert(l->dtr_when_free && s->show_owner && s->say_why);
	ck_assert_uint_eq(l->n_numbers, 0);
	ck_assert_int_eq(s->protocol, CONF_TELNET);
	ck_assert_int_eq(s->claim, CONF_CLAIM_USE);
	ck_assert_int_eq(s->claim_timeout, 30 * S);
	ck_assert_int_eq(s->warning, 30 * S);
	ck_assert_int_eq(s->stall, 60 * S);
	ck_assert_int_eq(s->drain, S);
	ck_assert_int_eq(s->keepalive.idle, 30);
	ck_assert_int_eq(s->keepalive.interval, 10);
	ck_assert_int_eq(s->keepalive.probes, 3);
	ck_assert_uint_eq(s->queue_limit, 8);
	ck_assert(allows(s, "127.0.0.1") && !allows(s, "192.0.2.7"));
}

START_TEST(modem_defaults)
{
	struct conf *c = parse_well(MODEM "}");
	const struct conf_line *l = &c->lines[0];
	const struct conf_service *s = &c->services[0];

	common_defaults(c, "m");
	ck_assert_uint_eq(report.warnings, 0);
	ck_assert_str_eq(report.text, "");
	ck_assert_int_eq(l->kind, CONF_MODEM);
	ck_assert_str_eq(l->device, "/dev/m");
	ck_assert_uint_eq(l->format.outflow, RFC2217_OUT_RTSCTS);
	ck_assert_uint_eq(l->format.inflow, RFC2217_IN_RTSCTS);
	ck_assert_int_eq(l->hangup_time, S);
	ck_assert_int_eq(s->inactivity, 5 * M);
	ck_assert_int_eq(s->inactivity_in_call, 15 * M);
	ck_assert_int_eq(s->after_call, 60 * S);
	ck_assert_int_eq(s->session_limit, 12 * H);
	ck_assert_int_eq(s->activity, CONF_ACTIVITY_AUTO);
	conf_free(c);
}
END_TEST

START_TEST(console_defaults)
{
	struct conf *c = parse_well(CONSOLE "}");
	const struct conf_line *l = &c->lines[0];
	const struct conf_service *s = &c->services[0];

	common_defaults(c, "c");
	ck_assert_uint_eq(report.warnings, 1); /* no session-limit */
	ck_assert_int_eq(l->kind, CONF_CONSOLE);
	ck_assert_uint_eq(l->format.outflow, RFC2217_OUT_NONE);
	ck_assert_uint_eq(l->format.inflow, RFC2217_IN_NONE);
	ck_assert_int_eq(l->hangup_time, 0);
	ck_assert_int_eq(s->inactivity, 30 * M);
	ck_assert_int_eq(s->inactivity_in_call, 0);
	ck_assert_int_eq(s->after_call, 0);
	ck_assert_int_eq(s->session_limit, 0);
	ck_assert_int_eq(s->activity, CONF_ACTIVITY_BOTH);
	conf_free(c);
}
END_TEST

/* ---- everything set ---- */

static void
every_line_key(const struct conf_line *l)
{
	static const enum conf_dial dials[] = { CONF_DIAL_ECHO, CONF_DIAL_LINE, CONF_DIAL_BUSY,
		CONF_DIAL_NO_ANSWER, CONF_DIAL_NO_DIALTONE, CONF_DIAL_NO_CARRIER };
	size_t i;

	ck_assert_str_eq(l->name, "A.b_c-9");
	ck_assert_int_eq(l->type, CONF_VIRTUAL);
	ck_assert_uint_eq(l->format.baud, 50);
	ck_assert_uint_eq(l->format.datasize, 5);
	ck_assert_uint_eq(l->format.parity, RFC2217_SPACE);
	ck_assert_uint_eq(l->format.stopsize, RFC2217_STOP_15);
	ck_assert_uint_eq(l->format.outflow, RFC2217_OUT_XONXOFF);
	ck_assert_uint_eq(l->format.inflow, RFC2217_IN_XONXOFF);
	ck_assert_int_eq(l->hangup_time, 500);
	ck_assert(!l->dtr_when_free);
	ck_assert_uint_eq(l->n_numbers, 6);
	for (i = 0; i < 6; i++) {
		ck_assert_int_eq(l->numbers[i].to, dials[i]);
		ck_assert((l->numbers[i].line != NULL) == (dials[i] == CONF_DIAL_LINE));
	}
	ck_assert_str_eq(l->numbers[0].digits, "0123456789*#ABCD");
	ck_assert_str_eq(l->numbers[1].line, "v2");
}

static void
every_service_key(const struct conf_service *s)
{
	ck_assert(!s->show_owner && !s->say_why);
	ck_assert_uint_eq(s->n_listen, 4);
	ck_assert_str_eq(listened(s, 0), "192.0.2.1:1");
	ck_assert_str_eq(listened(s, 1), "[2001:db8::1]:65535");
	ck_assert_str_eq(listened(s, 2), "127.0.0.1:0");
	ck_assert_str_eq(listened(s, 3), "[::1]:0");
	ck_assert(!s->listen[0].optional && !s->listen[1].optional && !s->listen[2].optional);
	ck_assert(s->listen[3].optional);
	ck_assert_uint_eq(s->listen[0].length, sizeof(struct sockaddr_in));
	ck_assert_uint_eq(s->listen[1].length, sizeof(struct sockaddr_in6));
	ck_assert_int_eq(s->protocol, CONF_RAW);
	ck_assert(allows(s, "198.51.100.1"));
	ck_assert_int_eq(s->claim, CONF_CLAIM_CONNECT);
	ck_assert_int_eq(s->claim_timeout, 61 * S);
	ck_assert_int_eq(s->inactivity, 2 * M);
	ck_assert_int_eq(s->inactivity_in_call, 3 * M);
	ck_assert_int_eq(s->after_call, 0);
	ck_assert_int_eq(s->session_limit, 24 * H);
	ck_assert_int_eq(s->warning, 0);
	ck_assert_int_eq(s->activity, CONF_ACTIVITY_BOTH);
	ck_assert_int_eq(s->keepalive.idle, 1);
	ck_assert_int_eq(s->keepalive.interval, 2);
	ck_assert_int_eq(s->keepalive.probes, 3);
	ck_assert_int_eq(s->stall, 5 * S);
	ck_assert_int_eq(s->drain, 0);
}

START_TEST(every_key_set)
{
	struct conf *c = parse_well(
	    "log-level = debug\ncontrol-socket = \"\"\nstate-directory = '/s'\n"
	    "lock-directory = /l\nmax-clients = 7\nmax-clients-per-address = 3\n"
	    "line \"A.b_c-9\" {\n kind = modem\n device = virtual\n speed = 50\n format = 5S1.5\n"
	    " flow = xonxoff\n hangup-time = 500ms\n dtr-when-free = false\n"
	    " listen = { \"192.0.2.1:1\", \"[2001:db8::1]:65535\", 0 }\n protocol = raw\n"
	    " allow = { \"192.0.2.0/24\", any }\n claim = connect\n claim-timeout = 1m1s\n"
	    " show-owner = false\n say-why = false\n inactivity = 2m\n inactivity-in-call = 3m\n"
	    " after-call = 0\n session-limit = 1d\n warning = 0\n activity = both\n"
	    " keepalive = { 1, 2, 3 }\n stall = 5s\n drain = 0\n"
	    " number \"0123456789*#ABCD\" { to = echo }\n number \"1\" { to = \"line:v2\" }\n"
	    " number \"2\" { to = busy } number \"3\" { to = no-answer }\n"
	    " number \"4\" { to = no-dialtone } number \"5\" { to = no-carrier }\n}\n"
	    "line v2 { kind = modem device = \"virtual\" }\n");

	ck_assert_str_eq(report.text, "");
	ck_assert_int_eq(c->log_level, 3);
	ck_assert_str_eq(c->control_socket, "");
	ck_assert_str_eq(c->state_directory, "/s");
	ck_assert_str_eq(c->lock_directory, "/l");
	ck_assert_uint_eq(c->max_clients, 7);
	ck_assert_uint_eq(c->max_clients_per_address, 3);
	ck_assert_uint_eq(c->n_lines, 2);
	ck_assert_uint_eq(c->n_services, 1);
	every_line_key(&c->lines[0]);
	every_service_key(&c->services[0]);
	conf_free(c);
}
END_TEST

/* A host is a name or an address, which in the case of IPv6 stands in brackets. */
START_TEST(hosts_of_numbers)
{
	struct conf *c = parse_well(VIRTUAL " number 1 { to = \"tcp:bbs.example.org:23\" }\n"
	    " number 2 { to = tcp:192.0.2.1:65535 } number 3 { to = \"telnet:[2001:db8::1]:1\" }\n}");
	const struct conf_number *n = c->lines[0].numbers;

	ck_assert_uint_eq(c->lines[0].n_numbers, 3);
	ck_assert_int_eq(n[0].to, CONF_DIAL_TCP);
	ck_assert_str_eq(n[0].host, "bbs.example.org");
	ck_assert_uint_eq(n[0].port, 23);
	ck_assert_str_eq(n[1].host, "192.0.2.1");
	ck_assert_uint_eq(n[1].port, 65535);
	ck_assert_int_eq(n[2].to, CONF_DIAL_TELNET);
	ck_assert_str_eq(n[2].host, "2001:db8::1");
	ck_assert_uint_eq(n[2].port, 1);
	conf_free(c);
}
END_TEST

/* Where a virtual modem is rung, and by whom, with and without a service of its own. */
START_TEST(answer_and_allow)
{
	struct conf *c = parse_well(VIRTUAL " answer = { 5, \"192.0.2.1:6\" } allow = \"192.0.2.0/24\"\n}\n"
	    "line w { kind = modem device = virtual listen = 7 answer = 8 pace = true }\n" MODEM "}");
	struct sockaddr_in a = { .sin_family = AF_INET };
	const struct conf_line *l = c->lines;

	ck_assert_uint_eq(c->n_services, 2);
	ck_assert_uint_eq(l[0].n_answer, 3);
	ck_assert(!l[0].answer[0].optional && l[0].answer[1].optional);
	a.sin_addr.s_addr = htonl(0xc0000201);
	ck_assert(acl_allows(l[0].allow, (struct sockaddr *)&a));
	ck_assert(!acl_allows(l[1].allow, (struct sockaddr *)&a));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert(!acl_allows(l[0].allow, (struct sockaddr *)&a));
	ck_assert(acl_allows(l[1].allow, (struct sockaddr *)&a));
	ck_assert(acl_allows(c->services[0].allow, (struct sockaddr *)&a));
	ck_assert_uint_eq(l[1].n_answer, 2);
	ck_assert_uint_eq(c->services[0].n_listen, 2);
	ck_assert(!l[0].pace && l[1].pace && !l[2].pace);
	ck_assert_ptr_null(l[2].allow);
	ck_assert_uint_eq(l[2].n_answer, 0);
	conf_free(c);
}
END_TEST

/* A line that does not listen has no service, and the services after it find their lines. */
START_TEST(services_name_their_lines)
{
	struct conf *c = parse_well(MODEM "}" VIRTUAL "}" CONSOLE "}");

	ck_assert_uint_eq(c->n_lines, 3);
	ck_assert_uint_eq(c->n_services, 2);
	ck_assert_uint_eq(c->services[0].line, 0);
	ck_assert_uint_eq(c->services[1].line, 2);
	ck_assert_str_eq(c->services[1].name, "c");
	conf_free(c);
}
END_TEST

START_TEST(raw_claims_at_connect)
{
	struct conf *c = parse_well(CONSOLE " protocol = raw\n}");

	ck_assert_int_eq(c->services[0].claim, CONF_CLAIM_CONNECT);
	conf_free(c);
}
END_TEST

/* What is in allow replaces loopback. */
START_TEST(allow_is_literal)
{
	struct conf *c = parse_well(CONSOLE " allow = { \"192.0.2.0/24\" }\n}");

	ck_assert(allows(&c->services[0], "192.0.2.7") && !allows(&c->services[0], "127.0.0.1"));
	conf_free(c);
}
END_TEST

/* ---- formats ---- */

START_TEST(every_format)
{
	static const char parities[] = "NOEMS";
	static const char *const stops[] = { "1", "2", "1.5" };
	char text[300];
	struct conf *c;
	int size, parity, stop;

	for (size = 5; size <= 8; size++)
		for (parity = 0; parity < 5; parity++)
			for (stop = 0; stop < 3; stop++) {
				snprintf(text, sizeof text, CONSOLE "format = %d%c%s\n}", size,
				    parities[parity], stops[stop]);
				c = parse(text);
				ck_assert_msg((c != NULL) == (stop < 2 || size == 5), "%s", text);
				if (c == NULL)
					continue;
				ck_assert_uint_eq(c->lines[0].format.datasize, size);
				ck_assert_uint_eq(c->lines[0].format.parity, parity + 1);
				ck_assert_uint_eq(c->lines[0].format.stopsize, stop + 1);
				conf_free(c);
			}
}
END_TEST

/* ---- values: what is taken and what is not ---- */

static const struct {
	const char *key, *good[4], *bad[12];
} values[] = {
	{ "log-level", { "error", "warning", "info", "debug" }, { "1", "Info", "\"\"", "infos" } },
	{ "control-socket", { "\"\"", "/a", "'/a b'" }, { "a", "./a", "\" /a\"" } },
	{ "state-directory", { "\"\"", "/a" }, { "a" } },
	{ "lock-directory", { "\"\"", "/a" }, { "a" } },
	{ "max-clients", { "1", "100000" }, { "0", "100001", "-1", "1x", "\"\"", "0x10", "1e3",
	  "9999999999", "18446744073709551617" } },
	{ "max-clients-per-address", { "1", "100000" }, { "0", "100001" } },
	{ "kind", { "console" }, { "Modem", "fax", "\"\"" } },
	{ "speed", { "50", "4000000", "31250" }, { "49", "4000001", "9600.5", "9k6", "\"\"" } },
	{ "format", { "7E2", "8M1" }, { "4N1", "9N1", "8N", "8N3", "8n1", "\"8N1 \"", "N81", "81N",
	  "\"\"", "8", "8N1.5", "8N11" } },
	{ "flow", { "rtscts", "xonxoff", "none" }, { "dtrdsr", "hard", "\"\"" } },
	{ "hangup-time", { "0", "1ms", "30s" }, { "30001ms", "1", "-1s", "off" } },
	{ "dtr-when-free", { "true", "false" }, { "yes", "1", "on", "TRUE", "\"\"" } },
	{ "listen", { "1", "{ 65535 }", "{ \"127.0.0.1:5\", \"[::1]:5\" }" },
	  { "65536", "-1", "\"\"", "\":5\"", "\"localhost:5\"", "\"127.0.0.1\"", "\"127.0.0.1:\"",
	    "\"[::1]\"", "\"::1:5\"", "\"[127.0.0.1]:5\"", "\"[::1:5\"", "\"*:5\"" } },
	{ "protocol", { "telnet", "raw" }, { "rfc2217", "ssh" } },
	{ "allow", { "{ any }", "{ \"192.0.2.0/24\", loopback }", "\"::/0\"" },
	  { "{ all }", "{ \"192.0.2.1/24\" }", "{ any, \"\" }", "\"localhost\"" } },
	{ "claim", { "use", "connect" }, { "data", "\"\"" } },
	{ "claim-timeout", { "0", "1s", "1h" }, { "999ms", "3601s", "30" } },
	{ "show-owner", { "true", "false" }, { "maybe" } },
	{ "say-why", { "true", "false" }, { "maybe" } },
	{ "inactivity", { "0", "1s", "10000d" }, { "999ms", "10000d1s", "-5m", "5 m" } },
	{ "session-limit", { "0", "1s", "10000d" }, { "999ms", "never" } },
	{ "warning", { "0", "1s", "1h" }, { "1ms", "61m" } },
	{ "activity", { "client", "both", "auto" }, { "line", "\"\"" } },
	{ "keepalive", { "{ 0, 1, 1 }", "{ 32767, 32767, 127 }" },
	  { "{ 32768, 1, 1 }", "{ 1, 0, 1 }", "{ 1, 32768, 1 }", "{ 1, 1, 0 }", "{ 1, 1, 128 }",
	    "{ 1, 1 }", "{ 1 }", "30", "{ 1, 1, 1, 1 }", "{ -1, 1, 1 }", "{ 30s, 10, 3 }" } },
	{ "stall", { "0", "1s", "1h" }, { "999ms", "3601s" } },
	{ "drain", { "0", "1ms", "1m" }, { "60001ms", "2m" } },
};

/* A file in which only this key stands beside what it needs. */
static void
with_key(char *text, size_t cap, const char *key, const char *value)
{
	bool top = conf_find(&conf_globals, key) >= 0, kind = strcmp(key, "kind") == 0,
	    listen = strcmp(key, "listen") == 0;

	snprintf(text, cap, "%s%s%s%sline l {\n%sdevice = \"/d\"\n%s%s%s%s%s}\n", top ? key : "",
	    top ? " = " : "", top ? value : "", top ? "\n" : "", kind ? "" : "kind = console\n",
	    listen ? "" : "listen = 1\n", top ? "" : key, top ? "" : " = ", top ? "" : value,
	    top ? "" : "\n");
}

START_TEST(values_good_and_bad)
{
	char text[400], begin[100];
	struct conf *c;
	size_t i;

	for (i = 0; i < 4 && values[_i].good[i] != NULL; i++) {
		with_key(text, sizeof text, values[_i].key, values[_i].good[i]);
		c = parse(text);
		ck_assert_msg(c != NULL, "%s\n%s", text, report.text);
		conf_free(c);
	}
	for (i = 0; i < 12 && values[_i].bad[i] != NULL; i++) {
		with_key(text, sizeof text, values[_i].key, values[_i].bad[i]);
		c = parse(text);
		ck_assert_msg(c == NULL, "%s is taken", text);
		ck_assert_msg(strstr(report.text, "; expected ") != NULL, "%s", report.text);
		ck_assert_uint_eq(report.errors, 1);
		snprintf(begin, sizeof begin, "F:%d: %s ",
		    conf_find(&conf_globals, values[_i].key) >= 0 ? 1 : strcmp(values[_i].key, "kind") == 0 ||
		    strcmp(values[_i].key, "listen") == 0 ? 4 : 5, values[_i].key);
		if (strchr(values[_i].bad[i], ' ') == NULL || values[_i].bad[i][0] == '{' ||
		    values[_i].bad[i][0] == '"')
			ck_assert_msg(strncmp(report.text, begin, strlen(begin)) == 0, "%s%s",
			    report.text, begin);
	}
}
END_TEST

/* The table above forgets no key; the two for modems only are tested by themselves. */
START_TEST(every_key_has_values)
{
	const struct conf_table *tables[] = { &conf_globals, &conf_lines };
	size_t t, i, k;
	bool found;

	for (t = 0; t < 2; t++)
		for (i = 0; i < tables[t]->n; i++) {
			const struct conf_key *key = &tables[t]->keys[i];

			found = key->modem_only || key->type == CONF_DEVICE;
			for (k = 0; k < sizeof values / sizeof values[0]; k++)
				found = found || strcmp(values[k].key, key->name) == 0;
			ck_assert_msg(found, "%s is not tested", key->name);
		}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, global_defaults);
	tcase_add_test(tc, modem_defaults);
	tcase_add_test(tc, console_defaults);
	tcase_add_test(tc, every_key_set);
	tcase_add_test(tc, hosts_of_numbers);
	tcase_add_test(tc, answer_and_allow);
	tcase_add_test(tc, services_name_their_lines);
	tcase_add_test(tc, raw_claims_at_connect);
	tcase_add_test(tc, allow_is_literal);
	tcase_add_test(tc, every_format);
	tcase_add_loop_test(tc, values_good_and_bad, 0, COUNT(values));
	tcase_add_test(tc, every_key_has_values);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
