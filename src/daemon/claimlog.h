/*
 * What is on record: the history in the database, if there is one, and the last few of it for the views.
 */
#ifndef DAEMON_CLAIMLOG_H
#define DAEMON_CLAIMLOG_H

#include <stddef.h>
#include <stdint.h>

#include "io/history.h"
#include "views/snapshot.h"

#define CLAIMLOG_RECENT 20

struct claimlog;

/* history: NULL where none is kept; it outlives it.  NULL without memory. */
struct claimlog *claimlog_new(struct history *);
void claimlog_free(struct claimlog *);

/* A claim begins: what is known of it.  Returns what names it to claimlog_end(). */
uint64_t claimlog_begin(struct claimlog *, const struct history_record *);

/* It has ended, and all is known. */
void claimlog_end(struct claimlog *, uint64_t id, const struct history_record *);

/* Somebody got nothing. */
void claimlog_refused(struct claimlog *, const struct history_record *);

/* The last, newest first, at most CLAIMLOG_RECENT; valid until the next call of the above.  Returns how
 * many. */
size_t claimlog_recent(const struct claimlog *, struct snapshot_record dst[static CLAIMLOG_RECENT]);

#endif
