/*
 * Sees in what a client sends to a modem that it dials: a command line, from its AT to CR, that
 * has a D command.  Pure, bounded; nothing of what is dialled is kept.
 */
#ifndef MODEM_DIALWATCH_H
#define MODEM_DIALWATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIALWATCH_LINE 256 /* a longer command line is none: modems have room for less */

/* Fields are dialwatch.c's. */
struct dialwatch {
	uint8_t state;
	uint16_t length; /* of the command line, from AT */
	bool dials;
};

void dialwatch_init(struct dialwatch *);

/*
 * More bytes for the modem while no call is up (n may be 0).  True while the last thing that was
 * sent is a command line that dials; one LF or NUL right after its CR belongs to it, any other
 * byte ends it, as it makes the modem give up.  A/ is not seen as dialling.
 */
bool dialwatch_input(struct dialwatch *, const uint8_t *, size_t n);

#endif
