/*
 * The house that sessions live in: what they share, and what they ask of it.
 */
#ifndef SESSION_HOUSE_H
#define SESSION_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "io/history.h"

struct line;
struct loop;
struct client;
struct generation;
struct service;
struct session;
TAILQ_HEAD(session_list, session);

/* Where a session belongs to.  The house's own; a session only keeps it, and names itself by it. */
struct session_place {
	struct service *service; /* outlives the session */
	struct client *client;   /* its place in the count of clients */
	struct generation *generation; /* of the configuration that it came by */
};

/* What a session asks of the house around it. */
struct session_ops {
	/* The lines of its service, in their order; one that is gone has none. */
	size_t (*n_lines)(const struct session_place *);
	struct line *(*line)(const struct session_place *, size_t);
	/* It wants a line of its service, and hears in the same turn; its claim is over, though it has not left yet;
	 * it gives up its line or its place.  idle: it was cut for that. */
	void (*claim)(void *ctx, struct session *);
	void (*ending)(void *ctx, struct session *);
	void (*leave)(void *ctx, struct session *, bool idle);
	/* May it be kept for its text?  true again once it is. */
	bool (*may_linger)(const struct session_place *);
	/*
	 * For the record: a claim begins (what names it then is returned; 0: it is not told before it has lasted a
	 * second, since there were many of late, and then by `lasts`) and ends, brief: within a second; somebody got
	 * nothing, reason: a word for it.  false: it is counted, and told with others that are alike.
	 */
	uint64_t (*begun)(void *ctx, const struct session_place *, const struct history_record *);
	uint64_t (*lasts)(void *ctx, const struct history_record *);
	bool (*ended)(void *ctx, const struct session_place *, uint64_t id, bool brief, const struct history_record *);
	bool (*refused)(void *ctx, const struct session_place *, const char *reason, const struct history_record *);
	void (*changed)(void *ctx); /* for whoever looks on */
	/* Its memory goes now, and its place with it. */
	void (*left)(void *ctx, const struct session_place *);
};

/* What all sessions share; one owner: the daemon. */
struct session_house {
	struct loop *loop;
	const struct session_ops *ops;
	void *ctx;                /* of ops */
	struct session_list all;  /* in the order of coming */
	bool draining;            /* nobody gets a line any more */
	bool crowded;             /* all places are taken: who has claimed nothing is hurried */
};

#endif
