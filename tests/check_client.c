/*
 * The RFC 2217 client role: each request with each value, each answer at each length, what it
 * learns from them; and a client talking to our own server.
 */
#include "rfc2217.h"
#include "rfcport.h"
#include "unit.h"

#include <string.h>

#define CODES 13
#define LENGTH_MAX 12

static struct rfc2217_client client;
static uint8_t sent[RFC2217_PAYLOAD_MAX];
static size_t sent_len;
static unsigned sends, tells;
static struct rfc2217_command last;
static char last_text[64];

static void
fake_send(void *ctx, const uint8_t *payload, size_t n)
{
	if (ctx != &sends || n > sizeof sent)
		ck_abort_msg("context, or %zu bytes sent", n);
	memcpy(sent, payload, n);
	sent_len = n;
	sends++;
}

static void
fake_told(void *ctx, const struct rfc2217_command *c)
{
	if (ctx != &sends || c->text_len >= sizeof last_text)
		ck_abort_msg("context, or %zu bytes of text", c->text_len);
	memset(last_text, 0, sizeof last_text);
	if (c->text != NULL)
		memcpy(last_text, c->text, c->text_len);
	last = *c;
	tells++;
}

static const struct rfc2217_client_ops client_ops = { fake_send, fake_told };

static void
start(void)
{
	memset(&client, 0x5a, sizeof client);
	sends = tells = 0;
	rfc2217_client_init(&client, &client_ops, &sends);
}

/* The bytes of a literal from the server. */
#define INPUT(literal) \
	rfc2217_client_input(&client, (const uint8_t *)literal, sizeof literal - 1)

START_TEST(a_new_client_knows_nothing)
{
	start();
	ck_assert_uint_eq(client.format.baud, 0);
	ck_assert_uint_eq(client.format.datasize | client.format.parity | client.format.stopsize, 0);
	ck_assert_uint_eq(client.format.outflow | client.format.inflow, 0);
	ck_assert_uint_eq(client.dtr | client.rts | client.brk | client.modem, 0);
	ck_assert(!client.modem_known && !client.stopped);
	ck_assert_uint_eq(rfc2217_client_waiting(&client), 0);
}
END_TEST

static size_t
request_length(int code)
{
	static const size_t lengths[CODES] = { 1, 5, 2, 2, 2, 2, 2, 2, 1, 1, 2, 2, 2 };

	return lengths[code];
}

static void
request_case(int code, int value)
{
	bool waits = code != RFC2217_SUSPEND && code != RFC2217_RESUME;

	start();
	if (rfc2217_client_request(&client, (uint8_t)code, (uint32_t)value) != 0 || sends != 1 ||
	    sent_len != request_length(code) || sent[0] != code ||
	    (sent_len > 1 && sent[sent_len - 1] != value))
		ck_abort_msg("request %d value %d", code, value);
	if (client.waiting[code] != waits || rfc2217_client_waiting(&client) != waits)
		ck_abort_msg("request %d waiting", code);
}

START_TEST(requests_go_out_and_are_counted)
{
	int code, value;

	for (code = 0; code < CODES; code++)
		for (value = 0; value < 256; value++)
			request_case(code, value);
}
END_TEST

START_TEST(a_rate_has_four_bytes)
{
	start();
	ck_assert_int_eq(rfc2217_client_request(&client, RFC2217_SET_BAUDRATE, 0x0102ff04), 0);
	ck_assert_mem_eq(sent, "\x01\x01\x02\xff\x04", 5);
}
END_TEST

START_TEST(what_is_no_request_is_not_sent)
{
	int code;

	start();
	for (code = CODES; code < 256; code++)
		ck_assert_int_eq(rfc2217_client_request(&client, (uint8_t)code, 1), RFC2217_E_CODE);
	ck_assert_int_eq(rfc2217_client_request(&client, RFC2217_SET_PARITY, 256), RFC2217_E_VALUE);
	ck_assert_uint_eq(sends, 0);
	ck_assert_uint_eq(rfc2217_client_waiting(&client), 0);
}
END_TEST

/* Each answer of every length is either told, once, or an error that changes nothing. */
static void
length_case(int code, size_t n)
{
	static const uint8_t rest[LENGTH_MAX] = { 0, 5, 0xff, 0, 1 };
	struct rfc2217_client before;
	uint8_t raw[LENGTH_MAX], *p;
	bool known = code >= 100 && code <= 112;
	int want = 0;

	memcpy(raw, rest, sizeof raw);
	raw[0] = (uint8_t)code;
	start();
	before = client;
	if (n == 0)
		want = RFC2217_E_EMPTY;
	else if (!known)
		want = RFC2217_E_CODE;
	else if (code != 100 && n < request_length(code - 100))
		want = RFC2217_E_SHORT;
	p = unit_guarded(raw, n);
	if (rfc2217_client_input(&client, p, n) != want || tells != (want == 0))
		ck_abort_msg("code %d length %zu", code, n);
	if (want != 0 && memcmp(&before, &client, sizeof client) != 0)
		ck_abort_msg("code %d length %zu: changed", code, n);
	if (want == 0 && last.code != code)
		ck_abort_msg("code %d length %zu: told %d", code, n, last.code);
	unit_unguard(p, n);
}

START_TEST(takes_every_code_at_every_length)
{
	int code;
	size_t n;

	for (code = 0; code < 256; code++)
		for (n = 0; n <= LENGTH_MAX; n++)
			length_case(code, n);
}
END_TEST

/* Where each value of an answer to SET-CONTROL belongs: o, i, b, d, r or nowhere. */
static const char places[] = ".ooo.bb.dd.rr.iiioio";

static void
control_case(int value)
{
	struct rfc2217_client want;
	uint8_t payload[2] = { 105, (uint8_t)value };
	char place = value < 20 ? places[value] : '.';

	start();
	want = client;
	if (place == 'o')
		want.format.outflow = (uint8_t)value;
	else if (place == 'i')
		want.format.inflow = (uint8_t)value;
	else if (place == 'b')
		want.brk = (uint8_t)value;
	else if (place == 'd')
		want.dtr = (uint8_t)value;
	else if (place == 'r')
		want.rts = (uint8_t)value;
	ck_assert_int_eq(rfc2217_client_input(&client, payload, sizeof payload), 0);
	ck_assert_msg(memcmp(&client, &want, sizeof client) == 0, "answer 105 %d", value);
	ck_assert_uint_eq(last.value, value);
}

START_TEST(control_answers_find_their_place)
{
	int value;

	for (value = 0; value < 256; value++)
		control_case(value);
}
END_TEST

START_TEST(settings_are_learnt)
{
	start();
	ck_assert_int_eq(INPUT("\x65\x00\x01\xc2\x00"), 0);
	ck_assert_int_eq(INPUT("\x66\x07"), 0);
	ck_assert_int_eq(INPUT("\x67\x05"), 0);
	ck_assert_int_eq(INPUT("\x68\x03"), 0);
	ck_assert_uint_eq(client.format.baud, 115200);
	ck_assert_uint_eq(client.format.datasize, 7);
	ck_assert_uint_eq(client.format.parity, RFC2217_SPACE);
	ck_assert_uint_eq(client.format.stopsize, RFC2217_STOP_15);
	ck_assert_uint_eq(tells, 4);
}
END_TEST

START_TEST(notifications_are_learnt)
{
	start();
	ck_assert_int_eq(INPUT("\x6b\x00"), 0);
	ck_assert(client.modem_known);
	ck_assert_int_eq(INPUT("\x6b\xbb"), 0);
	ck_assert_uint_eq(client.modem, 0xb0);
	ck_assert_uint_eq(last.value, 0xbb);
	ck_assert_int_eq(INPUT("\x6a\x10"), 0);
	ck_assert_uint_eq(last.value, 0x10);
	ck_assert_int_eq(INPUT("\x6c"), 0);
	ck_assert(client.stopped);
	ck_assert_int_eq(INPUT("\x6d"), 0);
	ck_assert(!client.stopped);
}
END_TEST

START_TEST(a_signature_is_told)
{
	start();
	ck_assert_int_eq(INPUT("\x64" "abc\xff"), 0);
	ck_assert_uint_eq(last.text_len, 4);
	ck_assert_str_eq(last_text, "abc\xff");
	ck_assert_int_eq(INPUT("\x64"), 0);
	ck_assert_uint_eq(last.text_len, 0);
}
END_TEST

/* One answer for one request, of the same code; an answer unasked does not go below none. */
START_TEST(answers_end_the_waiting)
{
	uint8_t payload[5] = { 0 };
	int code;

	for (code = 0; code < CODES; code++) {
		if (code == RFC2217_SUSPEND || code == RFC2217_RESUME)
			continue;
		start();
		rfc2217_client_request(&client, (uint8_t)code, 0);
		rfc2217_client_request(&client, (uint8_t)code, 0);
		rfc2217_client_request(&client, (uint8_t)((code + 1) % 7), 0);
		payload[0] = (uint8_t)(code + 100);
		rfc2217_client_input(&client, payload, sizeof payload);
		ck_assert_uint_eq(client.waiting[code], 1 + (code == (code + 1) % 7));
		ck_assert_uint_eq(rfc2217_client_waiting(&client), 2);
		rfc2217_client_input(&client, payload, sizeof payload);
		rfc2217_client_input(&client, payload, sizeof payload);
		ck_assert_uint_eq(client.waiting[code], 0);
		ck_assert_uint_eq(rfc2217_client_waiting(&client), 1);
	}
}
END_TEST

/* ---- with our own server ---- */

static void
to_client(void *ctx, const uint8_t *payload, size_t n)
{
	(void)ctx;
	ck_assert_int_eq(rfc2217_client_input(&client, payload, n), 0);
}

static void
to_server(void *ctx, const uint8_t *payload, size_t n)
{
	struct rfc2217_command c;

	(void)ctx;
	ck_assert_int_eq(rfc2217_decode(RFC2217_FROM_CLIENT, payload, n, &c), 0);
	ck_assert_int_eq(rfc2217_server_input(&server, &c), 0);
}

START_TEST(client_and_server_understand_each_other)
{
	static const uint8_t queries[] = { 0, 4, 7, 10, 13 };
	static const struct rfc2217_client_ops to_ours = { to_server, fake_told };
	struct rfc2217_server_ops from_ours = rfcport_server_ops;
	uint8_t code;
	size_t i;

	from_ours.send = to_client;
	rfcport_start();
	rfc2217_server_init(&server, &from_ours, &port, "modemshared");
	start();
	rfc2217_client_init(&client, &to_ours, &sends);
	rfc2217_server_agreed(&server, rfcport_usual.modem);
	ck_assert(client.modem_known);
	ck_assert_uint_eq(client.modem, rfcport_usual.modem);
	for (code = 1; code <= 4; code++)
		ck_assert_int_eq(rfc2217_client_request(&client, code, 0), 0);
	for (i = 0; i < sizeof queries; i++)
		ck_assert_int_eq(rfc2217_client_request(&client, RFC2217_SET_CONTROL, queries[i]), 0);
	ck_assert_mem_eq(&client.format, &rfcport_usual.format, sizeof client.format);
	ck_assert_uint_eq(client.brk, RFC2217_BREAK_OFF);
	ck_assert_uint_eq(client.dtr, RFC2217_DTR_ON);
	ck_assert_uint_eq(client.rts, RFC2217_RTS_ON);
	rfc2217_client_request(&client, RFC2217_SIGNATURE, 0);
	ck_assert_str_eq(last_text, "modemshared");
	for (code = 0; code < CODES; code++)
		ck_assert_int_eq(rfc2217_client_request(&client, code, 1), 0);
	ck_assert_uint_eq(rfc2217_client_waiting(&client), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("client");
	TCase *tc = tcase_create("client");

	tcase_add_test(tc, a_new_client_knows_nothing);
	tcase_add_test(tc, requests_go_out_and_are_counted);
	tcase_add_test(tc, a_rate_has_four_bytes);
	tcase_add_test(tc, what_is_no_request_is_not_sent);
	tcase_add_test(tc, takes_every_code_at_every_length);
	tcase_add_test(tc, control_answers_find_their_place);
	tcase_add_test(tc, settings_are_learnt);
	tcase_add_test(tc, notifications_are_learnt);
	tcase_add_test(tc, a_signature_is_told);
	tcase_add_test(tc, answers_end_the_waiting);
	tcase_add_test(tc, client_and_server_understand_each_other);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
