/*
 * What overtakes and what waits at a serial port: purge, and output that leaves first.
 */
#include "check_serial.h"

#include <sched.h>
#include <termios.h>
#include <unistd.h>

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

/* ---- draining ---- */

static const struct port_op drains[] = {
	{ .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 }, .drain_ms = 2000 },
	{ .kind = PORT_SET, .set = { RFC2217_OP_STOPSIZE, 2 }, .drain_ms = 2000 },
	{ .kind = PORT_APPLY, .format = { 300, 8, 1, 1, 1, 14 }, .drain_ms = 2000 },
	{ .kind = PORT_BREAK, .ms = 250, .drain_ms = 2000 },
	{ .kind = PORT_SIGNALS, .mask = PORT_BRK, .values = PORT_BRK, .drain_ms = 2000 },
};

START_TEST(output_leaves_first)
{
	uint32_t before;

	rig_open(&r);
	r.dev->outq = 100;
	before = r.dev->nevents;
	rig_submit(&r, &drains[_i]);
	rig_run(&r, 40);
	ck_assert_uint_eq(r.dev->nevents, before);
	ck_assert_int_eq(r.done, 0);
	__atomic_store_n(&r.dev->outq, 0, __ATOMIC_RELEASE);
	rig_wait_count(&r, &r.done, 1);
	ck_assert_ptr_null(r.failed);
	ck_assert_uint_gt(r.dev->nevents, before);
}
END_TEST

START_TEST(output_may_wait_so_long)
{
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 }, .drain_ms = 60 };
	int64_t start;

	rig_open(&r);
	r.dev->outq = 100;
	start = rig_ms();
	rig_operate(&r, &set);
	ck_assert_int_ge(rig_ms() - start, 59);
	ck_assert_uint_eq(r.state.rfc.format.baud, 300);
	/* What does not concern the output does not wait for it, nor does a question. */
	start = rig_ms();
	set.set = (struct rfc2217_op){ RFC2217_OP_DTR, RFC2217_DTR_OFF };
	set.drain_ms = 2000;
	rig_operate(&r, &set);
	set.set = (struct rfc2217_op){ RFC2217_OP_BAUD, 0 };
	rig_operate(&r, &set);
	ck_assert_int_lt(rig_ms() - start, 1000);
}
END_TEST

static bool
alone(struct rig *rig)
{
	(void)rig;
	return rig_threads() == 1;
}

START_TEST(a_drain_alone)
{
	struct port_op drain = { .kind = PORT_DRAIN, .drain_ms = 60 };
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 } };
	int64_t start;

	rig_open(&r);
	rig_wait(&r, alone, "the end of the thread that opened it");
	/* None waits: nobody is asked, and no thread is started. */
	ck_assert_int_eq(port_submit(r.port, &drain, &r.state, &r.why), PORT_DONE);
	ck_assert_uint_eq(r.state.rfc.format.baud, 9600);
	ck_assert_int_eq(rig_threads(), 1);
	/* Behind another operation it has its place, and a line that is stuck its time. */
	rig_submit(&r, &set);
	rig_submit(&r, &drain);
	rig_wait_count(&r, &r.done, 2);
	r.dev->outq = 100;
	start = rig_ms();
	rig_operate(&r, &drain);
	ck_assert_int_ge(rig_ms() - start, 59);
	rig_submit(&r, &drain);
	rig_run(&r, 20);
	ck_assert_int_eq(r.done, 3);
	__atomic_store_n(&r.dev->outq, 0, __ATOMIC_RELEASE);
	rig_wait_count(&r, &r.done, 4);
	ck_assert_uint_eq(r.state.rfc.format.baud, 300);
	rig_close(&r);
	ck_assert_int_eq(port_submit(r.port, &drain, &r.state, &r.why), PORT_REFUSED);
}
END_TEST

/* ---- purge ---- */

static void
purge(uint8_t which)
{
	struct port_op op = { .kind = PORT_PURGE, .purge = which };
	struct port_state state;

	ck_assert_int_eq(port_submit(r.port, &op, &state, &r.why), PORT_DONE);
	ck_assert_uint_eq(state.rfc.format.baud, 9600);
}

static bool
flushed(struct rig *rig)
{
	return rig_event(rig, 0, TTYSHIM_FLUSHED, TCOFLUSH) >= 0 ||
	    rig_event(rig, 0, TTYSHIM_FLUSHED, TCIFLUSH) >= 0;
}

START_TEST(purge_overtakes_a_drain)
{
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 }, .drain_ms = 2000 };
	int64_t start = rig_ms();

	rig_open(&r);
	r.dev->outq = 100;
	rig_submit(&r, &set);
	rig_run(&r, 20);
	purge(RFC2217_PURGE_TX);
	rig_wait_count(&r, &r.done, 1); /* the fake device's queue is empty now */
	ck_assert_int_lt(rig_ms() - start, 1500);
	ck_assert_int_lt(rig_event(&r, 0, TTYSHIM_FLUSHED, TCOFLUSH),
	    rig_event(&r, 0, TTYSHIM_SET, 300));
}
END_TEST

START_TEST(purge_overtakes_a_break)
{
	struct port_op brk = { .kind = PORT_BREAK, .ms = 500 };

	rig_open(&r);
	rig_submit(&r, &brk);
	rig_run(&r, 20);
	purge(RFC2217_PURGE_RX);
	rig_wait(&r, flushed, "a flush");
	ck_assert_int_eq(r.done, 0);
	rig_wait_count(&r, &r.done, 1);
	ck_assert_str_eq(r.order, "od");
}
END_TEST

static bool
has_two(struct rig *rig)
{
	return rig->received >= 2;
}

/* The old data waits in the kernel, since there is no room, or is read before the purge is done. */
START_TEST(purge_drops_what_came_before)
{
	struct port_op tell = { .kind = PORT_TELL };

	rig_open(&r);
	if (_i == 0)
		r.room = 0;
	else
		rig_hang(&r, TTYSHIM_HANG_IOCTL);
	purge(RFC2217_PURGE_RX);
	ck_assert_int_eq(write(r.master, "old", 3), 3);
	rig_run(&r, 10);
	rig_hang(&r, 0);
	if (_i == 0)
		purge(RFC2217_PURGE_RX);
	rig_submit(&r, &tell);
	rig_wait_count(&r, &r.done, 1); /* the purge was before it */
	r.room = 100;
	port_resume(r.port);
	ck_assert_int_eq(write(r.master, "ew", 2), 2);
	rig_wait(&r, has_two, "new data");
	ck_assert_uint_eq(r.received, 2);
	ck_assert_mem_eq(r.data, "ew", 2);
}
END_TEST

START_TEST(purge_spares_what_comes_after)
{
	char b[8];

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	purge(RFC2217_PURGE_TX);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"new", 3), 0);
	rig_run(&r, 20);
	ck_assert_int_eq(r.writable, 0);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.writable, 1);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"new", 3), 3);
	ck_assert_int_eq(read(r.master, b, sizeof b), 3);
	ck_assert_mem_eq(b, "new", 3);
}
END_TEST

START_TEST(purge_goes_before_what_follows)
{
	struct port_op op = { .kind = PORT_TELL };

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	rig_submit(&r, &op);
	rig_run(&r, 10);
	purge(RFC2217_PURGE_TX);
	op = (struct port_op){ .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 } };
	rig_submit(&r, &op);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.done, 2);
	ck_assert_int_ge(rig_event(&r, 0, TTYSHIM_FLUSHED, TCOFLUSH), 0);
	ck_assert_int_lt(rig_event(&r, 0, TTYSHIM_FLUSHED, TCOFLUSH),
	    rig_event(&r, 0, TTYSHIM_SET, 300));
}
END_TEST

/* It is pending, and has its turn behind what was submitted before. */
START_TEST(purge_in_order)
{
	struct port_op op = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 300 } };
	struct port_op in_order = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_BOTH, .in_order = true };

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	rig_submit(&r, &op);
	rig_submit(&r, &in_order);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.done, 2);
	ck_assert_ptr_null(r.failed);
	ck_assert_int_gt(rig_event(&r, rig_event(&r, 0, TTYSHIM_SET, 300), TTYSHIM_FLUSHED, TCIOFLUSH), 0);
}
END_TEST

/* A loop that is busy elsewhere finds one answer, however many purges there were. */
START_TEST(many_purges)
{
	struct port_op set = { .kind = PORT_SET, .set = { RFC2217_OP_DATASIZE, 7 } };
	int64_t until = rig_ms() + 5000;
	int i, last = 0;

	rig_open(&r);
	rig_submit(&r, &set);
	while (rig_event(&r, 0, TTYSHIM_SET, 9600) < 0 && rig_ms() < until)
		sched_yield();
	for (i = 0; i < 100; i++) {
		last = (int)r.dev->nevents;
		purge(RFC2217_PURGE_TX);
		while (rig_event(&r, last, TTYSHIM_FLUSHED, TCOFLUSH) < 0 && rig_ms() < until)
			sched_yield();
	}
	rig_wait_count(&r, &r.done, 1);
	ck_assert_uint_eq(r.state.rfc.format.datasize, 7);
	ck_assert_str_eq(r.order, "od");
}
END_TEST

TCase *
serial_purge_case(void)
{
	TCase *tc = tcase_create("purge and drain");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc, output_leaves_first, 0, sizeof drains / sizeof *drains);
	tcase_add_test(tc, output_may_wait_so_long);
	tcase_add_test(tc, a_drain_alone);
	tcase_add_test(tc, purge_overtakes_a_drain);
	tcase_add_test(tc, purge_overtakes_a_break);
	tcase_add_loop_test(tc, purge_drops_what_came_before, 0, 2);
	tcase_add_test(tc, purge_spares_what_comes_after);
	tcase_add_test(tc, purge_goes_before_what_follows);
	tcase_add_test(tc, purge_in_order);
	tcase_add_test(tc, many_purges);
	return tc;
}
