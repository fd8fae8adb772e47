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

#define HOSTTELNET_REPLY 3 /* room for the answer that a byte from the host may cause */

/* In the caller's memory; all zero to begin with. */
struct hosttelnet {
	uint8_t state, verb;
	bool cr;          /* the last byte from the host was CR */
	uint8_t ours, theirs; /* options that are on, by bits of hosttelnet.c */
};

/*
 * One byte from the host.  Returns true when it is data, then in *data.  An answer of *replied bytes
 * (0 or HOSTTELNET_REPLY) is for the host.
 */
bool hosttelnet_input(struct hosttelnet *, uint8_t, uint8_t *data,
    uint8_t reply[static HOSTTELNET_REPLY], size_t *replied);

/* One byte for the host, as 1 or 2 bytes in dst; returns how many. */
size_t hosttelnet_encode(const struct hosttelnet *, uint8_t, uint8_t dst[static 2]);

#endif
