/*
 * The values of every key of a configuration: its borders, and what is wrong beside them.
 */
#include "conf/parts.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "conftext.h"

static const struct {
	const char *key, *good[4], *bad[12];
} values[] = {
	{ "log-level", { "error", "warning", "info", "debug" }, { "1", "Info", "\"\"", "infos" } },
	{ "control-socket", { "\"\"", "/a", "'/a b'" }, { "a", "./a", "\" /a\"" } },
	{ "state-directory", { "\"\"", "/a" }, { "a" } },
	{ "lock-directory", { "\"\"", "/a" }, { "a" } },
	{ "run-as", { "\"\"", "modemshare", "user.1_-" }, { "\"a b\"", "\"a:b\"", "/a",
	  "a23456789012345678901234567890123" } },
	{ "max-clients", { "1", "100000" }, { "0", "100001", "-1", "1x", "\"\"", "0x10", "1e3",
	  "9999999999", "18446744073709551617" } },
	{ "max-clients-per-address", { "1", "100000" }, { "0", "100001" } },
	{ "history-days", { "0", "1", "36500" }, { "36501", "-1", "1d", "400.0" } },
	{ "history-size", { "4MiB", "\"256 MiB\"", "1T", "4096K" }, { "0", "4095KiB", "1025GiB", "256", "4MB", "4m", "\"\"",
	  "4 MiB", "-4M", "max" } },
	{ "kind", { "console" }, { "Modem", "fax", "\"\"" } },
	{ "speed", { "50", "4000000", "31250" }, { "49", "4000001", "9600.5", "9k6", "\"\"" } },
	{ "format", { "7E2", "8M1" }, { "4N1", "9N1", "8N", "8N3", "8n1", "\"8N1 \"", "N81", "81N",
	  "\"\"", "8", "8N1.5", "8N11" } },
	{ "flow", { "rtscts", "xonxoff", "none" }, { "dtrdsr", "hard", "\"\"" } },
	{ "hangup-time", { "0", "1ms", "30s" }, { "30001ms", "1", "-1s", "off" } },
	{ "break-time", { "10ms", "3s", "300ms" }, { "9ms", "3001ms", "0", "300", "\"\"" } },
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
	{ "answer", { "5", "{ \"127.0.0.1:5\", 6 }" }, { "x", "65536" } },
	{ "pace", { "true", "false" }, { "yes" } },
	{ "inactivity-in-call", { "0", "1s", "10000d" }, { "999ms", "10000d1s" } },
	{ "after-call", { "0", "1s", "10000d" }, { "999ms", "10000d1s" } },
	/* bringing a modem back */
	{ "host-sharing", { "true", "false" }, { "maybe" } },
	{ "hangup", { "dtr", "{ escape, ATH0, \"at+chup\" }", "\"AT~ yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"" },
	  { "DTR", "\"\"", "{ dtr, hup }", "A", "H", "\"AT\xc3\xa4\"", "\" ATH\"", "ATxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" } },
	{ "init", { "{ }", "ATZ", "{ atz, aTE1, \"AT&C1 &D2\" }" },
	  { "\"\"", "{ ATZ, dtr }", "escape", "\"\"", "\"A\"", "{ ATZ, \"+CMEE\" }" } },
	{ "init-timeout", { "100ms", "1m" }, { "0", "99ms", "60001ms" } },
	{ "init-pause", { "0", "1ms", "30s" }, { "30001ms", "1" } },
	{ "settle-time", { "0", "1ms", "30s" }, { "30001ms" } },
	{ "carrier-timeout", { "100ms", "1m" }, { "0", "99ms", "60001ms" } },
	{ "guard-time", { "20ms", "10s" }, { "0", "19ms", "10001ms" } },
	{ "attempts", { "1", "10" }, { "0", "11", "two" } },
	{ "retest", { "1s", "10m" }, { "0", "999ms", "601s" } },
	/* pools and queues */
	{ "lines", { "l", "{ \"l\" }" }, { "k", "{ l, k }", "{ l, l }", "\"\"" } },
	{ "pick", { "first", "round-robin", "least-used" }, { "any", "last" } },
	{ "busy", { "refuse", "queue" }, { "wait", "\"\"" } },
	{ "queue-limit", { "0", "1", "64" }, { "65", "-1", "all" } },
	{ "queue-wait", { "0", "1s", "10000d" }, { "999ms", "10" } },
	{ "inactivity-contended", { "0", "1s", "10000d" }, { "999ms", "2" } },
	{ "cool-down", { "0", "1s", "1h" }, { "999ms", "3601s" } },
	{ "takeover", { "off", "same-owner" }, { "on", "same-user" } },
};

static const struct conf_key *
key_of(const char *name)
{
	static const struct conf_table *const tables[] = { &conf_globals, &conf_lines,
		&conf_services };
	size_t t;
	int i;

	for (t = 0; t < 3; t++)
		if ((i = conf_find(tables[t], name)) >= 0)
			return &tables[t]->keys[i];
	ck_abort_msg("%s is no key", name);
	return NULL;
}

/* A file in which only this key stands beside what it needs. */
static void
with_key(char *text, size_t cap, const char *name, const char *value)
{
	const struct conf_key *key = key_of(name);
	bool virtual = key->modem_only && key->of == CONF_OF_SETUP && !key->proof;
	char set[120];

	snprintf(set, sizeof set, "%s = %s\n", name, value);
	if (key->pool)
		snprintf(text, cap, "line l { kind = console device = \"/d\" }\nservice s {\nlisten = 1\n"
		    "%s%s}\n", key->type == CONF_LINES ? "" : "lines = l\n", set);
	else
		snprintf(text, cap, "%sline l {\ndevice = %s\n%s%s%s}\n",
		    key->of == CONF_OF_CONF ? set : "", virtual ? "virtual" : "\"/d\"",
		    strcmp(name, "kind") == 0 ? "" : key->modem_only ? "kind = modem\n" :
		    "kind = console\n", strcmp(name, "listen") == 0 ? "" : "listen = 1\n",
		    key->of == CONF_OF_CONF ? "" : set);
}

/* "F:LINE: KEY " for a text of with_key(). */
static void
begin_of_message(char *dst, size_t cap, const char *text, const char *name)
{
	char key[60];
	const char *at, *p;
	int line = 1;

	snprintf(key, sizeof key, "%s = ", name);
	at = strstr(text, key);
	ck_assert_ptr_nonnull(at);
	for (p = text; p < at; p++)
		line += *p == '\n';
	snprintf(dst, cap, "F:%d: %s ", line, name);
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
		begin_of_message(begin, sizeof begin, text, values[_i].key);
		if (strchr(values[_i].bad[i], ' ') == NULL || values[_i].bad[i][0] == '{' ||
		    values[_i].bad[i][0] == '"')
			ck_assert_msg(strncmp(report.text, begin, strlen(begin)) == 0, "%s%s",
			    report.text, begin);
	}
}
END_TEST

/* The table above forgets no key. */
START_TEST(every_key_has_values)
{
	const struct conf_table *tables[] = { &conf_globals, &conf_lines, &conf_services };
	size_t t, i, k;
	bool found;

	for (t = 0; t < 3; t++)
		for (i = 0; i < tables[t]->n; i++) {
			const struct conf_key *key = &tables[t]->keys[i];

			found = key->type == CONF_DEVICE;
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
	Suite *suite = suite_create("confvalues");
	TCase *tc = tcase_create("confvalues");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, values_good_and_bad, 0, COUNT(values));
	tcase_add_test(tc, every_key_has_values);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
