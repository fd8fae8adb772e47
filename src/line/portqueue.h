/*
 * What is asked of a port, in order, each within a time: an operation that is submitted is answered once, as
 * done, with what is in force then, or as refused, with the reason.  Nothing that was not carried out counts as
 * done.  No loop and no clock: the time is given.
 */
#ifndef LINE_PORTQUEUE_H
#define LINE_PORTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "ports/port.h"

#define PORTQUEUE_MAX 16         /* submitted and not answered; an owner has at most 6, a hand-over as many */
#define PORTQUEUE_TIME 5000      /* ms that an operation may take beside what it waits for on purpose */

/* The answer to what was pending.  why: NULL, or why it was refused, or what the driver did not do of it, for a
 * person.  The state is what is in force, or was last known. */
typedef void portqueue_fn(void *ctx, const char *why, const struct port_state *);

struct portqueue_item;

/* Lies in its owner, the line; read count and known.  The items' memory is there only while there are some. */
struct portqueue {
	struct portqueue_item *items; /* PORTQUEUE_MAX in a circle */
	msec_t due;                   /* of the oldest */
	struct port_state known;      /* what was last read back */
	uint8_t first, count;
};

void portqueue_init(struct portqueue *, const struct rfc2217_format *);

/*
 * PORT_DONE: `known` is what is in force.  PORT_PENDING: fn (which may be NULL) is called later, with ctx.
 * PORT_REFUSED, and then *why: it was not and will not be carried out.  The port must be open.
 */
int portqueue_submit(struct portqueue *, struct port *, const struct port_op *, msec_t now, portqueue_fn *,
    void *ctx, const char **why);

/* The port says that the oldest is done.  Answers it. */
void portqueue_done(struct portqueue *, const char *failed, const struct port_state *, msec_t now);

/* The port closes, fails or hangs: refuses all that is pending.  fn may submit others, which are refused by the
 * port then, if it is not open. */
void portqueue_refuse_all(struct portqueue *, const char *why);

/* Nobody waits for the answers any more that go to ctx; they are still awaited. */
void portqueue_forget(struct portqueue *, const void *ctx);

/* When the oldest has taken too long, or never. */
msec_t portqueue_due(const struct portqueue *);

#endif
