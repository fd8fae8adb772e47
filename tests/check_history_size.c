/*
 * How much of the call history there is: whatever comes, its files together stay within the size, and the newest stays.
 */
#include "check_history.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MIB (INT64_C(1) << 20)
#define BUNCH 250

static struct rig r;
static int64_t largest; /* bytes of the files, at any time that was looked at */

static void
setup(void)
{
	rig_init(&r);
	largest = 0;
}

static void
teardown(void)
{
	rig_end(&r);
}

/* Bytes of all files now. */
static int64_t
size_now(void)
{
	static const char *const names[] = { HISTORY_FILE, HISTORY_FILE "-wal", HISTORY_FILE "-shm", "history.lock" };
	char path[128];
	struct stat st;
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", r.directory, names[i]);
		if (stat(path, &st) == 0)
			sum += st.st_size;
	}
	if (sum > largest)
		largest = sum;
	return sum;
}

/* Waits until what was put is written. */
static void
settle(void)
{
	rig_ask(&r, &(struct history_filter){ .max = 1 });
	size_now();
}

/* n records with texts of so many bytes each, numbered from `first` on. */
static void
put(int n, int first, size_t bytes)
{
	char text[HISTORY_TEXT + 1];
	struct history_record c;
	int i;

	memset(text, 'x', sizeof text);
	text[bytes] = '\0';
	for (i = 0; i < n; i++) {
		c = rig_record("a", 1000 + first + i, 2000 + first + i);
		c.line = c.service = c.client = c.number = c.result = c.why = text;
		history_add(r.history, &c);
		if (i % BUNCH == BUNCH - 1)
			settle();
	}
	settle();
}

/* Until its files are at most that large. */
static void
until_size(int64_t bytes)
{
	int i;

	for (i = 0; i < 3000 && size_now() > bytes; i++) {
		rig_run(&r, 10);
		rig_ask(&r, &(struct history_filter){ .max = 1 });
	}
	ck_assert_int_le(size_now(), bytes);
}

static const struct {
	size_t text;
	int records, least; /* of the newest, which are still there */
} kept[] = {
	{ HISTORY_TEXT, 8000, 300 }, { 10, 60000, 7000 }, { 0, 60000, 10000 },
};

START_TEST(stays_within_its_size)
{
	int64_t last = 1000 + kept[_i].records - 1;

	rig_open_with(&r, &(struct history_keep){ 0, HISTORY_LEAST });
	put(kept[_i].records, 0, kept[_i].text);
	ck_assert_msg(largest <= HISTORY_LEAST, "%lld bytes", (long long)largest);
	ck_assert_int_gt(largest, HISTORY_LEAST / 4); /* and what it may have is used */
	rig_ask(&r, &(struct history_filter){ .max = 1 });
	ck_assert_int_eq(r.rows[0].record.start, last);
	rig_ask(&r, &(struct history_filter){ .since = last - kept[_i].least + 1, .max = RIG_ROWS });
	ck_assert_uint_eq(r.n_rows, (size_t)(kept[_i].least < RIG_ROWS ? kept[_i].least : RIG_ROWS));
	ck_assert_uint_eq(r.failed + r.lost_told, 0);
	rig_close(&r);
	rig_open_with(&r, &(struct history_keep){ 0, HISTORY_LEAST }); /* what was open is closed */
	rig_ask(&r, &(struct history_filter){ .max = 1 });
	ck_assert_int_eq(r.rows[0].record.start, last);
}
END_TEST

/* Who goes on stays, however old. */
START_TEST(what_goes_on_stays)
{
	struct history_record c = rig_record("open", 1, -1);
	uint64_t id;

	rig_open_with(&r, &(struct history_keep){ 0, HISTORY_LEAST });
	id = history_begin(r.history, &c);
	put(4000, 0, HISTORY_TEXT);
	c.end = 5000;
	history_end(r.history, id, &c);
	rig_ask(&r, &(struct history_filter){ .client = "open" });
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert_int_eq(r.rows[0].record.end, 5000);
}
END_TEST

START_TEST(another_size)
{
	rig_open_with(&r, &(struct history_keep){ 0, 64 * MIB });
	put(8000, 0, HISTORY_TEXT);
	ck_assert_int_gt(largest, 10 * MIB);
	ck_assert_int_le(largest, 64 * MIB);
	history_set_keep(r.history, &(struct history_keep){ 0, 8 * MIB });
	until_size(8 * MIB);
	rig_ask(&r, &(struct history_filter){ .since = 8000, .max = RIG_ROWS });
	ck_assert_uint_eq(r.n_rows, 1000); /* the newest */
	largest = 0;
	put(8000, 8000, HISTORY_TEXT);
	ck_assert_msg(largest <= 8 * MIB, "%lld bytes", (long long)largest);
	ck_assert_uint_eq(r.failed + r.lost_told, 0);
}
END_TEST

/* A file that was made before there was a size is smaller in the end, too. */
START_TEST(an_older_file)
{
	char path[128];
	sqlite3 *other;

	rig_open_with(&r, &(struct history_keep){ 0, 64 * MIB });
	put(8000, 0, HISTORY_TEXT);
	rig_close(&r);
	snprintf(path, sizeof path, "%s/%s", r.directory, HISTORY_FILE);
	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", NULL,
			     NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	ck_assert_int_gt(size_now(), 10 * MIB);
	rig_open_with(&r, &(struct history_keep){ 0, HISTORY_LEAST });
	until_size(HISTORY_LEAST);
	rig_ask(&r, &(struct history_filter){ .max = 1 });
	ck_assert_int_eq(r.rows[0].record.start, 8999);
	largest = 0;
	put(2000, 8000, HISTORY_TEXT);
	ck_assert_msg(largest <= HISTORY_LEAST, "%lld bytes", (long long)largest);
}
END_TEST

TCase *
history_size_case(void)
{
	TCase *tc = tcase_create("size");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, stays_within_its_size, 0, (int)(sizeof kept / sizeof *kept));
	tcase_add_test(tc, what_goes_on_stays);
	tcase_add_test(tc, another_size);
	tcase_add_test(tc, an_older_file);
	return tc;
}
