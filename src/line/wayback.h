/*
 * One hand-over of one line: carries out the steps of modem/handover.h on a port, by the configuration
 * that it began with, and proves at its end that what is in force is what was asked for.  There is one only while
 * it goes on; its owner, the line, tells it what happens and hears by the return value how it stands.
 */
#ifndef LINE_WAYBACK_H
#define LINE_WAYBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "line/portqueue.h"

struct generation;

#define WAYBACK_AWAY 60000 /* ms for a modem that resets itself off the bus (libraries and makers say 60 s) */

struct wayback;

enum wayback_outcome {
	WAYBACK_GOES_ON,
	WAYBACK_PASSED,
	WAYBACK_FAILED, /* wayback_failure() says why */
	WAYBACK_DIFFERS /* what is in force is not what is configured, and what the device makes of that is not
	                   known: it must be opened by it */
};

/* What it runs on, all of which outlives it. */
struct wayback_line {
	struct port *port;
	struct portqueue *queue;
	portqueue_fn *answered; /* calls wayback_answered() */
	void *ctx;              /* of answered */
	const struct conf_line *conf;
	struct generation *generation; /* that conf is in: see wayback_generation() */
	bool carrier_falls;     /* carrier was off at the end of the last hand-over */
	bool made_known;        /* it is known what the device makes of the configured format ... */
	uint8_t bare;           /* ... as wayback_bare() says of that */
};

/* NULL without memory. */
struct wayback *wayback_new(const struct wayback_line *);

/* Forgets what was submitted, but not the generation; NULL is nothing. */
void wayback_free(struct wayback *);
struct generation *wayback_generation(const struct wayback *);

/* Begins the whole way; or only asks a modem that others may have used whether it is in order. */
enum wayback_outcome wayback_start(struct wayback *, msec_t now);
enum wayback_outcome wayback_probe(struct wayback *, msec_t now);

/* The oldest operation that it submitted is answered: see portqueue_fn. */
enum wayback_outcome wayback_answered(struct wayback *, const char *failed, const struct port_state *, msec_t now);

/* The line says something; takes data again; and wayback_due() has come. */
enum wayback_outcome wayback_data(struct wayback *, const uint8_t *, size_t n, msec_t now);
enum wayback_outcome wayback_writable(struct wayback *, msec_t now);
enum wayback_outcome wayback_time(struct wayback *, msec_t now);
msec_t wayback_due(const struct wayback *);

/*
 * Some modems leave the bus as they are reset: may this one be expected back?  wayback_left(): it is waited
 * for until then.  Open again, it goes on where it was.
 */
bool wayback_may_leave(const struct wayback *);
void wayback_left(struct wayback *, msec_t until);
msec_t wayback_away_until(const struct wayback *); /* never: it is there */
enum wayback_outcome wayback_returned(struct wayback *, msec_t now);

/* After PASSED: carrier was off at its end; it rings so long (past: it does not). */
bool wayback_carrier_off(const struct wayback *);
msec_t wayback_rings(const struct wayback *);

/* After FAILED, for a person. */
const char *wayback_failure(const struct wayback *);

/* What a driver reads back is what it was given; a divisor seldom gives the very rate. */
bool wayback_same_format(const struct rfc2217_format *, const struct rfc2217_format *);

/* Of what a device made of its settings as it was opened by them, before any owner: a bit for each of size, parity,
 * stop bits and both directions of flow control that is as in 8N1 without any. */
uint8_t wayback_bare(const struct rfc2217_format *);

/* It has a modem with a device of its own: one that may ring, leave the bus, and be hung up in a dialogue. */
bool wayback_real_modem(const struct conf_line *);

/* ms that one of such a line takes at the most, with what its port may need. */
int64_t wayback_bound(const struct conf_line *);

#endif
