/*
 * The arbiter with real clients, services and lines: claims and news of lines only feed it, and what it decides
 * is carried out at the end of the turn.  Owner: the daemon.
 */
#ifndef DAEMON_BROKER_H
#define DAEMON_BROKER_H

#include "line/line.h"
#include "daemon/service.h"
#include "session/session.h"

#define BROKER_SILENT 10000   /* ms: an owner who was not heard for so long may be taken over */
#define BROKER_TAKEOVER 60000 /* ms until a line that was taken over can be again */

struct broker;

/* NULL without memory. */
struct broker *broker_new(struct loop *);
void broker_free(struct broker *);

/* What is decided and not carried out yet, at once: before something is looked at or changed from outside, which
 * is not to be called from within a session or a line.  The configuration's calls below do so by themselves. */
void broker_settle(struct broker *);

/* A service with its lines, which broker_remove() takes from it again (who waits is refused). */
void broker_add(struct broker *, struct service *);
void broker_remove(struct broker *, struct service *);
/* After broker_remove(): its lines are to be had again. */
void broker_resume(struct broker *, struct service *);
/* Its rules, or its lines, are others now. */
void broker_change(struct broker *, struct service *);

/* The session wants a line of its service.  It hears in this turn: granted, told to wait or refused. */
void broker_claim(struct broker *, struct session *);

/* Its claim is over, but it does not leave yet: see arbiter_ending(). */
void broker_ending(struct broker *, struct session *);

/* The session gives up its line or its place; an owner's line is handed over.  idle: it was cut for that. */
void broker_leave(struct broker *, struct session *, bool idle);

/* News of a line. */
void broker_line_found(struct broker *, struct line *);
void broker_line_ready(struct broker *, struct line *);
void broker_line_unready(struct broker *, struct line *);
void broker_line_rests(struct broker *, struct line *);
void broker_line_out(struct broker *, struct line *);

#endif
