/*
 * An owner of a port in a real loop: writes down its news, and checks that none comes from
 * inside a call down.
 */
#ifndef TESTS_PORTOWNER_H
#define TESTS_PORTOWNER_H

#include "io/loop.h"
#include "ports/port.h"

#define OWNER_DATA (1024 * 1024)

struct owner {
	struct port *port;
	bool busy;               /* in a call down */
	bool opened, closed, writable;
	struct port_state state; /* as last told */
	char log[512];           /* "modem b0 08\n", "errors 10\n", "call 1\n" */
	uint8_t data[OWNER_DATA + 1];
	size_t used, room;       /* what room() says */
	bool bounces;            /* sends all data back from inside the news */
	bool purges, closes;     /* does so from inside the news of data */
};

extern struct loop *loop;
extern const struct port_news owner_news;
extern const struct rfc2217_format owner_format; /* 9600 7E1, RTS/CTS */

/* Calls down; owner_submit() wants PORT_DONE. */
void owner_open(struct owner *);
void owner_close(struct owner *);
size_t owner_send(struct owner *, const void *, size_t n);
void owner_resume(struct owner *, size_t room);
void owner_submit(struct owner *, const struct port_op *);
void owner_set(struct owner *, enum rfc2217_what, uint32_t value);
void owner_watch(struct owner *, bool modem, bool errors);

/* The state as last told has this format. */
void owner_has_format(const struct owner *, const struct rfc2217_format *);

/* Runs the loop until `test` holds; fails after 10 s. */
void owner_wait(bool (*test)(void));

/* Until all that is due now has happened. */
void owner_settle(void);

#endif
