/*
 * What a serial port's worker has to tell the loop: a bounded queue and the note that wakes the loop.
 * Whoever calls holds one lock, the owner's, over all of it.
 */
#ifndef PORTS_TTYEVENTS_H
#define PORTS_TTYEVENTS_H

#include "io/loop.h"
#include "ports/port.h"

#define TTYEVENTS 32
#define TTYEVENTS_WATCHED 16 /* beyond, changes of lines are merged: the rest is for answers */

enum ttyevent_kind {
	TTYEVENT_OPENED, TTYEVENT_REOPENED, TTYEVENT_DONE, TTYEVENT_PURGED, TTYEVENT_MODEM, TTYEVENT_ERRORS,
	TTYEVENT_FAILS, TTYEVENT_GONE, TTYEVENT_CLOSED
};

struct ttyevent {
	enum ttyevent_kind kind;
	uint8_t bits, deltas; /* MODEM, ERRORS */
	const char *reason;   /* OPENED, DONE, FAILS, GONE */
	struct port_state state;
};

struct ttyevents {
	struct loop *loop;
	struct loop_note note;
	bool posted; /* fn will be called */
	bool held;   /* more answers follow at once: no need to wake the loop for each */
	unsigned first, n;
	struct ttyevent list[TTYEVENTS];
};

/* fn(ctx) is called in the loop when there are events. */
void ttyevents_init(struct ttyevents *, struct loop *, loop_fn *fn, void *ctx);

/*
 * Appends, from any thread; while it is held an answer or a PURGED wakes nobody.  One PURGED and one FAILS are enough;
 * of MODEM and ERRORS each change is an event (R56) until many wait.  At most TTYEVENTS - TTYEVENTS_WATCHED - 1 others may wait.
 */
void ttyevents_put(struct ttyevents *, const struct ttyevent *);

/*
 * The oldest; false when there is none.  *more: call again after this one; else fn will be called
 * for the next, and the queue may be given up.
 */
bool ttyevents_take(struct ttyevents *, struct ttyevent *, bool *more);

void ttyevents_clear(struct ttyevents *);

#endif
