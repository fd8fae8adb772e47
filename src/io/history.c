/*
 * The call history, see history.h: the loop's half, and the queue between it and the thread.
 *
 * Everything shared is under one lock, which nobody holds while he waits for the disk.  The thread
 * tells by one note: that there are news, or pages for those who asked.
 */
#include "io/history.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "io/history_parts.h"
#include "io/thread.h"

#define STACK_SIZE (256 * 1024)
#define LOST_QUIET 60000 /* ms */

/* ---- writing ---- */

static size_t
text_size(const char *s)
{
	return s == NULL ? 1 : strnlen(s, HISTORY_TEXT) + 1;
}

/* Copies a text behind *at, which is moved. */
static const char *
copy_text(char **at, const char *s)
{
	size_t n = text_size(s) - 1;
	char *begin = *at;

	if (n > 0)
		memcpy(begin, s, n);
	begin[n] = '\0';
	*at += n + 1;
	return begin;
}

static uint64_t
count_of(const struct history_record *r)
{
	return r->count > 0 ? r->count : 1;
}

static struct history_job *
job_new(enum historydb_what what, uint64_t claim, const struct history_record *r)
{
	size_t size = text_size(r->line) + text_size(r->service) + text_size(r->client) +
	    text_size(r->number) + text_size(r->result) + text_size(r->why);
	struct history_job *j = malloc(sizeof *j + size);
	char *at;

	if (j == NULL)
		return NULL;
	at = j->text;
	j->next = NULL;
	j->row = (struct historydb_row){ what, claim, *r };
	j->row.record.count = count_of(r);
	j->row.record.line = copy_text(&at, r->line);
	j->row.record.service = copy_text(&at, r->service);
	j->row.record.client = copy_text(&at, r->client);
	j->row.record.number = copy_text(&at, r->number);
	j->row.record.result = copy_text(&at, r->result);
	j->row.record.why = copy_text(&at, r->why);
	return j;
}

static void
on_lost(void *ctx)
{
	struct history *h = ctx;
	uint64_t lost = h->lost;

	h->lost = 0;
	h->lost_quiet = msec_add(loop_now(h->loop), LOST_QUIET);
	h->news(h->ctx, HISTORY_LOST, "", lost);
}

/* The last quarter of the queue is kept for ends: they tell the most. */
static bool
enqueue(struct history *h, struct history_job *j)
{
	size_t room = j->row.what == HISTORYDB_END ? HISTORY_QUEUE : HISTORY_QUEUE / 4 * 3;
	bool taken;

	pthread_mutex_lock(&h->lock);
	taken = h->n_jobs < room && !h->newer;
	if (taken) {
		*h->jobs_end = j;
		h->jobs_end = &j->next;
		h->n_jobs++;
		pthread_cond_signal(&h->wake);
	}
	pthread_mutex_unlock(&h->lock);
	return taken;
}

/* Of a begin that is lost the end has everything, and comes: only that counts. */
static bool
is_call(enum historydb_what what)
{
	return what != HISTORYDB_BEGIN;
}

static void
put(struct history *h, enum historydb_what what, uint64_t claim, const struct history_record *r)
{
	struct history_job *j = job_new(what, claim, r);

	if (j != NULL && enqueue(h, j))
		return;
	free(j);
	if (h->newer_told || !is_call(what))
		return;
	if (h->lost == 0)
		loop_timer_set(h->lost_timer, msec_max(loop_now(h->loop), h->lost_quiet));
	h->lost += count_of(r);
}

uint64_t
history_begin(struct history *h, const struct history_record *r)
{
	put(h, HISTORYDB_BEGIN, ++h->claims, r);
	return h->claims;
}

void
history_end(struct history *h, uint64_t id, const struct history_record *r)
{
	put(h, HISTORYDB_END, id, r);
}

void
history_add(struct history *h, const struct history_record *r)
{
	put(h, HISTORYDB_WHOLE, 0, r);
}

void
history_set_keep(struct history *h, const struct history_keep *keep)
{
	pthread_mutex_lock(&h->lock);
	h->keep = *keep;
	h->forget_at = (msec_t){ 0 };
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

void
history_retry(struct history *h)
{
	h->newer_told = false;
	pthread_mutex_lock(&h->lock);
	h->newer = false;
	h->retry_at = (msec_t){ 0 };
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

/* ---- what the thread tells ---- */

static void
tell_news(struct history *h)
{
	char why[HISTORYDB_ERROR];
	enum history_news news;
	bool any;

	pthread_mutex_lock(&h->lock);
	any = h->news_due;
	news = h->news_what;
	memcpy(why, h->news_why, sizeof why);
	h->news_due = false;
	pthread_mutex_unlock(&h->lock);
	if (any && news == HISTORY_NEWER)
		h->newer_told = true;
	if (any)
		h->news(h->ctx, news, why, 0);
}

static void
on_note(void *ctx)
{
	struct history *h = ctx;
	struct history_query *q;

	pthread_mutex_lock(&h->lock);
	h->posted = false;
	pthread_mutex_unlock(&h->lock);
	tell_news(h);
	while ((q = history_take_answered(h)) != NULL)
		history_query_tell(q);
}

/* ---- begin and end ---- */

static bool
init_lock(struct history *h)
{
	pthread_condattr_t attr;

	if (pthread_mutex_init(&h->lock, NULL) != 0)
		return false;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&h->wake, &attr);
	pthread_cond_init(&h->ended, &attr);
	pthread_condattr_destroy(&attr);
	return true;
}

/* Another number for each run, so that its open claims are told from those of the dead. */
static int64_t
number_run(void)
{
	uint64_t random;
	struct timespec ts;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random) {
		clock_gettime(CLOCK_REALTIME, &ts);
		random = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	}
	return (int64_t)(random >> 1 | 1);
}

struct history *
history_new(struct loop *loop, const char *directory, const struct history_keep *keep, history_news_fn *news,
    void *ctx)
{
	struct history *h = calloc(1, sizeof *h);

	if (h == NULL || !init_lock(h)) {
		free(h);
		return NULL;
	}
	h->loop = loop;
	h->news = news;
	h->ctx = ctx;
	h->keep = *keep;
	h->run = number_run();
	h->jobs_end = &h->jobs;
	h->asked_end = &h->asked;
	h->note.fn = on_note;
	h->note.ctx = h;
	h->lost_quiet = loop_now(loop);
	h->directory = strdup(directory);
	h->lost_timer = loop_timer_new(loop, on_lost, h);
	if (h->directory == NULL || h->lost_timer == NULL || thread_start(STACK_SIZE, history_thread, h) != 0) {
		history_destroy(h);
		return NULL;
	}
	return h;
}

void
history_destroy(struct history *h)
{
	struct history_job *j;

	while ((j = h->jobs) != NULL) {
		h->jobs = j->next;
		free(j);
	}
	loop_timer_free(h->lost_timer);
	pthread_cond_destroy(&h->wake);
	pthread_cond_destroy(&h->ended);
	pthread_mutex_destroy(&h->lock);
	free(h->directory);
	free(h);
}

/* Of the monotonic clock. */
static struct timespec
in_ms(int64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	ts.tv_sec += (time_t)(ms / 1000) + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

/* Under the lock: the calls that are not written yet. */
static uint64_t
waiting_calls(const struct history *h)
{
	const struct history_job *j;
	uint64_t n = 0;

	for (j = h->jobs; j != NULL && !h->newer; j = j->next)
		if (is_call(j->row.what))
			n += j->row.record.count;
	return n;
}

uint64_t
history_free(struct history *h, int64_t ms)
{
	struct timespec until = in_ms(ms);
	uint64_t lost;
	bool gone;

	if (h == NULL)
		return 0;
	pthread_mutex_lock(&h->lock);
	h->stop = true;
	h->retry_at = (msec_t){ 0 };
	pthread_cond_signal(&h->wake);
	while (!h->thread_ended && pthread_cond_timedwait(&h->ended, &h->lock, &until) == 0)
		;
	gone = h->thread_ended;
	h->abandoned = !gone; /* then the thread frees it, when the disk lets it go */
	lost = h->lost + waiting_calls(h);
	loop_timer_free(h->lost_timer);
	h->lost_timer = NULL;
	pthread_mutex_unlock(&h->lock);
	loop_unpost(h->loop, &h->note);
	history_drop_queries(h, gone);
	if (gone)
		history_destroy(h);
	return lost;
}
