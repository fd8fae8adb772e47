/*
 * What is drawn beside the loop: it goes on meanwhile, everybody is told once, and no end waits for a drawing that hangs.
 */
#include "io/gallery.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/artist.h"
#include "unit.h"

#define PATIENCE 10000 /* ms */

static struct loop *loop;
static struct gallery *gallery, *hung; /* hung: left to a drawing that hangs */
static struct loop_timer *timer;
static int pictures, dropped; /* of which the number is what is drawn */
static int drawn;
static struct guest {
	struct gallery_look look;
	int told;
	char text[64]; /* what he was shown; "-": it could not be drawn */
} guests[4];

/* The artist waits here while it is held. */
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static bool no_picture, no_text, refuses_threads;

int __real_thread_start(size_t stack, void *(*fn)(void *), void *arg);
int __wrap_thread_start(size_t stack, void *(*fn)(void *), void *arg);

int
__wrap_thread_start(size_t stack, void *(*fn)(void *), void *arg)
{
	return refuses_threads ? 11 : __real_thread_start(stack, fn, arg);
}

static void *
take(void *ctx)
{
	int *number = no_picture ? NULL : malloc(sizeof *number);

	(void)ctx;
	if (number != NULL)
		*number = ++pictures;
	return number;
}

static char *
draw(void *ctx, const void *picture, const char *form, size_t *n)
{
	char *text = NULL;

	(void)ctx;
	pthread_mutex_lock(&door);
	if (!no_text && (text = malloc(64)) != NULL)
		*n = (size_t)snprintf(text, 64, "%s of %d", form, *(const int *)picture);
	pthread_mutex_unlock(&door);
	return text;
}

static void
on_drawn(void *ctx)
{
	(void)ctx;
	drawn++;
}

static void
drop(void *picture)
{
	dropped++;
	free(picture);
}

static const struct gallery_ops ops = { take, draw, on_drawn, drop };

static void
on_shown(void *ctx, struct print *p)
{
	struct guest *g = ctx;

	g->told++;
	snprintf(g->text, sizeof g->text, "%s", p != NULL ? (const char *)p->bytes : "-");
	loop_stop(loop);
}

static void
on_timer(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void
run(int64_t ms)
{
	loop_timer_set(timer, msec_add(loop_now(loop), ms));
	ck_assert_int_eq(loop_run(loop), 0);
}

static void
run_until_told(const struct guest *g)
{
	int64_t left;

	for (left = PATIENCE; g->told == 0 && left > 0; left -= 100)
		run(100);
	ck_assert_int_eq(g->told, 1);
}

/* True: at once. */
static bool
looks(struct guest *g, const char *form)
{
	struct print *p;

	g->told = 0;
	g->text[0] = '\0';
	g->look.fn = on_shown;
	g->look.ctx = g;
	p = gallery_look(gallery, &g->look, form, false);
	if (p == NULL) {
		ck_assert(gallery_waits(&g->look));
		return false;
	}
	snprintf(g->text, sizeof g->text, "%s", (const char *)p->bytes);
	print_unref(p);
	return true;
}

static void
set_up(void)
{
	loop = loop_new();
	timer = loop_timer_new(loop, on_timer, NULL);
	gallery = gallery_new(loop, &ops, NULL);
	ck_assert(loop != NULL && timer != NULL && gallery != NULL);
}

static void
tear_down(void)
{
	ck_assert(gallery_free(gallery, 10000));
	ck_assert_int_eq(dropped, pictures);
	loop_timer_free(timer);
	loop_free(loop);
}

START_TEST(shared)
{
	ck_assert(!looks(&guests[0], "a"));
	ck_assert(!looks(&guests[1], "a"));
	run_until_told(&guests[0]);
	ck_assert_int_eq(guests[1].told, 1);
	ck_assert_str_eq(guests[0].text, "a of 1");
	ck_assert_str_eq(guests[1].text, "a of 1");
	ck_assert(looks(&guests[0], "a"));
	ck_assert(!looks(&guests[1], "b"));
	run_until_told(&guests[1]);
	ck_assert_str_eq(guests[1].text, "b of 1");
	ck_assert_int_eq(drawn, 2);
	run(EASEL_FRESH + 50);
	ck_assert_int_eq(dropped, 1); /* nothing is kept that nobody looks at */
	ck_assert(!looks(&guests[0], "a"));
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "a of 2");
}
END_TEST

/* The loop goes on while it is drawn, and who looks after a change sees it. */
START_TEST(a_change_while_it_is_drawn)
{
	pthread_mutex_lock(&door);
	ck_assert(!looks(&guests[0], "a"));
	run(50);
	ck_assert_int_eq(pictures, 1);
	gallery_changed(gallery);
	ck_assert(!looks(&guests[1], "a"));
	ck_assert(!looks(&guests[2], "a"));
	run(50);
	ck_assert_int_eq(pictures, 1); /* never more than there are drawings */
	gallery_leave(&guests[2].look);
	ck_assert(!gallery_waits(&guests[2].look));
	pthread_mutex_unlock(&door);
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "a of 1");
	run_until_told(&guests[1]);
	ck_assert_str_eq(guests[1].text, "a of 2");
	ck_assert_int_eq(guests[2].told, 0);
}
END_TEST

START_TEST(cannot)
{
	no_picture = true;
	ck_assert(!looks(&guests[0], "a"));
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "-");
	no_picture = false;
	no_text = true;
	ck_assert(!looks(&guests[0], "a"));
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "-");
	no_text = false;
	ck_assert(!looks(&guests[0], "a"));
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "a of 1");
}
END_TEST

START_TEST(without_a_thread)
{
	refuses_threads = true;
	ck_assert(!looks(&guests[0], "a"));
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "a of 1");
	refuses_threads = false;
	gallery_changed(gallery);
	ck_assert(!looks(&guests[0], "a"));
	run_until_told(&guests[0]);
	ck_assert_str_eq(guests[0].text, "a of 2");
}
END_TEST

/* In the midst of a drawing, which is soon done. */
START_TEST(ends_while_it_is_drawn)
{
	ck_assert(!looks(&guests[0], "a"));
	run(0);
	gallery_leave(&guests[0].look);
}
END_TEST

/* In the midst of one that hangs: it is left alone. */
START_TEST(ends_while_it_hangs)
{
	struct timespec begun, ended;

	pthread_mutex_lock(&door);
	ck_assert(!looks(&guests[0], "a"));
	run(50);
	ck_assert_int_eq(pictures, 1);
	gallery_leave(&guests[0].look);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	ck_assert(!gallery_free(gallery, 100)); /* and its memory to it */
	clock_gettime(CLOCK_MONOTONIC, &ended);
	ck_assert_int_lt(ended.tv_sec - begun.tv_sec, 5);
	ck_assert_int_eq(guests[0].told, 0);
	ck_assert_int_eq(dropped, 0); /* the drawing has it */
	hung = gallery;
	gallery = gallery_new(loop, &ops, NULL);
	ck_assert_ptr_nonnull(gallery);
	pictures = 0; /* what is left is not given back */
	pthread_mutex_unlock(&door);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gallery");
	TCase *tc = tcase_create("gallery");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, shared);
	tcase_add_test(tc, a_change_while_it_is_drawn);
	tcase_add_test(tc, cannot);
	tcase_add_test(tc, without_a_thread);
	tcase_add_test(tc, ends_while_it_is_drawn);
	tcase_add_test(tc, ends_while_it_hangs);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
