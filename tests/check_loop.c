/*
 * The event loop: timers, notes, and above all a hang-up that is seen while nothing is read, without spinning.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/allowance.h"
#include "io/loop.h"
#include "unit.h"

struct seen {
	struct loop *loop;
	struct loop_fd *watch;
	int calls, what;
	int stop_at; /* stop when `what` has one of these */
	msec_t at;
};

static void
on_fd(void *ctx, int what)
{
	struct seen *s = ctx;

	s->calls++;
	s->what |= what;
	if ((what & s->stop_at) != 0)
		loop_stop(s->loop);
}

static void
on_stop(void *ctx)
{
	struct seen *s = ctx;

	s->at = loop_now(s->loop);
	loop_stop(s->loop);
}

/* Lets the loop run for ms; a test that waits for something stops it earlier. */
static void
run_for(struct seen *s, int64_t ms)
{
	struct loop_timer *t = loop_timer_new(s->loop, on_stop, s);

	ck_assert_ptr_nonnull(t);
	loop_timer_set(t, msec_add(loop_now(s->loop), ms));
	ck_assert_int_eq(loop_run(s->loop), 0);
	loop_timer_free(t);
}

/* Two connected TCP sockets on loopback. */
static void
connect_pair(int pair[2])
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	pair[1] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(pair[1], (struct sockaddr *)&sin, sizeof sin), 0);
	pair[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	ck_assert_int_ge(pair[0], 0);
	close(listener);
}

static struct loop *loop;
static int pair[2];

static void
set_up(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	connect_pair(pair);
}

static void
tear_down(void)
{
	close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	loop_free(loop);
}

START_TEST(timer_is_not_early)
{
	struct seen s = { .loop = loop };
	msec_t start = loop_now(loop);

	run_for(&s, 30);
	ck_assert_int_ge(msec_since(start, s.at), 30);
}
END_TEST

START_TEST(timer_moves_and_stops)
{
	struct seen s = { .loop = loop }, never = { .loop = loop };
	struct loop_timer *t = loop_timer_new(loop, on_stop, &never);

	loop_timer_set(t, msec_add(loop_now(loop), 5));
	loop_timer_set(t, MSEC_NEVER);
	run_for(&s, 30);
	ck_assert_int_eq(never.at.v, 0);
	loop_timer_free(t);
}
END_TEST

static int order[4], fired;

static void
on_numbered(void *ctx)
{
	order[fired++] = *(int *)ctx;
}

START_TEST(timers_fire_in_order)
{
	static int numbers[] = { 0, 1, 2, 3 };
	static const int due[] = { 15, 5, 20, 10 }, expected[] = { 1, 3, 0, 2 };
	struct seen s = { .loop = loop };
	struct loop_timer timers[4];
	int i;

	fired = 0;
	for (i = 0; i < 4; i++) {
		loop_timer_init(&timers[i], loop, on_numbered, &numbers[i]);
		loop_timer_set(&timers[i], msec_add(loop_now(loop), due[i]));
	}
	run_for(&s, 30);
	ck_assert_int_eq(fired, 4);
	ck_assert_mem_eq(order, expected, sizeof order);
}
END_TEST

struct eager {
	struct loop_timer timer;
	int calls;
};

static void
on_eager(void *ctx)
{
	struct eager *e = ctx;

	if (++e->calls == 3)
		ck_assert_int_eq(send(pair[1], "x", 1, 0), 1);
	loop_timer_set(&e->timer, loop_now(e->timer.loop));
}

/* One that is due at once each time leaves the others, and descriptors, their turn. */
START_TEST(eager_timer_keeps_nobody_waiting)
{
	struct seen s = { .loop = loop, .stop_at = LOOP_READ };
	struct eager e = { .calls = 0 };

	loop_timer_init(&e.timer, loop, on_eager, &e);
	loop_timer_set(&e.timer, loop_now(loop));
	s.watch = loop_fd_new(loop, pair[0], LOOP_READ, on_fd, &s);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(s.what, LOOP_READ);
	loop_timer_set(&e.timer, MSEC_NEVER);
	loop_fd_free(s.watch);
}
END_TEST

/* The tests below run twice: with a descriptor of libevent's, and among those where little happens. */
static const int kinds[] = { 0, LOOP_SELDOM };

START_TEST(fin_seen_while_not_reading)
{
	struct seen s = { .loop = loop, .stop_at = LOOP_HANGUP };

	s.watch = loop_fd_new(loop, pair[0], kinds[_i], on_fd, &s);
	close(pair[1]);
	pair[1] = -1;
	run_for(&s, 2000);
	ck_assert_int_eq(s.what, LOOP_HANGUP);
	s.stop_at = 0;
	s.calls = 0;
	run_for(&s, 50);
	ck_assert_msg(s.calls <= 2, "told %d times", s.calls);
	loop_fd_free(s.watch);
}
END_TEST

START_TEST(fin_behind_unread_data_seen)
{
	struct seen s = { .loop = loop };

	s.watch = loop_fd_new(loop, pair[0], kinds[_i], on_fd, &s);
	ck_assert_int_eq(send(pair[1], "abc", 3, 0), 3);
	run_for(&s, 20); /* data alone may be told, once; it must not spin */
	ck_assert_msg(s.calls <= 2, "told %d times", s.calls);
	s.what = 0;
	s.stop_at = LOOP_HANGUP;
	shutdown(pair[1], SHUT_WR);
	run_for(&s, 2000);
	ck_assert_int_eq(s.what, LOOP_HANGUP);
	loop_fd_free(s.watch);
}
END_TEST

static void
reset_peer(void)
{
	struct linger now = { 1, 0 };

	setsockopt(pair[1], SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(pair[1]);
	pair[1] = -1;
}

START_TEST(reset_seen_while_not_reading)
{
	struct seen s = { .loop = loop, .stop_at = LOOP_HANGUP };

	s.watch = loop_fd_new(loop, pair[0], kinds[_i], on_fd, &s);
	reset_peer();
	run_for(&s, 2000);
	ck_assert_int_eq(s.what & LOOP_HANGUP, LOOP_HANGUP);
	s.stop_at = s.calls = 0;
	run_for(&s, 50);
	ck_assert_msg(s.calls <= 2, "told %d times", s.calls);
	loop_fd_free(s.watch);
}
END_TEST

START_TEST(fin_seen_while_waiting_to_write)
{
	static char big[1 << 20];
	struct seen s = { .loop = loop, .stop_at = LOOP_HANGUP };

	while (send(pair[0], big, sizeof big, 0) > 0)
		;
	s.watch = loop_fd_new(loop, pair[0], LOOP_WRITE | kinds[_i], on_fd, &s);
	shutdown(pair[1], SHUT_WR);
	run_for(&s, 2000);
	ck_assert_int_eq(s.what, LOOP_HANGUP);
	s.stop_at = s.calls = 0;
	run_for(&s, 50);
	ck_assert_msg(s.calls == 0, "told %d times", s.calls);
	loop_fd_free(s.watch);
}
END_TEST

START_TEST(wants_change)
{
	struct seen s = { .loop = loop, .stop_at = LOOP_READ };
	char c;

	s.watch = loop_fd_new(loop, pair[0], kinds[_i], on_fd, &s);
	ck_assert_int_eq(send(pair[1], "x", 1, 0), 1);
	run_for(&s, 20);
	ck_assert_int_eq(s.what & LOOP_READ, 0);
	loop_fd_want(s.watch, LOOP_READ | kinds[_i]);
	run_for(&s, 2000);
	ck_assert_int_eq(s.what & LOOP_READ, LOOP_READ);
	ck_assert_int_eq(read(pair[0], &c, 1), 1);
	s.what = 0;
	s.stop_at = LOOP_WRITE;
	loop_fd_want(s.watch, LOOP_READ | LOOP_WRITE | kinds[_i]);
	run_for(&s, 2000);
	ck_assert_int_eq(s.what, LOOP_WRITE);
	loop_fd_free(s.watch);
}
END_TEST

/* From one kind to the other and back, with what is wanted as it was. */
START_TEST(kind_changes)
{
	struct seen s = { .loop = loop, .stop_at = LOOP_READ };
	struct loop_fd f;
	int i;
	char c;

	ck_assert_int_eq(loop_fd_start(&f, loop, pair[0], LOOP_READ, on_fd, &s), 0);
	for (i = 0; i < 4; i++) {
		loop_fd_want(&f, LOOP_READ | kinds[i % 2]);
		ck_assert_int_eq(f.ev == NULL, i % 2);
		ck_assert_int_eq(send(pair[1], "x", 1, 0), 1);
		s.what = 0;
		run_for(&s, 2000);
		ck_assert_int_eq(s.what, LOOP_READ);
		ck_assert_int_eq(read(pair[0], &c, 1), 1);
	}
	loop_fd_want(&f, LOOP_SELDOM);
	s.stop_at = LOOP_HANGUP;
	shutdown(pair[1], SHUT_WR);
	run_for(&s, 2000);
	ck_assert_int_eq(s.what & LOOP_HANGUP, LOOP_HANGUP);
	loop_fd_stop(&f);
	ck_assert(!loop_fd_watched(&f));
	loop_fd_stop(&f);
}
END_TEST

struct order {
	struct loop *loop;
	struct loop_note notes[3];
	int seen[3], n;
};

static void
note_0(void *ctx)
{
	struct order *o = ctx;

	o->seen[o->n++] = 0;
}

static void
note_1(void *ctx)
{
	struct order *o = ctx;

	o->seen[o->n++] = 1;
	loop_stop(o->loop);
}

static void *
post_from_thread(void *ctx)
{
	struct order *o = ctx;

	loop_post(o->loop, &o->notes[0]);
	loop_post(o->loop, &o->notes[1]);
	return NULL;
}

START_TEST(posted_in_order)
{
	struct order o = { .loop = loop };
	pthread_t thread;

	o.notes[0] = (struct loop_note){ NULL, note_0, &o };
	o.notes[1] = (struct loop_note){ NULL, note_1, &o };
	ck_assert_int_eq(pthread_create(&thread, NULL, post_from_thread, &o), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(o.n, 2);
	ck_assert_int_eq(o.seen[0], 0);
	ck_assert_int_eq(o.seen[1], 1);
}
END_TEST

static void
reap_both_then_stop(void *ctx)
{
	struct order *o = ctx;

	loop_reap(o->loop, &o->notes[0]);
	loop_reap(o->loop, &o->notes[1]);
	ck_assert_int_eq(o->n, 0); /* not before the end of the turn */
}

START_TEST(reaped_after_the_turn)
{
	struct order o = { .loop = loop };

	o.notes[0] = (struct loop_note){ NULL, note_0, &o };
	o.notes[1] = (struct loop_note){ NULL, note_1, &o };
	o.notes[2] = (struct loop_note){ NULL, reap_both_then_stop, &o };
	loop_post(loop, &o.notes[2]);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(o.n, 2);
}
END_TEST

static void
take_back_next(void *ctx)
{
	struct order *o = ctx;

	loop_unpost(o->loop, &o->notes[0]);
}

/* Before the turn, and within it; what is posted later still comes. */
START_TEST(taken_back)
{
	struct order o = { .loop = loop };

	o.notes[0] = (struct loop_note){ NULL, note_0, &o };
	o.notes[1] = (struct loop_note){ NULL, note_1, &o };
	o.notes[2] = (struct loop_note){ NULL, take_back_next, &o };
	if (_i == 0)
		loop_post(loop, &o.notes[2]);
	loop_post(loop, &o.notes[0]);
	if (_i == 1)
		loop_unpost(loop, &o.notes[0]);
	loop_unpost(loop, &o.notes[1]); /* was not posted */
	loop_post(loop, &o.notes[1]);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(o.n, 1);
	ck_assert_int_eq(o.seen[0], 1);
}
END_TEST

/* ---- the end of a turn ---- */

struct soon {
	struct loop *loop;
	struct loop_note note, other, reaped;
	char trace[32];
	int again; /* marks itself so often, or for ever */
	struct loop_fd *watch;
};

static void
trace(struct soon *s, char what)
{
	size_t n = strlen(s->trace);

	if (n + 1 < sizeof s->trace)
		s->trace[n] = what;
}

static void
soon_reaped(void *ctx)
{
	trace(ctx, 'r');
}

static void
soon_other(void *ctx)
{
	trace(ctx, 'o');
}

static void
soon_note(void *ctx)
{
	struct soon *s = ctx;

	trace(s, 'n');
	if (s->again != 0) {
		s->again -= s->again > 0;
		loop_soon(s->loop, &s->note);
	}
}

/* One event, which marks the note twice, then the other, and leaves something to be freed. */
static void
mark_then_stop(void *ctx)
{
	struct soon *s = ctx;

	loop_reap(s->loop, &s->reaped);
	loop_soon(s->loop, &s->note);
	loop_soon(s->loop, &s->other);
	loop_soon(s->loop, &s->note);
	trace(s, 'e');
	loop_stop(s->loop);
}

static void
soon_init(struct soon *s)
{
	*s = (struct soon){ .loop = loop };
	s->note = (struct loop_note){ NULL, soon_note, s };
	s->other = (struct loop_note){ NULL, soon_other, s };
	s->reaped = (struct loop_note){ NULL, soon_reaped, s };
}

/* By a timer, a signal and a posted note: each is a turn. */
START_TEST(soon_comes_at_the_end_of_the_turn)
{
	struct soon s;
	struct loop_note posted = { NULL, mark_then_stop, &s };
	struct loop_timer *t;
	struct loop_signal *sig;

	soon_init(&s);
	t = loop_timer_new(loop, mark_then_stop, &s);
	sig = loop_signal_new(loop, SIGUSR1, mark_then_stop, &s);
	if (_i == 0)
		loop_timer_set(t, loop_now(loop));
	else if (_i == 1)
		raise(SIGUSR1);
	else
		loop_post(loop, &posted);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(s.trace, "enor");
	loop_signal_free(sig);
	loop_timer_free(t);
}
END_TEST

/* ... and is reaped after all of it. */
START_TEST(soon_marked_meanwhile_is_of_the_same_turn)
{
	struct soon s;
	struct loop_timer *t;

	soon_init(&s);
	s.again = 3;
	t = loop_timer_new(loop, mark_then_stop, &s);
	loop_timer_set(t, loop_now(loop));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(s.trace, "enonnnr");
	loop_timer_free(t);
}
END_TEST

START_TEST(soon_is_taken_back)
{
	struct soon s;
	struct loop_timer *t;

	soon_init(&s);
	t = loop_timer_new(loop, mark_then_stop, &s);
	loop_timer_set(t, loop_now(loop));
	loop_unsoon(loop, &s.note); /* not marked: nothing */
	loop_soon(loop, &s.note);
	loop_soon(loop, &s.other);
	loop_unsoon(loop, _i == 0 ? &s.other : &s.note);
	loop_unsoon(loop, _i == 0 ? &s.note : &s.other);
	loop_soon(loop, &s.other);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_str_eq(s.trace, "eonr");
	loop_timer_free(t);
}
END_TEST

static void
stop_when_read(void *ctx, int what)
{
	struct soon *s = ctx;

	(void)what;
	loop_stop(s->loop);
}

/* A note that marks itself for ever: descriptors and timers still have their turns. */
START_TEST(soon_keeps_nobody_waiting)
{
	struct soon s;

	soon_init(&s);
	s.again = -1;
	s.watch = loop_fd_new(loop, pair[0], LOOP_READ, stop_when_read, &s);
	loop_soon(loop, &s.note);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(s.trace[0], 'n');
	loop_unsoon(loop, &s.note);
	loop_fd_free(s.watch);
}
END_TEST

/* ---- what is late ---- */

#define LATE_ONES 8

struct late {
	struct loop_fd *late[LATE_ONES], *once;
	struct loop_note note;
	int p[2];        /* always readable */
	size_t n;
	char trace[4 * LATE_ONES + 1]; /* l: late, o: at once, n: the note at the end of the turn */
	int lates, onces, each[LATE_ONES];
	int costs;       /* us that each of the late ones takes */
	msec_t first;    /* when something late came first */
	bool drains;     /* once: reads what came; else it is ready for ever */
};

static struct late late;

static void
late_trace(char what)
{
	if (late.n < sizeof late.trace - 1)
		late.trace[late.n++] = what;
	else if (late.drains)
		loop_stop(loop);
}

static void
on_late_note(void *ctx)
{
	(void)ctx;
	late_trace('n');
}

static void
on_late(void *ctx, int what)
{
	(void)what;
	late_trace('l');
	++*(int *)ctx;
	if (late.lates++ == 0)
		late.first = loop_now(loop);
	if (late.costs > 0)
		usleep((useconds_t)late.costs);
	if (!late.drains)
		return;
	loop_soon(loop, &late.note);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
}

static void
on_once(void *ctx, int what)
{
	char byte;

	(void)ctx;
	(void)what;
	late_trace('o');
	late.onces++;
	if (late.drains)
		ck_assert_int_eq(read(pair[0], &byte, 1), 1);
	else
		usleep(200); /* as something that keeps the loop busy */
}

static void
late_begin(bool drains)
{
	int i;

	memset(&late, 0, sizeof late);
	late.drains = drains;
	late.note = (struct loop_note){ NULL, on_late_note, NULL };
	ck_assert_int_eq(pipe(late.p), 0);
	ck_assert_int_eq(write(late.p[1], "x", 1), 1);
	for (i = 0; i < LATE_ONES; i++) {
		late.late[i] = loop_fd_new(loop, dup(late.p[0]), LOOP_READ | LOOP_LATE, on_late, &late.each[i]);
		ck_assert_ptr_nonnull(late.late[i]);
	}
	late.once = loop_fd_new(loop, pair[0], LOOP_READ, on_once, NULL);
	ck_assert_ptr_nonnull(late.once);
}

static void
late_end(void)
{
	int i, fd;

	loop_unsoon(loop, &late.note);
	loop_fd_free(late.once);
	for (i = 0; i < LATE_ONES; i++) {
		fd = late.late[i]->fd;
		loop_fd_free(late.late[i]);
		close(fd);
	}
	close(late.p[0]);
	close(late.p[1]);
}

/* However much of it is ready: after each of it comes the end of the turn, and then what is not late. */
START_TEST(late_comes_one_at_a_time)
{
	size_t i;

	late_begin(true);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(late.trace[0], 'l');
	for (i = 0; i + 3 <= late.n; i += 3)
		ck_assert_msg(memcmp(late.trace + i, "lno", 3) == 0, "%s", late.trace);
	late_end();
}
END_TEST

/* What is ready for ever lets it have its turns, if not the half of them. */
START_TEST(late_has_its_turns)
{
	struct seen s = { .loop = loop };
	msec_t start = loop_now(loop);

	late_begin(false);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	run_for(&s, 400);
	ck_assert_int_ge(late.lates, 8 * LATE_ONES);
	ck_assert_int_gt(late.onces, late.each[0]);
	ck_assert_int_lt(msec_since(start, late.first), 160);
	late_end();
}
END_TEST

/* From one callback to the next it may become what the others are, and be late again. */
START_TEST(late_no_more)
{
	struct seen s = { .loop = loop };

	late_begin(false);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	loop_fd_want(late.late[0], LOOP_READ);
	run_for(&s, 200);
	ck_assert_int_ge(late.each[0], 2 * late.each[1]);
	memset(late.each, 0, sizeof late.each);
	loop_fd_want(late.late[0], LOOP_READ | LOOP_LATE);
	run_for(&s, 200);
	ck_assert_int_gt(late.each[1], 0);
	ck_assert_int_le(late.each[0], late.each[1] + late.each[1] / 4 + 2);
	late_end();
}
END_TEST

/* Whatever they cost: a share of the time while there is something else to do, and then all of it. */
START_TEST(late_has_a_share)
{
	struct seen s = { .loop = loop };
	int beside;

	late_begin(false);
	late.costs = 1000;
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	run_for(&s, 800);
	beside = late.lates;
	ck_assert_int_ge(beside, 20);
	ck_assert_int_le(beside, 2 + 800 / ALLOWANCE_SHARE + ALLOWANCE_MOST / 1000);
	loop_fd_want(late.once, 0);
	late.lates = 0;
	run_for(&s, 800);
	ck_assert_int_gt(late.lates, beside + beside / 2);
	late_end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("loop");
	TCase *t = tcase_create("loop");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, timer_is_not_early);
	tcase_add_test(t, timer_moves_and_stops);
	tcase_add_test(t, timers_fire_in_order);
	tcase_add_test(t, eager_timer_keeps_nobody_waiting);
	tcase_add_loop_test(t, fin_seen_while_not_reading, 0, 2);
	tcase_add_loop_test(t, fin_behind_unread_data_seen, 0, 2);
	tcase_add_loop_test(t, reset_seen_while_not_reading, 0, 2);
	tcase_add_loop_test(t, fin_seen_while_waiting_to_write, 0, 2);
	tcase_add_loop_test(t, wants_change, 0, 2);
	tcase_add_test(t, kind_changes);
	tcase_add_test(t, posted_in_order);
	tcase_add_loop_test(t, taken_back, 0, 2);
	tcase_add_test(t, reaped_after_the_turn);
	tcase_add_loop_test(t, soon_comes_at_the_end_of_the_turn, 0, 3);
	tcase_add_test(t, soon_marked_meanwhile_is_of_the_same_turn);
	tcase_add_loop_test(t, soon_is_taken_back, 0, 2);
	tcase_add_test(t, soon_keeps_nobody_waiting);
	tcase_add_test(t, late_comes_one_at_a_time);
	tcase_add_test(t, late_has_its_turns);
	tcase_add_test(t, late_no_more);
	tcase_add_test(t, late_has_a_share);
	suite_add_tcase(s, t);
	return unit_run(s);
}
