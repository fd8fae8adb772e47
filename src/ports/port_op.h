/*
 * What can be asked of a port, and what is then in force.
 */
#ifndef PORTS_PORT_OP_H
#define PORTS_PORT_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "rfc2217.h"

enum port_op_kind {
	PORT_TELL,    /* read everything back */
	PORT_SET,     /* one RFC 2217 operation: `set` */
	PORT_APPLY,   /* all of `format` */
	PORT_SIGNALS, /* DTR, RTS and break in `mask` to `values`, in one step where possible */
	PORT_DRAIN,   /* let output leave, at most drain_ms, and tell what was known: PORT_DONE where none waits */
	PORT_BREAK,   /* break on for ms, then off (R10) */
	PORT_PURGE,   /* queues in the kernel, `purge`; overtakes everything that waits: see below */
	PORT_REOPEN,  /* closed and opened again, with what is in force: drops what the driver keeps over a purge */
	PORT_RESET,   /* a virtual modem: end its call, &F; others: nothing */
	PORT_WATCH    /* watch modem lines and line errors, or not: `modem`, `errors` */
};

enum { PORT_DTR = 1, PORT_RTS = 2, PORT_BRK = 4 };

struct port_op {
	enum port_op_kind kind;
	struct rfc2217_op set;
	struct rfc2217_format format;
	uint8_t mask, values;
	uint8_t purge;      /* enum rfc2217_purge */
	bool in_order;      /* PORT_PURGE: in its place, as the others */
	bool modem, errors;
	bool seldom;        /* PORT_WATCH: four times a second will do */
	int ms;             /* PORT_BREAK: at most 3000, well within what an operation may take */
	int drain_ms;       /* let output leave first, at most so long (0 to 60000) */
};

/*
 * PORT_PURGE, PORT_RESET and PORT_WATCH are PORT_DONE at once and have no done(), so that the answers
 * of those that wait stay in order.  A purge is carried out before anything submitted later, also in
 * the midst of a drain or break; until it has been, what the line brings is dropped (RX), or
 * port_send() takes nothing (TX; writable() follows).  None of this holds for one that is in_order: it may
 * be pending like any other.
 */
enum port_result {
	PORT_DONE,    /* carried out; a purge, a watch: it will be, before what is submitted later */
	PORT_PENDING, /* done() follows */
	PORT_REFUSED  /* nothing of it is or will be carried out, and there is no done() */
};

/* What is in force. `lines` is false for a tty without modem lines: the state is then made up (R27). */
struct port_state {
	struct rfc2217_state rfc;
	bool lines;
	bool keeps; /* after a PORT_PURGE in order, or PORT_REOPEN: the driver has output all the same */
};

#endif
