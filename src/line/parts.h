/*
 * What a line consists of, for line.c (its life, carried out), owner.c (its owner's bytes and operations), view.c
 * (what others look at) and fate.c (what others make of it).
 */
#ifndef LINE_PARTS_H
#define LINE_PARTS_H

#include "line/bell.h"
#include "line/life.h"
#include "line/line.h"
#include "line/portqueue.h"
#include "line/wayback.h"

#define LINE_QUESTIONS 2 /* operations pending, at most, for clients that own nothing to ask one more */
#define LINE_BEFORE 5    /* operations pending, at most, as a hand-over begins: so many and its own does a port take */
#define LINE_QUEUED 4    /* events that came while another one was carried out */

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
	struct portqueue queue;
	char *reason;              /* out of service: why; see line_reason() */
	void *owner;               /* NULL: nobody */
	struct wayback *way;       /* NULL: it is not handed over, or that has not begun yet */
	struct bell *bell;         /* NULL: rings are not looked for */
	struct dirwatch_file *device_watch;
	struct look_watch *lock_watch; /* only while the lock is nobody's here */
	struct line_counts *counts; /* NULL: nothing counted yet */
	struct line_test *test;    /* who waits for one, or NULL */
	struct line_will *will;    /* NULL: it stays; it may all the same */
	msec_t lamps_due;          /* asked for again */
	msec_t handover_ends;      /* at the latest, which is told; once it has passed: when that was */
	msec_t due;                /* of the state, where it has one of its own */
	struct life life;
	uint8_t queued[LINE_QUEUED], n_queued; /* enum life_event */
	uint8_t bare;              /* wayback_bare() of what the device made of its settings */
	bool busy : 1;             /* an event is being carried out */
	bool made_known : 1;       /* it was opened by the settings that are configured now: `bare` */
	bool trusted : 1;          /* DCD was off at the end of the last hand-over */
	bool begun : 1, succeeds : 1, retired : 1;
	bool monitored : 1;        /* news->passed() is wanted */
	bool told_unlocked : 1, told_left : 1, told_differs : 1;
	bool nameless : 1;         /* who has its lock file was not known when it was looked at last */
};

/* line.c: an event has come; it has to be opened first, which is told of it; outcome: how a hand-over stands after what
 * was told to it. */
void line_event(struct line *, enum life_event, const struct life_args *);
void line_awaits_opening(struct line *);
void line_run_stands(struct line *, enum wayback_outcome);
void line_arm(struct line *);
void line_say_disabled(struct line *); /* its reason anew, of one that is */

/* What its port says of itself. */
void line_on_opened(void *ctx, const char *reason, const struct port_state *);
void line_on_done(void *ctx, const char *failed, const struct port_state *);
void line_on_gone(void *ctx, const char *reason);
void line_on_closed(void *ctx);

/* The parts of a new one that are line.c's; its house is known. */
void line_init(struct line *);

/* view.c: told to the house if what is shown of the port is no longer what it was. */
void line_altered_from(struct line *, const struct port_state *before);

/* owner.c: all that a port says. */
extern const struct port_news line_port_news;

#endif
