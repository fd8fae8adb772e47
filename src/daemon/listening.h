/*
 * Listening at the addresses of one list of the configuration, and what a reload makes of it: what stands at
 * the same address goes on, whoever had it, and an address that overlaps one that goes is no obstacle.
 */
#ifndef DAEMON_LISTENING_H
#define DAEMON_LISTENING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "conf/conf.h"
#include "io/listener.h"

enum listening_for { LISTENING_CLIENTS, LISTENING_CALLS, LISTENING_BROWSERS };

/*
 * A list and its listeners, as whoever owns both shows them; good as long as they are.  With the name it says who
 * listens: a service, a line, a page.
 */
struct listening {
	enum listening_for what;
	const char *name;
	const struct conf_listen *where; /* n */
	struct listener **at;            /* of each; NULL: not open, or an optional address that does not exist here */
	size_t n;
	listener_fn *fn; /* clients are for */
	void *ctx;
};

/* All of them open, or -1 after logging; those that are open then stay so. */
int listening_open(const struct listening *, struct loop *);

/* Those that are open are closed, and NULL. */
void listening_close(const struct listening *);

/* errno, after an address could not be had: does it not exist here, which an optional one need not? */
bool listening_excused(const struct conf_listen *, int error);
/* The log lines of it. */
void listening_log(enum listening_for, const char *name, const struct sockaddr *);
void listening_log_failure(enum listening_for, const char *name, const struct sockaddr *, int error);

/* ---- a reload ---- */

/* The lists in force, and those to come. */
struct listening_change {
	struct listening *old, *new;
	size_t n_old, n_new;
	struct listener **leaving; /* room for those of all old ones */
	size_t n_leaving;
};

/*
 * Opens what is missing; what stays is in both, marked.  -1 after writing why not into error: then
 * listening_give_up() must follow.
 */
int listening_plan(struct listening_change *, struct loop *, char *error, size_t cap);
/* What was opened is closed, and clients that have come to it meanwhile are the old ones'. */
void listening_give_up(struct listening_change *);

/* The old ones have no listener any more; those that nobody goes on with are `leaving`. */
void listening_place(struct listening_change *);
/* Closes these, when all else is in place: clients that wait in them are given to who listens there now. */
void listening_leave(struct listening_change *);

#endif
