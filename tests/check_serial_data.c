/*
 * Data through a serial port on a fake device, drivers that hang, and devices that go.
 */
#include "check_serial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/loop_parts.h"

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
	char b[8];

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	rig_submit(&r, &tell);
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

	rig_open(&r);
	rig_hang(&r, TTYSHIM_HANG_IOCTL);
	rig_submit(&r, &tell);
	rig_submit(&r, &tell);
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
	ck_assert_int_eq(port_submit(r.port, &tell, &state, &r.why), PORT_REFUSED);
	ck_assert_str_eq(r.why, "device gone");
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

/* ---- who has it ---- */

/* Is the port among the descriptors of which hardly anything comes? */
static bool
is_put_away(struct rig *rig)
{
	char path[64], text[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", loop_seldom(rig->loop));
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	return strstr(text, "tfd:") != NULL;
}

/* A line that changes hands is watched as before; one that nobody takes for a while is put away. */
START_TEST(put_away_when_nobody_has_it)
{
	struct port_op tell = { .kind = PORT_TELL };

	rig_open(&r);
	ck_assert(is_put_away(&r));
	port_owned(r.port, true);
	ck_assert(!is_put_away(&r));
	rig_submit(&r, &tell); /* as of a hand-over */
	port_owned(r.port, false);
	rig_wait_count(&r, &r.done, 1);
	ck_assert(!is_put_away(&r));
	port_owned(r.port, true);
	rig_run(&r, 60); /* the worker has ended by then */
	ck_assert(!is_put_away(&r));
	rig_operate(&r, &tell);
	port_owned(r.port, false);
	rig_wait(&r, is_put_away, "that it is put away");
}
END_TEST

TCase *
serial_data_case(void)
{
	TCase *tc = tcase_create("data and failures");

	tcase_add_checked_fixture(tc, up, down);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, the_loop_goes_on_while_the_driver_hangs);
	tcase_add_test(tc, gone_while_the_driver_hangs);
	tcase_add_loop_test(tc, unplugged, 0, 4);
	tcase_add_test(tc, bulk_both_ways);
	tcase_add_test(tc, no_room_no_reading);
	tcase_add_test(tc, a_line_that_takes_nothing);
	tcase_add_test(tc, put_away_when_nobody_has_it);
	return tc;
}
