/*
 * The arbiter itself, explored: every state that so many events can lead to, over two lines, two
 * services (one line in both) and three clients, for several sets of rules; in each of them all that
 * must hold is looked at.  Where the states are few, until there are no others: whatever happens.
 * ARBITER_DEPTH replaces the number of events.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arbiterworld.h"
#include "unit.h"

#define DEPTH 8
#define CLOSED 40 /* events: more than there are new states for */
#define SLOW_DEPTH 4 /* under valgrind */
#define DEPTH_MAX CLOSED

#define EXPLORED .lines = 2, .services = 2, .clients = 3, .members = { 3, 2 }
#define RULES(...) .rules = { { __VA_ARGS__ }, { __VA_ARGS__ } }
#define DIFFERENT .identities = { 1, 2, 3 }

static const struct world_plan plans[] = {
	/* Closed: without time, or with one that has few values. */
	{ "refuse", EXPLORED, RULES(.limit = 8), DIFFERENT },
	{ "refuse, limit 1", EXPLORED, RULES(.limit = 1), DIFFERENT },
	{ "queue", EXPLORED, .rules = { { .queue = true, .limit = 8, .wait = 50 },
	    { .queue = true, .limit = 8, .wait = 20 } }, DIFFERENT },
	{ "queue, limit 1", EXPLORED, RULES(.queue = true, .limit = 1, .wait = 50), DIFFERENT },
	{ "queue and refuse, round-robin", EXPLORED, .rules = { { .queue = true, .limit = 8,
	    .pick = ARBITER_ROUND_ROBIN }, { .limit = 8, .pick = ARBITER_ROUND_ROBIN } }, DIFFERENT },
	{ "both shared, refuse, limit 0", EXPLORED, RULES(.limit = 0), DIFFERENT, .shared = 3 },
	{ "both shared, queue", EXPLORED, RULES(.queue = true, .limit = 8), DIFFERENT, .shared = 3 },
#define N_CLOSED 7
	{ "least-used, one identity twice", EXPLORED, RULES(.queue = true, .limit = 8,
	    .pick = ARBITER_LEAST_USED), .identities = { 1, 1, 0 } },
	{ "cool-down", EXPLORED, .rules = { { .queue = true, .limit = 8, .wait = 50, .cool_down = 30 },
	    { .queue = true, .limit = 8, .wait = 20, .cool_down = 30 } }, DIFFERENT },
	{ "cool-down, refuse", EXPLORED, RULES(.limit = 8, .cool_down = 30), DIFFERENT },
	{ "one shared, queue, cool-down", EXPLORED, RULES(.queue = true, .limit = 8, .wait = 50,
	    .cool_down = 30), DIFFERENT, .shared = 2 },
};

/* A state by its key, and how to get there. */
struct state {
	unsigned char key[WORLD_KEY], path[DEPTH_MAX];
	uint8_t n;
};

struct search {
	const struct world_plan *plan;
	struct world_event events[WORLD_EVENTS];
	unsigned n_events;
	struct state *states; /* in the order in which they were found: by depth */
	size_t n, room;
	uint32_t *table; /* of 1 + index, by hash */
	size_t mask;
	unsigned long transitions;
};

static size_t
hash(const unsigned char *key)
{
	uint64_t h = 14695981039346656037ULL, word;
	size_t i;

	for (i = 0; i < WORLD_KEY; i += sizeof word) {
		memcpy(&word, key + i, sizeof word);
		h = (h ^ word) * 1099511628211ULL;
		h ^= h >> 29;
	}
	return (size_t)h;
}

static uint32_t *
slot(const struct search *s, const unsigned char *key)
{
	size_t i;

	for (i = hash(key);; i++) {
		if (s->table[i & s->mask] == 0 ||
		    memcmp(s->states[s->table[i & s->mask] - 1].key, key, WORLD_KEY) == 0)
			return &s->table[i & s->mask];
	}
}

static void
grow(struct search *s)
{
	size_t i;

	s->room = s->room > 0 ? s->room * 4 : 4096;
	s->mask = s->room * 2 - 1;
	s->states = reallocarray(s->states, s->room, sizeof *s->states);
	free(s->table);
	s->table = calloc(s->mask + 1, sizeof *s->table);
	ck_assert(s->states != NULL && s->table != NULL);
	for (i = 0; i < s->n; i++)
		*slot(s, s->states[i].key) = (uint32_t)i + 1;
}

/* The world as it is, found from `from` (NULL: the beginning) by an event. */
static void
found(struct search *s, const struct world *w, size_t from, unsigned event)
{
	struct state *state;
	uint32_t *where;

	if (s->n == s->room)
		grow(s);
	state = &s->states[s->n];
	world_key(w, state->key);
	where = slot(s, state->key);
	if (*where != 0)
		return;
	state->n = 0;
	if (s->n > 0) {
		state->n = (uint8_t)(s->states[from].n + 1);
		memcpy(state->path, s->states[from].path, DEPTH_MAX);
		state->path[state->n - 1] = (unsigned char)event;
	}
	*where = (uint32_t)++s->n;
}

/* A world can be put aside and back as long as it comes back to where it was: it points into itself. */
static void
expand(struct search *s, struct world *w, size_t from)
{
	static struct world aside;
	unsigned i;

	world_init(w, s->plan);
	for (i = 0; i < s->states[from].n; i++)
		world_do(w, &s->events[s->states[from].path[i]]);
	memcpy(&aside, w, sizeof aside);
	for (i = 0; i < s->n_events; i++) {
		if (!world_may(w, &s->events[i]))
			continue;
		world_do(w, &s->events[i]);
		s->transitions++;
		found(s, w, from, i);
		memcpy(w, &aside, sizeof aside);
	}
}

/* Returns the most events that a new state needed. */
static unsigned
explore(const struct world_plan *plan, unsigned depth)
{
	static struct world w;
	struct search s = { .plan = plan };
	const char *other = getenv("ARBITER_DEPTH");
	unsigned deepest;
	size_t i;

	if (other != NULL)
		depth = (unsigned)atoi(other);
	ck_assert_uint_gt(depth, 0);
	ck_assert_uint_le(depth, DEPTH_MAX);
	s.n_events = world_events(plan, s.events);
	world_init(&w, plan);
	found(&s, &w, 0, 0);
	for (i = 0; i < s.n && s.states[i].n < depth; i++)
		expand(&s, &w, i);
	deepest = s.states[s.n - 1].n;
	printf("%s: %zu distinct states within %u events%s, %lu transitions\n", plan->name, s.n, deepest,
	    deepest < depth ? ", all there are" : "", s.transitions);
	ck_assert_uint_gt(s.n, 30);
	free(s.states);
	free(s.table);
	return deepest;
}

START_TEST(closed)
{
	ck_assert_uint_lt(explore(&plans[_i], CLOSED), CLOSED);
}
END_TEST

START_TEST(all_states)
{
	explore(&plans[_i], DEPTH);
}
END_TEST

START_TEST(states_nearby)
{
	explore(&plans[_i], SLOW_DEPTH);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arbiter_explore");
	TCase *all = tcase_create("all"), *nearby = tcase_create("nearby");

	tcase_set_timeout(all, 300);
	tcase_set_tags(all, "no-valgrind");
	tcase_add_loop_test(all, closed, 0, N_CLOSED);
	tcase_add_loop_test(all, all_states, N_CLOSED, sizeof plans / sizeof plans[0]);
	suite_add_tcase(suite, all);
	tcase_set_timeout(nearby, 300);
	tcase_add_loop_test(nearby, states_nearby, 0, sizeof plans / sizeof plans[0]);
	suite_add_tcase(suite, nearby);
	return unit_run(suite);
}
