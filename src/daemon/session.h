/*
 * One client from accept to close: its transport, Telnet, RFC 2217 server, door and, while it owns the line, the
 * clocks of its claim.  A session frees itself at the end of the turn in which it is closed.
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "daemon/clients.h"
#include "line/line.h"
#include "io/logquiet.h"
#include "sharing/arbiter.h"
#include "conf/conf.h"
#include "sharing/words.h"
#include "views/snapshot.h"

struct session;
TAILQ_HEAD(session_list, session);

struct broker;
struct generation;
struct claimlog;
struct service;

/* What all sessions share; one owner: the daemon. */
struct session_house {
	struct loop *loop;
	struct broker *broker;
	struct clients *clients;
	struct session_list all;
	struct generation *generation; /* by which sessions begin: generation.h */
	struct service *gone;          /* services that only sessions still know, in a list */
	struct claimlog *claimlog;
	void (*changed)(void *ctx); /* for whoever looks on; NULL: nobody does */
	void *changed_ctx;
	uint64_t accepted, turned_away;    /* since the start */
	struct logquiet turned_away_quiet; /* of the log lines about these */
	bool draining;        /* nobody gets a line any more */
};

static inline void
house_changed(const struct session_house *h)
{
	if (h->changed != NULL)
		h->changed(h->changed_ctx);
}

enum session_refusal {
	SESSION_BUSY, SESSION_FULL, SESSION_OUT, SESSION_TWICE, SESSION_WAITED, SESSION_GONE
};

/*
 * Takes over an accepted socket, and the client's place in the count.  Returns -1 when there is no
 * memory; then both are given back already.  The service outlives the session.
 */
int session_start(struct session_house *, int fd, const struct sockaddr *, struct client *,
    struct service *);

/* The daemon ends: an owner is told, and the client is closed at once and leaves the list. */
void session_shut(struct session *);

/*
 * For the broker: what was decided of its claim.  place: 1 is next; held: only until a hand-over ends.
 * line: of SESSION_OUT the one whose reason is told; number: of SESSION_FULL how many wait.
 */
void session_granted(struct session *, struct line *);
void session_waits(struct session *, size_t place, bool held);
void session_refused(struct session *, enum session_refusal, struct line *, size_t number);

/* An owner: somebody waits who could have its line, or nobody any more. */
void session_contended(struct session *, bool);

/* An owner loses its line to another connection of the same owner. */
void session_taken_over(struct session *, const struct session *by);

/* Ends the claim of an owner; message: for its client, or NULL. */
void session_kick(struct session *, const char *message);

/* For the snapshot: of an owner, of one who waits. */
void session_snapshot_owner(const struct session *, struct snapshot_owner *);
void session_snapshot_waiter(const struct session *, struct snapshot_waiter *);

/* Of all, in the order of coming; NULL after the last. */
struct session *session_next(const struct session *);

/*
 * In a reload.  now: its service, of which some values count at once, NULL where that is gone: a client that
 * has claimed nothing is closed then.  lost: its line does not exist any more (an owner was cut before), and
 * `instead` is spoken of.
 */
void session_reload(struct session *, const struct conf_service *now);
void session_forget_line(struct session *, struct line *lost, struct line *instead);

/* An owner whose line goes, or changes so that nobody can go on: cut. */
void session_cut_by_reload(struct session *);

/* Neither is on loopback, and both have the same address. */
bool session_same_owner(const struct session *, const struct session *);

/* ms since the client was last heard of, acknowledgements included; -1 when the kernel does not tell. */
int64_t session_silence(struct session *);

struct session *session_of_seat(struct arbiter_client *);
struct arbiter_client *session_seat(struct session *);
struct service *session_service(const struct session *);
const struct conf_rules *session_rules(const struct session *); /* those that it came under */

/* What a line tells its owner, a session. */
extern const struct line_owner session_line_owner;

#endif
