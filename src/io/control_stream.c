/*
 * What the control socket tells without being asked each time: snapshots, what passes over a line,
 * and a history in pieces.  Whoever reads too slowly loses some of it, and is told how much.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/control_parts.h"
#include "views/statusjson.h"

/* ---- snapshots ---- */

/* Until it is drawn nothing else is begun. */
static void
put_status(struct control_client *k, int64_t id, uint64_t missed)
{
	struct print *p;

	p = gallery_look(k->control->gallery, &k->look, k->may_act ? CONTROL_TO_ACT : CONTROL_TO_LOOK, false);
	k->look_id = id;
	k->look_missed = missed;
	if (!gallery_waits(&k->look))
		control_client_show(k, p, id, missed);
}

void
control_on_status(void *ctx, struct print *p)
{
	struct control_client *k = ctx;

	control_client_show(k, p != NULL ? print_ref(p) : NULL, k->look_id, k->look_missed);
	control_client_later(k);
}

/* Snapshots that its watch has missed are no concern of one that it asks for. */
void
control_status(struct control_client *k, int64_t id)
{
	put_status(k, id, 0);
}

static bool
is_watched(const struct control *c)
{
	const struct control_client *k;

	for (k = c->clients; k != NULL; k = k->next)
		if (k->watching != 0)
			return true;
	return false;
}

void
control_watch(struct control_client *k, int64_t id)
{
	struct control *c = k->control;
	const char *why = k->watching != 0 ? "a connection watches once; expected another one" : control_no_stream(k);

	if (why != NULL) {
		control_client_fail(k, id, CTLMSG_BUSY, why);
		return;
	}
	control_status(k, id);
	if (!is_watched(c)) {
		c->ticked = loop_now(c->loop);
		loop_timer_set(c->tick, msec_add(c->ticked, CONTROL_TICK));
	}
	k->watching = id;
	k->limit = 0; /* another one begins */
}

void
control_on_tick(void *ctx)
{
	struct control *c = ctx;
	struct control_client *k, *next;
	bool any = false;

	c->ticked = loop_now(c->loop);
	for (k = c->clients; k != NULL; k = next) {
		next = k->next;
		if (k->watching == 0)
			continue;
		any = true;
		if (k->unsent != NULL || gallery_waits(&k->look)) {
			k->missed++;
			continue;
		}
		put_status(k, k->watching, k->missed);
		k->missed = 0;
		control_client_later(k);
	}
	if (any)
		loop_timer_set(c->tick, msec_add(c->ticked, CONTROL_TICK));
}

void
control_changed(struct control *c)
{
	if (is_watched(c))
		loop_timer_set(c->tick,
		    msec_max(loop_now(c->loop), msec_add(c->ticked, CONTROL_SOON)));
}

/* ---- what passes over a line ---- */

static bool
is_monitored(const struct control *c, const char *line, const struct control_client *but)
{
	const struct control_client *k;

	for (k = c->clients; k != NULL; k = k->next)
		if (k != but && k->monitoring != 0 && strcmp(k->line, line) == 0)
			return true;
	return false;
}

void
control_monitor(struct control_client *k, const struct ctlmsg_request *r)
{
	struct ctlmsg_reply ok = { .id = r->id, .kind = CTLMSG_OK };
	struct control *c = k->control;
	const char *why = k->monitoring != 0 ? "a connection monitors one line; expected another one" :
	    control_no_stream(k);

	if (why != NULL) {
		control_client_fail(k, r->id, CTLMSG_BUSY, why);
		return;
	}
	if (!is_monitored(c, r->line, k) && !c->ops->monitor(c->ctx, r->line, true)) {
		control_client_fail(k, r->id, CTLMSG_UNKNOWN,
		    "no such line; expected one that status shows");
		return;
	}
	k->monitoring = r->id;
	k->limit = 0;
	k->noted[0] = '\0';
	memcpy(k->line, r->line, sizeof k->line);
	control_client_reply(k, &ok);
}

static void
tell_lost(struct control_client *k)
{
	struct ctlmsg_reply r = { .id = k->monitoring, .kind = CTLMSG_LOST, .missed = k->lost,
		.at = k->lost_at };

	if (k->lost == 0)
		return;
	k->lost = 0;
	control_client_reply(k, &r);
}

/* After a loss nothing more is given before half of the room is free again; then first how much was lost. */
static bool
has_room(struct control_client *k, size_t n)
{
	if (k->lost > 0 && k->waiting > CONTROL_STREAM / 2)
		return false;
	tell_lost(k);
	return k->waiting + n < CONTROL_STREAM;
}

static void
give_data(struct control_client *k, struct ctlmsg_reply *r, size_t n)
{
	r->id = k->monitoring;
	for (; n > 0; n -= r->n, r->data += r->n) {
		r->n = n < CTLMSG_DATA ? n : CTLMSG_DATA;
		if (!has_room(k, 2 * r->n))
			break;
		control_client_reply(k, r);
	}
	if (n > 0 && k->lost == 0)
		k->lost_at = r->at;
	k->lost += n;
}

void
control_data(struct control *c, const char *line, bool from_client, int64_t at, const uint8_t *data,
    size_t n)
{
	struct ctlmsg_reply r;
	struct control_client *k, *next;

	for (k = c->clients; k != NULL; k = next) {
		next = k->next;
		if (k->monitoring == 0 || strcmp(k->line, line) != 0)
			continue;
		r = (struct ctlmsg_reply){
			.kind = CTLMSG_SOME_DATA, .from_client = from_client, .at = at, .data = data
		};
		give_data(k, &r, n);
		control_client_settle(k);
	}
}

void
control_note(struct control *c, const char *line, int64_t at, const char *text)
{
	struct ctlmsg_reply r = { .kind = CTLMSG_NOTE, .at = at, .text = text };
	struct control_client *k, *next;

	for (k = c->clients; k != NULL; k = next) {
		next = k->next;
		/* Data stops at CONTROL_STREAM; notes, which are short, go on to twice that, and are
		 * then lost untold. */
		if (k->monitoring == 0 || strcmp(k->line, line) != 0 ||
		    k->waiting > 2 * CONTROL_STREAM || strcmp(k->noted, text) == 0)
			continue;
		snprintf(k->noted, sizeof k->noted, "%s", text);
		r.id = k->monitoring;
		tell_lost(k);
		control_client_reply(k, &r);
		control_client_settle(k);
	}
}

void
control_forget_line(struct control *c, const char *line, int64_t at, const char *why)
{
	struct ctlmsg_reply r = { .kind = CTLMSG_END, .at = at, .text = why };
	struct control_client *k, *next;

	for (k = c->clients; k != NULL; k = next) {
		next = k->next;
		if (k->monitoring == 0 || strcmp(k->line, line) != 0)
			continue;
		r.id = k->monitoring;
		tell_lost(k);
		k->monitoring = 0;
		control_client_reply(k, &r);
		control_client_settle(k);
	}
}

/* ---- history ---- */

static struct snapshot_record
shown(const struct history_record *r)
{
	return (struct snapshot_record){ .line = r->line, .service = r->service, .who = r->client,
		.hidden = r->hidden, .start = r->start, .end = r->end, .refused = r->refused,
		.from_client = r->from_client, .to_client = r->to_client, .number = r->number,
		.result = r->result, .call_ms = r->call_ms, .why = r->why, .count = r->count };
}

static json_t *
records_of(const struct history_record *rows, size_t n, bool may_act)
{
	json_t *records = json_array();
	struct snapshot_record r;
	size_t i;

	for (i = 0; i < n; i++) {
		r = shown(&rows[i]);
		if (json_array_append_new(records, statusjson_record(&r, may_act)) != 0) {
			json_decref(records);
			return NULL;
		}
	}
	return records;
}

/* All that there is of a line was asked for, and it is not there, nor was it of late. */
static bool
is_of_no_line(const struct control_client *k, size_t n)
{
	return n == 0 && k->query_line[0] != '\0' && !k->control->ops->has_line(k->control->ctx, k->query_line);
}

static void
on_records(void *ctx, const struct history_record *rows, size_t n, enum history_more more,
    const char *error)
{
	struct control_client *k = ctx;
	struct ctlmsg_reply r = {
		.id = k->query_id, .kind = CTLMSG_RECORDS, .more = more == HISTORY_MORE
	};

	if (more == HISTORY_UNKNOWN) {
		control_client_fail(k, k->query_id, CTLMSG_FAILED, error);
	} else if (more == HISTORY_DONE && is_of_no_line(k, n)) {
		control_client_fail(k, k->query_id, CTLMSG_UNKNOWN,
		    "no such line, and nothing of one on record; expected one that status shows");
	} else {
		r.body = records_of(rows, n, k->may_act);
		r.text = error[0] != '\0' ? error : NULL;
		control_client_reply(k, &r);
		json_decref(r.body);
	}
	k->query_line[0] = '\0';
	k->query_rests = more == HISTORY_MORE;
	if (!k->query_rests) {
		history_query_free(k->query);
		k->query = NULL;
	}
	control_client_settle(k);
}

void
control_history(struct control_client *k, const struct ctlmsg_request *r)
{
	const struct history_filter f = {
		.since = r->since, .line = r->line[0] == '\0' ? NULL : r->line,
		.client = r->client[0] == '\0' ? NULL : r->client, .max = r->max,
		.shown_only = !k->may_act
	};
	struct history *h = k->control->ops->history(k->control->ctx);

	if (h == NULL) {
		control_client_fail(k, r->id, CTLMSG_FAILED,
		    "no history is kept; expected a state-directory in the configuration");
		return;
	}
	k->query_id = r->id;
	k->query_rests = false;
	if (f.since == 0 && f.client == NULL)
		memcpy(k->query_line, r->line, sizeof k->query_line);
	k->query = history_query(h, &f, on_records, k);
	if (k->query == NULL)
		control_client_fail(k, r->id, CTLMSG_BUSY,
		    "too many ask for the history; expected fewer");
}

/* ---- for each ---- */

void
control_streams_go_on(struct control_client *k)
{
	if (k->monitoring != 0 && k->waiting <= CONTROL_STREAM / 2)
		tell_lost(k);
	if (k->query != NULL && k->query_rests && k->waiting < CONTROL_STREAM / 4) {
		k->query_rests = false;
		history_next(k->query);
	}
}

void
control_streams_end(struct control_client *k)
{
	struct control *c = k->control;

	gallery_leave(&k->look);
	history_query_free(k->query);
	k->query = NULL;
	if (k->monitoring != 0 && !is_monitored(c, k->line, k))
		(void)c->ops->monitor(c->ctx, k->line, false);
	k->monitoring = 0;
	k->watching = 0;
}
