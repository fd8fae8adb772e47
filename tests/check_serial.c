/*
 * The serial port on fake devices (ttyshim.h): the device's life and the data.  check_serial_ops.c has
 * the operations, check_serial_watch.c the watching of lines.
 */
#include "check_serial.h"

#include <errno.h>
#include <fcntl.h>
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
	struct port *other;

	in_dir(dir, sizeof dir, "by-id");
	mkdir(dir, 0700);
	snprintf(link, sizeof link, "%s/usb-Fake", dir);
	ck_assert_int_eq(symlink(r.name, link), 0);
	other = port_serial_new(r.loop, "/dev/serial/by-id/usb-Fake", r.port->news, &r);
	port_free(r.port);
	r.port = other;
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

START_TEST(not_a_serial_port)
{
	static const char *const paths[] = { "/dev/null", "/etc/passwd", "/", "/no/such/file" };
	static const char *const reasons[] = { "not a serial port", "not a serial port",
		"not a serial port", "no device" };
	struct port *other = port_serial_new(r.loop, paths[_i], r.port->news, &r);

	port_free(r.port);
	r.port = other;
	cannot_open(reasons[_i]);
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
	put_file("no-threads", "");
	port_open(r.port, &rig_9600_8n1);
	rig_run(&r, 150);
	ck_assert_int_eq(r.opened, 0);
	remove_file("no-threads");
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
	struct port_state state;
	int64_t start;
	int on;

	rig_open(&r);
	ck_assert_int_eq(port_submit(r.port, &brk, &state), PORT_PENDING);
	ck_assert_int_eq(port_submit(r.port, &set, &state), PORT_PENDING);
	while ((on = rig_event(&r, 0, TTYSHIM_OUTPUTS, TTYSHIM_BREAK | TIOCM_DTR | TIOCM_RTS)) < 0)
		rig_run(&r, 1);
	start = rig_ms();
	rig_close(&r);
	ck_assert_int_lt(rig_ms() - start, 250);
	ck_assert_str_eq(r.order, "oc");
	ck_assert_uint_eq(r.dev->termios.ospeed, 9600);
	ck_assert_int_ge(rig_event(&r, on, TTYSHIM_OUTPUTS, TIOCM_DTR | TIOCM_RTS), 0);
	ck_assert_int_ge(rig_event(&r, on, TTYSHIM_FLUSHED, TCIOFLUSH), 0);
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

	/* A first thread may bring a sanitizer's own along, so count when it has ended. */
	rig_open(&r);
	rig_run(&r, 20);
	before = rig_threads();
	rig_watch(&r, true, false);
	rig_set(&r, RFC2217_OP_BAUD, 1200);
	ck_assert_int_eq(rig_threads(), before + 1);
	rig_watch(&r, false, false);
	while (rig_threads() > before && rig_ms() < until)
		rig_run(&r, 1);
	ck_assert_int_eq(rig_threads(), before);
}
END_TEST

/* ---- a driver that hangs, a device that goes ---- */

static bool
hangs(struct rig *rig)
{
	return __atomic_load_n(&rig->dev->hanging, __ATOMIC_ACQUIRE) > 0;
}

static bool
has_received(struct rig *rig)
{
	return rig->received > 0;
}

START_TEST(the_loop_goes_on_while_the_driver_hangs)
{
	struct port_op tell = { .kind = PORT_TELL };
	struct port_state state;
	char b[8];

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	ck_assert_int_eq(port_submit(r.port, &tell, &state), PORT_PENDING);
	rig_wait(&r, hangs, "the driver to hang");
	ck_assert_int_eq(write(r.master, "in", 2), 2);
	rig_wait(&r, has_received, "data");
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"out", 3), 3);
	ck_assert_int_eq(read(r.master, b, sizeof b), 3);
	ck_assert_int_eq(r.done, 0);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.done, 1);
	ck_assert_ptr_null(r.failed);
}
END_TEST

START_TEST(gone_while_the_driver_hangs)
{
	struct port_op tell = { .kind = PORT_TELL };
	struct port_state state;

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	ck_assert_int_eq(port_submit(r.port, &tell, &state), PORT_PENDING);
	ck_assert_int_eq(port_submit(r.port, &tell, &state), PORT_PENDING);
	rig_wait(&r, hangs, "the driver to hang");
	rig_unplug(&r);
	rig_wait_count(&r, &r.gone, 1);
	ck_assert_str_eq(r.order, "oddg");
	ck_assert_str_eq(r.reason, "device gone");
	ck_assert_str_eq(r.failed, "device gone");
	port_close(r.port);
	rig_run(&r, 30);
	ck_assert_int_eq(r.closed, 0);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.closed, 1);
	ck_assert_str_eq(r.order, "oddgc");
}
END_TEST

/* _i: whether nothing is read, and whether something is to be sent. */
START_TEST(unplugged)
{
	struct port_op tell = { .kind = PORT_TELL };
	struct port_state state;

	rig_open(&r);
	rig_watch(&r, true, true);
	r.room = (_i & 1) != 0 ? 0 : RIG_DATA;
	if ((_i & 1) != 0)
		ck_assert_int_eq(write(r.master, "x", 1), 1);
	if ((_i & 2) != 0) {
		rig_fill(&r);
		ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 0);
	}
	rig_run(&r, 5);
	rig_unplug(&r);
	if ((_i & 2) == 0)
		rig_wait_count(&r, &r.gone, 1);
	while (r.gone == 0) { /* the owner tries when told that it may */
		rig_run(&r, 1);
		if (r.writable > 0)
			ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 0);
	}
	ck_assert_str_eq(r.reason, "device gone");
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 0);
	ck_assert_int_eq(port_submit(r.port, &tell, &state), PORT_DONE);
	ck_assert_uint_eq(state.rfc.format.baud, 9600);
	rig_run(&r, 30);
	ck_assert_int_eq(r.gone, 1);
	rig_close(&r);
	rig_plug(&r);
	r.room = RIG_DATA;
	rig_open(&r);
	ck_assert_int_eq(write(r.master, "y", 1), 1);
	rig_wait(&r, has_received, "data");
}
END_TEST

/* ---- data ---- */

#define BULK (64 * 1024)

START_TEST(bulk_both_ways)
{
	static uint8_t out[BULK], in[BULK], back[BULK];
	size_t sent = 0, written = 0, got = 0, i;
	int64_t until = rig_ms() + 10000;
	ssize_t n;

	for (i = 0; i < BULK; i++) {
		out[i] = (uint8_t)(i * 7 + i / 251);
		in[i] = (uint8_t)(i * 13 + i / 241);
	}
	rig_open(&r);
	while (sent < BULK || got < BULK || r.received < BULK) {
		ck_assert_int_lt(rig_ms(), until);
		sent += port_send(r.port, out + sent, BULK - sent);
		if ((n = write(r.master, in + written, BULK - written)) > 0)
			written += (size_t)n;
		if ((n = read(r.master, back + got, BULK - got)) > 0)
			got += (size_t)n;
		rig_run(&r, 1);
	}
	ck_assert_mem_eq(back, out, BULK);
	ck_assert_mem_eq(r.data, in, BULK);
}
END_TEST

START_TEST(no_room_no_reading)
{
	rig_open(&r);
	r.room = 0;
	ck_assert_int_eq(write(r.master, "abcdef", 6), 6);
	rig_run(&r, 10);
	ck_assert_uint_eq(r.received, 0);
	r.room = 2; /* and never more at once: on_data() asserts it */
	port_resume(r.port);
	while (r.received < 6)
		rig_run(&r, 1);
	ck_assert_mem_eq(r.data, "abcdef", 6);
}
END_TEST

START_TEST(a_line_that_takes_nothing)
{
	static char sink[256 * 1024];
	size_t filled, n = 0;
	ssize_t got;

	rig_open(&r);
	rig_flags(&r, TTYSHIM_STUCK, 0);
	filled = rig_fill(&r);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 0);
	rig_run(&r, 20);
	ck_assert_int_eq(r.writable, 0);
	/* The other direction goes on. */
	ck_assert_int_eq(write(r.master, "in", 2), 2);
	rig_wait(&r, has_received, "data");
	rig_flags(&r, 0, TTYSHIM_STUCK);
	while (n < filled && (got = read(r.master, sink, sizeof sink)) > 0)
		n += (size_t)got;
	rig_wait_count(&r, &r.writable, 1);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 1);
	rig_run(&r, 10);
	ck_assert_int_eq(r.writable, 1);
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
	tcase_add_loop_test(tc, not_a_serial_port, 0, 4);
	tcase_add_test(tc, the_console_is_refused);
	tcase_add_test(tc, no_thread_to_be_had);
	tcase_add_test(tc, closed_and_opened_again);
	tcase_add_test(tc, closed_while_it_opens);
	tcase_add_test(tc, closed_while_pending);
	tcase_add_test(tc, close_that_hangs);
	tcase_add_test(tc, the_worker_ends);
	tcase_add_test(tc, the_loop_goes_on_while_the_driver_hangs);
	tcase_add_test(tc, gone_while_the_driver_hangs);
	tcase_add_loop_test(tc, unplugged, 0, 4);
	tcase_add_test(tc, bulk_both_ways);
	tcase_add_test(tc, no_room_no_reading);
	tcase_add_test(tc, a_line_that_takes_nothing);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, serial_ops_case());
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
