/*
 * Modems without a terminal: modem 1 is the near end of a trunk that modem 0 calls, or that calls
 * modem 0.
 */
#include "modem/vmodem_trunk.h"
#include "modems.h"
#include "unit.h"

static void
setup(void)
{
	modems_start();
	vmodem_trunk(&modem[1]);
	type(0, "ATE0\r");
	said(0);
}

static void
dialled(void)
{
	type(0, "ATD2\r");
	pass(500);
	ck_assert_ptr_eq(modem[1].caller, &modem[0]);
}

START_TEST(answered)
{
	dialled();
	vmodem_answer(&modem[1], now);
	ck_assert_str_eq(said(0), "\r\nCONNECT 115200\r\n");
	ck_assert_str_eq(said(1), ""); /* only data reaches the far end */
	type(0, "to");
	type(1, "fro");
	ck_assert_str_eq(said(0), "fro");
	ck_assert_str_eq(said(1), "to");
	vmodem_hang_up(&modem[1]);
	ck_assert_str_eq(said(0), "\r\nNO CARRIER\r\n");
	ck_assert_str_eq(said(1), "");
}
END_TEST

static const struct {
	enum result code;
	const char *said;
} refusals[] = {
	{ RESULT_BUSY, "\r\nBUSY\r\n" },
	{ RESULT_NO_CARRIER, "\r\nNO CARRIER\r\n" },
	{ RESULT_NO_ANSWER, "\r\nNO ANSWER\r\n" },
};

START_TEST(refused)
{
	dialled();
	vmodem_refuse(&modem[1], refusals[_i].code);
	ck_assert_str_eq(said(0), refusals[_i].said);
	ck_assert_int_eq(modem[0].phase, VMODEM_ON_HOOK);
	ck_assert_ptr_null(modem[1].caller);
	ck_assert(msec_is_never(vmodem_due(&modem[1])));
	dialled(); /* again */
}
END_TEST

START_TEST(given_up)
{
	dialled();
	pass(49500);
	ck_assert_str_eq(said(0), "\r\nNO ANSWER\r\n");
	ck_assert_ptr_null(modem[1].caller);
}
END_TEST

/* No run of bytes is an escape for a trunk. */
START_TEST(no_escape)
{
	dialled();
	vmodem_answer(&modem[1], now);
	pass(5000);
	type(1, "\xff\xff\xff");
	pass(5000);
	type(1, "+++");
	pass(5000);
	ck_assert(modem[1].online);
}
END_TEST

START_TEST(far_data_waits_for_the_terminal)
{
	dialled();
	vmodem_answer(&modem[1], now);
	pass(1000);
	type(0, "+++");
	pass(1000);
	ck_assert_uint_eq(vmodem_room(&modem[1]), 0);
	vmodem_want_room(&modem[1]);
	stirred[1] = 0;
	type(0, "ATO\r");
	ck_assert_uint_gt(stirred[1], 0);
	ck_assert(vmodem_writable(&modem[1]));
	ck_assert(!vmodem_writable(&modem[1]));
}
END_TEST

/* Asking for room and then sending nothing leaves the question. */
START_TEST(nothing_is_no_news_of_room)
{
	dialled();
	vmodem_answer(&modem[1], now);
	while (vmodem_room(&modem[1]) > 0)
		type(1, "x");
	vmodem_want_room(&modem[1]);
	ck_assert_uint_eq(vmodem_input(&modem[1], (const uint8_t *)"", 0, now), 0);
	stirred[1] = 0;
	said(0);
	ck_assert_uint_gt(stirred[1], 0);
	ck_assert(vmodem_writable(&modem[1]));
}
END_TEST

/* It calls: what the called modem is, and what comes of it. */
static const struct {
	const char *typed;
	int after;
	enum result result;
} incoming[] = {
	{ "ATS0=1\r", 2000, RESULT_CONNECT },
	{ "ATS0=0\r", 50000, RESULT_NO_ANSWER },
	{ "ATH1\r", 0, RESULT_BUSY },
	{ "ATD4\r", 0, RESULT_BUSY },
};

START_TEST(it_calls)
{
	type(0, incoming[_i].typed);
	said(0);
	vmodem_ring(&modem[1], &modem[0], now);
	if (incoming[_i].after > 0) {
		ck_assert_str_eq(said(0), "\r\nRING\r\n");
		pass(incoming[_i].after - 1);
		ck_assert_int_eq(modem[1].phase, VMODEM_WAITING);
		pass(1);
	}
	ck_assert_int_eq(modem[1].result, incoming[_i].result);
	ck_assert_int_eq(modem[1].phase,
	    incoming[_i].result == RESULT_CONNECT ? VMODEM_IN_CALL : VMODEM_ON_HOOK);
	ck_assert_str_eq(said(1), "");
}
END_TEST

START_TEST(it_gives_up)
{
	vmodem_ring(&modem[1], &modem[0], now);
	vmodem_hang_up(&modem[1]);
	ck_assert_ptr_null(modem[0].caller);
	ck_assert_uint_eq(modem[0].modem, IDLE);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("trunk");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, modems_stop);
	tcase_add_test(tc, answered);
	tcase_add_loop_test(tc, refused, 0, ROWS(refusals));
	tcase_add_test(tc, given_up);
	tcase_add_test(tc, no_escape);
	tcase_add_test(tc, far_data_waits_for_the_terminal);
	tcase_add_test(tc, nothing_is_no_news_of_room);
	tcase_add_loop_test(tc, it_calls, 0, ROWS(incoming));
	tcase_add_test(tc, it_gives_up);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
