/*
 * What must be true of each action, and of the world after each event.
 */
#include <string.h>

#include "arbiterworld.h"

/* ---- what the bookkeeper can work out ---- */

static bool
has(const struct world *w, unsigned s, unsigned l)
{
	return w->has[s] >> l & 1;
}

/* Lines of the service in this state. */
static unsigned
count(const struct world *w, unsigned s, enum arbiter_line_state state)
{
	unsigned l, n = 0;

	for (l = 0; l < w->plan->lines; l++)
		n += has(w, s, l) && w->lines[l].state == state;
	return n;
}

static unsigned
all(const struct world *w, unsigned s)
{
	return (unsigned)__builtin_popcount(w->has[s]);
}

static unsigned
moving(const struct world *w, unsigned s)
{
	unsigned l, n = count(w, s, ARBITER_HANDOVER);

	for (l = 0; l < w->plan->lines; l++)
		n += has(w, s, l) && w->lines[l].state == ARBITER_OWNED && w->lines[l].ending;
	return n;
}

static bool
cools(const struct world *w, unsigned c)
{
	return msec_before(w->now, w->book[c].cools);
}

/* Who waits in the service with this identity. */
static unsigned
same(const struct world *w, unsigned s, unsigned c)
{
	unsigned i, n = 0;

	for (i = 0; i < w->waiting[s]; i++)
		n += w->plan->identities[w->queue[s][i]] == w->plan->identities[c];
	return w->plan->identities[c] != 0 ? n : 0;
}

static void
enter(struct world *w, unsigned c)
{
	struct world_client *book = &w->book[c];
	unsigned s = book->service, i = w->waiting[s]++;
	const struct arbiter_rules *rules = &w->plan->rules[s];

	book->told = TOLD_WAITS;
	book->arrival = ++w->arrivals;
	book->patient = rules->queue;
	book->due = rules->queue && rules->wait > 0 ? msec_add(w->now, rules->wait) : MSEC_NEVER;
	book->cools = rules->cool_down > 0 ? w->cooling[c] : (msec_t){ 0 };
	for (; i > 0 && !cools(w, c) && cools(w, w->queue[s][i - 1]); i--)
		w->queue[s][i] = w->queue[s][i - 1];
	w->queue[s][i] = c;
}

static void
take_out(struct world *w, unsigned c)
{
	unsigned s = w->book[c].service, i, n = 0;

	for (i = 0; i < w->waiting[s]; i++) {
		if (w->queue[s][i] != c)
			w->queue[s][n++] = w->queue[s][i];
	}
	w->waiting[s] = n;
	w->book[c].number = 0;
	w->book[c].held = false;
}

/* ---- actions ---- */

/* Nobody who waits and could have the line comes before this client. */
static void
must_be_next(const struct world *w, unsigned c, unsigned l)
{
	unsigned s, first;

	for (s = 0; s < w->plan->services; s++) {
		if (!has(w, s, l) || w->waiting[s] == 0 || w->queue[s][0] == c)
			continue;
		first = w->queue[s][0];
		world_must(w, w->book[c].told == TOLD_WAITS); /* who has just come passes nobody */
		world_must(w, s != w->book[c].service);
		world_must(w, cools(w, first) || !cools(w, c));
		if (cools(w, first) == cools(w, c))
			world_must(w, w->book[c].arrival < w->book[first].arrival);
	}
}

static void
hear_grant(struct world *w, const struct arbiter_action *a, unsigned c)
{
	struct world_client *book = &w->book[c];
	unsigned l = (unsigned)(a->line - w->lines), i;

	world_must(w, has(w, book->service, l));
	world_must(w, a->line->state == ARBITER_OWNED && a->line->owner == a->client);
	for (i = 0; i < w->plan->clients; i++)
		world_must(w, w->book[i].told != TOLD_OWNS || w->book[i].line != l);
	must_be_next(w, c, l);
	take_out(w, c);
	book->told = TOLD_OWNS;
	book->line = l;
}

static void
hear_wait(struct world *w, const struct arbiter_action *a, unsigned c)
{
	struct world_client *book = &w->book[c];
	unsigned s = book->service;
	const struct arbiter_rules *rules = &w->plan->rules[s];
	bool asks = book->told == TOLD_ASKS;

	if (asks) {
		world_must(w, same(w, s, c) == 0);
		world_must(w, rules->queue || moving(w, s) > 0);
		world_must(w, w->waiting[s] < rules->limit || count(w, s, ARBITER_HANDOVER) > 0);
		world_must(w, a->held == (moving(w, s) > 0));
		enter(w, c);
	} else {
		world_must(w, a->number != book->number || a->held != book->held);
		world_must(w, !a->held || book->held);
	}
	book->number = a->number;
	book->held = a->held;
}

static void
hear_refusal(struct world *w, const struct arbiter_action *a, unsigned c)
{
	struct world_client *book = &w->book[c];
	unsigned s = book->service;
	const struct arbiter_rules *rules = &w->plan->rules[s];
	bool asks = book->told == TOLD_ASKS;

	switch (a->what) {
	case ARBITER_REFUSE_BUSY:
		world_must(w, asks ? !rules->queue : !book->patient);
		world_must(w, moving(w, s) == 0 && count(w, s, ARBITER_OWNED) > 0);
		break;
	case ARBITER_REFUSE_FULL:
		world_must(w, asks && w->waiting[s] >= rules->limit && a->number == w->waiting[s]);
		world_must(w, rules->queue || moving(w, s) > 0);
		break;
	case ARBITER_REFUSE_OUT:
		world_must(w, all(w, s) > 0 && count(w, s, ARBITER_OUT) == all(w, s));
		world_must(w, a->line != NULL && has(w, s, (unsigned)(a->line - w->lines)));
		break;
	case ARBITER_REFUSE_TWICE:
		world_must(w, asks && same(w, s, c) == 1);
		break;
	case ARBITER_REFUSE_WAITED:
		world_must(w, book->told == TOLD_WAITS && msec_reached(book->due, w->now));
		break;
	default:
		world_must(w, a->what == ARBITER_REFUSE_GONE && all(w, s) == 0);
		break;
	}
	if (a->what != ARBITER_REFUSE_OUT && a->what != ARBITER_REFUSE_TWICE)
		world_must(w, count(w, s, ARBITER_FREE) == 0 || a->what == ARBITER_REFUSE_WAITED);
	take_out(w, c);
	book->told = TOLD_NOTHING;
}

static void
hear_of_line(struct world *w, const struct arbiter_action *a, unsigned l)
{
	switch (a->what) {
	case ARBITER_START_HANDOVER:
		world_must(w, w->to_start[l] && a->line->state == ARBITER_HANDOVER);
		w->to_start[l] = false;
		break;
	case ARBITER_PREPARE:
		world_must(w, w->plan->shared >> l & 1);
		world_must(w, a->line->state == ARBITER_HANDOVER && a->line->preparing);
		break;
	default:
		world_must(w, a->line->state == ARBITER_OWNED);
		world_must(w, w->contended[l] != (a->what == ARBITER_CONTENDED));
		w->contended[l] = a->what == ARBITER_CONTENDED;
		break;
	}
}

void
world_hear(struct world *w, const struct arbiter_action *a)
{
	unsigned c, i;

	if (a->client == NULL) {
		for (i = 0; i < w->plan->clients; i++)
			world_must(w, w->book[i].told != TOLD_ASKS); /* clients come first */
		hear_of_line(w, a, (unsigned)(a->line - w->lines));
		return;
	}
	c = (unsigned)(a->client - w->clients);
	world_must(w, w->book[c].told == TOLD_ASKS || w->book[c].told == TOLD_WAITS);
	world_must(w, a->service == &w->services[w->book[c].service]);
	if (a->what == ARBITER_GRANT)
		hear_grant(w, a, c);
	else if (a->what == ARBITER_WAIT)
		hear_wait(w, a, c);
	else
		hear_refusal(w, a, c);
}

/* ---- the whole ---- */

static void
look_at_client(const struct world *w, unsigned c)
{
	const struct arbiter_client *client = &w->clients[c];
	const struct world_client *book = &w->book[c];

	world_must(w, book->told != TOLD_ASKS); /* each claim is answered */
	world_must(w, (book->told == TOLD_OWNS) == (client->place == ARBITER_OWNER));
	world_must(w, (book->told == TOLD_WAITS) == (client->place == ARBITER_WAITS));
	world_must(w, (client->service != NULL) == (book->told != TOLD_NOTHING));
	world_must(w, (client->line != NULL) == (book->told == TOLD_OWNS));
	if (book->told == TOLD_OWNS)
		world_must(w, client->line == &w->lines[book->line] && client->line->owner == client);
}

/* Does somebody wait who could have it? */
static bool
wanted(const struct world *w, unsigned l)
{
	unsigned s;

	for (s = 0; s < w->plan->services; s++) {
		if (has(w, s, l) && w->waiting[s] > 0)
			return true;
	}
	return false;
}

static void
look_at_line(const struct world *w, unsigned l)
{
	const struct arbiter_line *line = &w->lines[l];
	unsigned i, owners = 0;

	for (i = 0; i < w->plan->clients; i++)
		owners += w->book[i].told == TOLD_OWNS && w->book[i].line == l;
	world_must(w, owners == (line->state == ARBITER_OWNED));
	world_must(w, (line->owner != NULL) == (line->state == ARBITER_OWNED));
	world_must(w, !line->ending || line->state == ARBITER_OWNED);
	world_must(w, !line->preparing || line->state == ARBITER_HANDOVER);
	world_must(w, line->state != ARBITER_FREE || line->shared || !wanted(w, l));
	world_must(w, line->contended == (line->state == ARBITER_OWNED && wanted(w, l)));
	world_must(w, line->contended == w->contended[l]);
	world_must(w, !w->to_start[l]);
}

static void
look_at_counts(const struct world *w, unsigned s)
{
	const struct arbiter_service *service = &w->services[s];
	unsigned state, i, users = 0, preparing = 0;

	world_must(w, service->n == all(w, s));
	for (state = ARBITER_OUT; state <= ARBITER_OWNED; state++)
		world_must(w, service->in[state] == count(w, s, state));
	world_must(w, service->ending + service->in[ARBITER_HANDOVER] == moving(w, s));
	for (i = 0; i < w->plan->lines; i++)
		preparing += has(w, s, i) && w->lines[i].preparing;
	world_must(w, service->preparing == preparing);
	world_must(w, count(w, s, ARBITER_FREE) == 0 || preparing >= w->waiting[s]);
	for (i = 0; i < w->plan->clients; i++)
		users += w->book[i].told != TOLD_NOTHING && w->book[i].service == s;
	world_must(w, arbiter_service_users(service) == users);
}

static void
look_at_queue(const struct world *w, unsigned s)
{
	const struct arbiter_client *client;
	const struct world_client *book;
	unsigned place = 0, c;

	world_must(w, arbiter_service_waiting(&w->services[s]) == w->waiting[s]);
	world_must(w, w->waiting[s] <= w->plan->rules[s].limit + w->plan->lines);
	world_must(w, w->waiting[s] == 0 ||
	    count(w, s, ARBITER_HANDOVER) + count(w, s, ARBITER_OWNED) > 0);
	TAILQ_FOREACH(client, &w->services[s].queue, entry) {
		world_must(w, place < w->waiting[s]);
		c = w->queue[s][place++];
		book = &w->book[c];
		world_must(w, client == &w->clients[c]);
		world_must(w, client->number == place && book->number == place);
		world_must(w, client->held == book->held && (!book->held || moving(w, s) > 0));
		world_must(w, book->patient || moving(w, s) > 0);
		world_must(w, same(w, s, c) <= 1);
		world_must(w, !msec_reached(book->due, w->now) || w->event.kind != WORLD_TIME);
	}
	world_must(w, place == w->waiting[s]);
}

void
world_look(const struct world *w)
{
	msec_t due = MSEC_NEVER;
	unsigned i;

	for (i = 0; i < w->plan->clients; i++) {
		look_at_client(w, i);
		if (w->book[i].told == TOLD_WAITS)
			due = msec_min(due, w->book[i].due);
	}
	world_must(w, due.v == arbiter_due(&w->arbiter).v);
	for (i = 0; i < w->plan->lines; i++)
		look_at_line(w, i);
	for (i = 0; i < w->plan->services; i++) {
		look_at_counts(w, i);
		look_at_queue(w, i);
	}
}
