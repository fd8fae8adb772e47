/*
 * The snapshot as JSON: every key, what is null when, and what a reader may not see.  The whole text of the made-up
 * office is read back with jansson, so that a key that gets another name or value shows here.
 */
#include "snapshots.h"
#include "unit.h"
#include "views/jsontext.h"
#include "views/statusjson.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct made_up office;
static json_t *root;

static void
set_up(void)
{
	made_up_fill(&office);
	root = statusjson(&office.snapshot, false);
	ck_assert_ptr_nonnull(root);
}

static void
tear_down(void)
{
	json_decref(root);
}

/* The n-th item of an array of the root, as the text in which keys stay in order. */
static void
ck_item(const char *array, size_t n, const char *expected)
{
	json_t *item = json_array_get(json_object_get(root, array), n);
	char *text = json_dumps(item, JSONTEXT_DUMP);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

static const char modem1[] =
	"{\"name\":\"modem1\",\"kind\":\"modem\",\"device\":\"/dev/ttyS1\",\"state\":\"free\",\"reason\":null,"
	"\"ready-in\":null,\"settings\":\"115200 8N1 rtscts\",\"lamps\":{\"dtr\":true,\"rts\":true,\"cts\":true,"
	"\"dsr\":true,\"dcd\":false,\"ri\":false},\"owner\":null,\"waiting\":0,\"claims\":41,\"refusals\":2,"
	"\"cuts\":1,\"failures\":0,\"from-clients\":1000,\"to-clients\":2000}";
static const char modem2[] =
	"{\"name\":\"modem2\",\"kind\":\"modem\",\"device\":\"/dev/ttyS2\",\"state\":\"in use\",\"reason\":null,"
	"\"ready-in\":null,\"settings\":\"57600 7E2 rtscts\",\"lamps\":{\"dtr\":true,\"rts\":true,\"cts\":true,"
	"\"dsr\":true,\"dcd\":true,\"ri\":false},\"owner\":{\"who\":\"192.0.2.7\",\"service\":\"pool\","
	"\"since\":1764100200.123,\"held\":600.0,\"idle\":90.25,\"free-latest\":7200.0,\"free-if-idle\":30.0,"
	"\"idle-limit\":120.0,\"contended\":true,\"from-client\":4711,\"to-client\":815,\"call\":\"in call\","
	"\"number\":\"5551234\",\"result\":\"CONNECT 33600\",\"call-for\":540.0},\"waiting\":2,\"claims\":7,"
	"\"refusals\":3,\"cuts\":4,\"failures\":5,\"from-clients\":123456,\"to-clients\":7654321}";
static const char pool[] =
	"{\"name\":\"pool\",\"listen\":\"127.0.0.1:2217 [::1]:2217\",\"protocol\":\"telnet\",\"lines\":[\"modem1\","
	"\"modem2\",\"modem3\",\"modem4\",\"modem5\",\"modem6\"],\"claims\":48,\"refusals\":5,\"waiters\":["
	"{\"who\":\"203.0.113.5\",\"place\":1,\"waited\":61.0,\"held\":true},"
	"{\"who\":null,\"place\":2,\"waited\":0.5,\"held\":false}]}";
static const char refused[] =
	"{\"line\":\"modem2\",\"service\":\"pool\",\"who\":\"203.0.113.5\",\"start\":1764100140.123,"
	"\"end\":1764100140.123,\"refused\":true,\"from-client\":0,\"to-client\":0,\"number\":null,\"result\":null,"
	"\"call-for\":null,\"why\":\"in use\",\"count\":57}";

START_TEST(tells_everything)
{
	json_t *part = json_copy(root);
	char *text;

	json_object_del(part, "lines");
	json_object_del(part, "services");
	json_object_del(part, "recent");
	text = json_dumps(part, JSONTEXT_DUMP);
	ck_assert_str_eq(text, "{\"version\":\"0.1.0\",\"now\":1764100800.123,\"started\":1764007200.123,"
	    "\"draining\":false,\"clients\":5,\"max-clients\":1024,\"accepted\":60,\"turned-away\":6,"
	    "\"loop-turns\":100000,\"log-lines-lost\":0}");
	free(text);
	json_decref(part);
	ck_item("lines", 0, modem1);
	ck_item("lines", 1, modem2);
	ck_item("services", 0, pool);
	ck_item("recent", 1, refused);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "lines")), PICTURE_LINES);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "services")), 3);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "recent")), 3);
}
END_TEST

static const char *
string_of(json_t *from, const char *array, size_t n, const char *object, const char *key)
{
	json_t *item = json_array_get(json_object_get(from, array), n);

	if (object != NULL)
		item = json_object_get(item, object);
	item = json_object_get(item, key);
	ck_assert_ptr_nonnull(item); /* a key is always there */
	ck_assert(json_is_string(item) || json_is_null(item));
	return json_is_null(item) ? "null" : json_string_value(item);
}

START_TEST(hides_from_those_who_may_not_act)
{
	json_t *acting = statusjson(&office.snapshot, true), *waiters;

	office.lines[6].owner.number = "112";
	office.lines[6].owner.result = "CONNECT 300";
	json_decref(root);
	root = statusjson(&office.snapshot, false);
	ck_assert_str_eq(string_of(root, "lines", 6, "owner", "who"), "null");
	ck_assert_str_eq(string_of(root, "lines", 6, "owner", "number"), "null");
	ck_assert_str_eq(string_of(root, "lines", 6, "owner", "result"), "null");
	ck_assert_str_eq(string_of(root, "recent", 2, NULL, "who"), "null");
	ck_assert_str_eq(string_of(root, "recent", 2, NULL, "number"), "null");
	ck_assert_str_eq(string_of(root, "recent", 2, NULL, "result"), "null");
	ck_assert_str_eq(string_of(acting, "lines", 6, "owner", "who"), "198.51.100.9");
	ck_assert_str_eq(string_of(acting, "recent", 2, NULL, "who"), "198.51.100.9");
	ck_assert_str_eq(string_of(acting, "recent", 2, NULL, "number"), "110");
	ck_assert_str_eq(string_of(acting, "recent", 2, NULL, "result"), "BUSY");
	waiters = json_object_get(json_array_get(json_object_get(acting, "services"), 0), "waiters");
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(waiters, 1), "who")), "198.51.100.77");
	json_decref(acting);
}
END_TEST

START_TEST(names_states_and_calls)
{
	static const char *const words[] = { "free", "in use", "hand-over", "ringing", "out of service",
		"quarantine", "in use on this host", "disabled" };
	size_t i;

	for (i = 0; i < SNAPSHOT_STATES; i++)
		office.lines[i].state = (enum snapshot_state)i;
	office.lines[1].owner.call = SNAPSHOT_DIALS;
	json_decref(root);
	root = statusjson(&office.snapshot, false);
	for (i = 0; i < SNAPSHOT_STATES; i++)
		ck_assert_str_eq(string_of(root, "lines", i, NULL, "state"), words[i]);
	ck_assert_str_eq(string_of(root, "lines", 1, "owner", "call"), "dials");
	ck_assert_str_eq(snapshot_state_word((enum snapshot_state)99), "unknown");
}
END_TEST

/* Whatever a string holds, the text is valid JSON that a strict reader takes. */
static const char *const hostile[] = {
	"\"}],\"x\":[{\"", "\\", "\x01\n\x1b[2J\x7f", "\xff\xfe\xc0\x80", "\xe2\x80\xae", "</script>",
};

START_TEST(is_valid_whatever_strings_hold)
{
	json_t *back;
	char *text;

	made_up_spoil(&office, hostile[_i]);
	text = statusjson_text(&office.snapshot, true);
	ck_assert_ptr_nonnull(text);
	back = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(back);
	ck_assert_uint_eq(json_object_size(back), 13);
	ck_assert_uint_eq(json_array_size(json_object_get(back, "lines")), PICTURE_LINES);
	ck_assert_ptr_null(strpbrk(text, "\x01\x1b\x7f"));
	ck_assert_uint_eq(strcspn(text, "\n"), strlen(text) - 1);
	json_decref(back);
	free(text);
}
END_TEST

START_TEST(takes_the_largest_counts_and_none)
{
	struct made_up none;
	json_t *empty;

	office.snapshot.accepted = UINT64_MAX;
	json_decref(root);
	root = statusjson(&office.snapshot, false);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "accepted")), INT64_MAX);
	made_up_empty(&none);
	empty = statusjson(&none.snapshot, false);
	ck_assert_ptr_nonnull(empty);
	ck_assert_uint_eq(json_array_size(json_object_get(empty, "lines")), 0);
	json_decref(empty);
}
END_TEST

/* ---- without memory: fails cleanly wherever it is refused ---- */

static long allocations_left;

static void *
meagre_malloc(size_t n)
{
	return allocations_left-- > 0 ? malloc(n) : NULL;
}

START_TEST(without_memory)
{
	long allowed = 0;
	json_t *made = NULL;
	char *text = NULL;

	json_set_alloc_funcs(meagre_malloc, free);
	for (; text == NULL; allowed++) {
		allocations_left = allowed;
		text = statusjson_text(&office.snapshot, true);
		ck_assert_int_lt(allowed, 10000);
	}
	allocations_left = allowed / 2;
	made = statusjson(&office.snapshot, true);
	ck_assert_ptr_null(made);
	json_set_alloc_funcs(malloc, free);
	ck_assert_int_gt(allowed, 100);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("statusjson");
	TCase *tc = tcase_create("statusjson");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, tells_everything);
	tcase_add_test(tc, hides_from_those_who_may_not_act);
	tcase_add_test(tc, names_states_and_calls);
	tcase_add_loop_test(tc, is_valid_whatever_strings_hold, 0, (int)(sizeof hostile / sizeof hostile[0]));
	tcase_add_test(tc, takes_the_largest_counts_and_none);
	tcase_add_test(tc, without_memory);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
