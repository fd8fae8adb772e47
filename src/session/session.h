/*
 * One client from accept to close: its transport, Telnet, RFC 2217 server, door and, while it owns the line, the
 * clocks of its claim.  What happens to a session it records; one function acts on that, once at the end of
 * the turn.  A session frees itself at the end of the turn in which it is closed.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "conf/conf.h"
#include "line/line.h"
#include "session/house.h"
#include "sharing/arbiter.h"
#include "views/snapshot.h"

enum session_refusal {
	SESSION_BUSY, SESSION_FULL, SESSION_OUT, SESSION_TWICE, SESSION_WAITED, SESSION_GONE
};

/* An accepted client.  conf and service live as long as its generation. */
struct session_arrival {
	int fd; /* the session's from then on */
	const struct sockaddr *from;
	struct arbiter_identity identity;
	struct session_place place;
	const struct conf *conf;
	const struct conf_service *service;
};

/* It frees itself.  NULL without memory; then the socket is closed and the place is left, or will be in this turn. */
struct session *session_start(struct session_house *, const struct session_arrival *);

/*
 * All places are taken: one that has claimed nothing has less time for it; its place is wanted now: true, it is closed
 * (which is not to be called from within a session).  One that has claimed, or is about to, does neither.
 */
void session_hurry(struct session *);
bool session_yields(struct session *);

/* The daemon ends: an owner is told, and the client is closed at once and leaves the list. */
void session_shut(struct session *);

/*
 * For the broker: what was decided of its claim.  place: 1 is next; held: only until a hand-over ends.
 * line: of SESSION_OUT the one whose reason is told.
 */
void session_granted(struct session *, struct line *);
void session_waits(struct session *, size_t place, bool held);
void session_refused(struct session *, enum session_refusal, struct line *);

/* An owner: somebody waits who could have its line, or nobody any more. */
void session_contended(struct session *, bool);

/* An owner has lost its line to another connection of the same owner. */
void session_taken_over(struct session *, const struct session *by);

/* Ends the claim of an owner; message: for its client, or NULL. */
void session_kick(struct session *, const char *message);

/* For the snapshot: of an owner (one that is not told yet is none), of one who waits. */
void session_snapshot_owner(const struct session *, struct snapshot_owner *);
void session_snapshot_waiter(const struct session *, struct snapshot_waiter *);

/* Of all, in the order of coming; NULL after the last. */
struct session *session_next(const struct session *);

/*
 * In a reload.  now: its service in the new conf, of which some values count at once, NULL where that is gone: a
 * client that has claimed nothing is closed then.  lost: this line does not exist any more: its owner is cut
 * and has left on return, a question is answered, and `instead` is spoken of.
 */
void session_reload(struct session *, const struct conf *, const struct conf_service *now);
void session_forget_line(struct session *, struct line *lost, struct line *instead);

/* Neither is on loopback, and both have the same address. */
bool session_same_owner(const struct session *, const struct session *);

/* It has claimed, and nothing was told to it of a grant. */
bool session_awaits(const struct session *);

/* Looks at its socket now: has the client closed or reset it?  Then it leaves in this turn. */
bool session_is_over(struct session *);

/* The same of one who waits: true, it gives up its place in this turn, whatever else has happened to it. */
bool session_gives_up(struct session *);

/* ms since the client was last heard of, acknowledgements included; -1 when the kernel does not tell. */
int64_t session_silence(struct session *);

struct session *session_of_seat(struct arbiter_client *);
struct arbiter_client *session_seat(struct session *);
const struct session_place *session_place(const struct session *);
const struct conf_rules *session_rules(const struct session *); /* those that it came under */

/* What a line tells its owner, a session. */
extern const struct line_owner session_line_owner;

#endif
