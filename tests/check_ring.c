/*
 * The ring of bytes against a flat array that says what must be in it.
 */
#include "base/ring.h"
#include "unit.h"

#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#define CAP 8

/* AddressSanitizer's malloc() ends the process where the kernel refuses memory. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* The model: what the ring must hold, oldest first. */
static uint8_t model[CAP];
static size_t held;
static uint8_t next;

static void
check_pieces(const struct ring *r)
{
	struct iovec iov[2];
	const uint8_t *piece;
	uint8_t all[CAP];
	size_t n, len = 0;
	int i, count = ring_iov(r, iov);

	ck_assert_uint_eq(r->used, held);
	ck_assert_uint_eq(ring_room(r), CAP - held);
	ck_assert_int_eq(r->buf == NULL, held == 0);
	for (i = 0; i < count; i++) {
		ck_assert_uint_gt(iov[i].iov_len, 0);
		ck_assert_uint_le(len + iov[i].iov_len, sizeof all);
		memcpy(all + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	ck_assert_uint_eq(len, held);
	ck_assert(memcmp(all, model, held) == 0);
	piece = ring_peek(r, &n);
	ck_assert_int_eq(piece == NULL, held == 0);
	ck_assert_uint_eq(n, count > 0 ? iov[0].iov_len : 0);
	ck_assert_ptr_eq(piece, count > 0 ? iov[0].iov_base : NULL);
}

/* The next n bytes of a sequence, at a guard page. */
static void
put(struct ring *r, size_t n)
{
	size_t i, took, room = CAP - held, want = n < room ? n : room;
	uint8_t src[2 * CAP], *guarded;

	for (i = 0; i < n; i++)
		src[i] = (uint8_t)(next + i);
	guarded = unit_guarded(src, n);
	took = ring_put(r, guarded, n);
	unit_unguard(guarded, n);
	ck_assert_uint_eq(took, want);
	memcpy(model + held, src, want);
	held += want;
	next = (uint8_t)(next + want);
	check_pieces(r);
}

static void
drop(struct ring *r, size_t n)
{
	memmove(model, model + n, held - n);
	held -= n;
	ring_drop(r, n);
	check_pieces(r);
}

static void
shorten(struct ring *r, size_t n)
{
	held -= n;
	ring_shorten(r, n);
	check_pieces(r);
}

/* Every head, every fill, every put, every drop at either end. */
START_TEST(test_all_positions)
{
	size_t head = (size_t)_i, fill, n, gone;

	for (fill = 0; fill <= CAP; fill++)
		for (n = 0; n <= CAP + 2; n++)
			for (gone = 0; gone <= (fill + n < CAP ? fill + n : CAP); gone++) {
				struct ring r;

				ring_init(&r, CAP);
				held = 0;
				put(&r, head + fill < CAP ? head + fill : CAP);
				drop(&r, head);
				put(&r, fill - held);
				put(&r, n);
				drop(&r, gone);
				put(&r, gone);
				shorten(&r, gone);
				shorten(&r, held / 2);
				ring_clear(&r);
			}
}
END_TEST

/* A reserved span that wraps comes in two, and only what is committed counts. */
START_TEST(test_reserve)
{
	struct ring r;
	size_t n, k;
	uint8_t *to;

	ring_init(&r, CAP);
	held = 0;
	put(&r, 6);
	drop(&r, 4);
	to = ring_reserve(&r, &n);
	ck_assert_uint_eq(n, 2);
	for (k = 0; k < 2; k++)
		model[held++] = to[k] = (uint8_t)(100 + k);
	ring_commit(&r, 2);
	check_pieces(&r);
	to = ring_reserve(&r, &n);
	ck_assert_ptr_eq(to, r.buf);
	ck_assert_uint_eq(n, 4);
	model[held++] = to[0] = 200;
	ring_commit(&r, 1);
	check_pieces(&r);
	put(&r, 3);
	ck_assert_ptr_null(ring_reserve(&r, &n));
	ck_assert_uint_eq(n, 0);
	ring_clear(&r);
}
END_TEST

START_TEST(test_no_memory_while_empty)
{
	struct ring r;
	size_t n;

	ring_init(&r, CAP);
	held = 0;
	check_pieces(&r);
	ck_assert_ptr_nonnull(ring_reserve(&r, &n));
	ck_assert_uint_eq(n, CAP);
	ring_commit(&r, 0);
	check_pieces(&r);
	put(&r, 0);
	put(&r, 3);
	ring_clear(&r);
	held = 0;
	check_pieces(&r);
	put(&r, CAP); /* usable after a clear */
	ring_clear(&r);
}
END_TEST

/* Allocation fails: nothing is taken, nothing breaks, and later it works. */
START_TEST(test_out_of_memory)
{
	struct rlimit none, was;
	size_t n = 1;
	struct ring r;
	size_t took;
	uint8_t *to;

	ring_init(&r, 1 << 20); /* more than the heap has in stock: malloc() must ask the kernel */
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &was), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
	took = ring_put(&r, "x", 1);
	to = ring_reserve(&r, &n);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &was), 0);
	ck_assert_uint_eq(took, 0);
	ck_assert_ptr_null(to);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(ring_put(&r, "x", 1), 1);
	ring_clear(&r);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ring");
	TCase *tc = tcase_create("ring"), *memory = tcase_create("memory");

	tcase_add_loop_test(tc, test_all_positions, 0, CAP + 1);
	tcase_add_test(tc, test_reserve);
	tcase_add_test(tc, test_no_memory_while_empty);
	if (!SANITIZED)
		tcase_add_test(memory, test_out_of_memory);
	tcase_set_tags(memory, "no-valgrind"); /* has a malloc() of its own */
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, memory);
	return unit_run(suite);
}
