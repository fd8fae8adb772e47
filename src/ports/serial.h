/*
 * A serial port of the kernel: a UART, a USB adapter, a modem stick, a tty without modem lines.
 */
#ifndef PORTS_SERIAL_H
#define PORTS_SERIAL_H

#include "io/loop.h"
#include "ports/port.h"

struct serials;

/*
 * What all serial ports of a loop share, which outlives them.  loop and lock_dir outlive it.  lock_dir: where
 * UUCP lock files are; NULL or "": there are none.  NULL without memory; freeing NULL is nothing.
 */
struct serials *serials_new(struct loop *, const char *lock_dir);
void serials_free(struct serials *);

/*
 * A closed port for the device at `path`; links are followed at each open.  The path is copied; news outlive
 * the port.  hupcl: the kernel drops DTR when the device is closed, by whatever end (HUPCL); else it
 * stays as it is.  NULL without memory.
 */
struct port *port_serial_new(struct serials *, const char *path, bool hupcl, const struct port_news *,
    void *ctx);

/* Another hupcl: at once if it is open, and when it is opened from now on.  Any time. */
void port_serial_hupcl(struct port *, bool hupcl);

/* Did libserialport open it, or was it one of the ttys that it refuses?  Only while open. */
bool port_serial_by_library(const struct port *);

/* Could it not be opened because somebody else on this host has it?  After opened() has said no. */
bool port_serial_in_use(const struct port *);

/* Why it is open without a lock file, for a person, or NULL.  From opened() on, until it is closed. */
const char *port_serial_unlocked(const struct port *);

/* Why its lock file is there still, for a person, or NULL.  From closed() or an opened() that said no on. */
const char *port_serial_left(const struct port *);

#endif
