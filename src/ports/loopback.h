/*
 * A loop-back plug: data comes back in order and unpaced, RTS is wired to CTS, DTR to DSR and DCD.
 */
#ifndef PORTS_LOOPBACK_H
#define PORTS_LOOPBACK_H

#include "io/loop.h"
#include "ports/port.h"

/* A closed port; NULL without memory. */
struct port *port_loopback_new(struct loop *, const struct port_news *, void *ctx);

#endif
