/*
 * The call history on a disk that is full, locked, read-only, missing or corrupt: it is told once,
 * nobody waits, and what could be kept is written when the disk is well again.
 */
#include "check_history.h"

#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rig r;
static char path[128];

static void
setup(void)
{
	rig_init(&r);
	snprintf(path, sizeof path, "%s/%s", r.directory, HISTORY_FILE);
}

static void
teardown(void)
{
	rig_end(&r);
}

static void
put(int n)
{
	struct history_record c = rig_record("a", 1000, 2000);

	while (n-- > 0)
		history_add(r.history, &c);
}

/* Everything is well at first, and one record is there. */
static void
open_well(void)
{
	rig_open(&r, 0);
	put(1);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1);
}

/* The disk is well again: all n are there, and it was told once. */
static void
expect_recovery(size_t n)
{
	history_retry(r.history);
	rig_until(&r, HISTORY_WORKS);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, n);
	ck_assert_int_eq(r.end, HISTORY_DONE);
	ck_assert_uint_eq(r.failed, 1);
	ck_assert_uint_eq(r.works, 1);
	ck_assert_uint_eq(r.lost_told, 0);
}

static sqlite3 *
other_connection(const char *sql)
{
	sqlite3 *other;

	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_busy_timeout(other, 10000), SQLITE_OK); /* the history may be at its own business */
	ck_assert_int_eq(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
	return other;
}

static void
write_file(const char *name, off_t at, const char *what, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, what, n, at), (ssize_t)n);
	close(fd);
}

/* ---- locked ---- */

START_TEST(locked)
{
	sqlite3 *other;
	int64_t before;

	open_well();
	other = other_connection("BEGIN EXCLUSIVE");
	before = rig_now();
	put(500);
	ck_assert_int_lt(rig_now() - before, HISTORY_FLUSH / 4); /* it waits for nobody */
	rig_until(&r, HISTORY_FAILED);
	ck_assert_msg(strstr(r.why, "locked by another program") != NULL, "%s", r.why);
	put(10);
	history_retry(r.history);
	rig_ask(&r, NULL); /* which reads meanwhile */
	ck_assert_uint_eq(r.n_rows, 1);
	sqlite3_close(other);
	expect_recovery(511);
}
END_TEST

START_TEST(read_by_another)
{
	sqlite3 *other;
	sqlite3_stmt *s;

	open_well();
	other = other_connection("BEGIN");
	ck_assert_int_eq(sqlite3_prepare_v2(other, "SELECT count(*) FROM calls", -1, &s, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	put(300);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 301);
	ck_assert_int_eq(sqlite3_column_int(s, 0), 1);
	sqlite3_finalize(s);
	sqlite3_close(other);
	ck_assert_uint_eq(r.failed, 0);
}
END_TEST

START_TEST(two_daemons)
{
	struct rig other = r;

	open_well();
	rig_open(&other, 0);
	rig_until(&other, HISTORY_FAILED);
	ck_assert_msg(strstr(other.why, "in use by another modemshared") != NULL, "%s", other.why);
	rig_close(&r);
	history_retry(other.history);
	rig_until(&other, HISTORY_WORKS);
	rig_close(&other);
}
END_TEST

/* ---- the queue ---- */

START_TEST(queue_full)
{
	struct history_record c = rig_record("a", 1000, 2000);
	sqlite3 *other;
	int i;

	open_well();
	other = other_connection("BEGIN EXCLUSIVE");
	put(HISTORY_QUEUE / 4 * 3 + 100);
	rig_until(&r, HISTORY_LOST);
	ck_assert_uint_eq(r.lost, 100);
	for (i = 0; i < HISTORY_QUEUE / 4 + 7; i++) /* the ends have more room */
		history_end(r.history, (uint64_t)i + 1, &c);
	put(3);
	rig_run(&r, 200);
	ck_assert_uint_eq(r.lost_told, 1); /* once a minute */
	sqlite3_close(other);
	history_retry(r.history);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 1 + HISTORY_QUEUE);
	ck_assert_uint_eq(rig_close(&r), 10); /* not told yet */
}
END_TEST

/* What is counted is calls: a claim is one, however much of it is lost. */
START_TEST(a_claim_is_lost_once)
{
	struct history_record c = rig_record("a", 1000, -1);
	uint64_t ids[HISTORY_QUEUE];
	sqlite3 *other;
	int i;

	open_well();
	other = other_connection("BEGIN EXCLUSIVE");
	for (i = 0; i < 10; i++)
		ids[i] = history_begin(r.history, &c);
	c.end = 2000;
	for (i = 0; i < 10; i++)
		history_end(r.history, ids[i], &c);
	if (_i == 0) { /* ten that wait at the end */
		ck_assert_uint_eq(rig_close(&r), 10);
		sqlite3_close(other);
		return;
	}
	for (i = 0; i < HISTORY_QUEUE; i++) { /* begins that find no room, and ends that do or do not */
		c.end = -1;
		ids[i] = history_begin(r.history, &c);
	}
	c.end = 2000;
	for (i = 0; i < HISTORY_QUEUE; i++)
		history_end(r.history, ids[i], &c);
	rig_until(&r, HISTORY_LOST);
	ck_assert_uint_eq(r.lost, HISTORY_QUEUE - HISTORY_QUEUE / 4);
	sqlite3_close(other);
}
END_TEST

START_TEST(the_end_does_not_wait_long)
{
	sqlite3 *other;
	int64_t before;

	open_well();
	other = other_connection("BEGIN EXCLUSIVE");
	put(50);
	before = rig_now();
	ck_assert_uint_eq(rig_close(&r), 50);
	ck_assert_int_lt(rig_now() - before, HISTORY_FLUSH + 500);
	sqlite3_close(other);
}
END_TEST

/* ---- corrupt, missing, newer ---- */

START_TEST(no_database)
{
	char rubbish[8192];

	memset(rubbish, 'x', sizeof rubbish);
	ck_assert_int_eq(mkdir(r.directory, 0700), 0);
	write_file(path, 0, rubbish, sizeof rubbish);
	rig_open(&r, 0);
	put(5);
	rig_until(&r, HISTORY_FAILED);
	ck_assert_msg(strstr(r.why, path) == r.why && strstr(r.why, "not a database") != NULL, "%s",
	    r.why);
	rig_ask(&r, NULL);
	ck_assert_int_eq(r.end, HISTORY_UNKNOWN);
	ck_assert_str_eq(r.error, r.why);
	ck_assert_int_eq(unlink(path), 0);
	expect_recovery(5);
}
END_TEST

/* Whatever page is rubbish, nothing dies. */
START_TEST(corrupt_page)
{
	char rubbish[4096];
	struct stat st;

	rig_open(&r, 0);
	put(700);
	rig_ask(&r, NULL);
	put(700);
	rig_close(&r);
	memset(rubbish, 0xa5, sizeof rubbish);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_gt(st.st_size, (_i + 1) * 4096);
	write_file(path, _i * 4096 + (_i == 0 ? 100 : 0), rubbish, _i == 0 ? 500 : sizeof rubbish);
	rig_open(&r, 1);
	put(5);
	rig_ask(&r, NULL);
	rig_close(&r);
}
END_TEST

START_TEST(missing)
{
	char command[256];

	if (_i == 0) { /* the directory is a file at the start */
		write_file(r.directory, 0, "x", 1);
		rig_open(&r, 0);
		put(3);
	} else {
		open_well();
		snprintf(command, sizeof command, "%s.away", r.directory);
		ck_assert_int_eq(rename(r.directory, command), 0);
		write_file(r.directory, 0, "x", 1);
		put(3);
	}
	rig_until(&r, HISTORY_FAILED);
	put(3);
	ck_assert_int_eq(unlink(r.directory), 0);
	expect_recovery(6);
}
END_TEST

/* Removed while it is used: a new one is made. */
START_TEST(removed)
{
	open_well();
	ck_assert_int_eq(unlink(path), 0);
	put(3);
	rig_until(&r, HISTORY_FAILED);
	expect_recovery(3);
}
END_TEST

/* As the first version made it. */
static const char first_schema[] =
	"CREATE TABLE calls ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" run INTEGER NOT NULL, claim INTEGER NOT NULL,"
	" line TEXT NOT NULL, service TEXT NOT NULL, client TEXT NOT NULL, hidden INTEGER NOT NULL,"
	" refused INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER,"
	" from_client INTEGER NOT NULL, to_client INTEGER NOT NULL,"
	" number TEXT NOT NULL, result TEXT NOT NULL, call_ms INTEGER NOT NULL, why TEXT NOT NULL);"
	"CREATE INDEX calls_start ON calls (started, id);"
	"CREATE INDEX calls_open ON calls (run, claim) WHERE ended IS NULL;"
	"INSERT INTO calls VALUES (1, 77, 1, 'm', 's', 'old', 0, 0, 1000, 2000, 12, 34, '5', 'BUSY', 0, 'closed');"
	"INSERT INTO calls VALUES (2, 77, 2, 'm', 's', 'open', 0, 0, 3000, NULL, 0, 0, '', '', 0, '');"
	"PRAGMA user_version = 1";

START_TEST(older)
{
	struct history_record c = rig_record("many", 5000, 6000);

	ck_assert_int_eq(mkdir(r.directory, 0700), 0);
	sqlite3_close(other_connection(first_schema));
	rig_open(&r, 0);
	c.count = 57;
	history_add(r.history, &c);
	c = rig_record("one", 7000, 8000);
	history_add(r.history, &c);
	rig_ask(&r, NULL);
	ck_assert_uint_eq(r.n_rows, 4);
	ck_assert_str_eq(r.rows[0].client, "one");
	ck_assert_uint_eq(r.rows[0].record.count, 1);
	ck_assert_str_eq(r.rows[1].client, "many");
	ck_assert_uint_eq(r.rows[1].record.count, 57);
	ck_assert_str_eq(r.rows[2].client, "open");
	ck_assert_str_eq(r.rows[2].why, "daemon died");
	ck_assert_str_eq(r.rows[3].client, "old");
	ck_assert_str_eq(r.rows[3].result, "BUSY");
	ck_assert_uint_eq(r.rows[3].record.count, 1);
	ck_assert_uint_eq(r.failed, 0);
}
END_TEST

START_TEST(newer)
{
	sqlite3 *other;
	sqlite3_stmt *s;

	open_well();
	rig_close(&r);
	sqlite3_close(other_connection("PRAGMA user_version = 77"));
	rig_open(&r, 0);
	rig_until(&r, HISTORY_NEWER);
	ck_assert_msg(strstr(r.why, "77") != NULL, "%s", r.why);
	put(HISTORY_QUEUE * 2);
	rig_ask(&r, NULL);
	ck_assert_int_eq(r.end, HISTORY_UNKNOWN);
	ck_assert_uint_eq(r.lost_told + r.failed, 0);
	ck_assert_uint_eq(rig_close(&r), 0);
	other = other_connection("");
	ck_assert_int_eq(sqlite3_prepare_v2(other,
			     "SELECT (SELECT count(*) FROM calls), user_version"
			     " FROM pragma_user_version",
			     -1, &s, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int(s, 0), 1);
	ck_assert_int_eq(sqlite3_column_int(s, 1), 77);
	sqlite3_finalize(s);
	sqlite3_close(other);
}
END_TEST

/* ---- full, read-only: on a file system of our own ---- */

/* False: not allowed. */
static bool
write_map(const char *name, const char *format, unsigned id)
{
	char text[32];
	int n = snprintf(text, sizeof text, format, id), fd = open(name, O_WRONLY);
	bool done = fd >= 0 && write(fd, text, (size_t)n) == n;

	if (fd >= 0)
		close(fd);
	return done;
}

/* Root has mounts of its own; who is not becomes root of a user namespace. */
static bool
have_own_mounts(void)
{
	unsigned uid = getuid(), gid = getgid();

	if (uid == 0 && unshare(CLONE_NEWNS) == 0)
		return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	    write_map("/proc/self/setgroups", "deny", 0) &&
	    write_map("/proc/self/uid_map", "0 %u 1", uid) &&
	    write_map("/proc/self/gid_map", "0 %u 1", gid);
}

static bool
mount_small(void)
{
	if (have_own_mounts() && mkdir(r.directory, 0700) == 0 &&
	    mount("none", r.directory, "tmpfs", 0, "size=512k") == 0)
		return true;
	puts("SKIP check_history: kernel forbids: a file system in a user namespace");
	return false;
}

START_TEST(full)
{
	char ballast[128], zeros[4096] = "";
	off_t at = 0;
	int fd;

	if (!mount_small())
		return;
	open_well();
	snprintf(ballast, sizeof ballast, "%s/ballast", r.directory);
	fd = open(ballast, O_WRONLY | O_CREAT, 0600);
	while (pwrite(fd, zeros, sizeof zeros, at) == sizeof zeros)
		at += sizeof zeros;
	close(fd);
	put(700);
	rig_until(&r, HISTORY_FAILED);
	ck_assert_msg(strstr(r.why, "full") != NULL, "%s", r.why);
	history_retry(r.history);
	rig_ask(&r, &(struct history_filter){ .max = 1 });
	ck_assert_uint_eq(r.n_rows, 1);
	ck_assert_int_eq(unlink(ballast), 0);
	expect_recovery(701);
}
END_TEST

/* A process that ends in the midst of it leaves a write-ahead log, and a claim that goes on. */
static void
leave_open(void)
{
	struct history_record c = rig_record("open", 3000, -1);
	pid_t child = fork();
	int status;

	if (child == 0) {
		open_well();
		history_begin(r.history, &c);
		rig_ask(&r, NULL);
		_exit(r.n_rows == 2 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

/* What was kept before is shown, and that nothing is kept now. */
static void
expect_shown(size_t n)
{
	rig_ask(&r, NULL);
	ck_assert_msg(r.end == HISTORY_DONE, "%s", r.error);
	ck_assert_uint_eq(r.n_rows, n);
	ck_assert_str_eq(r.rows[n - 1].client, "a");
	ck_assert_msg(strstr(r.error, "Read-only") != NULL, "%s", r.error);
	if (n > 1) {
		ck_assert_str_eq(r.rows[0].client, "open");
		ck_assert_str_eq(r.rows[0].why, "daemon died");
		ck_assert_int_eq(r.rows[0].record.end, 3000);
	}
}

START_TEST(read_only)
{
	if (!mount_small())
		return;
	if (_i == 1) {
		open_well();
		rig_close(&r);
	} else if (_i == 2) {
		leave_open();
	}
	ck_assert_int_eq(mount("none", r.directory, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	rig_open(&r, 0);
	put(4);
	rig_until(&r, HISTORY_FAILED);
	if (_i > 0)
		expect_shown((size_t)_i);
	ck_assert_int_eq(mount("none", r.directory, "tmpfs", MS_REMOUNT, NULL), 0);
	expect_recovery((size_t)_i + 4);
	ck_assert_str_eq(r.error, "");
}
END_TEST

TCase *
history_disk_case(void)
{
	TCase *tc = tcase_create("disk");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, locked);
	tcase_add_test(tc, read_by_another);
	tcase_add_test(tc, two_daemons);
	tcase_add_test(tc, queue_full);
	tcase_add_loop_test(tc, a_claim_is_lost_once, 0, 2);
	tcase_add_test(tc, the_end_does_not_wait_long);
	tcase_add_test(tc, no_database);
	tcase_add_loop_test(tc, corrupt_page, 0, 6);
	tcase_add_loop_test(tc, missing, 0, 2);
	tcase_add_test(tc, removed);
	tcase_add_test(tc, older);
	tcase_add_test(tc, newer);
	tcase_add_test(tc, full);
	tcase_add_loop_test(tc, read_only, 0, 3);
	return tc;
}
