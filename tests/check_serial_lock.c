/*
 * A serial port and its lock file: when it is there, and whose it may be.  The lock directory is that
 * of the fake devices.
 */
#include "check_serial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ports/serial.h"

static struct rig r;
static char lock[256];
static pid_t child;

static void
up(void)
{
	rig_up(&r);
	snprintf(lock, sizeof lock, "%s/LCK..%s", getenv("TTYSHIM_DIR"), r.name);
}

static void
end_child(void)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	child = 0;
}

static void
down(void)
{
	end_child();
	rig_down(&r);
	ck_assert_int_ne(access(lock, F_OK), 0);
}

static pid_t
holder(void)
{
	FILE *f = fopen(lock, "r");
	int pid = 0;

	if (f == NULL)
		return 0;
	ck_assert_int_eq(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

/* A process that does nothing but hold what it was given. */
static void
start_child(int fd)
{
	int ready[2];
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_NAME, "minicom\n");
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0)
			_exit(1);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
}

static void
put_lock(pid_t pid)
{
	FILE *f = fopen(lock, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "%10d\n", (int)pid);
	fclose(f);
}

static void
try_to_open(void)
{
	int before = r.opened;

	port_open(r.port, &rig_9600_8n1);
	rig_wait_count(&r, &r.opened, before + 1);
}

START_TEST(locked_while_open)
{
	ck_assert_int_eq(holder(), 0);
	rig_open(&r);
	ck_assert_int_eq(holder(), getpid());
	ck_assert_ptr_null(port_serial_unlocked(r.port));
	rig_close(&r);
	ck_assert_int_eq(holder(), 0);
	rig_open(&r);
	ck_assert_int_eq(holder(), getpid());
}
END_TEST

/* Before it is opened, and until it is closed. */
START_TEST(locked_around_it)
{
	int64_t until = rig_ms() + 3000;

	rig_hang(&r, TTYSHIM_HANG_OPEN);
	port_open(r.port, &rig_9600_8n1);
	while (r.dev->hanging == 0 && rig_ms() < until)
		rig_run(&r, 1);
	ck_assert_int_eq(holder(), getpid());
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.opened, 1);
	rig_hang(&r, TTYSHIM_HANG_CLOSE);
	port_close(r.port);
	while (r.dev->hanging == 0 && rig_ms() < until)
		rig_run(&r, 1);
	ck_assert_int_eq(holder(), getpid());
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.closed, 1);
	ck_assert_int_eq(holder(), 0);
}
END_TEST

START_TEST(unlocked_when_gone)
{
	rig_open(&r);
	rig_unplug(&r);
	rig_wait_count(&r, &r.gone, 1);
	rig_close(&r);
	ck_assert_int_eq(holder(), 0);
}
END_TEST

START_TEST(unlocked_when_it_cannot_be_opened)
{
	r.dev->open_errno = EACCES;
	try_to_open();
	ck_assert_str_eq(r.reason, "no permission");
	ck_assert_int_eq(holder(), 0);
	r.dev->open_errno = 0;
	r.dev->refuse = TTYSHIM_REFUSE_ALL;
	try_to_open();
	ck_assert_str_eq(r.reason, "not supported");
	ck_assert_int_eq(holder(), 0);
}
END_TEST

/* Nothing is done to the device. */
START_TEST(held_by_another)
{
	char want[64];

	start_child(-1);
	put_lock(child);
	try_to_open();
	snprintf(want, sizeof want, "in use by minicom\\n (pid %d)", (int)child);
	ck_assert_str_eq(r.reason, want);
	ck_assert_int_eq(holder(), child);
	ck_assert_int_eq(r.dev->opens, 0);
	ck_assert_uint_eq(r.dev->nevents, 0);
	unlink(lock);
	rig_open(&r);
	ck_assert_int_eq(holder(), getpid());
}
END_TEST

START_TEST(held_by_somebody)
{
	fclose(fopen(lock, "w"));
	try_to_open();
	ck_assert_str_eq(r.reason, "in use by another program");
	unlink(lock);
}
END_TEST

START_TEST(left_by_the_dead)
{
	start_child(-1);
	put_lock(child);
	end_child();
	rig_open(&r);
	ck_assert_int_eq(holder(), getpid());
}
END_TEST

/* Somebody else has taken it over meanwhile. */
START_TEST(not_ours_any_more)
{
	rig_open(&r);
	start_child(-1);
	put_lock(child);
	rig_close(&r);
	ck_assert_int_eq(holder(), child);
	unlink(lock);
}
END_TEST

/* What cannot be removed is told, and is ours again when it is opened again. */
START_TEST(a_lock_that_stays)
{
	rig_open(&r);
	ck_assert_ptr_null(port_serial_left(r.port));
	rig_fail("kept-lock", true);
	rig_close(&r);
	ck_assert_int_eq(holder(), getpid());
	ck_assert_str_eq(port_serial_left(r.port), "Operation not permitted");
	r.dev->open_errno = EACCES;
	try_to_open();
	ck_assert_str_eq(port_serial_left(r.port), "Operation not permitted");
	r.dev->open_errno = 0;
	rig_fail("kept-lock", false);
	rig_open(&r);
	ck_assert_int_eq(holder(), getpid());
	rig_close(&r);
	ck_assert_ptr_null(port_serial_left(r.port));
	ck_assert_int_eq(holder(), 0);
}
END_TEST

START_TEST(no_lock_directory)
{
	rig_instead(&r, r.path, "/no/such/directory");
	rig_open(&r);
	ck_assert_str_eq(port_serial_unlocked(r.port), "No such file or directory");
}
END_TEST

START_TEST(no_locks_wanted)
{
	put_lock(1);
	rig_instead(&r, r.path, _i == 0 ? "" : NULL);
	rig_open(&r);
	ck_assert_ptr_null(port_serial_unlocked(r.port));
	ck_assert_int_eq(holder(), 1);
	unlink(lock);
}
END_TEST

/* ---- ptys themselves ---- */

static const char *
in_lock_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", getenv("TTYSHIM_DIR"), name);
	return path;
}

/* A link that is `age` seconds old. */
static void
make_link(const char *name, const char *target, int age)
{
	struct timespec times[2];
	const char *path = in_lock_dir(name);

	unlink(path);
	ck_assert_int_eq(symlink(target, path), 0);
	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= age;
	times[0] = times[1];
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void
cannot_use(const char *path, const char *reason)
{
	rig_instead(&r, path, getenv("TTYSHIM_DIR"));
	try_to_open();
	ck_assert_ptr_nonnull(r.reason);
	ck_assert_str_eq(r.reason, reason);
	ck_assert(!port_serial_in_use(r.port));
}

START_TEST(a_pty_by_its_number)
{
	char link[300];

	cannot_use(r.dev->pts, "a pty by its number, which the next terminal may get: it needs a link");
	make_link("ptys", "/dev/pts", 0); /* not of the pty itself */
	snprintf(link, sizeof link, "%s/%s", in_lock_dir("ptys"), strrchr(r.dev->pts, '/') + 1);
	cannot_use(link, "a pty by its number, which the next terminal may get: it needs a link");
}
END_TEST

/* What was set of it stays as it was. */
START_TEST(a_pty_that_is_not_the_links)
{
	struct termios before, after;

	memset(&before, 0, sizeof before); /* not all of it is filled in */
	memset(&after, 0, sizeof after);
	ck_assert_int_eq(tcgetattr(r.slave, &before), 0);
	make_link("pty", r.dev->pts, 10);
	cannot_use(in_lock_dir("pty"), "its link was made for another pty, which is gone");
	ck_assert_int_eq(tcgetattr(r.slave, &after), 0);
	ck_assert_mem_eq(&before, &after, sizeof before);
	/* A link to the link may be as old as it likes, since that is made anew; not the other way round. */
	make_link("fixed", "pty", 1000);
	make_link("pty", r.dev->pts, 0);
	rig_instead(&r, in_lock_dir("fixed"), getenv("TTYSHIM_DIR"));
	rig_open(&r);
	rig_close(&r);
	make_link("fixed", "pty", 0);
	make_link("pty", r.dev->pts, 10);
	cannot_use(in_lock_dir("fixed"), "its link was made for another pty, which is gone");
}
END_TEST

/* The child leads a session on it. */
START_TEST(a_pty_that_is_a_terminal)
{
	char want[64], c;
	int ready[2];

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_NAME, "a) 1 (shell");
		if (setsid() < 0 || ioctl(r.slave, TIOCSCTTY, 0) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	make_link("pty", r.dev->pts, 0);
	snprintf(want, sizeof want, "the terminal of a) 1 (shell (pid %d)", (int)child);
	cannot_use(in_lock_dir("pty"), want);
}
END_TEST

/* Without a lock file, but with a lock of the kernel's. */
START_TEST(open_elsewhere)
{
	char want[64];

	make_link("pty", r.dev->pts, 0);
	rig_instead(&r, in_lock_dir("pty"), getenv("TTYSHIM_DIR"));
	start_child(r.slave);
	try_to_open();
	snprintf(want, sizeof want, "in use by minicom\\n (pid %d)", (int)child);
	ck_assert_str_eq(r.reason, want);
	end_child();
	flock(r.slave, LOCK_UN); /* the descriptor was the child's too */
	rig_open(&r);
}
END_TEST

TCase *
serial_lock_case(void)
{
	TCase *tc = tcase_create("lock");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, locked_while_open);
	tcase_add_test(tc, locked_around_it);
	tcase_add_test(tc, unlocked_when_gone);
	tcase_add_test(tc, unlocked_when_it_cannot_be_opened);
	tcase_add_test(tc, a_lock_that_stays);
	tcase_add_test(tc, held_by_another);
	tcase_add_test(tc, held_by_somebody);
	tcase_add_test(tc, left_by_the_dead);
	tcase_add_test(tc, not_ours_any_more);
	tcase_add_test(tc, no_lock_directory);
	tcase_add_loop_test(tc, no_locks_wanted, 0, 2);
	tcase_add_test(tc, a_pty_by_its_number);
	tcase_add_test(tc, a_pty_that_is_not_the_links);
	tcase_add_test(tc, a_pty_that_is_a_terminal);
	tcase_add_test(tc, open_elsewhere);
	return tc;
}
