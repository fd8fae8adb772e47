/*
 * The RFC 2217 server role: every client command with every value, before a port that takes
 * it, refuses it, or takes its time; and the words for a person.
 */
#include "rfc2217.h"
#include "rfcport.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define CODES 13

/* ---- every command with every value ---- */

/* SET-CONTROL as the RFC lists it: the operation, and the answer of a port that takes it. */
static const struct {
	const char *op;
	int accepted, refused;
} controls[] = {
	{ "OUTFLOW 0", 3, 3 }, { "OUTFLOW 1", 1, 3 }, { "OUTFLOW 2", 2, 3 }, { "OUTFLOW 3", 3, 3 },
	{ "BREAK 0", 6, 6 }, { "BREAK 5", 5, 6 }, { "BREAK 6", 6, 6 },
	{ "DTR 0", 8, 8 }, { "DTR 8", 8, 8 }, { "DTR 9", 9, 8 },
	{ "RTS 0", 11, 11 }, { "RTS 11", 11, 11 }, { "RTS 12", 12, 11 },
	{ "INFLOW 0", 16, 16 }, { "INFLOW 14", 14, 16 }, { "INFLOW 15", 15, 16 },
	{ "INFLOW 16", 16, 16 }, { "OUTFLOW 17", 17, 3 }, { "INFLOW 18", 18, 16 },
	{ "OUTFLOW 19", 19, 3 },
};

struct expected {
	char op[32], send[64], rest[32];
};

static void
expect_byte(struct expected *e, const char *op, unsigned op_value, int code, int answer)
{
	snprintf(e->op, sizeof e->op, "op %s %u\n", op, op_value);
	snprintf(e->send, sizeof e->send, "send %02x %02x\n", (unsigned)code, (unsigned)answer);
}

static void
expect_setting(struct expected *e, int code, int v)
{
	static const int low[] = { 0, 0, 5, 1, 1 }, high[] = { 0, 0, 8, 5, 3 };
	static const int in_force[] = { 0, 0, 7, 3, 2 };
	bool defined = v >= low[code] && v <= high[code];

	expect_byte(e, rfcport_op_names[code - 1], defined ? (unsigned)v : 0, code + 100,
	    defined && !port.refuses ? v : in_force[code]);
}

static void
expect_masks(struct expected *e, int code, int v)
{
	int seen = (RFC2217_DCD | RFC2217_CTS) & v;

	snprintf(e->op, sizeof e->op, "masks %d %d\n", code == 11 ? v : 255, code == 10 ? v : 0);
	snprintf(e->send, sizeof e->send, "send %02x %02x\n", (unsigned)code + 100, (unsigned)v);
	if (code == 11 && seen != 0)
		snprintf(e->rest, sizeof e->rest, "send 6b %02x\n", (unsigned)seen);
}

static struct expected
expected_of(int code, int v)
{
	struct expected e = { "", "", "" };

	switch (code) {
	case 0:
		snprintf(e.send, sizeof e.send, "send 64 6d 6f 64 65 6d 73 68 61 72 65 64\n");
		break;
	case 1:
		snprintf(e.op, sizeof e.op, "op BAUD %d\n", v);
		if (v == 0 || port.refuses)
			snprintf(e.send, sizeof e.send, "send 65 00 01 c2 00\n");
		else
			snprintf(e.send, sizeof e.send, "send 65 00 00 00 %02x\n", (unsigned)v);
		break;
	case 2: case 3: case 4:
		expect_setting(&e, code, v);
		break;
	case 5:
		if (v > 19)
			break;
		snprintf(e.op, sizeof e.op, "op %s\n", controls[v].op);
		snprintf(e.send, sizeof e.send, "send 69 %02x\n",
		    (unsigned)(port.refuses ? controls[v].refused : controls[v].accepted));
		break;
	case 6:
		snprintf(e.send, sizeof e.send, "send 6a 00\n");
		break;
	case 7:
		expect_byte(&e, "MODEM", 0, 107, RFC2217_DCD | RFC2217_CTS);
		break;
	case 8:
		snprintf(e.op, sizeof e.op, "suspend 1\n");
		break;
	case 10: case 11:
		expect_masks(&e, code, v);
		break;
	case 12:
		if (v >= 1 && v <= 3)
			expect_byte(&e, "PURGE", (unsigned)v, 112, v);
		break;
	}
	return e;
}

static void
command_case(int code, int v, bool refuses)
{
	struct expected e;
	char name[64], want[160];

	rfcport_start_agreed(RFC2217_DCD | RFC2217_CTS);
	port.refuses = refuses;
	e = expected_of(code, v);
	snprintf(name, sizeof name, "code %d value %d%s", code, v, refuses ? " refused" : "");
	snprintf(want, sizeof want, "%s%s%s", e.op, e.send, e.rest);
	if (rfcport_input((uint8_t)code, (uint32_t)v) != 0)
		ck_abort_msg("%s", name);
	rfcport_expect(name, want);
}

START_TEST(answers_every_command_with_every_value)
{
	int code, v;

	for (code = 0; code < CODES; code++) {
		for (v = 0; v < 256; v++) {
			command_case(code, v, false);
			command_case(code, v, true);
		}
	}
}
END_TEST

static void
others_are_busy(const char *name)
{
	uint8_t other;

	for (other = 0; other < CODES; other++)
		if (other != RFC2217_SUSPEND && other != RFC2217_RESUME &&
		    rfcport_input(other, 1) != RFC2217_E_BUSY)
			ck_abort_msg("%s: then %d", name, other);
	rfcport_expect(name, "");
}

static void
pending_case(int code, int v, bool refuses)
{
	struct expected e;
	char name[64];

	rfcport_start_agreed(RFC2217_DCD | RFC2217_CTS);
	port.refuses = refuses;
	port.waits = true;
	e = expected_of(code, v);
	if (strncmp(e.op, "op ", 3) != 0)
		return;
	snprintf(name, sizeof name, "pending code %d value %d%s", code, v, refuses ? " refused" : "");
	if (rfcport_input((uint8_t)code, (uint32_t)v) != RFC2217_PENDING)
		ck_abort_msg("%s", name);
	rfcport_expect(name, e.op);
	others_are_busy(name);
	rfc2217_server_done(&server, &port.state);
	rfcport_expect(name, e.send);
	rfc2217_server_done(&server, &port.state);
	rfcport_expect(name, "");
}

START_TEST(answers_the_same_when_the_port_takes_its_time)
{
	int code, v;

	for (code = 0; code < CODES; code++) {
		for (v = 0; v < 256; v++) {
			pending_case(code, v, false);
			pending_case(code, v, true);
		}
	}
}
END_TEST

START_TEST(codes_of_no_client_do_nothing)
{
	int code, v;

	rfcport_start_agreed(0);
	for (code = CODES; code < 256; code++)
		for (v = 0; v < 256; v++)
			if (rfcport_input((uint8_t)code, (uint32_t)v) != RFC2217_E_CODE)
				ck_abort_msg("code %d value %d", code, v);
	rfcport_expect("codes 13 to 255", "");
}
END_TEST

static const struct {
	uint32_t rate;
	const char *events;
} rates[] = {
	{ 0x01020304, "op BAUD 16909060\nsend 65 01 02 03 04\n" },
	{ 65280, "op BAUD 65280\nsend 65 00 00 ff 00\n" },
	{ 0xffffffff, "op BAUD 4294967295\nsend 65 ff ff ff ff\n" },
};

START_TEST(rates_keep_their_four_bytes)
{
	rfcport_start_agreed(0);
	ck_assert_int_eq(rfcport_input(RFC2217_SET_BAUDRATE, rates[_i].rate), 0);
	rfcport_expect("rate", rates[_i].events);
}
END_TEST

START_TEST(queries_tell_what_was_set)
{
	static const char *const want[] = { [0] = "op OUTFLOW 0\nsend 69 11\n",
		[4] = "op BREAK 0\nsend 69 05\n", [7] = "op DTR 0\nsend 69 09\n",
		[10] = "op RTS 0\nsend 69 0c\n", [13] = "op INFLOW 0\nsend 69 12\n" };
	static const uint8_t sets[] = { 17, 5, 9, 12, 18 };
	size_t i;

	rfcport_start_agreed(0);
	for (i = 0; i < sizeof sets; i++)
		rfcport_input(RFC2217_SET_CONTROL, sets[i]);
	rfcport_forget();
	for (i = 0; i < sizeof want / sizeof want[0]; i++) {
		if (want[i] == NULL)
			continue;
		rfcport_input(RFC2217_SET_CONTROL, (uint32_t)i);
		rfcport_expect("query", want[i]);
	}
}
END_TEST

/* ---- SIGNATURE and words ---- */

START_TEST(signature_is_cut_at_28_bytes)
{
	static const char digits[] = "0123456789012345678901234567890123456789";
	char text[41], want[160];
	int len, i;

	for (len = 0; len <= 40; len++) {
		snprintf(text, sizeof text, "%.*s", len, digits);
		rfcport_start();
		rfc2217_server_init(&server, &rfcport_server_ops, &port, text);
		strcpy(want, "send 64");
		for (i = 0; i < len && i < 28; i++)
			sprintf(want + strlen(want), " %02x", (unsigned)text[i]);
		strcat(want, "\n");
		ck_assert_int_eq(rfcport_input(RFC2217_SIGNATURE, 0), 0);
		rfcport_expect("asked", want);
		rfc2217_server_agreed(&server, 0);
		rfcport_forget();
		rfc2217_server_say(&server, text);
		rfcport_expect("said", len == 0 ? "" : want);
	}
}
END_TEST

START_TEST(a_clients_signature_is_ignored)
{
	struct rfc2217_command c = { .code = RFC2217_SIGNATURE, .text = NULL, .text_len = 1 };

	rfcport_start_agreed(0);
	ck_assert_int_eq(rfc2217_server_input(&server, &c), 0);
	rfcport_expect("text", "");
}
END_TEST

static TCase *
command_tests(void)
{
	TCase *tc = tcase_create("commands");

	tcase_add_test(tc, answers_every_command_with_every_value);
	tcase_add_test(tc, answers_the_same_when_the_port_takes_its_time);
	tcase_add_test(tc, codes_of_no_client_do_nothing);
	tcase_add_loop_test(tc, rates_keep_their_four_bytes, 0, sizeof rates / sizeof rates[0]);
	tcase_add_test(tc, queries_tell_what_was_set);
	tcase_add_test(tc, signature_is_cut_at_28_bytes);
	tcase_add_test(tc, a_clients_signature_is_ignored);
	return tc;
}

int
main(void)
{
	Suite *s = suite_create("server");

	suite_add_tcase(s, command_tests());
	return unit_run(s);
}
