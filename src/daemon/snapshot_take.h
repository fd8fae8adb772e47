/*
 * The daemon at one moment as a plain snapshot, which every view renders (views/snapshot.h).
 */
#ifndef DAEMON_SNAPSHOT_TAKE_H
#define DAEMON_SNAPSHOT_TAKE_H

#include "views/snapshot.h"

struct daemon;

struct snapshot_taken {
	struct snapshot snapshot;
	void *memory; /* all that it has of its own, in one piece each */
};

/*
 * Takes one; what it points to is valid until snapshot_taken_free(), and only until the loop goes on.  The lines
 * whose lamps nobody watches are asked for them, for the next snapshot.  -1 without memory.
 */
int snapshot_take(struct snapshot_taken *, struct daemon *);
void snapshot_taken_free(struct snapshot_taken *);

#endif
