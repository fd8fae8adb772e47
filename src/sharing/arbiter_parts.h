/*
 * What the arbiter consists of, for those who embed it: see arbiter.h.
 */
#ifndef SHARING_ARBITER_PARTS_H
#define SHARING_ARBITER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/heap.h"

/* Identities that cool down at a time, whatever the service; the one that ends soonest makes room. */
#define ARBITER_COOLING_MAX 128

#define ARBITER_IDENTITY 17 /* bytes */

/* Who a client is, compared whole: an address, as the caller writes it; all zero: none (loopback). */
struct arbiter_identity {
	uint8_t bytes[ARBITER_IDENTITY];
};

enum arbiter_line_state {
	ARBITER_OUT,      /* no device, quarantine, in foreign hands. Until: as the line's */
	ARBITER_HANDOVER, /* between two owners, being prepared, or it rings. Until: as the line's: ready or out */
	ARBITER_FREE,     /* Until: open: never while somebody waits who could have it */
	ARBITER_OWNED     /* Until: with the claim */
};

enum arbiter_place {
	ARBITER_NOWHERE, /* Until: `claim-timeout` of its client */
	ARBITER_WAITS,   /* Until: held: with the hand-over; queued: `queue-wait`, or with the last line of the
	                  * service */
	ARBITER_OWNER    /* Until: `inactivity` and its kin, `session-limit`, a dead peer, `stall`;
	                  * `DIALLING_AT_MOST`, 180 s, is without inactivity */
};
enum arbiter_pick { ARBITER_FIRST, ARBITER_ROUND_ROBIN, ARBITER_LEAST_USED };

/* Of a service. */
struct arbiter_rules {
	enum arbiter_pick pick : 8; /* among free lines; those that need no PREPARE come first */
	bool queue;             /* busy = "queue" */
	uint32_t limit;         /* so many wait; one more for whom a line can be prepared may */
	int64_t wait;           /* queue-wait, ms; 0: no limit */
	int64_t cool_down;      /* ms; 0: none, nor does that of other services count here */
};

/* Part of a session; read place, service, line, number and held. */
struct arbiter_client {
	TAILQ_ENTRY(arbiter_client) entry;  /* of the service's queue */
	TAILQ_ENTRY(arbiter_client) to_tell;
	struct heap_node wait;              /* of who waits with a limit: until queue-wait ends */
	struct arbiter_service *service;    /* NULL: nowhere, and told so */
	struct arbiter_line *line;          /* of an owner */
	uint64_t arrival;                   /* 0: before all others */
	msec_t cools;                       /* until then: whoever comes later and does not cool is put before it */
	uint32_t number, told_number;
	struct arbiter_identity identity;
	enum arbiter_place place : 8;
	uint8_t answer;                     /* enum arbiter_do, to be told next */
	bool held : 1, told_held : 1, patient : 1, telling : 1;
};

TAILQ_HEAD(arbiter_clients, arbiter_client);

/* That a line is in a service. */
struct arbiter_member {
	struct arbiter_line *line; /* set by the caller */
	struct arbiter_service *service;
	LIST_ENTRY(arbiter_member) entry; /* of the line */
};

/* Part of a line; read state, owner, ending and contended. */
struct arbiter_line {
	TAILQ_ENTRY(arbiter_line) to_tell;
	LIST_HEAD(, arbiter_member) services;
	struct arbiter_client *owner;
	uint32_t claims;      /* so far */
	uint32_t waited;      /* services of it in which somebody waits */
	enum arbiter_line_state state : 8;
	bool shared : 1;
	bool ending : 1;      /* the owner's claim is over, but its last bytes are still on their way */
	bool preparing : 1;   /* in HANDOVER since PREPARE */
	bool contended : 1;   /* as told */
	bool start : 1;       /* START_HANDOVER or PREPARE is to be told */
	bool telling : 1;
};

TAILQ_HEAD(arbiter_lines, arbiter_line);

/* Read members, n and rules. */
struct arbiter_service {
	struct arbiter_rules rules;
	struct arbiter_member *members;
	uint32_t n;
	uint32_t in[ARBITER_OWNED + 1]; /* lines in each state */
	uint32_t ending, preparing;   /* of those that are OWNED, in HANDOVER */
	uint32_t last;                /* member granted last; n: none */
	uint32_t waiting, users;
	struct arbiter_clients queue; /* who is next comes first */
};

struct arbiter_cooling {
	struct arbiter_identity identity; /* none: unused */
	msec_t until;
};

struct arbiter {
	struct arbiter_clients tell_clients;
	struct arbiter_lines tell_lines;
	struct heap waits; /* clients by the end of their queue-wait */
	uint64_t arrivals;
	struct arbiter_cooling cooling[ARBITER_COOLING_MAX];
};

#endif
