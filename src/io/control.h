/*
 * The control socket: speaks views/ctlmsg.h to the control tool, and asks the daemon by an ops
 * struct.
 *
 * root and the daemon's own user may act, everybody else who can connect may look; who can connect
 * is said by the socket's mode 0660 and its group, which is that of its directory.
 *
 * Each user has CONTROL_USER places.  Who only looks can take none from who may act, who has CONTROL_KEPT more:
 * in these nothing is watched or monitored, so that he can act however much of that he has left running.
 */
#ifndef IO_CONTROL_H
#define IO_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/gallery.h"
#include "io/history.h"
#include "io/loop.h"
#include "views/ctlmsg.h"

#define CONTROL_LOOKERS 16    /* connections of all who may only look */
#define CONTROL_USER 4        /* of one user; of who may act: that watch or monitor */
#define CONTROL_KEPT 4        /* more of who may act */
#define CONTROL_FIRST 5000    /* ms until the first request must have come */
#define CONTROL_IDLE 60000    /* ms between requests */
#define CONTROL_STALL 5000    /* ms in which an answer must get on */
#define CONTROL_STREAM 262144 /* bytes that wait for a client; more of a stream is lost to it */
#define CONTROL_TICK 1000     /* ms between two snapshots of watch */
#define CONTROL_SOON 200      /* ms after control_changed() */

/* The status, a text without a newline, as forms of the gallery: for who may act, and who may only look. */
#define CONTROL_TO_ACT "status for who may act"
#define CONTROL_TO_LOOK "status for who looks"

#define CONTROL_DIRECTORY 128 /* bytes of a path, more than a socket's may have */

struct control_limits {
	int64_t unread_ms; /* one that watches or monitors, and has not read for so long, is closed */
};

#define CONTROL_LIMITS ((struct control_limits){ .unread_ms = 60000 })

struct control;
struct control_call; /* a request of a client; it may have gone meanwhile */

/* Who asks, as the kernel knows him since he connected; -1: it does not say. */
struct control_peer {
	int64_t uid, pid;
};

struct control_ops {
	/* Carries out one that acts (all but MONITOR), and ends the call by control_done() or
	 * control_refuse(), now or later. */
	void (*act)(void *ctx, struct control_call *, const struct ctlmsg_request *);
	/*
	 * The first client begins to monitor a line, from now on control_data() is wanted; or the
	 * last has ceased.  False: no such line.
	 */
	bool (*monitor)(void *ctx, const char *line, bool on);
	/* NULL: no history is kept. */
	struct history *(*history)(void *ctx);
	bool (*has_line)(void *ctx, const char *line);
};

/* The directory of a socket at path; false: it has none of its own. */
bool control_directory(const char *path, char directory[static CONTROL_DIRECTORY]);

/*
 * Makes the directory of the socket, one level of it, and listens at path; a socket there that nobody serves any more is replaced.  NULL with errno:
 * EADDRINUSE: somebody does serve it; EEXIST: there is something that is no socket.  The gallery, ops and ctx
 * outlive it.
 */
struct control *control_new(struct loop *, const char *path, struct control_limits, struct gallery *,
    const struct control_ops *, void *ctx);

/*
 * Ends all connections and removes the socket; before history_free().  Calls that are not answered
 * yet still must be.  NULL is nothing.
 */
void control_free(struct control *);

/* Whose call it is; also when he has gone. */
struct control_peer control_peer(const struct control_call *);

/* It is done: text is NULL or tells more, for a person.  Frees the call. */
void control_done(struct control_call *, const char *text);

/* It is not done: what, where, expected.  Frees the call. */
void control_refuse(struct control_call *, enum ctlmsg_code, const char *error);

/* Something has changed: watchers see it soon. */
void control_changed(struct control *);

/* Somebody watches a line; at: ms since 1970.  The bytes are copied.  Lines nobody monitors cost a
 * look.  A short note is not told twice in a row. */
void control_data(struct control *, const char *line, bool from_client, int64_t at, const uint8_t *,
    size_t n);
void control_note(struct control *, const char *line, int64_t at, const char *text);

/* The line is gone: those who monitor it are told why, and ops->monitor is not called for it any
 * more. */
void control_forget_line(struct control *, const char *line, int64_t at, const char *why);

#endif
