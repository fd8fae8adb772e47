/*
 * Keys that have no effect beside others: each is taken, with a warning word for word, and beside it
 * what is near and has one.
 */
#include "conftext.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* Lines that lack "}", with addresses for others: clients need not be on loopback. */
#define OPEN "line m {\n kind = modem\n device = /d\n listen = \"0.0.0.0:1\" allow = any\n"
#define OPEN_CONSOLE \
	"line c {\n kind = console\n device = /d\n listen = \"0.0.0.0:1\" allow = any session-limit = 1h\n"
#define LISTEN(where) "line m {\n kind = modem\n device = /d\n listen = { " where " }\n"
#define V "line v {\n kind = modem\n device = virtual\n"

#define LOOPBACK "F:5: warning: allow has no address of loopback, and listen no other: nobody can connect\n"
#define NOBODY "F:5: warning: allow has no address that can reach listen: nobody can connect\n"
#define UNWARNED(limits) \
	"F:5: warning: warning is not shorter than " limits ": no warning of that is ever given\n"
#define NEVER(limit) "F:5: warning: " limit " is not shorter than session-limit and never applies\n"

static const struct {
	const char *text, *report;
} rows[] = {
	/* who is let in and cannot come */
	{ LISTEN("2217") " allow = \"192.0.2.0/24\"\n}", LOOPBACK },
	{ LISTEN("\"127.0.0.1:5\"") " allow = \"::1\"\n}", LOOPBACK },
	{ LISTEN("\"[::1]:5\"") " allow = { \"127.0.0.0/8\", \"2001:db8::/32\" }\n}", LOOPBACK },
	{ LISTEN("\"0.0.0.0:5\"") " allow = \"2001:db8::/32\"\n}", NOBODY },
	{ LISTEN("\"[::]:5\"") " allow = \"127.0.0.1\"\n}", NOBODY },
	{ LISTEN("\"192.0.2.1:5\"") " allow = loopback\n}", NOBODY },
	{ LISTEN("\"192.0.2.1:5\"") " allow = \"127.0.0.1\"\n}", NOBODY },
	{ LISTEN("\"[2001:db8::1]:5\", 5") " allow = \"192.0.2.1\"\n}", NOBODY },
	{ LISTEN("2217") " allow = { \"192.0.2.0/24\", loopback }\n}", "" },
	{ LISTEN("2217") " allow = \"::1\"\n}", "" },
	{ LISTEN("2217") " allow = \"127.3.0.0/16\"\n}", "" },
	{ LISTEN("2217") " allow = \"0.0.0.0/0\"\n}", "" },
	{ LISTEN("2217") " allow = any\n}", "" },
	{ LISTEN("\"0.0.0.0:5\"") " allow = \"126.0.0.0/7\"\n}", "" },
	{ LISTEN("\"192.0.2.1:5\"") " allow = \"126.0.0.0/7\"\n}", "" },
	{ LISTEN("\"192.0.2.1:5\"") " allow = \"126.0.0.0/8\"\n}", "" },
	{ LISTEN("\"[::]:5\"") " allow = \"::1\"\n}", "" },
	{ LISTEN("\"[2001:db8::1]:5\"") " allow = \"::/127\"\n}", "" },
	{ LISTEN("\"[::]:5\", \"0.0.0.0:5\"") " allow = \"192.0.2.0/24\"\n}", "" },
	{ V " answer = 5\n allow = \"192.0.2.1\"\n}",
	  "F:5: warning: allow has no address of loopback, and answer no other: nobody can connect\n" },
	{ V " answer = \"0.0.0.0:5\"\n allow = \"::1\"\n}",
	  "F:5: warning: allow has no address that can reach answer: nobody can connect\n" },
	{ V " answer = 5 allow = any\n}", "" },
	{ "line m { kind = modem device = /d }\nservice s {\n lines = m\n listen = 5\n allow = "
	  "\"192.0.2.1\"\n}", LOOPBACK },
	/* limits of which nobody is warned */
	{ MODEM " warning = 5m\n}", UNWARNED("inactivity and after-call") },
	{ MODEM " warning = 60s\n}", UNWARNED("after-call") },
	{ MODEM " warning = 15m\n}", UNWARNED("inactivity, inactivity-in-call and after-call") },
	{ CONSOLE " warning = 30m session-limit = 40m\n}", UNWARNED("inactivity") },
	{ CONSOLE " warning = 40m session-limit = 40m\n}", UNWARNED("inactivity and session-limit") },
	{ MODEM " inactivity = 30s\n}", UNWARNED("inactivity") },
	{ CONSOLE " inactivity = 10s session-limit = 1h\n}", UNWARNED("inactivity") },
	{ MODEM "\n inactivity = 10s\n warning = 20s\n}", "F:7: warning: warning is not shorter than "
	  "inactivity: no warning of that is ever given\n" },
	{ MODEM " inactivity = 31s\n}", "" },
	{ MODEM " inactivity = 10s warning = 0\n}", "" },
	{ MODEM " inactivity = 10s warning = 9s\n}", "" },
	{ MODEM " inactivity = 0 warning = 59s\n}", "" },
	{ MODEM " inactivity = 10s say-why = false\n}", "" },
	{ MODEM " warning = 10s say-why = false\n}",
	  "F:5: warning: warning with say-why = false: nobody is told\n" },
	{ MODEM " warning = 0 say-why = false\n}", "" },
	/* limits behind the longest */
	{ MODEM " session-limit = 10m inactivity-in-call = 0 after-call = 11m\n}", NEVER("after-call") },
	{ MODEM " session-limit = 50s inactivity = 40s inactivity-in-call = 40s\n}", "" },
	{ MODEM " busy = queue session-limit = 20m inactivity = 0 inactivity-contended = 20m\n}",
	  "F:5: warning: inactivity-contended is not shorter than inactivity and never applies\n" },
	/* what counts inactivity, and nothing does */
	{ OPEN " inactivity = 0 inactivity-in-call = 0 after-call = 0\n cool-down = 1m\n}",
	  "F:6: warning: cool-down without inactivity: nobody is cut for it\n" },
	{ OPEN " inactivity = 0 inactivity-in-call = 0 after-call = 0\n cool-down = 0\n}", "" },
	{ OPEN " inactivity = 0 inactivity-in-call = 0\n cool-down = 1m\n}", "" },
	{ OPEN " inactivity = 0 inactivity-in-call = 0 after-call = 0 busy = queue\n cool-down = 1m\n}", "" },
	{ OPEN_CONSOLE " inactivity = 0\n activity = client\n}",
	  "F:6: warning: activity without inactivity: nobody is cut for it\n" },
	{ OPEN_CONSOLE " activity = client\n}", "" },
	/* claims */
	{ MODEM " claim = connect claim-timeout = 1m\n}",
	  "F:5: warning: claim-timeout with claim = \"connect\": whoever has connected has claimed\n" },
	{ MODEM " protocol = raw claim-timeout = 1m\n}",
	  "F:5: warning: claim-timeout with protocol = \"raw\": whoever has connected has claimed\n" },
	{ MODEM " claim = connect claim-timeout = 0\n}", "" },
	{ MODEM " claim = connect\n}", "" },
	{ "line m { kind = modem device = /d }\nservice s {\n lines = m\n listen = 5\n pick = first\n}",
	  "F:5: warning: pick with one line: there is nothing to pick\n" },
	{ "line m { kind = modem device = /d }\nline n { kind = modem device = /n }\nservice s { lines = "
	  "{ m, n } listen = 5 pick = first }", "" },
	/* who waits */
	{ MODEM " busy = queue queue-limit = 0\n}",
	  "F:5: warning: queue-limit = 0 with busy = \"queue\": nobody waits in a queue\n" },
	{ MODEM " queue-limit = 0\n}", "" },
	{ MODEM " inactivity-contended = 1m\n}\nline n { kind = modem device = virtual listen = 5 busy = "
	  "queue }", "F:5: warning: inactivity-contended without busy = \"queue\" in any service of its "
	  "lines: nobody waits while a line is in use\n" },
	{ MODEM " inactivity-contended = 0\n}", "" },
	/* who is known by his address */
	{ MODEM " takeover = same-owner\n}", "F:5: warning: takeover where all clients are on loopback: none "
	  "of them takes over\n" },
	{ MODEM " cool-down = 1m\n}", "F:5: warning: cool-down where all clients are on loopback: it counts "
	  "for none of them\n" },
	{ LISTEN("\"0.0.0.0:5\"") " allow = loopback takeover = same-owner\n}", "F:5: warning: takeover where "
	  "all clients are on loopback: none of them takes over\n" },
	{ OPEN " takeover = same-owner\n}", "" },
	{ OPEN " cool-down = 1m\n}", "" },
	{ MODEM " takeover = off cool-down = 0\n}", "" },
	{ "max-clients-per-address = 1\n" OPEN " takeover = same-owner\n}", "F:6: warning: takeover with "
	  "max-clients-per-address = 1: the second connection of an address is closed\n" },
	/* lines */
	{ MODEM " init = { } init-pause = 2s\n}", "F:5: warning: init-pause without commands in init: there is "
	  "nothing to pause after\n" },
	{ MODEM " init = { }\n}", "" },
	{ MODEM " hangup = { dtr, ATH } guard-time = 2s\n}",
	  "F:5: warning: guard-time without \"escape\" in hangup: nothing is guarded\n" },
	{ MODEM " hangup = { dtr, escape } guard-time = 2s\n}", "" },
	{ MODEM " guard-time = 2s\n}", "" },
	{ MODEM " host-sharing = true dtr-when-free = true\n}", "F:5: warning: dtr-when-free with "
	  "host-sharing: a line that is free is closed, and its DTR off\n" },
	{ MODEM " host-sharing = true dtr-when-free = true hangup-time = 0\n}", "" },
	{ MODEM " host-sharing = true dtr-when-free = false\n}", "" },
	/* the file */
	{ "state-directory = \"\"\nhistory-days = 3\n" MODEM "}",
	  "F:2: warning: history-days without state-directory: there is no history\n" },
	{ "state-directory = \"\"\n\nhistory-size = 8MiB\n" MODEM "}",
	  "F:3: warning: history-size without state-directory: there is no history\n" },
	{ "state-directory = /s history-size = 8MiB history-days = 1\n" MODEM "}", "" },
	{ "state-directory = \"\"\n" MODEM "}", "" },
	{ "max-clients = 8\nmax-clients-per-address = 9\n" MODEM "}",
	  "F:2: warning: max-clients-per-address is above max-clients and never applies\n" },
	{ "max-clients = 8\nmax-clients-per-address = 8\n" MODEM "}", "" },
	{ "max-clients = 8\n" MODEM "}", "" },
};

START_TEST(warns_of_what_has_no_effect)
{
	struct conf *c = parse_well(rows[_i].text);

	ck_assert_msg(strcmp(report.text, rows[_i].report) == 0, "%s\n%s", rows[_i].text, report.text);
	conf_free(c);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("confeffects");
	TCase *tc = tcase_create("confeffects");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, warns_of_what_has_no_effect, 0, COUNT(rows));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
