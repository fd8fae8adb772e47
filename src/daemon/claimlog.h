/*
 * What is on record: the history in the database, if there is one, and the last few of it for the views.  What
 * repeats within a minute (repeats.h) is counted, there and in the log, and told in one; of everything else the
 * log's lines are the session's.
 */
#ifndef DAEMON_CLAIMLOG_H
#define DAEMON_CLAIMLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/history.h"
#include "views/snapshot.h"

#define CLAIMLOG_RECENT 20

struct claimlog;

/* history: NULL where none is kept; it outlives it.  NULL without memory. */
struct claimlog *claimlog_new(struct loop *, struct history *);

/* What is counted is told. */
void claimlog_free(struct claimlog *);

/*
 * A claim begins: what is known of it.  client: ADDRKEY bytes.  Returns what names it to claimlog_end(), or 0:
 * it is not on record before it has lasted a second, and then by claimlog_lasts().
 */
uint64_t claimlog_begin(struct claimlog *, const uint8_t *client, const struct history_record *);
uint64_t claimlog_lasts(struct claimlog *, const struct history_record *);

/* It has ended, and all is known.  brief: within a second.  false: it is counted, and told with others. */
bool claimlog_end(struct claimlog *, const uint8_t *client, uint64_t id, bool brief, const struct history_record *);

/* Somebody got nothing.  reason: one word for all that are alike.  Returns as claimlog_end(). */
bool claimlog_refused(struct claimlog *, const uint8_t *client, const char *reason, const struct history_record *);

/* The last, newest first, at most CLAIMLOG_RECENT; valid until the next call of the above.  Returns how
 * many.  Those that are alike are one. */
size_t claimlog_recent(const struct claimlog *, struct snapshot_record dst[static CLAIMLOG_RECENT]);

#endif
