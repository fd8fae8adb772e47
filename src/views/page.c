/*
 * The snapshot as a page, see page.h: what the places of page.html are filled with.
 *
 * What runs on by itself, how long ago and in what time, has the point in time beside its text, in whole seconds
 * since 1970.  A part, of which only what has changed is sent, has the points alone: so it changes when something
 * happens, and not with each second.
 *
 * There is one cursor: {{#line}} moves it to a line, and {{line-name}} tells of the line it is at.
 */
#include "views/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "views/assets.h"
#include "views/template.h"

struct cursor {
	const struct snapshot *all;
	const struct snapshot_line *line;
	const struct snapshot_service *service;
	const struct snapshot_waiter *waiter;
	const struct snapshot_record *record;
	size_t lamp;
	struct sheet *sheet;
	struct page_part *parts; /* NULL: it is the page itself, with the texts of times */
	size_t n_parts;
	char text[160]; /* what was composed last */
};

#define TEXT(name, expression) \
	static const char * \
	name(void *ctx) \
	{ \
		struct cursor *c = ctx; \
		return expression; \
	}

/* A block that is there once or not. */
#define IF(name, expression) \
	static bool \
	name(void *ctx, size_t i) \
	{ \
		struct cursor *c = ctx; \
		return i == 0 && (expression); \
	}

/* A block for each of `n` items: the cursor's `member` becomes the i-th. */
#define EACH(name, member, items, n) \
	static bool \
	name(void *ctx, size_t i) \
	{ \
		struct cursor *c = ctx; \
		if (i >= (n)) \
			return false; \
		c->member = &(items)[i]; \
		return true; \
	}

/* A block that is a part, or one for each of n: its places in the sheet are noted. */
static bool
part(struct cursor *c, size_t i, size_t n)
{
	if (c->parts != NULL && i > 0)
		c->parts[c->n_parts - 1].n = c->sheet->used - c->parts[c->n_parts - 1].at;
	if (i < n && c->parts != NULL)
		c->parts[c->n_parts++].at = c->sheet->used;
	return i < n;
}

#define PART(name) \
	static bool \
	name(void *ctx, size_t i) \
	{ \
		return part(ctx, i, 1); \
	}

/* As EACH, and each is a part. */
#define EACH_PART(name, member, items, total) \
	static bool \
	name(void *ctx, size_t i) \
	{ \
		struct cursor *c = ctx; \
		if (!part(c, i, total)) \
			return false; \
		c->member = &(items)[i]; \
		return true; \
	}

/* ---- what is composed ---- */

static const char *
count(struct cursor *c, uint64_t n)
{
	snprintf(c->text, sizeof c->text, "%" PRIu64, n);
	return c->text;
}

static const char *
duration(struct cursor *c, int64_t ms)
{
	if (c->parts != NULL)
		return "";
	/* Of less than a second nobody needs to know how much. */
	return text_duration(c->text, ms < 1000 ? 0 : ms);
}

static const char *
duration_up(struct cursor *c, int64_t ms)
{
	return c->parts != NULL ? "" : text_duration_up(c->text, ms);
}

/* The point in time that is ms from now, in seconds, of which it is the next whole one. */
static const char *
at(struct cursor *c, int64_t ms)
{
	int64_t when = c->all->now + ms;

	return count(c, (uint64_t)(when > 0 ? (when + 999) / 1000 : 0));
}

static const char *
bytes(struct cursor *c, uint64_t n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t tenths = 0;
	size_t unit = 0;

	for (; n >= 1024; n /= 1024, unit++)
		tenths = n % 1024 * 10 / 1024;
	if (unit == 0 || n >= 100)
		snprintf(c->text, sizeof c->text, "%u %s", (unsigned)n, units[unit]);
	else
		snprintf(c->text, sizeof c->text, "%u.%u %s", (unsigned)n, (unsigned)tenths, units[unit]);
	return c->text;
}

/* "2025-11-25T20:00:00Z"; days since 1970 become a date as in the proleptic Gregorian calendar. */
static const char *
utc(struct cursor *c, int64_t ms)
{
	int64_t s = ms / 1000 % 86400, z = ms / 86400000 + 719468, era = z / 146097;
	int64_t day = z % 146097, year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t rest = day - (365 * year + year / 4 - year / 100), month = (5 * rest + 2) / 153;

	if (ms < 0)
		return "";
	snprintf(c->text, sizeof c->text, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    (int)(year + era * 400 + (month >= 10)), (int)(month < 10 ? month + 3 : month - 9),
	    (int)(rest - (153 * month + 2) / 5 + 1), (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	return c->text;
}

static const char *
who(const char *name, bool hidden)
{
	return hidden || name == NULL ? "another client" : name;
}

static bool
is_text(const char *s)
{
	return s != NULL && *s != '\0';
}

/* ---- the daemon ---- */

static size_t
free_lines(const struct snapshot *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n_lines; i++)
		n += s->lines[i].state == SNAPSHOT_FREE;
	return n;
}

static bool
anybody_waits(const struct snapshot *s)
{
	size_t i;

	for (i = 0; i < s->n_services; i++)
		if (s->services[i].n_waiters > 0)
			return true;
	return false;
}

TEXT(t_free_lines, count(c, free_lines(c->all)))
TEXT(t_all_lines, count(c, c->all->n_lines))
TEXT(t_clients, count(c, c->all->clients))
TEXT(t_uptime, duration(c, (c->all->now - c->all->started) / 60000 * 60000))
TEXT(t_started_at, at(c, c->all->started - c->all->now))
PART(part_title)
PART(part_header)
PART(part_notice)
PART(part_waiters)
PART(part_lately)
TEXT(t_version, c->all->version)
IF(if_draining, c->all->draining)
IF(if_no_lines, c->all->n_lines == 0)
IF(if_queues, anybody_waits(c->all))
IF(if_past, c->all->n_recent > 0)
IF(if_services, c->all->n_services > 0)

/* ---- a line ---- */

EACH_PART(each_line, line, c->all->lines, c->all->n_lines)
IF(if_cards, !page_is_table(c->all))
IF(if_table, page_is_table(c->all))
TEXT(t_line_name, c->line->name)
TEXT(t_line_state, snapshot_state_word(c->line->state))
TEXT(t_line_kind, c->line->kind)
TEXT(t_device, c->line->device)
TEXT(t_settings, c->line->settings)
IF(if_reason, is_text(c->line->reason))
TEXT(t_reason, c->line->reason)
IF(if_ready, c->line->ready_in >= 0)
IF(if_waiting, c->line->waiting > 0)
TEXT(t_waiting, count(c, c->line->waiting))
IF(if_lamps, c->line->lamps_known)

static const char *
t_line_class(void *ctx)
{
	static const char *const classes[SNAPSHOT_STATES] = { "free", "in-use", "hand-over", "ringing", "out",
		"quarantine", "foreign", "disabled" };
	const struct cursor *c = ctx;

	return c->line->state < SNAPSHOT_STATES ? classes[c->line->state] : "";
}

TEXT(t_ready, duration_up(c, c->line->ready_in))
TEXT(t_between, is_text(c->line->reason) ? "; " : "")
TEXT(t_ready_at, at(c, c->line->ready_in))

static const char *
t_before_ready(void *ctx)
{
	const struct cursor *c = ctx;

	return c->line->state == SNAPSHOT_QUARANTINE ? "tested again in " :
	    c->line->state == SNAPSHOT_RINGING ? "" : "free in ";
}

static const char *
t_after_ready(void *ctx)
{
	const struct cursor *c = ctx;

	return c->line->state == SNAPSHOT_QUARANTINE ? "" :
	    c->line->state == SNAPSHOT_RINGING ? " left to answer" : " at the latest";
}

static const struct {
	uint8_t bit;
	const char *name, *meaning;
} lamps[] = {
	{ SNAPSHOT_DTR, "DTR", "Data terminal ready" }, { SNAPSHOT_RTS, "RTS", "Request to send" },
	{ SNAPSHOT_CTS, "CTS", "Clear to send" }, { SNAPSHOT_DSR, "DSR", "Data set ready" },
	{ SNAPSHOT_DCD, "DCD", "Carrier" }, { SNAPSHOT_RI, "RI", "Ring" },
};

static bool
each_lamp(void *ctx, size_t i)
{
	struct cursor *c = ctx;

	c->lamp = i;
	return i < sizeof lamps / sizeof lamps[0];
}

TEXT(t_lamp, lamps[c->lamp].name)
TEXT(t_lamp_meaning, lamps[c->lamp].meaning)
TEXT(t_lamp_state, (c->line->lamps & lamps[c->lamp].bit) != 0 ? "on" : "off")

/* ---- its owner ---- */

IF(if_owner, c->line->owner.present)
IF(if_nobody, !c->line->owner.present)
TEXT(t_owner, who(c->line->owner.who, c->line->owner.hidden))
TEXT(t_held, duration(c, c->line->owner.held))
TEXT(t_held_at, at(c, -c->line->owner.held))
TEXT(t_idle, duration(c, c->line->owner.idle))
TEXT(t_idle_at, at(c, -c->line->owner.idle))
IF(if_elsewhere, is_text(c->line->owner.service) && strcmp(c->line->owner.service, c->line->name) != 0)
TEXT(t_owner_service, c->line->owner.service)
IF(if_call, c->line->owner.call != SNAPSHOT_NO_CALL)
TEXT(t_call, c->line->owner.call == SNAPSHOT_DIALS ? "dials" : "in call")
IF(if_number, is_text(c->line->owner.number) && !c->line->owner.hidden)
TEXT(t_number, c->line->owner.number)
TEXT(t_call_for, duration(c, c->line->owner.call_ms))
TEXT(t_call_at, at(c, -c->line->owner.call_ms))
IF(if_result, is_text(c->line->owner.result) && !c->line->owner.hidden)
TEXT(t_result, c->line->owner.result)
IF(if_bar, c->line->owner.idle_limit > 0 && c->line->owner.free_if_idle >= 0)
TEXT(t_idle_limit, count(c, (uint64_t)c->line->owner.idle_limit))
TEXT(t_from_client, bytes(c, c->line->owner.from_client))
TEXT(t_to_client, bytes(c, c->line->owner.to_client))

/* What the owner has left of the idle limit; free_if_idle has the hand-over in it, which is not the owner's. */
static int64_t
idle_left(const struct snapshot_owner *o)
{
	int64_t left = o->idle_limit - o->idle;

	if (left > o->free_if_idle)
		left = o->free_if_idle;
	return left > 0 ? left : 0;
}

TEXT(t_idle_left, c->parts != NULL ? "" : count(c, (uint64_t)idle_left(&c->line->owner)))
TEXT(t_idle_ends, at(c, idle_left(&c->line->owner)))

/* Is it idleness that ends the claim, if it lasts? */
static bool
ends_by_idleness(const struct snapshot_owner *o)
{
	return o->free_if_idle >= 0 && (o->free_latest < 0 || o->free_if_idle < o->free_latest);
}

/* When it is free as things are. */
static int64_t
first_end(const struct snapshot_owner *o)
{
	return ends_by_idleness(o) ? o->free_if_idle : o->free_latest;
}

IF(if_soon, ends_by_idleness(&c->line->owner))
TEXT(t_soon, duration_up(c, c->line->owner.free_if_idle))
TEXT(t_soon_at, at(c, c->line->owner.free_if_idle))
IF(if_never, c->line->owner.free_latest < 0)
IF(if_latest, c->line->owner.free_latest >= 0)
TEXT(t_before_latest, ends_by_idleness(&c->line->owner) ? ", in" : "free in")
TEXT(t_latest, duration_up(c, c->line->owner.free_latest))
TEXT(t_latest_at, at(c, c->line->owner.free_latest))
IF(if_no_limit, first_end(&c->line->owner) < 0)
IF(if_first, first_end(&c->line->owner) >= 0)
TEXT(t_first, duration_up(c, first_end(&c->line->owner)))
TEXT(t_first_at, at(c, first_end(&c->line->owner)))

/* ---- services and who waits ---- */

EACH_PART(each_service, service, c->all->services, c->all->n_services)
TEXT(t_service, c->service->name)
TEXT(t_listen, c->service->listen)
TEXT(t_protocol, c->service->protocol)
TEXT(t_claims, count(c, c->service->claims))
TEXT(t_refusals, count(c, c->service->refusals))

static bool
each_service_line(void *ctx, size_t i)
{
	struct cursor *c = ctx;

	if (i >= c->service->n_lines)
		return false;
	c->line = &c->all->lines[c->service->lines[i]];
	return true;
}

/* The i-th service at which somebody waits. */
static bool
each_queue(void *ctx, size_t i)
{
	struct cursor *c = ctx;
	size_t n;

	for (n = 0; n < c->all->n_services; n++) {
		c->service = &c->all->services[n];
		if (c->service->n_waiters > 0 && i-- == 0)
			return true;
	}
	return false;
}

EACH(each_waiter, waiter, c->service->waiters, c->service->n_waiters)
TEXT(t_waiter, who(c->waiter->who, c->waiter->hidden))
TEXT(t_place, count(c, c->waiter->place))
TEXT(t_waited, duration(c, c->waiter->waited))
TEXT(t_waited_at, at(c, -c->waiter->waited))
IF(if_held_back, c->waiter->held)

/* ---- the past ---- */

EACH(each_record, record, c->all->recent, c->all->n_recent)
TEXT(t_record_class, c->record->refused ? "refused" : c->record->end < 0 ? "running" : "ended")
TEXT(t_record_line, is_text(c->record->line) ? c->record->line : c->record->service)
TEXT(t_record_who, who(c->record->who, c->record->hidden))
TEXT(t_start_utc, utc(c, c->record->start))
TEXT(t_start, duration(c, c->all->now - c->record->start))
TEXT(t_start_at, at(c, c->record->start - c->all->now))
IF(if_lasts, !c->record->refused && c->record->end < 0)
IF(if_lasted, c->record->refused || c->record->end >= 0)

/* How long one that is over has lasted does not change any more. */
static const char *
t_lasted(void *ctx)
{
	struct cursor *c = ctx;
	int64_t ms = c->record->end - c->record->start;

	if (c->record->refused)
		return "-";
	if (c->record->count > 1)
		return "under 1s each";
	return c->record->end < 0 ? duration(c, c->all->now - c->record->start) :
	    text_duration(c->text, ms < 1000 ? 0 : ms);
}

TEXT(t_record_from, c->record->refused ? "-" : bytes(c, c->record->from_client))
TEXT(t_record_to, c->record->refused ? "-" : bytes(c, c->record->to_client))
TEXT(t_record_number, c->record->hidden ? "" : c->record->number)
IF(if_record_result, is_text(c->record->result) && !c->record->hidden)
TEXT(t_record_result, c->record->result)

static const char *
t_record_end(void *ctx)
{
	struct cursor *c = ctx;
	const struct snapshot_record *r = c->record;

	int n;

	if (!r->refused && r->count <= 1)
		return r->end < 0 ? "still has it" : r->why;
	n = snprintf(c->text, sizeof c->text, "%s%s%.110s", r->refused ? "refused" : "",
	    r->refused && is_text(r->why) ? ": " : "", is_text(r->why) ? r->why : "");
	if (r->count > 1)
		snprintf(c->text + n, sizeof c->text - (size_t)n, " (%" PRIu64 " times)", r->count);
	return c->text;
}

#define KEY TEMPLATE_KEY

static const struct template_key keys[] = {
	KEY("free-lines", t_free_lines, NULL), KEY("all-lines", t_all_lines, NULL),
	KEY("clients", t_clients, NULL), KEY("uptime", t_uptime, NULL),
	KEY("version", t_version, NULL), KEY("draining", NULL, if_draining),
	KEY("no-lines", NULL, if_no_lines), KEY("queues", NULL, if_queues),
	KEY("past", NULL, if_past), KEY("services", NULL, if_services),
	KEY("line", NULL, each_line), KEY("line-name", t_line_name, NULL),
	KEY("line-class", t_line_class, NULL), KEY("line-state", t_line_state, NULL),
	KEY("line-kind", t_line_kind, NULL), KEY("device", t_device, NULL),
	KEY("settings", t_settings, NULL), KEY("reason", t_reason, if_reason),
	KEY("ready", t_ready, if_ready), KEY("ready-at", t_ready_at, NULL), KEY("between", t_between, NULL),
	KEY("before-ready", t_before_ready, NULL), KEY("after-ready", t_after_ready, NULL),
	KEY("title", NULL, part_title), KEY("header", NULL, part_header),
	KEY("notice", NULL, part_notice), KEY("waiters", NULL, part_waiters),
	KEY("lately", NULL, part_lately), KEY("started-at", t_started_at, NULL),
	KEY("cards", NULL, if_cards), KEY("table", NULL, if_table), KEY("row", NULL, each_line),
	KEY("nobody", NULL, if_nobody), KEY("held-at", t_held_at, NULL),
	KEY("idle-at", t_idle_at, NULL), KEY("call-at", t_call_at, NULL),
	KEY("idle-ends", t_idle_ends, NULL), KEY("soon", t_soon, if_soon),
	KEY("soon-at", t_soon_at, NULL), KEY("never", NULL, if_never),
	KEY("latest", t_latest, if_latest), KEY("latest-at", t_latest_at, NULL),
	KEY("before-latest", t_before_latest, NULL), KEY("no-limit", NULL, if_no_limit),
	KEY("first", t_first, if_first), KEY("first-at", t_first_at, NULL),
	KEY("waited-at", t_waited_at, NULL), KEY("start-at", t_start_at, NULL),
	KEY("lasts", NULL, if_lasts), KEY("waiting", t_waiting, if_waiting),
	KEY("lamps", NULL, if_lamps), KEY("lamp", t_lamp, each_lamp),
	KEY("lamp-meaning", t_lamp_meaning, NULL), KEY("lamp-state", t_lamp_state, NULL),
	KEY("owner", t_owner, if_owner), KEY("held", t_held, NULL), KEY("idle", t_idle, NULL),
	KEY("elsewhere", NULL, if_elsewhere), KEY("owner-service", t_owner_service, NULL),
	KEY("call", t_call, if_call), KEY("number", t_number, if_number),
	KEY("call-for", t_call_for, NULL), KEY("result", t_result, if_result),
	KEY("bar", NULL, if_bar), KEY("idle-limit", t_idle_limit, NULL),
	KEY("idle-left", t_idle_left, NULL),
	KEY("from-client", t_from_client, NULL), KEY("to-client", t_to_client, NULL),
	KEY("service", t_service, each_service), KEY("listen", t_listen, NULL),
	KEY("protocol", t_protocol, NULL), KEY("claims", t_claims, NULL),
	KEY("refusals", t_refusals, NULL), KEY("service-line", NULL, each_service_line),
	KEY("queue", NULL, each_queue), KEY("waiter", t_waiter, each_waiter),
	KEY("place", t_place, NULL), KEY("waited", t_waited, NULL),
	KEY("held-back", NULL, if_held_back), KEY("record", NULL, each_record),
	KEY("record-class", t_record_class, NULL), KEY("record-line", t_record_line, NULL),
	KEY("record-who", t_record_who, NULL), KEY("start-utc", t_start_utc, NULL),
	KEY("start", t_start, NULL), KEY("lasted", t_lasted, if_lasted),
	KEY("record-from", t_record_from, NULL), KEY("record-to", t_record_to, NULL),
	KEY("record-number", t_record_number, NULL),
	KEY("record-result", t_record_result, if_record_result),
	KEY("record-end", t_record_end, NULL),
};

static void
write_all(struct sheet *sheet, const struct snapshot *s, struct page_part *parts)
{
	struct cursor c = { .all = s, .sheet = sheet, .parts = parts };

	template_write(sheet, (const char *)asset_page_html, asset_page_html_size, keys,
	    sizeof keys / sizeof keys[0], &c);
}

void
page_write(struct sheet *sheet, const struct snapshot *s)
{
	write_all(sheet, s, NULL);
}

bool
page_is_table(const struct snapshot *s)
{
	return s->n_lines >= PAGE_TABLE;
}

size_t
page_n_parts(const struct snapshot *s)
{
	return PAGE_ALWAYS + s->n_lines + s->n_services;
}

void
page_write_parts(struct sheet *sheet, const struct snapshot *s, struct page_part *parts)
{
	write_all(sheet, s, parts);
}

char *
page_text(const struct snapshot *s, size_t *n)
{
	struct sheet sheet;

	sheet_init(&sheet, SHEET_LIMIT);
	page_write(&sheet, s);
	return sheet_take(&sheet, n);
}
