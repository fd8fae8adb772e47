/*
 * The history's database.  All of SQLite is behind this file; everything here may wait for the
 * disk, so that only the history's thread calls it (history.c).
 */
#ifndef IO_HISTORYDB_H
#define IO_HISTORYDB_H

#include "io/history.h"

#define HISTORYDB_BUSY 1000 /* ms to wait for another program that writes */
#define HISTORYDB_ERROR 512

enum historydb_result {
	HISTORYDB_OK = 0,
	HISTORYDB_FAILS = -1,  /* not now */
	HISTORYDB_BROKEN = -2, /* not with this connection: close it, open again */
	HISTORYDB_NEWER = -3,  /* never: a newer program's */
	HISTORYDB_CLOSED = -4  /* likewise BROKEN; nothing can be written there, but perhaps read */
};

enum historydb_what { HISTORYDB_BEGIN, HISTORYDB_END, HISTORYDB_WHOLE };

struct historydb_row {
	enum historydb_what what;
	uint64_t claim; /* names it in this run; WHOLE: 0 */
	struct history_record record;
};

/* What was read: at most HISTORY_CHUNK records, whose texts are in text[]. */
struct historydb_page {
	struct history_record rows[HISTORY_CHUNK];
	char *text[HISTORY_CHUNK];
	size_t n;
	int64_t before_start, before_id; /* where the next page begins */
};

struct historydb;

/*
 * Opens or makes it, brings an older one up to date, ends what other runs left open.  run names
 * this run of the daemon, > 0.  Returns NULL with *result and the text of error.
 */
struct historydb *historydb_open(const char *directory, int64_t run, enum historydb_result *result,
    char error[static HISTORYDB_ERROR]);

/* The same without a lock and to read alone, where nothing can be written; what is open there ends as it began. */
struct historydb *historydb_open_to_read(const char *directory, enum historydb_result *result,
    char error[static HISTORYDB_ERROR]);
void historydb_close(struct historydb *); /* NULL is nothing */

/* What failed last, "FILE: what". */
const char *historydb_error(const struct historydb *);

/* All of rows, or nothing. */
enum historydb_result historydb_put(struct historydb *, const struct historydb_row *const *rows,
    size_t n);

/* When the newest record of earlier runs began, or if there is none of them, of all; ms since 1970, 0: none. */
enum historydb_result historydb_newest(struct historydb *, int64_t *newest);

/* Forgets some of what started before `before` (ms since 1970); *more: call again. */
enum historydb_result historydb_forget(struct historydb *, int64_t before, bool *more);

/*
 * A step towards `bytes` (HISTORY_LEAST at least) for all of its files together, by forgetting the oldest that have
 * ended; *more: call again.  Between two of them one historydb_put() may come.  A file of before that was possible is
 * written anew as it shrinks, and needs the room twice for that time.
 */
enum historydb_result historydb_trim(struct historydb *, int64_t bytes, bool *more);

/*
 * The next at most `max` (HISTORY_CHUNK at most) records of the filter, newest first, from
 * page->before_* on, which are INT64_MAX at first.  The page is emptied by historydb_page_clear().
 */
enum historydb_result historydb_page(struct historydb *, const struct history_filter *, size_t max,
    struct historydb_page *);
void historydb_page_clear(struct historydb_page *);

#endif
