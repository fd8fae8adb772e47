/*
 * The order of data and commands (R68): every deadline just before and just after, and random
 * sessions against what the rule says of them.
 */
#include "unit.h"
#include "wire/inorder.h"

#include <stdlib.h>
#include <string.h>

#define T0 1000000

static struct inorder q;
static struct inorder_item item;
static int drain;

static msec_t
at(int64_t ms)
{
	return (msec_t){ T0 + ms };
}

static void
setup(void)
{
	inorder_init(&q);
}

static void
teardown(void)
{
	inorder_clear(&q);
	ck_assert_ptr_null(q.items);
	ck_assert_ptr_null(q.data.buf);
}

static void
data(const char *s, int64_t ms)
{
	ck_assert_uint_eq(inorder_data(&q, (const uint8_t *)s, strlen(s), at(ms)), strlen(s));
}

static void
command(uint32_t value, int64_t ms)
{
	struct rfc2217_command c = { .code = 5, .value = value };

	ck_assert(inorder_command(&q, &c, at(ms)));
}

static void
expect_nothing(int64_t ms, bool writable)
{
	struct inorder_item before = item;
	int drain_before = drain;

	ck_assert_int_eq(inorder_next(&q, at(ms), writable, &item, &drain), INORDER_NOTHING);
	ck_assert(memcmp(&before, &item, sizeof item) == 0 && drain == drain_before);
}

/* The line takes the first `take` bytes of what may be handed to it, which is s. */
static void
expect_data(const char *s, size_t take, int64_t ms)
{
	const uint8_t *b;
	size_t n;

	ck_assert_int_eq(inorder_next(&q, at(ms), true, &item, &drain), INORDER_DATA_READY);
	b = inorder_peek(&q, &n);
	ck_assert_uint_eq(n, strlen(s));
	ck_assert(memcmp(b, s, n) == 0);
	inorder_sent(&q, take, at(ms));
}

static void
expect_item(uint32_t value, int drain_ms, int64_t ms, bool writable)
{
	size_t n;

	ck_assert_int_eq(inorder_next(&q, at(ms), writable, &item, &drain), INORDER_ITEM_READY);
	ck_assert_int_eq(item.kind, INORDER_COMMAND);
	ck_assert_uint_eq(item.command.value, value);
	ck_assert_int_eq(drain, drain_ms);
	ck_assert_ptr_null(inorder_peek(&q, &n));
	ck_assert_uint_eq(n, 0);
	ck_assert(msec_is_never(inorder_due(&q)));
	expect_nothing(ms + 10000, true); /* pending */
}

static void
expect_due(int64_t ms)
{
	ck_assert_int_eq(inorder_due(&q).v, T0 + ms);
}

START_TEST(test_order)
{
	ck_assert(inorder_idle(&q));
	data("ab", 0);
	ck_assert(!inorder_idle(&q));
	command(1, 0);
	command(2, 0);
	data("cd", 0);
	command(3, 0);
	data("e", 0);
	expect_data("ab", 1, 0);
	expect_data("b", 1, 0);
	expect_item(1, 2000, 0, true);
	inorder_answered(&q, at(0));
	expect_item(2, 2000, 0, true);
	inorder_answered(&q, at(0));
	expect_data("cd", 2, 0);
	expect_item(3, 2000, 0, false);
	inorder_answered(&q, at(0));
	ck_assert(msec_is_never(inorder_due(&q)));
	ck_assert_ptr_null(q.items);
	expect_data("e", 1, 5000);
	expect_nothing(5000, true);
	ck_assert(inorder_idle(&q));
}
END_TEST

START_TEST(test_idle_while_pending)
{
	command(1, 0);
	ck_assert(!inorder_idle(&q));
	expect_item(1, 2000, 0, true);
	ck_assert(!inorder_idle(&q));
	data("a", 0); /* stands behind the pending command */
	expect_nothing(9999, true);
	inorder_answered(&q, at(1));
	inorder_answered(&q, at(1)); /* once too often */
	expect_data("a", 1, 1);
	ck_assert(inorder_idle(&q));
}
END_TEST

/* Data alone waits for ever. */
START_TEST(test_data_alone)
{
	data("a", 0);
	ck_assert(msec_is_never(inorder_due(&q)));
	expect_nothing(100000, false);
	expect_data("a", 0, 100000);
	expect_data("a", 1, 100000);
}
END_TEST

START_TEST(test_stuck_from_arrival)
{
	data("a", 0);
	command(1, 50);
	expect_due(150);
	expect_nothing(149, false);
	expect_item(1, 0, 150, false);
	inorder_answered(&q, at(150));
	expect_data("a", 1, 150);
}
END_TEST

START_TEST(test_stuck_from_progress)
{
	data("abc", 0);
	command(1, 0);
	expect_data("abc", 1, 60);
	expect_due(160);
	expect_nothing(159, false);
	expect_data("bc", 0, 159); /* taking none is no progress */
	expect_due(160);
	expect_item(1, 0, 160, false);
}
END_TEST

/* The line takes data again at the very moment: it is not stuck. */
START_TEST(test_writable_is_not_stuck)
{
	data("ab", 0);
	command(1, 0);
	expect_data("ab", 1, 100);
	expect_nothing(199, false);
	expect_item(1, 0, 200, false);
}
END_TEST

/* A line that keeps taking data is waited for 2 s, even if it would take more just then. */
START_TEST(test_latest)
{
	char text[41];
	int i;

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	data(text, 7);
	command(1, 7);
	for (i = 0; i < 25; i++)
		expect_data(text + i, 1, 7 + 80 * i);
	expect_due(2007);
	expect_data(text + 25, 1, 2006);
	expect_item(1, 0, 2007, true);
	inorder_answered(&q, at(2007));
	expect_data(text + 26, 14, 2007);
}
END_TEST

/* What is left of the 2 s may be spent draining what the line has taken. */
START_TEST(test_drain_budget)
{
	static const struct {
		int64_t asked;
		int drain;
	} cases[] = { { 0, 2000 }, { 1, 1999 }, { 1999, 1 }, { 2000, 0 }, { 2001, 0 }, { 90000, 0 } };

	command(1, 0);
	expect_item(1, cases[_i].drain, cases[_i].asked, _i % 2 == 0);
}
END_TEST

/* Commands that arrived together share the deadline; a stuck line is waited for once. */
START_TEST(test_stuck_together)
{
	data("a", 0);
	command(1, 0);
	command(2, 0);
	data("b", 0);
	command(3, 0);
	data("c", 40);
	command(4, 40);
	expect_nothing(99, false);
	expect_item(1, 0, 100, false);
	inorder_answered(&q, at(120));
	expect_item(2, 0, 120, false);
	inorder_answered(&q, at(130));
	expect_due(100);
	expect_item(3, 0, 130, false);
	inorder_answered(&q, at(130));
	expect_due(140);
	expect_nothing(139, false);
	expect_item(4, 0, 140, false);
	inorder_answered(&q, at(140));
	expect_data("abc", 3, 140); /* none of it lost, none reordered */
}
END_TEST

START_TEST(test_latest_together)
{
	data("abcd", 0);
	command(1, 0);
	data("ef", 0);
	command(2, 0);
	command(3, 1);
	expect_data("abcd", 1, 1950);
	expect_item(1, 0, 2000, true);
	inorder_answered(&q, at(2000));
	expect_item(2, 0, 2000, true);
	inorder_answered(&q, at(2000));
	expect_data("bcdef", 1, 2000);
	expect_item(3, 0, 2001, true);
}
END_TEST

/* A command that did not overtake may take long: the line had no chance meanwhile. */
START_TEST(test_slow_answer)
{
	command(1, 0);
	data("ab", 0);
	command(2, 0);
	expect_item(1, 2000, 0, true);
	inorder_answered(&q, at(500));
	expect_due(600);
	expect_nothing(599, false);
	expect_item(2, 0, 600, false);
}
END_TEST

/* After an overtaking the data goes on to where the next command stands. */
START_TEST(test_data_after_overtaking)
{
	data("ab", 0);
	command(1, 0);
	data("cd", 0);
	command(2, 60);
	data("ef", 60);
	expect_item(1, 0, 100, false);
	inorder_answered(&q, at(100));
	expect_data("abcd", 3, 101);
	expect_data("d", 1, 102);
	expect_item(2, 2060 - 102, 102, true);
	inorder_answered(&q, at(102));
	expect_data("ef", 2, 102);
}
END_TEST

START_TEST(test_purge)
{
	data("ab", 0);
	command(1, 0);
	data("cd", 10);
	command(2, 10);
	inorder_purge(&q, at(10));
	data("ef", 10);
	command(3, 10);
	data("g", 10);
	expect_item(1, 1990, 10, false);
	inorder_answered(&q, at(10));
	expect_item(2, 2000, 10, false);
	inorder_answered(&q, at(10));
	expect_due(110);
	expect_nothing(109, false);
	expect_data("ef", 2, 109);
	expect_item(3, 1901, 109, true);
	inorder_answered(&q, at(109));
	expect_data("g", 1, 109);
}
END_TEST

START_TEST(test_purge_while_pending)
{
	data("ab", 0);
	command(1, 0);
	expect_item(1, 0, 100, false);
	command(2, 100);
	inorder_purge(&q, at(100));
	data("c", 100);
	expect_nothing(100, true);
	inorder_answered(&q, at(300));
	expect_item(2, 1800, 300, true);
	inorder_answered(&q, at(300));
	expect_data("c", 1, 300);
}
END_TEST

static void
expect_break(int64_t ms, int drain_ms)
{
	ck_assert_int_eq(inorder_next(&q, at(ms), true, &item, &drain), INORDER_ITEM_READY);
	ck_assert_int_eq(item.kind, INORDER_BREAK);
	ck_assert_int_eq(drain, drain_ms);
}

START_TEST(test_breaks)
{
	int i;

	for (i = 0; i < 3; i++)
		ck_assert(inorder_break(&q, at(i)));
	ck_assert_uint_eq(q.count, 1);
	data("a", 5);
	ck_assert(inorder_break(&q, at(5))); /* data in between: another one */
	command(1, 5);
	ck_assert(inorder_break(&q, at(5))); /* a command in between: another one */
	ck_assert_uint_eq(q.count, 4);
	expect_break(5, 1995);
	inorder_answered(&q, at(5));
	expect_data("a", 1, 5);
	expect_break(5, 2000);
	inorder_answered(&q, at(5));
	expect_item(1, 2000, 5, true);
	inorder_answered(&q, at(5));
	expect_break(5, 2000);
	ck_assert(inorder_break(&q, at(6))); /* the first is under way: this is a new one */
	ck_assert_uint_eq(q.count, 2);
	inorder_answered(&q, at(6));
	expect_break(6, 2000);
	inorder_answered(&q, at(6));
	ck_assert(inorder_idle(&q));
}
END_TEST

START_TEST(test_full)
{
	static uint8_t block[INORDER_DATA + 1];
	struct rfc2217_command c = { .code = 1 };
	uint32_t i;
	size_t n;

	for (i = 0; i < INORDER_COMMANDS - 1; i++)
		command(i, 0);
	ck_assert(inorder_break(&q, at(0)));
	ck_assert(!inorder_command(&q, &c, at(0)));
	ck_assert(inorder_break(&q, at(0))); /* the same break */
	ck_assert_uint_eq(inorder_data(&q, block, sizeof block, at(0)), INORDER_DATA);
	ck_assert(!inorder_break(&q, at(0)));
	ck_assert_uint_eq(inorder_data(&q, block, 1, at(0)), 0);
	expect_item(0, 2000, 0, true);
	ck_assert(!inorder_command(&q, &c, at(0))); /* the pending one still has its place */
	inorder_answered(&q, at(0));
	command(63, 0);
	for (i = 1; i < INORDER_COMMANDS - 1; i++) {
		expect_item(i, 2000, 0, true);
		inorder_answered(&q, at(0));
	}
	expect_break(0, 2000);
	inorder_answered(&q, at(0));
	ck_assert_ptr_nonnull(inorder_peek(&q, &n));
	ck_assert_uint_eq(n, INORDER_DATA);
	inorder_sent(&q, n, at(0));
	expect_item(63, 2000, 0, true);
}
END_TEST

START_TEST(test_text_is_not_kept)
{
	struct rfc2217_command c = { .code = 0, .text = "gone soon", .text_len = 9 };

	ck_assert(inorder_command(&q, &c, at(0)));
	ck_assert_int_eq(inorder_next(&q, at(0), true, &item, &drain), INORDER_ITEM_READY);
	ck_assert_ptr_null(item.command.text);
	ck_assert_uint_eq(item.command.text_len, 9);
}
END_TEST

START_TEST(test_clear)
{
	data("ab", 0);
	command(1, 0);
	inorder_clear(&q);
	ck_assert(inorder_idle(&q));
	command(2, 5);
	expect_item(2, 2000, 5, true);
	inorder_clear(&q); /* what is pending too: an answer that comes later is nobody's */
	inorder_answered(&q, at(6));
	ck_assert(inorder_idle(&q));
	data("c", 6);
	expect_data("c", 1, 6);
}
END_TEST

/*
 * Random sessions, a millisecond at a time.  The model is one list of what came, data bytes and
 * commands; the rule is checked whenever something goes out.
 */
#define EVENTS 1500

static struct {
	bool is_item;
	int64_t arrived;
	bool gone;
} came[EVENTS];
static unsigned n_came, items_left;
static int64_t last_progress;

static unsigned
first_left(bool is_item)
{
	unsigned i = 0;

	while (i < n_came && (came[i].gone || came[i].is_item != is_item))
		i++;
	return i;
}

static void
put_there(uint8_t b, int64_t now)
{
	size_t n;
	uint8_t *to = inorder_reserve(&q, &n);

	ck_assert_ptr_nonnull(to);
	ck_assert_uint_ge(n, 1);
	*to = b;
	inorder_commit(&q, 1, at(now));
}

static void
something_comes(int64_t now)
{
	uint8_t b = (uint8_t)n_came;
	bool is_item = random() % 3 == 0 && items_left < INORDER_COMMANDS;

	if (is_item)
		command(n_came, now);
	else if (random() % 2 == 0)
		ck_assert_uint_eq(inorder_data(&q, &b, 1, at(now)), 1);
	else
		put_there(b, now);
	items_left += is_item;
	came[n_came].is_item = is_item;
	came[n_came].gone = false;
	came[n_came++].arrived = now;
}

/* Bytes go out in order, and never past a command that has not gone out. */
static void
line_takes(int64_t now)
{
	size_t n, i, take;
	const uint8_t *b = inorder_peek(&q, &n);

	ck_assert_uint_gt(n, 0);
	take = 1 + (size_t)random() % n;
	for (i = 0; i < take; i++) {
		unsigned k = first_left(false);

		ck_assert_uint_lt(k, first_left(true));
		ck_assert_uint_eq(b[i], k % 256);
		came[k].gone = true;
	}
	inorder_sent(&q, take, at(now));
	last_progress = now;
}

/* The oldest command, behind its data or for a reason; and drain tells which. */
static void
item_goes(int64_t now)
{
	unsigned k = first_left(true);
	bool overtakes = first_left(false) < k;

	ck_assert_uint_eq(item.command.value, k);
	ck_assert_int_eq(drain, overtakes || now > came[k].arrived + 2000 ? 0 :
	    came[k].arrived + 2000 - now);
	if (overtakes)
		ck_assert(now >= came[k].arrived + 2000 ||
		    (now >= came[k].arrived + 100 && now >= last_progress + 100));
	came[k].gone = true;
	items_left--;
	inorder_answered(&q, at(now));
}

static void
turn(int64_t now, bool writable)
{
	enum inorder_step step;

	while ((step = inorder_next(&q, at(now), writable, &item, &drain)) != INORDER_NOTHING) {
		if (step == INORDER_DATA_READY)
			line_takes(now);
		else
			item_goes(now);
		writable = writable && random() % 2 == 0;
	}
	/* Nothing is left to wait for: the oldest command waits for data, and not too long. */
	if (items_left > 0) {
		unsigned k = first_left(true);

		ck_assert_uint_lt(first_left(false), k);
		ck_assert_int_lt(now, came[k].arrived + 2000);
		ck_assert_int_gt(inorder_due(&q).v, at(now).v);
	} else {
		ck_assert(msec_is_never(inorder_due(&q)));
	}
}

START_TEST(test_random)
{
	int64_t now;
	int patience = 1 + _i % 7 * 30;
	bool stuck = false;

	srandom((unsigned)_i);
	n_came = items_left = 0;
	last_progress = 0;
	for (now = 0; n_came < EVENTS - 8; now++) {
		while (random() % 4 == 0 && n_came < EVENTS)
			something_comes(now);
		if (random() % (10 * patience) == 0)
			stuck = !stuck;
		turn(now, !stuck && random() % patience == 0);
	}
	for (; !inorder_idle(&q); now++)
		turn(now, true);
	ck_assert_uint_eq(first_left(false), n_came);
	ck_assert_uint_eq(first_left(true), n_came);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("inorder");
	TCase *tc = tcase_create("inorder");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_idle_while_pending);
	tcase_add_test(tc, test_data_alone);
	tcase_add_test(tc, test_stuck_from_arrival);
	tcase_add_test(tc, test_stuck_from_progress);
	tcase_add_test(tc, test_writable_is_not_stuck);
	tcase_add_test(tc, test_latest);
	tcase_add_loop_test(tc, test_drain_budget, 0, 6);
	tcase_add_test(tc, test_stuck_together);
	tcase_add_test(tc, test_latest_together);
	tcase_add_test(tc, test_slow_answer);
	tcase_add_test(tc, test_data_after_overtaking);
	tcase_add_test(tc, test_purge);
	tcase_add_test(tc, test_purge_while_pending);
	tcase_add_test(tc, test_breaks);
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_text_is_not_kept);
	tcase_add_test(tc, test_clear);
	tcase_add_loop_test(tc, test_random, 0, 21);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
