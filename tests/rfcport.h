/*
 * An RFC 2217 server before a fake port that can accept, refuse or keep waiting: what the tests
 * of the server role share.
 *
 * All that the server does goes into one text, an event a line ("op OUTFLOW 17", "send 69 11",
 * "masks 255 0", "suspend 1"), so that order and number are compared together.
 */
#ifndef TESTS_RFCPORT_H
#define TESTS_RFCPORT_H

#include "rfc2217.h"

struct rfcport {
	struct rfc2217_state state; /* in force */
	bool refuses;               /* every value */
	bool waits;                 /* the caller is to call rfc2217_server_done() */
};

extern struct rfc2217_server server;
extern struct rfcport port;

/* The port's state at the start: 115200 7E2, RTS/CTS, DTR and RTS on, DCD and CTS on. */
extern const struct rfc2217_state rfcport_usual;

/* By enum rfc2217_what, as in the events. */
extern const char *const rfcport_op_names[];
extern const struct rfc2217_server_ops rfcport_server_ops;

/* A new session; rfcport_start_agreed(): that has agreed, with what this sends forgotten. */
void rfcport_start(void);
void rfcport_start_agreed(uint8_t modem);

/* One command to the server; its result. */
int rfcport_input(uint8_t code, uint32_t value);

/* The events since the last look must be exactly `want`; the test named `what` fails if not. */
void rfcport_expect(const char *what, const char *want);
void rfcport_forget(void);

#endif
