/*
 * The inside of a line, for the files that make it up: line.c (life and time), line_open.c (its device),
 * line_ops.c (port operations), line_handover.c, line_rules.c (how it is handed over), line_owner.c,
 * line_ring.c, line_host.c (host-sharing).
 */
#ifndef LINE_LINE_PARTS_H
#define LINE_LINE_PARTS_H

#include "line/line.h"
#include "modem/handover.h"
#include "modem/ringwatch.h"

#define LINE_PENDING_MAX 16 /* operations submitted and not answered; an owner has at most 6 */
#define LINE_QUESTIONS 2    /* of these from clients that own nothing */

/* Every state has a deadline but FREE, RESTING and OWNED, which clients, the device and others on this
 * host end: HACKING.md has them all. */
enum line_state {
	LINE_OUT,        /* closed; tried again at `due` */
	LINE_OPENING,
	LINE_HANDOVER,
	LINE_FREE,
	LINE_RINGING,    /* somebody calls: granted at `due` */
	LINE_OWNED,
	LINE_QUARANTINE, /* a modem that failed; open, tested again at `due` */
	LINE_RESTING,    /* host-sharing: free and closed */
	LINE_FOREIGN,    /* host-sharing: somebody else on this host has it; looked at again at `due` */
	LINE_DISABLED,   /* by the administrator; closed */
	LINE_CLOSING,    /* until the driver lets go */
	LINE_SHUT        /* closed for good */
};

enum line_after { LINE_THEN_TRY, LINE_THEN_REST, LINE_THEN_OPEN }; /* what follows CLOSING */

/* A hand-over that is going on; its memory is there only then. */
struct line_run {
	struct handover_rules rules;
	struct handover machine;
	enum handover_do doing; /* what is being carried out; WAIT: nothing */
	size_t sent;            /* of what SEND sends */
	msec_t away_ends;       /* the device left the bus and is waited for; or never */
	bool anew;              /* from the beginning when it is back: the rules have changed */
};

struct line_pending {
	line_done_fn *fn;
	void *ctx;
	int64_t budget; /* ms it may take */
};

/* The rings of a free modem. */
struct line_ring {
	struct ringwatch watch;
	msec_t since;
};

/* What becomes of a line when it is closed that a reload takes away. */
struct line_will {
	struct line *successor; /* begins then; or NULL */
	struct generation *generation;
	struct loop_note note;
};

/* As small as can be, for a thousand of them that are free: what is needed now and then has memory of its
 * own. */
struct line {
	const struct line_house *house;
	const struct conf_line *conf;
	struct port *port;
	struct loop_timer timer;
	struct arbiter_line seat;
	char *reason;              /* out of service: why; see line_drop_reason() */
	void *owner;               /* NULL: nobody */
	struct line_run *run;      /* NULL: it is not handed over */
	struct line_ring *ring;    /* NULL: rings are not looked for */
	struct dirwatch_file *device_watch, *lock_watch;
	struct line_counts *counts; /* NULL: nothing counted yet */
	struct line_test *test;    /* who waits for one, or NULL */
	struct line_will *will;    /* NULL: it stays; it may all the same */
	struct line_pending *pending; /* a circle of LINE_PENDING_MAX; NULL: there is none */
	msec_t lamps_due;          /* asked for again */
	msec_t handover_ends;      /* at the latest */
	msec_t operation_due;      /* of the oldest pending operation, or of opening */
	msec_t due;                /* of the state, where it has one of its own */
	struct port_state known;
	unsigned failures;         /* hand-overs in a row */
	enum line_state state : 8;
	enum line_after after : 8;
	uint8_t first, count;      /* of pending */
	bool trusted, shutting;
	bool begun, succeeds, retired;
	bool disabled;             /* by the administrator, now or as soon as it can be */
	bool monitored;            /* news->passed() is wanted */
	bool preparing;            /* host-sharing: it is made ready for whoever waits */
	bool used_by_others;       /* host-sharing: since it was handed over */
	bool told_unlocked;
};

/* line.c: sets the timer to the earliest deadline; the device is gone or its driver hangs; why it is out
 * of service, logged if that is news. */
void line_arm(struct line *);
void line_fail(struct line *, const char *reason);
void line_set_reason(struct line *, const char *reason);
void line_drop_reason(struct line *);
void line_enter(struct line *, enum line_state, msec_t due);

/* line_open.c */
extern const struct port_news line_port_news;
void line_open(struct line *);
void line_close(struct line *, enum line_after);
void line_out(struct line *); /* closed; it is tried again soon */
void line_wait_for_close(struct line *, msec_t until);
void line_not_closed(struct line *);
struct port *line_make_port(struct line *);
void line_watch_device(struct line *);

void line_free_pending(struct line *);

/* line_ops.c: everybody who waits is told what was last known; a pending operation is done. */
void line_answer_all(struct line *, const char *failed);
void line_on_done(void *ctx, const char *failed, const struct port_state *);

/* line_rules.c; the conf outlives the rules */
void line_rules(const struct conf_line *, struct handover_rules *);

/* line_handover.c */
void line_begin_handover(struct line *);
void line_begin_probe(struct line *);
void line_handover_goes_on(struct line *); /* the device is back that left in the midst of it */
void line_handover_waited(struct line *);
void line_handover_stuck(struct line *);
void line_handover_data(struct line *, const uint8_t *, size_t n);
void line_handover_writable(struct line *);
bool line_handover_awaits_device(struct line *); /* it has gone: is it to come back? */
bool line_is_awaited(const struct line *);      /* ... and has not come yet */
void line_end_run(struct line *);

/* line_ring.c: handed over, and free when it does not ring (any more); what a free modem says; it is quiet. */
void line_free_now(struct line *, msec_t rings);
void line_ring_data(struct line *, const uint8_t *, size_t n);
void line_ring_signal(struct line *, uint8_t state, uint8_t deltas);
void line_rung_out(struct line *);

/* line_host.c */
void line_rest(struct line *);
void line_rested(struct line *);
void line_foreign(struct line *, const char *reason);
void line_look_at_lock(struct line *);

/* line_block.c: closes one that is disabled; a test has ended. */
void line_park(struct line *);
void line_tested(struct line *, const char *failure);

/* line_owner.c: news of the port that go to the owner. */
size_t line_on_room(void *ctx);
void line_on_data(void *ctx, const uint8_t *, size_t n);
void line_on_writable(void *ctx);
void line_on_modem(void *ctx, uint8_t state, uint8_t deltas);
void line_on_errors(void *ctx, uint8_t bits);
void line_on_call(void *ctx, enum port_call);

#endif
