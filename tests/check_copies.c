#include "base/copies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define MANY 5000

START_TEST(copies_last)
{
	struct copies c = { .failed = false };
	const char *copies[MANY];
	char text[32];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "text number %d", i);
		copies[i] = copies_add(&c, text);
	}
	memset(text, 'x', sizeof text);
	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "text number %d", i);
		ck_assert_str_eq(copies[i], text);
	}
	ck_assert(!c.failed);
	copies_free(&c);
	ck_assert_ptr_null(c.pieces);
}
END_TEST

START_TEST(short_and_long)
{
	struct copies c = { .failed = false };
	char *large = malloc(100000);
	const char *copy;

	ck_assert_ptr_nonnull(large);
	memset(large, 'a', 99999);
	large[99999] = '\0';
	ck_assert_ptr_null(copies_add(&c, NULL));
	ck_assert_str_eq(copies_add(&c, ""), "");
	ck_assert_ptr_null(c.pieces); /* for which nothing is needed */
	copy = copies_add(&c, large);
	ck_assert_str_eq(copies_add(&c, "short"), "short");
	ck_assert_str_eq(copy, large);
	free(large);
	copies_free(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("copies");
	TCase *tc = tcase_create("copies");

	tcase_add_test(tc, copies_last);
	tcase_add_test(tc, short_and_long);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
