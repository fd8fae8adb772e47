/*
 * The history's thread: writes what waits, forgets what is old or too much, reads what is asked for, and after a
 * failure waits before it tries again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/history_parts.h"

#define BATCH 256 /* records of one transaction */
#define DAY WALLCLOCK_DAY

static msec_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (msec_t){ (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 };
}

/* ---- telling ---- */

void
history_post(struct history *h)
{
	if (h->posted || h->stop)
		return;
	h->posted = true;
	loop_post(h->loop, &h->note);
}

/* Under the lock. */
static void
tell(struct history *h, enum history_news what, const char *why)
{
	h->news_due = true;
	h->news_what = what;
	snprintf(h->news_why, sizeof h->news_why, "%s", why);
	history_post(h);
}

static void
has_worked(struct history *h)
{
	if (!h->failing)
		return;
	h->failing = false;
	h->failure[0] = '\0';
	pthread_mutex_lock(&h->lock);
	tell(h, HISTORY_WORKS, "");
	pthread_mutex_unlock(&h->lock);
}

static void
has_failed(struct history *h, enum historydb_result r, const char *why)
{
	h->failing = true;
	pthread_mutex_lock(&h->lock);
	h->retry_at = msec_add(now(), HISTORY_RETRY);
	h->newer = r == HISTORYDB_NEWER;
	if (h->newer || strcmp(h->failure, why) != 0)
		tell(h, h->newer ? HISTORY_NEWER : HISTORY_FAILED, why);
	pthread_mutex_unlock(&h->lock);
	snprintf(h->failure, sizeof h->failure, "%s", why);
	h->closed = r == HISTORYDB_CLOSED;
	if (r == HISTORYDB_BROKEN || r == HISTORYDB_CLOSED) {
		historydb_close(h->db);
		h->db = NULL;
	}
}

/* Of something done with the open database. */
static void
note_result(struct history *h, enum historydb_result r)
{
	if (r == HISTORYDB_OK)
		has_worked(h);
	else
		has_failed(h, r, historydb_error(h->db));
}

/* ---- work, without the lock ---- */

static void
open_file(struct history *h)
{
	char error[HISTORYDB_ERROR];
	enum historydb_result r;

	h->db = historydb_open(h->directory, h->run, &r, error);
	if (h->db == NULL) {
		has_failed(h, r, error);
		return;
	}
	has_worked(h); /* opening has written */
	pthread_mutex_lock(&h->lock);
	h->trims = true;
	pthread_mutex_unlock(&h->lock);
}

/* Under the lock: the oldest n jobs are done. */
static void
drop_jobs(struct history *h, size_t n)
{
	struct history_job *j;

	for (; n > 0; n--) {
		j = h->jobs;
		h->jobs = j->next;
		h->n_jobs--;
		free(j);
	}
	if (h->jobs == NULL)
		h->jobs_end = &h->jobs;
}

/* The rows stay in the queue until they are written; the loop only appends to it. */
static void
write_jobs(struct history *h)
{
	const struct historydb_row *rows[BATCH];
	const struct history_job *j;
	enum historydb_result r;
	size_t n = 0;

	pthread_mutex_lock(&h->lock);
	for (j = h->jobs; j != NULL && n < BATCH; j = j->next)
		rows[n++] = &j->row;
	pthread_mutex_unlock(&h->lock);
	r = historydb_put(h->db, rows, n);
	if (r == HISTORYDB_OK) {
		pthread_mutex_lock(&h->lock);
		drop_jobs(h, n);
		h->trims = true;
		pthread_mutex_unlock(&h->lock);
	}
	note_result(h, r);
}

static void
forget(struct history *h, unsigned days)
{
	enum historydb_result r;
	bool more = false;
	int64_t newest, certain;

	if ((r = historydb_newest(h->db, &newest)) == HISTORYDB_OK) {
		certain = wallclock_certain(&h->wallclock, loop_wall(), now(), newest);
		r = historydb_forget(h->db, days > 0 ? certain - days * DAY : INT64_MIN, &more);
	}
	pthread_mutex_lock(&h->lock);
	h->trims = true;
	if (r == HISTORYDB_OK && !more && h->keep.days == days)
		h->forget_at = msec_add(now(), DAY);
	pthread_mutex_unlock(&h->lock);
	note_result(h, r);
}

/* A step of it; another one follows until it is small enough. */
static void
trim(struct history *h, int64_t bytes)
{
	bool more = false;
	enum historydb_result r = historydb_trim(h->db, bytes, &more);

	pthread_mutex_lock(&h->lock);
	if (!more && h->keep.bytes == bytes)
		h->trims = false;
	pthread_mutex_unlock(&h->lock);
	note_result(h, r);
}

/* A query does not decide whether writing works.  Where that is forbidden, what was written before is read. */
static void
read_page(struct history *h, struct history_query *q)
{
	enum historydb_result r;
	struct historydb *only = NULL;

	if (h->db == NULL && h->closed)
		only = historydb_open_to_read(h->directory, &r, (char[HISTORYDB_ERROR]){ "" });
	history_query_read(q, only != NULL ? only : h->db, h->failure);
	historydb_close(only);
	pthread_mutex_lock(&h->lock);
	history_query_answered(h, q);
	pthread_mutex_unlock(&h->lock);
}

/* ---- what to do next ---- */

enum work { OPEN, TRIM, WRITE, FORGET, READ, WAIT, END };

static enum work
next_work(const struct history *h)
{
	bool may_try = !h->newer && msec_reached(h->retry_at, now());

	if (h->stop && (h->jobs == NULL || !may_try))
		return END;
	if (may_try && h->db == NULL)
		return OPEN;
	if (may_try && h->trims && !h->stop)
		return TRIM;
	if (may_try && h->jobs != NULL)
		return WRITE;
	if (h->asked != NULL && !h->stop)
		return READ;
	if (may_try && !h->stop && msec_reached(h->forget_at, now()))
		return FORGET;
	return WAIT;
}

/* With the lock, which is given away meanwhile. */
static void
wait_for_work(struct history *h)
{
	msec_t at = h->newer ? MSEC_NEVER : msec_max(h->retry_at, h->forget_at);
	struct timespec ts;

	if (!h->newer && (h->jobs != NULL || h->db == NULL))
		at = h->retry_at;
	if (msec_is_never(at)) {
		pthread_cond_wait(&h->wake, &h->lock);
		return;
	}
	ts.tv_sec = (time_t)(at.v / 1000);
	ts.tv_nsec = (long)(at.v % 1000 * 1000000);
	pthread_cond_timedwait(&h->wake, &h->lock, &ts);
}

/* With the lock, which is given away while the disk is waited for. */
static void
do_work(struct history *h, enum work work)
{
	struct history_query *q = work == READ ? history_take_asked(h) : NULL;
	struct history_keep keep = h->keep;

	pthread_mutex_unlock(&h->lock);
	switch (work) {
	case OPEN:
		open_file(h);
		break;
	case WRITE:
		write_jobs(h);
		break;
	case TRIM:
		trim(h, keep.bytes);
		break;
	case FORGET:
		forget(h, keep.days);
		break;
	default:
		read_page(h, q);
	}
	pthread_mutex_lock(&h->lock);
}

void *
history_thread(void *arg)
{
	struct history *h = arg;
	enum work work;
	bool abandoned;

	pthread_mutex_lock(&h->lock);
	while ((work = next_work(h)) != END)
		if (work == WAIT)
			wait_for_work(h);
		else
			do_work(h, work);
	pthread_mutex_unlock(&h->lock);
	historydb_close(h->db);
	pthread_mutex_lock(&h->lock);
	h->thread_ended = true;
	abandoned = h->abandoned;
	pthread_cond_signal(&h->ended);
	pthread_mutex_unlock(&h->lock);
	if (abandoned)
		history_destroy(h);
	return NULL;
}
