/*
 * The inside of the daemon, for the files that make it up: daemon.c (its beginning and end), snapshot_take.c,
 * daemon_act.c (what the control tool asks), daemon_publish.c (who may look), daemon_reload.c.
 */
#ifndef DAEMON_DAEMON_PARTS_H
#define DAEMON_DAEMON_PARTS_H

#include "daemon/answering.h"
#include "daemon/broker.h"
#include "daemon/daemon.h"
#include "daemon/hostname.h"
#include "daemon/house.h"
#include "daemon/reloading.h"
#include "daemon/picture.h"
#include "daemon/service.h"
#include "io/history.h"
#include "line/line.h"
#include "session/session.h"
#include "sharing/places.h"

struct control;
struct http;

struct daemon {
	struct loop *loop;
	const struct conf *conf;
	const char *file; /* that conf came from, and a reload reads again */
	struct line_house line_house;
	struct house house;
	struct line **lines;         /* as conf orders them */
	struct service **services;   /* likewise */
	struct answering **answering; /* of each line, or NULL */
	struct loop_timer *deadline;
	msec_t ends;                 /* at the latest, once it is shutting */
	struct history *history;     /* or NULL */
	struct control *control;     /* or NULL */
	struct http *http;           /* or NULL */
	struct picture *picture;     /* what is seen at the control socket and on the page */
	struct hostname host;        /* names that a reader of the page may call us by */
	int64_t started;             /* ms since 1970 */
	size_t open_lines; /* begun and not closed for good */
	size_t starting;   /* lines that were not found ready or out of service yet, since the start */
	struct loop_timer tidy;
	struct loop_note emptied;  /* is to be looked at: daemon_look_if_empty() */
	struct reloading reloading;
	bool shutting, exits_empty;
	bool debug; /* -d: log-level does not count */
};

/* A line of this conf that has not begun; NULL without memory. */
struct line *daemon_new_line(struct daemon *, const struct conf_line *);

/* NULL: there is none. */
struct line *daemon_find_line(const struct daemon *, const char *name);

/* The places for clients by this configuration, with the page as it is. */
void daemon_places(const struct daemon *, const struct conf *, struct places *);

/* At the end of the turn: draining, and nobody owns a line any more nor is one handed over: ends if it shall. */
void daemon_look_if_empty(struct daemon *);

/* daemon_publish.c: the page, as configured; -1 after logging where it cannot listen. */
int daemon_publish_page(struct daemon *);

/* History and control socket; what cannot be had is one warning.  -1 without memory, which is logged. */
int daemon_publish(struct daemon *);

/* What of the history is to be kept. */
struct history_keep daemon_history_keep(const struct conf *);

/* Nobody may be shown what was drawn before. */
void daemon_redraw(struct daemon *);

/* daemon_act.c */
extern const struct control_ops daemon_control_ops;
void daemon_drain(struct daemon *, bool exits);
void daemon_resume(struct daemon *);

#endif
