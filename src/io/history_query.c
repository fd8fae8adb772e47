/*
 * Asking the history: a query reads one page in the thread each time it is asked for more, so that
 * a slow reader holds nothing in the database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/history_parts.h"

/* ---- in the thread ---- */

struct history_query *
history_take_asked(struct history *h)
{
	struct history_query *q = h->asked;

	if (q == NULL)
		return NULL;
	h->asked = q->next;
	if (h->asked == NULL)
		h->asked_end = &h->asked;
	return q;
}

void
history_query_read(struct history_query *q, struct historydb *db, const char *why)
{
	size_t max = q->left < HISTORY_CHUNK ? (size_t)q->left : HISTORY_CHUNK;

	snprintf(q->error, sizeof q->error, "%s", why);
	q->known = false;
	if (db == NULL)
		return;
	if (historydb_page(db, &q->filter, max, &q->page) != HISTORYDB_OK) {
		snprintf(q->error, sizeof q->error, "%s", historydb_error(db));
		return;
	}
	q->known = true;
	if (q->left != UINT64_MAX)
		q->left -= q->page.n;
	q->done = q->left == 0 || q->page.n < max;
}

void
history_query_answered(struct history *h, struct history_query *q)
{
	q->next = h->answered;
	h->answered = q;
	history_post(h);
}

/* ---- in the loop ---- */

static void
destroy(struct history_query *q)
{
	historydb_page_clear(&q->page);
	free((char *)(uintptr_t)q->filter.line);
	free((char *)(uintptr_t)q->filter.client);
	free(q);
}

static void
take_out(struct history *h, struct history_query *q)
{
	struct history_query **at = &h->queries;

	while (*at != q)
		at = &(*at)->other;
	*at = q->other;
	h->n_queries--;
}

struct history_query *
history_take_answered(struct history *h)
{
	struct history_query *q;

	pthread_mutex_lock(&h->lock);
	q = h->answered;
	if (q != NULL) {
		h->answered = q->next;
		q->asked = false;
	}
	pthread_mutex_unlock(&h->lock);
	return q;
}

void
history_query_tell(struct history_query *q)
{
	enum history_more more = !q->known ? HISTORY_UNKNOWN :
	    q->done ? HISTORY_DONE : HISTORY_MORE;

	if (!q->freed) {
		q->telling = true;
		q->fn(q->ctx, q->page.rows, q->page.n, more, q->error);
		q->telling = false;
	}
	if (q->freed)
		history_query_free(q);
}

static bool
copy_filter(struct history_query *q, const struct history_filter *f)
{
	q->filter = *f;
	q->filter.line = f->line == NULL ? NULL : strdup(f->line);
	q->filter.client = f->client == NULL ? NULL : strdup(f->client);
	return (f->line == NULL) == (q->filter.line == NULL) &&
	    (f->client == NULL) == (q->filter.client == NULL);
}

static void
ask(struct history *h, struct history_query *q)
{
	q->asked = true;
	pthread_mutex_lock(&h->lock);
	q->next = NULL;
	*h->asked_end = q;
	h->asked_end = &q->next;
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

struct history_query *
history_query(struct history *h, const struct history_filter *f, history_rows_fn *fn, void *ctx)
{
	struct history_query *q;

	if (h->n_queries >= HISTORY_QUERIES || (q = calloc(1, sizeof *q)) == NULL)
		return NULL;
	if (!copy_filter(q, f)) {
		destroy(q);
		return NULL;
	}
	q->history = h;
	q->fn = fn;
	q->ctx = ctx;
	q->left = f->max == 0 ? UINT64_MAX : f->max;
	q->page.before_start = q->page.before_id = INT64_MAX;
	q->other = h->queries;
	h->queries = q;
	h->n_queries++;
	ask(h, q);
	return q;
}

void
history_next(struct history_query *q)
{
	if (q->history == NULL || q->asked || q->done)
		return;
	historydb_page_clear(&q->page);
	ask(q->history, q);
}

void
history_query_free(struct history_query *q)
{
	if (q == NULL)
		return;
	q->freed = true;
	if (q->telling || q->stuck)
		return;
	if (q->history != NULL) {
		if (q->asked)
			return; /* freed when its answer comes */
		take_out(q->history, q);
	}
	destroy(q);
}

void
history_drop_queries(struct history *h, bool gone)
{
	struct history_query *q;

	while ((q = h->queries) != NULL) {
		h->queries = q->other;
		q->history = NULL;
		q->stuck = !gone;
		if (q->freed && gone)
			destroy(q);
	}
}
