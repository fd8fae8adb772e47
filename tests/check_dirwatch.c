/*
 * Files that come and go, in a directory of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/dirwatch.h"
#include "unit.h"

#define DEADLINE 5000

static struct loop *loop;
static struct loop_timer *stop;
static struct dirwatch *w;
static char dir[64];

struct seen {
	struct dirwatch_file *file;
	int calls;
	struct dirwatch_file **removes; /* in its call */
};

static void
on_stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void
on_change(void *ctx)
{
	struct seen *s = ctx;

	s->calls++;
	if (s->removes != NULL) {
		dirwatch_remove(*s->removes);
		*s->removes = NULL;
	}
	loop_stop(loop);
}

static void
up(void)
{
	snprintf(dir, sizeof dir, "/tmp/check-dirwatch.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	stop = loop_timer_new(loop, on_stop, NULL);
	w = dirwatch_new(loop);
	ck_assert_ptr_nonnull(w);
}

static void
down(void)
{
	char command[128];

	dirwatch_free(w);
	dirwatch_free(NULL);
	dirwatch_remove(NULL);
	loop_timer_free(stop);
	loop_free(loop);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *
in(const char *name)
{
	static char path[4][256];
	static int n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof path[n], "%s/%s", dir, name);
	return path[n];
}

static void
add(struct seen *s, const char *name)
{
	*s = (struct seen){ .file = dirwatch_add(w, in(name), on_change, s) };
	ck_assert_ptr_nonnull(s->file);
	ck_assert(dirwatch_works(s->file));
}

static void
turn(int ms)
{
	loop_timer_set(stop, msec_add(loop_now(loop), ms));
	ck_assert_int_eq(loop_run(loop), 0);
	loop_timer_set(stop, MSEC_NEVER);
}

/* Until it was called, once for all that was done before. */
static void
called(struct seen *s)
{
	int before = s->calls;

	turn(DEADLINE);
	ck_assert_int_eq(s->calls, before + 1);
}

/* All that happened is told by the time this is. */
static void
not_called(const struct seen *s)
{
	struct seen last;
	int before = s->calls;

	add(&last, "last");
	ck_assert_int_eq(close(open(in("last"), O_CREAT | O_WRONLY, 0600)), 0);
	while (last.calls == 0)
		turn(DEADLINE);
	ck_assert_int_eq(s->calls, before);
	dirwatch_remove(last.file);
	unlink(in("last"));
}

static void
put(const char *name)
{
	int fd = open(in(name), O_CREAT | O_WRONLY, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

/* The watches of all inotify descriptors of this process. */
static int
watches(void)
{
	char path[64], line[256];
	int fd, n = 0;
	FILE *f;

	for (fd = 3; fd < 64; fd++) {
		snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
		f = fopen(path, "r");
		while (f != NULL && fgets(line, sizeof line, f) != NULL)
			n += strncmp(line, "inotify ", 8) == 0;
		if (f != NULL)
			fclose(f);
	}
	return n;
}

START_TEST(each_change)
{
	struct seen a;

	add(&a, "a");
	put("a");
	called(&a);
	ck_assert_int_eq(chmod(in("a"), 0644), 0);
	called(&a);
	ck_assert_int_eq(rename(in("a"), in("b")), 0);
	called(&a);
	ck_assert_int_eq(chmod(in("b"), 0600), 0);
	not_called(&a);
	ck_assert_int_eq(rename(in("b"), in("a")), 0);
	called(&a);
	ck_assert_int_eq(unlink(in("a")), 0);
	called(&a);
	ck_assert_int_eq(symlink("nowhere", in("a")), 0);
	called(&a);
	ck_assert_int_eq(unlink(in("a")), 0);
	called(&a);
	not_called(&a);
	dirwatch_remove(a.file);
}
END_TEST

START_TEST(many_changes_are_one)
{
	struct seen a;

	add(&a, "a");
	put("a");
	unlink(in("a"));
	put("a");
	called(&a);
	not_called(&a);
	dirwatch_remove(a.file);
}
END_TEST

START_TEST(other_names)
{
	struct seen a;

	add(&a, "a");
	put("b");
	put("aa");
	mkdir(in("d"), 0700);
	put("d/a");
	not_called(&a);
	dirwatch_remove(a.file);
	put("a");
}
END_TEST

/* One watch for all, and each is told of its own. */
START_TEST(one_directory)
{
	static struct seen s[1000], same;
	char name[16];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "tty%d", i);
		add(&s[i], name);
	}
	add(&same, "tty500");
	ck_assert_int_eq(watches(), 1);
	put("tty500");
	called(&s[500]);
	ck_assert_int_eq(same.calls, 1);
	for (i = 0; i < 1000; i++)
		ck_assert_int_eq(s[i].calls, i == 500);
	dirwatch_remove(same.file);
	for (i = 0; i < 999; i++)
		dirwatch_remove(s[i].file);
	ck_assert_int_eq(watches(), 1);
	put("tty999");
	called(&s[999]);
	dirwatch_remove(s[999].file);
	ck_assert_int_eq(watches(), 0);
}
END_TEST

/* Directories that come one after another, go, and come again. */
START_TEST(missing_directories)
{
	struct seen a;

	add(&a, "serial/by-id/a");
	ck_assert_int_eq(watches(), 1);
	ck_assert_int_eq(mkdir(in("serial"), 0700), 0);
	called(&a);
	ck_assert_int_eq(mkdir(in("serial/by-id"), 0700), 0);
	called(&a);
	put("serial/by-id/a");
	called(&a);
	put("serial/a");
	not_called(&a);
	ck_assert_int_eq(watches(), 1);
	unlink(in("serial/by-id/a"));
	unlink(in("serial/a"));
	called(&a);
	ck_assert_int_eq(rmdir(in("serial/by-id")), 0);
	called(&a);
	ck_assert_int_eq(rmdir(in("serial")), 0);
	called(&a);
	ck_assert(dirwatch_works(a.file));
	/* All before anybody looks. */
	mkdir(in("serial"), 0700);
	mkdir(in("serial/by-id"), 0700);
	called(&a);
	put("serial/by-id/a");
	called(&a);
	dirwatch_remove(a.file);
	ck_assert_int_eq(watches(), 0);
}
END_TEST

START_TEST(a_directory_that_was_replaced)
{
	struct seen a;

	mkdir(in("d"), 0700);
	add(&a, "d/a");
	rmdir(in("d"));
	mkdir(in("d"), 0700);
	called(&a);
	put("d/a");
	called(&a);
	ck_assert_int_eq(rename(in("d"), in("e")), 0);
	called(&a);
	unlink(in("e/a"));
	not_called(&a);
	mkdir(in("d"), 0700);
	called(&a);
	put("d/a");
	called(&a);
	ck_assert_int_eq(watches(), 1);
	dirwatch_remove(a.file);
}
END_TEST

START_TEST(a_file_in_the_way)
{
	struct seen a;

	put("d");
	add(&a, "d/e/a");
	unlink(in("d"));
	called(&a);
	mkdir(in("d"), 0700);
	called(&a);
	mkdir(in("d/e"), 0700);
	called(&a);
	put("d/e/a");
	called(&a);
	dirwatch_remove(a.file);
}
END_TEST

START_TEST(paths)
{
	struct seen a = { 0 }, b = { 0 }, c = { 0 };
	char path[300];

	snprintf(path, sizeof path, "//%s///d//a/", dir);
	mkdir(in("d"), 0700);
	a.file = dirwatch_add(w, path, on_change, &a);
	ck_assert(dirwatch_works(a.file));
	put("d/a");
	called(&a);
	dirwatch_remove(a.file);
	b.file = dirwatch_add(w, "relative", on_change, &b);
	ck_assert(!dirwatch_works(b.file));
	dirwatch_remove(b.file);
	c.file = dirwatch_add(w, "/no-such-directory/a/b", on_change, &c);
	ck_assert(dirwatch_works(c.file)); /* the root is there */
	dirwatch_remove(c.file);
	c.file = dirwatch_add(w, "", on_change, &c);
	ck_assert(!dirwatch_works(c.file));
	dirwatch_remove(c.file);
	c.file = dirwatch_add(w, "/", on_change, &c);
	ck_assert(!dirwatch_works(c.file));
	dirwatch_remove(c.file);
	ck_assert_int_eq(watches(), 0);
}
END_TEST

/* In its call: itself, and another one that would be next. */
START_TEST(removed_in_a_call)
{
	struct seen a, b;

	add(&a, "a");
	add(&b, "b");
	a.removes = &b.file;
	b.removes = &a.file;
	put("a");
	put("b");
	turn(DEADLINE);
	ck_assert_int_eq(a.calls + b.calls, 1);
	dirwatch_remove(a.file);
	dirwatch_remove(b.file);
	add(&a, "c");
	a.removes = &a.file;
	put("c");
	called(&a);
	ck_assert_ptr_null(a.file);
	ck_assert_int_eq(watches(), 0);
}
END_TEST

/* Nothing to be had: the owner polls, until it is told that it need not. */
START_TEST(no_descriptor)
{
	struct rlimit limit, none;
	struct seen a = { 0 };

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	a.file = dirwatch_add(w, in("a"), on_change, &a);
	ck_assert_ptr_nonnull(a.file);
	ck_assert(!dirwatch_works(a.file));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	put("a");
	ck_assert(dirwatch_works(a.file));
	unlink(in("a"));
	called(&a);
	dirwatch_remove(a.file);
}
END_TEST

/* A directory that may not be read cannot be watched. */
START_TEST(no_permission)
{
	struct seen a = { 0 };

	chmod(dir, 0755);
	mkdir(in("d"), 0700);
	chmod(in("d"), 0311);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	a.file = dirwatch_add(w, in("d/a"), on_change, &a);
	ck_assert(!dirwatch_works(a.file));
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	chmod(in("d"), 0711);
	ck_assert(dirwatch_works(a.file));
	put("d/a");
	called(&a);
	dirwatch_remove(a.file);
}
END_TEST

/* More than the kernel keeps: everybody is called, and what comes then is seen. */
START_TEST(lost_events)
{
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	struct seen a, b;
	int limit = 0, i;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%d", &limit), 1);
	fclose(f);
	mkdir(in("d"), 0700);
	add(&a, "d/a");
	add(&b, "b");
	for (i = 0; i <= limit / 2 && i < 1000000; i++) {
		put("x");
		unlink(in("x"));
	}
	rmdir(in("d")); /* of this nothing is told */
	while (a.calls == 0 || b.calls == 0)
		turn(DEADLINE);
	ck_assert_int_eq(a.calls, 1);
	ck_assert_int_eq(b.calls, 1);
	mkdir(in("d"), 0700);
	called(&a);
	put("d/a");
	called(&a);
	dirwatch_remove(a.file);
	dirwatch_remove(b.file);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dirwatch");
	TCase *tc = tcase_create("dirwatch");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, each_change);
	tcase_add_test(tc, many_changes_are_one);
	tcase_add_test(tc, other_names);
	tcase_add_test(tc, one_directory);
	tcase_add_test(tc, missing_directories);
	tcase_add_test(tc, a_directory_that_was_replaced);
	tcase_add_test(tc, a_file_in_the_way);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, removed_in_a_call);
	tcase_add_test(tc, no_descriptor);
	tcase_add_test(tc, no_permission);
	tcase_add_test(tc, lost_events);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
