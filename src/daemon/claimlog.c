/*
 * What is on record, see claimlog.h.
 */
#include "daemon/claimlog.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT 128 /* of each text, as much as a view shows */

struct recent {
	char line[40], service[40], who[TEXT], number[72], result[72], why[TEXT];
	bool hidden, refused;
	int64_t start, end, call_ms;
	uint64_t from_client, to_client;
};

struct claimlog {
	struct history *history;
	struct recent recent[CLAIMLOG_RECENT]; /* in a circle */
	size_t n, next;
};

struct claimlog *
claimlog_new(struct history *history)
{
	struct claimlog *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->history = history;
	return r;
}

void
claimlog_free(struct claimlog *r)
{
	free(r);
}

static void
copy(char *dst, size_t cap, const char *src)
{
	snprintf(dst, cap, "%s", src != NULL ? src : "");
}

static void
remember(struct claimlog *r, const struct history_record *h)
{
	struct recent *to = &r->recent[r->next];

	*to = (struct recent){ .hidden = h->hidden, .refused = h->refused, .start = h->start, .end = h->end,
		.call_ms = h->call_ms, .from_client = h->from_client, .to_client = h->to_client };
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

uint64_t
claimlog_begin(struct claimlog *r, const struct history_record *h)
{
	return r->history != NULL ? history_begin(r->history, h) : 0;
}

void
claimlog_end(struct claimlog *r, uint64_t id, const struct history_record *h)
{
	remember(r, h);
	if (r->history != NULL)
		history_end(r->history, id, h);
}

void
claimlog_refused(struct claimlog *r, const struct history_record *h)
{
	remember(r, h);
	if (r->history != NULL)
		history_refused(r->history, h);
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
		};
	}
	return r->n;
}
