/*
 * What the files history*.c share, and nobody else.
 */
#ifndef IO_HISTORY_PARTS_H
#define IO_HISTORY_PARTS_H

#include <pthread.h>

#include "base/wallclock.h"
#include "io/historydb.h"

/* A record that waits for the disk. */
struct history_job {
	struct history_job *next;
	struct historydb_row row;
	char text[]; /* of the row */
};

struct history {
	/* The loop's. */
	struct loop *loop;
	history_news_fn *news;
	void *ctx;
	uint64_t claims; /* names given */
	uint64_t lost;   /* not told yet */
	msec_t lost_quiet;
	struct loop_timer *lost_timer;
	struct history_query *queries; /* all */
	size_t n_queries;
	bool newer_told; /* nothing is kept, and nothing is lost */

	/* Constant. */
	char *directory;
	int64_t run;

	/* The thread's. */
	struct historydb *db;
	struct wallclock wallclock;
	bool failing, closed; /* closed: nothing can be written there, but perhaps read */
	char failure[HISTORYDB_ERROR]; /* told last */

	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake, ended;
	struct history_job *jobs, **jobs_end;
	size_t n_jobs; /* those being written included, until they are */
	struct history_query *asked, **asked_end, *answered;
	struct history_keep keep;
	bool trims; /* the file may be too large */
	msec_t retry_at, forget_at;
	bool stop, thread_ended, abandoned, newer;
	bool posted, news_due;
	enum history_news news_what;
	char news_why[HISTORYDB_ERROR];
	struct loop_note note;
};

struct history_query {
	/* The loop's. */
	struct history *history; /* NULL after history_free() */
	struct history_query *other; /* in history->queries */
	history_rows_fn *fn;
	void *ctx;
	bool telling, freed;
	bool asked; /* until its answer is taken */
	bool stuck; /* the thread may still write to it */

	struct history_query *next; /* waiting for the thread, or answered; under the lock */

	/* The thread's while it is asked, else the loop's. */
	struct history_filter filter;
	uint64_t left; /* records that may still be told; UINT64_MAX: all */
	bool done;
	struct historydb_page page;
	bool known;
	char error[HISTORYDB_ERROR]; /* why it is not; if it is, why nothing new is written, or "" */
};

/* Takes a struct history. */
void *history_thread(void *);

/* The thread posts, under the lock, that something waits to be told. */
void history_post(struct history *);

/* Under the lock: the next that asks; NULL. */
struct history_query *history_take_asked(struct history *);

/* By the thread, without the lock: reads what is asked for; why: it cannot be read (db: NULL), or nothing can be
 * written, or "". */
void history_query_read(struct history_query *, struct historydb *, const char *why);

/* By the thread, under the lock. */
void history_query_answered(struct history *, struct history_query *);

/* The loop's half of it. */
struct history_query *history_take_answered(struct history *);
void history_query_tell(struct history_query *);

/* Ends them all; gone: the thread has ended. */
void history_drop_queries(struct history *, bool gone);

void history_destroy(struct history *);

#endif
