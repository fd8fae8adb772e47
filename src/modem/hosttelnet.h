/*
 * Telnet (RFC 854, 856, 858) as a modem speaks it towards a host whose data its caller wants to see as
 * plain bytes, pure.  It asks for nothing; it agrees to BINARY and SGA on both sides and to the host's
 * ECHO, and refuses all else.
 */
#ifndef MODEM_HOSTTELNET_H
#define MODEM_HOSTTELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOSTTELNET_REPLY 4 /* room for the answer that a byte from the host may cause */
#define HOSTTELNET_ENCODED 3 /* room for what becomes of a byte for it */
#define HOSTTELNET_OWED 20 /* ms in which an LF may follow a CR, before it gets its NUL */

/* In the caller's memory; all zero to begin with. */
struct hosttelnet {
	uint8_t state, verb;
	bool cr;          /* the last byte from the host was CR */
	bool owes;        /* the last byte for the host was CR, and LF or NUL is to follow */
	uint8_t ours, theirs; /* options that are on, by bits of hosttelnet.c */
};

/*
 * One byte from the host.  Returns true when it is data, then in *data.  An answer of *replied bytes,
 * perhaps none, is for the host.
 */
bool hosttelnet_input(struct hosttelnet *, uint8_t, uint8_t *data,
    uint8_t reply[static HOSTTELNET_REPLY], size_t *replied);

/*
 * One byte for the host, as some bytes in dst; returns how many.  CR LF stays so, and CR alone is CR NUL (RFC 854), but the NUL
 * waits for what follows; where nothing does for HOSTTELNET_OWED, hosttelnet_settle() is due.
 */
size_t hosttelnet_encode(struct hosttelnet *, uint8_t, uint8_t dst[static HOSTTELNET_ENCODED]);

/* Is a NUL to be sent to the host, since nothing has followed a CR?  It is owed no longer then. */
bool hosttelnet_settle(struct hosttelnet *);

#endif
