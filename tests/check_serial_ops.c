/*
 * The operations of a serial port on a fake device: settings, refusals, signals, break.
 */
#include "check_serial.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
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

static uint32_t
field(enum rfc2217_what what)
{
	const struct rfc2217_format *f = &r.state.rfc.format;

	switch (what) {
	case RFC2217_OP_BAUD: return f->baud;
	case RFC2217_OP_DATASIZE: return f->datasize;
	case RFC2217_OP_PARITY: return f->parity;
	case RFC2217_OP_STOPSIZE: return f->stopsize;
	case RFC2217_OP_OUTFLOW: return f->outflow;
	default: return f->inflow;
	}
}

/* One after the other on one port: what is asked for, what is then in force. */
struct setting {
	enum rfc2217_what what;
	uint32_t asked, in_force;
	const char *failed;
};

#define NO "not supported"

static const struct setting settings[] = {
	{ RFC2217_OP_BAUD, 0, 9600, NULL },
	{ RFC2217_OP_BAUD, 50, 50, NULL },
	{ RFC2217_OP_BAUD, 49, 50, NO },
	{ RFC2217_OP_BAUD, 300, 300, NULL },
	{ RFC2217_OP_BAUD, 12345, 12345, NULL },
	{ RFC2217_OP_BAUD, 115200, 115200, NULL },
	{ RFC2217_OP_BAUD, 921600, 921600, NULL },
	{ RFC2217_OP_BAUD, 4000000, 4000000, NULL },
	{ RFC2217_OP_BAUD, 4000001, 4000000, NO },
	{ RFC2217_OP_BAUD, 0xffffffff, 4000000, NO },
	{ RFC2217_OP_DATASIZE, 7, 7, NULL },
	{ RFC2217_OP_DATASIZE, 6, 6, NULL },
	{ RFC2217_OP_DATASIZE, 5, 5, NULL },
	{ RFC2217_OP_DATASIZE, 4, 5, NO },
	{ RFC2217_OP_DATASIZE, 9, 5, NO },
	{ RFC2217_OP_STOPSIZE, 3, 3, NULL },
	{ RFC2217_OP_STOPSIZE, 1, 1, NULL },
	{ RFC2217_OP_STOPSIZE, 2, 3, NULL }, /* what a UART makes of it with five bits */
	{ RFC2217_OP_DATASIZE, 8, 8, NULL },
	{ RFC2217_OP_STOPSIZE, 0, 2, NULL },
	{ RFC2217_OP_STOPSIZE, 3, 2, NO },
	{ RFC2217_OP_STOPSIZE, 1, 1, NULL },
	{ RFC2217_OP_STOPSIZE, 3, 1, NO },
	{ RFC2217_OP_STOPSIZE, 2, 2, NULL },
	{ RFC2217_OP_STOPSIZE, 4, 2, NO },
	{ RFC2217_OP_PARITY, 2, 2, NULL },
	{ RFC2217_OP_PARITY, 3, 3, NULL },
	{ RFC2217_OP_PARITY, 4, 4, NULL },
	{ RFC2217_OP_PARITY, 5, 5, NULL },
	{ RFC2217_OP_PARITY, 6, 5, NO },
	{ RFC2217_OP_PARITY, 1, 1, NULL },
	{ RFC2217_OP_OUTFLOW, 3, 3, NULL },
	{ RFC2217_OP_INFLOW, 0, 16, NULL },
	{ RFC2217_OP_INFLOW, 14, 16, NO },
	{ RFC2217_OP_INFLOW, 15, 16, NO },
	{ RFC2217_OP_INFLOW, 16, 16, NULL },
	{ RFC2217_OP_OUTFLOW, 2, 2, NULL },
	{ RFC2217_OP_INFLOW, 0, 15, NULL },
	{ RFC2217_OP_INFLOW, 16, 15, NO },
	{ RFC2217_OP_INFLOW, 14, 14, NULL },
	{ RFC2217_OP_OUTFLOW, 0, 2, NULL },
	{ RFC2217_OP_OUTFLOW, 17, 2, NO },
	{ RFC2217_OP_OUTFLOW, 19, 2, NO },
	{ RFC2217_OP_INFLOW, 18, 14, NO },
	{ RFC2217_OP_OUTFLOW, 1, 1, NULL },
	{ RFC2217_OP_INFLOW, 16, 14, NO },
	{ RFC2217_OP_INFLOW, 15, 15, NULL },
	{ RFC2217_OP_OUTFLOW, 0, 1, NULL },
	{ RFC2217_OP_OUTFLOW, 1, 1, NULL },
	{ RFC2217_OP_INFLOW, 0, 14, NULL },
};

static void
run_settings(const struct setting *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		rig_set(&r, list[i].what, list[i].asked);
		ck_assert_msg(field(list[i].what) == list[i].in_force, "row %zu: %u in force", i,
		    (unsigned)field(list[i].what));
		if (list[i].failed == NULL)
			ck_assert_msg(r.failed == NULL, "row %zu: %s", i, r.failed);
		else
			ck_assert_str_eq(r.failed, list[i].failed);
	}
}

START_TEST(every_setting)
{
	int opened;

	rig_open(&r);
	opened = (int)r.dev->nevents;
	run_settings(settings, sizeof settings / sizeof *settings);
	/* None touched DTR, RTS, or the queues. */
	for (; opened < (int)r.dev->nevents; opened++)
		ck_assert_uint_eq(r.dev->events[opened % TTYSHIM_EVENTS].kind, TTYSHIM_SET);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
}
END_TEST

/* What a driver does not take is answered with what was in force. */
static const struct {
	uint32_t refuse, max_rate;
	struct setting setting;
} refusals[] = {
	{ TTYSHIM_REFUSE_RTSCTS, 0, { RFC2217_OP_OUTFLOW, 3, 1, NULL } },
	{ TTYSHIM_REFUSE_PARITY, 0, { RFC2217_OP_PARITY, 2, 1, NULL } },
	{ TTYSHIM_REFUSE_SIZE, 0, { RFC2217_OP_DATASIZE, 5, 8, NULL } },
	{ TTYSHIM_REFUSE_SIZE, 0, { RFC2217_OP_DATASIZE, 7, 7, NULL } },
	{ TTYSHIM_ODD_SIZE, 0, { RFC2217_OP_DATASIZE, 6, 8, NULL } },
	{ 0, 115200, { RFC2217_OP_BAUD, 230400, 9600, NULL } },
	{ 0, 115200, { RFC2217_OP_BAUD, 115200, 115200, NULL } },
	{ TTYSHIM_REFUSE_ALL, 0, { RFC2217_OP_BAUD, 300, 9600, NO } },
};

START_TEST(a_driver_refuses)
{
	rig_open(&r);
	r.dev->refuse = refusals[_i].refuse;
	r.dev->max_rate = refusals[_i].max_rate;
	run_settings(&refusals[_i].setting, 1);
}
END_TEST

static const struct rfc2217_format formats[] = {
	{ 300, 7, RFC2217_EVEN, RFC2217_STOP_2, RFC2217_OUT_RTSCTS, RFC2217_IN_RTSCTS },
	{ 19200, 5, RFC2217_MARK, RFC2217_STOP_15, RFC2217_OUT_XONXOFF, RFC2217_IN_XONXOFF },
	{ 31250, 8, RFC2217_NONE, RFC2217_STOP_1, RFC2217_OUT_NONE, RFC2217_IN_XONXOFF },
	{ 57600, 6, RFC2217_SPACE, RFC2217_STOP_1, RFC2217_OUT_XONXOFF, RFC2217_IN_NONE },
};

/* _i: each format, first with a driver that takes it at once, then with one that does not. */
START_TEST(all_settings_at_once)
{
	const struct rfc2217_format *f = &formats[_i / 2];
	struct port_op op = { .kind = PORT_APPLY, .format = *f };
	int before, sets = 0;

	rig_open(&r);
	if (_i % 2 == 1)
		r.dev->refuse = TTYSHIM_REFUSE_TWO;
	before = (int)r.dev->nevents;
	rig_operate(&r, &op);
	ck_assert_uint_eq(r.state.rfc.format.baud, f->baud);
	ck_assert_uint_eq(r.state.rfc.format.datasize, f->datasize);
	ck_assert_uint_eq(r.state.rfc.format.parity, f->parity);
	ck_assert_uint_eq(r.state.rfc.format.stopsize, f->stopsize);
	ck_assert_uint_eq(r.state.rfc.format.outflow, f->outflow);
	ck_assert_uint_eq(r.state.rfc.format.inflow, f->inflow);
	for (; before < (int)r.dev->nevents; before++)
		sets += r.dev->events[before].kind == TTYSHIM_SET;
	if (_i % 2 == 0)
		ck_assert_int_eq(sets, 1);
}
END_TEST

/* ---- signals and break ---- */

static void
signals(uint8_t mask, uint8_t values)
{
	struct port_op op = { .kind = PORT_SIGNALS, .mask = mask, .values = values };

	rig_operate(&r, &op);
}

START_TEST(signals_one_by_one)
{
	rig_open(&r);
	rig_set(&r, RFC2217_OP_DTR, RFC2217_DTR_OFF);
	ck_assert(!r.state.rfc.dtr && r.state.rfc.rts);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_RTS);
	rig_set(&r, RFC2217_OP_RTS, RFC2217_RTS_OFF);
	ck_assert(!r.state.rfc.dtr && !r.state.rfc.rts);
	rig_set(&r, RFC2217_OP_DTR, RFC2217_DTR_ON);
	ck_assert(r.state.rfc.dtr && !r.state.rfc.rts);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR);
	rig_set(&r, RFC2217_OP_RTS, RFC2217_RTS_ON);
	rig_set(&r, RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	ck_assert(r.state.rfc.brk);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS | TTYSHIM_BREAK);
	rig_set(&r, RFC2217_OP_BREAK, 0);
	ck_assert(r.state.rfc.brk);
	rig_set(&r, RFC2217_OP_BREAK, RFC2217_BREAK_OFF);
	ck_assert(!r.state.rfc.brk);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
}
END_TEST

START_TEST(signals_in_one_step)
{
	int before;

	rig_open(&r);
	before = (int)r.dev->nevents;
	signals(PORT_DTR | PORT_RTS, 0);
	ck_assert_int_eq((int)r.dev->nevents, before + 1);
	ck_assert_uint_eq(r.dev->outputs, 0);
	signals(PORT_DTR | PORT_RTS, PORT_DTR | PORT_RTS);
	ck_assert_int_eq((int)r.dev->nevents, before + 2);
	signals(PORT_DTR | PORT_RTS | PORT_BRK, PORT_RTS);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_RTS);
	ck_assert(!r.state.rfc.dtr && r.state.rfc.rts && !r.state.rfc.brk);
}
END_TEST

START_TEST(a_break_lasts)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = 250 };
	const uint32_t lines = TIOCM_DTR | TIOCM_RTS;
	int on, off;

	rig_open(&r);
	rig_operate(&r, &op);
	ck_assert_ptr_null(r.failed);
	ck_assert(!r.state.rfc.brk);
	on = rig_event(&r, 0, TTYSHIM_OUTPUTS, lines | TTYSHIM_BREAK);
	ck_assert_int_ge(on, 0);
	off = rig_event(&r, on, TTYSHIM_OUTPUTS, lines);
	ck_assert_int_eq(off, on + 1);
	ck_assert_int_ge(r.dev->events[off].ns - r.dev->events[on].ns, 249000000);
}
END_TEST

/* The kernel would wait for the output before a break, without end. */
START_TEST(no_break_on_a_stuck_line)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = 250, .drain_ms = 30 };
	int64_t start;

	rig_open(&r);
	r.dev->outq = 100;
	start = rig_ms();
	rig_operate(&r, &op);
	ck_assert_int_ge(rig_ms() - start, 29);
	ck_assert_str_eq(r.failed, "the line does not take its data");
	rig_set(&r, RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	ck_assert_ptr_nonnull(r.failed);
	ck_assert(!r.state.rfc.brk);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
}
END_TEST

START_TEST(a_driver_without_break)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = 250 };

	rig_open(&r);
	r.dev->refuse = TTYSHIM_REFUSE_BREAK;
	rig_operate(&r, &op);
	ck_assert_str_eq(r.failed, NO);
	ck_assert(!r.state.rfc.brk);
}
END_TEST

/* ---- order and bounds ---- */

START_TEST(answers_in_order)
{
	struct port_op op = { .kind = PORT_SET };
	struct port_state state;
	int n = 0;

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	op.set.what = RFC2217_OP_BAUD;
	do {
		op.set.value = 1000 + (uint32_t)n;
	} while (n < 100 && port_submit(r.port, &op, &state, &r.why) == PORT_PENDING && ++n > 0);
	ck_assert_int_gt(n, 1);
	ck_assert_int_lt(n, 100);
	ck_assert_uint_eq(state.rfc.format.baud, 9600);
	ck_assert_int_eq(r.done, 0);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.done, n);
	ck_assert_uint_eq(r.state.rfc.format.baud, 1000 + (uint32_t)n - 1);
	rig_set(&r, RFC2217_OP_BAUD, 300);
	ck_assert_uint_eq(r.state.rfc.format.baud, 300);
}
END_TEST

/* ---- refused: nothing of it is done, and no done() comes ---- */

static const struct port_op lower = { .kind = PORT_SIGNALS, .mask = PORT_DTR };

static void
refused(const struct port_op *op, const char *why)
{
	struct port_state state;
	int done = r.done;

	r.why = NULL;
	ck_assert_int_eq(port_submit(r.port, op, &state, &r.why), PORT_REFUSED);
	ck_assert_ptr_nonnull(r.why);
	ck_assert_str_eq(r.why, why);
	rig_run(&r, 30);
	ck_assert_int_eq(r.done, done);
}

START_TEST(refused_when_full)
{
	struct port_op op = { .kind = PORT_SET, .set = { RFC2217_OP_BAUD, 1200 } };
	struct port_op purge = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };
	struct port_state state;
	int n = 0;

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	while (n < 100 && port_submit(r.port, &op, &state, &r.why) == PORT_PENDING)
		n++;
	refused(&lower, "too many operations wait for the driver");
	ck_assert_int_eq(port_submit(r.port, &purge, &state, &r.why), PORT_DONE); /* needs no place */
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.done, n);
	rig_run(&r, 30);
	ck_assert_int_eq(r.done, n);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
	rig_operate(&r, &lower);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_RTS);
}
END_TEST

START_TEST(refused_when_not_open)
{
	static const struct port_op all[] = {
		{ .kind = PORT_TELL }, { .kind = PORT_SIGNALS, .mask = PORT_DTR }, { .kind = PORT_RESET },
		{ .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX }, { .kind = PORT_WATCH, .modem = true },
	};

	refused(&all[_i], "it is not open");
	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_CLOSE);
	port_close(r.port);
	refused(&all[_i], "it is not open");
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.closed, 1);
	refused(&all[_i], "it is not open");
}
END_TEST

static void
worker_ends(void)
{
	int64_t until = rig_ms() + 2000;

	rig_run(&r, 50);
	while (rig_threads() > 1 && rig_ms() < until)
		rig_run(&r, 5);
}

START_TEST(refused_without_a_thread)
{
	rig_open(&r);
	worker_ends();
	rig_let_threads(false);
	refused(&lower, "the system has no thread for it");
	rig_let_threads(true);
	rig_run(&r, 150); /* it tries again to start one; there is nothing for it to do */
	ck_assert_uint_eq(r.dev->outputs, TIOCM_DTR | TIOCM_RTS);
	rig_operate(&r, &lower);
	ck_assert_uint_eq(r.dev->outputs, TIOCM_RTS);
}
END_TEST

/* A purge is never lost, nor what must come after it sent before. */
START_TEST(a_purge_waits_for_a_thread)
{
	struct port_op purge = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };
	struct port_state state;

	rig_open(&r);
	worker_ends();
	rig_let_threads(false);
	ck_assert_int_eq(port_submit(r.port, &purge, &state, &r.why), PORT_DONE);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 0);
	rig_let_threads(true);
	rig_wait_count(&r, &r.writable, 1);
	ck_assert_int_ge(rig_event(&r, 0, TTYSHIM_FLUSHED, TCOFLUSH), 0);
}
END_TEST

START_TEST(refused_without_memory)
{
	struct rlimit old, none;
	struct port_state state;
	enum port_result result;

	rig_open(&r);
	worker_ends();
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &old), 0);
	none = (struct rlimit){ .rlim_cur = 4096, .rlim_max = old.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
	result = port_submit(r.port, &lower, &state, &r.why);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &old), 0);
	ck_assert_int_eq(result, PORT_REFUSED);
	ck_assert_str_eq(r.why, "out of memory");
	rig_operate(&r, &lower);
	ck_assert_int_eq(r.done, 1);
}
END_TEST

/* ---- a driver that does not answer any more ---- */

START_TEST(what_is_in_force_is_not_known)
{
	static const uint32_t kinds[] = { TTYSHIM_REFUSE_READ, TTYSHIM_REFUSE_LINES };

	rig_open(&r);
	r.dev->refuse = kinds[_i];
	rig_operate(&r, &lower);
	ck_assert_ptr_nonnull(r.failed);
	ck_assert_str_eq(r.failed, strerror(EPROTO));
	ck_assert_uint_eq(r.state.rfc.format.baud, 9600);
	r.dev->refuse = 0;
	rig_operate(&r, &lower);
	ck_assert_ptr_null(r.failed);
	ck_assert(!r.state.rfc.dtr);
}
END_TEST

/* What could not be dropped is neither given to the owner nor followed by what he sends. */
START_TEST(a_purge_that_fails)
{
	struct port_op purge = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_BOTH };
	struct port_state state;

	rig_open(&r);
	r.dev->refuse = TTYSHIM_REFUSE_FLUSH;
	ck_assert_int_eq(port_submit(r.port, &purge, &state, &r.why), PORT_DONE);
	ck_assert_int_eq(write(r.master, "old", 3), 3);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 0);
	rig_wait_count(&r, &r.gone, 1);
	ck_assert_str_eq(r.reason, strerror(EPROTO));
	ck_assert_uint_eq(r.received, 0);
	rig_close(&r);
	r.dev->refuse = 0;
	rig_open(&r);
	ck_assert_uint_eq(port_send(r.port, (const uint8_t *)"x", 1), 1);
}
END_TEST

/* One look may fail; a line that cannot be looked at any more is given up. */
START_TEST(lines_that_cannot_be_read)
{
	rig_open(&r);
	rig_watch(&r, true, false);
	r.dev->refuse = TTYSHIM_REFUSE_LINES;
	rig_run(&r, 300);
	r.dev->refuse = 0;
	rig_inputs(&r, TIOCM_CAR, 0);
	rig_wait_count(&r, &r.changes, 1);
	r.dev->refuse = TTYSHIM_REFUSE_LINES;
	rig_wait_count(&r, &r.gone, 1);
	ck_assert_str_eq(r.reason, strerror(EPROTO));
}
END_TEST

START_TEST(a_reset_is_nothing)
{
	struct port_op op = { .kind = PORT_RESET };
	struct port_state state;
	uint32_t before;

	rig_open(&r);
	before = r.dev->nevents;
	ck_assert_int_eq(port_submit(r.port, &op, &state, &r.why), PORT_DONE);
	ck_assert_uint_eq(state.rfc.format.baud, 9600);
	ck_assert_uint_eq(r.dev->nevents, before);
}
END_TEST

TCase *
serial_ops_case(void)
{
	TCase *tc = tcase_create("operations");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, every_setting);
	tcase_add_loop_test(tc, a_driver_refuses, 0, sizeof refusals / sizeof *refusals);
	tcase_add_loop_test(tc, all_settings_at_once, 0, 2 * sizeof formats / sizeof *formats);
	tcase_add_test(tc, signals_one_by_one);
	tcase_add_test(tc, signals_in_one_step);
	tcase_add_test(tc, a_break_lasts);
	tcase_add_test(tc, no_break_on_a_stuck_line);
	tcase_add_test(tc, a_driver_without_break);
	tcase_add_test(tc, answers_in_order);
	tcase_add_test(tc, refused_when_full);
	tcase_add_loop_test(tc, refused_when_not_open, 0, 5);
	tcase_add_test(tc, refused_without_a_thread);
	tcase_add_test(tc, a_purge_waits_for_a_thread);
	tcase_add_test(tc, refused_without_memory);
	tcase_add_loop_test(tc, what_is_in_force_is_not_known, 0, 2);
	tcase_add_test(tc, a_purge_that_fails);
	tcase_add_test(tc, lines_that_cannot_be_read);
	tcase_add_test(tc, a_reset_is_nothing);
	return tc;
}
