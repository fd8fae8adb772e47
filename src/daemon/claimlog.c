/*
 * What is on record, see claimlog.h.
 */
#include "daemon/claimlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/repeats.h"
#include "io/log.h"

#define TEXT 128 /* of each text, as much as a view shows */

struct recent {
	char line[40], service[40], who[TEXT], number[72], result[72], why[TEXT];
	bool hidden, refused;
	int64_t start, end, call_ms;
	uint64_t from_client, to_client, count;
	uint64_t alike; /* of struct repeats_found; 0: it stands alone */
};

struct claimlog {
	struct history *history;
	struct loop *loop;
	struct repeats *repeats;
	struct loop_timer *minute; /* set while something is counted */
	uint64_t claims;           /* names given where there is no history */
	struct recent recent[CLAIMLOG_RECENT]; /* in a circle */
	size_t n, next;
};

static void on_minute(void *);

struct claimlog *
claimlog_new(struct loop *loop, struct history *history)
{
	struct claimlog *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->history = history;
	r->loop = loop;
	r->repeats = repeats_new();
	r->minute = loop_timer_new(loop, on_minute, r);
	if (r->repeats == NULL || r->minute == NULL) {
		claimlog_free(r);
		return NULL;
	}
	return r;
}

/* ---- what is counted ---- */

/* Where debugging is logged each has been told there already. */
static void
log_sum(enum repeats_kind kind, const struct history_record *h)
{
	if (log_shows(LOG_LEVEL_DEBUG))
		return;
	if (kind == REPEATS_REFUSAL)
		log_info("clients refused: event=refused line=%s client=%s service=%s why=\"%s\" count=%llu", h->line,
		    h->client, h->service, h->why, (unsigned long long)h->count);
	else
		log_info("claims that ended within a second: event=short-claims line=%s client=%s service=%s "
		    "from-client=%llu to-client=%llu why=\"%s\" count=%llu", h->line, h->client, h->service,
		    (unsigned long long)h->from_client, (unsigned long long)h->to_client, h->why,
		    (unsigned long long)h->count);
}

static void
tell_sums(struct claimlog *r, msec_t now)
{
	struct history_record sum;
	enum repeats_kind kind;

	while (repeats_take(r->repeats, now, &kind, &sum)) {
		log_sum(kind, &sum);
		if (r->history != NULL)
			history_add(r->history, &sum);
	}
}

static void
on_minute(void *ctx)
{
	struct claimlog *r = ctx;

	tell_sums(r, loop_now(r->loop));
	loop_timer_set(r->minute, repeats_due(r->repeats));
}

void
claimlog_free(struct claimlog *r)
{
	if (r == NULL)
		return;
	if (r->repeats != NULL)
		tell_sums(r, MSEC_NEVER);
	repeats_free(r->repeats);
	loop_timer_free(r->minute);
	free(r);
}

/* ---- the last few ---- */

static void
copy(char *dst, size_t cap, const char *src)
{
	snprintf(dst, cap, "%s", src != NULL ? src : "");
}

static void
remember(struct claimlog *r, const struct history_record *h, uint64_t alike)
{
	struct recent *to = &r->recent[r->next];

	*to = (struct recent){ .hidden = h->hidden, .refused = h->refused, .start = h->start, .end = h->end,
		.call_ms = h->call_ms, .from_client = h->from_client, .to_client = h->to_client, .count = 1,
		.alike = alike };
	copy(to->line, sizeof to->line, h->line);
	copy(to->service, sizeof to->service, h->service);
	copy(to->who, sizeof to->who, h->client);
	copy(to->number, sizeof to->number, h->number);
	copy(to->result, sizeof to->result, h->result);
	copy(to->why, sizeof to->why, h->why);
	r->next = (r->next + 1) % CLAIMLOG_RECENT;
	if (r->n < CLAIMLOG_RECENT)
		r->n++;
}

/* One that is counted stands with those that are alike, as long as they are among the last. */
static void
remember_counted(struct claimlog *r, const struct history_record *h, const struct repeats_found *found)
{
	struct history_record one = *h;
	struct recent *to;
	size_t i;

	for (i = 0; i < r->n; i++) {
		to = &r->recent[(r->next + CLAIMLOG_RECENT - 1 - i) % CLAIMLOG_RECENT];
		if (to->alike != found->name)
			continue;
		to->count++;
		to->end = h->end;
		to->from_client += h->from_client;
		to->to_client += h->to_client;
		to->call_ms += h->call_ms;
		copy(to->why, sizeof to->why, h->why);
		return;
	}
	if (found->others) {
		one.client = REPEATS_OTHERS;
		one.hidden = false;
	}
	remember(r, &one, found->name);
}

/* Returns false if it is counted. */
static bool
note(struct claimlog *r, const struct repeats_key *key, const struct history_record *h, bool told)
{
	struct repeats_found found = repeats_add(r->repeats, key, h, told, loop_now(r->loop));

	if (found.whole)
		remember(r, h, found.name);
	else
		remember_counted(r, h, &found);
	loop_timer_set(r->minute, repeats_due(r->repeats));
	return found.whole;
}

/* ---- what happens ---- */

uint64_t
claimlog_lasts(struct claimlog *r, const struct history_record *h)
{
	return r->history != NULL ? history_begin(r->history, h) : ++r->claims;
}

uint64_t
claimlog_begin(struct claimlog *r, const uint8_t *client, const struct history_record *h)
{
	const struct repeats_key key = { REPEATS_CLAIM, client, "" };

	return repeats_counts(r->repeats, &key, h, loop_now(r->loop)) ? 0 : claimlog_lasts(r, h);
}

bool
claimlog_end(struct claimlog *r, const uint8_t *client, uint64_t id, bool brief, const struct history_record *h)
{
	const struct repeats_key key = { REPEATS_CLAIM, client, h->why };

	if (!brief)
		remember(r, h, 0);
	else if (!note(r, &key, h, id != 0))
		return false;
	if (r->history != NULL && id != 0)
		history_end(r->history, id, h);
	else if (r->history != NULL)
		history_add(r->history, h);
	return true;
}

bool
claimlog_refused(struct claimlog *r, const uint8_t *client, const char *reason, const struct history_record *h)
{
	const struct repeats_key key = { REPEATS_REFUSAL, client, reason };

	if (!note(r, &key, h, false))
		return false;
	if (r->history != NULL)
		history_add(r->history, h);
	return true;
}

size_t
claimlog_recent(const struct claimlog *r, struct snapshot_record dst[static CLAIMLOG_RECENT])
{
	const struct recent *from;
	size_t i;

	for (i = 0; i < r->n; i++) {
		from = &r->recent[(r->next + CLAIMLOG_RECENT - 1 - i) % CLAIMLOG_RECENT];
		dst[i] = (struct snapshot_record){
			.line = from->line, .service = from->service, .who = from->who, .hidden = from->hidden,
			.start = from->start, .end = from->end, .refused = from->refused,
			.from_client = from->from_client, .to_client = from->to_client,
			.number = from->number, .result = from->result, .call_ms = from->call_ms, .why = from->why,
			.count = from->count,
		};
	}
	return r->n;
}
