/*
 * Connecting to a host by name, without waiting in the loop: the look-up runs in a thread of its own,
 * at most one for each struct dial; then the addresses are tried one after the other.
 */
#ifndef IO_DIAL_H
#define IO_DIAL_H

#include <stdint.h>

#include "io/loop.h"

#define DIAL_HOST 253     /* longest name */
#define DIAL_NEXT 5000    /* ms after which the next address is tried, if there is one */
#define DIAL_ADDRESSES 8  /* more are not tried */

enum dial_end {
	DIAL_CONNECTED, /* fd is non-blocking, close-on-exec, and the callee's */
	DIAL_UNKNOWN,   /* the name has no address */
	DIAL_REFUSED,   /* by the last address */
	DIAL_FAILED     /* no way there, or no means left here */
};

/* Told once for each dial_start(), never from inside it. */
typedef void dial_fn(void *ctx, enum dial_end, int fd);

struct dial;

/* Idle.  NULL without memory. */
struct dial *dial_new(struct loop *, dial_fn *, void *ctx);

/*
 * Begins; ends what was begun before, untold.  There is no time limit: dial_stop().  A look-up that is
 * still running for another name is waited for first.
 */
void dial_start(struct dial *, const char *host, uint16_t port);

/* Nothing is told any more of what was begun. */
void dial_stop(struct dial *);

/* A look-up that is running ends by itself.  NULL is nothing. */
void dial_free(struct dial *);

#endif
