/*
 * FNV-1a as its authors publish it.
 */
#include "base/hash.h"
#include "unit.h"

START_TEST(known_values)
{
	ck_assert_uint_eq(hash_of("", 0), UINT64_C(0xcbf29ce484222325));
	ck_assert_uint_eq(hash_of("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
	ck_assert_uint_eq(hash_of("foobar", 6), UINT64_C(0x85944171f73967e8));
}
END_TEST

START_TEST(piece_by_piece)
{
	ck_assert_uint_eq(hash_more(hash_of("foo", 3), "bar", 3), hash_of("foobar", 6));
}
END_TEST

START_TEST(reads_no_byte_too_many)
{
	static const uint8_t bytes[] = { 0, 255, 'a' };
	uint8_t *guarded = unit_guarded(bytes, sizeof bytes);

	ck_assert_uint_eq(hash_of(guarded, sizeof bytes), hash_of(bytes, sizeof bytes));
	unit_unguard(guarded, sizeof bytes);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hash");
	TCase *t = tcase_create("hash");

	tcase_add_test(t, known_values);
	tcase_add_test(t, piece_by_piece);
	tcase_add_test(t, reads_no_byte_too_many);
	suite_add_tcase(s, t);
	return unit_run(s);
}
