#include "views/easel.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct easel e;
static struct easel_look looks[4];
static msec_t now;
static struct easel_job job;

static void
set_up(void)
{
	easel_init(&e);
	memset(looks, 0, sizeof looks);
	now = (msec_t){ 1000 };
}

static void
tear_down(void)
{
	easel_forget(&e);
}

/* One of them looks; false: he waits. */
static bool
sees(int who, const char *form, bool packs, const char *text)
{
	struct print *p = easel_look(&e, &looks[who], now, form, packs);

	if (p == NULL)
		return false;
	ck_assert_str_eq(p->bytes, text);
	print_unref(p);
	return true;
}

static void
begins(const char *form, bool anew)
{
	ck_assert(easel_begin(&e, now, &job));
	ck_assert_str_eq(job.form, form);
	ck_assert_int_eq(job.anew, anew);
	if (anew)
		easel_taken(&e, now);
}

static void
is_drawn(const char *text)
{
	struct print *p = print_new(strdup(text), strlen(text));

	ck_assert_ptr_nonnull(p);
	if (job.packs)
		print_pack(p, NULL, 0);
	easel_drawn(&e, p);
}

/* Those who are answered: a bit for each. */
static int
answered(void)
{
	struct easel_look *look;
	int all = 0;

	while ((look = easel_answered(&e)) != NULL)
		all |= 1 << (look - looks);
	return all;
}

START_TEST(one_text_for_all)
{
	ck_assert(!easel_begin(&e, now, &job));
	ck_assert(!sees(0, "a", false, ""));
	ck_assert(!sees(1, "a", false, ""));
	begins("a", true);
	ck_assert(!sees(2, "a", false, "")); /* while it is drawn */
	ck_assert_int_eq(answered(), 0);
	ck_assert(!easel_begin(&e, now, &job)); /* one at a time */
	is_drawn("first");
	ck_assert_int_eq(answered(), 7);
	ck_assert(sees(3, "a", false, "first"));
	ck_assert(!easel_begin(&e, now, &job));
}
END_TEST

START_TEST(all_forms_of_one_picture)
{
	ck_assert(!sees(0, "a", false, ""));
	ck_assert(!sees(1, "b", false, ""));
	ck_assert(!sees(2, "a", false, ""));
	begins("a", true);
	is_drawn("first");
	ck_assert_int_eq(answered(), 5);
	now = msec_add(now, EASEL_FRESH - 1);
	begins("b", false);
	is_drawn("second");
	ck_assert_int_eq(answered(), 2);
	ck_assert(sees(0, "a", false, "first"));
	ck_assert(sees(0, "b", false, "second"));
}
END_TEST

START_TEST(nothing_is_old)
{
	ck_assert(!sees(0, "a", false, ""));
	begins("a", true);
	is_drawn("first");
	ck_assert_int_eq(answered(), 1);
	now = msec_add(now, EASEL_FRESH - 1);
	ck_assert(sees(0, "a", false, "first"));
	now = msec_add(now, 1);
	ck_assert(!sees(0, "a", false, ""));
	ck_assert(!sees(1, "b", false, ""));
	begins("a", true);
	ck_assert(!sees(2, "a", false, ""));
	now = msec_add(now, EASEL_FRESH);
	ck_assert(!sees(3, "a", false, "")); /* too late for what is drawn since */
	is_drawn("second");
	ck_assert_int_eq(answered(), 5);
	begins("b", true);
	is_drawn("third");
	ck_assert_int_eq(answered(), 2);
	begins("a", false);
	is_drawn("fourth");
	ck_assert_int_eq(answered(), 8);
}
END_TEST

/* What was begun before a change is for those who had looked by then, and for nobody else. */
START_TEST(a_change_while_it_is_drawn)
{
	ck_assert(!sees(0, "a", false, ""));
	begins("a", true);
	ck_assert(!sees(1, "a", false, ""));
	easel_forget(&e);
	ck_assert(!sees(2, "a", false, ""));
	is_drawn("before");
	ck_assert_int_eq(answered(), 3);
	ck_assert(!sees(3, "a", false, "")); /* it is not kept */
	begins("a", true);
	is_drawn("after");
	ck_assert_int_eq(answered(), 12);
	ck_assert(sees(0, "a", false, "after"));
	easel_forget(&e);
	ck_assert(!sees(0, "a", false, ""));
}
END_TEST

/* Between look and picture nothing is lost: the picture is taken when it is drawn. */
START_TEST(a_change_before_it_is_drawn)
{
	ck_assert(!sees(0, "a", false, ""));
	begins("a", true);
	ck_assert(!sees(1, "b", false, ""));
	easel_forget(&e);
	is_drawn("a");
	ck_assert_int_eq(answered(), 1);
	begins("b", true);
	is_drawn("b");
	ck_assert_int_eq(answered(), 2);
}
END_TEST

START_TEST(leaves)
{
	easel_leave(&e, &looks[0]); /* who does not wait */
	ck_assert(!sees(0, "a", false, ""));
	easel_leave(&e, &looks[0]);
	ck_assert(!easel_begin(&e, now, &job));
	ck_assert(!sees(0, "a", false, ""));
	ck_assert(!sees(1, "a", false, ""));
	begins("a", true);
	easel_leave(&e, &looks[0]);
	easel_leave(&e, &looks[0]);
	is_drawn("first");
	ck_assert_int_eq(answered(), 2);
	ck_assert(sees(0, "a", false, "first"));
}
END_TEST

START_TEST(cannot_be_drawn)
{
	ck_assert(!sees(0, "a", false, ""));
	begins("a", true);
	easel_drawn(&e, NULL);
	ck_assert_int_eq(answered(), 1);
	ck_assert(!sees(0, "a", false, ""));
	begins("a", false);
	is_drawn("now");
	ck_assert_int_eq(answered(), 1);
	easel_forget(&e);
	ck_assert(!sees(0, "a", false, ""));
	ck_assert(easel_begin(&e, now, &job));
	ck_assert(job.anew);
	easel_drawn(&e, NULL); /* no picture could be taken */
	ck_assert_int_eq(answered(), 1);
	ck_assert(!sees(0, "a", false, ""));
}
END_TEST

/* Who takes gzip is served with who does not, but who comes too late waits for that alone. */
START_TEST(packed)
{
	ck_assert(!sees(0, "a", false, ""));
	begins("a", true);
	ck_assert(!job.packs);
	ck_assert(!sees(1, "a", true, ""));
	is_drawn("first");
	ck_assert_int_eq(answered(), 1);
	begins("a", false);
	ck_assert(job.packs);
	ck_assert_str_eq(job.have->bytes, "first");
	ck_assert(sees(0, "a", false, "first"));
	ck_assert(!sees(2, "a", true, ""));
	print_pack(job.have, strdup("zip"), 3);
	easel_drawn(&e, print_ref(job.have));
	ck_assert_int_eq(answered(), 6);
	ck_assert(sees(0, "a", true, "first"));
	easel_forget(&e);
	ck_assert(!sees(0, "a", false, ""));
	ck_assert(!sees(1, "a", true, ""));
	begins("a", true);
	ck_assert(job.packs);
	ck_assert_ptr_null(job.have);
	is_drawn("second");
	ck_assert_int_eq(answered(), 3);
	ck_assert(sees(0, "a", true, "second"));
}
END_TEST

START_TEST(keeps_few)
{
	char form[2] = "a";
	int i;

	for (i = 0; i <= EASEL_KEPT; i++, form[0]++) {
		ck_assert(!sees(0, form, false, ""));
		begins(form, i == 0);
		is_drawn(form);
		ck_assert_int_eq(answered(), 1);
	}
	ck_assert(sees(0, "b", false, "b"));
	ck_assert(!sees(0, "a", false, "")); /* it was the oldest */
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("easel");
	TCase *tc = tcase_create("easel");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, one_text_for_all);
	tcase_add_test(tc, all_forms_of_one_picture);
	tcase_add_test(tc, nothing_is_old);
	tcase_add_test(tc, a_change_while_it_is_drawn);
	tcase_add_test(tc, a_change_before_it_is_drawn);
	tcase_add_test(tc, leaves);
	tcase_add_test(tc, cannot_be_drawn);
	tcase_add_test(tc, packed);
	tcase_add_test(tc, keeps_few);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
