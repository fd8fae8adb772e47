/*
 * The settings of a port without hardware behind it: remembered, in the limits that a serial
 * port has.
 */
#ifndef PORTS_SETTINGS_H
#define PORTS_SETTINGS_H

#include <stdbool.h>

#include "ports/port.h"

#define SETTINGS_BAUD_MIN 50
#define SETTINGS_BAUD_MAX 4000000
#define SETTINGS_TEXT 40 /* "4000000 8N1 xonxoff" */

/* 115200 8N1 without flow control, DTR and RTS on, break off. */
void settings_init(struct rfc2217_state *);

/*
 * One operation on the format, DTR, RTS or break (value 0: none).  Refused, and nothing
 * changed: rates outside the limits, 1.5 stop bits but with 5 data bits, flow control by DCD,
 * DTR or DSR, and an inbound flow control that hardware flow control outbound forbids or needs
 * (RFC 2217 leaves it open; Linux cannot).
 */
void settings_set(struct rfc2217_state *, const struct rfc2217_op *);

/*
 * What PORT_SET, PORT_APPLY, PORT_SIGNALS and PORT_BREAK do to the settings; the other kinds do
 * nothing. PORT_BREAK leaves the break off.  The modem lines are the caller's.
 */
void settings_submit(struct rfc2217_state *, const struct port_op *);

/* Does this operation send a break, at least its beginning? `before` is the state before it. */
bool settings_begins_break(const struct rfc2217_state *before, const struct port_op *);

/* "115200 8N1 rtscts", for a person.  Returns dst. */
const char *settings_text(char dst[static SETTINGS_TEXT], const struct rfc2217_format *);

#endif
