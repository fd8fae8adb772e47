/*
 * The daemon at one moment as a plain snapshot, which every view renders (views/snapshot.h).
 */
#ifndef DAEMON_SNAPSHOT_TAKE_H
#define DAEMON_SNAPSHOT_TAKE_H

#include "base/copies.h"
#include "views/snapshot.h"

struct daemon;

struct snapshot_taken {
	struct snapshot snapshot;
	void *memory; /* its structs, in one piece, and what texts are made for it */
	struct copies copies; /* of texts that are others' */
};

/*
 * Takes one, of which nothing is anybody else's: it may be read elsewhere and later, until snapshot_taken_free().  The
 * lines whose lamps nobody watches are asked for them, for the next snapshot.  -1 without memory.
 */
int snapshot_take(struct snapshot_taken *, struct daemon *);
void snapshot_taken_free(struct snapshot_taken *);

#endif
