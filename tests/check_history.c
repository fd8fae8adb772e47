/*
 * The call history: what is kept of a claim and of a refusal, what is found again by whom, what is
 * forgotten, and what the end of the daemon leaves.
 */
#include "check_history.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DAY (INT64_C(24) * 60 * 60 * 1000)

static struct rig r;

static void
setup(void)
{
	rig_init(&r);
	rig_open(&r, 0);
}

static void
teardown(void)
{
	rig_end(&r);
}

/* ---- what is kept ---- */

START_TEST(a_claim)
{
	struct history_record c = rig_record("192.0.2.7", 1000, -1);
	const struct history_record *got = &r.rows[0].record;
	uint64_t id;

	c.hidden = true;
	c.why = c.number = c.result = NULL;
	id = history_begin(r.history, &c);
	ck_assert_uint_ne(id, 0);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert_int_eq(got->end, -1);
	ck_assert_str_eq(r.rows[0].why, "");

	c = rig_record("192.0.2.7", 1000, 62000);
	c.hidden = true;
	history_end(r.history, id, &c);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert_str_eq(r.rows[0].line, "modem1");
	ck_assert_str_eq(r.rows[0].service, "modems");
	ck_assert_str_eq(r.rows[0].client, "192.0.2.7");
	ck_assert_str_eq(r.rows[0].number, "5551234");
	ck_assert_str_eq(r.rows[0].result, "CONNECT 33600");
	ck_assert_str_eq(r.rows[0].why, "closed");
	ck_assert(got->hidden && !got->refused);
	ck_assert_int_eq(got->start, 1000);
	ck_assert_int_eq(got->end, 62000);
	ck_assert_uint_eq(got->from_client, 12);
	ck_assert_uint_eq(got->to_client, UINT64_C(5000000000));
	ck_assert_int_eq(got->call_ms, 61500);
	ck_assert_uint_eq(r.failed + r.works + r.lost_told, 0);
}
END_TEST

/* Two claims of one line at a time do not happen, but of two lines they do. */
START_TEST(each_end_finds_its_begin)
{
	struct history_record a = rig_record("a", 1000, -1), b = rig_record("b", 1000, -1);
	uint64_t first = history_begin(r.history, &a), second = history_begin(r.history, &b);

	ck_assert_uint_ne(first, second);
	a.end = b.end = 2000;
	a.why = "kicked";
	history_end(r.history, first, &a);
	history_end(r.history, second, &b);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 2);
	ck_assert_str_eq(r.rows[0].client, "b");
	ck_assert_str_eq(r.rows[0].why, "closed");
	ck_assert_str_eq(r.rows[1].client, "a");
	ck_assert_str_eq(r.rows[1].why, "kicked");
}
END_TEST

START_TEST(a_refusal)
{
	struct history_record c = rig_record("198.51.100.1", 5000, 5000);

	c.refused = true;
	history_add(r.history, &c);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert(r.rows[0].record.refused);
	ck_assert_int_eq(r.rows[0].record.end, 5000);
}
END_TEST

/* Foreign text is data: never SQL, and bounded. */
START_TEST(any_text)
{
	char big[1000];
	struct history_record c = rig_record("'; DROP TABLE calls; --", 1, 2);

	memset(big, 'x', sizeof big);
	big[sizeof big - 1] = '\0';
	c.number = big;
	c.why = "\xff\xfe\x01";
	history_add(r.history, &c);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert_str_eq(r.rows[0].client, "'; DROP TABLE calls; --");
	ck_assert_uint_eq(strlen(r.rows[0].number), HISTORY_TEXT);
	ck_assert_str_eq(r.rows[0].why, "\xff\xfe\x01");
}
END_TEST

/* Nobody else is to read who called whom. */
START_TEST(readable_for_few)
{
	static const char *const names[] = { "", "/history.db", "/history.db-wal" };
	char path[128];
	struct stat st;
	size_t i;

	rig_ask(&r, NULL);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", r.directory, names[i]);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_msg((st.st_mode & 07) == 0, "%s: %o", path, st.st_mode);
	}
}
END_TEST

/* ---- the next start ---- */

START_TEST(kept_over_a_restart)
{
	struct history_record c = rig_record("a", 1000, 2000);
	int i;

	for (i = 0; i < 500; i++)
		history_add(r.history, &c);
	ck_assert_uint_eq(rig_close(&r), 0); /* flushes */
	rig_open(&r, 0);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 500);
}
END_TEST

START_TEST(open_claims_of_the_dead)
{
	struct history_record a = rig_record("a", 1000, -1), b = rig_record("b", 3000, 9000);

	history_begin(r.history, &a);
	history_add(r.history, &b);
	rig_close(&r);
	rig_open(&r, 0);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 2);
	ck_assert_str_eq(r.rows[0].why, "closed");
	ck_assert_str_eq(r.rows[1].why, "daemon died");
	ck_assert_int_eq(r.rows[1].record.end, 9000); /* when it was last known to live */
}
END_TEST

/* What the checks of a process that is killed in their midst would write stays out of the runner's file: half of a
 * message makes it give up. */
static void
leave_runner(void)
{
	int fd, nowhere = open("/dev/null", O_RDWR);
	struct stat st;

	for (fd = 3; fd < 64; fd++)
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			dup2(nowhere, fd);
}

/* The process that is killed: writes without end. */
static void
write_for_ever(int told)
{
	struct history_record c = rig_record("a", 1000, -1);
	unsigned i;
	uint64_t id;

	leave_runner();
	rig_open(&r, 0);
	history_begin(r.history, &c);
	rig_ask(&r, NULL);
	if (write(told, "!", 1) != 1)
		_exit(1);
	for (i = 0;; i++) {
		c.end = -1;
		id = history_begin(r.history, &c);
		c.end = 2000;
		history_end(r.history, id, &c);
		if (i % 300 == 0)
			rig_ask(&r, NULL);
	}
}

START_TEST(killed_in_the_middle)
{
	struct timespec moment = { .tv_nsec = _i * 7000000 };
	int p[2], status;
	pid_t child;
	char c;
	size_t i;

	rig_close(&r);
	ck_assert_int_eq(pipe(p), 0);
	child = fork();
	if (child == 0)
		write_for_ever(p[1]);
	ck_assert_int_eq(read(p[0], &c, 1), 1);
	nanosleep(&moment, NULL); /* a different point of its work in each turn */
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	rig_open(&r, 0);
	rig_ask(&r, &(struct history_filter){ .max = 2000 });
	ck_assert_uint_eq(r.failed, 0);
	ck_assert_uint_ge(r.n_rows, 1);
	for (i = 0; i < r.n_rows; i++)
		ck_assert(r.rows[i].record.end != -1);
	rig_ask(&r, &(struct history_filter){ .since = 1 });
	ck_assert_int_eq(r.end, HISTORY_DONE);
}
END_TEST

/* ---- asking ---- */

static void
put_many(int n)
{
	char client[32];
	struct history_record c;
	int i;

	for (i = 0; i < n; i++) {
		snprintf(client, sizeof client, "client%d", i % 10);
		c = rig_record(client, 1000 + i, 2000 + i);
		c.line = i % 2 == 0 ? "even" : "odd";
		c.hidden = i % 10 == 3;
		history_add(r.history, &c);
	}
}

static const struct {
	struct history_filter filter;
	size_t n;
} asked[] = {
	{ { 0, NULL, NULL, 0, false }, 300 },
	{ { 0, NULL, NULL, 1, false }, 1 },
	{ { 0, NULL, NULL, HISTORY_CHUNK, false }, HISTORY_CHUNK },
	{ { 0, NULL, NULL, HISTORY_CHUNK + 1, false }, HISTORY_CHUNK + 1 },
	{ { 0, NULL, NULL, 1000, false }, 300 },
	{ { 1200, NULL, NULL, 0, false }, 100 },
	{ { 1300, NULL, NULL, 0, false }, 0 },
	{ { 0, "even", NULL, 0, false }, 150 },
	{ { 0, "eve", NULL, 0, false }, 0 },
	{ { 0, NULL, "client3", 0, false }, 30 },
	{ { 1290, "odd", "client3", 0, false }, 1 },
	{ { 0, "even", "client3", 0, false }, 0 },
	{ { 0, NULL, "client3", 0, true }, 0 },
	{ { 0, NULL, "client4", 0, true }, 30 },
	{ { 0, NULL, NULL, 0, true }, 300 },
};

START_TEST(a_filter)
{
	size_t i;

	put_many(300);
	rig_ask(&r, &asked[_i].filter);
	ck_assert_uint_eq(r.n_rows, asked[_i].n);
	ck_assert_int_eq(r.end, HISTORY_DONE);
	ck_assert_uint_le(r.largest, HISTORY_CHUNK);
	for (i = 1; i < r.n_rows; i++)
		ck_assert_int_lt(r.rows[i].record.start, r.rows[i - 1].record.start);
}
END_TEST

static int told;
static struct history_query *query;

static void
on_some(void *ctx, const struct history_record *rows, size_t n, enum history_more more,
    const char *error)
{
	(void)ctx;
	(void)rows;
	(void)n;
	(void)more;
	(void)error;
	told++;
	loop_stop(r.loop);
}

static void
on_some_and_free(void *ctx, const struct history_record *rows, size_t n, enum history_more more,
    const char *error)
{
	if (more == HISTORY_MORE)
		history_next(query);
	history_query_free(query);
	on_some(ctx, rows, n, more, error);
}

/* It rests until it is asked for more. */
START_TEST(no_more_than_asked)
{
	put_many(300);
	query = history_query(r.history, &asked[0].filter, on_some, NULL);
	rig_run(&r, RIG_PATIENCE);
	rig_run(&r, 100);
	ck_assert_int_eq(told, 1);
	history_next(query);
	history_next(query);
	rig_run(&r, RIG_PATIENCE);
	rig_run(&r, 100);
	ck_assert_int_eq(told, 2);
	history_query_free(query);
}
END_TEST

START_TEST(freed_at_any_time)
{
	put_many(300);
	query = history_query(r.history, &asked[0].filter, on_some, NULL);
	history_query_free(query); /* before */
	rig_run(&r, 100);
	ck_assert_int_eq(told, 0);
	query = history_query(r.history, &asked[0].filter, on_some_and_free, NULL);
	rig_run(&r, RIG_PATIENCE); /* inside, with more asked for */
	rig_run(&r, 100);
	ck_assert_int_eq(told, 1);
	query = history_query(r.history, &asked[0].filter, on_some, NULL);
	rig_run(&r, RIG_PATIENCE);
	history_query_free(query); /* at rest */
	query = history_query(r.history, &asked[0].filter, on_some, NULL);
	rig_close(&r);
	history_query_free(query); /* after the history */
	rig_run(&r, 50);
	ck_assert_int_eq(told, 2);
}
END_TEST

START_TEST(not_too_many)
{
	struct history_query *q[HISTORY_QUERIES];
	int i;

	for (i = 0; i < HISTORY_QUERIES; i++)
		ck_assert_ptr_nonnull(
		    q[i] = history_query(r.history, &asked[0].filter, on_some, NULL));
	ck_assert_ptr_null(history_query(r.history, &asked[0].filter, on_some, NULL));
	rig_run(&r, 100);
	for (i = 0; i < HISTORY_QUERIES; i++)
		history_query_free(q[i]);
	rig_ask(&r, NULL);
}
END_TEST

/* ---- forgetting ---- */

START_TEST(days)
{
	int64_t now = rig_now();
	struct history_record c;
	int i;

	for (i = 0; i < 2500; i++) { /* more than one step */
		c = rig_record("old", now - 3 * DAY - i, now - 3 * DAY);
		history_add(r.history, &c);
		if (i % 500 == 0)
			rig_ask(&r, &(struct history_filter){ .max = 1 });
	}
	c = rig_record("young", now - 2 * DAY + 60000, now);
	history_add(r.history, &c);
	c = rig_record("open", now - 9 * DAY, -1);
	history_begin(r.history, &c);
	c = rig_record("new", now, now);
	history_add(r.history, &c);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 2503); /* 0: never */
	history_set_keep(r.history, &(struct history_keep){ 2, RIG_BYTES });
	for (i = 0; r.n_rows != 3 && i < 1000; i++)
		rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 3);
	ck_assert_str_eq(r.rows[1].client, "young");
	ck_assert_str_eq(r.rows[2].client, "open");
	rig_close(&r);
	rig_open(&r, 1);
	for (i = 0; r.n_rows != 1 && i < 1000; i++)
		rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert_str_eq(r.rows[0].client, "new");
}
END_TEST

/* The clock is far ahead at a start, and so are the records of then: nothing is forgotten but what is old beside the
 * newest record of before. */
START_TEST(a_clock_that_is_ahead)
{
	int64_t then = rig_now() - 2000 * DAY;
	struct history_record c;
	int i;

	for (i = 0; i < 100; i++) {
		c = rig_record(i < 10 ? "old" : "young", then - (i < 10 ? 500 : 300) * DAY, then - 300 * DAY);
		history_add(r.history, &c);
	}
	c = rig_record("newest", then, then);
	history_add(r.history, &c);
	rig_close(&r);
	rig_open(&r, 400);
	c = rig_record("wrong", rig_now(), rig_now());
	history_add(r.history, &c);
	for (i = 0; r.n_rows != 92 && i < 1000; i++)
		rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 92);
	history_set_keep(r.history, &(struct history_keep){ 399, RIG_BYTES });
	for (i = 0; i < 20; i++)
		rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 92);
	ck_assert_str_eq(r.rows[1].client, "newest");
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("history");
	TCase *tc = tcase_create("kept");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_claim);
	tcase_add_test(tc, each_end_finds_its_begin);
	tcase_add_test(tc, a_refusal);
	tcase_add_test(tc, any_text);
	tcase_add_test(tc, readable_for_few);
	tcase_add_test(tc, kept_over_a_restart);
	tcase_add_test(tc, open_claims_of_the_dead);
	tcase_add_loop_test(tc, killed_in_the_middle, 0, 10);
	tcase_add_loop_test(tc, a_filter, 0, ROWS(asked));
	tcase_add_test(tc, no_more_than_asked);
	tcase_add_test(tc, freed_at_any_time);
	tcase_add_test(tc, not_too_many);
	tcase_add_test(tc, days);
	tcase_add_test(tc, a_clock_that_is_ahead);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, history_disk_case());
	suite_add_tcase(suite, history_size_case());
	return unit_run(suite);
}
