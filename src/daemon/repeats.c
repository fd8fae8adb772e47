/*
 * What repeats, see repeats.h.
 *
 * An entry has told so many whole of late, and a minute that is running.  While it counts, its minute ends with a sum;
 * while it does not, nobody wakes up for it: how many minutes have passed is seen when it is looked at again.  What
 * finds no room is counted for its line and service, of which there are as many as are configured, so that a crowd of
 * addresses makes no more of it than REPEATS_KEYS do.
 */
#include "daemon/repeats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/addrkey.h"
#include "base/hash.h"
#include "base/text.h"

#define NAME 40 /* of a line or service */
#define REASON 32

struct entry {
	LIST_ENTRY(entry) link;
	uint64_t hash, name;
	enum repeats_kind kind;
	bool others;
	char line[NAME], service[NAME], reason[REASON];
	uint8_t client[ADDRKEY];
	unsigned told;
	msec_t ends; /* of its minute */

	/* What is counted in this minute. */
	uint64_t count, from_client, to_client;
	int64_t start, end, call_ms;
	bool hidden;
	char who[TEXT_ADDRESS], why[HISTORY_TEXT + 1];
};

struct repeats {
	LIST_HEAD(, entry) all;
	size_t n; /* without others */
	uint64_t names;
};

struct repeats *
repeats_new(void)
{
	struct repeats *r = calloc(1, sizeof *r);

	if (r != NULL)
		LIST_INIT(&r->all);
	return r;
}

static void
drop(struct repeats *r, struct entry *e)
{
	if (!e->others)
		r->n--;
	LIST_REMOVE(e, link);
	free(e);
}

void
repeats_free(struct repeats *r)
{
	struct entry *e;

	if (r == NULL)
		return;
	while ((e = LIST_FIRST(&r->all)) != NULL)
		drop(r, e);
	free(r);
}

/* ---- time ---- */

/* The minutes that have passed since, in which nothing was counted. */
static void
pass(struct entry *e, msec_t now)
{
	int64_t minutes;

	if (e->count > 0 || msec_before(now, e->ends))
		return;
	minutes = msec_since(e->ends, now) / REPEATS_MINUTE + 1;
	e->told = minutes < e->told ? e->told - (unsigned)minutes : 0;
	e->ends = msec_add(e->ends, minutes * REPEATS_MINUTE);
}

static void
drop_quiet(struct repeats *r, msec_t now)
{
	struct entry *e, *next;

	for (e = LIST_FIRST(&r->all); e != NULL; e = next) {
		next = LIST_NEXT(e, link);
		pass(e, now);
		if (e->told == 0 && e->count == 0)
			drop(r, e);
	}
}

/* ---- finding ---- */

static bool
is_of_client(const struct entry *e, const struct repeats_key *key, const struct history_record *h)
{
	return !e->others && e->kind == key->kind && memcmp(e->client, key->client, ADDRKEY) == 0 &&
	    strncmp(e->line, h->line, NAME - 1) == 0 && strncmp(e->service, h->service, NAME - 1) == 0;
}

static uint64_t
hash(const struct repeats_key *key, const struct history_record *h)
{
	uint64_t of = hash_of(key->client, ADDRKEY);

	of = hash_more(of, h->line, strlen(h->line) + 1);
	return hash_more(of, key->reason, strlen(key->reason) + 1);
}

static struct entry *
find(const struct repeats *r, const struct repeats_key *key, const struct history_record *h)
{
	uint64_t of = hash(key, h);
	struct entry *e;

	LIST_FOREACH(e, &r->all, link)
		if (e->hash == of && is_of_client(e, key, h) && strncmp(e->reason, key->reason, REASON - 1) == 0)
			return e;
	return NULL;
}

static struct entry *
find_others(const struct repeats *r, const struct repeats_key *key, const struct history_record *h)
{
	struct entry *e;

	LIST_FOREACH(e, &r->all, link)
		if (e->others && e->kind == key->kind && strncmp(e->line, h->line, NAME - 1) == 0 &&
		    strncmp(e->service, h->service, NAME - 1) == 0)
			return e;
	return NULL;
}

static struct entry *
add_entry(struct repeats *r, const struct repeats_key *key, const struct history_record *h, bool others, msec_t now)
{
	struct entry *e = calloc(1, sizeof *e);

	if (e == NULL)
		return NULL;
	e->kind = key->kind;
	e->others = others;
	e->name = ++r->names;
	e->hash = hash(key, h);
	e->ends = msec_add(now, REPEATS_MINUTE);
	snprintf(e->line, sizeof e->line, "%s", h->line);
	snprintf(e->service, sizeof e->service, "%s", h->service);
	snprintf(e->reason, sizeof e->reason, "%s", key->reason);
	memcpy(e->client, key->client, ADDRKEY);
	LIST_INSERT_HEAD(&r->all, e, link);
	if (!others)
		r->n++;
	return e;
}

static struct entry *
find_or_add(struct repeats *r, const struct repeats_key *key, const struct history_record *h, msec_t now)
{
	struct entry *e = find(r, key, h);

	if (e != NULL)
		return e;
	if (r->n >= REPEATS_KEYS)
		drop_quiet(r, now);
	if (r->n < REPEATS_KEYS)
		return add_entry(r, key, h, false, now);
	e = find_others(r, key, h);
	return e != NULL ? e : add_entry(r, key, h, true, now);
}

/* ---- counting ---- */

static unsigned
allowed(const struct entry *e)
{
	if (e->others)
		return 0;
	return e->kind == REPEATS_REFUSAL ? REPEATS_REFUSALS : REPEATS_CLAIMS;
}

bool
repeats_counts(struct repeats *r, const struct repeats_key *key, const struct history_record *h, msec_t now)
{
	struct entry *e;
	bool any = false;

	LIST_FOREACH(e, &r->all, link) {
		if (!is_of_client(e, key, h))
			continue;
		any = true;
		pass(e, now);
		if (e->told >= allowed(e))
			return true;
	}
	if (!any && r->n >= REPEATS_KEYS)
		drop_quiet(r, now);
	return !any && r->n >= REPEATS_KEYS;
}

/* The last says who and why. */
static void
count(struct entry *e, const struct history_record *h)
{
	if (e->count++ == 0) {
		e->start = h->start;
		e->from_client = e->to_client = 0;
		e->call_ms = 0;
	}
	e->end = h->end;
	e->from_client += h->from_client;
	e->to_client += h->to_client;
	e->call_ms += h->call_ms;
	e->hidden = h->hidden && !e->others;
	snprintf(e->who, sizeof e->who, "%s", e->others ? REPEATS_OTHERS : h->client);
	snprintf(e->why, sizeof e->why, "%s", h->why);
}

struct repeats_found
repeats_add(struct repeats *r, const struct repeats_key *key, const struct history_record *h, bool told, msec_t now)
{
	struct repeats_found found = { .whole = true };
	struct entry *e = find_or_add(r, key, h, now);

	if (e == NULL)
		return found;
	pass(e, now);
	found.name = e->name;
	found.whole = told || e->told < allowed(e);
	found.others = e->others && !found.whole;
	if (!found.whole) {
		count(e, h);
		return found;
	}
	if (e->told == 0 && e->count == 0)
		e->ends = msec_add(now, REPEATS_MINUTE);
	if (e->told < allowed(e))
		e->told++;
	return found;
}

/* ---- telling ---- */

msec_t
repeats_due(const struct repeats *r)
{
	const struct entry *e;
	msec_t due = MSEC_NEVER;

	LIST_FOREACH(e, &r->all, link)
		if (e->count > 0)
			due = msec_min(due, e->ends);
	return due;
}

static void
take(struct entry *e, msec_t now, enum repeats_kind *kind, struct history_record *sum)
{
	*kind = e->kind;
	*sum = (struct history_record){ .line = e->line, .service = e->service, .client = e->who,
		.hidden = e->hidden, .refused = e->kind == REPEATS_REFUSAL, .start = e->start, .end = e->end,
		.from_client = e->from_client, .to_client = e->to_client, .number = "", .result = "",
		.call_ms = e->call_ms, .why = e->why, .count = e->count };
	e->count = 0;
	e->ends = msec_add(now, REPEATS_MINUTE);
}

bool
repeats_take(struct repeats *r, msec_t now, enum repeats_kind *kind, struct history_record *sum)
{
	struct entry *e;

	LIST_FOREACH(e, &r->all, link)
		if (e->count > 0 && msec_reached(e->ends, now)) {
			take(e, now, kind, sum);
			return true;
		}
	return false;
}
