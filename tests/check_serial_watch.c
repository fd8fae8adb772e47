/*
 * Watching a serial port's modem lines and line errors on a fake device, and ttys that have none.
 */
#include "check_serial.h"

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

enum { CTS = RFC2217_CTS, DSR = RFC2217_DSR, DCD = RFC2217_DCD, RI = RFC2217_RI };
enum { D_CTS = RFC2217_CTS_CHANGED, D_DSR = RFC2217_DSR_CHANGED, D_DCD = RFC2217_DCD_CHANGED,
	RI_FELL = RFC2217_RI_FELL };

/* A change, and the news of it: at least one look has been taken by then. */
static void
be_looked_at(void)
{
	int before = r.changes;

	rig_inputs(&r, r.dev->inputs ^ TIOCM_DSR, r.dev->inputs & TIOCM_DSR);
	rig_wait_count(&r, &r.changes, before + 1);
}

/* One after the other: inputs that change, what is told. */
static const struct {
	uint32_t on, off;
	uint8_t state, deltas;
} changes[] = {
	{ TIOCM_CTS, 0, CTS, D_CTS },
	{ TIOCM_DSR | TIOCM_CAR, 0, CTS | DSR | DCD, D_DSR | D_DCD },
	{ TIOCM_RNG, 0, CTS | DSR | DCD | RI, 0 },
	{ 0, TIOCM_RNG, CTS | DSR | DCD, RI_FELL },
	{ 0, TIOCM_CTS, DSR | DCD, D_CTS },
	{ TIOCM_CTS, TIOCM_CAR, CTS | DSR, D_CTS | D_DCD },
	{ 0, TIOCM_DSR | TIOCM_CTS, 0, D_DSR | D_CTS },
};

/* _i: with counters, without. */
START_TEST(changes_are_told)
{
	int64_t start = 0, took = 0;
	int i;

	rig_flags(&r, _i == 0 ? 0 : TTYSHIM_NO_COUNTS, 0);
	rig_open(&r);
	rig_watch(&r, true, false);
	for (i = 0; i < (int)(sizeof changes / sizeof *changes); i++) {
		start = rig_ms();
		rig_inputs(&r, changes[i].on, changes[i].off);
		rig_wait_count(&r, &r.changes, i + 1);
		took += rig_ms() - start;
		ck_assert_msg(r.modem[i] == changes[i].state && r.deltas[i] == changes[i].deltas,
		    "change %d: %#x %#x", i, r.modem[i], r.deltas[i]);
	}
	rig_run(&r, 60);
	ck_assert_int_eq(r.changes, i);
	ck_assert_int_lt(took / i, 50); /* on average: the machine may be busy */
}
END_TEST

/* Both edges between two looks. */
START_TEST(a_pulse_is_told)
{
	static const int counters[] = { TTYSHIM_CTS, TTYSHIM_DSR, TTYSHIM_RNG, TTYSHIM_DCD };
	static const uint8_t deltas[] = { D_CTS, D_DSR, RI_FELL, D_DCD };

	r.dev->inputs = TIOCM_CTS;
	rig_open(&r);
	rig_watch(&r, true, false);
	be_looked_at();
	rig_count(&r, counters[_i]);
	rig_wait_count(&r, &r.changes, 2);
	ck_assert_uint_eq(r.modem[1], CTS | DSR);
	ck_assert_uint_eq(r.deltas[1], deltas[_i]);
	rig_run(&r, 50);
	ck_assert_int_eq(r.changes, 2);
}
END_TEST

static bool
hangs(struct rig *rig)
{
	return __atomic_load_n(&rig->dev->hanging, __ATOMIC_ACQUIRE) > 0;
}

/* Lines are read before the change and counters after it: still one change (R57). */
START_TEST(a_change_amid_a_look)
{
	rig_open(&r);
	rig_watch(&r, true, false);
	rig_run(&r, 30);
	rig_hang(&r, TTYSHIM_HANG_LINES);
	rig_wait(&r, hangs, "a look at the lines");
	rig_hang(&r, TTYSHIM_HANG_COUNTS);
	rig_run(&r, 10);
	rig_wait(&r, hangs, "a look at the counters");
	rig_inputs(&r, TIOCM_CTS, 0);
	rig_hang(&r, 0);
	rig_wait_count(&r, &r.changes, 1);
	ck_assert_uint_eq(r.modem[0], CTS);
	ck_assert_uint_eq(r.deltas[0], D_CTS);
	rig_run(&r, 60);
	ck_assert_int_eq(r.changes, 1);
}
END_TEST

/* R58: going on is no delta, whether the driver counts both edges or one. */
START_TEST(ring_rises)
{
	r.both_edges = TIOCM_RNG;
	rig_open(&r);
	rig_watch(&r, true, false);
	rig_run(&r, 30);
	rig_inputs(&r, TIOCM_RNG, 0);
	rig_wait_count(&r, &r.changes, 1);
	ck_assert_uint_eq(r.modem[0], RI);
	ck_assert_uint_eq(r.deltas[0], 0);
	rig_inputs(&r, 0, TIOCM_RNG);
	rig_wait_count(&r, &r.changes, 2);
	ck_assert_uint_eq(r.modem[1], 0);
	ck_assert_uint_eq(r.deltas[1], RI_FELL);
	rig_run(&r, 50);
	ck_assert_int_eq(r.changes, 2);
}
END_TEST

/* What changed while nobody watched is told when the watch begins; old counts are not. */
START_TEST(a_watch_begins)
{
	rig_open(&r);
	rig_inputs(&r, TIOCM_CAR, 0);
	rig_count(&r, TTYSHIM_CTS);
	rig_count(&r, TTYSHIM_FRAME);
	rig_watch(&r, true, true);
	rig_wait_count(&r, &r.changes, 1);
	ck_assert_uint_eq(r.modem[0], DCD);
	ck_assert_uint_eq(r.deltas[0], D_DCD);
	rig_run(&r, 50);
	ck_assert_int_eq(r.changes, 1);
	ck_assert_int_eq(r.errors, 0);
	/* What an operation has told in between is not told again. */
	rig_watch(&r, false, false);
	rig_inputs(&r, 0, TIOCM_CAR);
	rig_set(&r, RFC2217_OP_MODEM, 0);
	ck_assert_uint_eq(r.state.rfc.modem, 0);
	rig_watch(&r, true, true);
	rig_run(&r, 50);
	ck_assert_int_eq(r.changes, 1);
}
END_TEST

START_TEST(unwatched_is_silent)
{
	rig_open(&r);
	rig_watch(&r, true, true);
	rig_watch(&r, false, false);
	rig_inputs(&r, TIOCM_CTS, 0);
	rig_count(&r, TTYSHIM_BRK);
	rig_run(&r, 60);
	ck_assert_str_eq(r.order, "o");
}
END_TEST

START_TEST(watched_during_a_break)
{
	struct port_op brk = { .kind = PORT_BREAK, .ms = 500 };
	int64_t start;

	rig_open(&r);
	rig_watch(&r, true, false);
	rig_submit(&r, &brk);
	rig_run(&r, 20);
	start = rig_ms();
	rig_inputs(&r, TIOCM_CTS, 0);
	rig_wait_count(&r, &r.changes, 1);
	ck_assert_int_lt(rig_ms() - start, 300);
	ck_assert_int_eq(r.done, 0);
	rig_wait_count(&r, &r.done, 1);
}
END_TEST

static const struct {
	int counter;
	uint8_t bit;
} errors[] = {
	{ TTYSHIM_BRK, RFC2217_BREAK_SEEN },
	{ TTYSHIM_FRAME, RFC2217_FRAMING_ERROR },
	{ TTYSHIM_PARITY, RFC2217_PARITY_ERROR },
	{ TTYSHIM_OVERRUN, RFC2217_OVERRUN },
	{ TTYSHIM_BUF_OVERRUN, RFC2217_OVERRUN },
};

START_TEST(errors_are_told)
{
	rig_open(&r);
	rig_watch(&r, true, true);
	be_looked_at();
	rig_count(&r, errors[_i].counter);
	rig_wait_count(&r, &r.errors, 1);
	ck_assert_uint_eq(r.error_bits[0], errors[_i].bit);
	be_looked_at();
	ck_assert_int_eq(r.errors, 1);
	rig_watch(&r, false, true);
	rig_count(&r, errors[_i].counter);
	rig_wait_count(&r, &r.errors, 2);
	ck_assert_int_eq(r.changes, 2);
}
END_TEST

START_TEST(errors_only_when_asked)
{
	rig_open(&r);
	rig_watch(&r, true, false);
	be_looked_at();
	rig_count(&r, TTYSHIM_FRAME);
	be_looked_at();
	rig_watch(&r, true, true);
	be_looked_at();
	ck_assert_int_eq(r.errors, 0);
	rig_count(&r, TTYSHIM_FRAME);
	rig_wait_count(&r, &r.errors, 1);
}
END_TEST

/* ---- a tty without modem lines ---- */

static void
no_lines(void)
{
	rig_flags(&r, TTYSHIM_NO_LINES, 0);
	rig_open(&r);
}

START_TEST(no_lines_are_made_up)
{
	no_lines();
	ck_assert_uint_eq(r.state.rfc.modem, DCD | DSR | CTS);
	ck_assert(r.state.rfc.dtr && r.state.rfc.rts);
	rig_set(&r, RFC2217_OP_DTR, RFC2217_DTR_OFF);
	ck_assert_ptr_null(r.failed);
	ck_assert(!r.state.rfc.dtr && r.state.rfc.rts);
	rig_set(&r, RFC2217_OP_RTS, RFC2217_RTS_OFF);
	ck_assert(!r.state.rfc.dtr && !r.state.rfc.rts);
	rig_set(&r, RFC2217_OP_DTR, RFC2217_DTR_ON);
	ck_assert(r.state.rfc.dtr && !r.state.rfc.rts);
	rig_set(&r, RFC2217_OP_MODEM, 0);
	ck_assert_uint_eq(r.state.rfc.modem, DCD | DSR | CTS);
	rig_close(&r);
	rig_open(&r);
	ck_assert(r.state.rfc.dtr && r.state.rfc.rts);
}
END_TEST

/* _i: break works on its wire, or is remembered. */
START_TEST(no_lines_but_break)
{
	no_lines();
	r.dev->refuse = _i == 0 ? 0 : TTYSHIM_REFUSE_BREAK;
	rig_set(&r, RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	ck_assert_ptr_null(r.failed);
	ck_assert(r.state.rfc.brk);
	ck_assert_uint_eq(r.dev->outputs, _i == 0 ? TTYSHIM_BREAK : 0);
	rig_set(&r, RFC2217_OP_BREAK, RFC2217_BREAK_OFF);
	ck_assert(!r.state.rfc.brk);
}
END_TEST

START_TEST(no_lines_no_watching)
{
	int64_t until = rig_ms() + 2000;
	int threads;

	no_lines();
	rig_run(&r, 20);
	threads = rig_threads();
	rig_watch(&r, true, true);
	rig_inputs(&r, TIOCM_CTS, 0);
	while (rig_threads() > threads && rig_ms() < until)
		rig_run(&r, 1);
	ck_assert_int_eq(rig_threads(), threads);
	rig_run(&r, 30);
	ck_assert_str_eq(r.order, "o");
}
END_TEST

TCase *
serial_watch_case(void)
{
	TCase *tc = tcase_create("watching");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc, changes_are_told, 0, 2);
	tcase_add_loop_test(tc, a_pulse_is_told, 0, 4);
	tcase_add_test(tc, a_change_amid_a_look);
	tcase_add_test(tc, ring_rises);
	tcase_add_test(tc, a_watch_begins);
	tcase_add_test(tc, unwatched_is_silent);
	tcase_add_test(tc, watched_during_a_break);
	tcase_add_loop_test(tc, errors_are_told, 0, sizeof errors / sizeof *errors);
	tcase_add_test(tc, errors_only_when_asked);
	tcase_add_test(tc, no_lines_are_made_up);
	tcase_add_loop_test(tc, no_lines_but_break, 0, 2);
	tcase_add_test(tc, no_lines_no_watching);
	return tc;
}
