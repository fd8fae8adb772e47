/*
 * One client from accept to close: its transport, Telnet, RFC 2217 server, door and, while it owns the line, the
 * clocks of its claim.  A session frees itself at the end of the turn in which it is closed.
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <stddef.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "daemon/clients.h"
#include "daemon/line.h"
#include "sharing/arbiter.h"
#include "sharing/conf.h"
#include "sharing/words.h"

struct session;
TAILQ_HEAD(session_list, session);

/* What all sessions share; one owner: the daemon. */
struct session_house {
	struct loop *loop;
	struct arbiter arbiter;
	struct session_list all;
};

enum session_refusal { SESSION_BUSY, SESSION_FULL, SESSION_OUT };

/*
 * Takes over an accepted socket, and the client's place in the count.  Returns -1 when there is no
 * memory; then both are given back already.  service and line outlive the session.
 */
int session_start(struct session_house *, int fd, const struct sockaddr *, struct client *,
    const struct conf_service *, struct line *);

/* The daemon ends: an owner is told, and the client is closed at once and leaves the list. */
void session_shut(struct session *);

/* For the broker: what was decided of its claim. */
void session_granted(struct session *);
void session_held(struct session *, size_t place);
void session_refused(struct session *, enum session_refusal);

struct session *session_of_seat(struct arbiter_client *);
struct arbiter_client *session_seat(struct session *);
struct session_house *session_house(const struct session *);
struct line *session_line(const struct session *);

#endif
