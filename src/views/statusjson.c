/*
 * The snapshot as JSON, see statusjson.h.
 *
 * jansson's setters take NULL for "that could not be made" and answer -1; a builder that
 * fails once gives up its object, and NULL goes up to the caller.
 */
#include "views/statusjson.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "views/jsontext.h"

/* ---- values ---- */

static json_t *
seconds(int64_t ms)
{
	return ms < 0 ? json_null() : json_real((double)ms / 1000);
}

/* Beyond the integers of jansson is only what has been counted for centuries. */
static json_t *
count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

struct member {
	const char *key;
	json_t *value;
};

/* An object of n members, whose values it takes in any case; NULL without memory. */
static json_t *
object(struct member *m, size_t n)
{
	json_t *made = json_object();
	bool failed = made == NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (json_object_set_new(made, m[i].key, m[i].value) != 0)
			failed = true;
	if (failed) {
		json_decref(made);
		return NULL;
	}
	return made;
}

#define OBJECT(...) \
	object((struct member[]){ __VA_ARGS__ }, \
	    sizeof((struct member[]){ __VA_ARGS__ }) / sizeof(struct member))

/* What is made, out of what, and for whom. */
struct source {
	const struct snapshot *snapshot;
	const struct snapshot_service *service; /* of waiters and names of lines */
	bool may_act;
};

/* The array of the items 0 to n - 1; NULL without memory. */
static json_t *
array(const struct source *from, size_t n, json_t *(*item)(const struct source *, size_t))
{
	json_t *made = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		if (json_array_append_new(made, item(from, i)) != 0) {
			json_decref(made);
			return NULL;
		}
	return made;
}

static json_t *
shown(const struct source *from, const char *s, bool hidden)
{
	return hidden && !from->may_act ? json_null() : jsontext_or_null(s);
}

/* ---- lines ---- */

static json_t *
lamps(const struct snapshot_line *l)
{
	if (!l->lamps_known)
		return json_null();
	return OBJECT(
	    { "dtr", json_boolean(l->lamps & SNAPSHOT_DTR) },
	    { "rts", json_boolean(l->lamps & SNAPSHOT_RTS) },
	    { "cts", json_boolean(l->lamps & SNAPSHOT_CTS) },
	    { "dsr", json_boolean(l->lamps & SNAPSHOT_DSR) },
	    { "dcd", json_boolean(l->lamps & SNAPSHOT_DCD) },
	    { "ri", json_boolean(l->lamps & SNAPSHOT_RI) });
}

static json_t *
call(enum snapshot_call c)
{
	return c == SNAPSHOT_NO_CALL ? json_null() : json_string(c == SNAPSHOT_DIALS ? "dials" : "in call");
}

static json_t *
owner(const struct source *from, const struct snapshot_owner *o)
{
	if (!o->present)
		return json_null();
	return OBJECT(
	    { "who", shown(from, o->who, o->hidden) },
	    { "service", jsontext(o->service) },
	    { "since", seconds(o->since) },
	    { "held", seconds(o->held) },
	    { "idle", seconds(o->idle) },
	    { "free-latest", seconds(o->free_latest) },
	    { "free-if-idle", seconds(o->free_if_idle) },
	    { "idle-limit", seconds(o->idle_limit) },
	    { "contended", json_boolean(o->contended) },
	    { "from-client", count(o->from_client) },
	    { "to-client", count(o->to_client) },
	    { "call", call(o->call) },
	    { "number", shown(from, o->number, o->hidden) },
	    { "result", shown(from, o->result, o->hidden) },
	    { "call-for", o->call == SNAPSHOT_NO_CALL ? json_null() : seconds(o->call_ms) });
}

static json_t *
line(const struct source *from, size_t i)
{
	const struct snapshot_line *l = &from->snapshot->lines[i];

	return OBJECT(
	    { "name", jsontext(l->name) },
	    { "kind", jsontext(l->kind) },
	    { "device", jsontext(l->device) },
	    { "state", json_string(snapshot_state_word(l->state)) },
	    { "reason", jsontext_or_null(l->reason) },
	    { "ready-in", seconds(l->ready_in) },
	    { "settings", jsontext_or_null(l->settings) },
	    { "lamps", lamps(l) },
	    { "owner", owner(from, &l->owner) },
	    { "waiting", count(l->waiting) },
	    { "claims", count(l->claims) },
	    { "refusals", count(l->refusals) },
	    { "cuts", count(l->cuts) },
	    { "failures", count(l->failures) },
	    { "from-clients", count(l->from_clients) },
	    { "to-clients", count(l->to_clients) });
}

/* ---- services ---- */

static json_t *
line_name(const struct source *from, size_t i)
{
	return jsontext(from->snapshot->lines[from->service->lines[i]].name);
}

static json_t *
waiter(const struct source *from, size_t i)
{
	const struct snapshot_waiter *w = &from->service->waiters[i];

	return OBJECT(
	    { "who", shown(from, w->who, w->hidden) },
	    { "place", count(w->place) },
	    { "waited", seconds(w->waited) },
	    { "held", json_boolean(w->held) });
}

static json_t *
service(const struct source *all, size_t i)
{
	const struct snapshot_service *v = &all->snapshot->services[i];
	struct source from = { all->snapshot, v, all->may_act };

	return OBJECT(
	    { "name", jsontext(v->name) },
	    { "listen", jsontext(v->listen) },
	    { "protocol", jsontext(v->protocol) },
	    { "lines", array(&from, v->n_lines, line_name) },
	    { "claims", count(v->claims) },
	    { "refusals", count(v->refusals) },
	    { "waiters", array(&from, v->n_waiters, waiter) });
}

/* ---- the past, and everything ---- */

static json_t *
record(const struct source *from, size_t i)
{
	const struct snapshot_record *r = &from->snapshot->recent[i];

	return OBJECT(
	    { "line", jsontext_or_null(r->line) },
	    { "service", jsontext_or_null(r->service) },
	    { "who", shown(from, r->who, r->hidden) },
	    { "start", seconds(r->start) },
	    { "end", seconds(r->end) },
	    { "refused", json_boolean(r->refused) },
	    { "from-client", count(r->from_client) },
	    { "to-client", count(r->to_client) },
	    { "number", shown(from, r->number, r->hidden) },
	    { "result", shown(from, r->result, r->hidden) },
	    { "call-for", seconds(r->call_ms) },
	    { "why", jsontext_or_null(r->why) },
	    { "count", count(r->count) });
}

json_t *
statusjson_record(const struct snapshot_record *r, bool may_act)
{
	const struct snapshot one = { .recent = r, .n_recent = 1 };
	struct source from = { &one, NULL, may_act };

	return record(&from, 0);
}

json_t *
statusjson(const struct snapshot *s, bool may_act)
{
	struct source from = { s, NULL, may_act };

	return OBJECT(
	    { "version", jsontext(s->version) },
	    { "now", seconds(s->now) },
	    { "started", seconds(s->started) },
	    { "draining", json_boolean(s->draining) },
	    { "clients", count(s->clients) },
	    { "max-clients", count(s->max_clients) },
	    { "accepted", count(s->accepted) },
	    { "turned-away", count(s->turned_away) },
	    { "loop-turns", count(s->loop_turns) },
	    { "log-lines-lost", count(s->log_lines_lost) },
	    { "lines", array(&from, s->n_lines, line) },
	    { "services", array(&from, s->n_services, service) },
	    { "recent", array(&from, s->n_recent, record) });
}

char *
statusjson_text(const struct snapshot *s, bool may_act)
{
	return jsontext_line(statusjson(s, may_act));
}
