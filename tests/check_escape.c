/*
 * The doubling of 255 and CR NUL, against the plainest code that does it, for every room and
 * every split.
 */
#include "wire/escape.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define LEN 80

static uint8_t src[LEN], wire[3 * LEN];
static size_t n_src, n_wire;

static const uint8_t telling[] = { 255, 255, 255, 13, 13, 0, 0, 10, 65, 254, 240 };

/* Data of every density of 255 and CR: runs longer than a machine word, and none at all. */
static void
make_data(unsigned seed)
{
	size_t i;

	srandom(seed);
	n_src = 1 + (size_t)random() % LEN;
	for (i = 0; i < n_src; i++)
		src[i] = (unsigned)random() % 8 < seed % 9 ? telling[(size_t)random() % sizeof telling] :
		    (uint8_t)random();
	if (seed % 5 == 0)
		memset(src, 255, n_src / 2);
}

static void
encode_plainly(bool nvt)
{
	size_t i;

	n_wire = 0;
	for (i = 0; i < n_src; i++) {
		if (nvt && i > 0 && src[i - 1] == 13 && src[i] != 10)
			wire[n_wire++] = 0;
		wire[n_wire++] = src[i];
		if (src[i] == 255)
			wire[n_wire++] = 255;
	}
}

static size_t
escape(bool nvt, const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made, bool *cr)
{
	return nvt ? escape_nvt(b, n, to, cap, made, cr) : escape_plain(b, n, to, cap, made);
}

static size_t
undo(bool nvt, const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made, bool *cr)
{
	return nvt ? escape_undo_nvt(b, n, to, cap, made, cr) : escape_undo(b, n, to, cap, made);
}

/* In two calls, split anywhere, input and output at guard pages. */
START_TEST(test_escape)
{
	bool nvt = _i & 1, cr;
	size_t split, used, made, rest;
	uint8_t none[3 * LEN] = { 0 }, *in, *out;

	make_data((unsigned)_i);
	encode_plainly(nvt);
	for (split = 0; split <= n_wire; split++) {
		cr = false;
		in = unit_guarded(src, n_src);
		out = unit_guarded(none, split);
		used = escape(nvt, in, n_src, out, split, &made, &cr);
		ck_assert_uint_le(made, split);
		ck_assert_uint_ge(made + 2, split < n_wire ? split : 0); /* a pair or NUL and pair */
		ck_assert(memcmp(out, wire, made) == 0);
		unit_unguard(out, split);
		out = unit_guarded(none, n_wire - made);
		ck_assert_uint_eq(escape(nvt, in + used, n_src - used, out, n_wire - made, &rest,
		    &cr), n_src - used);
		ck_assert_uint_eq(made + rest, n_wire);
		ck_assert(memcmp(out, wire + made, rest) == 0);
		ck_assert_int_eq(cr, nvt && src[n_src - 1] == 13);
		unit_unguard(out, n_wire - made);
		unit_unguard(in, n_src);
	}
}
END_TEST

/* Back again, for any room first; then the rest. */
START_TEST(test_undo)
{
	bool nvt = _i & 1, cr;
	size_t cap, used, made, rest;
	uint8_t none[LEN] = { 0 }, *in, *out;

	make_data((unsigned)_i);
	encode_plainly(nvt);
	in = unit_guarded(wire, n_wire);
	for (cap = 0; cap <= n_src; cap++) {
		cr = false;
		out = unit_guarded(none, cap);
		used = undo(nvt, in, n_wire, out, cap, &made, &cr);
		ck_assert_uint_eq(made, cap);
		ck_assert(memcmp(out, src, made) == 0);
		unit_unguard(out, cap);
		out = unit_guarded(none, n_src - cap);
		ck_assert_uint_eq(used + undo(nvt, in + used, n_wire - used, out, n_src - cap, &rest,
		    &cr), n_wire);
		ck_assert_uint_eq(made + rest, n_src);
		ck_assert(memcmp(out, src + made, rest) == 0);
		unit_unguard(out, n_src - cap);
	}
	unit_unguard(in, n_wire);
}
END_TEST

/* Before a command, wherever it stands, and before an IAC at the very end. */
START_TEST(test_undo_stops)
{
	uint8_t b[64], to[64];
	size_t at, made, doubled = (size_t)_i / 2, n;
	bool nvt = _i & 1, cr;

	for (at = 2 * doubled; at < sizeof b; at++)
		for (n = at + 1; n <= sizeof b; n++) {
			memset(b, 'x', sizeof b);
			memset(b, 255, 2 * doubled);
			b[at] = 255;
			cr = true;
			ck_assert_uint_eq(undo(nvt, b, n, to, sizeof to, &made, &cr), at);
			ck_assert_uint_eq(made, at - doubled);
		}
}
END_TEST

START_TEST(test_run)
{
	static const uint8_t b[] = { 1, 254, 255, 3 };

	ck_assert_uint_eq(escape_run(b, 4), 2);
	ck_assert_uint_eq(escape_run(b, 2), 2);
	ck_assert_uint_eq(escape_run(b + 2, 2), 0);
	ck_assert_uint_eq(escape_run(b, 0), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("escape");
	TCase *tc = tcase_create("escape");

	tcase_add_loop_test(tc, test_escape, 0, 200);
	tcase_add_loop_test(tc, test_undo, 0, 200);
	tcase_add_loop_test(tc, test_undo_stops, 0, 24);
	tcase_add_test(tc, test_run);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
