/*
 * A session for the snapshot and for the record.
 */
#include "session/parts.h"

static enum snapshot_call
shown_call(enum tenure_call call)
{
	static const enum snapshot_call same[] = {
		[TENURE_NO_CALL] = SNAPSHOT_NO_CALL,
		[TENURE_DIALS] = SNAPSHOT_DIALS,
		[TENURE_IN_CALL] = SNAPSHOT_IN_CALL,
	};

	return same[call];
}

static int64_t
with_way_back(const struct session *s, int64_t ms)
{
	return ms >= 0 ? ms + line_handover_bound(line_conf(s->line)) : -1;
}

void
session_snapshot_owner(const struct session *s, struct snapshot_owner *o)
{
	msec_t now = session_now(s);

	if (!s->owns)
		return;
	*o = (struct snapshot_owner){
		.present = true, .who = s->who, .hidden = !s->rules->show_owner,
		.service = s->service->name, .since = s->began,
		.held = tenure_held(&s->tenure, now), .idle = tenure_idle(&s->tenure, now),
		.free_latest = with_way_back(s, tenure_latest(&s->tenure, now)),
		.free_if_idle = with_way_back(s, tenure_if_idle(&s->tenure, now)),
		.idle_limit = tenure_idle_limit(&s->tenure),
		.from_client = s->from_client, .to_client = s->to_client,
		.call = shown_call(s->call), .number = "", .result = "",
		.contended = line_seat(s->line)->contended,
	};
	if (s->calls != NULL) {
		o->number = callwatch_number(s->calls);
		o->result = callwatch_result(s->calls);
		o->call_ms = callwatch_talked(s->calls, now);
	}
}

void
session_snapshot_waiter(const struct session *s, struct snapshot_waiter *w)
{
	*w = (struct snapshot_waiter){
		.who = s->who, .hidden = !s->rules->show_owner, .place = s->seat.number,
		.waited = msec_since(s->door.claimed, session_now(s)), .held = s->seat.held,
	};
}

/* ---- for the record ---- */

static struct history_record
record_of(const struct session *s)
{
	return (struct history_record){
		.line = line_conf(s->line)->name, .service = s->service->name, .client = s->who,
		.hidden = !s->rules->show_owner, .start = s->began, .end = -1,
		.from_client = s->from_client, .to_client = s->to_client,
		.number = "", .result = "", .why = s->why != NULL ? s->why : "",
	};
}

bool
session_record_begin(struct session *s)
{
	struct history_record r;

	s->began = loop_wall();
	line_counts(s->line)->claims++;
	r = record_of(s);
	s->record = s->house->ops->begun(s->house->ctx, &s->place, &r);
	return s->record != 0;
}

void
session_record_lasts(struct session *s)
{
	struct history_record r = record_of(s);

	s->record = s->house->ops->lasts(s->house->ctx, &r);
}

bool
session_record_end(struct session *s)
{
	struct line_counts *counts = line_counts(s->line);
	struct history_record r = record_of(s);

	r.end = loop_wall();
	if (s->calls != NULL) {
		r.number = callwatch_number(s->calls);
		r.result = callwatch_result(s->calls);
		r.call_ms = callwatch_talked(s->calls, session_now(s));
	}
	counts->from_clients += s->from_client;
	counts->to_clients += s->to_client;
	if (s->cut)
		counts->cuts++;
	return s->house->ops->ended(s->house->ctx, &s->place, s->record,
	    tenure_held(&s->tenure, session_now(s)) < SESSION_BRIEF, &r);
}

bool
session_record_refusal(struct session *s, enum session_refusal reason, const char *why)
{
	static const char *const reasons[] = {
		[SESSION_BUSY] = "busy", [SESSION_FULL] = "full", [SESSION_OUT] = "out",
		[SESSION_TWICE] = "twice", [SESSION_WAITED] = "waited", [SESSION_GONE] = "gone",
	};
	struct history_record r = record_of(s);

	r.refused = true;
	r.start = r.end = loop_wall();
	r.why = why;
	line_counts(s->line)->refusals++;
	return s->house->ops->refused(s->house->ctx, &s->place, reasons[reason], &r);
}
