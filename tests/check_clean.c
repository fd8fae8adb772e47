/*
 * Foreign text made fit to be shown: what stays, what is replaced, where it is cut.
 */
#include "unit.h"
#include "views/clean.h"

#include <string.h>

#define R "\xef\xbf\xbd"

static const struct {
	const char *src, *shown;
} cases[] = {
	{ "", "" }, { NULL, "" }, { "plain <&\"'> text", "plain <&\"'> text" },
	{ "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x93\x9e", "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x93\x9e" },
	{ "a\nb\tc\rd\x1b[31m\x7f", "a" R "b" R "c" R "d" R "[31m" R },
	{ "\xc2\x80\xc2\x9f\xc2\xa0", R R "\xc2\xa0" },             /* C1 */
	{ "\x80\xbf", R R },                                        /* no beginning */
	{ "\xc3", R }, { "\xe2\x82", R R }, { "\xf0\x9f\x93", R R R }, /* cut off by the end */
	{ "\xc3(", R "(" }, { "\xe2\x28\xa1", R "(" R },
	{ "\xc0\x80\xc1\xbf", R R R R },                            /* not the shortest form */
	{ "\xe0\x9f\xbf", R R R }, { "\xe0\xa0\x80", "\xe0\xa0\x80" },
	{ "\xf0\x8f\xbf\xbf", R R R R }, { "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
	{ "\xed\xa0\x80", R R R }, { "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80" }, /* surrogates */
	{ "\xed\xbf\xbf", R R R },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" }, { "\xf4\x90\x80\x80", R R R R },
	{ "\xf5\x80\x80\x80", R R R R }, { "\xff\xfe", R R },
	{ "\xe2\x80\xae" "abc\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c", R "abc" R R R }, /* directions */
	{ "\xe2\x80\xa8\xe2\x80\xaf\xe2\x80\x8d\xe2\x80\x90\xe2\x81\xa5\xe2\x81\xaa",
	    R "\xe2\x80\xaf\xe2\x80\x8d\xe2\x80\x90\xe2\x81\xa5\xe2\x81\xaa" },
};

START_TEST(shows)
{
	const char *src = cases[_i].src;
	size_t n = src != NULL ? strlen(src) + 1 : 0;
	uint8_t *guarded = unit_guarded(src, n);
	char shown[CLEAN_MAX];
	size_t len = clean_text(shown, src != NULL ? (const char *)guarded : NULL);

	ck_assert_str_eq(shown, cases[_i].shown);
	ck_assert_uint_eq(len, strlen(cases[_i].shown));
	unit_unguard(guarded, n);
}
END_TEST

/* Text of one repeated character is cut between two, with an ellipsis, and fits. */
static void
cuts(const char *character)
{
	char src[4 * CLEAN_MAX + 1], shown[CLEAN_MAX + 1];
	size_t len = strlen(character), i;

	for (i = 0; i + len < sizeof src; i += len)
		memcpy(src + i, character, len);
	src[i] = '\0';
	shown[CLEAN_MAX] = '!';
	i = clean_text(shown, src);
	ck_assert_uint_lt(i, CLEAN_MAX);
	ck_assert_uint_gt(i, CLEAN_MAX - 10);
	ck_assert_uint_eq(strlen(shown), i);
	ck_assert_str_eq(shown + i - 3, "\xe2\x80\xa6");
	ck_assert_uint_eq((i - 3) % (len == 1 && *character < 0 ? 3 : len), 0);
	ck_assert_int_eq(shown[CLEAN_MAX], '!');
}

START_TEST(cuts_long_text)
{
	cuts("x");
	cuts("\xc3\xbc");
	cuts("\xe2\x82\xac");
	cuts("\xf0\x9f\x93\x9e");
	cuts("\xff");
}
END_TEST

START_TEST(keeps_what_just_fits)
{
	char src[CLEAN_MAX], shown[CLEAN_MAX];

	memset(src, 'x', sizeof src);
	src[CLEAN_MAX - 4] = '\0';
	ck_assert_uint_eq(clean_text(shown, src), CLEAN_MAX - 4);
	ck_assert_str_eq(shown, src);
	src[CLEAN_MAX - 4] = 'x';
	src[CLEAN_MAX - 3] = '\0';
	ck_assert_uint_eq(clean_text(shown, src), CLEAN_MAX - 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clean");
	TCase *tc = tcase_create("clean");

	tcase_add_loop_test(tc, shows, 0, (int)(sizeof cases / sizeof cases[0]));
	tcase_add_test(tc, cuts_long_text);
	tcase_add_test(tc, keeps_what_just_fits);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
