/*
 * The whole daemon, built from a configuration: lines, services with their listeners, clients.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

#include "io/loop.h"
#include "conf/conf.h"

struct daemon;

/*
 * Listens on everything and starts all lines; conf is its own from now on, file is where it came from;
 * loop and file outlive the daemon.  debug: log-level does not count.  NULL when something cannot be had,
 * which is logged; then nothing is left open.
 */
struct daemon *daemon_new(struct loop *, struct conf *, const char *file, bool debug);

/* SIGHUP: reads the file again. */
void daemon_hup(struct daemon *);

/*
 * Tells all owners, hangs up and closes the lines, then stops the loop, at the latest after DAEMON_SHUT
 * milliseconds, even if a driver blocks.  What follows takes until DAEMON_END after this at most, even if
 * the disk blocks too.  A second call changes nothing.
 */
#define DAEMON_SHUT 4500
#define DAEMON_END 4900
void daemon_shut(struct daemon *);

/* Some line is not closed for good: its worker may yet come back, so that nothing can be freed. */
bool daemon_stuck(const struct daemon *);

/* The control socket and the page are closed, and what is on record is written: of an end without daemon_free(). */
void daemon_unpublish(struct daemon *);

/* After the loop has stopped, and unless stuck; NULL is nothing. */
void daemon_free(struct daemon *);

#endif
