/*
 * Long random walks through the arbiter, with all that must hold looked at after each event: more lines,
 * services and clients than can be explored, and lines that leave and join services.
 */
#include <stdio.h>

#include "arbiterworld.h"
#include "unit.h"

#define EVENTS 1000000
#define FEW 10000 /* under valgrind */

#define MANY .lines = 4, .services = 3, .clients = 10, .members = { 7, 12, 15 }
#define IDENTITIES .identities = { 1, 2, 3, 4, 5, 6, 7, 7, 0, 0 }

static const struct world_plan plans[] = {
	{ "queues", MANY, IDENTITIES, .rules = {
		{ .pick = ARBITER_ROUND_ROBIN, .queue = true, .limit = 4, .wait = 70, .cool_down = 100 },
		{ .pick = ARBITER_LEAST_USED, .queue = true, .limit = 8, .cool_down = 30 },
		{ .queue = true, .limit = 2, .wait = 13 } } },
	{ "refuse and queue, two shared, reload", MANY, IDENTITIES, .shared = 5, .reload = true, .rules = {
		{ .limit = 3, .cool_down = 50 }, { .pick = ARBITER_ROUND_ROBIN, .limit = 0 },
		{ .pick = ARBITER_LEAST_USED, .queue = true, .limit = 8, .wait = 100, .cool_down = 50 } } },
	{ "queues, all shared, reload", MANY, IDENTITIES, .shared = 15, .reload = true, .rules = {
		{ .queue = true, .limit = 8, .wait = 100, .cool_down = 50 }, { .queue = true, .limit = 1 },
		{ .queue = true, .limit = 8, .wait = 40 } } },
	{ "queues, one shared, reload", MANY, IDENTITIES, .shared = 2, .reload = true, .rules = {
		{ .queue = true, .limit = 8, .wait = 100, .cool_down = 50 }, { .limit = 8, .cool_down = 20 },
		{ .queue = true, .limit = 8 } } },
};

/* xorshift64: the same walk on every machine. */
static uint64_t
random64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Events that empty the world are rarer, else it is empty most of the time. */
static bool
too_soon(const struct world_event *e, uint64_t dice)
{
	if (e->kind == WORLD_OUT || e->kind == WORLD_RELOAD)
		return dice % 16 != 0;
	return e->kind == WORLD_LEAVE && dice % 3 != 0;
}

static void
walk(const struct world_plan *plan, uint64_t seed, unsigned long events)
{
	static struct world w;
	struct world_event list[WORLD_EVENTS];
	unsigned n = world_events(plan, list);
	unsigned long done = 0, waited = 0, i;
	const struct world_event *e;
	uint64_t state = seed;

	world_init(&w, plan);
	while (done < events) {
		e = &list[random64(&state) % n];
		if (too_soon(e, random64(&state)) || !world_may(&w, e))
			continue;
		world_do(&w, e);
		done++;
		for (i = 0; i < plan->services; i++)
			waited += w.waiting[i];
	}
	printf("%s: seed %llu, %lu events, %.2f wait on average\n", plan->name,
	    (unsigned long long)seed, done, (double)waited / (double)done);
	ck_assert_uint_gt(waited, done / 2);
}

START_TEST(far)
{
	walk(&plans[_i], 2217 + (uint64_t)_i, EVENTS / (sizeof plans / sizeof plans[0]));
}
END_TEST

START_TEST(near)
{
	walk(&plans[_i], 854 + (uint64_t)_i, FEW);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arbiter_walk");
	TCase *tc = tcase_create("far"), *few = tcase_create("near");

	tcase_set_timeout(tc, 300);
	tcase_set_tags(tc, "no-valgrind");
	tcase_add_loop_test(tc, far, 0, sizeof plans / sizeof plans[0]);
	suite_add_tcase(suite, tc);
	tcase_set_timeout(few, 300);
	tcase_add_loop_test(few, near, 0, sizeof plans / sizeof plans[0]);
	suite_add_tcase(suite, few);
	return unit_run(suite);
}
