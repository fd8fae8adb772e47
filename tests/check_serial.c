/*
 * The serial port on fake devices (ttyshim.h): here opening and closing, in check_serial_data.c data
 * and failing devices, in check_serial_lock.c lock files, in check_serial_ops.c, _purge.c and _reopen.c operations, in check_serial_watch.c watching.
 */
#include "check_serial.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "ports/serial.h"

static struct rig r;

static void
up(void)
{
	rig_up(&r);
}

static void
down(void)
{
	rig_down(&r);
}

static void
in_dir(char *dst, size_t cap, const char *name)
{
	snprintf(dst, cap, "%s/%s", getenv("TTYSHIM_DIR"), name);
}

static void
put_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	in_dir(path, sizeof path, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
remove_file(const char *name)
{
	char path[256];

	in_dir(path, sizeof path, name);
	ck_assert_int_eq(unlink(path), 0);
}

/* ---- opening ---- */

START_TEST(opened_by_the_library)
{
	const struct ttyshim_termios *t = &r.dev->termios;

	rig_open(&r);
	ck_assert(port_serial_by_library(r.port));
	ck_assert(r.state.lines);
	ck_assert_mem_eq(&r.state.rfc.format, &rig_9600_8n1, sizeof rig_9600_8n1);
	ck_assert(r.state.rfc.dtr && r.state.rfc.rts && !r.state.rfc.brk);
	/* Nothing is left of the user before, nor of the library's own settings. */
	ck_assert_uint_eq(t->iflag, 0);
	ck_assert_uint_eq(t->oflag, 0);
	ck_assert_uint_eq(t->lflag, 0);
	ck_assert_uint_eq(t->cflag & (CSIZE | CREAD | CLOCAL | HUPCL | PARENB | CRTSCTS | CSTOPB),
	    CS8 | CREAD | CLOCAL | HUPCL);
	ck_assert_uint_eq(t->cc[VMIN], 1);
	ck_assert_uint_eq(t->cc[VTIME], 0);
	ck_assert_uint_eq(t->cc[VSTART], 0x11);
	ck_assert_uint_eq(t->cc[VSTOP], 0x13);
	ck_assert_int_ge(rig_event(&r, 0, TTYSHIM_FLUSHED, TCIOFLUSH), 0);
}
END_TEST

START_TEST(opened_for_us_alone)
{
	rig_open(&r);
	ck_assert_int_eq(r.dev->exclusive, 1);
	ck_assert_int_eq(r.dev->opens, 1);
	ck_assert_int_lt(flock(r.slave, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	rig_close(&r);
	ck_assert_int_eq(r.dev->opens, 0);
	ck_assert_int_eq(r.dev->exclusive, 0);
	ck_assert_uint_eq(r.dev->outputs, 0);
	ck_assert_int_eq(flock(r.slave, LOCK_EX | LOCK_NB), 0);
}
END_TEST

START_TEST(no_descriptor_goes_to_children)
{
	char path[64], target[64];
	int fd, ours = 0;
	ssize_t n;

	rig_open(&r);
	for (fd = 3; fd < 64; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof target - 1);
		target[n < 0 ? 0 : n] = '\0';
		if (fd == r.slave || strcmp(target, r.dev->pts) != 0)
			continue;
		ours++;
		ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	}
	ck_assert_int_eq(ours, 1);
}
END_TEST

START_TEST(opened_without_the_library)
{
	rig_flags(&r, TTYSHIM_NO_LINES, 0);
	rig_open(&r);
	ck_assert(!port_serial_by_library(r.port));
	ck_assert(!r.state.lines);
	ck_assert_int_eq(r.dev->opens, 1);
	ck_assert_int_eq(r.dev->exclusive, 1);
	ck_assert_mem_eq(&r.state.rfc.format, &rig_9600_8n1, sizeof rig_9600_8n1);
}
END_TEST

START_TEST(opened_by_a_link)
{
	char dir[256], link[400];

	in_dir(dir, sizeof dir, "by-id");
	mkdir(dir, 0700);
	snprintf(link, sizeof link, "%s/usb-Fake", dir);
	ck_assert_int_eq(symlink(r.name, link), 0);
	rig_instead(&r, "/dev/serial/by-id/usb-Fake", NULL);
	rig_open(&r);
	ck_assert(port_serial_by_library(r.port));
	rig_close(&r);
	/* Links are followed each time. */
	unlink(link);
	port_open(r.port, &rig_9600_8n1);
	rig_wait_count(&r, &r.opened, 2);
	ck_assert_str_eq(r.reason, "no device");
}
END_TEST

static void
cannot_open(const char *reason)
{
	int before = r.opened, fds = r.dev->opens;

	port_open(r.port, &rig_9600_8n1);
	rig_wait_count(&r, &r.opened, before + 1);
	ck_assert_ptr_nonnull(r.reason);
	ck_assert_str_eq(r.reason, reason);
	ck_assert_int_eq(r.dev->opens, fds);
}

static const struct {
	int err;
	const char *reason;
} open_errors[] = {
	{ ENOENT, "no device" },
	{ ENXIO, "no device" },
	{ ENODEV, "no device" },
	{ EACCES, "no permission" },
	{ EPERM, "no permission" },
	{ EBUSY, "in use by another program" },
	{ EISDIR, "not a serial port" },
	{ EMFILE, "Too many open files" },
};

START_TEST(cannot_be_opened)
{
	r.dev->open_errno = open_errors[_i].err;
	cannot_open(open_errors[_i].reason);
	/* It can be tried again. */
	r.dev->open_errno = 0;
	rig_open(&r);
}
END_TEST

START_TEST(a_missing_device_comes)
{
	rig_unplug(&r);
	cannot_open("no device");
	cannot_open("no device");
	rig_plug(&r);
	rig_open(&r);
	ck_assert(port_serial_by_library(r.port));
}
END_TEST

/* In use: its lock, or TIOCEXCL, which would not stop root; and nothing of it is touched. */
START_TEST(in_use_by_another)
{
	struct ttyshim_termios before = r.dev->termios;

	r.dev->opens = 1;
	r.dev->pid = getpid();
	ck_assert_int_eq(flock(r.slave, LOCK_EX | LOCK_NB), 0);
	cannot_open("in use by another program");
	ck_assert_int_eq(flock(r.slave, LOCK_UN), 0);
	r.dev->exclusive = 1;
	cannot_open("in use by another program");
	ck_assert_mem_eq(&r.dev->termios, &before, sizeof before);
	ck_assert_int_eq(rig_event(&r, 0, TTYSHIM_FLUSHED, TCIOFLUSH), -1);
	r.dev->exclusive = r.dev->opens = 0;
	rig_open(&r);
}
END_TEST

/* A pty's TIOCEXCL of a process that was killed.  Its slave is open nowhere. */
START_TEST(shut_by_the_dead)
{
	close(r.slave);
	r.slave = -1;
	r.dev->exclusive = 1;
	r.dev->pid = getpid();
	if (geteuid() != 0) {
		cannot_open("in use by another program");
		return;
	}
	rig_open(&r);
	rig_close(&r);
	ck_assert_int_eq(r.dev->exclusive, 0);
}
END_TEST

START_TEST(not_a_serial_port)
{
	/* The second is this program's own file, which it may write whoever it runs as. */
	char file[] = "/tmp/not-a-tty.XXXXXX";
	const char *const paths[] = { "/dev/null", file, "/", "/no/such/file" };
	static const char *const reasons[] = { "not a serial port", "not a serial port",
		"not a serial port", "no device" };
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	rig_instead(&r, paths[_i], NULL);
	cannot_open(reasons[_i]);
	close(fd);
	unlink(file);
}
END_TEST

/* Data would be changed on its way, where a rate that is not taken is only another rate. */
START_TEST(a_tty_that_cannot_be_raw)
{
	r.dev->refuse = TTYSHIM_REFUSE_ALL;
	cannot_open("not supported");
	r.dev->refuse = TTYSHIM_REFUSE_TWO | TTYSHIM_REFUSE_PARITY;
	r.dev->max_rate = 4800;
	rig_open(&r);
	ck_assert_uint_eq(r.dev->termios.lflag | r.dev->termios.iflag, 0);
	ck_assert_uint_eq(r.state.rfc.format.baud, r.dev->termios.ospeed);
	ck_assert_uint_ne(r.state.rfc.format.baud, 9600);
	ck_assert_uint_eq(r.state.rfc.format.datasize, 8);
}
END_TEST

START_TEST(the_console_is_refused)
{
	char list[128];

	snprintf(list, sizeof list, "tty0 %s\n", r.name);
	put_file("console-active", list);
	cannot_open("the kernel's console");
	/* Only the whole name counts. */
	snprintf(list, sizeof list, "tty0 %s1\n", r.name);
	put_file("console-active", list);
	rig_open(&r);
	remove_file("console-active");
}
END_TEST

START_TEST(no_thread_to_be_had)
{
	rig_let_threads(false);
	port_open(r.port, &rig_9600_8n1);
	rig_run(&r, 150);
	ck_assert_int_eq(r.opened, 0);
	rig_let_threads(true);
	rig_wait_count(&r, &r.opened, 1);
	ck_assert_ptr_null(r.reason);
}
END_TEST

/* ---- closing ---- */

START_TEST(closed_and_opened_again)
{
	int i;

	for (i = 0; i < 20; i++) {
		rig_open(&r);
		rig_close(&r);
	}
	ck_assert_int_eq(r.dev->opens, 0);
	ck_assert_int_eq(r.opened, 20);
	ck_assert_int_eq(r.closed, 20);
}
END_TEST

/* By a library that locks (_i) or does not, or without it; also when it fails at the last. */
START_TEST(no_descriptor_is_left)
{
	static const uint32_t flags[] = { 0, TTYSHIM_SP_LOCKS, TTYSHIM_NO_LINES };
	int i, before;

	rig_flags(&r, flags[_i], 0);
	rig_open(&r);
	ck_assert(port_serial_by_library(r.port) == (flags[_i] != TTYSHIM_NO_LINES));
	ck_assert_int_eq(r.dev->opens, 1);
	rig_close(&r);
	before = rig_descriptors();
	for (i = 0; i < 5; i++) {
		rig_open(&r);
		ck_assert_int_eq(rig_descriptors(), before + 1);
		rig_close(&r);
		ck_assert_int_eq(r.dev->opens, 0);
		ck_assert_int_eq(rig_descriptors(), before);
		r.dev->refuse = TTYSHIM_REFUSE_ALL;
		cannot_open("not supported");
		ck_assert_int_eq(rig_descriptors(), before);
		r.dev->refuse = 0;
		ck_assert_int_eq(flock(r.slave, LOCK_EX | LOCK_NB), 0);
		cannot_open("in use by another program");
		ck_assert_int_eq(flock(r.slave, LOCK_UN), 0);
		ck_assert_int_eq(rig_descriptors(), before);
	}
}
END_TEST

/* The lock is there with such a library too, and on the descriptor that stays. */
START_TEST(locked_by_the_library)
{
	rig_flags(&r, TTYSHIM_SP_LOCKS, 0);
	rig_open(&r);
	ck_assert(port_serial_by_library(r.port));
	ck_assert_int_eq(r.dev->exclusive, 1);
	ck_assert_int_lt(flock(r.slave, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(errno, EWOULDBLOCK);
}
END_TEST

START_TEST(closed_while_it_opens)
{
	rig_hang(&r, TTYSHIM_HANG_OPEN);
	port_open(r.port, &rig_9600_8n1);
	rig_run(&r, 20);
	port_close(r.port);
	rig_run(&r, 20);
	ck_assert_str_eq(r.order, "");
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.closed, 1);
	ck_assert_str_eq(r.order, "c");
	ck_assert_int_eq(r.dev->opens, 0);
}
END_TEST

/* Nothing of what waits is done or answered, a break does not stay, what is unsent is dropped. */
START_TEST(closed_while_pending)
{
	struct port_op brk = { .kind = PORT_BREAK, .ms = 500 };
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 } };
	int64_t start;
	int on;

	rig_open(&r);
	rig_submit(&r, &brk);
	rig_submit(&r, &set);
	while ((on = rig_event(&r, 0, TTYSHIM_OUTPUTS, TTYSHIM_BREAK | TIOCM_DTR | TIOCM_RTS)) < 0)
		rig_run(&r, 1);
	start = rig_ms();
	rig_close(&r);
	ck_assert_int_lt(rig_ms() - start, 400);
	ck_assert_str_eq(r.order, "oc");
	ck_assert_uint_eq(r.dev->termios.ospeed, 9600);
	ck_assert_int_ge(rig_event(&r, on, TTYSHIM_OUTPUTS, TIOCM_DTR | TIOCM_RTS), 0);
	ck_assert_int_ge(rig_event(&r, on, TTYSHIM_FLUSHED, TCIOFLUSH), 0);
}
END_TEST

/* A break does not outlive the claim, whatever the driver does about it at close. */
START_TEST(closed_in_a_break)
{
	struct port_op brk = { .kind = PORT_SIGNALS, .mask = PORT_BRK, .values = PORT_BRK };
	int on;

	rig_open(&r);
	rig_operate(&r, &brk);
	on = rig_event(&r, 0, TTYSHIM_OUTPUTS, TTYSHIM_BREAK | TIOCM_DTR | TIOCM_RTS);
	ck_assert_int_ge(on, 0);
	rig_close(&r);
	ck_assert_int_ge(rig_event(&r, on, TTYSHIM_OUTPUTS, TIOCM_DTR | TIOCM_RTS), 0);
}
END_TEST

/* An answer that has not been told yet is not told any more. */
START_TEST(closed_before_the_answer)
{
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 } };
	int64_t until = rig_ms() + 2000;
	int before;

	rig_open(&r);
	rig_run(&r, 20);
	before = rig_threads();
	rig_submit(&r, &set);
	while ((rig_event(&r, 0, TTYSHIM_SET, 300) < 0 || rig_threads() > before) && rig_ms() < until)
		sched_yield();
	rig_close(&r);
	rig_run(&r, 10);
	ck_assert_str_eq(r.order, "oc");
}
END_TEST

/* ---- HUPCL ---- */

static bool
hangs_up(struct rig *rig)
{
	return (rig->dev->termios.cflag & HUPCL) != 0;
}

static bool
holds(struct rig *rig)
{
	return !hangs_up(rig);
}

START_TEST(hupcl_changes_while_it_is_open)
{
	int before;

	rig_open(&r);
	ck_assert(hangs_up(&r));
	before = (int)r.dev->nevents;
	port_serial_hupcl(r.port, false);
	rig_wait(&r, holds, "HUPCL off");
	ck_assert_int_eq(rig_event(&r, before, TTYSHIM_OUTPUTS, 0), -1);
	ck_assert_int_eq(r.done, 0);
	/* It stays whatever else is set. */
	rig_set(&r, RFC2217_OP_BAUD, 300);
	rig_set(&r, RFC2217_OP_OUTFLOW, 3);
	ck_assert(holds(&r));
	rig_close(&r);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
	rig_open(&r);
	ck_assert(holds(&r));
	port_serial_hupcl(r.port, true);
	rig_wait(&r, hangs_up, "HUPCL on");
	rig_close(&r);
	ck_assert_uint_eq(r.dev->outputs, 0);
}
END_TEST

START_TEST(hupcl_changes_while_it_is_closed)
{
	port_serial_hupcl(r.port, false);
	rig_open(&r);
	ck_assert(holds(&r));
	rig_close(&r);
	port_serial_hupcl(r.port, true);
	rig_open(&r);
	ck_assert(hangs_up(&r));
}
END_TEST

/* _i: while it opens, behind what waits, and right before it is closed. */
START_TEST(hupcl_is_not_lost)
{
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 } };

	if (_i > 0)
		rig_open(&r);
	rig_hang(&r, _i > 0 ? TTYSHIM_HANG_IOCTL : TTYSHIM_HANG_OPEN);
	if (_i == 0)
		port_open(r.port, &rig_9600_8n1);
	else
		rig_submit(&r, &set);
	rig_run(&r, 20);
	port_serial_hupcl(r.port, false);
	if (_i == 2)
		port_close(r.port);
	rig_hang(&r, 0);
	rig_wait_count(&r, _i == 2 ? &r.closed : &r.opened, 1);
	rig_wait(&r, holds, "HUPCL off");
	if (_i == 2)
		ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
}
END_TEST

START_TEST(close_that_hangs)
{
	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_CLOSE);
	port_close(r.port);
	rig_run(&r, 50);
	ck_assert_int_eq(r.closed, 0);
	ck_assert_uint_eq(r.dev->hanging, 1);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.closed, 1);
}
END_TEST

START_TEST(the_worker_ends)
{
	int64_t until = rig_ms() + 2000;
	int before;

	/* A first thread may bring a sanitizer's own along, so count when it has ended; it lingers. */
	rig_open(&r);
	do {
		before = rig_threads();
		rig_run(&r, 100);
	} while (rig_threads() != before && rig_ms() < until);
	rig_watch(&r, true, false);
	rig_set(&r, RFC2217_OP_BAUD, 1200);
	ck_assert_int_eq(rig_threads(), before + 1);
	rig_watch(&r, false, false);
	while (rig_threads() > before && rig_ms() < until)
		rig_run(&r, 1);
	ck_assert_int_eq(rig_threads(), before);
}
END_TEST

static Suite *
serial_suite(void)
{
	Suite *s = suite_create("serial");
	TCase *tc = tcase_create("device");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, opened_by_the_library);
	tcase_add_test(tc, opened_for_us_alone);
	tcase_add_test(tc, no_descriptor_goes_to_children);
	tcase_add_test(tc, opened_without_the_library);
	tcase_add_test(tc, opened_by_a_link);
	tcase_add_loop_test(tc, cannot_be_opened, 0, sizeof open_errors / sizeof *open_errors);
	tcase_add_test(tc, a_missing_device_comes);
	tcase_add_test(tc, in_use_by_another);
	tcase_add_test(tc, shut_by_the_dead);
	tcase_add_loop_test(tc, not_a_serial_port, 0, 4);
	tcase_add_test(tc, a_tty_that_cannot_be_raw);
	tcase_add_test(tc, the_console_is_refused);
	tcase_add_test(tc, no_thread_to_be_had);
	tcase_add_test(tc, closed_and_opened_again);
	tcase_add_loop_test(tc, no_descriptor_is_left, 0, 3);
	tcase_add_test(tc, locked_by_the_library);
	tcase_add_test(tc, closed_while_it_opens);
	tcase_add_test(tc, closed_while_pending);
	tcase_add_test(tc, closed_in_a_break);
	tcase_add_test(tc, closed_before_the_answer);
	tcase_add_test(tc, hupcl_changes_while_it_is_open);
	tcase_add_test(tc, hupcl_changes_while_it_is_closed);
	tcase_add_loop_test(tc, hupcl_is_not_lost, 0, 3);
	tcase_add_test(tc, close_that_hangs);
	tcase_add_test(tc, the_worker_ends);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, serial_data_case());
	suite_add_tcase(s, serial_lock_case());
	suite_add_tcase(s, serial_ops_case());
	suite_add_tcase(s, serial_purge_case());
	suite_add_tcase(s, serial_reopen_case());
	suite_add_tcase(s, serial_watch_case());
	return s;
}

int
main(int argc, char **argv)
{
	(void)argc;
	if (getenv("TTYSHIM_DIR") == NULL)
		return rig_under_shim(argv);
	return unit_run(serial_suite());
}
