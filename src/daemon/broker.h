/*
 * The arbiter with real clients and lines: claims go in, and what the arbiter decides is carried out.
 */
#ifndef DAEMON_BROKER_H
#define DAEMON_BROKER_H

#include "daemon/line.h"
#include "daemon/session.h"

/* A new line, out of service; its one service, which holds at most `limit` clients during a hand-over. */
void broker_add_line(struct line *);
void broker_add_service(struct session_house *, struct line *, size_t limit);

/* The session wants its line.  It hears at once: granted, held or refused. */
void broker_claim(struct session *);

/* Its claim is over, but it does not leave yet: see arbiter_ending(). */
void broker_ending(struct session *);

/* The session gives up its line or its place; an owner's line is handed over. */
void broker_leave(struct session *);

/* News of a line. */
void broker_line_found(struct line *);
void broker_line_ready(struct session_house *, struct line *);
void broker_line_out(struct session_house *, struct line *);

#endif
