/*
 * How much of a client's input is read at a time: little of who owns nothing, and the others come in between.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/transport.h"
#include "unit.h"

#define ALL 12000 /* bytes that wait for each */

struct end {
	struct transport *transport;
	struct ring out;
	int peer;
	size_t took, most; /* of all; of one turn */
	bool full;         /* takes nothing until the end of the turn */
	bool sated;        /* has enough, after whatever comes */
	bool leaves;       /* and is closed when it is lost */
	struct loop_note resume;
};

static struct loop *loop;
static struct end one, other;
static struct end *order[64];
static size_t turns, awaited;

static size_t
on_input(void *ctx, const uint8_t *b, size_t n)
{
	struct end *e = ctx;

	(void)b;
	if (turns < sizeof order / sizeof order[0])
		order[turns++] = e;
	if (e->full) {
		loop_soon(loop, &e->resume);
		return 0;
	}
	e->took += n;
	e->most = n > e->most ? n : e->most;
	if (other.took == ALL && one.sated)
		loop_soon(loop, &one.resume);
	if (one.took + other.took == awaited)
		loop_stop(loop);
	return n;
}

static bool
on_enough(void *ctx)
{
	const struct end *e = ctx;

	return e->sated;
}

static void
on_sent(void *ctx, size_t n)
{
	(void)ctx;
	(void)n;
}

static void
on_fin(void *ctx)
{
	(void)ctx;
}

static void
on_lost(void *ctx, const char *why)
{
	struct end *e = ctx;

	if (!e->leaves)
		ck_abort_msg("%s", why);
	transport_close(e->transport, true);
	e->transport = NULL;
	if (one.transport == NULL && other.transport == NULL)
		loop_stop(loop);
}

static void
on_late(void *ctx)
{
	(void)ctx;
	ck_abort_msg("%zu and %zu bytes have come", one.took, other.took);
}

static void
begin(struct end *e)
{
	static const struct transport_news news = { on_input, on_enough, on_sent, on_fin, on_lost };
	static const char much[ALL];
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

	memset(e, 0, sizeof *e);
	ring_init(&e->out, 4096);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	e->peer = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(e->peer, (struct sockaddr *)&sin, sizeof sin), 0);
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	close(listener);
	e->transport = transport_new(loop, fd, &e->out, NULL, &news, e);
	ck_assert_ptr_nonnull(e->transport);
	ck_assert_int_eq(send(e->peer, much, ALL, 0), ALL);
}

static void
run(void)
{
	struct loop_timer *t = loop_timer_new(loop, on_late, NULL);

	loop_timer_set(t, msec_add(loop_now(loop), 10000));
	ck_assert_int_eq(loop_run(loop), 0);
	loop_timer_free(t);
}

static void
set_up(void)
{
	loop = loop_new();
	turns = 0;
	awaited = (size_t)2 * ALL;
	begin(&one);
	begin(&other);
}

static void
tear_down(void)
{
	transport_close(one.transport, true);
	transport_close(other.transport, true);
	close(one.peer);
	close(other.peer);
	loop_free(loop);
}

START_TEST(who_owns_nothing_is_read_in_pieces)
{
	size_t i;

	run();
	ck_assert_uint_le(one.most, 4096);
	ck_assert_uint_ge(one.most, 2048);
	ck_assert_uint_eq(other.most, one.most);
	for (i = 1; i < turns; i++)
		ck_assert_ptr_ne(order[i], order[i - 1]);
}
END_TEST

START_TEST(an_owner_is_read_whole_and_first)
{
	transport_owns(other.transport, true);
	run();
	ck_assert_uint_eq(other.most, ALL);
	ck_assert_ptr_eq(order[0], &other);
	ck_assert_uint_le(one.most, 4096);
}
END_TEST

static void
take_again(void *ctx)
{
	struct end *e = ctx;

	e->full = false;
	transport_resume(e->transport);
}

/* That it was stopped is no way to more: what it goes on with waits for its next turn. */
START_TEST(who_was_stopped_is_read_in_pieces)
{
	size_t i, stops = 0;

	one.full = true;
	one.resume = (struct loop_note){ NULL, take_again, &one };
	run();
	ck_assert_uint_le(one.most, 4096);
	for (i = 2; i < turns; i++)
		stops += order[i] == order[i - 1] && order[i] == order[i - 2];
	ck_assert_uint_eq(stops, 0);
}
END_TEST

/* When the other has been read in many turns. */
static void
go_on(void *ctx)
{
	struct end *e = ctx;

	ck_assert(transport_paused(e->transport));
	ck_assert_uint_eq(e->took, LOOP_SCRATCH);
	ck_assert_uint_eq(transport_unread(e->transport), 2 * ALL - LOOP_SCRATCH);
	e->sated = false;
	transport_resume(e->transport);
	ck_assert_uint_eq(e->took, LOOP_SCRATCH); /* it had taken all that was read */
}

START_TEST(who_has_had_enough_is_read_no_more)
{
	static const char much[ALL];

	awaited += ALL;
	ck_assert_int_eq(send(one.peer, much, ALL, 0), ALL);
	transport_owns(one.transport, true);
	one.sated = true;
	one.resume = (struct loop_note){ NULL, go_on, &one };
	run();
	ck_assert(!one.sated);
	ck_assert(!transport_paused(one.transport));
}
END_TEST

static void
writes_to_nobody(struct end *e)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	e->leaves = true;
	setsockopt(e->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(e->peer);
	e->peer = -1;
	ck_assert_uint_eq(ring_put(&e->out, "x", 1), 1);
	transport_flush(e->transport);
}

static void
lose_both(void *ctx)
{
	(void)ctx;
	writes_to_nobody(&one);
	writes_to_nobody(&other);
}

/* Both are told it at the end of one turn, and are closed as they are told. */
START_TEST(two_are_lost_in_one_turn)
{
	one.resume = (struct loop_note){ NULL, lose_both, NULL };
	loop_soon(loop, &one.resume);
	run();
	ring_clear(&one.out);
	ring_clear(&other.out);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("transport");
	TCase *t = tcase_create("transport");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, who_owns_nothing_is_read_in_pieces);
	tcase_add_test(t, an_owner_is_read_whole_and_first);
	tcase_add_test(t, who_was_stopped_is_read_in_pieces);
	tcase_add_test(t, who_has_had_enough_is_read_no_more);
	tcase_add_test(t, two_are_lost_in_one_turn);
	suite_add_tcase(s, t);
	return unit_run(s);
}
