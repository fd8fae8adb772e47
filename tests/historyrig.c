#include "historyrig.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void
on_patience(void *ctx)
{
	struct rig *r = ctx;

	r->late = true;
	loop_stop(r->loop);
}

void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof *r);
	snprintf(r->base, sizeof r->base, "/tmp/history-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(r->base));
	snprintf(r->directory, sizeof r->directory, "%s/state", r->base);
	r->loop = loop_new();
	r->patience = loop_timer_new(r->loop, on_patience, r);
	r->rows = calloc(RIG_ROWS, sizeof *r->rows);
	ck_assert(r->loop != NULL && r->patience != NULL && r->rows != NULL);
	r->until = -1;
}

static void
on_news(void *ctx, enum history_news what, const char *why, uint64_t lost)
{
	struct rig *r = ctx;

	r->failed += what == HISTORY_FAILED;
	r->newer += what == HISTORY_NEWER;
	r->works += what == HISTORY_WORKS;
	r->lost_told += what == HISTORY_LOST;
	r->lost += lost;
	if (what == HISTORY_FAILED || what == HISTORY_NEWER)
		snprintf(r->why, sizeof r->why, "%s", why);
	if ((int)what == r->until)
		loop_stop(r->loop);
}

void
rig_open(struct rig *r, unsigned days)
{
	rig_open_with(r, &(struct history_keep){ days, RIG_BYTES });
}

void
rig_open_with(struct rig *r, const struct history_keep *keep)
{
	r->history = history_new(r->loop, r->directory, keep, on_news, r);
	ck_assert_ptr_nonnull(r->history);
}

uint64_t
rig_close(struct rig *r)
{
	uint64_t lost = history_free(r->history, HISTORY_FLUSH);

	r->history = NULL;
	return lost;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
rig_end(struct rig *r)
{
	rig_close(r);
	loop_timer_free(r->patience);
	loop_free(r->loop);
	free(r->rows);
	nftw(r->base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
rig_run(struct rig *r, int64_t ms)
{
	r->late = false;
	loop_timer_set(r->patience, msec_add(loop_now(r->loop), ms));
	ck_assert_int_eq(loop_run(r->loop), 0);
	loop_timer_set(r->patience, MSEC_NEVER);
}

void
rig_until(struct rig *r, enum history_news what)
{
	r->until = (int)what;
	rig_run(r, RIG_PATIENCE);
	r->until = -1;
	ck_assert_msg(!r->late, "news %d did not come; %s", what, r->why);
}

static void
take(struct rig *r, const struct history_record *from)
{
	struct rig_row *row = &r->rows[r->n_rows++];

	ck_assert_uint_le(r->n_rows, RIG_ROWS);
	row->record = *from;
	snprintf(row->line, sizeof row->line, "%s", from->line);
	snprintf(row->service, sizeof row->service, "%s", from->service);
	snprintf(row->client, sizeof row->client, "%s", from->client);
	snprintf(row->number, sizeof row->number, "%s", from->number);
	snprintf(row->result, sizeof row->result, "%s", from->result);
	snprintf(row->why, sizeof row->why, "%s", from->why);
}

static struct history_query *query;

static void
on_rows(void *ctx, const struct history_record *rows, size_t n, enum history_more more,
    const char *error)
{
	struct rig *r = ctx;
	size_t i;

	for (i = 0; i < n; i++)
		take(r, &rows[i]);
	if (n > r->largest)
		r->largest = n;
	r->end = more;
	snprintf(r->error, sizeof r->error, "%s", error);
	if (more == HISTORY_MORE)
		history_next(query);
	else
		loop_stop(r->loop);
}

void
rig_ask(struct rig *r, const struct history_filter *f)
{
	static const struct history_filter all;

	r->n_rows = r->largest = 0;
	query = history_query(r->history, f == NULL ? &all : f, on_rows, r);
	ck_assert_ptr_nonnull(query);
	rig_run(r, RIG_PATIENCE);
	ck_assert(!r->late);
	history_query_free(query);
}

struct history_record
rig_record(const char *client, int64_t start, int64_t end)
{
	return (struct history_record){ .line = "modem1", .service = "modems", .client = client,
		.start = start, .end = end, .from_client = 12, .to_client = UINT64_C(5000000000),
		.number = "5551234", .result = "CONNECT 33600", .call_ms = 61500, .why = "closed" };
}

int64_t
rig_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
