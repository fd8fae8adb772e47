/*
 * What services, sessions and generations share, and what sessions ask of it.  One owner: the daemon.
 */
#ifndef DAEMON_HOUSE_H
#define DAEMON_HOUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "io/logquiet.h"
#include "session/house.h"

struct broker;
struct client;
struct claimlog;
struct clients;
struct generation;
struct service;

struct house {
	struct session_house sessions;
	struct broker *broker;
	struct clients *clients;
	struct generation *generation; /* by which sessions begin: generation.h */
	struct service *gone;          /* services that only sessions still know, in a list */
	struct claimlog *claimlog;
	void (*changed)(void *ctx); /* for whoever looks on; NULL: nobody does */
	void *changed_ctx;
	uint64_t accepted, turned_away;    /* since the start */
	struct logquiet turned_away_quiet; /* of the log lines about these */
	struct logquiet crowded_quiet;
};

/* The rest of it is zero. */
void house_init(struct house *, struct loop *);

static inline void
house_changed(const struct house *h)
{
	if (h->changed != NULL)
		h->changed(h->changed_ctx);
}

#endif
