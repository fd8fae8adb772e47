/*
 * What the tests of the door share: a door that is told events by letters, and what it does in letters.
 */
#ifndef TESTS_DOORS_H
#define TESTS_DOORS_H

#include "sharing/door.h"

#define DOORS_START 9000

struct fixture {
	struct conf_rules rules;
	struct door door;
	msec_t now;
};

/* A letter for each state, in the order of the enum. */
extern const char doors_states[];

/*
 * Begins anew and returns what that does.  Rules: c claim = connect, r raw, q say-why = false, d drain
 * = 0, o claim-timeout off.
 */
const char *doors_begin(struct fixture *, const char *rules);

/*
 * Tells it an event: c COMPORT, w WONT, d DATA, s SETTING, g GRANTED, h HELD, q QUEUED, r REFUSED, u CUT,
 * y YIELD, f FIN, e DRAINED, l LOST, t TIME; R and U for one that may not linger.  Returns "ACTIONS STATE": C
 * claim, S status, T timeout, V yield, W waiting, Y ready, G sign, X text, D drain, R release, H shut down, K close,
 * Z reset; valid until the next call.
 */
const char *doors_feed(struct fixture *, char event);

#endif
