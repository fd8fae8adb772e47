/*
 * What a client sends to a line, in one order: data and commands, of which one may be pending.
 *
 * R68: a command takes effect after the data before it was handed to the line.  It overtakes
 * that data when the line has taken none for INORDER_STUCK ms, or INORDER_LATEST ms after it
 * arrived, whichever comes first.  The 100 ms count from the latest of: the line took data; data
 * began to wait in an empty queue, or was purged; the command arrived; the item before it was
 * answered, unless that one had overtaken too.  So a line that is stuck is waited for once, not
 * once for each command, and those that arrived together have the same deadline.  Pure.
 */
#ifndef WIRE_INORDER_H
#define WIRE_INORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/ring.h"
#include "rfc2217.h"

#define INORDER_DATA 32768     /* bytes of data held at most */
#define INORDER_COMMANDS 64    /* commands held at most */
#define INORDER_STUCK 100      /* ms */
#define INORDER_LATEST 2000    /* ms */

enum inorder_kind { INORDER_COMMAND, INORDER_BREAK };

struct inorder_item {
	enum inorder_kind kind;
	struct rfc2217_command command; /* text is NULL; text_len tells empty from not empty */
	msec_t latest;  /* overtakes what is before it then */
	uint64_t after; /* position in the data that it stands behind */
};

/* Read `data.used` freely.  What the pointers point to exists only while something waits. */
struct inorder {
	struct ring data;
	uint64_t taken;     /* data bytes handed to the line or dropped, since init */
	struct inorder_item *items; /* INORDER_COMMANDS in a circle, NULL while there is none */
	uint8_t first, count;
	bool pending;       /* the front item was handed out and is not answered */
	msec_t progress;    /* from when the 100 ms count, but for an item's own arrival */
};

enum inorder_step {
	INORDER_NOTHING,    /* until inorder_due(), the line takes data, or an answer */
	INORDER_DATA_READY, /* hand data to the line (inorder_peek), then inorder_sent() */
	INORDER_ITEM_READY  /* carry out the item, then inorder_answered() */
};

void inorder_init(struct inorder *);

/* Drops everything, what is pending too, and gives the memory back; stays usable. */
void inorder_clear(struct inorder *);

/* Nothing waits and nothing is pending: data may go straight to the line. */
bool inorder_idle(const struct inorder *);

/* Appends data; returns the bytes taken: fewer than n when full, 0 also without memory. */
size_t inorder_data(struct inorder *, const uint8_t *, size_t n, msec_t now);

/* The same without a copy: room for *n bytes in one piece (NULL when full, or without memory), of which so many have
 * been put there, perhaps none: after each. */
uint8_t *inorder_reserve(struct inorder *, size_t *n);
void inorder_commit(struct inorder *, size_t n, msec_t now);

/*
 * Appends a command, or a break; a break right behind one that has not been handed out is the
 * same (also when full).  false: no room or no memory, nothing appended.
 */
bool inorder_command(struct inorder *, const struct rfc2217_command *, msec_t now);
bool inorder_break(struct inorder *, msec_t now);

/*
 * PURGE-DATA 2 or 3 has arrived: drops the data queued so far; commands keep their places, and
 * data that follows is untouched.
 */
void inorder_purge(struct inorder *, msec_t now);

/*
 * What is next.  writable: the line may take data now; a line that may is not stuck, so that
 * data comes first then, until INORDER_LATEST.  For ITEM_READY *item is a copy, and it is
 * pending until inorder_answered(): nothing else is handed out meanwhile.  *drain_ms (0 to
 * INORDER_LATEST) is how long at most the line may still be let drain before the item acts:
 * what is left of INORDER_LATEST, 0 when it overtakes.  Otherwise both are untouched.
 */
enum inorder_step inorder_next(struct inorder *, msec_t now, bool writable,
    struct inorder_item *item, int *drain_ms);

/*
 * Data that may be handed to the line now, in one piece: not past the front item.  NULL and 0 for
 * none, as while an item is pending.  inorder_sent(): so many of its bytes were taken.
 */
const uint8_t *inorder_peek(const struct inorder *, size_t *n);
void inorder_sent(struct inorder *, size_t n, msec_t now);

/* The pending item is done; without one nothing happens. */
void inorder_answered(struct inorder *, msec_t now);

/*
 * When an item overtakes, if the line takes nothing till then: inorder_next() must be asked again
 * at that time.  Never, when no item waits for data before it.
 */
msec_t inorder_due(const struct inorder *);

#endif
