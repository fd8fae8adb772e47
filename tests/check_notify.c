/*
 * What the RFC 2217 server role sends unasked, and when: changes under the masks, suspension,
 * agreement and its end, corrections.
 */
#include "rfc2217.h"
#include "rfcport.h"
#include "unit.h"

#include <stdio.h>

#define CODES 13

/* ---- notifications ---- */

static void
modem_case(unsigned mask, unsigned state, unsigned deltas)
{
	unsigned before = RFC2217_DSR, value = (state | deltas) & mask;
	char name[64], want[32] = "";

	rfcport_start_agreed((uint8_t)before);
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, mask);
	rfcport_forget();
	if (value != 0 && (state != before || deltas != 0))
		snprintf(want, sizeof want, "send 6b %02x\n", value);
	snprintf(name, sizeof name, "mask %02x state %02x deltas %02x", mask, state, deltas);
	rfc2217_server_modem(&server, (uint8_t)state, (uint8_t)deltas);
	rfcport_expect(name, want);
	rfc2217_server_modem(&server, (uint8_t)state, 0);
	rfcport_expect(name, "");
	rfcport_input(RFC2217_NOTIFY_MODEMSTATE, 0);
	rfcport_forget();
	rfc2217_server_tell_modem(&server, (uint8_t)state);
	snprintf(want, sizeof want, "send 6b %02x\n", state & mask);
	rfcport_expect(name, mask == 0 ? "" : want);
}

START_TEST(modem_changes_go_through_the_mask)
{
	unsigned mask, state, deltas;

	for (mask = 0; mask < 256; mask++)
		for (state = 0; state < 256; state += 16)
			for (deltas = 0; deltas < 16; deltas++)
				modem_case(mask, state, deltas);
}
END_TEST

/* State bits among the deltas, or the reverse, would be sent as something else. */
START_TEST(state_and_deltas_are_kept_apart)
{
	rfcport_start_agreed(0);
	rfc2217_server_modem(&server, 0x0f, 0xf0);
	rfcport_expect("swapped", "");
	rfc2217_server_tell_modem(&server, 0x1f);
	rfcport_expect("told", "send 6b 10\n");
}
END_TEST

START_TEST(deltas_are_told_once)
{
	rfcport_start_agreed(0);
	rfc2217_server_modem(&server, RFC2217_RI, 0);
	rfc2217_server_modem(&server, 0, RFC2217_RI_FELL);
	rfc2217_server_modem(&server, RFC2217_CTS, RFC2217_CTS_CHANGED);
	rfc2217_server_modem(&server, RFC2217_CTS, RFC2217_DSR_CHANGED);
	rfcport_expect("changes", "send 6b 40\nsend 6b 04\nsend 6b 11\nsend 6b 12\n");
	rfc2217_server_tell_modem(&server, RFC2217_CTS);
	rfcport_expect("told", "send 6b 10\n");
}
END_TEST

/* The port may report a change in an operation's result before it reports the change itself. */
START_TEST(an_operation_hides_no_change)
{
	rfcport_start_agreed(0);
	port.state.modem = RFC2217_RI;
	rfcport_input(RFC2217_SET_BAUDRATE, 0);
	rfcport_expect("operation", "op BAUD 0\nsend 65 00 01 c2 00\n");
	rfc2217_server_modem(&server, RFC2217_RI, 0);
	rfcport_expect("change", "send 6b 40\n");
}
END_TEST

START_TEST(a_poll_is_answered_under_every_mask)
{
	char want[64];
	unsigned mask;

	for (mask = 0; mask < 256; mask++) {
		rfcport_start_agreed(0);
		rfcport_input(RFC2217_SET_MODEMSTATE_MASK, mask);
		rfcport_forget();
		rfcport_input(RFC2217_NOTIFY_MODEMSTATE, 0);
		snprintf(want, sizeof want, "op MODEM 0\nsend 6b %02x\n", 0x90 & mask);
		rfcport_expect("poll", want);
	}
}
END_TEST

START_TEST(line_errors_go_through_the_mask)
{
	char name[64], want[32];
	unsigned mask, bits;

	for (mask = 0; mask < 256; mask++) {
		rfcport_start_agreed(0);
		rfcport_input(RFC2217_SET_LINESTATE_MASK, mask);
		rfcport_forget();
		for (bits = 0; bits < 256; bits++) {
			snprintf(name, sizeof name, "mask %02x bits %02x", mask, bits);
			snprintf(want, sizeof want, "send 6a %02x\n", bits & mask);
			rfc2217_server_line(&server, (uint8_t)bits);
			rfcport_expect(name, (bits & mask) != 0 ? want : "");
		}
		rfcport_input(RFC2217_NOTIFY_LINESTATE, 0);
		rfcport_expect("poll", "send 6a 00\n");
	}
}
END_TEST

START_TEST(masks_start_as_the_rfc_says_and_stay)
{
	rfcport_start_agreed(0);
	rfc2217_server_line(&server, 255);
	rfcport_expect("line mask 0", "");
	rfc2217_server_modem(&server, 0xf0, 0x0f);
	rfcport_expect("modem mask 255", "send 6b ff\n");
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0x10);
	rfcport_expect("111, then one 107", "masks 16 0\nsend 6f 10\nsend 6b 10\n");
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0x08);
	rfcport_expect("110", "masks 16 8\nsend 6e 08\n");
	rfc2217_server_modem(&server, 0x30, 0x03);
	rfcport_expect("a mask of state bits", "send 6b 10\n");
	rfc2217_server_line(&server, 0x1e);
	rfcport_expect("a mask of one error", "send 6a 08\n");
}
END_TEST

/* ---- suspension ---- */

START_TEST(suspended_changes_become_one_message)
{
	rfcport_start_agreed(RFC2217_CTS);
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0x1e);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfcport_forget();
	ck_assert(rfc2217_server_suspended(&server));
	rfc2217_server_modem(&server, 0, RFC2217_CTS_CHANGED);
	rfc2217_server_modem(&server, RFC2217_DCD, RFC2217_DCD_CHANGED);
	rfc2217_server_modem(&server, RFC2217_DCD | RFC2217_CTS, RFC2217_CTS_CHANGED);
	rfc2217_server_line(&server, RFC2217_OVERRUN);
	rfc2217_server_line(&server, RFC2217_BREAK_SEEN);
	rfcport_expect("suspended", "");
	rfcport_input(RFC2217_RESUME, 0);
	ck_assert(!rfc2217_server_suspended(&server));
	rfcport_expect("one resume", "suspend 0\nsend 6b 99\nsend 6a 12\n");
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("resume alone", "");
	rfc2217_server_modem(&server, RFC2217_DCD, RFC2217_CTS_CHANGED);
	rfcport_expect("nothing is left over", "send 6b 81\n");
}
END_TEST

START_TEST(suspended_without_a_change_nothing_is_told)
{
	rfcport_start_agreed(RFC2217_CTS);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_modem(&server, RFC2217_CTS, 0);
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("no change", "suspend 1\nsuspend 0\n");
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_modem(&server, RFC2217_CTS | RFC2217_RI, 0);
	rfc2217_server_modem(&server, 0, 0);
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("nothing left to tell", "suspend 1\nsuspend 0\n");
}
END_TEST

/* The caller holds answers back; the server gives them in order, the 107 of a mask later. */
START_TEST(suspended_commands_are_answered)
{
	rfcport_start_agreed(RFC2217_CTS);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfcport_input(RFC2217_SET_DATASIZE, 8);
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0xff);
	rfc2217_server_say(&server, "x");
	rfcport_expect("suspended", "suspend 1\nop DATASIZE 8\nsend 66 08\nmasks 255 0\nsend 6f ff\nsend 64 78\n");
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("resumed", "suspend 0\nsend 6b 10\n");
}
END_TEST

START_TEST(suspended_masks_forget_what_they_hide)
{
	rfcport_start_agreed(RFC2217_CTS);
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0xff);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_modem(&server, 0, RFC2217_CTS_CHANGED);
	rfc2217_server_line(&server, RFC2217_OVERRUN);
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0);
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0);
	rfc2217_server_modem(&server, RFC2217_DSR, RFC2217_DSR_CHANGED);
	rfc2217_server_line(&server, RFC2217_BREAK_SEEN);
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0xff);
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0xff);
	rfcport_forget();
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("only the state", "suspend 0\nsend 6b 20\n");
}
END_TEST

START_TEST(suspended_a_told_state_is_told_though_0)
{
	rfcport_start_agreed(RFC2217_CTS);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_modem(&server, 0, 0);
	rfc2217_server_tell_modem(&server, 0);
	rfc2217_server_modem(&server, RFC2217_RI, 0);
	rfc2217_server_modem(&server, 0, 0);
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("0", "suspend 1\nsuspend 0\nsend 6b 00\n");
}
END_TEST

/* A held line error is told by the poll, and then not again. */
START_TEST(suspended_line_errors_answer_a_poll)
{
	rfcport_start_agreed(0);
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0x0e);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_line(&server, RFC2217_OVERRUN | RFC2217_BREAK_SEEN);
	rfcport_forget();
	rfcport_input(RFC2217_NOTIFY_LINESTATE, 0);
	rfcport_expect("poll", "send 6a 02\n");
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("resumed", "suspend 0\n");
}
END_TEST

START_TEST(suspend_and_resume_pass_a_pending_command)
{
	rfcport_start_agreed(RFC2217_CTS);
	port.waits = true;
	ck_assert_int_eq(rfcport_input(RFC2217_SET_BAUDRATE, 300), RFC2217_PENDING);
	ck_assert_int_eq(rfcport_input(RFC2217_SUSPEND, 0), 0);
	rfc2217_server_modem(&server, 0, RFC2217_CTS_CHANGED);
	rfcport_expect("suspended", "op BAUD 300\nsuspend 1\n");
	rfc2217_server_done(&server, &port.state);
	rfcport_expect("done", "send 65 00 00 01 2c\n");
	ck_assert_int_eq(rfcport_input(RFC2217_RESUME, 0), 0);
	rfcport_expect("resumed", "suspend 0\nsend 6b 01\n");
}
END_TEST

/* ---- agreement ---- */

START_TEST(agreement_tells_the_state_once)
{
	rfcport_start();
	rfc2217_server_agreed(&server, 0xbf);
	rfcport_expect("agreed", "send 6b b0\n");
	rfc2217_server_agreed(&server, 0x10);
	rfcport_expect("again", "");
	rfc2217_server_modem(&server, 0xb0, 0);
	rfcport_expect("no change", "");
	rfcport_start();
	rfc2217_server_agreed(&server, 0);
	rfcport_expect("also 0", "send 6b 00\n");
}
END_TEST

START_TEST(before_agreement_only_commands_are_answered)
{
	rfcport_start();
	rfc2217_server_modem(&server, 0x10, 1);
	rfc2217_server_tell_modem(&server, 0x90);
	rfc2217_server_say(&server, "hello");
	rfc2217_server_correct(&server, RFC2217_OP_BAUD, &rfcport_usual);
	rfc2217_server_correct(&server, RFC2217_OP_MODEM, &rfcport_usual);
	rfcport_expect("unasked", "");
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 0xff);
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0xff);
	rfcport_input(RFC2217_SET_PARITY, 1);
	rfcport_expect("asked", "masks 255 255\nsend 6e ff\nmasks 255 255\nsend 6f ff\nop PARITY 1\nsend 67 01\n");
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_modem(&server, 0x10, 1);
	rfc2217_server_line(&server, 2);
	rfc2217_server_agreed(&server, 0x20);
	rfcport_input(RFC2217_RESUME, 0);
	rfcport_expect("the state without what was before", "suspend 1\nsuspend 0\nsend 6b 20\n");
}
END_TEST

START_TEST(agreement_under_mask_0_is_silent)
{
	rfcport_start();
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0);
	rfc2217_server_agreed(&server, 0x10);
	rfcport_expect("mask 0", "masks 0 0\nsend 6f 00\n");
}
END_TEST

START_TEST(after_refusal_nothing_at_all)
{
	uint8_t code;

	rfcport_start_agreed(0);
	rfcport_input(RFC2217_SET_LINESTATE_MASK, 255);
	rfcport_input(RFC2217_SET_MODEMSTATE_MASK, 0xf0);
	rfcport_forget();
	rfc2217_server_stopped(&server);
	for (code = 0; code < CODES; code++)
		ck_assert_int_eq(rfcport_input(code, 1), 0);
	ck_assert_int_eq(rfcport_input(CODES, 1), RFC2217_E_CODE);
	rfc2217_server_modem(&server, 0x10, 1);
	rfc2217_server_tell_modem(&server, 0x90);
	rfc2217_server_line(&server, 255);
	rfc2217_server_say(&server, "hello");
	rfc2217_server_correct(&server, RFC2217_OP_BAUD, &rfcport_usual);
	rfcport_expect("stopped", "");
	rfc2217_server_agreed(&server, 0x20);
	rfcport_expect("agreed again", "send 6b 20\n");
	rfc2217_server_modem(&server, 0x30, 1);
	rfc2217_server_line(&server, 2);
	rfcport_expect("masks are kept", "send 6b 30\nsend 6a 02\n");
}
END_TEST

START_TEST(refusal_ends_a_suspension)
{
	rfcport_start_agreed(0x10);
	rfcport_input(RFC2217_SUSPEND, 0);
	rfc2217_server_modem(&server, 0, 1);
	rfc2217_server_stopped(&server);
	rfcport_expect("data flows on", "suspend 1\nsuspend 0\n");
	ck_assert(!rfc2217_server_suspended(&server));
	rfc2217_server_agreed(&server, 0);
	rfcport_expect("without the old change", "send 6b 00\n");
}
END_TEST

START_TEST(refusal_leaves_a_pending_command_unanswered)
{
	rfcport_start_agreed(0);
	port.waits = true;
	rfcport_input(RFC2217_SET_BAUDRATE, 300);
	rfc2217_server_stopped(&server);
	rfc2217_server_agreed(&server, 0);
	rfcport_forget();
	ck_assert_int_eq(rfcport_input(RFC2217_SET_BAUDRATE, 600), RFC2217_E_BUSY);
	rfc2217_server_done(&server, &port.state);
	rfcport_expect("the old one", "");
	ck_assert_int_eq(rfcport_input(RFC2217_SET_BAUDRATE, 600), RFC2217_PENDING);
	rfc2217_server_done(&server, &port.state);
	rfcport_expect("the new one", "op BAUD 600\nsend 65 00 00 02 58\n");
}
END_TEST

static const struct {
	enum rfc2217_what what;
	const char *events;
} corrections[] = {
	{ RFC2217_OP_BAUD, "send 65 00 01 c2 00\n" }, { RFC2217_OP_DATASIZE, "send 66 07\n" },
	{ RFC2217_OP_PARITY, "send 67 03\n" }, { RFC2217_OP_STOPSIZE, "send 68 02\n" },
	{ RFC2217_OP_OUTFLOW, "send 69 03\n" }, { RFC2217_OP_INFLOW, "send 69 10\n" },
	{ RFC2217_OP_BREAK, "send 69 06\n" }, { RFC2217_OP_DTR, "send 69 08\n" },
	{ RFC2217_OP_RTS, "send 69 0b\n" }, { RFC2217_OP_MODEM, "send 6b 90\n" },
	{ RFC2217_OP_PURGE, "" },
};

START_TEST(corrections_tell_what_is_in_force)
{
	rfcport_start_agreed(0);
	rfc2217_server_correct(&server, corrections[_i].what, &rfcport_usual);
	rfcport_expect("correction", corrections[_i].events);
}
END_TEST

static TCase *
notification_tests(void)
{
	TCase *tc = tcase_create("notifications");

	tcase_add_test(tc, modem_changes_go_through_the_mask);
	tcase_add_test(tc, state_and_deltas_are_kept_apart);
	tcase_add_test(tc, deltas_are_told_once);
	tcase_add_test(tc, an_operation_hides_no_change);
	tcase_add_test(tc, a_poll_is_answered_under_every_mask);
	tcase_add_test(tc, line_errors_go_through_the_mask);
	tcase_add_test(tc, masks_start_as_the_rfc_says_and_stay);
	return tc;
}

static TCase *
session_tests(void)
{
	TCase *tc = tcase_create("session");

	tcase_add_test(tc, suspended_changes_become_one_message);
	tcase_add_test(tc, suspended_without_a_change_nothing_is_told);
	tcase_add_test(tc, suspended_commands_are_answered);
	tcase_add_test(tc, suspended_masks_forget_what_they_hide);
	tcase_add_test(tc, suspended_a_told_state_is_told_though_0);
	tcase_add_test(tc, suspended_line_errors_answer_a_poll);
	tcase_add_test(tc, suspend_and_resume_pass_a_pending_command);
	tcase_add_test(tc, agreement_tells_the_state_once);
	tcase_add_test(tc, before_agreement_only_commands_are_answered);
	tcase_add_test(tc, agreement_under_mask_0_is_silent);
	tcase_add_test(tc, after_refusal_nothing_at_all);
	tcase_add_test(tc, refusal_ends_a_suspension);
	tcase_add_test(tc, refusal_leaves_a_pending_command_unanswered);
	tcase_add_loop_test(tc, corrections_tell_what_is_in_force, 0,
	    sizeof corrections / sizeof corrections[0]);
	return tc;
}

int
main(void)
{
	Suite *s = suite_create("notify");

	suite_add_tcase(s, notification_tests());
	suite_add_tcase(s, session_tests());
	return unit_run(s);
}
