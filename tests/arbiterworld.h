/*
 * A world of lines, services and clients around the real arbiter, for the exploration and the random walks: events
 * go in, every action is compared with what a bookkeeper knows from the actions before, and then
 * all is looked at.  Whatever is wrong fails the test and prints how it came to it.
 */
#ifndef TESTS_ARBITERWORLD_H
#define TESTS_ARBITERWORLD_H

#include "sharing/arbiter.h"

#define WORLD_LINES 4
#define WORLD_SERVICES 3
#define WORLD_CLIENTS 10
#define WORLD_EVENTS 128
#define WORLD_KEY 160

/* What a world is made of; services by bits of their lines. */
struct world_plan {
	const char *name;
	unsigned lines, services, clients;
	unsigned members[WORLD_SERVICES];
	struct arbiter_rules rules[WORLD_SERVICES];
	unsigned shared; /* bits */
	uint64_t identities[WORLD_CLIENTS];
	bool reload; /* services lose and get lines, too */
};

enum world_kind {
	WORLD_CLAIM, WORLD_LEAVE, WORLD_CUT, WORLD_ENDING,
	WORLD_FOUND, WORLD_READY, WORLD_UNREADY, WORLD_OUT,
	WORLD_TIME, /* to the next moment at which something ends */
	WORLD_RELOAD /* line b leaves service a, or comes back */
};

struct world_event {
	enum world_kind kind;
	unsigned a, b; /* client and service, or line, or service and line */
};

/* What was told of a client, and what follows from it. */
struct world_client {
	enum { TOLD_NOTHING, TOLD_ASKS, TOLD_WAITS, TOLD_OWNS } told;
	unsigned service, line;
	size_t number;
	bool held, patient;
	uint64_t arrival;
	msec_t due, cools;
};

struct world {
	struct arbiter arbiter;
	struct arbiter_line lines[WORLD_LINES];
	struct arbiter_service services[WORLD_SERVICES];
	struct arbiter_member members[WORLD_SERVICES][2][WORLD_LINES];
	struct arbiter_client clients[WORLD_CLIENTS];
	const struct world_plan *plan;
	msec_t now;

	/* The bookkeeper. */
	struct world_client book[WORLD_CLIENTS];
	unsigned queue[WORLD_SERVICES][WORLD_CLIENTS], waiting[WORLD_SERVICES];
	msec_t cooling[WORLD_CLIENTS]; /* of the identity of each client */
	uint64_t arrivals;
	unsigned has[WORLD_SERVICES]; /* bits: the lines of each now */
	unsigned turn[WORLD_SERVICES];
	bool contended[WORLD_LINES];
	bool to_start[WORLD_LINES]; /* the owner left: a hand-over must be started */
	struct world_event event;
	char path[600]; /* the last events, for whoever reads a failure */
};

/* world_init() begins anew at the same place: a world is full of pointers into itself. */
void world_init(struct world *, const struct world_plan *);

/* All events of the plan, and how many: WORLD_EVENTS at most. */
unsigned world_events(const struct world_plan *, struct world_event *);
bool world_may(const struct world *, const struct world_event *);
void world_do(struct world *, const struct world_event *);

/* All that the future depends on, the same for states that do not differ; returns its length. */
size_t world_key(const struct world *, unsigned char key[static WORLD_KEY]);

/* arbiterworld_check.c: an action; the whole. */
void world_hear(struct world *, const struct arbiter_action *);
void world_look(const struct world *);

/* Plain ck_assert() notes each place it passes, which is too slow for millions. */
#define world_must(w, condition) \
	((condition) ? (void)0 : world_failed((w), __FILE__, __LINE__, #condition))
_Noreturn void world_failed(const struct world *, const char *file, int line, const char *what);

#endif
