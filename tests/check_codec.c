/*
 * The COM-PORT codec against the layout of RFC 2217, section 2, written down a second time
 * here: every code from both sides, every length, every one-byte value.  All input ends at a
 * guard page.
 */
#include "rfc2217.h"
#include "unit.h"

#include <limits.h>
#include <string.h>

#define LENGTH_MAX 12
#define TEXT (-1)

/* Parameter bytes of the client codes 0 to 12. */
static const int sizes[] = { TEXT, 4, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1 };

static const char *const names[] = { "SIGNATURE", "SET-BAUDRATE", "SET-DATASIZE", "SET-PARITY",
	"SET-STOPSIZE", "SET-CONTROL", "NOTIFY-LINESTATE", "NOTIFY-MODEMSTATE",
	"FLOWCONTROL-SUSPEND", "FLOWCONTROL-RESUME", "SET-LINESTATE-MASK", "SET-MODEMSTATE-MASK",
	"PURGE-DATA" };

static const uint8_t some_bytes[LENGTH_MAX] = { 0, 0x01, 0xff, 0xf0, 0x2c, 0xff, 0xff, 0, 65, 66,
	0xfa, 0xff };

static bool
sent_by(enum rfc2217_sender from, int code)
{
	return from == RFC2217_FROM_CLIENT ? code <= 12 : code >= 100 && code <= 112;
}

/* The result the layout demands for a code with n - 1 bytes after it. */
static int
expected_result(enum rfc2217_sender from, int code, size_t n)
{
	int k = code % 100;

	if (n == 0)
		return RFC2217_E_EMPTY;
	if (!sent_by(from, code))
		return RFC2217_E_CODE;
	if (sizes[k] == TEXT || (int)n - 1 >= sizes[k])
		return 0;
	if (from == RFC2217_FROM_CLIENT && (k == 6 || k == 7))
		return 0;
	return RFC2217_E_SHORT;
}

static uint32_t
expected_value(int code, const uint8_t *p, size_t n)
{
	if (code % 100 == 1)
		return (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
	return sizes[code % 100] == 1 && n > 1 ? p[1] : 0;
}

static void
decode_case(enum rfc2217_sender from, int code, size_t n)
{
	struct rfc2217_command c, before;
	uint8_t raw[LENGTH_MAX], *p;
	int want = expected_result(from, code, n);

	memcpy(raw, some_bytes, sizeof raw);
	raw[0] = (uint8_t)code;
	p = unit_guarded(raw, n);
	memset(&c, 0x5a, sizeof c);
	before = c;
	ck_assert_msg(rfc2217_decode(from, p, n, &c) == want, "from %d code %d length %zu", from, code, n);
	if (want != 0) {
		ck_assert_msg(memcmp(&c, &before, sizeof c) == 0, "code %d length %zu: changed", code, n);
	} else {
		ck_assert_int_eq(c.code, code);
		ck_assert_uint_eq(c.value, expected_value(code, raw, n));
		ck_assert_uint_eq(c.text_len, code % 100 == 0 ? n - 1 : 0);
		ck_assert(c.text == (code % 100 == 0 ? (const char *)p + 1 : NULL));
	}
	unit_unguard(p, n);
}

static void
decode_lengths(int code)
{
	size_t n;

	for (n = 0; n <= LENGTH_MAX; n++) {
		decode_case(RFC2217_FROM_CLIENT, code, n);
		decode_case(RFC2217_FROM_SERVER, code, n);
	}
}

START_TEST(decodes_every_code_at_every_length)
{
	int code;

	for (code = 0; code < 256; code++)
		decode_lengths(code);
}
END_TEST

/* Each one-byte value survives both ways, for both sides' codes. */
static void
round_trip(int code)
{
	enum rfc2217_sender from = code >= 100 ? RFC2217_FROM_SERVER : RFC2217_FROM_CLIENT;
	struct rfc2217_command in = { .code = (uint8_t)code }, out;
	uint8_t dst[2];
	int v;

	if (!sent_by(from, code) || sizes[code % 100] != 1)
		return;
	for (v = 0; v < 256; v++) {
		in.value = (uint32_t)v;
		ck_assert_int_eq(rfc2217_encode(&in, dst, sizeof dst), 2);
		ck_assert_int_eq(dst[0], code);
		ck_assert_int_eq(dst[1], v);
		ck_assert_int_eq(rfc2217_decode(from, dst, sizeof dst, &out), 0);
		ck_assert_int_eq(out.code, code);
		ck_assert_uint_eq(out.value, v);
	}
	memset(dst, 0x5a, sizeof dst);
	in.value = 256;
	ck_assert_int_eq(rfc2217_encode(&in, dst, sizeof dst), RFC2217_E_VALUE);
	ck_assert_int_eq(dst[0], 0x5a);
}

START_TEST(one_byte_values_go_round)
{
	int code;

	for (code = 0; code < 256; code++)
		round_trip(code);
}
END_TEST

static const struct {
	uint32_t rate;
	uint8_t bytes[4];
} rates[] = {
	{ 0, { 0, 0, 0, 0 } }, { 1, { 0, 0, 0, 1 } }, { 255, { 0, 0, 0, 255 } },
	{ 9600, { 0, 0, 0x25, 0x80 } }, { 65280, { 0, 0, 255, 0 } },
	{ 115200, { 0, 1, 0xc2, 0 } }, { 16777216, { 1, 0, 0, 0 } },
	{ 0x80000000, { 0x80, 0, 0, 0 } }, { 0xffffffff, { 255, 255, 255, 255 } },
};

START_TEST(rates_are_big_endian)
{
	struct rfc2217_command in = { .code = 1, .value = rates[_i].rate }, out;
	uint8_t dst[5];

	ck_assert_int_eq(rfc2217_encode(&in, dst, sizeof dst), 5);
	ck_assert_mem_eq(dst + 1, rates[_i].bytes, 4);
	ck_assert_int_eq(rfc2217_decode(RFC2217_FROM_CLIENT, dst, sizeof dst, &out), 0);
	ck_assert_uint_eq(out.value, rates[_i].rate);
}
END_TEST

/* With every room from none to one more than needed; what lies behind is not touched. */
static void
encode_room(int code)
{
	struct rfc2217_command c = { .code = (uint8_t)code, .value = 0xa5, .text = "AB\xff", .text_len = 3 };
	bool known = sent_by(RFC2217_FROM_CLIENT, code) || sent_by(RFC2217_FROM_SERVER, code);
	int need, want, size;
	uint8_t dst[8];
	size_t cap, i;

	size = known ? sizes[code % 100] : 0;
	need = 1 + (size == TEXT ? 3 : size);
	for (cap = 0; cap <= (size_t)need + 1; cap++) {
		memset(dst, 0x5a, sizeof dst);
		want = !known ? RFC2217_E_CODE : cap < (size_t)need ? RFC2217_E_SPACE : need;
		ck_assert_msg(rfc2217_encode(&c, dst, cap) == want, "code %d room %zu", code, cap);
		for (i = want < 0 ? 0 : (size_t)want; i < sizeof dst; i++)
			ck_assert_msg(dst[i] == 0x5a, "code %d room %zu: byte %zu", code, cap, i);
		if (want > 0)
			ck_assert_int_eq(dst[0], code);
		if (want > 0 && size == TEXT)
			ck_assert_mem_eq(dst + 1, "AB\xff", 3);
	}
}

START_TEST(encodes_only_what_fits)
{
	int code;

	for (code = 0; code < 256; code++)
		encode_room(code);
}
END_TEST

START_TEST(encodes_no_text_and_no_endless_text)
{
	struct rfc2217_command c = { .code = 100 };
	uint8_t dst[1];

	ck_assert_int_eq(rfc2217_encode(&c, dst, sizeof dst), 1);
	ck_assert_int_eq(dst[0], 100);
	c.text = "";
	c.text_len = INT_MAX;
	ck_assert_int_eq(rfc2217_encode(&c, dst, SIZE_MAX), RFC2217_E_SPACE);
	c.text_len = SIZE_MAX;
	ck_assert_int_eq(rfc2217_encode(&c, dst, SIZE_MAX), RFC2217_E_SPACE);
}
END_TEST

static const struct {
	const char *payload, *frame;
	size_t n, len;
} frames[] = {
	{ "", "\xff\xfa\x2c\xff\xf0", 0, 5 },
	{ "\x6b\xb0", "\xff\xfa\x2c\x6b\xb0\xff\xf0", 2, 7 },
	{ "\x65\0\0\xff\0", "\xff\xfa\x2c\x65\0\0\xff\xff\0\xff\xf0", 5, 11 },
	{ "\x6f\xff", "\xff\xfa\x2c\x6f\xff\xff\xff\xf0", 2, 8 },
	{ "\x65\xff\xff\xff\xff", "\xff\xfa\x2c\x65\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0", 5, 14 },
	{ "\xff", "\xff\xfa\x2c\xff\xff\xff\xf0", 1, 7 },
	{ "\x64\xf0\xfa\x2c", "\xff\xfa\x2c\x64\xf0\xfa\x2c\xff\xf0", 4, 9 },
};

START_TEST(frames_double_255_and_respect_the_room)
{
	uint8_t *p = unit_guarded(frames[_i].payload, frames[_i].n);
	uint8_t blank[16], *dst;
	size_t cap;

	memset(blank, 0x5a, sizeof blank);
	for (cap = 0; cap <= frames[_i].len + 1; cap++) {
		dst = unit_guarded(blank, cap);
		if (cap < frames[_i].len) {
			ck_assert_int_eq(rfc2217_frame(p, frames[_i].n, dst, cap), RFC2217_E_SPACE);
			ck_assert_mem_eq(dst, blank, cap);
		} else {
			ck_assert_int_eq(rfc2217_frame(p, frames[_i].n, dst, cap), (int)frames[_i].len);
			ck_assert_mem_eq(dst, frames[_i].frame, frames[_i].len);
		}
		unit_unguard(dst, cap);
	}
	unit_unguard(p, frames[_i].n);
}
END_TEST

/* The promised room is enough for the longest payload there is, and not too much. */
START_TEST(frame_max_is_exact)
{
	uint8_t payload[RFC2217_PAYLOAD_MAX], dst[RFC2217_FRAME_MAX];
	size_t n;

	memset(payload, 255, sizeof payload);
	for (n = 0; n <= sizeof payload; n++) {
		ck_assert_int_eq(rfc2217_frame(payload, n, dst, sizeof dst), (int)(5 + 2 * n));
		ck_assert_int_eq(rfc2217_frame(payload, n, dst, 4 + 2 * n), RFC2217_E_SPACE);
	}
}
END_TEST

static void
name_case(int code)
{
	bool known = code <= 12 || (code >= 100 && code <= 112);

	ck_assert_str_eq(rfc2217_code_name((uint8_t)code), known ? names[code % 100] : "?");
}

START_TEST(every_code_has_its_name)
{
	int code;

	for (code = 0; code < 256; code++)
		name_case(code);
}
END_TEST

/* What changes nothing: all other values of codes 1 to 5 and 12 that are defined do. */
static bool
expected_changes(int code, int v)
{
	if (code >= 1 && code <= 4)
		return v != 0;
	if (code == 5)
		return memchr("\1\2\3\5\6\10\11\13\14\16\17\20\21\22\23", v, 15) != NULL;
	return code == 12 && (v == 1 || v == 2 || v == 3);
}

static void
changes_case(int code)
{
	struct rfc2217_command c = { .code = (uint8_t)code };
	int v;

	for (v = 0; v < 256; v++) {
		c.value = (uint32_t)v;
		ck_assert_msg(rfc2217_changes(&c) == expected_changes(code, v), "code %d value %d", code, v);
	}
	c.value = UINT32_MAX;
	ck_assert(rfc2217_changes(&c) == (code >= 1 && code <= 4));
}

START_TEST(tells_changes_from_questions)
{
	int code;

	for (code = 0; code < 256; code++)
		changes_case(code);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("codec");
	TCase *tc = tcase_create("codec");

	tcase_add_test(tc, decodes_every_code_at_every_length);
	tcase_add_test(tc, one_byte_values_go_round);
	tcase_add_loop_test(tc, rates_are_big_endian, 0, sizeof rates / sizeof rates[0]);
	tcase_add_test(tc, encodes_only_what_fits);
	tcase_add_test(tc, encodes_no_text_and_no_endless_text);
	tcase_add_loop_test(tc, frames_double_255_and_respect_the_room, 0,
	    sizeof frames / sizeof frames[0]);
	tcase_add_test(tc, frame_max_is_exact);
	tcase_add_test(tc, every_code_has_its_name);
	tcase_add_test(tc, tells_changes_from_questions);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
