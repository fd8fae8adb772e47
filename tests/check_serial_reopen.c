/*
 * A driver that keeps output over a purge, as those of USB adapters do: closed and opened again it has none, and a
 * close does not wait for what nobody takes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "check_serial.h"
#include "ports/serial.h"
#include "ttyrig.h"
#include "unit.h"

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

static const struct port_op reopen = { .kind = PORT_REOPEN };

static void
keep(const char *text)
{
	struct port_op purge = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_BOTH, .in_order = true };

	rig_flags(&r, TTYSHIM_KEEPS, 0);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)text, strlen(text)), strlen(text));
	rig_operate(&r, &purge);
	ck_assert(r.state.keeps);
	ck_assert_int_eq(r.dev->outq, (int)strlen(text));
}

START_TEST(what_is_kept_is_dropped)
{
	int mark, descriptors;
	char text[8];

	rig_open(&r);
	rig_set(&r, RFC2217_OP_BAUD, 300);
	keep("ATDT5551234\r");
	mark = (int)r.dev->nevents;
	descriptors = rig_descriptors();
	rig_operate(&r, &reopen);
	ck_assert_ptr_null(r.failed);
	ck_assert(!r.state.keeps);
	ck_assert_int_eq(r.dev->outq, 0);
	ck_assert_int_ge(rig_event(&r, mark, TTYSHIM_CLOSED, 0), 0);
	ck_assert_uint_eq(r.state.rfc.format.baud, 300);
	ck_assert_int_eq(rig_descriptors(), descriptors);
	/* And both ways data passes as before. */
	rig_flags(&r, 0, TTYSHIM_KEEPS);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"next", 4), 4);
	ck_assert_int_eq(read(r.master, text, sizeof text), 4);
	ck_assert_int_eq(write(r.master, "back", 4), 4);
	while (r.received < 4)
		rig_run(&r, 1);
	ck_assert_int_eq(memcmp(r.data, "back", 4), 0);
}
END_TEST

/* Neither with HUPCL, which is in force again. */
START_TEST(dtr_does_not_fall)
{
	int mark;

	port_serial_hupcl(r.port, _i != 0);
	rig_open(&r);
	keep("x");
	mark = (int)r.dev->nevents;
	rig_operate(&r, &reopen);
	for (; mark < (int)r.dev->nevents; mark++)
		ck_assert(r.dev->events[mark].kind != TTYSHIM_OUTPUTS ||
		    (r.dev->events[mark].value & TIOCM_DTR) != 0);
	ck_assert_int_eq((r.dev->termios.cflag & HUPCL) != 0, _i != 0);
}
END_TEST

START_TEST(the_lock_file_stays)
{
	char dir[] = "/tmp/check_serial.XXXXXX", path[96];
	struct stat before, after;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	rig_instead(&r, r.path, dir);
	snprintf(path, sizeof path, "%s/LCK..%s", dir, r.name);
	rig_open(&r);
	ck_assert_int_eq(stat(path, &before), 0);
	keep("x");
	rig_operate(&r, &reopen);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
	/* Also where it cannot be opened again; and then it goes with the rest. */
	r.dev->open_errno = EBUSY;
	rig_submit(&r, &reopen);
	rig_wait_count(&r, &r.gone, 1);
	ck_assert_str_eq(r.failed, "in use by another program");
	ck_assert_str_eq(r.reason, "in use by another program");
	ck_assert_int_eq(stat(path, &after), 0);
	rig_close(&r);
	ck_assert_int_ne(stat(path, &after), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* ms: the signal after TTYCLOSE_WAIT ends it; else it is 30 s, and the test would have been ended. */
START_TEST(a_close_does_not_wait_for_what_nobody_takes)
{
	int64_t start;

	rig_open(&r);
	keep("x");
	start = rig_ms();
	rig_close(&r);
	printf("closed with output that nobody takes: %lld ms\n", (long long)(rig_ms() - start));
	ck_assert_int_ge(rig_ms() - start, 90);
	ck_assert_int_lt(rig_ms() - start, 4000);
	ck_assert_int_eq(r.dev->outq, 0);
}
END_TEST

START_TEST(what_leaves_soon_is_waited_for)
{
	rig_open(&r);
	r.dev->outq = 1;
	port_close(r.port);
	rig_run(&r, 20);
	ck_assert_int_eq(r.closed, 0);
	__atomic_store_n(&r.dev->outq, 0, __ATOMIC_RELEASE);
	rig_wait_count(&r, &r.closed, 1);
}
END_TEST

TCase *
serial_reopen_case(void)
{
	TCase *tc = tcase_create("reopen");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, what_is_kept_is_dropped);
	tcase_add_loop_test(tc, dtr_does_not_fall, 0, 2);
	tcase_add_test(tc, the_lock_file_stays);
	tcase_add_test(tc, a_close_does_not_wait_for_what_nobody_takes);
	tcase_add_test(tc, what_leaves_soon_is_waited_for);
	return tc;
}
