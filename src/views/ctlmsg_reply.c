/*
 * The control protocol: what the daemon sends, see ctlmsg.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/ctlmsg_parts.h"
#include "views/jsontext.h"

#define DEPTH 8 /* a status is four deep */

static const char *const codes[] = {
	[CTLMSG_BAD] = "bad", [CTLMSG_DENIED] = "denied", [CTLMSG_UNKNOWN] = "unknown",
	[CTLMSG_FAILED] = "failed", [CTLMSG_BUSY] = "busy"
};
#define CODES (sizeof codes / sizeof *codes)

static const char digits[] = "0123456789abcdef";

/* ---- writing ---- */

static json_t *
hex_of(const uint8_t *data, size_t n)
{
	char text[2 * CTLMSG_DATA];
	size_t i;

	for (i = 0; i < n; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	return json_stringn(text, 2 * n);
}

static json_t *
answer_of(const struct ctlmsg_reply *r)
{
	json_int_t id = r->id;

	switch (r->kind) {
	case CTLMSG_OK:
		if (r->text == NULL)
			return json_pack("{s:I, s:b}", "id", id, "ok", 1);
		return json_pack("{s:I, s:b, s:o}", "id", id, "ok", 1, "text", jsontext(r->text));
	case CTLMSG_FAILURE:
		return json_pack("{s:I, s:b, s:s, s:o}", "id", id, "ok", 0, "code", codes[r->code],
		    "error", jsontext(r->text));
	default:
		return json_pack("{s:I, s:b, s:O, s:b, s:o*}", "id", id, "ok", 1, "records", r->body,
		    "more", (int)r->more, "text", r->text != NULL ? jsontext(r->text) : NULL);
	}
}

static json_t *
event_of(const struct ctlmsg_reply *r)
{
	double at = (double)r->at / 1000;
	json_int_t id = r->id;

	switch (r->kind) {
	case CTLMSG_SOME_DATA:
		return json_pack("{s:I, s:s, s:f, s:s, s:o}", "id", id, "event", "data", "at", at,
		    "from", r->from_client ? "client" : "line", "hex", hex_of(r->data, r->n));
	case CTLMSG_LOST:
		return json_pack("{s:I, s:s, s:f, s:I}", "id", id, "event", "lost", "at", at,
		    "bytes", (json_int_t)r->missed);
	default:
		return json_pack("{s:I, s:s, s:f, s:o}", "id", id, "event",
		    r->kind == CTLMSG_NOTE ? "note" : "end", "at", at, "text", jsontext(r->text));
	}
}

char *
ctlmsg_write_reply(const struct ctlmsg_reply *r)
{
	if (r->kind == CTLMSG_RECORDS && r->body == NULL)
		return NULL;
	return jsontext_line(r->kind <= CTLMSG_RECORDS ? answer_of(r) : event_of(r));
}

void
ctlmsg_write_status(char head[static CTLMSG_HEAD], char tail[static CTLMSG_TAIL], int64_t id, uint64_t missed)
{
	snprintf(head, CTLMSG_HEAD, "{\"id\":%" PRId64 ",\"ok\":true,\"status\":", id);
	snprintf(tail, CTLMSG_TAIL, ",\"missed\":%" PRIu64 "}\n", missed);
}

char *
ctlmsg_write_greeting(const struct ctlmsg_greeting *g)
{
	return jsontext_line(json_pack("{s:o, s:i, s:s}", "modemshare", jsontext(g->version),
	    "protocol", g->protocol, "may", g->may_act ? "act" : "look"));
}

/* ---- reading ---- */

static int
digit_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

static bool
take_hex(const json_t *v, struct ctlmsg_reply *r)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v), i;
	int high, low;
	uint8_t *data;

	if (s == NULL || n % 2 != 0 || n > 2 * CTLMSG_DATA || (data = malloc(n / 2 + 1)) == NULL)
		return false;
	r->memory = data;
	r->data = data;
	r->n = n / 2;
	for (i = 0; i < r->n; i++) {
		high = digit_of(s[2 * i]);
		low = digit_of(s[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool
take_count(const json_t *v, uint64_t *n)
{
	*n = (uint64_t)json_integer_value(v);
	return json_is_integer(v) && json_integer_value(v) >= 0;
}

static bool
take_failure(json_t *o, struct ctlmsg_reply *r)
{
	const char *code = json_string_value(json_object_get(o, "code"));
	size_t i;

	r->kind = CTLMSG_FAILURE;
	r->code = CTLMSG_FAILED;
	for (i = 0; code != NULL && i < CODES; i++)
		if (strcmp(code, codes[i]) == 0)
			r->code = (enum ctlmsg_code)i;
	r->text = json_string_value(json_object_get(o, "error"));
	return r->text != NULL;
}

static bool
take_answer(json_t *o, struct ctlmsg_reply *r)
{
	const json_t *more = json_object_get(o, "more");

	r->kind = CTLMSG_STATUSES;
	if ((r->body = json_object_get(o, "status")) != NULL)
		return json_is_object(r->body) &&
		    take_count(json_object_get(o, "missed"), &r->missed);
	r->kind = CTLMSG_RECORDS;
	r->text = json_string_value(json_object_get(o, "text"));
	if ((r->body = json_object_get(o, "records")) != NULL) {
		r->more = json_is_true(more);
		return json_is_array(r->body) && json_is_boolean(more);
	}
	r->kind = CTLMSG_OK;
	return true;
}

static bool
take_event(json_t *o, const char *word, struct ctlmsg_reply *r)
{
	const char *from = json_string_value(json_object_get(o, "from"));

	if (!ctlmsg_ms(json_object_get(o, "at"), &r->at))
		return false;
	if (strcmp(word, "data") == 0) {
		r->kind = CTLMSG_SOME_DATA;
		r->from_client = from != NULL && strcmp(from, "client") == 0;
		return from != NULL && take_hex(json_object_get(o, "hex"), r);
	}
	if (strcmp(word, "lost") == 0) {
		r->kind = CTLMSG_LOST;
		return take_count(json_object_get(o, "bytes"), &r->missed);
	}
	r->kind = strcmp(word, "end") == 0 ? CTLMSG_END : CTLMSG_NOTE;
	r->text = json_string_value(json_object_get(o, "text"));
	return r->text != NULL;
}

int
ctlmsg_read_reply(const char *s, size_t n, struct ctlmsg_reply *r, char error[static CTLMSG_ERROR])
{
	const char *event;
	json_t *o, *id, *ok;
	bool good;

	*r = (struct ctlmsg_reply){ .whole = ctlmsg_load(s, n, DEPTH, error) };
	if ((o = r->whole) == NULL)
		return -1;
	id = json_object_get(o, "id");
	ok = json_object_get(o, "ok");
	event = json_string_value(json_object_get(o, "event"));
	r->id = json_integer_value(id);
	good = json_is_integer(id) && r->id >= 0;
	if (good && event != NULL)
		good = take_event(o, event, r);
	else if (good)
		good =
		    json_is_true(ok) ? take_answer(o, r) : json_is_false(ok) && take_failure(o, r);
	if (good)
		return 0;
	snprintf(error, CTLMSG_ERROR,
	    "the daemon's answer is not understood; expected one of protocol %d", CTLMSG_PROTOCOL);
	ctlmsg_reply_clear(r);
	return -1;
}

void
ctlmsg_reply_clear(struct ctlmsg_reply *r)
{
	json_decref(r->whole);
	free(r->memory);
	r->whole = NULL;
	r->memory = NULL;
}

int
ctlmsg_read_greeting(const char *s, size_t n, struct ctlmsg_greeting *g,
    char error[static CTLMSG_ERROR])
{
	json_t *o = ctlmsg_load(s, n, DEPTH, error);
	const char *version, *may;

	*g = (struct ctlmsg_greeting){ 0 };
	if (o == NULL)
		return -1;
	version = json_string_value(json_object_get(o, "modemshare"));
	may = json_string_value(json_object_get(o, "may"));
	g->protocol = (int)json_integer_value(json_object_get(o, "protocol"));
	if (version != NULL)
		snprintf(g->version, sizeof g->version, "%s", version);
	g->may_act = may != NULL && strcmp(may, "act") == 0;
	json_decref(o);
	if (version != NULL && may != NULL && g->protocol == CTLMSG_PROTOCOL)
		return 0;
	snprintf(error, CTLMSG_ERROR, "the daemon speaks another protocol; expected %d",
	    CTLMSG_PROTOCOL);
	return -1;
}
