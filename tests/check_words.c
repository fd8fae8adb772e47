/*
 * Every sentence that a client can read, word for word.
 */
#include "sharing/words.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)

static char text[WORDS_MAX];

static const struct {
	struct words_holder h;
	const char *status, *refusal;
} holders[] = {
	{ { "modem1", "192.0.2.7", 3 * M + 5 * S, 12 * S, 11 * H, 5 * M, 0 },
	  "modem1: in use by 192.0.2.7 for 3m5s, idle 12s",
	  "modem1 is in use by 192.0.2.7 for 3m5s, idle 12s; free in 11h at the latest" },
	{ { "modem1", NULL, 0, 0, 1, -1, 2 }, "modem1: in use by another client for 0s, idle 0s",
	  "modem1 is in use by another client for 0s, idle 0s; free in 1ms at the latest; waiting: 2" },
	{ { "c", "::1", H, H, -1, 4 * M + 500, 0 }, "c: in use by ::1 for 1h, idle 1h",
	  "c is in use by ::1 for 1h, idle 1h; no limit; in 4m1s if it stays idle" },
	{ { "c", "::1", H, H, -1, -1, 1 }, "c: in use by ::1 for 1h, idle 1h",
	  "c is in use by ::1 for 1h, idle 1h; no limit; waiting: 1" },
	/* a full queue */
	{ { "c", "::1", H, H, M, 0, 8 }, "c: in use by ::1 for 1h, idle 1h",
	  "c is in use by ::1 for 1h, idle 1h; free in 1m at the latest; waiting: 8" },
	{ { "c", "::1", H, H, 0, 0, 0 }, "c: in use by ::1 for 1h, idle 1h",
	  "c is in use by ::1 for 1h, idle 1h; free in 0s at the latest" },
	/* Rounded up: "at the latest" must hold. */
	{ { "c", "::1", 59 * S, 999, 12 * H + 1, 0, 0 }, "c: in use by ::1 for 59s, idle 999ms",
	  "c is in use by ::1 for 59s, idle 999ms; free in 12h1m at the latest" },
};

START_TEST(tells_the_holder)
{
	ck_assert_uint_eq(words_in_use(text, sizeof text, &holders[_i].h), strlen(text));
	ck_assert_str_eq(text, holders[_i].status);
	ck_assert_uint_eq(words_refusal(text, sizeof text, &holders[_i].h), strlen(text));
	ck_assert_str_eq(text, holders[_i].refusal);
}
END_TEST

#define SAYS(call, expected) do { \
	size_t len_ = call; \
	ck_assert_str_eq(text, expected); \
	ck_assert_uint_eq(len_, strlen(expected)); \
} while (0)

START_TEST(sentences)
{
	SAYS(words_free(text, sizeof text, "modem1"), "modem1: free");
	SAYS(words_out_of_service(text, sizeof text, "modem1", "no device"),
	    "modem1: out of service: no device");
	SAYS(words_on_its_way(text, sizeof text, "modem1", false, 8500),
	    "modem1 is being made ready; free in 9s at the latest");
	SAYS(words_on_its_way(text, sizeof text, "modem1", true, 180 * S), "modem1 is ringing; free in 3m at the latest");
	SAYS(words_waits_already(text, sizeof text, "modems", "192.0.2.7"),
	    "192.0.2.7 waits for modems already");
	SAYS(words_waited(text, sizeof text, "modems", 10 * M), "modems was not free within 10m");
}
END_TEST

START_TEST(reasons)
{
	SAYS(words_quarantine(text, sizeof text, "no answer to ATZ"), "quarantine: no answer to ATZ");
	SAYS(words_gone(text, sizeof text, "modems"), "modems is served no more");
	SAYS(words_draining(text, sizeof text, "modems"),
	    "modems takes nobody any more for now: the server is being drained");
	SAYS(words_no_place(text, sizeof text, "modems", WORDS_TOO_MANY),
	    "modems takes nobody any more for now: too many clients");
	SAYS(words_no_place(text, sizeof text, "modems", WORDS_TOO_MANY_OF_ADDRESS),
	    "modems takes nobody any more for now: too many clients of one address");
	SAYS(words_no_place(text, sizeof text, "modems", WORDS_NO_MEMORY),
	    "modems takes nobody any more for now: no memory");
	SAYS(words_yield(text, sizeof text), "closed: all places are taken, and nothing was sent\r\n");
	SAYS(words_taken_over(text, sizeof text, "192.0.2.7"), "taken over by 192.0.2.7");
	SAYS(words_taken_over(text, sizeof text, NULL), "taken over by another client");
	SAYS(words_no_service(text, sizeof text, "modem1", WORDS_WAITING_FOR_DEVICE),
	    "NO DIALTONE\r\nmodem1 is out of service: waiting for the device\r\n");
}
END_TEST

START_TEST(data)
{
	SAYS(words_line(text, sizeof text, "modem1: free"), "modem1: free\r\n");
	SAYS(words_refused_data(text, sizeof text, "modem1 is in use"),
	    "BUSY\r\nmodem1 is in use\r\n");
	SAYS(words_no_service(text, sizeof text, "modem1", "no permission"),
	    "NO DIALTONE\r\nmodem1 is out of service: no permission\r\n");
	SAYS(words_waiting(text, sizeof text, 2, "modem1 is in use"),
	    "WAITING 2: modem1 is in use\r\n");
	SAYS(words_ready(text, sizeof text), "READY\r\n");
	SAYS(words_claim_timeout(text, sizeof text, 30 * S), "closed: nothing sent for 30s\r\n");
}
END_TEST

START_TEST(warnings)
{
	SAYS(words_warning(text, sizeof text, "modem1", CUT_IDLE, 30 * S),
	    "\r\nmodem1: nothing sent: this session ends in 30s; send anything to keep it\r\n");
	SAYS(words_warning(text, sizeof text, "modem1", CUT_LIMIT, 29 * S + 1),
	    "\r\nmodem1: session limit: this session ends in 30s and cannot be kept; call again "
	    "after it\r\n");
}
END_TEST

static const struct {
	enum words_cut cut;
	const char *name, *detail, *why;
} cuts[] = {
	{ CUT_IDLE, "idle", NULL, "nothing sent for 5m" },
	{ CUT_LIMIT, "limit", NULL, "session limit of 5m reached" },
	{ CUT_KICK, "kick", NULL, "ended by the operator" },
	{ CUT_KICK, "kick", "taken over by 192.0.2.7", "taken over by 192.0.2.7" },
	{ CUT_GONE, "gone", NULL, "the device is gone" },
	{ CUT_GONE, "gone", "the driver does not answer", "the driver does not answer" },
	{ CUT_CONFIG, "config", "ignored", "its configuration has changed" },
	{ CUT_DOWN, "down", NULL, "the server is shutting down" },
};

START_TEST(cut_says_why)
{
	char expected[200];

	snprintf(expected, sizeof expected, "\r\nNO CARRIER\r\nmodem1: %s\r\n", cuts[_i].why);
	SAYS(words_cut(text, sizeof text, "modem1", cuts[_i].cut, 5 * M, cuts[_i].detail), expected);
	ck_assert_str_eq(words_cut_name(cuts[_i].cut), cuts[_i].name);
	snprintf(expected, sizeof expected, "CUT %s", cuts[_i].name);
	SAYS(words_signature_cut(text, WORDS_SIGNATURE, cuts[_i].cut), expected);
}
END_TEST

START_TEST(signatures)
{
	SAYS(words_signature_warning(text, WORDS_SIGNATURE, CUT_IDLE, 30 * S), "IDLE 30");
	SAYS(words_signature_warning(text, WORDS_SIGNATURE, CUT_IDLE, 29 * S + 1), "IDLE 30");
	SAYS(words_signature_warning(text, WORDS_SIGNATURE, CUT_IDLE, 29 * S), "IDLE 29");
	SAYS(words_signature_warning(text, WORDS_SIGNATURE, CUT_LIMIT, 0), "LIMIT 0");
	SAYS(words_signature_warning(text, WORDS_SIGNATURE, CUT_LIMIT, -5), "LIMIT 0");
	SAYS(words_signature_queued(text, WORDS_SIGNATURE, 2), "QUEUED 2");
	ck_assert_str_eq(WORDS_BUSY, "BUSY");
	ck_assert_str_eq(WORDS_NO_DIALTONE, "NO DIALTONE");
	ck_assert_str_eq(WORDS_READY, "READY");
}
END_TEST

/* A gensio client takes 28 bytes: the longest that can come are no longer, whole. */
START_TEST(signatures_fit)
{
	ck_assert_uint_le(words_signature_warning(text, sizeof text, CUT_LIMIT, INT64_MAX), 28);
	ck_assert_uint_le(words_signature_queued(text, sizeof text, INT32_MIN), 28);
}
END_TEST

/* The end of the sentence is there however long the names of others are. */
START_TEST(long_names_leave_the_end)
{
	char line[33], other[2000], sentence[WORDS_MAX];
	struct words_holder h = { line, other, INT64_MAX, INT64_MAX, INT64_MAX, -1, INT32_MAX };

	memset(line, 'l', sizeof line - 1);
	memset(other, 'o', sizeof other - 1);
	line[sizeof line - 1] = other[sizeof other - 1] = '\0';
	words_refusal(sentence, sizeof sentence, &h);
	ck_assert_ptr_nonnull(strstr(sentence, "at the latest; waiting: 2147483647"));
	words_refused_data(text, sizeof text, sentence);
	ck_assert_str_eq(text + strlen(text) - 5, "647\r\n");
	words_waiting(text, sizeof text, INT32_MAX, sentence);
	ck_assert_str_eq(text + strlen(text) - 5, "647\r\n");
	words_no_service(text, sizeof text, line, other);
	ck_assert_str_eq(text + strlen(text) - 3, "o\r\n");
	words_cut(text, sizeof text, line, CUT_GONE, 0, other);
	ck_assert_str_eq(text + strlen(text) - 3, "o\r\n");
	words_waits_already(text, sizeof text, line, other);
	ck_assert_ptr_nonnull(strstr(text, "o waits for l"));
	words_taken_over(sentence, sizeof sentence, other);
	ck_assert_uint_le(strlen(sentence), 200);
}
END_TEST

/* Every function, every size of the buffer: terminated, never behind it. */
START_TEST(never_writes_behind_the_buffer)
{
	size_t cap = (size_t)_i, len[17], k;
	char small[160];

	for (k = 0; k < sizeof len / sizeof len[0]; k++) {
		memset(small, '!', sizeof small);
		switch (k) {
		case 0: len[k] = words_free(small, cap, "l"); break;
		case 1: len[k] = words_in_use(small, cap, &holders[0].h); break;
		case 2: len[k] = words_refusal(small, cap, &holders[1].h); break;
		case 3: len[k] = words_on_its_way(small, cap, "l", false, 5); break;
		case 4: len[k] = words_line(small, cap, "l"); break;
		case 5: len[k] = words_refused_data(small, cap, "l"); break;
		case 6: len[k] = words_no_service(small, cap, "l", "gone"); break;
		case 7: len[k] = words_waiting(small, cap, 1, "l"); break;
		case 8: len[k] = words_warning(small, cap, "l", CUT_LIMIT, 5); break;
		case 9: len[k] = words_cut(small, cap, "l", CUT_GONE, 5, "unplugged"); break;
		case 10: len[k] = words_claim_timeout(small, cap, 5); break;
		case 11: len[k] = words_waits_already(small, cap, "s", "::1"); break;
		case 12: len[k] = words_waited(small, cap, "s", 5); break;
		case 13: len[k] = words_quarantine(small, cap, "no answer"); break;
		case 14: len[k] = words_gone(small, cap, "pppd"); break;
		case 15: len[k] = words_taken_over(small, cap, "::1"); break;
		default: len[k] = words_out_of_service(small, cap, "l", "gone"); break;
		}
		ck_assert_msg(len[k] < cap && strlen(small) == len[k], "function %zu", k);
		ck_assert_msg(small[cap] == '!', "function %zu", k);
	}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("words");
	TCase *tc = tcase_create("words");

	tcase_add_loop_test(tc, tells_the_holder, 0, COUNT(holders));
	tcase_add_test(tc, sentences);
	tcase_add_test(tc, reasons);
	tcase_add_test(tc, data);
	tcase_add_test(tc, warnings);
	tcase_add_loop_test(tc, cut_says_why, 0, COUNT(cuts));
	tcase_add_test(tc, signatures);
	tcase_add_test(tc, signatures_fit);
	tcase_add_test(tc, long_names_leave_the_end);
	tcase_add_loop_test(tc, never_writes_behind_the_buffer, 1, 120);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
