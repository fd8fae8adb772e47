/*
 * Lines of the log that find no room: kept in order, each whole, then counted, and told as soon as there is room.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/log.h"
#include "unit.h"

static int reader, before;
static char said[1 << 20]; /* all that has been read */
static size_t n_said;
static int waits;

static void
on_waiting(void *ctx)
{
	ck_assert_ptr_eq(ctx, said);
	waits++;
}

/* Standard error is a pipe of one page. */
static void
begin(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_gt(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	reader = ends[0];
	before = dup(STDERR_FILENO);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	close(ends[1]);
	log_to_stderr();
	log_on_waiting(on_waiting, said);
}

static void
end(void)
{
	ck_assert_int_ge(dup2(before, STDERR_FILENO), 0);
	close(reader);
}

/* Reads at most n bytes; returns how many there were. */
static size_t
read_some(size_t n)
{
	ssize_t got = read(reader, said + n_said, n);

	ck_assert(got >= 0 || errno == EAGAIN);
	n_said += got > 0 ? (size_t)got : 0;
	said[n_said] = '\0';
	return got > 0 ? (size_t)got : 0;
}

static void
read_all(void)
{
	do
		log_flush();
	while (read_some(sizeof said - 1 - n_said) > 0);
}

/* Lines are numbered from 0 to n - 1: each is there once, in order, or counted where it is missing. */
static unsigned
check_numbers(unsigned n)
{
	unsigned next = 0, lost = 0, number;
	char *line = said, *stop, *at;

	for (; (stop = strchr(line, '\n')) != NULL; line = stop + 1) {
		*stop = '\0';
		if ((at = strstr(line, "warning: log lines lost: event=log-lost lines=")) != NULL) {
			number = (unsigned)strtoul(strrchr(at, '=') + 1, NULL, 10);
			lost += number;
			next += number;
			continue;
		}
		at = strstr(line, " info: a line: event=x n=");
		ck_assert_msg(at != NULL && at == line + strlen("2026-11-30T09:15:02.418+01:00"), "torn: %s", line);
		ck_assert_uint_eq(strtoul(strrchr(at, '=') + 1, NULL, 10), next++);
	}
	ck_assert_str_eq(line, "");
	ck_assert_uint_eq(next, n);
	return lost;
}

START_TEST(keeps_a_burst)
{
	unsigned i;

	begin();
	for (i = 0; i < 500; i++)
		log_info("a line: event=x n=%u", i);
	ck_assert_int_eq(waits, 1);
	ck_assert_int_eq(log_flush(), LOG_STUCK);
	ck_assert_int_gt((int)read_some(4096), 0);
	ck_assert_int_eq(log_flush(), LOG_FLUSHED_SOME);
	read_all();
	end();
	ck_assert_uint_eq(check_numbers(500), 0);
	ck_assert_uint_eq(log_lost(), 0);
}
END_TEST

START_TEST(counts_what_is_lost)
{
	unsigned i;

	begin();
	for (i = 0; i < 3000; i++)
		log_info("a line: event=x n=%u", i);
	ck_assert_uint_gt(log_lost(), 1000);
	read_all(); /* no further line is needed for it to be told */
	log_info("a line: event=x n=%u", i++);
	read_all();
	end();
	ck_assert_uint_eq(check_numbers(i), log_lost());
}
END_TEST

/* A reader that is slower than they come, so that the places of lines go round and round. */
START_TEST(stays_in_order)
{
	unsigned i;

	begin();
	for (i = 0; i < 20000; i++) {
		log_info("a line: event=x n=%u", i);
		if (i % 7 != 0)
			read_some(20 + i % 61);
		if (i % 5000 == 4999)
			read_all();
		ck_assert_uint_lt(n_said, sizeof said - 70000);
		if (n_said > sizeof said / 2)
			break;
	}
	i += i < 20000;
	read_all();
	end();
	ck_assert_uint_eq(check_numbers(i), log_lost());
	ck_assert_uint_gt(log_lost(), 0);
}
END_TEST

/* Nobody will ever read: nothing is kept, and nothing waits. */
START_TEST(a_reader_that_has_gone)
{
	unsigned i;

	begin();
	for (i = 0; i < 100; i++)
		log_info("a line: event=x n=%u", i);
	ck_assert_int_eq(waits, 1);
	close(reader);
	ck_assert_int_eq(log_flush(), LOG_FLUSHED);
	log_info("a line: event=x n=%u", i++);
	ck_assert_uint_ge(log_lost(), 1);
	ck_assert_int_eq(waits, 1);
	log_end();
	reader = dup(before);
	end();
}
END_TEST

START_TEST(errno_stays)
{
	begin();
	errno = ENOTDIR;
	log_info("a line: event=x n=%u", 0U);
	ck_assert_int_eq(errno, ENOTDIR);
	close(reader);
	errno = ENOTDIR;
	log_info("a line: event=x n=%u", 1U);
	ck_assert_int_eq(errno, ENOTDIR);
	reader = dup(before);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	signal(SIGPIPE, SIG_IGN);
	tcase_add_test(tc, keeps_a_burst);
	tcase_add_test(tc, counts_what_is_lost);
	tcase_add_test(tc, stays_in_order);
	tcase_add_test(tc, a_reader_that_has_gone);
	tcase_add_test(tc, errno_stays);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
