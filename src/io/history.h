/*
 * The call history: every claim and refusal, in an SQLite database in a directory of the daemon's.
 * A thread of its own does all that touches the disk, from a bounded queue: whatever the disk does,
 * the caller never waits, and what finds no room in the queue is lost and counted.
 */
#ifndef IO_HISTORY_H
#define IO_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/loop.h"

#define HISTORY_QUEUE 1024     /* records that wait for the disk */
#define HISTORY_TEXT 255       /* bytes of each text that are kept */
#define HISTORY_RETRY 10000    /* ms after which a disk that failed is tried again */
#define HISTORY_QUERIES 16     /* at a time */
#define HISTORY_CHUNK 64       /* records of one call */
#define HISTORY_FLUSH 2000     /* ms that history_free() should have */
#define HISTORY_FILE "history.db"

struct history_record {
	const char *line, *service, *client; /* any bytes; NULL is "" */
	bool hidden; /* show-owner = false: not everybody may see the client */
	bool refused;
	int64_t start, end;                  /* wall clock, ms since 1970; end -1: not ended */
	uint64_t from_client, to_client;     /* bytes */
	const char *number, *result;         /* of the last call; "" none */
	int64_t call_ms;                     /* in call, over the whole claim */
	const char *why;                     /* it ended, or was refused */
	uint64_t count;                      /* so many that were alike, from start to end; 0 counts as 1 */
};

enum history_news {
	HISTORY_FAILED, /* nothing can be written; tried again.  Told once until it changes */
	HISTORY_NEWER,  /* the file is a newer program's: no history is kept until history_retry() */
	HISTORY_WORKS,  /* after it had failed */
	HISTORY_LOST    /* so many calls had no room; told at once, then at most once a minute */
};

/* why, for a person: the file and what is wrong with it; "" for WORKS and LOST.  Never from inside
 * a call. */
typedef void history_news_fn(void *ctx, enum history_news, const char *why, uint64_t lost);

/* What is kept: records that are younger than so many days (0: of any age), and so many bytes of them, the files in
 * all, of which the oldest go. */
struct history_keep {
	unsigned days;
	int64_t bytes; /* HISTORY_LEAST at least */
};

#define HISTORY_LEAST (INT64_C(4) << 20)

struct history;

/*
 * Opens DIRECTORY/history.db, making both as needed, later and in the thread.  What is older than `keep` says is
 * forgotten at the start and daily.  What the clock says is believed after a day: until then records are as old as the
 * newest of an earlier run makes them.  Claims that an earlier run left open end as "daemon died".  NULL without
 * memory or a thread.
 */
struct history *history_new(struct loop *, const char *directory, const struct history_keep *keep, history_news_fn *,
    void *ctx);

/* That counts from now on. */
void history_set_keep(struct history *, const struct history_keep *);

/* A disk that failed is tried again now, not only after HISTORY_RETRY. */
void history_retry(struct history *);

/* A claim begins; the record is copied.  Returns what names it to history_end(), never 0. */
uint64_t history_begin(struct history *, const struct history_record *);

/* It has ended: the whole record replaces what was begun. */
void history_end(struct history *, uint64_t id, const struct history_record *);

/* One record that is complete: somebody got nothing, or several claims in one. */
void history_add(struct history *, const struct history_record *);

/*
 * Waits up to so many ms until all is written.  Returns the number of calls that are lost, those that
 * HISTORY_LOST has not told included; claims have ended by then.  Queries end untold.  NULL is nothing.
 */
uint64_t history_free(struct history *, int64_t ms);

/* ---- asking ---- */

struct history_filter {
	int64_t since;            /* started then or later, ms since 1970; 0: any */
	const char *line, *client; /* exactly; NULL: any */
	uint64_t max;             /* records; 0: all */
	bool shown_only;          /* none by a client who is hidden: to ask for him would tell */
};

enum history_more {
	HISTORY_MORE,  /* history_next() asks for more, else the query rests */
	HISTORY_DONE,  /* these were the last */
	HISTORY_UNKNOWN /* the disk does not tell; error says why */
};

/* n records, at most HISTORY_CHUNK, newest first, valid until it returns or calls history_next().  error: of UNKNOWN;
 * else "", or why nothing new is kept. */
typedef void history_rows_fn(void *ctx, const struct history_record *, size_t n, enum history_more,
    const char *error);

struct history_query;

/*
 * Asks; fn is called from the loop, later.  The query is the caller's until history_query_free().
 * NULL without memory or with HISTORY_QUERIES others.
 */
struct history_query *history_query(struct history *, const struct history_filter *,
    history_rows_fn *, void *ctx);

/* The next records, after HISTORY_MORE. */
void history_next(struct history_query *);

/* Nothing is told any more; also from inside of fn, and after history_free().  NULL is nothing. */
void history_query_free(struct history_query *);

#endif
