/*
 * The configuration is read again while the daemon runs: first in a process of its own, so that a parser that dies,
 * a disk that hangs and memory that is short end that one.
 */
#ifndef DAEMON_CONFREAD_H
#define DAEMON_CONFREAD_H

#include "conf/conf.h"
#include "io/loop.h"

#define CONFREAD_AT_MOST 5000 /* ms */

struct confread;

/* A configuration, of the caller from now on, or NULL; errors and warnings stand in the report until it returns. */
typedef void confread_fn(void *ctx, struct conf *, struct conf_report *);

/* path outlives it.  NULL without memory. */
struct confread *confread_new(struct loop *, const char *path, confread_fn *, void *ctx);

/* Begins; it is told once, not before this has returned.  False, with the report: it cannot begin. */
bool confread_begin(struct confread *, struct conf_report *);

/* Nothing is told any more.  NULL is nothing. */
void confread_free(struct confread *);

#endif
