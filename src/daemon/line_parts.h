/*
 * The inside of a line, for the files that make it up: line.c (life and time), line_ops.c (port operations),
 * line_handover.c, line_owner.c.
 */
#ifndef DAEMON_LINE_PARTS_H
#define DAEMON_LINE_PARTS_H

#include "daemon/line.h"
#include "modem/handover.h"

#define LINE_PENDING_MAX 16 /* operations submitted and not answered; an owner has at most 6 */
#define LINE_QUESTIONS 2    /* of these from clients that own nothing */

/* Every state has a deadline but FREE and OWNED, which clients and the device end. */
enum line_state {
	LINE_OUT,      /* closed; tried again at `due` */
	LINE_OPENING,
	LINE_HANDOVER,
	LINE_FREE,
	LINE_OWNED,
	LINE_CLOSING,  /* until the driver lets go */
	LINE_SHUT      /* closed for good */
};

struct line_pending {
	line_done_fn *fn;
	void *ctx;
	int64_t budget; /* ms it may take */
};

struct line {
	struct loop *loop;
	const struct conf_line *conf;
	const struct line_news *news;
	void *ctx;
	struct port *port;
	struct loop_timer *timer;
	struct arbiter_line seat;
	struct arbiter_service queue; /* of the one service that has this line */
	struct arbiter_member member;
	enum line_state state;
	const char *reason; /* out of service: why */
	char *reason_text; /* ours, what reason may point to */
	const struct line_owner *owner;
	void *owner_ctx;
	struct handover_rules rules;
	struct handover handover;
	msec_t handover_ends; /* at the latest */
	struct port_state known;
	struct line_pending *pending; /* LINE_PENDING_MAX in a circle, NULL while there is none */
	unsigned first, count;
	msec_t operation_due; /* of the oldest pending operation, or of opening */
	msec_t retry;
	bool trusted, shutting;
	bool unlocked;       /* there is no lock file, and it was told */
};

/* line.c: sets the timer to the earliest deadline; the device is gone or its driver hangs. */
void line_arm(struct line *);
void line_fail(struct line *, const char *reason);

/* line_ops.c: everybody who waits is told what was last known; a pending operation is done. */
void line_answer_all(struct line *, const char *failed);
void line_on_done(void *ctx, const char *failed, const struct port_state *);

/* line_handover.c */
void line_begin_handover(struct line *);
void line_handover_waited(struct line *);

/* line_owner.c: news of the port that go to the owner. */
size_t line_on_room(void *ctx);
void line_on_data(void *ctx, const uint8_t *, size_t n);
void line_on_writable(void *ctx);
void line_on_modem(void *ctx, uint8_t state, uint8_t deltas);
void line_on_errors(void *ctx, uint8_t bits);
void line_on_call(void *ctx, enum port_call);

#endif
