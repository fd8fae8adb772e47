/*
 * The status as text for all who look at the control socket: made when somebody asks, and used again for PICTURE_FRESH
 * ms at most, and only while no line, claim or queue has changed since.
 */
#ifndef DAEMON_PICTURE_H
#define DAEMON_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "io/loop.h"

struct daemon;

#define PICTURE_FRESH 200 /* ms; idle times and counts of bytes may be that old */

struct picture {
	struct loop_timer old; /* set while there is a text: nothing is kept that nobody looks at */
	struct picture_text {
		char *json; /* or NULL */
		size_t n;
	} text[2]; /* for who may only look, for who may act */
};

void picture_init(struct picture *, struct loop *);

/* The status of d as JSON, *n bytes without a newline; valid until the loop goes on.  NULL without memory. */
const char *picture_status(struct picture *, struct daemon *d, bool may_act, size_t *n);

/* Something has changed, or it ends: the next look is a new one. */
void picture_forget(struct picture *);

#endif
