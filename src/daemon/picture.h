/*
 * The daemon at one moment as a plain picture, which every view renders (views/snapshot.h).
 */
#ifndef DAEMON_PICTURE_H
#define DAEMON_PICTURE_H

#include "views/snapshot.h"

struct daemon;

struct picture {
	struct snapshot snapshot;
	void *memory; /* all that it has of its own, in one piece each */
};

/*
 * Takes one; what it points to is valid until picture_free(), and only until the loop goes on.  The lines
 * whose lamps nobody watches are asked for them, for the next picture.  -1 without memory.
 */
int picture_take(struct picture *, struct daemon *);
void picture_free(struct picture *);

#endif
