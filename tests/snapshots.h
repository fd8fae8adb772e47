/*
 * Made-up snapshots for the tests of the views, and for tests/pageserver.c.
 */
#ifndef TESTS_SNAPSHOTS_H
#define TESTS_SNAPSHOTS_H

#include "views/snapshot.h"

#define PICTURE_LINES 8   /* one in each state */
#define PICTURE_NOW INT64_C(1764100800123) /* 2025-11-25T20:00:00.123Z */

struct made_up {
	struct snapshot snapshot;
	struct snapshot_line lines[PICTURE_LINES];
	struct snapshot_service services[3];
	struct snapshot_waiter waiters[2];
	struct snapshot_record records[3];
	size_t all[PICTURE_LINES];
};

/*
 * An office: modem1 free, modem2 in use in a call by 192.0.2.7 with two waiting in service pool,
 * console1 in use by a hidden owner, and so on.  The snapshot points into the snapshot.
 */
void made_up_fill(struct made_up *);

/* Every string of it becomes this text. */
void made_up_spoil(struct made_up *, const char *text);

/* Nothing in it: no lines, no services, no past. */
void made_up_empty(struct made_up *);

#endif
