/*
 * What the files control*.c share, and nobody else.
 */
#ifndef IO_CONTROL_PARTS_H
#define IO_CONTROL_PARTS_H

#include <sys/types.h>

#include "io/control.h"
#include "io/listener.h"

struct control {
	struct loop *loop;
	struct control_limits limits;
	struct gallery *gallery;
	const struct control_ops *ops;
	void *ctx;
	char *path;
	uint64_t device, inode; /* of the socket that is ours */
	struct listener *listener;
	struct control_client *clients;
	struct loop_timer *tick; /* the next snapshot for those who watch */
	msec_t ticked;           /* when the last was told */
};

/* A line that waits to be sent: its text, or of a status that many may be sent what comes before and behind that. */
struct control_line {
	struct control_line *next;
	char *text;
	size_t n_head;       /* bytes of the text that come first */
	struct print *print; /* then this, or NULL; then the rest of the text */
	size_t n;            /* bytes of all */
};

#define CONTROL_NOTED 32 /* room for a short note: a longer one is always told */

struct control_client {
	struct control_client *next;
	struct control *control; /* NULL once it is closed */
	struct loop_note reap;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *deadline;
	int unread;           /* of a stream: what the kernel kept when it was sent to last */
	struct control_peer peer; /* whose it is */
	bool may_act, ending; /* ending: closed when all is sent */
	bool asked;           /* a request has come */
	bool ended;           /* nothing more comes from it */
	bool in_line;         /* lines wait for the next turn */
	bool settling, progress;
	int64_t limit;        /* ms of the deadline in force; 0: none */
	unsigned mistakes;

	char *in; /* CTLMSG_MAX, while there is a part of a line */
	size_t n_in;
	struct control_line *unsent, **unsent_end;
	size_t waiting, sent; /* bytes of unsent; of its first line those that are sent */

	struct control_call *call; /* not answered yet: nothing else is begun */
	struct gallery_look look;  /* likewise while it waits; what it asks for: */
	int64_t look_id;
	uint64_t look_missed;
	struct history_query *query;
	char query_line[CTLMSG_NAME]; /* of which line nothing was found yet; "": of any, or there was something */
	int64_t query_id;
	bool query_rests;

	int64_t watching; /* id; 0: no */
	uint64_t missed;

	int64_t monitoring; /* id; 0: no */
	char line[CTLMSG_NAME];
	char noted[CONTROL_NOTED]; /* the last note, which is not told twice */
	uint64_t lost; /* bytes, not told yet */
	int64_t lost_at;
};

struct control_call {
	struct control_client *client; /* NULL: gone */
	struct control_peer peer;
	int64_t id;
};

#define CONTROL_MISTAKES 16

/* ---- control_places.c ---- */

/* It watches or monitors. */
bool control_streams(const struct control_client *);

/* Why one that is not among the clients yet gets no place; why one may not begin to watch or monitor.  NULL: it may. */
const char *control_no_place(const struct control *, const struct control_client *);
const char *control_no_stream(const struct control_client *);

/* Has a stream's client read anything since control_has_sent(), or since this was asked? */
bool control_has_read(struct control_client *);
void control_has_sent(struct control_client *);

/* ---- control_client.c ---- */

/* Takes over fd; closes it without memory. */
void control_client_new(struct control *, int fd);
void control_client_close(struct control_client *);

/* Takes the text, or the reference, of which NULL (no memory) ends the client. */
void control_client_put(struct control_client *, char *text);
void control_client_show(struct control_client *, struct print *, int64_t id, uint64_t missed);
void control_client_reply(struct control_client *, const struct ctlmsg_reply *);
void control_client_fail(struct control_client *, int64_t id, enum ctlmsg_code, const char *error);

/*
 * After each event: sends, goes on with what waited for that, sets the deadline.  Whoever tells something may
 * be in the midst of it (a line that changes, a reload): lines that wait are carried out in the next turn.
 */
void control_client_settle(struct control_client *);

/* The same, but that what is to be sent waits for a turn of its own: where many are told something big. */
void control_client_later(struct control_client *);

/* ---- control_stream.c ---- */

void control_watch(struct control_client *, int64_t id);
void control_monitor(struct control_client *, const struct ctlmsg_request *);
void control_history(struct control_client *, const struct ctlmsg_request *);

/* The status as an answer, now or later. */
void control_status(struct control_client *, int64_t id);
void control_on_status(void *client, struct print *);

/* There is room for output again. */
void control_streams_go_on(struct control_client *);

/* It goes: nothing is sent to it any more. */
void control_streams_end(struct control_client *);

void control_on_tick(void *control);

#endif
