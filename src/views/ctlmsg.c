/*
 * The control protocol: requests, see ctlmsg.h.  What a verb takes is a table.
 */
#include "views/ctlmsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "views/clean.h"
#include "views/ctlmsg_parts.h"
#include "views/jsontext.h"

enum type { NAME, TEXT, BOOL, COUNT, SECONDS };

static const struct field {
	const char *key;
	enum type type;
	size_t at, size; /* in struct ctlmsg_request */
	const char *expected;
} fields[] = {
#define AT(member)                                                                                 \
	offsetof(struct ctlmsg_request, member), sizeof((struct ctlmsg_request *)0)->member
	{ "line", NAME, AT(line), "the name of a line" },
	{ "message", TEXT, AT(message), "a text of at most 200 bytes, without control characters" },
	{ "client", NAME, AT(client), "an address or a name" },
	{ "since", SECONDS, AT(since), "seconds since 1970" },
	{ "max", COUNT, AT(max), "a number above 0" },
	{ "exit", BOOL, AT(exit), "true or false" },
};
_Static_assert(CTLMSG_TEXT == 200 + 1, "the text says how long it may be");
#define FIELDS (sizeof fields / sizeof *fields)
enum { LINE = 1, MESSAGE = 2, CLIENT = 4, SINCE = 8, MAX = 16, EXIT = 32 };

static const struct verb {
	const char *word;
	unsigned needs, takes;
} verbs[CTLMSG_VERBS] = {
	[CTLMSG_STATUS] = { "status", 0, 0 },
	[CTLMSG_WATCH] = { "watch", 0, 0 },
	[CTLMSG_HISTORY] = { "history", 0, SINCE | LINE | CLIENT | MAX },
	[CTLMSG_MONITOR] = { "monitor", LINE, LINE },
	[CTLMSG_KICK] = { "kick", LINE, LINE | MESSAGE },
	[CTLMSG_DISABLE] = { "disable", LINE, LINE | MESSAGE },
	[CTLMSG_ENABLE] = { "enable", LINE, LINE },
	[CTLMSG_DRAIN] = { "drain", 0, EXIT },
	[CTLMSG_RESUME] = { "resume", 0, 0 },
	[CTLMSG_TEST] = { "test", LINE, LINE },
	[CTLMSG_RELOAD] = { "reload", 0, 0 },
};

const char *
ctlmsg_verb_word(enum ctlmsg_verb v)
{
	return verbs[v].word;
}

bool
ctlmsg_acts(enum ctlmsg_verb v)
{
	return v != CTLMSG_STATUS && v != CTLMSG_WATCH && v != CTLMSG_HISTORY;
}

/* ---- loading ---- */

/* The parser goes as deep as it is led, on our stack: so that is counted before. */
static bool
too_deep(const char *s, size_t n, int most)
{
	bool quoted = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (quoted && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && (s[i] == '{' || s[i] == '['))
			depth++;
		else if (!quoted && (s[i] == '}' || s[i] == ']'))
			depth--;
		if (depth > most)
			return true;
	}
	return false;
}

json_t *
ctlmsg_load(const char *s, size_t n, int depth, char error[static CTLMSG_ERROR])
{
	json_error_t why;
	json_t *o;

	if (too_deep(s, n, depth)) {
		snprintf(error, CTLMSG_ERROR, "nested too deep; expected at most %d levels", depth);
		return NULL;
	}
	o = json_loadb(s, n, JSON_REJECT_DUPLICATES, &why);
	if (o == NULL)
		snprintf(error, CTLMSG_ERROR,
		    "%.160s at byte %d; expected one JSON object in a line", why.text,
		    why.position);
	else if (!json_is_object(o)) {
		snprintf(error, CTLMSG_ERROR, "not an object; expected one JSON object in a line");
		json_decref(o);
		o = NULL;
	}
	return o;
}

bool
ctlmsg_ms(const json_t *v, int64_t *ms)
{
	double s = json_number_value(v);

	if (!json_is_number(v) || !(s >= 0 && s <= 1e11)) /* the year 5138 */
		return false;
	*ms = (int64_t)(s * 1000 + 0.5);
	return true;
}

/* ---- reading requests ---- */

static bool
take_string(char *to, size_t size, const json_t *v, bool is_name)
{
	const char *s = json_string_value(v);
	char clean[CLEAN_MAX];

	if (s == NULL || strlen(s) >= size || (is_name && *s == '\0'))
		return false;
	clean_text(clean, s);
	if (strcmp(clean, s) != 0)
		return false;
	memcpy(to, s, strlen(s) + 1);
	return true;
}

static bool
take_value(const struct field *f, void *to, const json_t *v)
{
	json_int_t n = json_integer_value(v);

	switch (f->type) {
	case NAME:
	case TEXT:
		return take_string(to, f->size, v, f->type == NAME);
	case BOOL:
		*(bool *)to = json_is_true(v);
		return json_is_boolean(v);
	case COUNT:
		*(uint64_t *)to = (uint64_t)n;
		return json_is_integer(v) && n > 0;
	default:
		return ctlmsg_ms(v, to);
	}
}

static int
unknown_key(const char *key, const struct verb *verb, char *error)
{
	const char *words[FIELDS + 3] = { "id", "do" }, *near;
	char shown[100], all[200] = "";
	size_t i, n = 2, used = 0;

	for (i = 0; i < FIELDS; i++)
		if ((verb->takes >> i & 1) != 0) {
			words[n++] = fields[i].key;
			used += (size_t)snprintf(all + used, sizeof all - used, ", \"%s\"",
			    fields[i].key);
		}
	near = text_nearest(key, words);
	text_vis(shown, sizeof shown, key, strlen(key));
	if (near != NULL)
		snprintf(error, CTLMSG_ERROR, "unknown key \"%s\" in \"%s\"; expected \"%s\"", shown,
		    verb->word, near);
	else
		snprintf(error, CTLMSG_ERROR,
		    "unknown key \"%s\" in \"%s\"; expected only \"id\", \"do\"%s", shown,
		    verb->word, all);
	return -1;
}

static int
take_field(const char *key, const json_t *v, struct ctlmsg_request *r, unsigned *got, char *error)
{
	const struct verb *verb = &verbs[r->verb];
	size_t i;

	for (i = 0; i < FIELDS && strcmp(fields[i].key, key) != 0; i++)
		;
	if (i == FIELDS || (verb->takes >> i & 1) == 0)
		return unknown_key(key, verb, error);
	*got |= 1U << i;
	if (take_value(&fields[i], (char *)r + fields[i].at, v))
		return 0;
	snprintf(error, CTLMSG_ERROR, "wrong \"%s\" in \"%s\"; expected %s", key, verb->word,
	    fields[i].expected);
	return -1;
}

static int
take_verb(const json_t *v, struct ctlmsg_request *r, char *error)
{
	const char *word = json_string_value(v), *words[CTLMSG_VERBS + 1] = { NULL }, *near;
	char shown[100], all[200] = "";
	size_t i, used = 0;

	if (word == NULL)
		word = "";
	for (i = 0; i < CTLMSG_VERBS; i++) {
		if (strcmp(verbs[i].word, word) == 0) {
			r->verb = (enum ctlmsg_verb)i;
			return 0;
		}
		words[i] = verbs[i].word;
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ",
		    words[i]);
	}
	near = text_nearest(word, words);
	text_vis(shown, sizeof shown, word, strlen(word));
	if (near != NULL)
		snprintf(error, CTLMSG_ERROR, "\"do\" is \"%s\"; expected \"%s\"", shown, near);
	else
		snprintf(error, CTLMSG_ERROR, "\"do\" is \"%s\"; expected one of %s", shown, all);
	return -1;
}

static int
take_request(json_t *o, struct ctlmsg_request *r, char *error)
{
	const json_t *id = json_object_get(o, "id");
	unsigned got = 0, i;
	const char *key;
	json_t *v;

	if (!json_is_integer(id) || json_integer_value(id) < 1 ||
	    json_integer_value(id) > INT32_MAX) {
		snprintf(error, CTLMSG_ERROR, "no \"id\"; expected a number from 1 to %d",
		    INT32_MAX);
		return -1;
	}
	r->id = json_integer_value(id);
	if (take_verb(json_object_get(o, "do"), r, error) != 0)
		return -1;
	json_object_foreach(o, key, v)
		if (strcmp(key, "id") != 0 && strcmp(key, "do") != 0 &&
		    take_field(key, v, r, &got, error) != 0)
			return -1;
	for (i = 0; i < FIELDS; i++)
		if ((verbs[r->verb].needs & ~got) >> i & 1) {
			snprintf(error, CTLMSG_ERROR, "no \"%s\" in \"%s\"; expected %s",
			    fields[i].key, verbs[r->verb].word, fields[i].expected);
			return -1;
		}
	return 0;
}

int
ctlmsg_read_request(const char *s, size_t n, struct ctlmsg_request *r,
    char error[static CTLMSG_ERROR])
{
	json_t *o;
	int result;

	*r = (struct ctlmsg_request){ 0 };
	if (n > CTLMSG_MAX) {
		snprintf(error, CTLMSG_ERROR, "a line of more than %d bytes; expected less",
		    CTLMSG_MAX);
		return -1;
	}
	if ((o = ctlmsg_load(s, n, 2, error)) == NULL)
		return -1;
	result = take_request(o, r, error);
	json_decref(o);
	return result;
}

/* ---- writing requests ---- */

static json_t *
value_of(const struct field *f, const void *from)
{
	const char *s = from;
	uint64_t n;
	int64_t ms;

	switch (f->type) {
	case NAME:
	case TEXT:
		return *s == '\0' ? json_null() : json_string(s);
	case BOOL:
		return *(const bool *)from ? json_true() : json_null();
	case COUNT:
		memcpy(&n, from, sizeof n);
		return n == 0 ? json_null() : json_integer((json_int_t)n);
	default:
		memcpy(&ms, from, sizeof ms);
		return ms == 0 ? json_null() : json_real((double)ms / 1000);
	}
}

char *
ctlmsg_write_request(const struct ctlmsg_request *r)
{
	json_t *o = json_pack("{s:I, s:s}", "id", (json_int_t)r->id, "do", verbs[r->verb].word), *v;
	bool failed = o == NULL;
	size_t i;

	for (i = 0; i < FIELDS && !failed; i++) {
		if ((verbs[r->verb].takes >> i & 1) == 0)
			continue;
		v = value_of(&fields[i], (const char *)r + fields[i].at);
		if (v == NULL || (!json_is_null(v) && json_object_set(o, fields[i].key, v) != 0))
			failed = true;
		json_decref(v);
	}
	if (!failed)
		return jsontext_line(o);
	json_decref(o);
	return NULL;
}
