/*
 * The table of keys: name, type, range and defaults of everything that a configuration file can
 * say.  The manual has the same table; tests/check_manual.c compares them.
 */
#include "conf/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conf/foreign.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define LONGEST (240000 * HOUR)
#define MIB (INT64_C(1) << 20)
#define WORDS_MAX (2 * CONF_KEYS_MAX + 4) /* of one section: keys, sections and the end */

#define IN_CONF(field) .of = CONF_OF_CONF, .at = offsetof(struct conf, field)
#define IN_LINE(field) .of = CONF_OF_LINE, .at = offsetof(struct conf_line, field)
#define IN_SETUP(field) .of = CONF_OF_SETUP, .at = offsetof(struct conf_setup, field)
#define IN_SERVICE(field) .of = CONF_OF_SERVICE, .at = offsetof(struct conf_service, field)
#define IN_RULES(field) .of = CONF_OF_RULES, .at = offsetof(struct conf_rules, field)
#define IN_NUMBER(field) .of = CONF_OF_NUMBER, .at = offsetof(struct conf_number, field)
#define BOTH(text) .modem = text, .console = text
#define RANGE(low, high) .min = low, .max = high
#define PROOF .modem_only = true, .proof = true
#define NOW .reload = CONF_RELOAD_NOW
#define HANDOVER .reload = CONF_RELOAD_HANDOVER
#define ENDS .reload = CONF_RELOAD_ENDS
#define CLIENTS .reload = CONF_RELOAD_CLIENTS
#define RESTART .reload = CONF_RELOAD_RESTART
#define OFF_OR(low, high) .off = true, RANGE(low, high)

static const char *const levels[] = { "error", "warning", "info", "debug", NULL };
static const char *const kinds[] = { "modem", "console", NULL };
static const char *const protocols[] = { "telnet", "raw", NULL };
static const char *const claims[] = { "use", "connect", NULL };
static const char *const activities[] = { "client", "both", "auto", NULL };
static const char *const picks[] = { "first", "round-robin", "least-used", NULL };
static const char *const busies[] = { "refuse", "queue", NULL };
static const char *const takeovers[] = { "off", "same-owner", NULL };

static const struct conf_key globals[] = {
	{ .name = "log-level", .type = CONF_WORD, IN_CONF(log_level), BOTH("info"),
	  .words = levels, NOW },
	{ .name = "control-socket", .type = CONF_PATH, IN_CONF(control_socket),
	  BOTH("/run/modemshare/control"), RESTART },
	{ .name = "state-directory", .type = CONF_PATH, IN_CONF(state_directory),
	  BOTH("/var/lib/modemshare"), RESTART },
	{ .name = "lock-directory", .type = CONF_PATH, IN_CONF(lock_directory),
	  BOTH("/run/lock"), RESTART },
	{ .name = "run-as", .type = CONF_USER, IN_CONF(run_as), BOTH(""), RESTART },
	{ .name = "max-clients", .type = CONF_COUNT, IN_CONF(max_clients), BOTH("1024"),
	  RANGE(1, 100000), NOW },
	{ .name = "max-clients-per-address", .type = CONF_COUNT, IN_CONF(max_clients_per_address),
	  BOTH("64"), RANGE(1, 100000), NOW },
	{ .name = "history-days", .type = CONF_COUNT, IN_CONF(history_days), BOTH("400"),
	  RANGE(0, 36500), NOW },
	{ .name = "history-size", .type = CONF_SIZE, IN_CONF(history_size), BOTH("256MiB"),
	  RANGE(4 * MIB, MIB * MIB), NOW },
};

static const struct conf_key page[] = {
	{ .name = "listen", .type = CONF_LISTEN, IN_CONF(status), RESTART },
};

static const struct conf_key lines[] = {
	/* kind comes first: the defaults of the others hang on it. */
	{ .name = "kind", .type = CONF_WORD, IN_SETUP(kind), .words = kinds, ENDS },
	{ .name = "device", .type = CONF_DEVICE, IN_LINE(device), ENDS },
	{ .name = "speed", .type = CONF_SPEED, IN_SETUP(format), BOTH("115200"),
	  RANGE(50, 4000000), HANDOVER },
	{ .name = "format", .type = CONF_FORMAT, IN_SETUP(format), BOTH("8N1"), HANDOVER },
	{ .name = "flow", .type = CONF_FLOW, IN_SETUP(format), .modem = "rtscts",
	  .console = "none", HANDOVER },
	{ .name = "hangup-time", .type = CONF_DURATION, IN_SETUP(hangup_time), .modem = "1s",
	  .console = "0", RANGE(0, 30 * SECOND), HANDOVER },
	{ .name = "dtr-when-free", .type = CONF_BOOL, IN_SETUP(dtr_when_free), BOTH("true"),
	  HANDOVER },
	{ .name = "break-time", .type = CONF_DURATION, IN_SETUP(break_time), BOTH("300ms"),
	  RANGE(10, 3 * SECOND), NOW },
	{ .name = "answer", .type = CONF_LISTEN, IN_SETUP(answer), .modem_only = true, ENDS },
	{ .name = "pace", .type = CONF_BOOL, IN_SETUP(pace), .modem = "false", .modem_only = true,
	  ENDS },
	{ .name = "host-sharing", .type = CONF_BOOL, IN_SETUP(host_sharing), BOTH("false"), ENDS },
	{ .name = "hangup", .type = CONF_HANGUP, IN_SETUP(hangup), .modem = "dtr escape ATH", PROOF,
	  HANDOVER },
	{ .name = "init", .type = CONF_INIT, IN_SETUP(init), .modem = "AT&F ATE1V1Q0S0=0X4&C1&D2",
	  PROOF, HANDOVER },
	{ .name = "init-timeout", .type = CONF_DURATION, IN_SETUP(init_timeout), .modem = "10s",
	  PROOF, RANGE(100, MINUTE), HANDOVER },
	{ .name = "init-pause", .type = CONF_DURATION, IN_SETUP(init_pause), .modem = "1s", PROOF,
	  RANGE(0, 30 * SECOND), HANDOVER },
	{ .name = "settle-time", .type = CONF_DURATION, IN_SETUP(settle_time), .modem = "2600ms",
	  PROOF, RANGE(0, 30 * SECOND), HANDOVER },
	{ .name = "carrier-timeout", .type = CONF_DURATION, IN_SETUP(carrier_timeout), .modem = "5s",
	  PROOF, RANGE(100, MINUTE), HANDOVER },
	{ .name = "guard-time", .type = CONF_DURATION, IN_SETUP(guard_time), .modem = "1100ms",
	  PROOF, RANGE(20, 10 * SECOND), HANDOVER },
	{ .name = "attempts", .type = CONF_COUNT, IN_SETUP(attempts), .modem = "2", PROOF,
	  RANGE(1, 10), HANDOVER },
	{ .name = "retest", .type = CONF_DURATION, IN_SETUP(retest), .modem = "30s", PROOF,
	  RANGE(SECOND, 10 * MINUTE), HANDOVER },
};

static const struct conf_key services[] = {
	{ .name = "listen", .type = CONF_LISTEN, IN_SERVICE(listen), NOW },
	{ .name = "lines", .type = CONF_LINES, IN_SERVICE(lines), .pool = true, NOW },
	{ .name = "pick", .type = CONF_WORD, IN_RULES(pick), BOTH("first"), .words = picks,
	  .pool = true, NOW },
	{ .name = "protocol", .type = CONF_WORD, IN_RULES(protocol), BOTH("telnet"),
	  .words = protocols, CLIENTS },
	{ .name = "allow", .type = CONF_ALLOW, IN_RULES(allow), BOTH("loopback"), CLIENTS },
	{ .name = "claim", .type = CONF_WORD, IN_RULES(claim), BOTH("use"), .words = claims,
	  CLIENTS },
	{ .name = "claim-timeout", .type = CONF_DURATION, IN_RULES(claim_timeout), BOTH("30s"),
	  OFF_OR(SECOND, HOUR), CLIENTS },
	{ .name = "busy", .type = CONF_WORD, IN_RULES(busy), BOTH("refuse"), .words = busies,
	  CLIENTS },
	{ .name = "queue-limit", .type = CONF_COUNT, IN_RULES(queue_limit), BOTH("8"),
	  RANGE(0, 64), CLIENTS },
	{ .name = "queue-wait", .type = CONF_DURATION, IN_RULES(queue_wait), BOTH("10m"),
	  OFF_OR(SECOND, LONGEST), CLIENTS },
	{ .name = "show-owner", .type = CONF_BOOL, IN_RULES(show_owner), BOTH("true"), NOW },
	{ .name = "say-why", .type = CONF_BOOL, IN_RULES(say_why), BOTH("true"), NOW },
	{ .name = "inactivity", .type = CONF_DURATION, IN_RULES(inactivity), .modem = "5m",
	  .console = "30m", OFF_OR(SECOND, LONGEST), NOW },
	{ .name = "inactivity-in-call", .type = CONF_DURATION, IN_RULES(inactivity_in_call),
	  .modem = "15m", .modem_only = true, OFF_OR(SECOND, LONGEST), NOW },
	{ .name = "inactivity-contended", .type = CONF_DURATION,
	  IN_RULES(inactivity_contended), BOTH("2m"), OFF_OR(SECOND, LONGEST), NOW },
	{ .name = "after-call", .type = CONF_DURATION, IN_RULES(after_call), .modem = "60s",
	  .modem_only = true, OFF_OR(SECOND, LONGEST), NOW },
	{ .name = "session-limit", .type = CONF_DURATION, IN_RULES(session_limit),
	  .modem = "12h", .console = "0", OFF_OR(SECOND, LONGEST), NOW },
	{ .name = "warning", .type = CONF_DURATION, IN_RULES(warning), BOTH("30s"),
	  OFF_OR(SECOND, HOUR), NOW },
	{ .name = "activity", .type = CONF_WORD, IN_RULES(activity), .modem = "auto",
	  .console = "both", .words = activities, NOW },
	{ .name = "cool-down", .type = CONF_DURATION, IN_RULES(cool_down), BOTH("60s"),
	  OFF_OR(SECOND, HOUR), NOW },
	{ .name = "takeover", .type = CONF_WORD, IN_RULES(takeover), BOTH("off"),
	  .words = takeovers, CLIENTS },
	{ .name = "keepalive", .type = CONF_KEEPALIVE, IN_RULES(keepalive), BOTH("30 10 3"),
	  NOW },
	{ .name = "stall", .type = CONF_DURATION, IN_RULES(stall), BOTH("60s"),
	  OFF_OR(SECOND, HOUR), CLIENTS },
	{ .name = "drain", .type = CONF_DURATION, IN_RULES(drain), BOTH("1s"),
	  RANGE(0, MINUTE), NOW },
};

static const struct conf_key numbers[] = {
	{ .name = "to", .type = CONF_TO, IN_NUMBER(to), NOW },
};

#define TABLE(array, name) { array, sizeof array / sizeof array[0], name }

const struct conf_table conf_globals = TABLE(globals, NULL);
const struct conf_table conf_lines = TABLE(lines, "line");
const struct conf_table conf_services = TABLE(services, "service");
const struct conf_table conf_numbers = TABLE(numbers, "number");
const struct conf_table conf_status = TABLE(page, "status");

_Static_assert(sizeof lines / sizeof lines[0] <= CONF_KEYS_MAX, "a line has more keys");
_Static_assert(sizeof services / sizeof services[0] <= CONF_KEYS_MAX, "a service has more keys");

bool
conf_is_list(const struct conf_key *key)
{
	switch (key->type) {
	case CONF_LISTEN:
	case CONF_ALLOW:
	case CONF_KEEPALIVE:
	case CONF_HANGUP:
	case CONF_INIT:
	case CONF_LINES:
		return true;
	default:
		return false;
	}
}

int
conf_find(const struct conf_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->n; i++)
		if (strcmp(table->keys[i].name, name) == 0)
			return (int)i;
	return -1;
}

const struct conf_key *
conf_duration_key(const char *name)
{
	int line = conf_find(&conf_lines, name), service = conf_find(&conf_services, name);
	const struct conf_key *key = line >= 0 ? &conf_lines.keys[line] :
	    service >= 0 ? &conf_services.keys[service] : NULL;

	return key != NULL && key->type == CONF_DURATION ? key : NULL;
}

/* ---- what an unknown key may have been meant to be: a word that is near, or a key of another section ---- */

static size_t
add_words(const struct conf_table *table, bool in_line, const char **words)
{
	size_t i, n = 0;

	for (i = 0; i < table->n; i++)
		if (!in_line || !table->keys[i].pool)
			words[n++] = table->keys[i].name;
	return n;
}

/* Every word that may begin something in this section, NULL-terminated. */
static void
words_of(const struct conf_table *table, const char *words[static WORDS_MAX])
{
	size_t n = add_words(table, false, words);

	if (table == &conf_lines) {
		n += add_words(&conf_services, true, words + n);
		words[n++] = "number";
	} else if (table == &conf_globals) {
		words[n++] = "line";
		words[n++] = "service";
		words[n++] = "status";
	}
	words[n] = NULL;
}

/* Where else a key would be right, or NULL. */
static const char *
better_place(const struct conf_table *table, const char *key)
{
	int service = conf_find(&conf_services, key);
	bool pool = service >= 0 && conf_services.keys[service].pool;

	if (table != &conf_globals && conf_find(&conf_globals, key) >= 0)
		return table == &conf_lines ? "outside the line" : table == &conf_services ?
		    "outside the service" : table == &conf_status ? "outside status" :
		    "outside the number";
	if (pool)
		return "inside a service";
	if ((table == &conf_globals || table == &conf_status) && service >= 0)
		return "inside a line or service";
	if (table != &conf_lines && conf_find(&conf_lines, key) >= 0)
		return "inside a line";
	return NULL;
}

static bool
is_section(const char *word)
{
	return strcmp(word, "line") == 0 || strcmp(word, "service") == 0 ||
	    strcmp(word, "status") == 0;
}

/* A word of another program: what says the same here, and where. */
static void
foreign_word(struct conf_messages *m, int line, const struct conf_table *table, const char *where,
    const char *key, const struct conf_foreign *foreign)
{
	const char *words[WORDS_MAX], *place, *as = foreign->as;
	size_t i;

	if (foreign->key == NULL) {
		conf_error(m, line, "unknown key \"%s\"; expected %s", key, as);
		return;
	}
	words_of(table, words);
	for (i = 0; words[i] != NULL && strcmp(words[i], foreign->key) != 0; i++)
		;
	place = better_place(table, foreign->key);
	if (words[i] == NULL && place != NULL)
		conf_error(m, line, "unknown key \"%s\"; expected it %s, as \"%s\"", key, place,
		    foreign->key);
	else if (as == NULL)
		conf_error(m, line, "unknown key \"%s\"; expected %s; did you mean \"%s\"?", key,
		    where, foreign->key);
	else
		conf_error(m, line, "unknown key \"%s\"; expected %s; did you mean %s = \"%s\"?", key,
		    where, foreign->key, as);
}

/* One of the words, written as YAML has it. */
static bool
is_with_colon(const char *key, const char *const *words)
{
	size_t n = strlen(key), i;

	if (n < 2 || key[n - 1] != ':')
		return false;
	for (i = 0; words[i] != NULL; i++)
		if (strlen(words[i]) == n - 1 && memcmp(words[i], key, n - 1) == 0)
			return true;
	return false;
}

void
conf_unknown_key(struct conf_messages *m, int line, const struct conf_table *table,
    const char *key)
{
	const struct conf_foreign *foreign = conf_foreign_word(key);
	const char *words[WORDS_MAX], *near, *place = better_place(table, key);
	char where[64];

	snprintf(where, sizeof where, "a key of %s%s", table->section == NULL ? "the file" :
	    table == &conf_status ? "" : "a ", table->section != NULL ? table->section : "");
	words_of(table, words);
	near = text_nearest(key, words);
	if (is_with_colon(key, words))
		conf_error(m, line, "unknown key \"%s\"; expected %.*s = VALUE", key,
		    (int)strlen(key) - 1, key);
	else if (table != &conf_globals && is_section(key))
		conf_error(m, line, "unknown key \"%s\"; expected \"}\" before it", key);
	else if (place != NULL)
		conf_error(m, line, "unknown key \"%s\"; expected it %s", key, place);
	else if (foreign != NULL)
		foreign_word(m, line, table, where, key, foreign);
	else if (near != NULL)
		conf_error(m, line, "unknown key \"%.100s\"; expected %s; did you mean "
		    "\"%s\"?", key, where, near);
	else
		conf_error(m, line, "unknown key \"%.100s\"; expected %s", key, where);
}
