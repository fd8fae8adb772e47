/*
 * A serial port of the kernel: a UART, a USB adapter, a modem stick, a tty without modem lines.
 */
#ifndef PORTS_SERIAL_H
#define PORTS_SERIAL_H

#include "io/loop.h"
#include "ports/port.h"

/*
 * A closed port for the device at `path`; links are followed at each open.  path is copied; the
 * loop and news outlive the port.  hupcl: the kernel drops DTR when the device is closed, by whatever
 * end (HUPCL); else it stays as it is.  NULL without memory.
 */
struct port *port_serial_new(struct loop *, const char *path, bool hupcl, const struct port_news *,
    void *ctx);

/* Did libserialport open it, or was it one of the ttys that it refuses?  Only while open. */
bool port_serial_by_library(const struct port *);

#endif
