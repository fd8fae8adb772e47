/*
 * The listeners of a virtual modem's `answer`: who connects there rings it.
 */
#ifndef DAEMON_ANSWERING_H
#define DAEMON_ANSWERING_H

#include "conf/conf.h"
#include "daemon/listening.h"
#include "io/loop.h"
#include "line/line.h"

struct answering;

/* Of one line; does not listen yet.  The line and its conf outlive it.  NULL after logging. */
struct answering *answering_new(struct loop *, const struct conf_line *, struct line *);

/* The addresses it listens at. */
struct listening answering_listening(struct answering *);

void answering_free(struct answering *); /* NULL is nothing; closes */

#endif
