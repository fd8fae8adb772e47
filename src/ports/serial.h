/*
 * A serial port of the kernel: a UART, a USB adapter, a modem stick, a tty without modem lines.
 */
#ifndef PORTS_SERIAL_H
#define PORTS_SERIAL_H

#include "io/loop.h"
#include "ports/port.h"

/*
 * A closed port for the device at `path`; links are followed at each open.  The path is copied; loop,
 * lock_dir and news outlive the port.  lock_dir: where UUCP lock files are; NULL or "": there are
 * none.  hupcl: the kernel drops DTR when the device is closed, by whatever end (HUPCL); else it
 * stays as it is.  NULL without memory.
 */
struct port *port_serial_new(struct loop *, const char *path, const char *lock_dir, bool hupcl,
    const struct port_news *, void *ctx);

/* Did libserialport open it, or was it one of the ttys that it refuses?  Only while open. */
bool port_serial_by_library(const struct port *);

/* Could it not be opened because somebody else on this host has it?  After opened() has said no. */
bool port_serial_in_use(const struct port *);

/* Why it is open without a lock file, for a person, or NULL.  From opened() on, until it is closed. */
const char *port_serial_unlocked(const struct port *);

#endif
