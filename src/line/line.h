/*
 * One line: its port, its one owner, and its way back from one owner to the next.  A line opens its
 * device by itself, tries again each second while that fails, and hands itself over before
 * anybody gets it.
 */
#ifndef LINE_LINE_H
#define LINE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "io/loop.h"
#include "line/bell.h"
#include "line/counts.h"
#include "line/portqueue.h"
#include "line/wayback.h"
#include "ports/port.h"
#include "ports/settings.h"
#include "ports/virtual.h"
#include "sharing/arbiter.h"
#include "views/snapshot.h"

#define LINE_RETRY 1000      /* ms until a device that is gone is looked for again */
#define LINE_RETEST 1000     /* ms until what has no `retest` is tested again that failed; doubles as with it */
#define LINE_AWAY WAYBACK_AWAY        /* ms a modem may take to come back that left the bus as it was reset */
#define LINE_OPERATION PORTQUEUE_TIME /* ms a port operation may take before the driver counts as hanging */

struct dirwatch;
struct generation;
struct line;
struct serials;

/* What all lines share; outlives them. */
struct line_house {
	struct loop *loop;
	struct exchange *exchange;
	struct serials *serials;
	struct dirwatch *watch;     /* NULL: devices and locks are only looked for now and then */
	const char *lock_directory; /* "": no lock files */
	const struct line_news *news;
	void *ctx;                  /* of news */
	const struct line_owner *owner;
};

/* What a line tells its owner, of whom the house knows how; ctx is the owner. */
struct line_owner {
	size_t (*room)(void *ctx);
	void (*data)(void *ctx, const uint8_t *, size_t n);
	void (*writable)(void *ctx);
	void (*modem)(void *ctx, uint8_t state, uint8_t deltas);
	void (*errors)(void *ctx, uint8_t bits);
	void (*call)(void *ctx, enum port_call);
	/* The device is gone, and he is nobody to the line any more: he leaves in his own time, by line_release(). */
	void (*gone)(void *ctx, const char *reason);
};

/* What a line tells the house. */
struct line_news {
	void (*found)(void *ctx, struct line *);  /* the device is there and is being handed over */
	void (*ready)(void *ctx, struct line *);  /* handed over: somebody may have it */
	void (*unready)(void *ctx, struct line *); /* free, but not to be had for a while: it rings */
	void (*rests)(void *ctx, struct line *);  /* host-sharing: no longer in foreign hands, and closed */
	void (*out)(void *ctx, struct line *);    /* out of service: line_reason() */
	void (*closed)(void *ctx, struct line *); /* after line_shut() */
	/* Monitored: n bytes went from or to the owner. */
	void (*passed)(void *ctx, struct line *, bool from_client, const uint8_t *, size_t n);
	void (*changed)(void *ctx, struct line *); /* another state, for whoever looks on */
	void (*altered)(void *ctx, struct line *); /* its settings or modem lines: no news, but to be seen */
	/* A hand-over goes by the configuration of now until it lets go of it. */
	struct generation *(*hold)(void *ctx);
	void (*let_go)(void *ctx, struct generation *);
};

/*
 * A line that has not begun.  conf and house outlive it.  NULL without memory.
 */
struct line *line_new(const struct line_house *, const struct conf_line *);

/* Opens the device; news follow, the first of them at once: found. */
void line_start(struct line *);

/* Hangs up and closes for good (the daemon ends); an owner has left.  closed() follows, late if the
 * driver blocks, perhaps from inside this call. */
void line_shut(struct line *);

/* host-sharing: it is closed, and somebody waits for it now: opened and tested, ready() or out()
 * follows. */
void line_prepare(struct line *);

/*
 * Out of service from now on, or when its owner has left; back again.  text: why, for whoever is refused, in at most
 * LINE_DISABLE_TEXT bytes; NULL or "": nothing is said.  False: there is no memory for it, and nothing has changed.
 */
#define LINE_DISABLE_TEXT 160
bool line_disable(struct line *, const char *text);
void line_enable(struct line *);

/*
 * Hands it over now, as from one owner to the next.  Returns why it cannot, or NULL; then done() gets the
 * failure, or NULL, later or from inside this call.  The test is the caller's, and in use until then.
 */
struct line_test {
	void (*done)(struct line_test *, const char *failure);
};
const char *line_test(struct line *, struct line_test *);

/* Whether passed() is wanted. */
void line_monitor(struct line *, bool);

/* The state that it is said to be in. */
enum snapshot_state line_shown(const struct line *);

/* For the snapshot: the line with its settings in text; asks for lamps that nobody watches. */
void line_snapshot(struct line *, char settings[static SETTINGS_TEXT], struct snapshot_line *);
void line_look_at_lamps(struct line *);
struct line_counts *line_counts(struct line *);

/* Somebody calls a virtual modem from the network: fd is connected and now the line's. */
void line_ring(struct line *, int fd);

/*
 * Goes by another conf, which differs so (enum conf_reload bits; not in what ends a claim).  The old one is
 * not touched any more.
 */
void line_change(struct line *, const struct conf_line *, unsigned differs);

/*
 * Not configured any more, or no longer so: closes and, in its own time, frees itself; its owner was cut, and
 * nobody else knows it.  closed() follows.  successor: begins when this one is closed, or NULL.  of: the
 * configuration that it has, until then.
 */
void line_retire(struct line *, struct line *successor, struct generation *of);
bool line_may_retire(struct line *); /* before, and whatever comes of it; false without memory */
struct generation *line_generation(const struct line *); /* of, for closed() */
bool line_has_begun(const struct line *);
bool line_succeeds(const struct line *); /* line_retire() names it */
bool line_retired(const struct line *);
void line_bury(struct line *); /* a retired one, in closed() */

/* Only after closed(), or when the process ends anyway; NULL is nothing. */
void line_free(struct line *);

const struct conf_line *line_conf(const struct line *);
struct arbiter_line *line_seat(struct line *);
struct line *line_of_seat(struct arbiter_line *);

/* For the broker: until then nobody may take it over from its owner. */
msec_t line_takeover(const struct line *);
void line_taken_over(struct line *, msec_t again);

/* Why it is out of service, for a person; valid while it is. */
const char *line_reason(const struct line *);

/* ms that a hand-over of such a line takes at the most, until it is free or out of service. */
int64_t line_handover_bound(const struct conf_line *);

/* ms until the hand-over that is going on ends at the latest, 0 while there is none. */
int64_t line_handover_left(const struct line *);

/* What was last read back; what a watched line reports keeps it true. */
const struct port_state *line_state(const struct line *);

/* DCD was off at the end of the last hand-over, and the port has modem lines: it tells calls. */
bool line_trusts_carrier(const struct line *);

/* Has its hand-over passed in this very millisecond?  The last that it did was to drop what was queued, and to read
 * back what line_state() tells: whoever it is granted to now need not do so once more. */
bool line_is_fresh(const struct line *);

/* The port reports its calls itself (a virtual modem). */
bool line_tells_calls(const struct line *);

/* Only a line that is ready is given to an owner; release starts the hand-over. */
void line_grant(struct line *, void *owner);
void line_release(struct line *);

/* For the owner. */
size_t line_send(struct line *, const uint8_t *, size_t n);
void line_resume(struct line *);

/*
 * Runs a port operation for `ctx`; fn gets what is then in force, from inside this call if the port
 * answers at once, else later and in order; failed: NULL or why.  A driver that hangs
 * is answered for after LINE_OPERATION with the last known state.  fn may be NULL.
 */
typedef void line_done_fn(void *ctx, const char *failed, const struct port_state *);
void line_submit(struct line *, const struct port_op *, line_done_fn *fn, void *ctx);

/* ctx goes away: nothing of what it submitted is answered to it any more, nor is an owner told anything. */
void line_forget(struct line *, const void *ctx);

#endif
