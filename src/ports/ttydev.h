/*
 * What can be done to one open tty: settings, modem lines, break, queues, counters.  Every call may
 * sleep in the driver; only the worker makes them, but for ttydev_drained().  Functions that return int return 0 or
 * a negated errno.
 */
#ifndef PORTS_TTYDEV_H
#define PORTS_TTYDEV_H

#include <stdbool.h>
#include <stdint.h>

#include "ports/lockfile.h"
#include "ports/port.h"

#define TTYDEV_WHY 128

struct ttydev {
	int fd;           /* -1: closed */
	bool lines;       /* it has modem lines (TIOCMGET works) */
	bool counts;      /* it counts edges and errors (TIOCGICOUNT works) */
	bool hupcl;       /* set from outside: DTR falls when it is closed */
	bool library;     /* libserialport opened it */
	bool brk;         /* no driver tells whether break is on: remembered */
	uint8_t made_up;  /* PORT_DTR, PORT_RTS as set, where `lines` is false (R27) */
	bool busy;        /* the last opening failed since somebody else has it */
	short unlocked;   /* errno: why no lock file could be made, or 0 */
	short left;       /* errno: why the last one could not be removed, or 0 */
	struct lockfile_hold hold; /* on the device, while it is open */
	char *why;        /* ours: why it could not be opened, or NULL */
};

/* One look at the lines and counters. */
struct ttydev_look {
	uint8_t modem;    /* RFC2217_DCD, RI, DSR, CTS */
	int cts, dsr, rng, dcd, brk, frame, parity, overrun;
};

/*
 * Follows links, makes the lock files, opens the device non-blocking, exclusively and locked.  A lock file
 * that cannot be made stops nothing: `unlocked`.  On failure returns -1 and *reason for a person, valid
 * until the next opening; who has a device that is in use is named as far as can be known.  lock_dir: for lock files;
 * NULL or "": none; the same one when it is closed.  path is kept until then.
 */
int ttydev_open(struct ttydev *, const char *path, const char *lock_dir, const char **reason);

/* The opening alone, where the lock file is ours still and the path leads to this device (st_rdev) still. */
int ttydev_open_again(struct ttydev *, const char *path, dev_t device);

/* Gives the device and its lock files back; ttydev_close() does. */
void ttydev_unlock(struct ttydev *, const char *lock_dir);

/*
 * Closes and opens it again, for what the driver keeps over a purge; its lock file stays, and DTR is not let fall.
 * On failure it is closed.
 */
int ttydev_reopen(struct ttydev *, const char *path, const struct rfc2217_format *);

/* After opening: raw mode with this format, queues emptied; finds out what the device has. */
int ttydev_start(struct ttydev *, const struct rfc2217_format *);

/* `hupcl` has changed: puts it in force. */
int ttydev_set_hupcl(struct ttydev *);

/* Drops what is queued, ends a break, closes: see ttyclose.h.  May take as long as the driver likes. */
void ttydev_close(struct ttydev *, const char *lock_dir);

/*
 * PORT_SET, PORT_APPLY, PORT_SIGNALS, PORT_PURGE; all other kinds do nothing.  -EOPNOTSUPP for what cannot be had
 * here: what was in force stays.
 */
int ttydev_operate(struct ttydev *, const struct port_op *);

/* Should output leave before this operation (R68)? */
bool ttydev_wants_drain(const struct port_op *);

/*
 * DTR, RTS and break in mask to values; lines that go the same way go in one step.  Break on is
 * refused with -EAGAIN while output is queued: the kernel would wait for it without end.
 */
int ttydev_signals(struct ttydev *, uint8_t mask, uint8_t values);

/* `which` is enum rfc2217_purge. */
int ttydev_purge(struct ttydev *, uint8_t which);

/* True when the kernel holds no output, or the driver does not tell.  No driver sleeps in it: the kernel asks the
 * same whenever somebody waits for the descriptor; so the loop may ask too, while the worker does nothing. */
bool ttydev_drained(const struct ttydev *);

/* Reads everything back; on error *state keeps what could not be read. */
int ttydev_state(struct ttydev *, struct port_state *state);

/* Lines and counters of one moment; counters are 0 where the driver has none. */
int ttydev_look(const struct ttydev *, struct ttydev_look *);

/* The delta bits that lead from one look to the next (R56 to R58), and the line errors (R62). */
uint8_t ttydev_deltas(const struct ttydev_look *old, const struct ttydev_look *new);
uint8_t ttydev_errors(const struct ttydev_look *old, const struct ttydev_look *new);

/* A negated errno for a person; static; NULL for 0. */
const char *ttydev_reason(int err);

#endif
