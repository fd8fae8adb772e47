/*
 * From a value as it stands in the file to a field of struct conf, one function for each type.
 */
#include "conf/parts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf/guess.h"
#include "conf/lists.h"

#define EXPECTED_MAX 160
#define SHOWN_MAX 100
#define CUT "..."
#define HOST_MAX 253 /* longest name of a host */

/* What is being set; every setter gets it. */
struct setting {
	struct conf_messages *messages;
	const struct conf_key *key;
	const struct conf_value *const *values;
	size_t n;
	struct conf_target *target;
};

static const char *const no_words[] = { NULL };
static const char *const booleans[] = { "false", "true", NULL };
static const char *const devices[] = { "virtual", "loopback", NULL };
static const char *const ways[] = { "dtr", "escape", NULL };
static const char *const flows[] = { "none", "xonxoff", "rtscts", NULL };

static void *
field(const struct setting *s)
{
	const struct conf_target *t = s->target;
	char *base[] = {
		[CONF_OF_CONF] = (char *)t->conf, [CONF_OF_LINE] = (char *)t->line,
		[CONF_OF_SETUP] = t->line != NULL ? (char *)t->line->setup : NULL,
		[CONF_OF_SERVICE] = (char *)t->service,
		[CONF_OF_RULES] = t->service != NULL ? (char *)t->service->rules : NULL,
		[CONF_OF_NUMBER] = (char *)t->number
	};

	return base[s->key->of] + s->key->at;
}

/* KEY = "VALUE"; expected WHAT; did you mean GUESS?  Returns false for the setters. */
static bool
wrong_guess(struct setting *s, size_t i, const char *expected, const char *guess)
{
	const struct conf_value *v = s->values[i];
	bool command = s->key->type == CONF_INIT || s->key->type == CONF_HANGUP;
	size_t n = command ? strcspn(v->text, "=") : strlen(v->text);
	char shown[SHOWN_MAX];

	text_vis(shown, sizeof shown - sizeof CUT + 1, v->text, n);
	if (v->text[n] != '\0') /* what a modem is told may be a password, and the log has this */
		strcat(shown, CUT);
	if (guess != NULL)
		conf_error(s->messages, v->line, "%s = \"%s\"; expected %s; did you mean %s?",
		    s->key->name, shown, expected, guess);
	else
		conf_error(s->messages, v->line, "%s = \"%s\"; expected %s", s->key->name, shown,
		    expected);
	return false;
}

/* The same with the nearest of words. */
static bool
wrong(struct setting *s, size_t i, const char *expected, const char *const *words)
{
	const char *near = text_nearest(s->values[i]->text, words);
	char quoted[SHOWN_MAX];

	if (near != NULL)
		snprintf(quoted, sizeof quoted, "\"%s\"", near);
	return wrong_guess(s, i, expected, near != NULL ? quoted : NULL);
}

static bool
no_memory(struct setting *s)
{
	conf_no_memory(s->messages, s->values[0]->line);
	return false;
}

/* Words as "A, B or C". */
static const char *
list_words(char dst[static EXPECTED_MAX], const char *const *words)
{
	size_t used = 0, i;
	const char *between;

	for (i = 0; words[i] != NULL; i++) {
		between = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";
		used += (size_t)snprintf(dst + used, EXPECTED_MAX - used, "%s%s", between,
		    words[i]);
	}
	return dst;
}

static int
index_of(const char *word, const char *const *words)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* 1 to 9 digits and nothing else; -1 for anything else. */
static long
read_count(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n <= 9 && s[n] == '\0' ? strtol(s, NULL, 10) : -1;
}

static bool
set_duration(struct setting *s)
{
	const struct conf_key *k = s->key;
	char expected[EXPECTED_MAX], low[TEXT_DURATION], high[TEXT_DURATION], guess[CONF_GUESS];
	const char *text = s->values[0]->text;
	int64_t ms;

	if (text_parse_duration(text, &ms) != 0)
		return wrong_guess(s, 0, "a duration as 30s, 5m or 1h30m (d, h, m, s, ms)",
		    conf_guess_duration(guess, text, k));
	if ((ms >= k->min && ms <= k->max) || (k->off && ms == 0)) {
		*(int64_t *)field(s) = ms;
		return true;
	}
	snprintf(expected, sizeof expected, "a duration from %s to %s%s",
	    text_duration(low, k->min), text_duration(high, k->max), k->off ? ", or 0" : "");
	return wrong(s, 0, expected, no_words);
}

static bool
set_size(struct setting *s)
{
	const struct conf_key *k = s->key;
	char expected[EXPECTED_MAX], low[TEXT_SIZE], high[TEXT_SIZE];
	int64_t bytes;

	if (text_parse_size(s->values[0]->text, &bytes) == 0 && bytes >= k->min && bytes <= k->max) {
		*(int64_t *)field(s) = bytes;
		return true;
	}
	snprintf(expected, sizeof expected, "a size from %s to %s (KiB, MiB, GiB, TiB)",
	    text_size(low, k->min), text_size(high, k->max));
	return wrong(s, 0, expected, no_words);
}

/* A count within the key's range, or false with the error written down. */
static bool
take_count(struct setting *s, long *count)
{
	char expected[EXPECTED_MAX];

	*count = read_count(s->values[0]->text);
	if (*count >= s->key->min && *count <= s->key->max)
		return true;
	snprintf(expected, sizeof expected, "a number from %lld to %lld", (long long)s->key->min,
	    (long long)s->key->max);
	return wrong(s, 0, expected, no_words);
}

static bool
set_count(struct setting *s)
{
	long count;

	if (!take_count(s, &count))
		return false;
	*(size_t *)field(s) = (size_t)count;
	return true;
}

static bool
set_speed(struct setting *s)
{
	struct rfc2217_format *f = field(s);
	long count;

	if (!take_count(s, &count))
		return false;
	f->baud = (uint32_t)count;
	return true;
}

/* The index of the value among words, or -1 with the error written down. */
static int
take_word(struct setting *s, const char *const *words)
{
	char expected[EXPECTED_MAX];
	int i = index_of(s->values[0]->text, words);

	if (i < 0)
		wrong(s, 0, list_words(expected, words), words);
	return i;
}

static bool
set_bool(struct setting *s)
{
	int i = take_word(s, booleans);

	*(bool *)field(s) = i > 0;
	return i >= 0;
}

/* Every enum of struct conf is as large as an int; log_level is one. */
_Static_assert(sizeof(enum conf_kind) == sizeof(int), "an enum is an int");

static bool
set_word(struct setting *s)
{
	int i = take_word(s, s->key->words);

	if (i >= 0)
		memcpy(field(s), &i, sizeof i);
	return i >= 0;
}

static bool
set_string(struct setting *s, char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	return *to != NULL || no_memory(s);
}

static bool
set_path(struct setting *s)
{
	const char *text = s->values[0]->text;

	if (text[0] != '\0' && text[0] != '/')
		return wrong(s, 0, "a path that begins with \"/\", or \"\" for none", no_words);
	return set_string(s, field(s), text);
}

static bool
set_user(struct setting *s)
{
	const char *text = s->values[0]->text;

	if (text[0] != '\0' && !conf_is_name(text))
		return wrong(s, 0, "the name of a user, or \"\" for none", no_words);
	return set_string(s, field(s), text);
}

/* /dev/pts/3, however it is written. */
static bool
is_pty_number(const char *path)
{
	static const char *const parts[] = { "dev", "pts", "" };
	size_t i = 0, n;

	for (; *path != '\0'; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && *path == '.'))
			continue;
		if (i == 2 ? strspn(path, "0123456789") != n :
		    i > 2 || strlen(parts[i]) != n || memcmp(path, parts[i], n) != 0)
			return false;
		i++;
	}
	return i == 3;
}

static bool
set_device(struct setting *s)
{
	static const enum conf_device types[] = { CONF_VIRTUAL, CONF_LOOPBACK };
	const char *text = s->values[0]->text;
	int i = index_of(text, devices);

	if (i >= 0) {
		s->target->line->setup->type = types[i];
		return true;
	}
	if (text[0] != '/')
		return wrong(s, 0, "a path that begins with \"/\", \"virtual\" or \"loopback\"",
		    devices);
	if (is_pty_number(text))
		return wrong(s, 0, "a link to it, made by the program behind it: the number may be another "
		    "terminal's next", no_words);
	s->target->line->setup->type = CONF_SERIAL;
	return set_string(s, field(s), text);
}

/* 5-8, one of NOEMS, 1, 2 or 1.5: the last with 5 data bits only. */
static bool
read_format(const char *t, struct rfc2217_format *f)
{
	static const char parities[] = "NOEMS";
	const char *parity;
	uint8_t stop;

	parity = t[0] >= '5' && t[0] <= '8' && t[1] != '\0' ? strchr(parities, t[1]) : NULL;
	if (parity == NULL)
		stop = 0;
	else if (strcmp(t + 2, "1.5") == 0)
		stop = t[0] == '5' ? RFC2217_STOP_15 : 0;
	else
		stop = strcmp(t + 2, "1") == 0 ? RFC2217_STOP_1 :
		    strcmp(t + 2, "2") == 0 ? RFC2217_STOP_2 : 0;
	if (stop == 0)
		return false;
	f->datasize = (uint8_t)(t[0] - '0');
	f->parity = (uint8_t)(RFC2217_NONE + (parity - parities));
	f->stopsize = stop;
	return true;
}

static bool
set_format(struct setting *s)
{
	const char *text = s->values[0]->text;
	struct rfc2217_format meant;
	char capital[sizeof "8N1.5"];
	size_t i;

	if (read_format(text, field(s)))
		return true;
	for (i = 0; i < sizeof capital - 1 && text[i] != '\0'; i++)
		capital[i] = (char)toupper((unsigned char)text[i]);
	capital[i] = '\0';
	return wrong_guess(s, 0, "5 to 8, then N, O, E, M or S, then 1 or 2 (with 5 also 1.5), as 8N1",
	    text[i] == '\0' && read_format(capital, &meant) ? capital : NULL);
}

static bool
set_flow(struct setting *s)
{
	struct rfc2217_format *f = field(s);
	int i = take_word(s, flows);

	if (i < 0)
		return false;
	/* Both directions: RFC 2217's values stand in the order of flows. */
	f->outflow = (uint8_t)(RFC2217_OUT_NONE + i);
	f->inflow = (uint8_t)(RFC2217_IN_NONE + i);
	return true;
}

static void
make_address(struct conf_listen *l, const void *address, int family, long port)
{
	struct sockaddr_in *v4 = &l->address.v4;
	struct sockaddr_in6 *v6 = &l->address.v6;

	memset(l, 0, sizeof *l);
	l->address.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		memcpy(&v4->sin_addr, address, sizeof v4->sin_addr);
		v4->sin_port = htons((uint16_t)port);
		l->length = sizeof *v4;
	} else {
		memcpy(&v6->sin6_addr, address, sizeof v6->sin6_addr);
		v6->sin6_port = htons((uint16_t)port);
		l->length = sizeof *v6;
	}
}

/* Writes one or two addresses and returns how many, or 0 for something else than an address. */
static size_t
read_listen(const char *text, struct conf_listen l[static 2])
{
	const char *colon = strrchr(text, ':'), *from = text, *to = colon;
	unsigned char address[16];
	char host[INET6_ADDRSTRLEN];
	struct in_addr v4 = { htonl(INADDR_LOOPBACK) };
	long port = read_count(colon != NULL ? colon + 1 : text);
	int family = text[0] == '[' ? AF_INET6 : AF_INET;

	if (port < 0 || port > 65535)
		return 0;
	if (colon == NULL) {
		make_address(&l[0], &v4, AF_INET, port);
		make_address(&l[1], &in6addr_loopback, AF_INET6, port);
		l[1].optional = true;
		return 2;
	}
	if (family == AF_INET6 && (*--to != ']' || ++from > to))
		return 0;
	if ((size_t)(to - from) >= sizeof host)
		return 0;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	if (inet_pton(family, host, address) != 1)
		return 0;
	make_address(&l[0], address, family, port);
	return 1;
}

static bool
set_listen(struct setting *s)
{
	struct conf_listen **all = field(s);
	size_t *used = s->key->of == CONF_OF_SETUP ? &s->target->line->setup->n_answer :
	    s->key->of == CONF_OF_CONF ? &s->target->conf->n_status :
	    &s->target->service->n_listen, i, n;
	char guess[CONF_GUESS];

	if (s->n > CONF_LISTEN_MAX)
		return wrong(s, CONF_LISTEN_MAX, "at most 64 addresses", no_words);
	*all = calloc(2 * s->n, sizeof **all);
	if (*all == NULL)
		return no_memory(s);
	for (i = 0; i < s->n; i++) {
		n = read_listen(s->values[i]->text, *all + *used);
		if (n == 0)
			return wrong(s, i, conf_guess_listen(guess, s->values[i]->text), no_words);
		*used += n;
	}
	return true;
}

static bool
read_allow(struct setting *s, struct acl **acl)
{
	static const char *const words[] = { "any", "loopback", NULL };
	const char *expected, *text, *meant;
	char guess[CONF_GUESS];
	size_t i;

	if (s->n == 1 && strcmp(s->values[0]->text, "loopback") == 0)
		return true; /* the default, which is to cost nothing: NULL */
	*acl = acl_new();
	if (*acl == NULL)
		return no_memory(s);
	for (i = 0; i < s->n; i++) {
		text = s->values[i]->text;
		if (acl_add(*acl, text, &expected) == 0)
			continue;
		meant = conf_guess_allow(guess, text);
		return meant != NULL ? wrong_guess(s, i, expected, meant) : wrong(s, i, expected, words);
	}
	return true;
}

/* It holds for those who ring a virtual modem, too. */
static bool
set_allow(struct setting *s)
{
	struct conf_line *line = s->target->line;

	return read_allow(s, field(s)) &&
	    (line == NULL || line->setup->type != CONF_VIRTUAL || read_allow(s, &line->setup->allow));
}

static bool
set_keepalive(struct setting *s)
{
	static const char *const expected[] = {
		"0 (off) or the seconds idle, 1 to 32767", "the seconds between probes, 1 to 32767",
		"the number of probes, 1 to 127"
	};
	static const int min[] = { 0, 1, 1 }, max[] = { 32767, 32767, 127 };
	struct conf_keepalive *k = field(s);
	int *to[] = { &k->idle, &k->interval, &k->probes };
	long count;
	size_t i;

	for (i = 0; i < s->n && i < 3; i++) {
		count = read_count(s->values[i]->text);
		if (count < min[i] || count > max[i])
			return wrong(s, i, expected[i], no_words);
		*to[i] = (int)count;
	}
	if (s->n == 3)
		return true;
	conf_error(s->messages, s->values[s->n - 1]->line,
	    "keepalive has %zu values; expected three: seconds idle, seconds between probes, "
	    "probes", s->n);
	return false;
}

/* ---- where a number of a phone book leads ---- */

enum read { READ, READ_WRONG, READ_NO_MEMORY };

static const char *const destinations[] = { "echo", "line:NAME", "tcp:HOST:PORT", "telnet:HOST:PORT",
	"busy", "no-answer", "no-dialtone", "no-carrier", NULL };

/* In the order of the words; those with a colon in them take something behind it. */
static const enum conf_dial destination_kinds[] = { CONF_DIAL_ECHO, CONF_DIAL_LINE, CONF_DIAL_TCP,
	CONF_DIAL_TELNET, CONF_DIAL_BUSY, CONF_DIAL_NO_ANSWER, CONF_DIAL_NO_DIALTONE,
	CONF_DIAL_NO_CARRIER };

/* HOST:PORT or [V6]:PORT; the host is a name or an address, which only the look-up can tell. */
static enum read
read_host(const char *text, struct conf_number *number)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	const char *colon = strrchr(text, ':'), *end;
	size_t n, digits;
	long port;

	if (colon == NULL)
		return READ_WRONG;
	digits = strspn(colon + 1, "0123456789");
	if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
		return READ_WRONG;
	port = strtol(colon + 1, NULL, 10);
	if (text[0] == '[') {
		n = strspn(++text, "0123456789abcdefABCDEF:.");
		end = text[n] == ']' ? text + n + 1 : text;
	} else {
		n = strspn(text, letters);
		end = text + n;
	}
	if (port < 1 || port > 65535 || n == 0 || n > HOST_MAX || end != colon)
		return READ_WRONG;
	number->port = (uint16_t)port;
	free(number->host);
	number->host = strndup(text, n);
	return number->host != NULL ? READ : READ_NO_MEMORY;
}

static enum read
read_destination(const char *text, struct conf_number *number)
{
	const char *word, *colon;
	size_t i, n;

	for (i = 0; destinations[i] != NULL; i++) {
		word = destinations[i];
		colon = strchr(word, ':');
		n = colon != NULL ? (size_t)(colon - word) + 1 : strlen(word) + 1;
		if (strncmp(text, word, n) != 0)
			continue;
		number->to = destination_kinds[i];
		if (colon == NULL)
			return READ;
		if (destination_kinds[i] != CONF_DIAL_LINE)
			return read_host(text + n, number);
		if (!conf_is_name(text + n))
			return READ_WRONG;
		free(number->line);
		number->line = strdup(text + n);
		return number->line != NULL ? READ : READ_NO_MEMORY;
	}
	return READ_WRONG;
}

static bool
set_to(struct setting *s)
{
	char expected[EXPECTED_MAX];

	switch (read_destination(s->values[0]->text, s->target->number)) {
	case READ:
		return true;
	case READ_NO_MEMORY:
		return no_memory(s);
	default:
		return wrong(s, 0, list_words(expected, destinations), destinations);
	}
}

static bool
set_commands(struct setting *s)
{
	bool hangs_up = s->key->type == CONF_HANGUP;
	struct conf_setup *setup = s->target->line->setup;
	const char ***to = field(s), *text;
	size_t i;

	if (s->n > CONF_COMMANDS_MAX)
		return wrong(s, CONF_COMMANDS_MAX, "at most 16 of them", no_words);
	for (i = 0; i < s->n; i++) {
		text = s->values[i]->text;
		if (hangs_up && index_of(text, ways) < 0 && !conf_is_command(text))
			return wrong(s, i, "dtr, escape or an AT command, at most 64 printable "
			    "characters of ASCII", ways);
		if (!hangs_up && !conf_is_command(text))
			return wrong(s, i, "an AT command, at most 64 printable characters of ASCII",
			    no_words);
	}
	if (s->n > 0 && (*to = conf_texts(s->values, s->n)) == NULL)
		return no_memory(s);
	*(hangs_up ? &setup->n_hangup : &setup->n_init) = s->n;
	return true;
}

static bool
set_lines(struct setting *s)
{
	struct conf_service *service = s->target->service;
	/* There may be thousands of names, and the report is full by then. */
	bool full = s->messages->report->errors > 100;
	size_t i, k;
	long line;

	service->lines = calloc(s->n, sizeof *service->lines);
	if (service->lines == NULL)
		return no_memory(s);
	for (i = 0; i < s->n; i++) {
		line = conf_names_find(s->target->names, s->values[i]->text);
		if (line < 0)
			return wrong(s, i, "the name of a line",
			    full ? no_words : conf_names_all(s->target->names));
		for (k = 0; k < i; k++)
			if (service->lines[k] == (size_t)line)
				return wrong(s, i, "each line once", no_words);
		service->lines[service->n_lines++] = (size_t)line;
	}
	return true;
}

bool
conf_set(struct conf_messages *m, const struct conf_key *key,
    const struct conf_value *const *values, size_t n, struct conf_target *target)
{
	static bool (*const setters[])(struct setting *) = {
		[CONF_DURATION] = set_duration, [CONF_COUNT] = set_count, [CONF_BOOL] = set_bool,
		[CONF_WORD] = set_word, [CONF_PATH] = set_path, [CONF_USER] = set_user,
		[CONF_DEVICE] = set_device, [CONF_FORMAT] = set_format,
		[CONF_SPEED] = set_speed, [CONF_FLOW] = set_flow,
		[CONF_LISTEN] = set_listen, [CONF_ALLOW] = set_allow,
		[CONF_KEEPALIVE] = set_keepalive, [CONF_TO] = set_to,
		[CONF_HANGUP] = set_commands, [CONF_INIT] = set_commands, [CONF_LINES] = set_lines,
		[CONF_SIZE] = set_size
	};
	struct setting s = { m, key, values, n, target };

	return setters[key->type](&s);
}

#define ITEMS_MAX 4

bool
conf_set_default(struct conf_messages *m, const struct conf_key *key, const char *text,
    struct conf_target *target)
{
	char copy[CONF_TEXT_MAX + 1], *rest = copy, *item;
	struct conf_value values[ITEMS_MAX];
	const struct conf_value *pointers[ITEMS_MAX];
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", text);
	while (n < ITEMS_MAX && (item = strsep(&rest, " ")) != NULL) {
		values[n] = (struct conf_value){ item, 0 };
		pointers[n] = &values[n];
		n++;
	}
	return conf_set(m, key, pointers, n, target);
}
