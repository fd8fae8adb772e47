/*
 * The control protocol: each request and answer there and back, and every line that is none.
 */
#include "views/ctlmsg.h"
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/statusjson.h"

static char error[CTLMSG_ERROR];

static int
read_request(const char *line, struct ctlmsg_request *r)
{
	size_t n = strlen(line);
	uint8_t *guarded = unit_guarded(line, n);
	int result = ctlmsg_read_request((char *)guarded, n, r, error);

	unit_unguard(guarded, n);
	return result;
}

/* ---- requests ---- */

static const struct {
	struct ctlmsg_request request;
	const char *line;
} requests[] = {
	{ { .id = 1, .verb = CTLMSG_STATUS }, "{\"id\":1,\"do\":\"status\"}\n" },
	{ { .id = 2147483647, .verb = CTLMSG_WATCH }, "{\"id\":2147483647,\"do\":\"watch\"}\n" },
	{ { .id = 3, .verb = CTLMSG_HISTORY }, "{\"id\":3,\"do\":\"history\"}\n" },
	{ { .id = 4, .verb = CTLMSG_HISTORY, .line = "m", .client = "::1", .since = 1500, .max = 7 },
	    "{\"id\":4,\"do\":\"history\",\"line\":\"m\",\"client\":\"::1\",\"since\":1.5,\"max\":7}\n" },
	{ { .id = 5, .verb = CTLMSG_MONITOR, .line = "m" }, "{\"id\":5,\"do\":\"monitor\",\"line\":\"m\"}\n" },
	{ { .id = 6, .verb = CTLMSG_KICK, .line = "m" }, "{\"id\":6,\"do\":\"kick\",\"line\":\"m\"}\n" },
	{ { .id = 7, .verb = CTLMSG_KICK, .line = "m", .message = "gr\xc3\xbc\xc3\x9f" " \"x\"" },
	    "{\"id\":7,\"do\":\"kick\",\"line\":\"m\",\"message\":\"gr\xc3\xbc\xc3\x9f \\\"x\\\"\"}\n" },
	{ { .id = 7, .verb = CTLMSG_DISABLE, .line = "m", .message = "new cable" },
	  "{\"id\":7,\"do\":\"disable\",\"line\":\"m\",\"message\":\"new cable\"}\n" },
	{ { .id = 8, .verb = CTLMSG_DISABLE, .line = "m" }, "{\"id\":8,\"do\":\"disable\",\"line\":\"m\"}\n" },
	{ { .id = 9, .verb = CTLMSG_ENABLE, .line = "m" }, "{\"id\":9,\"do\":\"enable\",\"line\":\"m\"}\n" },
	{ { .id = 10, .verb = CTLMSG_DRAIN }, "{\"id\":10,\"do\":\"drain\"}\n" },
	{ { .id = 11, .verb = CTLMSG_DRAIN, .exit = true }, "{\"id\":11,\"do\":\"drain\",\"exit\":true}\n" },
	{ { .id = 12, .verb = CTLMSG_RESUME }, "{\"id\":12,\"do\":\"resume\"}\n" },
	{ { .id = 13, .verb = CTLMSG_TEST, .line = "m" }, "{\"id\":13,\"do\":\"test\",\"line\":\"m\"}\n" },
	{ { .id = 14, .verb = CTLMSG_RELOAD }, "{\"id\":14,\"do\":\"reload\"}\n" },
};

static void
expect_same(const struct ctlmsg_request *a, const struct ctlmsg_request *b)
{
	ck_assert_int_eq(a->id, b->id);
	ck_assert_int_eq(a->verb, b->verb);
	ck_assert_str_eq(a->line, b->line);
	ck_assert_str_eq(a->message, b->message);
	ck_assert_str_eq(a->client, b->client);
	ck_assert_int_eq(a->since, b->since);
	ck_assert_uint_eq(a->max, b->max);
	ck_assert_int_eq(a->exit, b->exit);
}

START_TEST(a_request)
{
	char *line = ctlmsg_write_request(&requests[_i].request);
	struct ctlmsg_request r;

	ck_assert_str_eq(line, requests[_i].line);
	ck_assert_msg(read_request(line, &r) == 0, "%s", error);
	expect_same(&r, &requests[_i].request);
	line[strlen(line) - 1] = '\0'; /* without its newline */
	ck_assert_int_eq(read_request(line, &r), 0);
	free(line);
}
END_TEST

/* Only those that change nothing and show no data are for everybody. */
START_TEST(who_may)
{
	static const char *const look[] = { "status", "watch", "history" };
	bool looks;
	int v, i;

	for (v = 0; v < CTLMSG_VERBS; v++) {
		looks = false;
		for (i = 0; i < 3; i++)
			looks = looks || strcmp(look[i], ctlmsg_verb_word((enum ctlmsg_verb)v)) == 0;
		ck_assert_int_eq(ctlmsg_acts((enum ctlmsg_verb)v), !looks);
	}
}
END_TEST

#define DO "{\"id\":5,\"do\":"

static const struct {
	const char *line;
	int64_t id;
	const char *error; /* is in it */
} wrong[] = {
	{ "", 0, "expected one JSON object" },
	{ "\n", 0, "expected one JSON object" },
	{ "status", 0, "expected one JSON object" },
	{ "GET / HTTP/1.1", 0, "expected one JSON object" },
	{ "[]", 0, "not an object" },
	{ "{}{}", 0, "expected one JSON object" },
	{ "{\"id\":1,\"id\":2,\"do\":\"status\"}", 0, "duplicate" },
	{ "{\"id\":1,\"do\":[[[]]]}", 0, "nested too deep" },
	{ "{\"do\":\"status\"}", 0, "no \"id\"" },
	{ "{\"id\":0,\"do\":\"status\"}", 0, "no \"id\"" },
	{ "{\"id\":2147483648,\"do\":\"status\"}", 0, "no \"id\"" },
	{ "{\"id\":\"1\",\"do\":\"status\"}", 0, "no \"id\"" },
	{ "{\"id\":1.5,\"do\":\"status\"}", 0, "no \"id\"" },
	{ "{\"id\":5}", 5, "\"do\" is \"\"; expected one of status, watch, history, monitor, kick" },
	{ DO "7}", 5, "\"do\" is \"\"; expected one of" },
	{ DO "\"statsu\"}", 5, "\"do\" is \"statsu\"; expected \"status\"" },
	{ DO "\"Kick\",\"line\":\"m\"}", 5, "\"do\" is \"Kick\"; expected \"kick\"" },
	{ DO "\"explode\"}", 5, "expected one of" },
	{ DO "\"kick\"}", 5, "no \"line\" in \"kick\"; expected the name of a line" },
	{ DO "\"kick\",\"lien\":\"m\"}", 5, "unknown key \"lien\" in \"kick\"; expected \"line\"" },
	{ DO "\"kick\",\"line\":\"m\",\"exit\":true}", 5,
	    "unknown key \"exit\" in \"kick\"; expected only \"id\", \"do\", \"line\", \"message\"" },
	{ DO "\"status\",\"line\":\"m\"}", 5, "unknown key \"line\" in \"status\"; expected" },
	{ DO "\"kick\",\"line\":\"\"}", 5, "wrong \"line\" in \"kick\"; expected the name" },
	{ DO "\"kick\",\"line\":7}", 5, "wrong \"line\"" },
	{ DO "\"kick\",\"line\":null}", 5, "wrong \"line\"" },
	{ DO "\"kick\",\"line\":[\"m\"]}", 5, "wrong \"line\"" },
	{ DO "\"kick\",\"line\":\"a\\u0000b\"}", 0, "expected one JSON object" },
	{ DO "\"kick\",\"line\":\"a\\nb\"}", 5, "wrong \"line\"" },
	{ DO "\"kick\",\"line\":\"\xff\"}", 0, "expected one JSON object" },
	{ DO "\"kick\",\"line\":\"m\",\"message\":\"a\\u001b[2J\"}", 5, "expected a text of at most 200 bytes, without control" },
	{ DO "\"drain\",\"exit\":1}", 5, "wrong \"exit\" in \"drain\"; expected true or false" },
	{ DO "\"history\",\"since\":-1}", 5, "wrong \"since\"" },
	{ DO "\"history\",\"since\":1e99}", 5, "wrong \"since\"" },
	{ DO "\"history\",\"since\":\"today\"}", 5, "wrong \"since\" in \"history\"; expected seconds since" },
	{ DO "\"history\",\"max\":0}", 5, "wrong \"max\"" },
	{ DO "\"history\",\"max\":1.5}", 5, "wrong \"max\" in \"history\"; expected a number above 0" },
};

START_TEST(not_understood)
{
	struct ctlmsg_request r;

	ck_assert_int_eq(read_request(wrong[_i].line, &r), -1);
	ck_assert_msg(strstr(error, wrong[_i].error) != NULL, "%s", error);
	ck_assert_msg(strstr(error, "expected") != NULL, "%s", error);
	ck_assert_int_eq(r.id, wrong[_i].id);
}
END_TEST

/* In a line of CTLMSG_MAX bytes with a message of n. */
static int
read_padded(size_t line, size_t message)
{
	static char text[CTLMSG_MAX + 10];
	struct ctlmsg_request r;
	size_t n = (size_t)snprintf(text, sizeof text, DO "\"kick\",\"line\":\"m\",\"message\":\"");

	memset(text + n, 'x', message);
	n += message;
	memcpy(text + n, "\"}", 2);
	memset(text + n + 2, ' ', line - n - 2);
	return ctlmsg_read_request(text, line, &r, error);
}

START_TEST(sizes)
{
	ck_assert_int_eq(read_padded(CTLMSG_MAX, 5), 0);
	ck_assert_int_eq(read_padded(CTLMSG_MAX + 1, 5), -1);
	ck_assert_int_eq(read_padded(1000, CTLMSG_TEXT - 1), 0);
	ck_assert_int_eq(read_padded(1000, CTLMSG_TEXT), -1);
	ck_assert_str_eq(error, "wrong \"message\" in \"kick\"; expected a text of at most 200 bytes, without control "
	    "characters");
}
END_TEST

/* Braces within a text are no depth. */
START_TEST(braces_in_text)
{
	struct ctlmsg_request r;

	ck_assert_int_eq(read_request(DO "\"kick\",\"line\":\"m\",\"message\":\"{{{[[[ \\\" {{\"}", &r), 0);
	ck_assert_str_eq(r.message, "{{{[[[ \" {{");
	ck_assert_int_eq(read_request(DO "\"kick\",\"line\":\"m\",\"message\":\"\\", &r), -1);
}
END_TEST

START_TEST(a_request_that_is_no_text)
{
	struct ctlmsg_request r = { .id = 1, .verb = CTLMSG_KICK, .line = "\xff" };

	ck_assert_ptr_null(ctlmsg_write_request(&r));
}
END_TEST

/* ---- answers ---- */

static const struct {
	struct ctlmsg_reply reply;
	const char *line;
} replies[] = {
	{ { .id = 1, .kind = CTLMSG_OK }, "{\"id\":1,\"ok\":true}\n" },
	{ { .id = 1, .kind = CTLMSG_OK, .text = "m: well" }, "{\"id\":1,\"ok\":true,\"text\":\"m: well\"}\n" },
	{ { .id = 0, .kind = CTLMSG_FAILURE, .code = CTLMSG_BAD, .text = "a" },
	    "{\"id\":0,\"ok\":false,\"code\":\"bad\",\"error\":\"a\"}\n" },
	{ { .id = 1, .kind = CTLMSG_FAILURE, .code = CTLMSG_DENIED, .text = "a" },
	    "{\"id\":1,\"ok\":false,\"code\":\"denied\",\"error\":\"a\"}\n" },
	{ { .id = 1, .kind = CTLMSG_FAILURE, .code = CTLMSG_UNKNOWN, .text = "a" },
	    "{\"id\":1,\"ok\":false,\"code\":\"unknown\",\"error\":\"a\"}\n" },
	{ { .id = 1, .kind = CTLMSG_FAILURE, .code = CTLMSG_FAILED, .text = "a" },
	    "{\"id\":1,\"ok\":false,\"code\":\"failed\",\"error\":\"a\"}\n" },
	{ { .id = 1, .kind = CTLMSG_FAILURE, .code = CTLMSG_BUSY, .text = "a" },
	    "{\"id\":1,\"ok\":false,\"code\":\"busy\",\"error\":\"a\"}\n" },
	{ { .id = 2, .kind = CTLMSG_SOME_DATA, .at = 1500, .from_client = true,
	    .data = (const uint8_t *)"\x00\xffz", .n = 3 },
	    "{\"id\":2,\"event\":\"data\",\"at\":1.5,\"from\":\"client\",\"hex\":\"00ff7a\"}\n" },
	{ { .id = 2, .kind = CTLMSG_SOME_DATA, .at = 1500, .data = (const uint8_t *)"", .n = 0 },
	    "{\"id\":2,\"event\":\"data\",\"at\":1.5,\"from\":\"line\",\"hex\":\"\"}\n" },
	{ { .id = 2, .kind = CTLMSG_LOST, .at = 1764100000123, .missed = 77 },
	    "{\"id\":2,\"event\":\"lost\",\"at\":1764100000.123,\"bytes\":77}\n" },
	{ { .id = 2, .kind = CTLMSG_NOTE, .at = 0, .text = "claimed" },
	    "{\"id\":2,\"event\":\"note\",\"at\":0.0,\"text\":\"claimed\"}\n" },
	{ { .id = 2, .kind = CTLMSG_END, .at = 0, .text = "gone" },
	    "{\"id\":2,\"event\":\"end\",\"at\":0.0,\"text\":\"gone\"}\n" },
};

static void
expect_same_text(const char *a, const char *b)
{
	ck_assert((a == NULL) == (b == NULL));
	if (a != NULL)
		ck_assert_str_eq(a, b);
}

START_TEST(an_answer)
{
	const struct ctlmsg_reply *wanted = &replies[_i].reply;
	char *line = ctlmsg_write_reply(wanted);
	struct ctlmsg_reply r;

	ck_assert_str_eq(line, replies[_i].line);
	ck_assert_int_eq(ctlmsg_read_reply(line, strlen(line), &r, error), 0);
	free(line);
	ck_assert_int_eq(r.id, wanted->id);
	ck_assert_int_eq(r.kind, wanted->kind);
	ck_assert_int_eq(r.code, wanted->code);
	expect_same_text(r.text, wanted->text);
	ck_assert_int_eq(r.at, wanted->at);
	ck_assert_int_eq(r.from_client, wanted->from_client);
	ck_assert_uint_eq(r.missed, wanted->missed);
	ck_assert_uint_eq(r.n, wanted->n);
	if (r.n > 0)
		ck_assert_mem_eq(r.data, wanted->data, r.n);
	ctlmsg_reply_clear(&r);
}
END_TEST

/* The largest numbers have room. */
START_TEST(a_status)
{
	static const char text[] = "{\"lines\":[{\"owner\":{\"x\":[]}}]}";
	char head[CTLMSG_HEAD], tail[CTLMSG_TAIL], line[CTLMSG_HEAD + sizeof text + CTLMSG_TAIL];
	json_t *wanted = json_pack("{s:[{s:{s:[]}}]}", "lines", "owner", "x");
	struct ctlmsg_reply r;

	ctlmsg_write_status(head, tail, 1, 3);
	ck_assert_str_eq(head, "{\"id\":1,\"ok\":true,\"status\":");
	ck_assert_str_eq(tail, ",\"missed\":3}\n");
	ctlmsg_write_status(head, tail, INT64_MAX, INT64_MAX);
	snprintf(line, sizeof line, "%s%s%s", head, text, tail);
	ck_assert_int_eq(line[strlen(line) - 1], '\n');
	ck_assert_int_eq(ctlmsg_read_reply(line, strlen(line), &r, error), 0);
	ck_assert_int_eq(r.kind, CTLMSG_STATUSES);
	ck_assert(json_equal(r.body, wanted));
	ck_assert_int_eq(r.id, INT64_MAX);
	ck_assert_uint_eq(r.missed, INT64_MAX);
	ctlmsg_reply_clear(&r);
	json_decref(wanted);
}
END_TEST

START_TEST(with_a_body)
{
	struct ctlmsg_reply r;
	struct ctlmsg_reply records = { .id = 1, .kind = CTLMSG_RECORDS, .more = true };
	char *line;

	ck_assert_ptr_null(ctlmsg_write_reply(&records));
	records.body = json_pack("[{s:i}]", "start", 1);
	line = ctlmsg_write_reply(&records);
	ck_assert_int_eq(ctlmsg_read_reply(line, strlen(line), &r, error), 0);
	ck_assert_int_eq(r.kind, CTLMSG_RECORDS);
	ck_assert(json_equal(r.body, records.body));
	ck_assert(r.more && r.text == NULL);
	ctlmsg_reply_clear(&r);
	free(line);
	records.text = "nothing is kept \x1b";
	line = ctlmsg_write_reply(&records);
	ck_assert_int_eq(ctlmsg_read_reply(line, strlen(line), &r, error), 0);
	ck_assert(strncmp(r.text, records.text, 16) == 0 && strchr(r.text, '\x1b') == NULL);
	ctlmsg_reply_clear(&r);
	free(line);
	json_decref(records.body);
}
END_TEST

/* What a device or a peer said goes through the protocol as text. */
START_TEST(foreign_text)
{
	struct ctlmsg_reply reply = { .id = 1, .kind = CTLMSG_FAILURE, .text = "a\xff\x1b[2J\n" }, r;
	char *line = ctlmsg_write_reply(&reply);

	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
	ck_assert_int_eq(ctlmsg_read_reply(line, strlen(line), &r, error), 0);
	ck_assert_str_eq(r.text, "a\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd");
	ctlmsg_reply_clear(&r);
	free(line);
}
END_TEST

static const char *const no_answers[] = {
	"", "[]", "{}", "{\"id\":1}", "{\"ok\":true}", "{\"id\":-1,\"ok\":true}", "{\"id\":\"1\",\"ok\":true}",
	"{\"id\":1,\"ok\":1}", "{\"id\":1,\"ok\":false}", "{\"id\":1,\"ok\":true,\"status\":[],\"missed\":0}",
	"{\"id\":1,\"ok\":true,\"status\":{}}", "{\"id\":1,\"ok\":true,\"status\":{},\"missed\":-1}",
	"{\"id\":1,\"ok\":true,\"records\":{},\"more\":true}", "{\"id\":1,\"ok\":true,\"records\":[]}",
	"{\"id\":1,\"event\":\"data\"}", "{\"id\":1,\"event\":\"data\",\"at\":1,\"from\":\"line\"}",
	"{\"id\":1,\"event\":\"data\",\"at\":1,\"hex\":\"00\"}",
	"{\"id\":1,\"event\":\"data\",\"at\":1,\"from\":\"line\",\"hex\":\"0\"}",
	"{\"id\":1,\"event\":\"data\",\"at\":1,\"from\":\"line\",\"hex\":\"0g\"}",
	"{\"id\":1,\"event\":\"data\",\"at\":1,\"from\":\"line\",\"hex\":\"G0\"}",
	"{\"id\":1,\"event\":\"lost\",\"at\":1}", "{\"id\":1,\"event\":\"note\",\"at\":1}",
	"{\"id\":1,\"event\":\"note\",\"text\":\"x\"}",
	"{\"id\":1,\"ok\":true,\"status\":{\"a\":[[[[[[[[1]]]]]]]]},\"missed\":0}",
};

START_TEST(no_answer)
{
	struct ctlmsg_reply r;

	ck_assert_int_eq(ctlmsg_read_reply(no_answers[_i], strlen(no_answers[_i]), &r, error), -1);
	ck_assert_ptr_nonnull(strstr(error, "expected"));
}
END_TEST

START_TEST(more_than_fits_into_data)
{
	static char line[3 * CTLMSG_DATA];
	int n = snprintf(line, sizeof line, "{\"id\":1,\"event\":\"data\",\"at\":1,\"from\":\"line\",\"hex\":\"");
	struct ctlmsg_reply r;

	memset(line + n, '0', 2 * CTLMSG_DATA + 2);
	memcpy(line + n + 2 * CTLMSG_DATA + 2, "\"}", 2);
	ck_assert_int_eq(ctlmsg_read_reply(line, (size_t)n + 2 * CTLMSG_DATA + 4, &r, error), -1);
	memcpy(line + n + 2 * CTLMSG_DATA, "\"}", 2);
	ck_assert_int_eq(ctlmsg_read_reply(line, (size_t)n + 2 * CTLMSG_DATA + 2, &r, error), 0);
	ctlmsg_reply_clear(&r);
}
END_TEST

/* ---- the greeting ---- */

START_TEST(greeting)
{
	struct ctlmsg_greeting g = { .version = "0.1.0", .protocol = 1, .may_act = _i == 1 }, got;
	char *line = ctlmsg_write_greeting(&g);

	ck_assert_str_eq(line, _i == 1 ? "{\"modemshare\":\"0.1.0\",\"protocol\":1,\"may\":\"act\"}\n" :
	    "{\"modemshare\":\"0.1.0\",\"protocol\":1,\"may\":\"look\"}\n");
	ck_assert_int_eq(ctlmsg_read_greeting(line, strlen(line), &got, error), 0);
	ck_assert_str_eq(got.version, "0.1.0");
	ck_assert_int_eq(got.may_act, _i);
	free(line);
}
END_TEST

static const char *const no_greetings[] = {
	"SSH-2.0-OpenSSH", "{}", "{\"modemshare\":\"2\",\"protocol\":2,\"may\":\"act\"}",
	"{\"modemshare\":\"2\",\"protocol\":1}", "{\"protocol\":1,\"may\":\"act\"}",
};

START_TEST(no_greeting)
{
	struct ctlmsg_greeting g;

	ck_assert_int_eq(ctlmsg_read_greeting(no_greetings[_i], strlen(no_greetings[_i]), &g, error), -1);
	ck_assert_ptr_nonnull(strstr(error, "expected"));
}
END_TEST

START_TEST(a_record)
{
	const struct snapshot_record r = { .line = "m", .service = "s", .who = "1.2.3.4", .hidden = true,
		.start = 1000, .end = -1, .number = "555", .result = "BUSY", .call_ms = -1 };
	struct json_t *all = statusjson_record(&r, true), *some = statusjson_record(&r, false);

	ck_assert_str_eq(json_string_value(json_object_get(all, "who")), "1.2.3.4");
	ck_assert_str_eq(json_string_value(json_object_get(all, "number")), "555");
	ck_assert(json_is_null(json_object_get(some, "who")));
	ck_assert_str_eq(json_string_value(json_object_get(all, "result")), "BUSY");
	ck_assert(json_is_null(json_object_get(some, "number")));
	ck_assert(json_is_null(json_object_get(some, "result")));
	ck_assert(json_is_null(json_object_get(some, "end")));
	json_decref(all);
	json_decref(some);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("ctlmsg");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, a_request, 0, ROWS(requests));
	tcase_add_test(tc, who_may);
	tcase_add_loop_test(tc, not_understood, 0, ROWS(wrong));
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, braces_in_text);
	tcase_add_test(tc, a_request_that_is_no_text);
	tcase_add_loop_test(tc, an_answer, 0, ROWS(replies));
	tcase_add_test(tc, a_status);
	tcase_add_test(tc, with_a_body);
	tcase_add_test(tc, foreign_text);
	tcase_add_loop_test(tc, no_answer, 0, ROWS(no_answers));
	tcase_add_test(tc, more_than_fits_into_data);
	tcase_add_loop_test(tc, greeting, 0, 2);
	tcase_add_loop_test(tc, no_greeting, 0, ROWS(no_greetings));
	tcase_add_test(tc, a_record);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
