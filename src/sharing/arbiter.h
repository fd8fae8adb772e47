/*
 * Who owns a line, and who waits while it is handed over.  Pure; one line for each service now,
 * pools and queues come here later.
 *
 * Every function appends what is to be done to *todo; the caller carries it out in that order after
 * the function has returned (it may then call the arbiter again with another list).
 */
#ifndef SHARING_ARBITER_H
#define SHARING_ARBITER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#define ARBITER_HELD_MAX 64 /* clients held for one line at most */

enum arbiter_line_state {
	ARBITER_OUT,      /* out of service: no device, or it fails */
	ARBITER_HANDOVER, /* between two owners */
	ARBITER_FREE,
	ARBITER_OWNED
};

enum arbiter_place { ARBITER_NOWHERE, ARBITER_HELD, ARBITER_OWNER };

struct arbiter_line;

/* Part of a session; touch no field. */
struct arbiter_client {
	TAILQ_ENTRY(arbiter_client) entry;
	struct arbiter_line *line;
	enum arbiter_place place;
};

TAILQ_HEAD(arbiter_queue, arbiter_client);

/* Part of a line; read state and owner. */
struct arbiter_line {
	enum arbiter_line_state state;
	struct arbiter_client *owner;
	bool ending; /* the owner's claim is over, but its last bytes are still on their way */
	struct arbiter_queue held; /* first come, first served */
	size_t n_held, limit;
};

enum arbiter_do {
	ARBITER_GRANT,     /* client owns the line now */
	ARBITER_HOLD,      /* client waits at `number` (1 is next); also when its place changes */
	ARBITER_REFUSE_BUSY,
	ARBITER_REFUSE_FULL, /* in hand-over or about to be, and too many are held */
	ARBITER_REFUSE_OUT,
	ARBITER_START_HANDOVER /* the line is to be handed over */
};

struct arbiter_action {
	enum arbiter_do what;
	struct arbiter_client *client; /* NULL for START_HANDOVER */
	size_t number;
};

struct arbiter_todo {
	struct arbiter_action list[ARBITER_HELD_MAX + 2];
	size_t n;
};

/* A line, out of service; limit (0 to ARBITER_HELD_MAX): how many are held at most. */
void arbiter_line_init(struct arbiter_line *, size_t limit);
void arbiter_client_init(struct arbiter_client *);

/* The client, nowhere so far, wants the line: exactly one GRANT, HOLD or REFUSE for it. */
void arbiter_claim(struct arbiter_line *, struct arbiter_client *, struct arbiter_todo *);

/* The owner's claim is over (R5), though it has not left yet: from now on who
 * claims is held.  Nothing for one who owns nothing. */
void arbiter_ending(struct arbiter_client *);

/* The client leaves: an owner's line goes to hand-over, a held one's place is given up. */
void arbiter_leave(struct arbiter_client *, struct arbiter_todo *);

/* The device is there and is being handed over (from OUT), its hand-over is done, it fails. */
void arbiter_found(struct arbiter_line *);
void arbiter_ready(struct arbiter_line *, struct arbiter_todo *);
/* Refuses all who are held; an owner must have left before (else nothing is done). */
void arbiter_out(struct arbiter_line *, struct arbiter_todo *);

#endif
