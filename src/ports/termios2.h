/*
 * The settings of a tty in RFC 2217's values.  Every call may sleep in the driver.  Functions return
 * 0 or a negated errno.
 */
#ifndef PORTS_TERMIOS2_H
#define PORTS_TERMIOS2_H

#include <stdbool.h>

#include "rfc2217.h"

/*
 * A tty just opened: everything known, raw mode, VMIN 1, modem lines ignored, DTR dropped on close if hupcl, and
 * of this format what the driver takes.
 */
int termios2_start(int fd, bool hupcl, const struct rfc2217_format *);

/*
 * One setting, RFC2217_OP_BAUD to RFC2217_OP_INFLOW.  -EOPNOTSUPP for what no tty can; a value that
 * the driver does not take leaves the one before.
 */
int termios2_set(int fd, enum rfc2217_what, uint32_t value);

/* All settings, in one step where the driver takes them so; the last error of those it refuses. */
int termios2_apply(int fd, const struct rfc2217_format *);

/* Whether DTR falls when it is closed; no other setting changes that. */
int termios2_hupcl(int fd, bool hupcl);

/* What is in force; on error *f is unchanged. */
int termios2_read(int fd, struct rfc2217_format *f);

#endif
