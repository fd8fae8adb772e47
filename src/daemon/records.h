/*
 * What is on record: the history in the database, if there is one, and the last few of it for the views.
 */
#ifndef DAEMON_RECORDS_H
#define DAEMON_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "io/history.h"
#include "views/snapshot.h"

#define RECORDS_RECENT 20

struct records;

/* history: NULL where none is kept; it outlives the records.  NULL without memory. */
struct records *records_new(struct history *);
void records_free(struct records *);

/* A claim begins: what is known of it.  Returns what names it to records_end(). */
uint64_t records_begin(struct records *, const struct history_record *);

/* It has ended, and all is known. */
void records_end(struct records *, uint64_t id, const struct history_record *);

/* Somebody got nothing. */
void records_refused(struct records *, const struct history_record *);

/* The last, newest first, at most RECORDS_RECENT; valid until the next call of the above.  Returns how
 * many. */
size_t records_recent(const struct records *, struct snapshot_record dst[static RECORDS_RECENT]);

#endif
