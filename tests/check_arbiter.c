/*
 * Who owns a line: every sequence of events up to a depth with more clients than places, each
 * compared with a naive list of who stands where, and the rules that hold always.
 */
#include <stdio.h>
#include <string.h>

#include "sharing/arbiter.h"
#include "unit.h"

#define CLIENTS 4
#define LIMIT 2
#define DEPTH 8
#define EVENTS (2 * CLIENTS + 4)

/* Events: claim of each client, leave of each client, then these. */
enum { FOUND = 2 * CLIENTS, READY, OUT, ENDING };

/* What the line should be: clients by number, the owner or the held in order. */
struct model {
	enum arbiter_line_state state;
	int owner; /* -1: none */
	bool ending;
	int held[LIMIT];
	size_t n;
};

struct world {
	struct arbiter_line line;
	struct arbiter_client clients[CLIENTS];
	struct model model;
};

struct expected {
	struct {
		enum arbiter_do what;
		int client; /* -1: none */
		size_t number;
	} list[8];
	size_t n;
};

static void
expect(struct expected *e, enum arbiter_do what, int client, size_t number)
{
	e->list[e->n].what = what;
	e->list[e->n].client = client;
	e->list[e->n].number = number;
	e->n++;
}

static int
place_of(const struct model *m, int client)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->held[i] == client)
			return (int)i;
	}
	return -1;
}

static void
model_claim(struct model *m, int client, struct expected *e)
{
	if (m->state == ARBITER_OUT) {
		expect(e, ARBITER_REFUSE_OUT, client, 0);
	} else if (m->state == ARBITER_OWNED && !m->ending) {
		expect(e, ARBITER_REFUSE_BUSY, client, 0);
	} else if (m->state == ARBITER_FREE) {
		m->state = ARBITER_OWNED;
		m->owner = client;
		expect(e, ARBITER_GRANT, client, 0);
	} else if (m->n == LIMIT) {
		expect(e, ARBITER_REFUSE_FULL, client, 0);
	} else {
		m->held[m->n++] = client;
		expect(e, ARBITER_HOLD, client, m->n);
	}
}

static void
model_leave(struct model *m, int client, struct expected *e)
{
	int place = place_of(m, client);
	size_t i;

	if (m->owner == client) {
		m->owner = -1;
		m->ending = false;
		m->state = ARBITER_HANDOVER;
		expect(e, ARBITER_START_HANDOVER, -1, 0);
	} else if (place >= 0) {
		m->n--;
		for (i = (size_t)place; i < m->n; i++) {
			m->held[i] = m->held[i + 1];
			expect(e, ARBITER_HOLD, m->held[i], i + 1);
		}
	}
}

static void
model_refuse_from(struct model *m, size_t first, enum arbiter_do why, struct expected *e)
{
	size_t i;

	for (i = first; i < m->n; i++)
		expect(e, why, m->held[i], 0);
	m->n = 0;
}

static void
model_line(struct model *m, int event, struct expected *e)
{
	if (event == FOUND && m->state == ARBITER_OUT) {
		m->state = ARBITER_HANDOVER;
	} else if (event == READY && m->state == ARBITER_HANDOVER) {
		m->state = m->n > 0 ? ARBITER_OWNED : ARBITER_FREE;
		if (m->n > 0) {
			m->owner = m->held[0];
			expect(e, ARBITER_GRANT, m->owner, 0);
		}
		model_refuse_from(m, 1, ARBITER_REFUSE_BUSY, e);
	} else if (event == ENDING && m->state == ARBITER_OWNED) {
		m->ending = true;
	} else if (event == OUT && m->state != ARBITER_OWNED) {
		m->state = ARBITER_OUT;
		model_refuse_from(m, 0, ARBITER_REFUSE_OUT, e);
	}
}

static void
init(struct world *w)
{
	int i;

	memset(w, 0, sizeof *w);
	arbiter_line_init(&w->line, LIMIT);
	for (i = 0; i < CLIENTS; i++)
		arbiter_client_init(&w->clients[i]);
	w->model.owner = -1;
}

/* A client claims only while it is nowhere. */
static bool
may_come(const struct world *w, int event)
{
	return event >= CLIENTS || w->clients[event].place == ARBITER_NOWHERE;
}

/* It matters for the owner alone. */
static void
all_ending(struct world *w)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		arbiter_ending(&w->clients[i]);
}

static void
feed(struct world *w, int event, struct arbiter_todo *todo, struct expected *e)
{
	if (event < CLIENTS) {
		arbiter_claim(&w->line, &w->clients[event], todo);
		model_claim(&w->model, event, e);
	} else if (event < 2 * CLIENTS) {
		arbiter_leave(&w->clients[event - CLIENTS], todo);
		model_leave(&w->model, event - CLIENTS, e);
	} else {
		if (event == FOUND)
			arbiter_found(&w->line);
		else if (event == READY)
			arbiter_ready(&w->line, todo);
		else if (event == OUT)
			arbiter_out(&w->line, todo);
		else
			all_ending(w);
		model_line(&w->model, event, e);
	}
}

static void
check_todo(const struct world *w, const struct arbiter_todo *todo, const struct expected *e)
{
	const struct arbiter_client *client;
	size_t i;

	ck_assert_uint_eq(todo->n, e->n);
	for (i = 0; i < e->n; i++) {
		client = e->list[i].client < 0 ? NULL : &w->clients[e->list[i].client];
		ck_assert_int_eq(todo->list[i].what, e->list[i].what);
		ck_assert_ptr_eq(todo->list[i].client, client);
		ck_assert_uint_eq(todo->list[i].number, e->list[i].number);
	}
}

static enum arbiter_place
should_be(const struct model *m, int client)
{
	if (m->owner == client)
		return ARBITER_OWNER;
	return place_of(m, client) >= 0 ? ARBITER_HELD : ARBITER_NOWHERE;
}

static void
check_world(const struct world *w)
{
	const struct arbiter_line *line = &w->line;
	const struct arbiter_client *client;
	size_t i = 0;
	int c;

	ck_assert_int_eq(line->state, w->model.state);
	ck_assert(line->state == ARBITER_OWNED ? line->owner != NULL : line->owner == NULL);
	ck_assert(line->state == ARBITER_HANDOVER || w->model.ending || line->n_held == 0);
	ck_assert(line->n_held <= LIMIT);
	ck_assert_uint_eq(line->n_held, w->model.n);
	TAILQ_FOREACH(client, &line->held, entry) {
		ck_assert_uint_lt(i, line->n_held);
		ck_assert_ptr_eq(client, &w->clients[w->model.held[i]]);
		i++;
	}
	ck_assert_uint_eq(i, line->n_held);
	for (c = 0; c < CLIENTS; c++) {
		client = &w->clients[c];
		ck_assert_int_eq(client->place, should_be(&w->model, c));
		ck_assert((client->place == ARBITER_OWNER) == (line->owner == client));
		ck_assert((client->line != NULL) == (client->place != ARBITER_NOWHERE));
	}
}

/* A number for what the model can be; 5 values for each of: state (ending is one more), owner, two places. */
static unsigned
state_number(const struct model *m)
{
	unsigned first = m->n > 0 ? (unsigned)m->held[0] + 1 : 0;
	unsigned second = m->n > 1 ? (unsigned)m->held[1] + 1 : 0;

	return ((((unsigned)m->state + m->ending) * 5 + (unsigned)(m->owner + 1)) * 5 + first) * 5 + second;
}

static void
replay(struct world *w, const int *events, int n)
{
	struct arbiter_todo todo;
	struct expected e;
	int i;

	init(w);
	for (i = 0; i < n; i++) {
		todo.n = e.n = 0;
		feed(w, events[i], &todo, &e);
	}
}

struct search {
	bool seen[5 * 125][DEPTH + 1]; /* a state, after so many events */
	bool every; /* every sequence, also through states that were seen */
	int depth, events[DEPTH];
	unsigned long transitions;
};

/*
 * A line is pointed at by its clients, so that a world cannot be copied: each sequence is played
 * again from its beginning.
 */
static void
explore(struct search *s, int n)
{
	struct arbiter_todo todo;
	struct expected e;
	struct world w;
	bool *seen;
	int event;

	for (event = 0; event < EVENTS; event++) {
		replay(&w, s->events, n);
		if (!may_come(&w, event))
			continue;
		todo.n = e.n = 0;
		feed(&w, event, &todo, &e);
		check_todo(&w, &todo, &e);
		check_world(&w);
		s->transitions++;
		s->events[n] = event;
		seen = &s->seen[state_number(&w.model)][n + 1];
		if (n + 1 < s->depth && (s->every || !*seen))
			explore(s, n + 1);
		*seen = true;
	}
}

static unsigned
search(struct search *s)
{
	unsigned states = 0;
	size_t i, j;

	explore(s, 0);
	for (i = 0; i < 5 * 125; i++) {
		for (j = 0; j <= DEPTH && !s->seen[i][j]; j++)
			;
		states += j <= DEPTH;
	}
	printf("depth %d: %u distinct states, %lu transitions\n", s->depth, states, s->transitions);
	return states;
}

/* What comes after depends on the state alone, which check_world() compares whole. */
START_TEST(all_states)
{
	static struct search s = { .depth = DEPTH };

	/* Out, free, owned by one of 4, that one ending with none, one or two in order of the other 3, in
	 * hand-over with none, one or two in order of 4. */
	ck_assert_uint_eq(search(&s), 1 + 1 + 4 + 4 * (1 + 3 + 3 * 2) + (1 + 4 + 4 * 3));
}
END_TEST

START_TEST(all_sequences)
{
	static struct search s = { .depth = 4, .every = true };

	search(&s);
	ck_assert_uint_gt(s.transitions, 10000);
}
END_TEST

START_TEST(limits)
{
	static const struct {
		size_t limit, holds;
	} cases[] = {
		{ 0, 0 }, { 1, 1 }, { 8, 8 }, { ARBITER_HELD_MAX, ARBITER_HELD_MAX },
		{ ARBITER_HELD_MAX + 1, ARBITER_HELD_MAX },
	};
	static struct arbiter_client clients[ARBITER_HELD_MAX + 1];
	struct arbiter_todo todo;
	struct arbiter_line line;
	size_t i, holds = cases[_i].holds;

	arbiter_line_init(&line, cases[_i].limit);
	arbiter_found(&line);
	for (i = 0; i < ARBITER_HELD_MAX + 1; i++) {
		todo.n = 0;
		arbiter_client_init(&clients[i]);
		arbiter_claim(&line, &clients[i], &todo);
		ck_assert_uint_eq(todo.n, 1);
		ck_assert_int_eq(todo.list[0].what, i < holds ? ARBITER_HOLD : ARBITER_REFUSE_FULL);
		ck_assert_uint_eq(todo.list[0].number, i < holds ? i + 1 : 0);
	}
	todo.n = 0;
	arbiter_ready(&line, &todo);
	ck_assert_uint_eq(todo.n, holds);
	for (i = 0; i < holds; i++) {
		ck_assert_int_eq(todo.list[i].what, i == 0 ? ARBITER_GRANT : ARBITER_REFUSE_BUSY);
		ck_assert_ptr_eq(todo.list[i].client, &clients[i]);
	}
}
END_TEST

/* One of many leaves; the first: the longest list. */
START_TEST(they_move_up)
{
	static const size_t leaves[] = { 0, 1, 30, ARBITER_HELD_MAX - 1 };
	static struct arbiter_client clients[ARBITER_HELD_MAX];
	struct arbiter_todo todo;
	struct arbiter_line line;
	size_t i, first = leaves[_i];

	arbiter_line_init(&line, ARBITER_HELD_MAX);
	arbiter_found(&line);
	for (i = 0; i < ARBITER_HELD_MAX; i++) {
		todo.n = 0;
		arbiter_client_init(&clients[i]);
		arbiter_claim(&line, &clients[i], &todo);
	}
	todo.n = 0;
	arbiter_leave(&clients[first], &todo);
	ck_assert_uint_eq(todo.n, ARBITER_HELD_MAX - 1 - first);
	for (i = 0; i < todo.n; i++) {
		ck_assert_int_eq(todo.list[i].what, ARBITER_HOLD);
		ck_assert_ptr_eq(todo.list[i].client, &clients[first + i + 1]);
		ck_assert_uint_eq(todo.list[i].number, first + i + 1);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arbiter");
	TCase *tc = tcase_create("arbiter");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, all_states);
	tcase_add_test(tc, all_sequences);
	tcase_add_loop_test(tc, limits, 0, 5);
	tcase_add_loop_test(tc, they_move_up, 0, 4);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
