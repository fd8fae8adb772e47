/*
 * One hand-over on a port that is played: what is not carried out, or is not in force at its end, is no hand-over;
 * the queue of operations; and the bell of a free modem, with its clock.
 */
#include <string.h>

#include "line/bell.h"
#include "line/portqueue.h"
#include "line/wayback.h"
#include "unit.h"

#define NO_FLOW RFC2217_OUT_NONE, RFC2217_IN_NONE

static const struct rfc2217_format asked = { 9600, 8, 1, 1, NO_FLOW }, owners = { 1200, 7, 3, 2, NO_FLOW };

/* A port that does what it is told, at once or when finish() says so, but for what it is told to refuse or forget. */
static struct played {
	struct port port; /* first: it is what the hand-over knows */
	struct port_state state;
	struct port_op waiting[32];
	unsigned n_waiting, n_ops;
	unsigned refuses;  /* this operation, counted from 1; 0: none */
	bool later;        /* answers by finish() */
	bool ignores;      /* settings, and says that all is well */
	bool keeps_dtr;
} played;

static struct portqueue queue;
static struct wayback *way;
static enum wayback_outcome outcome;
static msec_t now;
static struct conf_setup setup;
static struct conf_line conf;

static void
do_it(struct played *p, const struct port_op *op)
{
	if (op->kind == PORT_APPLY && !p->ignores)
		p->state.rfc.format = op->format;
	if (op->kind == PORT_SIGNALS && (op->mask & PORT_DTR) != 0 && !p->keeps_dtr)
		p->state.rfc.dtr = (op->values & PORT_DTR) != 0;
	if (op->kind == PORT_SIGNALS && (op->mask & PORT_BRK) != 0)
		p->state.rfc.brk = (op->values & PORT_BRK) != 0;
}

static enum port_result
played_submit(struct port *port, const struct port_op *op, struct port_state *state, const char **why)
{
	struct played *p = (struct played *)(void *)port;
	bool silent = (op->kind == PORT_PURGE && !op->in_order) || op->kind == PORT_RESET || op->kind == PORT_WATCH;

	*why = NULL;
	*state = p->state;
	if (++p->n_ops == p->refuses) {
		*why = "no thread";
		return PORT_REFUSED;
	}
	if (p->later && !silent) {
		p->waiting[p->n_waiting++] = *op;
		return PORT_PENDING;
	}
	do_it(p, op);
	*state = p->state;
	return PORT_DONE;
}

static const struct port_ops played_ops = { .submit = played_submit };

static void
on_answered(void *ctx, const char *failed, const struct port_state *state)
{
	(void)ctx;
	if (outcome == WAYBACK_GOES_ON) /* else its owner has heard how it ended, and would have freed it */
		outcome = wayback_answered(way, failed, state, now);
}

/* All that waits is carried out and answered, and what comes of that. */
static void
finish(void)
{
	struct port_op op;

	while (played.n_waiting > 0) {
		op = played.waiting[0];
		played.n_waiting--;
		memmove(played.waiting, played.waiting + 1, played.n_waiting * sizeof op);
		do_it(&played, &op);
		portqueue_done(&queue, NULL, &played.state, now);
	}
}

static void
set_up(void)
{
	memset(&played, 0, sizeof played);
	played.port.ops = &played_ops;
	played.state.rfc.format = owners; /* what the last owner has left */
	played.state.rfc.dtr = true;
	played.state.lines = true;
	memset(&setup, 0, sizeof setup);
	setup.kind = CONF_CONSOLE;
	setup.type = CONF_SERIAL;
	setup.format = asked;
	setup.dtr_when_free = false;
	conf = (struct conf_line){ .name = "con", .setup = &setup };
	portqueue_init(&queue, &owners);
	now = (msec_t){ 1000 };
}

static enum wayback_outcome
hand_over(const struct rfc2217_format *made)
{
	struct wayback_line on = { .port = &played.port, .queue = &queue, .answered = on_answered, .conf = &conf,
		.made_known = made != NULL, .bare = made != NULL ? wayback_bare(made) : 0 };

	way = wayback_new(&on);
	ck_assert_ptr_nonnull(way);
	outcome = wayback_start(way, now);
	finish();
	return outcome;
}

static void
tear_down(void)
{
	wayback_free(way);
	way = NULL;
}

START_TEST(passes)
{
	played.later = _i != 0;
	ck_assert_int_eq(hand_over(&asked), WAYBACK_PASSED);
	ck_assert_uint_eq(played.state.rfc.format.baud, 9600);
	ck_assert(!played.state.rfc.dtr);
	ck_assert_str_eq(wayback_failure(way), "");
}
END_TEST

/* Each of its operations in turn, refused by the port: of none is it said that all is done. */
START_TEST(refused)
{
	unsigned n_ops;

	played.later = _i != 0;
	(void)hand_over(&asked);
	n_ops = played.n_ops;
	ck_assert_uint_gt(n_ops, 5);
	tear_down();
	for (unsigned i = 1; i <= n_ops; i++) {
		set_up();
		played.later = _i != 0;
		played.refuses = i;
		ck_assert_msg(hand_over(&asked) == WAYBACK_FAILED, "operation %u of %u was refused", i, n_ops);
		ck_assert_str_eq(wayback_failure(way), "no thread");
		tear_down();
	}
}
END_TEST

START_TEST(settings_not_in_force)
{
	played.ignores = true;
	ck_assert_int_eq(hand_over(&asked), WAYBACK_FAILED);
	ck_assert_str_eq(wayback_failure(way), "its settings are 1200 7E2 none, not 9600 8N1 none");
}
END_TEST

/* A device that knows no parity, bits and stops stays at 8N1, as it was when it was opened: it can have no more.
 * It is opened to know that.  But what an owner may have left is not that, nor ever another speed. */
START_TEST(settings_that_it_cannot_have)
{
	static const struct rfc2217_format bare = { 9600, 8, 1, 1, NO_FLOW }, odd = { 9600, 7, 3, 2, NO_FLOW };
	static const struct {
		struct rfc2217_format asked, is;
		const struct rfc2217_format *made;
		enum wayback_outcome outcome;
	} cases[] = {
		{ { 9600, 7, 3, 1, NO_FLOW }, { 9600, 8, 1, 1, NO_FLOW }, &bare, WAYBACK_PASSED },
		{ { 9600, 7, 3, 1, NO_FLOW }, { 9600, 8, 1, 1, NO_FLOW }, &odd, WAYBACK_FAILED },
		{ { 9600, 7, 3, 1, NO_FLOW }, { 9600, 8, 1, 1, NO_FLOW }, NULL, WAYBACK_DIFFERS },
		{ { 9600, 8, 1, 1, NO_FLOW }, { 9600, 7, 3, 2, NO_FLOW }, &odd, WAYBACK_FAILED },
		{ { 57600, 7, 3, 1, NO_FLOW }, { 9600, 8, 1, 1, NO_FLOW }, &bare, WAYBACK_FAILED },
		{ { 9600, 8, 1, 1, RFC2217_OUT_RTSCTS, RFC2217_IN_RTSCTS }, { 9600, 8, 1, 1, NO_FLOW }, &bare, WAYBACK_PASSED },
	};

	setup.format = cases[_i].asked;
	played.state.rfc.format = cases[_i].is;
	played.ignores = true;
	ck_assert_int_eq(hand_over(cases[_i].made), cases[_i].outcome);
}
END_TEST

START_TEST(lines_not_as_asked)
{
	played.keeps_dtr = true;
	ck_assert_int_eq(hand_over(&asked), WAYBACK_FAILED);
	ck_assert_str_eq(wayback_failure(way), "DTR stays on");
	tear_down();
	set_up();
	played.keeps_dtr = true;
	played.state.lines = false; /* it is made up then */
	ck_assert_int_eq(hand_over(&asked), WAYBACK_PASSED);
	tear_down();
	set_up();
	setup.dtr_when_free = true;
	played.keeps_dtr = true;
	played.state.rfc.dtr = false;
	ck_assert_int_eq(hand_over(&asked), WAYBACK_FAILED);
	ck_assert_str_eq(wayback_failure(way), "DTR stays off");
}
END_TEST

START_TEST(rates_by_divisor)
{
	static const struct {
		uint32_t is;
		bool same;
	} cases[] = { { 9600, true }, { 9615, true }, { 9888, true }, { 9889, false }, { 9312, false }, { 9321, true } };
	struct rfc2217_format f = asked;

	f.baud = cases[_i].is;
	ck_assert_int_eq(wayback_same_format(&f, &asked), cases[_i].same);
}
END_TEST

/* ---- the queue ---- */

static unsigned n_answers;
static const char *last_why;

static void
on_answer(void *ctx, const char *why, const struct port_state *state)
{
	(void)ctx;
	(void)state;
	n_answers++;
	last_why = why;
}

static int
ask(void *ctx, const char **why)
{
	const struct port_op tell = { .kind = PORT_TELL };

	return (int)portqueue_submit(&queue, &played.port, &tell, now, on_answer, ctx, why);
}

/* Each is answered once, in order, and the one too many is refused and not carried out. */
START_TEST(full)
{
	const char *why = NULL;
	int i, ctx;

	n_answers = 0;
	played.later = true;
	for (i = 0; i < PORTQUEUE_MAX; i++)
		ck_assert_int_eq(ask(&ctx, &why), PORT_PENDING);
	ck_assert_int_eq(ask(&ctx, &why), PORT_REFUSED);
	ck_assert_str_eq(why, "too much is asked of the line at once");
	ck_assert_uint_eq(played.n_ops, PORTQUEUE_MAX);
	finish();
	ck_assert_uint_eq(n_answers, PORTQUEUE_MAX);
	ck_assert_ptr_null(last_why);
	ck_assert_ptr_null(queue.items);
	ck_assert_int_eq(ask(&ctx, &why), PORT_PENDING);
	portqueue_refuse_all(&queue, "the line is closed");
	ck_assert_uint_eq(n_answers, PORTQUEUE_MAX + 1);
	ck_assert_str_eq(last_why, "the line is closed");
	ck_assert_ptr_null(queue.items);
}
END_TEST

/* The budget of the next begins when the one before it is answered; what is forgotten is not answered. */
START_TEST(times)
{
	struct port_op brk = { .kind = PORT_BREAK, .ms = 300, .drain_ms = 700 };
	const char *why;
	int mine, others;

	n_answers = 0;
	played.later = true;
	ck_assert(msec_is_never(portqueue_due(&queue)));
	ck_assert_int_eq(ask(&mine, &why), PORT_PENDING);
	ck_assert_int_eq((int)portqueue_submit(&queue, &played.port, &brk, now, on_answer, &others, &why),
	    PORT_PENDING);
	ck_assert_int_eq(portqueue_due(&queue).v, now.v + PORTQUEUE_TIME);
	portqueue_forget(&queue, &mine);
	now = msec_add(now, 4000);
	portqueue_done(&queue, NULL, &played.state, now);
	ck_assert_uint_eq(n_answers, 0);
	ck_assert_int_eq(portqueue_due(&queue).v, now.v + PORTQUEUE_TIME + 1000);
	portqueue_done(&queue, "it says no", &played.state, now);
	ck_assert_uint_eq(n_answers, 1);
	ck_assert_str_eq(last_why, "it says no");
	ck_assert(msec_is_never(portqueue_due(&queue)));
	portqueue_done(&queue, NULL, &played.state, now); /* late, of what was refused when the driver hung */
	ck_assert_uint_eq(n_answers, 1);
}
END_TEST

/* ---- the bell ---- */

/* Every 5 s for ever: the 180 s count from the first ring, and begin anew after silence only. */
START_TEST(rings_for_ever)
{
	struct bell b;
	msec_t first = { 100000 }, t = first;

	bell_init(&b);
	ck_assert(!bell_rang_long(&b, t));
	ck_assert_int_eq(bell_until(&b, t).v, t.v);
	for (; msec_since(first, t) < LINE_RINGS; t = msec_add(t, 5000)) {
		ck_assert(bell_data(&b, (const uint8_t *)"RING\r\n", 6, t));
		ck_assert(!bell_rang_long(&b, t));
		ck_assert_int_eq(bell_until(&b, t).v, t.v + RINGWATCH_HOLD);
	}
	ck_assert(bell_rang_long(&b, msec_add(first, LINE_RINGS)));
	ck_assert(!bell_rang_long(&b, msec_add(first, LINE_RINGS - 1)));
	ck_assert(bell_data(&b, (const uint8_t *)"RING\r\n", 6, t));
	ck_assert(bell_rang_long(&b, t));
	t = msec_add(t, RINGWATCH_HOLD);
	ck_assert(!bell_rang_long(&b, t));
	ck_assert(bell_lines(&b, 0, RFC2217_RI, 0, t));
	ck_assert_int_eq(b.since.v, t.v);
}
END_TEST

/* A signal that is stuck on is no ring; what rang in a hand-over rings on. */
START_TEST(rings_by_signal)
{
	struct bell b;
	msec_t t = { 5000 };

	bell_init(&b);
	ck_assert(!bell_lines(&b, RFC2217_RI, RFC2217_RI, 0, t));
	ck_assert(!bell_lines(&b, RFC2217_RI, 0, 0, t));
	ck_assert(bell_lines(&b, 0, 0, RFC2217_RI_FELL, t));
	ck_assert(!bell_data(&b, (const uint8_t *)"OK\r\n", 4, t));
	bell_init(&b);
	bell_heard_until(&b, (msec_t){ INT64_MIN }, t);
	ck_assert_int_eq(bell_until(&b, t).v, t.v);
	bell_heard_until(&b, msec_add(t, 3000), t);
	ck_assert_int_eq(bell_until(&b, t).v, t.v + 3000);
	ck_assert_int_eq(b.since.v, t.v);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wayback");
	TCase *tc = tcase_create("hand-over"), *others = tcase_create("queue and bell");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, passes, 0, 2);
	tcase_add_loop_test(tc, refused, 0, 2);
	tcase_add_test(tc, settings_not_in_force);
	tcase_add_loop_test(tc, settings_that_it_cannot_have, 0, 6);
	tcase_add_test(tc, lines_not_as_asked);
	tcase_add_loop_test(tc, rates_by_divisor, 0, 6);
	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(others, set_up, NULL);
	tcase_add_test(others, full);
	tcase_add_test(others, times);
	tcase_add_test(others, rings_for_ever);
	tcase_add_test(others, rings_by_signal);
	suite_add_tcase(s, others);
	return unit_run(s);
}
