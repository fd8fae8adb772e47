/*
 * Dead and stalled clients: a peer is played millisecond by millisecond, looked at only when a look
 * is due, and judged no sooner and hardly later than it deserves.
 */
#include "sharing/peer.h"
#include "unit.h"

#define START 77000

struct rules {
	int idle, interval, probes;
	int64_t stall;
};

static void
init(struct peer *p, const struct rules *r)
{
	struct conf_rules s = {
		.stall = r->stall, .keepalive = { r->idle, r->interval, r->probes },
	};

	peer_init(p, &s);
}

static msec_t
at(int64_t ms)
{
	return (msec_t){ START + ms };
}

/* A peer to play: everything in ms after data was queued at 0. */
struct play {
	const char *name;
	struct rules rules;
	int64_t acks_until, acks_every; /* acknowledges anything at all (every: 0: never) */
	int64_t takes_until, takes_every; /* and so many bytes of 1000 as there are times: 1 each */
	enum peer_verdict verdict;
	int64_t no_sooner, no_later;
};

#define USUAL { 30, 10, 3, 60000 } /* dead after 60 s */

static const struct play plays[] = {
	{ "silent", { 30, 10, 3, 0 }, 0, 0, 0, 0, PEER_DEAD, 60000, 60000 },
	{ "silent, stall as long", USUAL, 0, 0, 0, 0, PEER_DEAD, 60000, 60000 },
	{ "silent, stall shorter", { 30, 10, 3, 20000 }, 0, 0, 0, 0, PEER_STALLED, 20000, 20000 },
	{ "silent, stall longer", { 1, 1, 1, 20000 }, 0, 0, 0, 0, PEER_DEAD, 2000, 2000 },
	{ "silent, probes off", { 0, 10, 3, 30000 }, 0, 0, 0, 0, PEER_STALLED, 30000, 30000 },
	{ "acks probes of its window: stalled", USUAL, INT64_MAX, 5000, 0, 0, PEER_STALLED,
		60000, 60000 },
	{ "acks probes, stall off: alive", { 30, 10, 3, 0 }, INT64_MAX, 5000, 0, 0, PEER_ALIVE,
		0, 0 },
	{ "acks probes as seldom as may be", { 30, 10, 3, 0 }, INT64_MAX, 59999, 0, 0, PEER_ALIVE,
		0, 0 },
	{ "acks probes too seldom", { 30, 10, 3, 0 }, INT64_MAX, 60001, 0, 0, PEER_DEAD, 60000,
		60000 },
	{ "acks for a while, then never", { 30, 10, 3, 0 }, 33333, 1111, 0, 0, PEER_DEAD, 93330,
		93330 },
	{ "takes a byte now and then", USUAL, INT64_MAX, 1000, INT64_MAX, 7000, PEER_ALIVE, 0, 0 },
	{ "takes a byte just often enough", USUAL, INT64_MAX, 1000, INT64_MAX, 52000, PEER_ALIVE,
		0, 0 },
	{ "takes for a while, then stalls", USUAL, INT64_MAX, 1000, 100100, 4004, PEER_STALLED,
		160100, 167600 },
	{ "takes for a while, then is silent", { 30, 10, 3, 0 }, 100100, 4004, 100100, 4004,
		PEER_DEAD, 160100, 167600 },
	{ "a long stall is looked at each 10 s", { 0, 0, 0, 600000 }, 0, 0, 1000, 1000,
		PEER_STALLED, 601000, 611000 },
	{ "a short one each 250 ms", { 0, 0, 0, 1000 }, 0, 0, 30, 30, PEER_STALLED, 1030, 1250 },
	{ "silence is looked for more often than a long stall", { 1, 1, 1, 60000 }, 3300, 1100, 3300,
		1100, PEER_DEAD, 5300, 5550 },
	{ "a stall shorter than that", { 0, 0, 0, 100 }, 0, 0, 0, 0, PEER_STALLED, 100, 100 },
};

#define PLAY_END 400000
#define BYTES 100000

static int64_t
last(int64_t now, int64_t until, int64_t every)
{
	if (every == 0)
		return 0;
	return (now < until ? now : until) / every * every;
}

static struct peer_sample
sample_of(const struct play *play, int64_t now)
{
	struct peer_sample s = { .queued = BYTES, .waiting = BYTES };

	s.ack_age = now - last(now, play->acks_until, play->acks_every);
	if (play->takes_every > 0)
		s.waiting -= (uint64_t)(last(now, play->takes_until, play->takes_every) /
		    play->takes_every);
	return s;
}

/* An eighth of the shorter time, 250 ms to 10 s. */
static int64_t
spacing_of(const struct rules *r)
{
	int64_t time = (r->idle + (int64_t)r->interval * r->probes) * 1000;

	if (r->idle == 0 || (r->stall > 0 && r->stall < time))
		time = r->stall;
	time /= 8;
	if (time < 250)
		return 250;
	return time > 10000 ? 10000 : time;
}

START_TEST(played)
{
	const struct play *play = &plays[_i];
	int64_t spacing = spacing_of(&play->rules), now = 0, next, looks = 0;
	enum peer_verdict verdict = PEER_ALIVE;
	struct peer_sample s = sample_of(play, 0);
	struct peer p;

	init(&p, &play->rules);
	ck_assert_int_eq(peer_due(&p).v, INT64_MAX);
	ck_assert(peer_queued(&p, &s, at(0)));
	while (verdict == PEER_ALIVE && now < 2 * PLAY_END) {
		next = peer_due(&p).v - START;
		ck_assert_msg(next > now, "%s: a look at %lld again", play->name, (long long)now);
		ck_assert_msg(next - now <= spacing,
		    "%s: no look from %lld to %lld", play->name, (long long)now, (long long)next);
		now = next;
		s = sample_of(play, now);
		verdict = peer_look(&p, &s, at(now));
		looks++;
	}
	ck_assert_msg(looks <= now / spacing + now / 20000 + 3, "%s: %lld looks", play->name,
	    (long long)looks);
	ck_assert_msg(verdict == play->verdict, "%s: %d at %lld", play->name, verdict,
	    (long long)now);
	if (verdict == PEER_ALIVE)
		return;
	ck_assert_msg(now >= play->no_sooner && now <= play->no_later, "%s: at %lld", play->name,
	    (long long)now);
	ck_assert_int_eq(peer_due(&p).v, INT64_MAX);
}
END_TEST

/* A look may come at any other time: 1 ms before a verdict there is none. */
START_TEST(just_before)
{
	const struct play *play = &plays[_i];
	struct peer_sample s = sample_of(play, 0);
	struct peer p;

	if (play->verdict == PEER_ALIVE || play->no_sooner != play->no_later ||
	    play->acks_every != 0)
		return;
	init(&p, &play->rules);
	peer_queued(&p, &s, at(0));
	s = sample_of(play, play->no_sooner - 1);
	ck_assert_int_eq(peer_look(&p, &s, at(play->no_sooner - 1)), PEER_ALIVE);
	ck_assert_int_eq(peer_due(&p).v, START + play->no_sooner);
	s = sample_of(play, play->no_sooner);
	ck_assert_int_eq(peer_look(&p, &s, at(play->no_sooner)), play->verdict);
}
END_TEST

/* A verdict late by hours (the host slept) is still that of the sample. */
START_TEST(late)
{
	static const struct rules usual = USUAL;
	struct peer_sample s = { .queued = 10, .waiting = 10 };
	struct peer p;

	init(&p, &usual);
	peer_queued(&p, &s, at(0));
	s.ack_age = 9000000;
	ck_assert_int_eq(peer_look(&p, &s, at(9000000)), PEER_DEAD);
	init(&p, &usual);
	peer_queued(&p, &s, at(0));
	s.ack_age = 59999;
	ck_assert_int_eq(peer_look(&p, &s, at(9000000)), PEER_STALLED);
	init(&p, &usual);
	peer_queued(&p, &s, at(0));
	s.waiting = 9;
	ck_assert_int_eq(peer_look(&p, &s, at(9000000)), PEER_ALIVE);
}
END_TEST

START_TEST(off)
{
	static const struct rules none = { 0, 10, 3, 0 };
	struct peer_sample s = { .queued = 10, .waiting = 10, .ack_age = 999999999 };
	struct peer p;

	init(&p, &none);
	ck_assert(!peer_queued(&p, &s, at(0)));
	ck_assert_int_eq(peer_due(&p).v, INT64_MAX);
	ck_assert_int_eq(peer_look(&p, &s, at(999999999)), PEER_QUIET);
	ck_assert_int_eq(peer_due(&p).v, INT64_MAX);
}
END_TEST

START_TEST(quiet)
{
	static const struct rules usual = USUAL;
	struct peer_sample nothing = { .queued = 10 }, some = { .queued = 15, .waiting = 5 };
	struct peer p;

	init(&p, &usual);
	ck_assert(!peer_queued(&p, &nothing, at(0)));
	ck_assert_int_eq(peer_due(&p).v, INT64_MAX);
	ck_assert(peer_queued(&p, &some, at(10)));
	ck_assert_int_eq(peer_due(&p).v, START + 10 + 7500);
	ck_assert(!peer_queued(&p, &some, at(5000)));
	ck_assert_int_eq(peer_due(&p).v, START + 10 + 7500);
	nothing.queued = 15;
	ck_assert_int_eq(peer_look(&p, &nothing, at(7510)), PEER_QUIET);
	ck_assert_int_eq(peer_due(&p).v, INT64_MAX);
	/* A long silence of both sides is not held against it. */
	some.queued = 20;
	some.ack_age = 900000;
	ck_assert(peer_queued(&p, &some, at(907510)));
	ck_assert_int_eq(peer_look(&p, &some, at(907511)), PEER_ALIVE);
	ck_assert_int_eq(peer_look(&p, &some, at(967509)), PEER_ALIVE);
	ck_assert_int_eq(peer_look(&p, &some, at(967510)), PEER_DEAD);
}
END_TEST

/* Taken and queued again between two looks, so that as much waits as before. */
START_TEST(flowing)
{
	static const struct rules usual = USUAL;
	struct peer_sample s = { .queued = 1000, .waiting = 1000 };
	struct peer p;
	int64_t now;

	init(&p, &usual);
	peer_queued(&p, &s, at(0));
	for (now = 7500; now < 750000; now += 7500) {
		s.queued += 1000;
		ck_assert_int_eq(peer_look(&p, &s, at(now)), PEER_ALIVE);
	}
	for (; now < 802500; now += 7500) {
		s.queued += 10;
		s.waiting += 10; /* more and more is queued, nothing taken */
		ck_assert_int_eq(peer_look(&p, &s, at(now)), PEER_ALIVE);
	}
	ck_assert_int_eq(peer_look(&p, &s, at(802500)), PEER_STALLED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("peer");
	TCase *tc = tcase_create("peer");
	int n = (int)(sizeof plays / sizeof plays[0]);

	tcase_add_loop_test(tc, played, 0, n);
	tcase_add_loop_test(tc, just_before, 0, n);
	tcase_add_test(tc, late);
	tcase_add_test(tc, off);
	tcase_add_test(tc, quiet);
	tcase_add_test(tc, flowing);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
