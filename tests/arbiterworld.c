#include "arbiterworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identities.h"
#include "unit.h"

static const char *const names[] = {
	"claims", "leaves", "cut", "ending", "found", "ready", "unready", "out", "time", "reload"
};

void
world_failed(const struct world *w, const char *file, int line, const char *what)
{
	printf("%s: %s\n%s:%d: %s\n", w->plan->name, w->path, file, line, what);
	ck_abort_msg("%s: %s", w->plan->name, what);
	abort();
}

static void
set_lines(struct world *w, unsigned s)
{
	struct arbiter_member *members = w->members[s][++w->turn[s] % 2];
	unsigned l, n = 0;

	for (l = 0; l < w->plan->lines; l++) {
		if (w->has[s] >> l & 1)
			members[n++].line = &w->lines[l];
	}
	arbiter_service_lines(&w->arbiter, &w->services[s], members, n);
}

void
world_init(struct world *w, const struct world_plan *plan)
{
	unsigned i;

	memset(w, 0, sizeof *w);
	w->plan = plan;
	arbiter_init(&w->arbiter);
	for (i = 0; i < plan->lines; i++)
		arbiter_line_init(&w->lines[i], plan->shared >> i & 1);
	for (i = 0; i < plan->services; i++) {
		arbiter_service_init(&w->services[i], &plan->rules[i]);
		w->has[i] = plan->members[i];
		set_lines(w, i);
	}
	for (i = 0; i < plan->clients; i++)
		client_of(&w->clients[i], plan->identities[i]);
}

/* ---- events ---- */

static unsigned
add(struct world_event *list, unsigned n, enum world_kind kind, unsigned a, unsigned b)
{
	ck_assert_uint_lt(n, WORLD_EVENTS);
	list[n] = (struct world_event){ kind, a, b };
	return n + 1;
}

unsigned
world_events(const struct world_plan *plan, struct world_event *list)
{
	unsigned n = add(list, 0, WORLD_TIME, 0, 0), a, b;
	enum world_kind kind;

	for (a = 0; a < plan->clients; a++) {
		for (b = 0; b < plan->services; b++)
			n = add(list, n, WORLD_CLAIM, a, b);
		for (kind = WORLD_LEAVE; kind <= WORLD_ENDING; kind++)
			n = add(list, n, kind, a, 0);
	}
	for (a = 0; a < plan->lines; a++) {
		for (kind = WORLD_FOUND; kind <= WORLD_OUT; kind++)
			n = add(list, n, kind, a, 0);
	}
	for (a = 0; plan->reload && a < plan->services; a++) {
		for (b = 0; b < plan->lines; b++)
			n = add(list, n, WORLD_RELOAD, a, b);
	}
	return n;
}

/* The next moment at which a wait or a cool-down ends; never: there is none. */
static msec_t
next_moment(const struct world *w)
{
	msec_t next = arbiter_due(&w->arbiter);
	unsigned i;

	for (i = 0; i < w->plan->clients; i++) {
		if (msec_before(w->now, w->cooling[i]))
			next = msec_min(next, w->cooling[i]);
	}
	return next;
}

bool
world_may(const struct world *w, const struct world_event *e)
{
	switch (e->kind) {
	case WORLD_CLAIM:
		return w->book[e->a].told == TOLD_NOTHING;
	case WORLD_LEAVE:
		return w->book[e->a].told != TOLD_NOTHING;
	case WORLD_CUT:
	case WORLD_ENDING:
		return w->book[e->a].told == TOLD_OWNS;
	case WORLD_TIME:
		return !msec_is_never(next_moment(w));
	default:
		return true;
	}
}

static void
leave(struct world *w, unsigned c, bool idle)
{
	struct world_client *book = &w->book[c];
	int64_t cool_down = w->plan->rules[book->service].cool_down;
	unsigned i, n = 0;

	for (i = 0; idle && cool_down > 0 && i < w->plan->clients; i++) {
		if (w->plan->identities[i] == w->plan->identities[c] && w->plan->identities[c] != 0)
			w->cooling[i] = msec_max(w->cooling[i], msec_add(w->now, cool_down));
	}
	for (i = 0; book->told == TOLD_WAITS && i < w->waiting[book->service]; i++) {
		if (w->queue[book->service][i] != c)
			w->queue[book->service][n++] = w->queue[book->service][i];
	}
	if (book->told == TOLD_WAITS)
		w->waiting[book->service] = n;
	if (book->told == TOLD_OWNS) {
		w->contended[book->line] = false;
		w->to_start[book->line] = true;
	}
	book->told = TOLD_NOTHING;
	arbiter_leave(&w->arbiter, &w->clients[c], idle, w->now);
}

static void
feed(struct world *w, const struct world_event *e)
{
	switch (e->kind) {
	case WORLD_CLAIM:
		w->book[e->a] = (struct world_client){ .told = TOLD_ASKS, .service = e->b };
		arbiter_claim(&w->arbiter, &w->services[e->b], &w->clients[e->a],
		    &w->services[e->b].rules, w->now);
		break;
	case WORLD_LEAVE:
	case WORLD_CUT:
		leave(w, e->a, e->kind == WORLD_CUT);
		break;
	case WORLD_ENDING:
		arbiter_ending(&w->clients[e->a]);
		break;
	case WORLD_FOUND:
		arbiter_found(&w->lines[e->a]);
		break;
	case WORLD_READY:
		arbiter_ready(&w->arbiter, &w->lines[e->a], w->now);
		break;
	case WORLD_UNREADY:
		arbiter_unready(&w->lines[e->a]);
		break;
	case WORLD_OUT:
		arbiter_out(&w->arbiter, &w->lines[e->a]);
		break;
	case WORLD_TIME:
		w->now = next_moment(w);
		arbiter_time(&w->arbiter, w->now);
		break;
	case WORLD_RELOAD:
		w->has[e->a] ^= 1U << e->b;
		set_lines(w, e->a);
		break;
	}
}

static void
note(struct world *w, const struct world_event *e)
{
	size_t used = strlen(w->path);

	if (used > sizeof w->path - 32) {
		memmove(w->path, w->path + used / 2, used - used / 2 + 1);
		used = strlen(w->path);
	}
	snprintf(w->path + used, sizeof w->path - used, "%u %s %u; ", e->a + 1, names[e->kind], e->b + 1);
}

void
world_do(struct world *w, const struct world_event *e)
{
	struct arbiter_action action;

	w->event = *e;
	note(w, e);
	feed(w, e);
	while (arbiter_next(&w->arbiter, &action))
		world_hear(w, &action);
	world_look(w);
}

/* ---- the key ---- */

struct key {
	const struct world *w;
	unsigned char *to;
	size_t n;
};

static void
put(struct key *k, uint64_t v)
{
	world_must(k->w, k->n + 1 < WORLD_KEY);
	k->to[k->n++] = (unsigned char)(v & 0xff);
	k->to[k->n++] = (unsigned char)(v >> 8 & 0xff);
}

/* What is left until then; the future does not depend on how long something is past. */
static uint64_t
left(const struct world *w, msec_t then)
{
	if (msec_is_never(then))
		return 0xffff;
	return msec_before(w->now, then) ? (uint64_t)msec_since(w->now, then) : 0;
}

static void
put_line(struct key *k, const struct world *w, unsigned l)
{
	const struct arbiter_line *line = &w->lines[l];
	uint64_t fewest = w->lines[0].claims;
	unsigned i;

	put(k, (uint64_t)line->state | (uint64_t)line->ending << 2 | (uint64_t)line->preparing << 3 |
	    (uint64_t)line->shared << 4 | (uint64_t)line->contended << 5 |
	    (uint64_t)(line->owner != NULL ? line->owner - w->clients + 1 : 0) << 8);
	for (i = 1; i < w->plan->lines; i++) {
		if (w->lines[i].claims < fewest)
			fewest = w->lines[i].claims;
	}
	if (w->plan->rules[0].pick == ARBITER_LEAST_USED)
		put(k, line->claims - fewest);
}

static void
put_client(struct key *k, const struct world *w, unsigned c)
{
	const struct arbiter_client *client = &w->clients[c];
	unsigned i, rank = 0;

	put(k, left(w, w->cooling[c]));
	put(k, (uint64_t)client->place | (uint64_t)client->held << 2 | (uint64_t)client->patient << 3 |
	    (uint64_t)(client->service != NULL ? client->service - w->services + 1 : 0) << 8);
	if (client->place != ARBITER_WAITS)
		return;
	for (i = 0; i < w->plan->clients; i++)
		rank += w->clients[i].place == ARBITER_WAITS && w->clients[i].arrival < client->arrival;
	put(k, rank | client->number << 8);
	put(k, left(w, heap_has(&client->wait) ? client->wait.due : MSEC_NEVER));
	put(k, left(w, client->cools));
}

size_t
world_key(const struct world *w, unsigned char key[static WORLD_KEY])
{
	struct key k = { w, key, 0 };
	unsigned i;

	memset(key, 0, WORLD_KEY);
	for (i = 0; i < w->plan->lines; i++)
		put_line(&k, w, i);
	for (i = 0; i < w->plan->services; i++) {
		if (w->plan->rules[i].pick == ARBITER_ROUND_ROBIN)
			put(&k, w->services[i].last);
	}
	for (i = 0; i < w->plan->clients; i++)
		put_client(&k, w, i);
	return k.n;
}
