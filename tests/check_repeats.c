/*
 * What repeats is told, then counted, then told in one: nothing is missing from the sums, and no crowd makes more of it
 * than the table holds.
 */
#include "daemon/repeats.h"
#include "base/addrkey.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define MINUTE REPEATS_MINUTE

static struct repeats *r;
static msec_t now;

static void
setup(void)
{
	r = repeats_new();
	ck_assert_ptr_nonnull(r);
	now = (msec_t){ 77000 };
}

static void
teardown(void)
{
	repeats_free(r);
}

static struct history_record
record(const char *line, unsigned client, enum repeats_kind kind)
{
	static char who[16];

	snprintf(who, sizeof who, "client%u", client);
	return (struct history_record){ .line = line, .service = "pool", .client = who, .hidden = true,
		.refused = kind == REPEATS_REFUSAL, .start = now.v, .end = now.v + 10, .from_client = 3,
		.to_client = 4, .number = "", .result = "", .call_ms = 5, .why = "in use" };
}

static struct repeats_key
key_of(uint8_t bytes[static ADDRKEY], unsigned client, enum repeats_kind kind, const char *reason)
{
	memset(bytes, 0, ADDRKEY);
	memcpy(bytes, &client, sizeof client);
	return (struct repeats_key){ kind, bytes, reason };
}

static struct repeats_found
add(enum repeats_kind kind, const char *line, unsigned client, const char *reason)
{
	uint8_t bytes[ADDRKEY];
	struct repeats_key key = key_of(bytes, client, kind, reason);
	struct history_record h = record(line, client, kind);

	return repeats_add(r, &key, &h, false, now);
}

static bool
counts(const char *line, unsigned client)
{
	uint8_t bytes[ADDRKEY];
	struct repeats_key key = key_of(bytes, client, REPEATS_CLAIM, "");
	struct history_record h = record(line, client, REPEATS_CLAIM);

	return repeats_counts(r, &key, &h, now);
}

static bool
refuse(const char *line, unsigned client)
{
	return add(REPEATS_REFUSAL, line, client, "busy").whole;
}

/* The sums that are due: how many of them, and what they come to. */
static unsigned
sums(msec_t at, uint64_t *total)
{
	struct history_record sum;
	enum repeats_kind kind;
	unsigned n = 0;

	while (repeats_take(r, at, &kind, &sum)) {
		ck_assert_uint_gt(sum.count, 0);
		ck_assert(sum.refused == (kind == REPEATS_REFUSAL));
		*total += sum.count;
		n++;
	}
	return n;
}

START_TEST(the_first_and_then_a_sum_a_minute)
{
	struct history_record sum;
	enum repeats_kind kind;
	uint64_t total = 0;
	int i;

	ck_assert(msec_is_never(repeats_due(r)));
	ck_assert(refuse("a", 1));
	ck_assert(msec_is_never(repeats_due(r))); /* nobody wakes up for it */
	for (i = 0; i < 9; i++) {
		now.v += 1000;
		ck_assert(!refuse("a", 1));
	}
	ck_assert_int_eq(repeats_due(r).v, 77000 + MINUTE);
	ck_assert_uint_eq(sums(now, &total), 0);
	now.v = 77000 + MINUTE;
	ck_assert(repeats_take(r, now, &kind, &sum));
	ck_assert_int_eq(kind, REPEATS_REFUSAL);
	ck_assert_str_eq(sum.line, "a");
	ck_assert_str_eq(sum.service, "pool");
	ck_assert_str_eq(sum.client, "client1");
	ck_assert_str_eq(sum.why, "in use");
	ck_assert(sum.refused && sum.hidden);
	ck_assert_uint_eq(sum.count, 9);
	ck_assert_int_eq(sum.start, 78000);
	ck_assert_int_eq(sum.end, 86010);
	ck_assert_uint_eq(sum.from_client, 27);
	ck_assert_uint_eq(sum.to_client, 36);
	ck_assert_int_eq(sum.call_ms, 45);
	ck_assert_uint_eq(sums(now, &total), 0);
	ck_assert(msec_is_never(repeats_due(r)));
	ck_assert(!refuse("a", 1)); /* it goes on: counted from the begin */
	now.v += MINUTE;
	ck_assert_uint_eq(sums(now, &total), 1);
	ck_assert_uint_eq(total, 1);
	now.v += MINUTE; /* a minute without any */
	ck_assert(refuse("a", 1));
}
END_TEST

START_TEST(each_for_itself)
{
	ck_assert(refuse("a", 1));
	ck_assert(refuse("b", 1));
	ck_assert(refuse("a", 2));
	ck_assert(add(REPEATS_REFUSAL, "a", 1, "out").whole);
	ck_assert(add(REPEATS_CLAIM, "a", 1, "busy").whole);
	ck_assert(!refuse("a", 1));
	ck_assert(!refuse("b", 1));
	ck_assert(!refuse("a", 2));
	ck_assert(!add(REPEATS_REFUSAL, "a", 1, "out").whole);
	ck_assert_uint_ne(add(REPEATS_REFUSAL, "a", 1, "out").name, add(REPEATS_REFUSAL, "a", 1, "busy").name);
}
END_TEST

START_TEST(claims)
{
	uint64_t total = 0;
	int i;

	for (i = 0; i < REPEATS_CLAIMS; i++) {
		ck_assert(!counts("a", 1));
		ck_assert(add(REPEATS_CLAIM, "a", 1, "client closed").whole);
	}
	ck_assert(counts("a", 1));
	ck_assert(!counts("b", 1));
	ck_assert(!counts("a", 2));
	ck_assert(!add(REPEATS_CLAIM, "a", 1, "client closed").whole);
	ck_assert(add(REPEATS_CLAIM, "a", 1, "reset").whole); /* of another kind is the first */
	now.v += MINUTE;
	ck_assert_uint_eq(sums(now, &total), 1);
	ck_assert(counts("a", 1));
	now.v += MINUTE; /* a quiet one: one is told again */
	ck_assert(!counts("a", 1));
	ck_assert(add(REPEATS_CLAIM, "a", 1, "client closed").whole);
	ck_assert(counts("a", 1));
	now.v += 100 * MINUTE;
	for (i = 0; i < REPEATS_CLAIMS; i++)
		ck_assert(add(REPEATS_CLAIM, "a", 1, "client closed").whole);
	ck_assert(!add(REPEATS_CLAIM, "a", 1, "client closed").whole);
}
END_TEST

/* What was told at its begin is told at its end. */
START_TEST(told_already)
{
	uint8_t bytes[ADDRKEY];
	struct repeats_key key = key_of(bytes, 1, REPEATS_CLAIM, "client closed");
	struct history_record h = record("a", 1, REPEATS_CLAIM);
	uint64_t total = 0;
	int i;

	for (i = 0; i < 3 * REPEATS_CLAIMS; i++)
		ck_assert(repeats_add(r, &key, &h, true, now).whole);
	ck_assert_uint_eq(sums(MSEC_NEVER, &total), 0);
	now.v += MINUTE;
	ck_assert(add(REPEATS_CLAIM, "a", 1, "client closed").whole);
}
END_TEST

/* A crowd of addresses: so many are told, and the rest is one sum for each service. */
START_TEST(a_crowd)
{
	unsigned i, whole = 0, n;
	uint64_t total = 0;
	struct repeats_found found;

	for (i = 0; i < 10000; i++) {
		found = add(REPEATS_REFUSAL, "a", i, "busy");
		ck_assert(found.whole != found.others);
		whole += found.whole;
	}
	ck_assert_uint_eq(whole, REPEATS_KEYS);
	ck_assert(counts("a", 1));
	ck_assert(!refuse("a", 5)); /* who is there already stays */
	now.v += MINUTE;
	n = sums(now, &total);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(total, 10001 - REPEATS_KEYS);
	now.v += MINUTE;
	ck_assert(refuse("a", 20000)); /* when they have gone there is room */
	ck_assert(!counts("a", 1));
}
END_TEST

START_TEST(the_sum_of_a_crowd)
{
	struct history_record sum;
	enum repeats_kind kind;
	unsigned i;

	for (i = 0; i < REPEATS_KEYS + 2; i++)
		add(REPEATS_REFUSAL, "a", i, "busy");
	ck_assert(repeats_take(r, MSEC_NEVER, &kind, &sum)); /* the end does not wait for the minute */
	ck_assert_str_eq(sum.client, REPEATS_OTHERS);
	ck_assert_str_eq(sum.service, "pool");
	ck_assert(!sum.hidden);
	ck_assert_uint_eq(sum.count, 2);
}
END_TEST

/* However it comes: all are told, whole or in a sum, and never more than one sum a minute for each. */
START_TEST(nothing_is_missing)
{
	uint64_t all = 0, whole = 0, total = 0;
	unsigned seed = (unsigned)_i * 2654435761u + 1, n_sums = 0;
	int i;

	for (i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		now.v += seed >> 16 & (_i % 2 == 0 ? 0x3f : 0xfff);
		all++;
		whole += add(seed >> 8 & 1 ? REPEATS_CLAIM : REPEATS_REFUSAL, seed >> 9 & 1 ? "a" : "b",
		    seed >> 10 & (_i % 3 == 0 ? 0x7 : 0xff), seed >> 20 & 1 ? "x" : "y").whole;
		if (msec_reached(repeats_due(r), now))
			n_sums += sums(now, &total);
	}
	ck_assert_uint_le(n_sums, (unsigned)((now.v - 77000) / MINUTE + 1) * (REPEATS_KEYS + 2));
	sums(MSEC_NEVER, &total);
	ck_assert_uint_eq(whole + total, all);
	ck_assert(msec_is_never(repeats_due(r)));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("repeats");
	TCase *t = tcase_create("repeats");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_first_and_then_a_sum_a_minute);
	tcase_add_test(t, each_for_itself);
	tcase_add_test(t, claims);
	tcase_add_test(t, told_already);
	tcase_add_test(t, a_crowd);
	tcase_add_test(t, the_sum_of_a_crowd);
	tcase_add_loop_test(t, nothing_is_missing, 0, 6);
	suite_add_tcase(s, t);
	return unit_run(s);
}
