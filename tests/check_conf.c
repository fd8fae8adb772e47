/*
 * The configuration: every key with its default, and set to something else.
 */
#include "conf/conf.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conftext.h"

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)

static const char *
listened(const struct conf_service *s, size_t i)
{
	static char text[TEXT_ADDRESS];

	ck_assert_uint_lt(i, s->n_listen);
	return text_address(text, &s->listen[i].address.sa, 1);
}

static bool
allows(const struct conf_rules *r, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	ck_assert_int_eq(inet_pton(AF_INET, address, &in.sin_addr), 1);
	return acl_allows(r->allow, (struct sockaddr *)&in);
}

/* ---- defaults, as the manual has them ---- */

START_TEST(global_defaults)
{
	struct conf *c = parse_well(MODEM "}");

	ck_assert_int_eq(c->log_level, 2);
	ck_assert_str_eq(c->control_socket, "/run/modemshare/control");
	ck_assert_str_eq(c->state_directory, "/var/lib/modemshare");
	ck_assert_str_eq(c->lock_directory, "/run/lock");
	ck_assert_str_eq(c->run_as, "");
	ck_assert_uint_eq(c->max_clients, 1024);
	ck_assert_uint_eq(c->max_clients_per_address, 64);
	ck_assert_uint_eq(c->history_days, 400);
	ck_assert_int_eq(c->history_size, INT64_C(256) << 20);
	ck_assert_uint_eq(c->n_status, 0);
	conf_free(c);
	conf_free(NULL);
}
END_TEST

static void
common_defaults(const struct conf *c, const char *name)
{
	const struct conf_line *l = &c->lines[0];
	const struct conf_service *s = &c->services[0];
	const struct conf_rules *r = s->rules;

	ck_assert_uint_eq(c->n_lines, 1);
	ck_assert_uint_eq(c->n_services, 1);
	ck_assert_str_eq(l->name, name);
	ck_assert_str_eq(s->name, name);
	ck_assert_uint_eq(s->lines[0], 0);
	ck_assert_int_eq(l->setup->type, CONF_SERIAL);
	ck_assert_uint_eq(l->setup->format.baud, 115200);
	ck_assert_uint_eq(l->setup->format.datasize, 8);
	ck_assert_uint_eq(l->setup->format.parity, RFC2217_NONE);
	ck_assert_uint_eq(l->setup->format.stopsize, RFC2217_STOP_1);
	ck_assert(l->setup->dtr_when_free && r->show_owner && r->say_why);
	ck_assert_int_eq(l->setup->break_time, 300);
	ck_assert_uint_eq(l->setup->n_numbers, 0);
	ck_assert_int_eq(r->protocol, CONF_TELNET);
	ck_assert_int_eq(r->claim, CONF_CLAIM_USE);
	ck_assert_int_eq(r->claim_timeout, 30 * S);
	ck_assert_int_eq(r->warning, 30 * S);
	ck_assert_int_eq(r->stall, 60 * S);
	ck_assert_int_eq(r->drain, S);
	ck_assert_int_eq(r->keepalive.idle, 30);
	ck_assert_int_eq(r->keepalive.interval, 10);
	ck_assert_int_eq(r->keepalive.probes, 3);
	ck_assert_int_eq(r->pick, CONF_PICK_FIRST);
	ck_assert_int_eq(r->busy, CONF_BUSY_REFUSE);
	ck_assert_uint_eq(r->queue_limit, 8);
	ck_assert_int_eq(r->queue_wait, 10 * M);
	ck_assert_int_eq(r->inactivity_contended, 2 * M);
	ck_assert_int_eq(r->cool_down, 60 * S);
	ck_assert_int_eq(r->takeover, CONF_TAKEOVER_OFF);
	ck_assert(!l->setup->host_sharing);
	ck_assert(allows(r, "127.0.0.1") && !allows(r, "192.0.2.7"));
}

/* What a list of texts has, with commas. */
static const char *
joined(const char *const *texts, size_t n)
{
	static char all[200];
	size_t i, used = 0;

	all[0] = '\0';
	for (i = 0; i < n; i++)
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? "," : "", texts[i]);
	return all;
}

START_TEST(modem_defaults)
{
	struct conf *c = parse_well(MODEM "}");
	const struct conf_line *l = &c->lines[0];
	const struct conf_rules *r = c->services[0].rules;

	common_defaults(c, "m");
	ck_assert_uint_eq(report.warnings, 0);
	ck_assert_str_eq(report.text, "");
	ck_assert_int_eq(l->setup->kind, CONF_MODEM);
	ck_assert_str_eq(l->device, "/dev/m");
	ck_assert_uint_eq(l->setup->format.outflow, RFC2217_OUT_RTSCTS);
	ck_assert_uint_eq(l->setup->format.inflow, RFC2217_IN_RTSCTS);
	ck_assert_int_eq(l->setup->hangup_time, S);
	ck_assert_int_eq(r->inactivity, 5 * M);
	ck_assert_int_eq(r->inactivity_in_call, 15 * M);
	ck_assert_int_eq(r->after_call, 60 * S);
	ck_assert_int_eq(r->session_limit, 12 * H);
	ck_assert_int_eq(r->activity, CONF_ACTIVITY_AUTO);
	ck_assert_str_eq(joined(l->setup->hangup, l->setup->n_hangup), "dtr,escape,ATH");
	ck_assert_str_eq(joined(l->setup->init, l->setup->n_init), "AT&F,ATE1V1Q0S0=0X4&C1&D2");
	ck_assert_int_eq(l->setup->init_timeout, 10 * S);
	ck_assert_int_eq(l->setup->init_pause, S);
	ck_assert_int_eq(l->setup->settle_time, 2600);
	ck_assert_int_eq(l->setup->carrier_timeout, 5 * S);
	ck_assert_int_eq(l->setup->guard_time, 1100);
	ck_assert_uint_eq(l->setup->attempts, 2);
	ck_assert_int_eq(l->setup->retest, 30 * S);
	conf_free(c);
}
END_TEST

START_TEST(console_defaults)
{
	struct conf *c = parse_well(CONSOLE "}");
	const struct conf_line *l = &c->lines[0];
	const struct conf_rules *r = c->services[0].rules;

	common_defaults(c, "c");
	ck_assert_uint_eq(report.warnings, 1); /* no session-limit */
	ck_assert_int_eq(l->setup->kind, CONF_CONSOLE);
	ck_assert_uint_eq(l->setup->format.outflow, RFC2217_OUT_NONE);
	ck_assert_uint_eq(l->setup->format.inflow, RFC2217_IN_NONE);
	ck_assert_int_eq(l->setup->hangup_time, 0);
	ck_assert_int_eq(r->inactivity, 30 * M);
	ck_assert_int_eq(r->inactivity_in_call, 0);
	ck_assert_int_eq(r->after_call, 0);
	ck_assert_int_eq(r->session_limit, 0);
	ck_assert_int_eq(r->activity, CONF_ACTIVITY_BOTH);
	ck_assert_uint_eq(l->setup->n_hangup + l->setup->n_init + l->setup->attempts, 0);
	conf_free(c);
}
END_TEST

/* A built-in modem has nothing to send. */
START_TEST(virtual_defaults)
{
	struct conf *c = parse_well(VIRTUAL "}");

	ck_assert_ptr_null(c->lines[0].setup->hangup);
	ck_assert_ptr_null(c->lines[0].setup->init);
	ck_assert_uint_eq(c->lines[0].setup->n_hangup + c->lines[0].setup->n_init, 0);
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
	ck_assert_int_eq(l->setup->type, CONF_VIRTUAL);
	ck_assert_uint_eq(l->setup->format.baud, 50);
	ck_assert_uint_eq(l->setup->format.datasize, 5);
	ck_assert_uint_eq(l->setup->format.parity, RFC2217_SPACE);
	ck_assert_uint_eq(l->setup->format.stopsize, RFC2217_STOP_15);
	ck_assert_uint_eq(l->setup->format.outflow, RFC2217_OUT_XONXOFF);
	ck_assert_uint_eq(l->setup->format.inflow, RFC2217_IN_XONXOFF);
	ck_assert_int_eq(l->setup->hangup_time, 500);
	ck_assert_int_eq(l->setup->break_time, 1000);
	ck_assert(!l->setup->dtr_when_free);
	ck_assert_uint_eq(l->setup->n_numbers, 6);
	for (i = 0; i < 6; i++) {
		ck_assert_int_eq(l->setup->numbers[i].to, dials[i]);
		ck_assert((l->setup->numbers[i].line != NULL) == (dials[i] == CONF_DIAL_LINE));
	}
	ck_assert_str_eq(l->setup->numbers[0].digits, "0123456789*#ABCD");
	ck_assert_str_eq(l->setup->numbers[1].line, "v2");
}

static void
every_service_key(const struct conf_service *s)
{
	const struct conf_rules *r = s->rules;

	ck_assert(!r->show_owner && !r->say_why);
	ck_assert_uint_eq(s->n_listen, 4);
	ck_assert_str_eq(listened(s, 0), "192.0.2.1:1");
	ck_assert_str_eq(listened(s, 1), "[2001:db8::1]:65535");
	ck_assert_str_eq(listened(s, 2), "127.0.0.1:0");
	ck_assert_str_eq(listened(s, 3), "[::1]:0");
	ck_assert(!s->listen[0].optional && !s->listen[1].optional && !s->listen[2].optional);
	ck_assert(s->listen[3].optional);
	ck_assert_uint_eq(s->listen[0].length, sizeof(struct sockaddr_in));
	ck_assert_uint_eq(s->listen[1].length, sizeof(struct sockaddr_in6));
	ck_assert_int_eq(r->protocol, CONF_RAW);
	ck_assert(allows(r, "198.51.100.1"));
	ck_assert_int_eq(r->claim, CONF_CLAIM_CONNECT);
	ck_assert_int_eq(r->claim_timeout, 61 * S);
	ck_assert_int_eq(r->inactivity, 2 * M);
	ck_assert_int_eq(r->inactivity_in_call, 3 * M);
	ck_assert_int_eq(r->after_call, 0);
	ck_assert_int_eq(r->session_limit, 24 * H);
	ck_assert_int_eq(r->warning, 0);
	ck_assert_int_eq(r->activity, CONF_ACTIVITY_BOTH);
	ck_assert_int_eq(r->keepalive.idle, 1);
	ck_assert_int_eq(r->keepalive.interval, 2);
	ck_assert_int_eq(r->keepalive.probes, 3);
	ck_assert_int_eq(r->stall, 5 * S);
	ck_assert_int_eq(r->drain, 0);
}

START_TEST(every_key_set)
{
	struct conf *c = parse_well(
	    "log-level = debug\ncontrol-socket = \"\"\nstate-directory = '/s'\n"
	    "lock-directory = /l\nrun-as = modemshare\nmax-clients = 7\nmax-clients-per-address = 3\n"
	    "history-size = \"1 GiB\"\n"
	    "line \"A.b_c-9\" {\n kind = modem\n device = virtual\n speed = 50\n format = 5S1.5\n"
	    " flow = xonxoff\n hangup-time = 500ms\n dtr-when-free = false\n"
	    " break-time = 1s\n"
	    " listen = { \"192.0.2.1:1\", \"[2001:db8::1]:65535\", 0 }\n protocol = raw\n"
	    " allow = { \"192.0.2.0/24\", any }\n claim = connect\n claim-timeout = 1m1s\n"
	    " show-owner = false\n say-why = false\n inactivity = 2m\n inactivity-in-call = 3m\n"
	    " after-call = 0\n session-limit = 1d\n warning = 0\n activity = both\n"
	    " keepalive = { 1, 2, 3 }\n stall = 5s\n drain = 0\n"
	    " number \"0123456789*#ABCD\" { to = echo }\n number \"1\" { to = \"line:v2\" }\n"
	    " number \"2\" { to = busy } number \"3\" { to = no-answer }\n"
	    " number \"4\" { to = no-dialtone } number \"5\" { to = no-carrier }\n}\n"
	    "line v2 { kind = modem device = \"virtual\" }\n");

	ck_assert_uint_eq(report.warnings, 1);
	ck_assert_ptr_nonnull(strstr(report.text, ": warning: claim-timeout with protocol = \"raw\": "));
	ck_assert_int_eq(c->log_level, 3);
	ck_assert_str_eq(c->control_socket, "");
	ck_assert_str_eq(c->state_directory, "/s");
	ck_assert_str_eq(c->lock_directory, "/l");
	ck_assert_str_eq(c->run_as, "modemshare");
	ck_assert_uint_eq(c->max_clients, 7);
	ck_assert_uint_eq(c->max_clients_per_address, 3);
	ck_assert_int_eq(c->history_size, INT64_C(1) << 30);
	ck_assert_uint_eq(c->n_lines, 2);
	ck_assert_uint_eq(c->n_services, 1);
	every_line_key(&c->lines[0]);
	every_service_key(&c->services[0]);
	conf_free(c);
}
END_TEST

START_TEST(status_page)
{
	struct conf *c = parse_well("history-days = 0\n" MODEM "}\nstatus { listen = { 80, "
	    "\"127.0.0.2:81\" } }");
	const struct sockaddr_in *in = (const struct sockaddr_in *)&c->status[2].address;

	ck_assert_uint_eq(c->history_days, 0);
	ck_assert_uint_eq(c->n_status, 3);
	ck_assert_int_eq(c->status[0].address.sa.sa_family, AF_INET);
	ck_assert_int_eq(c->status[1].address.sa.sa_family, AF_INET6);
	ck_assert(!c->status[0].optional && c->status[1].optional && !c->status[2].optional);
	ck_assert_uint_eq(ntohs(in->sin_port), 81);
	ck_assert_uint_eq(ntohl(in->sin_addr.s_addr), 0x7f000002);
	conf_free(c);
}
END_TEST

/* A host is a name or an address, which in the case of IPv6 stands in brackets. */
START_TEST(hosts_of_numbers)
{
	struct conf *c = parse_well(VIRTUAL " number 1 { to = \"tcp:bbs.example.org:23\" }\n"
	    " number 2 { to = tcp:192.0.2.1:65535 } number 3 { to = \"telnet:[2001:db8::1]:1\" }\n}");
	const struct conf_number *n = c->lines[0].setup->numbers;

	ck_assert_uint_eq(c->lines[0].setup->n_numbers, 3);
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
	ck_assert_uint_eq(l[0].setup->n_answer, 3);
	ck_assert(!l[0].setup->answer[0].optional && l[0].setup->answer[1].optional);
	a.sin_addr.s_addr = htonl(0xc0000201);
	ck_assert(acl_allows(l[0].setup->allow, (struct sockaddr *)&a));
	ck_assert(!acl_allows(l[1].setup->allow, (struct sockaddr *)&a));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert(!acl_allows(l[0].setup->allow, (struct sockaddr *)&a));
	ck_assert(acl_allows(l[1].setup->allow, (struct sockaddr *)&a));
	ck_assert(acl_allows(c->services[0].rules->allow, (struct sockaddr *)&a));
	ck_assert_uint_eq(l[1].setup->n_answer, 2);
	ck_assert_uint_eq(c->services[0].n_listen, 2);
	ck_assert(!l[0].setup->pace && l[1].setup->pace && !l[2].setup->pace);
	ck_assert_ptr_null(l[2].setup->allow);
	ck_assert_uint_eq(l[2].setup->n_answer, 0);
	conf_free(c);
}
END_TEST

START_TEST(every_key_of_a_hand_over)
{
	struct conf *c = parse_well(MODEM " host-sharing = true hangup = { \"AT+CHUP\", escape }\n"
	    " init = { }\n init-timeout = 1s init-pause = 2s settle-time = 3s carrier-timeout = 4s\n"
	    " guard-time = 5s attempts = 6 retest = 7s\n}\n"
	    "line n { kind = modem device = /n listen = 1 init = ATZ }");
	const struct conf_line *l = &c->lines[0];

	ck_assert(l->setup->host_sharing && !c->lines[1].setup->host_sharing);
	ck_assert_str_eq(joined(l->setup->hangup, l->setup->n_hangup), "AT+CHUP,escape");
	ck_assert_uint_eq(l->setup->n_init, 0);
	ck_assert_int_eq(l->setup->init_timeout, S);
	ck_assert_int_eq(l->setup->init_pause, 2 * S);
	ck_assert_int_eq(l->setup->settle_time, 3 * S);
	ck_assert_int_eq(l->setup->carrier_timeout, 4 * S);
	ck_assert_int_eq(l->setup->guard_time, 5 * S);
	ck_assert_uint_eq(l->setup->attempts, 6);
	ck_assert_int_eq(l->setup->retest, 7 * S);
	ck_assert_str_eq(joined(c->lines[1].setup->init, c->lines[1].setup->n_init), "ATZ");
	ck_assert_str_eq(joined(c->lines[1].setup->hangup, c->lines[1].setup->n_hangup), "dtr,escape,ATH");
	conf_free(c);
}
END_TEST

/* Lines in the order in which they are named, wherever the sections stand. */
START_TEST(pools)
{
	struct conf *c = parse_well("service pool {\n listen = 9\n lines = { n, \"m\" }\n busy = queue\n"
	    " pick = round-robin\n queue-limit = 3\n queue-wait = 1m\n inactivity-contended = 30s\n"
	    " cool-down = 0\n takeover = same-owner\n}\n" CONSOLE " busy = queue queue-limit = 0\n}\n"
	    MODEM "}\nservice \"two\" { lines = c listen = { 10, 11 } session-limit = 1h }\n"
	    "line n { kind = modem device = /n }");
	const struct conf_service *s = c->services;

	/* No session-limit of the console alone and nobody in its queue; takeover for loopback. */
	ck_assert_uint_eq(report.warnings, 3);
	ck_assert_uint_eq(c->n_lines, 3);
	ck_assert_uint_eq(c->n_services, 4);
	ck_assert_str_eq(s[0].name, "c");
	ck_assert_int_eq(s[0].rules->busy, CONF_BUSY_QUEUE);
	ck_assert_uint_eq(s[0].rules->queue_limit, 0);
	ck_assert_str_eq(s[1].name, "m");
	ck_assert_str_eq(s[2].name, "pool");
	ck_assert_uint_eq(s[2].n_lines, 2);
	ck_assert_str_eq(c->lines[s[2].lines[0]].name, "n");
	ck_assert_str_eq(c->lines[s[2].lines[1]].name, "m");
	ck_assert_int_eq(s[2].rules->pick, CONF_PICK_ROUND_ROBIN);
	ck_assert_int_eq(s[2].rules->busy, CONF_BUSY_QUEUE);
	ck_assert_uint_eq(s[2].rules->queue_limit, 3);
	ck_assert_int_eq(s[2].rules->queue_wait, M);
	ck_assert_int_eq(s[2].rules->inactivity_contended, 30 * S);
	ck_assert_int_eq(s[2].rules->cool_down, 0);
	ck_assert_int_eq(s[2].rules->takeover, CONF_TAKEOVER_SAME_OWNER);
	/* defaults are those of the kind of its lines */
	ck_assert_int_eq(s[2].rules->inactivity, 5 * M);
	ck_assert_int_eq(s[2].rules->session_limit, 12 * H);
	ck_assert_str_eq(s[3].name, "two");
	ck_assert_uint_eq(s[3].n_lines, 1);
	ck_assert_uint_eq(s[3].n_listen, 4);
	ck_assert_int_eq(s[3].rules->inactivity, 30 * M);
	ck_assert_int_eq(s[3].rules->inactivity_in_call, 0);
	ck_assert_int_eq(s[3].rules->activity, CONF_ACTIVITY_BOTH);
	conf_free(c);
}
END_TEST

/* A line that does not listen has no service, and the services after it find their lines. */
START_TEST(services_name_their_lines)
{
	struct conf *c = parse_well(MODEM "}" VIRTUAL "}" CONSOLE "}");

	ck_assert_uint_eq(c->n_lines, 3);
	ck_assert_uint_eq(c->n_services, 2);
	ck_assert_uint_eq(c->services[0].lines[0], 0);
	ck_assert_uint_eq(c->services[1].lines[0], 2);
	ck_assert_str_eq(c->services[1].name, "c");
	conf_free(c);
}
END_TEST

START_TEST(raw_claims_at_connect)
{
	struct conf *c = parse_well(CONSOLE " protocol = raw\n}");

	ck_assert_int_eq(c->services[0].rules->claim, CONF_CLAIM_CONNECT);
	conf_free(c);
}
END_TEST

/* What is in allow replaces loopback. */
START_TEST(allow_is_literal)
{
	struct conf *c = parse_well(CONSOLE " allow = { \"192.0.2.0/24\" }\n}");

	ck_assert(allows(c->services[0].rules, "192.0.2.7") && !allows(c->services[0].rules, "127.0.0.1"));
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
				ck_assert_uint_eq(c->lines[0].setup->format.datasize, size);
				ck_assert_uint_eq(c->lines[0].setup->format.parity, parity + 1);
				ck_assert_uint_eq(c->lines[0].setup->format.stopsize, stop + 1);
				conf_free(c);
			}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, global_defaults);
	tcase_add_test(tc, modem_defaults);
	tcase_add_test(tc, console_defaults);
	tcase_add_test(tc, virtual_defaults);
	tcase_add_test(tc, every_key_set);
	tcase_add_test(tc, every_key_of_a_hand_over);
	tcase_add_test(tc, pools);
	tcase_add_test(tc, status_page);
	tcase_add_test(tc, hosts_of_numbers);
	tcase_add_test(tc, answer_and_allow);
	tcase_add_test(tc, services_name_their_lines);
	tcase_add_test(tc, raw_claims_at_connect);
	tcase_add_test(tc, allow_is_literal);
	tcase_add_test(tc, every_format);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
