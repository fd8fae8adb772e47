/*
 * A function in a process of its own: its answer, however it ends, and that nothing of ours is in its hands.
 */
#include "io/child.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 200000
#define LONG 20000 /* ms: never reached */
#define ROOM ((size_t)64 << 20)

static struct loop *loop;
static struct child *child;
static int told;
static char wrong[512];
static uint8_t answer[MOST];
static size_t n_answer;

static void
on_ended(void *ctx, const char *why, const uint8_t *b, size_t n)
{
	(void)ctx;
	told++;
	snprintf(wrong, sizeof wrong, "%s", why != NULL ? why : "");
	n_answer = n;
	if (n > 0)
		memcpy(answer, b, n);
	loop_stop(loop);
}

static void
setup(void)
{
	told = 0;
	loop = loop_new();
	child = child_new(loop, MOST, on_ended, NULL);
	ck_assert_ptr_nonnull(child);
}

static void
teardown(void)
{
	child_free(child);
	loop_free(loop);
	while (waitpid(-1, NULL, 0) > 0) /* one that was killed may not be gone yet; hangs where one still runs */
		;
}

static void
run(child_fn *fn, void *arg, int64_t ms)
{
	int before = told;

	ck_assert_int_eq(child_start(child, fn, arg, ms, ROOM), 0);
	ck_assert_int_eq(told, before); /* never from inside */
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(told, before + 1);
}

static void
put(int out, const void *b, size_t n)
{
	const uint8_t *at = b;
	ssize_t sent;

	for (; n > 0; at += sent, n -= (size_t)sent)
		if ((sent = write(out, at, n)) < 0)
			_exit(99);
}

static void
say(void *arg, int out)
{
	put(out, arg, strlen(arg));
}

START_TEST(its_answer)
{
	run(say, "hello", LONG);
	ck_assert_str_eq(wrong, "");
	ck_assert_uint_eq(n_answer, 5);
	ck_assert_mem_eq(answer, "hello", 5);
	run(say, "", LONG);
	ck_assert_str_eq(wrong, "");
	ck_assert_uint_eq(n_answer, 0);
}
END_TEST

static void
say_much(void *arg, int out)
{
	static uint8_t much[MOST + 1];

	memset(much, 'x', sizeof much);
	put(out, much, *(size_t *)arg);
}

/* More than a pipe holds; and one byte too many. */
START_TEST(a_long_answer)
{
	size_t n = MOST;

	run(say_much, &n, LONG);
	ck_assert_str_eq(wrong, "");
	ck_assert_uint_eq(n_answer, MOST);
	n = MOST + 1;
	run(say_much, &n, LONG);
	ck_assert_str_eq(wrong, "said too much");
	ck_assert_uint_eq(n_answer, 0);
}
END_TEST

static void
exit_with_words(void *arg, int out)
{
	(void)out;
	fprintf(stderr, "%s\n", (const char *)arg);
	_exit(2);
}

static void
die(void *arg, int out)
{
	(void)out;
	raise(*(int *)arg);
}

START_TEST(however_it_dies)
{
	int sig = SIGKILL;

	run(exit_with_words, "out of\x1bwords", LONG);
	ck_assert_str_eq(wrong, "ended with status 2: out of\\x1bwords");
	ck_assert_uint_eq(n_answer, 0);
	run(die, &sig, LONG);
	ck_assert_str_eq(wrong, "died by signal 9");
	sig = SIGTERM; /* whatever our own handler does */
	run(die, &sig, LONG);
	ck_assert_str_eq(wrong, "died by signal 15");
	run(say, "again", LONG);
	ck_assert_str_eq(wrong, "");
}
END_TEST

static void
hang(void *arg, int out)
{
	(void)arg;
	(void)out;
	for (;;)
		pause();
}

START_TEST(one_that_takes_too_long)
{
	run(hang, NULL, 30);
	ck_assert_str_eq(wrong, "took more than 30ms");
	run(say, "next", LONG); /* the kernel was done with it when that was told */
	ck_assert_mem_eq(answer, "next", 4);
}
END_TEST

START_TEST(one_at_a_time)
{
	ck_assert_int_eq(child_start(child, hang, NULL, LONG, ROOM), 0);
	ck_assert_int_eq(child_start(child, say, "x", LONG, ROOM), -1);
	ck_assert_int_eq(errno, EBUSY);
	child_free(child); /* which ends it */
	ck_assert_int_eq(told, 0);
	child = NULL;
}
END_TEST

static void
stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* Given up between its being killed and the telling of it. */
START_TEST(one_that_is_on_its_way_out)
{
	struct loop_timer timer;

	loop_timer_init(&timer, loop, stop, NULL);
	ck_assert_int_eq(child_start(child, hang, NULL, 0, ROOM), 0);
	loop_timer_set(&timer, msec_add(loop_now(loop), 5));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(told, 0);
	ck_assert_int_eq(child_start(child, say, "x", LONG, ROOM), -1);
	ck_assert_int_eq(errno, EBUSY);
	child_free(child);
	child = NULL;
	loop_timer_set(&timer, msec_add(loop_now(loop), 50));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(told, 0);
}
END_TEST

static void
list_open(void *arg, int out)
{
	(void)arg;
	if (write(out, "", 1) != 1 || write(STDERR_FILENO + 1, "", 1) == 1 || errno != EBADF)
		_exit(3);
}

/* A connection that we close ends, whatever the child does. */
START_TEST(it_has_nothing_of_ours)
{
	int ends[2], high;
	char c;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	high = dup2(ends[1], 200);
	ck_assert_int_eq(high, 200);
	run(list_open, NULL, LONG);
	ck_assert_str_eq(wrong, "");
	ck_assert_int_eq(child_start(child, hang, NULL, LONG, ROOM), 0);
	close(ends[1]);
	close(high);
	ck_assert_int_eq(read(ends[0], &c, 1), 0); /* waits until the child, too, has closed it */
	close(ends[0]);
	child_free(child);
	child = NULL;
}
END_TEST

static void
want_memory(void *arg, int out)
{
	void *p = mmap(NULL, *(size_t *)arg, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	put(out, p == MAP_FAILED ? "no" : "yes", p == MAP_FAILED ? 2 : 3);
}

START_TEST(its_memory_is_bounded)
{
	size_t n = ROOM / 2;

	run(want_memory, &n, LONG);
	ck_assert_uint_eq(n_answer, 3);
	n = 2 * ROOM;
	run(want_memory, &n, LONG);
	ck_assert_uint_eq(n_answer, 2);
}
END_TEST

START_TEST(no_process)
{
	struct rlimit before, none;

	if (geteuid() == 0) /* whom it does not bind */
		ck_assert_int_eq(setuid(65534), 0);
	prctl(PR_SET_DUMPABLE, 1); /* else no sanitizer can look for leaks */
	ck_assert_int_eq(getrlimit(RLIMIT_NPROC, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	ck_assert_int_eq(child_start(child, say, "x", LONG, ROOM), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &before), 0);
	ck_assert_int_eq(told, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("child");
	TCase *tc = tcase_create("child");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, its_answer);
	tcase_add_test(tc, a_long_answer);
	tcase_add_test(tc, however_it_dies);
	tcase_add_test(tc, one_that_takes_too_long);
	tcase_add_test(tc, one_at_a_time);
	tcase_add_test(tc, one_that_is_on_its_way_out);
	tcase_add_test(tc, it_has_nothing_of_ours);
	tcase_add_test(tc, its_memory_is_bounded);
	tcase_add_test(tc, no_process);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
