/*
 * Settings of ports without hardware: every value of every field, and the fields that depend on
 * each other.
 */
#include "ports/settings.h"
#include "unit.h"

#include <string.h>

static struct rfc2217_state state;

static void
setup(void)
{
	settings_init(&state);
}

/* Field by field: what lies between them is nobody's. */
static void
has_format(const struct rfc2217_format *want)
{
	const struct rfc2217_format *f = &state.format;

	ck_assert_uint_eq(f->baud, want->baud);
	ck_assert_uint_eq(f->datasize, want->datasize);
	ck_assert_uint_eq(f->parity, want->parity);
	ck_assert_uint_eq(f->stopsize, want->stopsize);
	ck_assert_uint_eq(f->outflow, want->outflow);
	ck_assert_uint_eq(f->inflow, want->inflow);
}

static void
set(enum rfc2217_what what, uint32_t value)
{
	const struct rfc2217_op op = { .what = what, .value = value };

	settings_set(&state, &op);
}

/* Sets value and says what is then in force. */
static uint32_t
in_force(enum rfc2217_what what, uint32_t value)
{
	set(what, value);
	switch (what) {
	case RFC2217_OP_BAUD: return state.format.baud;
	case RFC2217_OP_DATASIZE: return state.format.datasize;
	case RFC2217_OP_PARITY: return state.format.parity;
	case RFC2217_OP_STOPSIZE: return state.format.stopsize;
	case RFC2217_OP_OUTFLOW: return state.format.outflow;
	case RFC2217_OP_INFLOW: return state.format.inflow;
	case RFC2217_OP_BREAK: return state.brk ? RFC2217_BREAK_ON : RFC2217_BREAK_OFF;
	case RFC2217_OP_DTR: return state.dtr ? RFC2217_DTR_ON : RFC2217_DTR_OFF;
	default: return state.rts ? RFC2217_RTS_ON : RFC2217_RTS_OFF;
	}
}

/* Fields whose values from `first` to `last` are all taken, and no others. */
static const struct {
	enum rfc2217_what what;
	uint32_t first, last;
} fields[] = {
	{ RFC2217_OP_DATASIZE, 5, 8 },
	{ RFC2217_OP_PARITY, RFC2217_NONE, RFC2217_SPACE },
	{ RFC2217_OP_STOPSIZE, RFC2217_STOP_1, RFC2217_STOP_2 },
	{ RFC2217_OP_OUTFLOW, RFC2217_OUT_NONE, RFC2217_OUT_RTSCTS },
	{ RFC2217_OP_INFLOW, RFC2217_IN_NONE, RFC2217_IN_XONXOFF },
	{ RFC2217_OP_BREAK, RFC2217_BREAK_ON, RFC2217_BREAK_OFF },
	{ RFC2217_OP_DTR, RFC2217_DTR_ON, RFC2217_DTR_OFF },
	{ RFC2217_OP_RTS, RFC2217_RTS_ON, RFC2217_RTS_OFF },
};

START_TEST(every_value)
{
	uint32_t value, before;

	for (value = 0; value < 300; value++) {
		before = in_force(fields[_i].what, 0);
		if (value >= fields[_i].first && value <= fields[_i].last)
			before = value;
		ck_assert_uint_eq(in_force(fields[_i].what, value), before);
	}
}
END_TEST

static const struct {
	uint32_t value;
	bool taken;
} rates[] = { { 1, false }, { 49, false }, { 50, true }, { 12345, true }, { 4000000, true },
	{ 4000001, false }, { UINT32_MAX, false } };

START_TEST(rate)
{
	ck_assert_uint_eq(in_force(RFC2217_OP_BAUD, rates[_i].value),
	    rates[_i].taken ? rates[_i].value : 115200);
}
END_TEST

START_TEST(one_and_a_half)
{
	ck_assert_uint_eq(in_force(RFC2217_OP_STOPSIZE, RFC2217_STOP_15), RFC2217_STOP_1);
	set(RFC2217_OP_DATASIZE, 5);
	ck_assert_uint_eq(in_force(RFC2217_OP_STOPSIZE, RFC2217_STOP_15), RFC2217_STOP_15);
	set(RFC2217_OP_DATASIZE, 7);
	ck_assert_uint_eq(state.format.stopsize, RFC2217_STOP_2);
}
END_TEST

START_TEST(flow)
{
	uint32_t out, in, want;

	for (out = RFC2217_OUT_NONE; out <= RFC2217_OUT_RTSCTS; out++) {
		for (in = RFC2217_IN_NONE; in <= RFC2217_OUT_DSR; in++) {
			set(RFC2217_OP_OUTFLOW, out);
			ck_assert_uint_eq(state.format.inflow, out + 13);
			want = out == RFC2217_OUT_RTSCTS ? RFC2217_IN_RTSCTS : out + 13;
			if (out != RFC2217_OUT_RTSCTS && (in == RFC2217_IN_NONE ||
			    in == RFC2217_IN_XONXOFF))
				want = in;
			ck_assert_uint_eq(in_force(RFC2217_OP_INFLOW, in), want);
			ck_assert_uint_eq(state.format.outflow, out);
		}
	}
	for (out = RFC2217_OUT_DCD; out <= RFC2217_OUT_DSR; out++)
		ck_assert_uint_eq(in_force(RFC2217_OP_OUTFLOW, out), RFC2217_OUT_RTSCTS);
}
END_TEST

START_TEST(asking_changes_nothing)
{
	struct rfc2217_state before = state;

	set(RFC2217_OP_MODEM, 0);
	set(RFC2217_OP_MODEM, 255);
	set(RFC2217_OP_PURGE, 3);
	has_format(&before.format);
	ck_assert(state.dtr == before.dtr && state.rts == before.rts && state.brk == before.brk);
	ck_assert_uint_eq(state.modem, before.modem);
}
END_TEST

START_TEST(whole_format)
{
	struct port_op op = { .kind = PORT_APPLY, .format = { 1200, 5, RFC2217_SPACE,
	    RFC2217_STOP_15,
	    RFC2217_OUT_XONXOFF, RFC2217_IN_NONE } };

	settings_submit(&state, &op);
	has_format(&op.format);
}
END_TEST

START_TEST(signals)
{
	struct port_op op = { .kind = PORT_SIGNALS };
	unsigned now = PORT_DTR | PORT_RTS, mask, values;

	for (mask = 0; mask < 8; mask++) {
		for (values = 0; values < 8; values++) {
			op.mask = (uint8_t)mask;
			op.values = (uint8_t)values;
			ck_assert(settings_begins_break(&state, &op) ==
			    ((mask & values & ~now & PORT_BRK) != 0));
			settings_submit(&state, &op);
			now = (now & ~mask) | (values & mask);
			ck_assert(state.dtr == ((now & PORT_DTR) != 0));
			ck_assert(state.rts == ((now & PORT_RTS) != 0));
			ck_assert(state.brk == ((now & PORT_BRK) != 0));
		}
	}
}
END_TEST

START_TEST(breaks)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = 250 };

	ck_assert(settings_begins_break(&state, &op));
	set(RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	settings_submit(&state, &op);
	ck_assert(!state.brk);
	op = (struct port_op){ .kind = PORT_SET, .set = { RFC2217_OP_BREAK, RFC2217_BREAK_ON } };
	ck_assert(settings_begins_break(&state, &op));
	settings_submit(&state, &op);
	ck_assert(!settings_begins_break(&state, &op));
	op.kind = PORT_TELL;
	ck_assert(!settings_begins_break(&state, &op));
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("settings");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, every_value, 0, ROWS(fields));
	tcase_add_loop_test(tc, rate, 0, ROWS(rates));
	tcase_add_test(tc, one_and_a_half);
	tcase_add_test(tc, flow);
	tcase_add_test(tc, asking_changes_nothing);
	tcase_add_test(tc, whole_format);
	tcase_add_test(tc, signals);
	tcase_add_test(tc, breaks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
