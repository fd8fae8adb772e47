/*
 * The loop-back plug in a real loop: data, its bounds, the wires, break, purge, settings,
 * opening and closing.
 */
#include "portowner.h"
#include "ports/loopback.h"
#include "unit.h"

#include <string.h>

#define WIRED (RFC2217_CTS | RFC2217_DSR | RFC2217_DCD)
#define RING 16384

static struct owner o;
static uint8_t bytes[OWNER_DATA];
static size_t wanted;

static bool
is_opened(void)
{
	return o.opened;
}

static bool
is_closed(void)
{
	return o.closed;
}

static bool
has_data(void)
{
	return o.used >= wanted;
}

static void
setup(void)
{
	size_t i;

	memset(&o, 0, sizeof o);
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i % 253);
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	o.port = port_loopback_new(loop, &owner_news, &o);
	ck_assert_ptr_nonnull(o.port);
	o.room = OWNER_DATA;
	owner_open(&o);
	ck_assert(!o.opened);
	owner_wait(is_opened);
}

static void
teardown(void)
{
	owner_close(&o);
	ck_assert(!o.closed);
	owner_wait(is_closed);
	port_free(o.port);
	loop_free(loop);
}

START_TEST(opens_as_told)
{
	owner_has_format(&o, &owner_format);
	ck_assert(o.state.lines && o.state.rfc.dtr && o.state.rfc.rts && !o.state.rfc.brk);
	ck_assert_uint_eq(o.state.rfc.modem, WIRED);
	owner_settle();
	ck_assert_str_eq(o.log, "");
}
END_TEST

START_TEST(data_comes_back)
{
	ck_assert_uint_eq(owner_send(&o, "hello, ", 7), 7);
	ck_assert_uint_eq(owner_send(&o, "line", 4), 4);
	wanted = 11;
	owner_wait(has_data);
	ck_assert_str_eq((char *)o.data, "hello, line");
}
END_TEST

START_TEST(bounded)
{
	o.room = 0;
	ck_assert_uint_eq(owner_send(&o, bytes, 2 * RING), RING);
	ck_assert_uint_eq(owner_send(&o, bytes, 1), 0);
	owner_settle();
	ck_assert(!o.writable);
	ck_assert_uint_eq(o.used, 0);
	owner_resume(&o, 10);
	owner_settle();
	ck_assert(o.writable);
	ck_assert_uint_eq(o.used, 10);
	ck_assert_uint_eq(owner_send(&o, bytes + RING, 11), 10);
	owner_resume(&o, OWNER_DATA);
	wanted = RING + 10;
	owner_wait(has_data);
	ck_assert_mem_eq(o.data, bytes, RING + 10);
}
END_TEST

START_TEST(a_mebibyte)
{
	size_t sent = 0;

	while (o.used < OWNER_DATA) {
		sent += owner_send(&o, bytes + sent, OWNER_DATA - sent);
		wanted = o.used + 1;
		owner_wait(has_data);
	}
	ck_assert_uint_eq(sent, OWNER_DATA);
	ck_assert_mem_eq(o.data, bytes, OWNER_DATA);
}
END_TEST

/* An owner that sends back what it gets must not keep the loop from everything else. */
START_TEST(bouncing)
{
	o.bounces = true;
	owner_send(&o, bytes, 100);
	wanted = 10000;
	owner_wait(has_data);
}
END_TEST

START_TEST(refused_when_closed)
{
	struct port_op op = { .kind = PORT_SIGNALS, .mask = PORT_DTR };
	struct port_state state;
	const char *why = NULL;

	owner_close(&o);
	ck_assert_int_eq(port_submit(o.port, &op, &state, &why), PORT_REFUSED);
	ck_assert_str_eq(why, "it is not open");
	ck_assert(state.rfc.dtr);
}
END_TEST

START_TEST(wires)
{
	owner_watch(&o, true, false);
	owner_set(&o, RFC2217_OP_RTS, RFC2217_RTS_OFF);
	ck_assert_uint_eq(o.state.rfc.modem, RFC2217_DSR | RFC2217_DCD);
	owner_settle();
	ck_assert_str_eq(o.log, "modem a0 01\n");
	o.log[0] = '\0';
	owner_set(&o, RFC2217_OP_DTR, RFC2217_DTR_OFF);
	ck_assert_uint_eq(o.state.rfc.modem, 0);
	owner_settle();
	ck_assert_str_eq(o.log, "modem 00 0a\n");
	o.log[0] = '\0';
	owner_set(&o, RFC2217_OP_DTR, RFC2217_DTR_OFF);
	owner_settle();
	ck_assert_str_eq(o.log, "");
	/* a pulse within one turn of the loop */
	owner_set(&o, RFC2217_OP_DTR, RFC2217_DTR_ON);
	owner_set(&o, RFC2217_OP_DTR, RFC2217_DTR_OFF);
	owner_settle();
	ck_assert_str_eq(o.log, "modem 00 0a\n");
}
END_TEST

START_TEST(watching)
{
	struct port_op op = { .kind = PORT_SIGNALS, .mask = PORT_DTR | PORT_RTS };

	owner_submit(&o, &op);
	ck_assert_uint_eq(o.state.rfc.modem, 0);
	owner_watch(&o, true, false); /* what was before is not news */
	owner_settle();
	ck_assert_str_eq(o.log, "");
	op.values = PORT_DTR;
	owner_submit(&o, &op);
	owner_watch(&o, true, true); /* does not forget what is not told yet */
	owner_settle();
	ck_assert_str_eq(o.log, "modem a0 0a\n");
	o.log[0] = '\0';
	owner_watch(&o, false, false);
	op.values = PORT_RTS;
	owner_submit(&o, &op);
	ck_assert_uint_eq(o.state.rfc.modem, RFC2217_CTS);
	owner_settle();
	ck_assert_str_eq(o.log, "");
}
END_TEST

START_TEST(breaks)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = 300 };

	owner_submit(&o, &op);
	owner_watch(&o, false, true);
	owner_settle();
	ck_assert_str_eq(o.log, ""); /* nobody watched yet */
	owner_watch(&o, false, false);
	owner_submit(&o, &op);
	owner_settle();
	owner_watch(&o, false, true);
	owner_settle();
	ck_assert_str_eq(o.log, "");
	owner_submit(&o, &op);
	owner_settle();
	ck_assert_str_eq(o.log, "errors 10\n");
	owner_set(&o, RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	ck_assert(o.state.rfc.brk);
	owner_settle();
	owner_set(&o, RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	owner_set(&o, RFC2217_OP_BREAK, RFC2217_BREAK_OFF);
	ck_assert(!o.state.rfc.brk);
	owner_settle();
	ck_assert_str_eq(o.log, "errors 10\nerrors 10\n");
}
END_TEST

START_TEST(purges)
{
	struct port_op op = { .kind = PORT_PURGE, .purge = (uint8_t)_i };

	o.room = 0;
	owner_send(&o, bytes, RING + 1);
	owner_settle();
	owner_submit(&o, &op);
	owner_settle();
	ck_assert(o.writable == (_i != RFC2217_PURGE_TX));
	ck_assert_uint_eq(owner_send(&o, "x", 1), _i != RFC2217_PURGE_TX);
	owner_resume(&o, OWNER_DATA);
	owner_settle();
	ck_assert_uint_eq(o.used, _i == RFC2217_PURGE_TX ? RING : 1);
}
END_TEST

START_TEST(purge_in_the_news)
{
	o.purges = true;
	o.room = 0;
	owner_send(&o, bytes, 1000);
	owner_resume(&o, 10);
	owner_settle();
	ck_assert_uint_eq(o.used, 10);
	owner_resume(&o, OWNER_DATA);
	owner_settle();
	ck_assert_uint_eq(o.used, 10);
}
END_TEST

START_TEST(close_in_the_news)
{
	o.closes = true;
	o.room = 10;
	owner_send(&o, bytes, 1000);
	owner_wait(is_closed);
	ck_assert_uint_eq(o.used, 10);
	o.closes = false;
	o.room = OWNER_DATA;
	owner_open(&o);
	owner_wait(is_opened);
	owner_settle();
	ck_assert_uint_eq(o.used, 10); /* nothing of before */
	owner_send(&o, "x", 1);
	owner_settle();
	ck_assert_uint_eq(o.used, 11);
}
END_TEST

START_TEST(settings)
{
	struct port_op op = { .kind = PORT_TELL };

	owner_set(&o, RFC2217_OP_BAUD, 4000000);
	owner_set(&o, RFC2217_OP_BAUD, UINT32_MAX);
	owner_set(&o, RFC2217_OP_DATASIZE, 5);
	owner_submit(&o, &op);
	ck_assert_uint_eq(o.state.rfc.format.baud, 4000000);
	ck_assert_uint_eq(o.state.rfc.format.datasize, 5);
	op.kind = PORT_APPLY;
	op.format = owner_format;
	owner_submit(&o, &op);
	owner_has_format(&o, &owner_format);
	op.kind = PORT_RESET;
	owner_submit(&o, &op);
	owner_has_format(&o, &owner_format);
}
END_TEST

START_TEST(close_before_opened)
{
	owner_close(&o);
	owner_wait(is_closed);
	ck_assert_uint_eq(owner_send(&o, "x", 1), 0);
	owner_open(&o);
	owner_close(&o);
	owner_wait(is_closed);
	ck_assert(!o.opened);
	owner_open(&o);
	owner_wait(is_opened);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loopback");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, opens_as_told);
	tcase_add_test(tc, data_comes_back);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, a_mebibyte);
	tcase_add_test(tc, bouncing);
	tcase_add_test(tc, refused_when_closed);
	tcase_add_test(tc, wires);
	tcase_add_test(tc, watching);
	tcase_add_test(tc, breaks);
	tcase_add_loop_test(tc, purges, RFC2217_PURGE_RX, RFC2217_PURGE_BOTH + 1);
	tcase_add_test(tc, purge_in_the_news);
	tcase_add_test(tc, close_in_the_news);
	tcase_add_test(tc, settings);
	tcase_add_test(tc, close_before_opened);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
