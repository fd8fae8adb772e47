/*
 * From one owner to the next: the steps that bring a line back, pure.  First form: as for a
 * console, for both kinds; a modem's dialogue comes here later.
 */
#ifndef MODEM_HANDOVER_H
#define MODEM_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum handover_do {
	HANDOVER_RESET,    /* a virtual modem: end its call, &F */
	HANDOVER_PURGE,    /* drop the queues of both directions */
	HANDOVER_BREAK_OFF,
	HANDOVER_DTR_DOWN,
	HANDOVER_WAIT,     /* until handover_due() */
	HANDOVER_SETTINGS, /* the configured speed, format and flow control */
	HANDOVER_SIGNALS,  /* RTS on, DTR as dtr-when-free says */
	HANDOVER_LOOK,     /* read everything back: is carrier off? */
	HANDOVER_READY     /* the end: the line is clean */
};

struct handover {
	int64_t hangup_time; /* ms, 0: DTR is not pulsed */
	unsigned step;       /* an index into the steps of handover.c */
	msec_t due;
	bool carrier_off;    /* at the end: DCD can be trusted for telling calls */
};

/* Begins; returns the first thing to do. */
enum handover_do handover_start(struct handover *, int64_t hangup_time, msec_t now);

/*
 * The thing that was to be done is done (for WAIT: the time has come, else it is WAIT again);
 * carrier is DCD then, looked at after LOOK only.  Returns the next one; after READY it is READY
 * for ever.  A step that a driver refuses counts as done: what cannot be set was not set.
 */
enum handover_do handover_next(struct handover *, bool carrier, msec_t now);

/* Only while waiting; never else. */
msec_t handover_due(const struct handover *);

#endif
