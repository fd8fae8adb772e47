/*
 * What the ports without hardware share: opening and closing, settings, telling of modem lines,
 * and handing over bytes, all of it later in the loop as ports/port.h wants.  A kind of port
 * puts a struct soft first in its own struct and provides the rest.
 */
#ifndef PORTS_SOFT_H
#define PORTS_SOFT_H

#include "base/clock.h"
#include "base/ring.h"
#include "io/loop.h"
#include "ports/port.h"

struct soft;

struct soft_ops {
	/* The port is open, or about to close: everything that waits goes. */
	void (*power)(struct soft *, bool on);
	/* Carries out what an operation does beyond the settings, which have been set. */
	void (*submit)(struct soft *, const struct port_op *, bool begins_break);
	/* Brings state.modem and deltas up to date. */
	void (*look)(struct soft *);
	/* Before anything else in each turn; may bring news of its own. */
	void (*turn)(struct soft *);
	/* How many bytes the owner may be brought now; 0: only in a later turn, see due(). */
	size_t (*allow)(struct soft *);
	/* The n oldest bytes of the ring are with the owner. */
	void (*taken)(struct soft *, size_t n);
	/* Was a send cut short, and would it now be taken?  Tells it once. */
	bool (*writable)(struct soft *);
	/* When turn() must be called next; never if only something new makes it. */
	msec_t (*due)(const struct soft *);
};

enum soft_phase {
	SOFT_CLOSED,  /* Until: with the line's */
	SOFT_OPENING, /* Until: with the turn of the loop */
	SOFT_OPEN,    /* Until: with the line's */
	SOFT_CLOSING  /* Until: with the turn of the loop */
};

struct soft {
	struct port port;            /* its ops are the kind's, with the functions below */
	const struct soft_ops *ops;
	struct loop *loop;
	struct ring *ring;           /* what waits for the owner */
	enum soft_phase phase;
	struct rfc2217_state state;
	uint8_t told, deltas;        /* the modem state as last told; changes not told yet */
	uint8_t errors;              /* line state bits not told yet */
	bool watch_modem, watch_errors, stirred;
	msec_t retry;                /* there was no memory for a ring */
	struct loop_timer *timer;
};

/* Returns 0, or -1 without memory.  loop, news and ring outlive the port. */
int soft_init(struct soft *, const struct soft_ops *, struct loop *, struct ring *);
void soft_fini(struct soft *);

/* Something is new: turn() and the news come soon, never from inside this call. */
void soft_stir(struct soft *);

/* A send took nothing though there was room: try again in 100 ms. */
void soft_no_memory(struct soft *);

/* For the kind's struct port_ops. */
void soft_open(struct port *, const struct rfc2217_format *);
void soft_resume(struct port *);
enum port_result soft_submit(struct port *, const struct port_op *, struct port_state *, const char **why);
void soft_close(struct port *);

#endif
