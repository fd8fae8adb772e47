/*
 * A port: something with modem lines that bytes go into and come out of.  Three kinds stand behind
 * this interface: serial, loopback and virtual.
 *
 * The owner (a line) calls down, news come up.  News never come from inside a call down, except that
 * port_open(), port_close() may not call any and port_submit() may finish at once.  An
 * operation that may sleep is pending; its answer comes in the order of submission.  A port never
 * waits in the loop.
 */
#ifndef PORTS_PORT_H
#define PORTS_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ports/port_op.h"

enum port_call { PORT_NO_CALL, PORT_DIALLING, PORT_IN_CALL };

struct port_news {
	/* port_open() has ended: reason is NULL and *state in force, or why not, for a person. */
	void (*opened)(void *ctx, const char *reason, const struct port_state *);
	/* How many bytes data() may bring now; 0 stops reading until port_resume(). */
	size_t (*room)(void *ctx);
	void (*data)(void *ctx, const uint8_t *, size_t n);
	/* After a port_send() that took less than given: try again. */
	void (*writable)(void *ctx);
	/* While watched: state bits now, delta bits of this change. */
	void (*modem)(void *ctx, uint8_t state, uint8_t deltas);
	void (*errors)(void *ctx, uint8_t line_state_bits);
	/* The oldest pending operation is done; *state is all that is now in force.  failed: NULL, or why
	 * the driver refused it (the state is true all the same) or told nothing (it is as last known). */
	void (*done)(void *ctx, const char *failed, const struct port_state *);
	/* The device has gone or fails; the owner calls port_close(). Pending operations are
	 * answered (failed) first. */
	void (*gone)(void *ctx, const char *reason);
	/* port_close() has ended; the owner may open again, or free. */
	void (*closed)(void *ctx);
	/* A modem that reports its calls itself (virtual). */
	void (*call)(void *ctx, enum port_call);
};

struct port;

/* What each kind of port provides; the functions below call it. */
struct port_ops {
	void (*open)(struct port *, const struct rfc2217_format *);
	size_t (*send)(struct port *, const uint8_t *, size_t n);
	void (*resume)(struct port *);
	void (*owned)(struct port *, bool); /* NULL: all the same to it */
	enum port_result (*submit)(struct port *, const struct port_op *, struct port_state *, const char **why);
	void (*close)(struct port *);
	void (*free)(struct port *);
};

/* The common head of every kind; owner: the line. */
struct port {
	const struct port_ops *ops;
	const struct port_news *news;
	void *ctx;
};

/* Opens a closed port with this format, DTR and RTS as the driver raises them; opened() tells. */
static inline void
port_open(struct port *p, const struct rfc2217_format *f)
{
	p->ops->open(p, f);
}

/* While open: the bytes that the line takes; fewer than n: full (writable() follows) or gone (gone() does). */
static inline size_t
port_send(struct port *p, const uint8_t *b, size_t n)
{
	return p->ops->send(p, b, n);
}

/* room() has room again. */
static inline void
port_resume(struct port *p)
{
	p->ops->resume(p);
}

/* Somebody has it from now on, or nobody, as when it has just been opened: then little comes. */
static inline void
port_owned(struct port *p, bool owned)
{
	if (p->ops->owned != NULL)
		p->ops->owned(p, owned);
}

/*
 * Starts an operation.  *state is what is in force, with PORT_PENDING and PORT_REFUSED what was last known.
 * Refused, with *why for a person (static; NULL otherwise): the port is not open or its device has failed, too
 * many operations wait, there is no memory or no thread.
 */
static inline enum port_result
port_submit(struct port *p, const struct port_op *op, struct port_state *state, const char **why)
{
	return p->ops->submit(p, op, state, why);
}

/* Drops what is unsent and closes; closed() follows, late if the driver blocks.  Operations still
 * pending get no done().  A wait for drain or break is cut short. */
static inline void
port_close(struct port *p)
{
	p->ops->close(p);
}

/* Only a port that is closed; NULL is nothing. */
static inline void
port_free(struct port *p)
{
	if (p != NULL)
		p->ops->free(p);
}

#endif
