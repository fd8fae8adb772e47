/*
 * The listeners of a virtual modem's `answer`: who connects there rings it.
 */
#ifndef DAEMON_ANSWERING_H
#define DAEMON_ANSWERING_H

#include "line/line.h"
#include "io/loop.h"
#include "conf/conf.h"

struct answering;

/* Listens for one line; both outlive it.  NULL after logging why not. */
struct answering *answering_new(struct loop *, const struct conf_line *, struct line *);

/* The line goes by another configuration, with the same callers. */
void answering_change(struct answering *, const struct conf_line *);

void answering_free(struct answering *); /* NULL is nothing; closes */

#endif
