/*
 * What people write who know other programs, or who copy from a page: each with the words that
 * lead them to what is right.
 */
#include "conftext.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define ALL "; expected an address: all addresses are 0.0.0.0:2217 and [::]:2217"
#define NAMES "; expected an address: names are not looked up; a port alone is localhost"
#define PORTS "; expected PORT, ADDRESS:PORT or [V6-ADDRESS]:PORT, with a port from 0 to 65535"
#define BITS "; expected a prefix without bits set behind its length; did you mean "
#define ENTRY "; expected an IPv4 or IPv6 address, a prefix as 192.0.2.0/24 or 2001:db8::/32, \"any\" or " \
	"\"loopback\""
#define LOOKS(program) ": this looks like a configuration of " program "; expected one of modemshared, as in " \
	"modemshared.conf(5)\n"
#define FORMAT "; expected 5 to 8, then N, O, E, M or S, then 1 or 2 (with 5 also 1.5), as 8N1"
#define DURATION "; expected a duration as 30s, 5m or 1h30m (d, h, m, s, ms)"

/* A value of a key in a line, and what is said of it. */
static const struct {
	const char *key, *value, *said;
} values[] = {
	/* durations */
	{ "inactivity", "300", DURATION "; did you mean 300s or 5m?" },
	{ "inactivity", "5min", DURATION "; did you mean 5m?" },
	{ "inactivity", "5 minutes", DURATION "; did you mean 5m?" },
	{ "inactivity", "1.5h", DURATION "; did you mean 1h30m?" },
	{ "inactivity", "1,5 h", DURATION "; did you mean 1h30m?" },
	{ "inactivity", "45", DURATION "; did you mean 45s?" },
	{ "inactivity", "90", DURATION "; did you mean 90s or 1m30s?" },
	{ "inactivity", "3661", DURATION "; did you mean 3661s?" },
	{ "inactivity", "2H", DURATION "; did you mean 2h?" },
	{ "inactivity", "2 Hours 30 mins", DURATION "; did you mean 2h30m?" },
	{ "inactivity", "30m1h", DURATION "; did you mean 1h30m?" },
	{ "inactivity", "1w", DURATION "; did you mean 7d?" },
	{ "inactivity", "1s 1m 1h", DURATION "; did you mean 1h1m1s?" },
	{ "inactivity", "never", DURATION "; did you mean 0?" },
	{ "inactivity", "Off", DURATION "; did you mean 0?" },
	{ "retest", "never", DURATION },
	{ "settle-time", "2600", DURATION "; did you mean 2600ms?" },
	{ "settle-time", "1.5s", DURATION "; did you mean 1s500ms?" },
	{ "settle-time", "0.0001s", DURATION },
	{ "settle-time", "0.001s", DURATION "; did you mean 1ms?" },
	{ "drain", "90 sec", DURATION },
	{ "drain", "12345678", DURATION },
	{ "drain", "1.", DURATION },
	{ "drain", "1.5", DURATION },
	{ "drain", "s", DURATION },
	{ "drain", "", DURATION },
	{ "drain", "99999999999999999999s", DURATION },
	{ "drain", "9999999w 9999999w 9999999w", DURATION },
	{ "drain", "5 parsecs", DURATION },
	{ "drain", "2m", "; expected a duration from 0s to 1m" },
	{ "format", "8n1", FORMAT "; did you mean 8N1?" },
	{ "format", "5e1.5", FORMAT "; did you mean 5E1.5?" },
	{ "format", "8x1", FORMAT },
	{ "format", "8n1.50", FORMAT },
	{ "format", "", FORMAT },
	/* addresses */
	{ "listen", "*:2217", ALL },
	{ "listen", ":2217", ALL },
	{ "listen", "[*]:2217", ALL },
	{ "listen", "*:telnet", "; expected an address: all addresses are 0.0.0.0:PORT and [::]:PORT" },
	{ "listen", "localhost:2217", NAMES },
	{ "listen", "modems.example.org:2217", NAMES },
	{ "listen", "localhost:65536", PORTS },
	{ "listen", "localhost:", PORTS },
	{ "listen", "localhost", PORTS },
	{ "listen", "", PORTS },
	{ "listen", "1.2.3:4", PORTS },
	{ "listen", "192.0.2.7", "; expected a port behind the address, as 192.0.2.7:2217" },
	{ "listen", "::1:23", "; expected brackets around the address, as [::1]:23" },
	{ "listen", "2001:db8::1", "; expected brackets around the address, as [2001:db8::1]:2217" },
	{ "allow", "192.0.2.7/24", BITS "192.0.2.0/24 (or 192.0.2.7)?" },
	{ "allow", "192.0.2.7/31", BITS "192.0.2.6/31 (or 192.0.2.7)?" },
	{ "allow", "192.0.2.7/0", BITS "0.0.0.0/0 (or 192.0.2.7)?" },
	{ "allow", "2001:db8::7/60", BITS "2001:db8::/60 (or 2001:db8::7)?" },
	{ "allow", "192.0.2.0/255.255.255.0", ENTRY "; did you mean 192.0.2.0/24?" },
	{ "allow", "192.0.2.7/255.255.255.0", ENTRY "; did you mean 192.0.2.0/24 (or 192.0.2.7)?" },
	{ "allow", "192.0.2.0/255.0.255.0", ENTRY },
	{ "allow", "192.0.2.7/", ENTRY },
	{ "allow", "192.0.2.7/1000", ENTRY },
	{ "allow", "192.0.2/24", ENTRY },
	{ "allow", "::ffff:192.0.2.7/120", "; expected the IPv4 address in it, written as one" },
	{ "allow", "*", ENTRY "; did you mean \"any\"?" },
	{ "allow", "All", ENTRY "; did you mean \"any\"?" },
	{ "allow", "localhost", ENTRY "; did you mean \"loopback\"?" },
};

START_TEST(says_what_was_meant)
{
	char text[400], expected[400];
	const char *line = strcmp(values[_i].key, "listen") == 0 ? VIRTUAL "\n" : MODEM;

	snprintf(text, sizeof text, "%s %s = \"%s\"\n}", line, values[_i].key, values[_i].value);
	snprintf(expected, sizeof expected, "F:5: %s = \"%s\"%s\n", values[_i].key, values[_i].value,
	    values[_i].said);
	ck_assert_msg(parse(text) == NULL, "taken:\n%s", text);
	ck_assert_str_eq(report.text, expected);
}
END_TEST

/* What is proposed is right. */
START_TEST(a_guess_is_right)
{
	const char *guess = strstr(values[_i].said, "did you mean ");
	struct conf *conf;
	char text[400];
	int n;

	if (guess == NULL)
		return;
	guess += strlen("did you mean ");
	n = (int)strcspn(guess, " ?");
	snprintf(text, sizeof text, MODEM " %s = %.*s\n}", values[_i].key, n, guess);
	conf = parse(text);
	ck_assert_msg(conf != NULL, "%s\n%s", text, report.text);
	conf_free(conf);
}
END_TEST

/* ---- whole texts ---- */

static const struct {
	const char *text, *report;
} texts[] = {
	/* a duration in several words */
	{ MODEM " inactivity = 5 m\n}",
	  "F:5: inactivity = 5 m; expected a duration in one word; did you mean 5m?\n" },
	{ MODEM " inactivity = 5 minutes # a while\n}",
	  "F:5: inactivity = 5 minutes; expected a duration in one word; did you mean 5m?\n" },
	{ MODEM " inactivity = 1h 30m session-limit = 2 h }", "F:5: inactivity = 1h 30m; expected a "
	  "duration in one word; did you mean 1h30m?\n" },
	{ MODEM " session-limit = 2 h }",
	  "F:5: session-limit = 2 h; expected a duration in one word; did you mean 2h?\n" },
	{ MODEM " inactivity = 1h\t30 m\r\n}", "F:5: inactivity = 1h\\t30 m; expected a duration in one "
	  "word; did you mean 1h30m?\n" },
	{ MODEM " inactivity = 5\n m = 3\n}", "F:6: unknown key \"m\"; expected a key of a line\n" },
	{ MODEM " inactivity = 20000d 1h\n}", "F:5: unknown key \"1h\"; expected a key of a line\n" },
	{ MODEM " speed = 9600 s\n}", "F:5: unknown key \"s\"; expected a key of a line\n" },
	/* marks of other languages */
	{ "line m {\n kind = modem;\n}", "F:2: no ; here: a value ends with its line\n" },
	{ "line m {\n kind = \"modem\";\n}", "F:2: no ; here: a value ends with its line\n" },
	{ MODEM " allow = { any };\n}", "F:5: no ; here: a value ends with its line\n" },
	{ MODEM " ; what it is for\n}", "F:5: no ; here: a comment begins with # or //\n" },
	{ "; what it is for\n" MODEM "}", "F:1: no ; here: a comment begins with # or //\n" },
	{ MODEM " allow = { \"::1\"; any }\n}",
	  "F:5: no ; here: the values of a list have commas between them\n" },
	{ MODEM "};\n", "F:5: no ; here: a section ends with its brace\n" },
	{ "line m {;\n", "F:1: no ; here: a value ends with its line\n" },
	{ "line m {\n listen = [ \"2217\" ]\n}",
	  "F:2: a list stands in braces: { \"2217\" }\n" },
	{ "line m {\n listen = [\"2217\", \"0.0.0.0:5\"] # two\n}",
	  "F:2: a list stands in braces: { \"2217\", \"0.0.0.0:5\" }\n" },
	{ "line m {\n listen = [2217]\n}", "F:2: a list stands in braces: { 2217 }\n" },
	{ "line m {\n listen = ( \"2217\" )\n}", "F:2: a list stands in braces: { \"2217\" }\n" },
	{ "line m {\n listen = [\n 2217\n ]\n}", "F:2: a list stands in braces: { VALUE, VALUE }\n" },
	{ "line m {\n listen = []\n}", "F:2: a list stands in braces: { VALUE, VALUE }\n" },
	{ "line m {\n listen = [", "F:2: a list stands in braces: { VALUE, VALUE }\n" },
	{ "line m {\n listen = [::1]:2217\n}",
	  "F:2: the character [ outside a text; expected quotes around the value\n" },
	{ "[modem1]\n", "F:1: no [ ] here: a section is line \"NAME\" { ... }\n" },
	{ "log-level = info [modem1]\n",
	  "F:1: the character [ outside a text; expected quotes around the value\n" },
	{ "log-level: info\n", "F:1: unknown key \"log-level:\"; expected log-level = VALUE\n" },
	{ MODEM " speed: 9600\n}", "F:5: unknown key \"speed:\"; expected speed = VALUE\n" },
	{ MODEM " timeout: 9600\n}", "F:5: unknown key \"timeout:\"; expected a key of a line\n" },
	/* what a word processor makes of our characters */
	{ "line \xe2\x80\x9cm\xe2\x80\x9d {\n}", "F:1: typographic quotes: use \"\"\n" },
	{ "log-level = \xe2\x80\x9einfo\xe2\x80\x9c", "F:1: typographic quotes: use \"\"\n" },
	{ "log-level = \"info\xe2\x80\x9d\n", "F:1: typographic quotes: use \"\"\n" },
	{ "log-level = \"info\xe2\x80\x9d", "F:1: typographic quotes: use \"\"\n" },
	{ "log-level = \"\xc2\xa0\n", "F:1: a text that does not end on its line; expected a closing quote\n" },
	{ "log-level = \"\xc3\xa4\n", "F:1: a text that does not end on its line; expected a closing quote\n" },
	{ "log-level = \xe2\x80\x98info\xe2\x80\x99", "F:1: typographic quotes: use \"\"\n" },
	{ "log-level = \xc2\xabinfo\xc2\xbb", "F:1: typographic quotes: use \"\"\n" },
	{ "log-level\xc2\xa0= info", "F:1: a no-break space outside a text; expected a space\n" },
	{ "log\xe2\x80\x93level = info", "F:1: a dash that is no hyphen; expected -\n" },
	{ MODEM "}\n\xef\xbb\xbf", "F:6: a byte order mark in the midst; expected none\n" },
	{ "log-level = \xe2\x80", "F:1: the character \\xe2 outside a text; expected quotes around the "
	  "value\n" },
	{ "\xff\xfel\0i\0", "F:1: a text in UTF-16; expected UTF-8\n" },
	/* one file */
	{ "\ninclude \"conf.d/*.conf\"\n",
	  "F:2: there is no include yet: the whole configuration stands in one file\n" },
	{ "include(\"conf.d/*.conf\")\n",
	  "F:1: there is no include yet: the whole configuration stands in one file\n" },
	{ "include = conf.d/*.conf\n",
	  "F:1: there is no include yet: the whole configuration stands in one file\n" },
	{ "log-level = info includedir conf.d\n",
	  "F:1: there is no include yet: the whole configuration stands in one file\n" },
	{ "line \"m\" {\n include modem.conf\n}\n",
	  "F:2: there is no include yet: the whole configuration stands in one file\n" },
	/* a rule in a line of a pool */
	{ "line m {\n kind = modem\n device = virtual\n inactivity = 1m\n}\nservice pool {\n listen = 5\n "
	  "lines = m\n}\nservice other {\n listen = 6\n lines = m\n}",
	  "F:4: inactivity without listen; expected listen in this line, or inactivity in the service "
	  "\"pool\", which has this line\n" },
	{ "line m {\n kind = modem\n device = virtual\n inactivity = 1m\n}\nline n {\n kind = modem\n "
	  "device = virtual\n}\nservice pool {\n listen = 5\n lines = n\n}",
	  "F:4: inactivity without listen; expected listen in this line\n" },
	/* words of others */
	{ MODEM " timeout = 300\n}", "F:5: unknown key \"timeout\"; expected a key of a line; did you mean "
	  "\"inactivity\"?\n" },
	{ "service s {\n Idle_Timeout = 300\n}", "F:2: unknown key \"Idle_Timeout\"; expected a key of a "
	  "service; did you mean \"inactivity\"?\n" },
	{ "timeout = 300", "F:1: unknown key \"timeout\"; expected it inside a line or service, as "
	  "\"inactivity\"\n" },
	{ MODEM " baud = 9600\n}",
	  "F:5: unknown key \"baud\"; expected a key of a line; did you mean \"speed\"?\n" },
	{ "service s {\n baud = 9600\n}",
	  "F:2: unknown key \"baud\"; expected it inside a line, as \"speed\"\n" },
	{ MODEM " port = 2217\n}", "F:5: unknown key \"port\"; expected a key of a line; did you mean "
	  "listen = \"2217\"?\n" },
	{ "status {\n port = 80\n}", "F:2: unknown key \"port\"; expected a key of status; did you mean "
	  "listen = \"2217\"?\n" },
	{ MODEM " parity = none\n}", "F:5: unknown key \"parity\"; expected a key of a line; did you mean "
	  "format = \"8N1\"?\n" },
	{ MODEM " queue = true\n}", "F:5: unknown key \"queue\"; expected busy = \"queue\"\n" },
	{ MODEM " max-connections = 1\n}",
	  "F:5: unknown key \"max-connections\"; expected none: it is always 1\n" },
	{ "modem \"m\" {\n}",
	  "F:1: unknown key \"modem\"; expected line \"NAME\" { kind = \"modem\" ... }\n" },
	{ "serial = x", "F:1: unknown key \"serial\"; expected it inside a line, as \"device\"\n" },
	{ VIRTUAL " number 1 {\n type = x\n}\n}",
	  "F:5: unknown key \"type\"; expected it inside a line, as \"kind\"\n" },
	{ "user = nobody", "F:1: unknown key \"user\"; expected a key of the file; did you mean "
	  "\"run-as\"?\n" },
	{ MODEM " user = nobody\n}",
	  "F:5: unknown key \"user\"; expected it outside the line, as \"run-as\"\n" },
	{ MODEM " timeouts = 300\n}", "F:5: unknown key \"timeouts\"; expected a key of a line\n" },
	/* configurations of others */
	{ "%YAML 1.1\n---\n# one\nconnection: &con00\n    accepter: tcp,2217\n", "F:1" LOOKS("ser2net") },
	{ "# one\nconnection: &con00\n    accepter: telnet(rfc2217),tcp,2217\n"
	  "    connector: serialdev,/dev/ttyS0,9600n81,local\n", "F:2" LOOKS("ser2net") },
	{ "define: &banner hello\n\n  accepter: tcp,2217\n", "F:3" LOOKS("ser2net") },
	{ "BANNER:b:hello\n2217:telnet:600:/dev/ttyS0:9600 8DATABITS NONE 1STOPBIT\n",
	  "F:2" LOOKS("ser2net") },
	{ "localhost,2217:raw:0:/dev/ttyS0\r\n", "F:1" LOOKS("ser2net") },
	{ "0.0.0.0,2217:off:0:/dev/ttyS0", "F:1" LOOKS("ser2net") },
	{ "# one\ndefault full {\n  rw *;\n}\nconsole router {\n  master localhost;\n  type device;\n  "
	  "device /dev/ttyS0; baud 9600; parity none;\n}\n", "F:2" LOOKS("conserver") },
	{ "console router {\n  type device;\n}\n", "F:1" LOOKS("conserver") },
	{ "default full { rw *; }\n", "F:1" LOOKS("conserver") },
	{ "console \"router\" {\n kind = console;\n}\n", "F:2: no ; here: a value ends with its line\n" },
	{ "console router {\n}\n",
	  "F:1: unknown key \"console\"; expected line \"NAME\" { kind = \"console\" ... }\n" },
	{ "config;\n", "F:1: no ; here: a value ends with its line\n" },
	{ "#2217:telnet:600:/dev/ttyS0\nsped = 3\n",
	  "F:2: unknown key \"sped\"; expected a key of the file\n" },
	{ "2217:telnet:600\n", "F:1: unknown key \"2217:telnet:600\"; expected a key of the file\n" },
	{ "2217:telnet::/dev/ttyS0\n",
	  "F:1: unknown key \"2217:telnet::/dev/ttyS0\"; expected a key of the file\n" },
	{ "x:telnet:600:/d\n", "F:1: unknown key \"x:telnet:600:/d\"; expected a key of the file\n" },
	{ MODEM " sped = 5 m\n}", "F:5: unknown key \"sped\"; expected a key of a line; did you mean "
	  "\"speed\"?\n" },
};

START_TEST(says_what_is_wrong)
{
	ck_assert_msg(parse(texts[_i].text) == NULL, "taken:\n%s", texts[_i].text);
	ck_assert_str_eq(report.text, texts[_i].report);
}
END_TEST

/* ---- a key that was refused ---- */

/* In a line of a modem, and nothing is said but the error at the first of them. */
static const char *const alone[] = {
	"session-limit = x", "session-limit = 20000d inactivity = 1000d", "keepalive = { 0, 0, 0 }",
	"busy = que\n queue-wait = 1m\n inactivity-contended = 1m", "warning = x inactivity = 10s",
	"inactivity = x activity = both warning = 1h inactivity-in-call = 2h after-call = 2h",
	"say-why = x warning = 1m", "allow = { any, x } takeover = same-owner cool-down = 1m",
	"after-call = x inactivity = 0 inactivity-in-call = 0 activity = both",
	"inactivity = x\n busy = queue inactivity-contended = 1h", "queue-limit = x\n busy = queue",
	"init = H\n init-pause = 2s", "hangup = H\n guard-time = 1s", "hangup-time = x\n hangup = dtr",
};

START_TEST(says_no_more_of_what_is_wrong)
{
	char text[400];

	snprintf(text, sizeof text, MODEM " %s\n}", alone[_i]);
	ck_assert_ptr_null(parse(text));
	ck_assert_msg(report.errors == 1, "%s\n%s", text, report.text);
	ck_assert_msg(report.warnings == 0, "%s\n%s", text, report.text);
}
END_TEST

START_TEST(takes)
{
	static const char *const accepted[] = {
		/* a byte order mark */
		"\xef\xbb\xbf" MODEM "}", "\xef\xbb\xbf#\n" MODEM "}",
		/* keys that begin as a unit does */
		MODEM " inactivity = 0 warning = 10s\n}", MODEM " stall = 0 session-limit = 1h\n}",
		/* a line may have this name */
		"line include { kind = modem device = virtual }",
		"line include { kind = modem device = virtual }\nservice s { listen = 5 lines = include }",
		("line i { kind = modem device = virtual }\nline include { kind = modem device = virtual }\n"
		"service s { listen = 5 lines = { i, include } }"),
	};
	struct conf *c = parse_well(accepted[_i]);

	ck_assert_str_eq(report.text, "");
	conf_free(c);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("confmistakes");
	TCase *tc = tcase_create("confmistakes");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, says_what_was_meant, 0, COUNT(values));
	tcase_add_loop_test(tc, a_guess_is_right, 0, COUNT(values));
	tcase_add_loop_test(tc, says_what_is_wrong, 0, COUNT(texts));
	tcase_add_loop_test(tc, says_no_more_of_what_is_wrong, 0, COUNT(alone));
	tcase_add_loop_test(tc, takes, 0, 7);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
