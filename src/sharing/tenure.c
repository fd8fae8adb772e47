/*
 * The clocks of one claim, see tenure.h.
 *
 * Nothing here counts down: both cuts follow from the moments that are kept, so that a timer may
 * come late or early and new rules hold at once.  Dialling is a change of state that is already
 * known to come (at its end), which is all it takes to keep the inactivity rules away until then.
 */
#include "sharing/tenure.h"

#include "base/dialling.h"

/* So many times inactivity-in-call after the client's last bytes what the line brings is activity no longer. */
#define LINE_COUNTS 4

/* One rule at one moment: its limit in ms, and the cut (never: it does not apply). */
struct rule {
	int64_t limit;
	msec_t cut;
};

static msec_t
last_activity(const struct tenure *t)
{
	return msec_max(t->client, t->line);
}

/* after-call = 0: a call's end is a change of state like any other. */
static bool
counts_after_call(const struct tenure *t)
{
	return t->call_ended && t->call == TENURE_NO_CALL && t->rules->after_call > 0;
}

static struct rule
rule_of(int64_t limit, msec_t from, msec_t not_before)
{
	struct rule r = { .limit = limit, .cut = MSEC_NEVER };

	if (limit > 0)
		r.cut = msec_max(msec_add(from, limit), not_before);
	return r;
}

static msec_t
counts_from(const struct tenure *t)
{
	return counts_after_call(t) ? t->ended : last_activity(t);
}

/* Where nobody waits. */
static struct rule
own_rule(const struct tenure *t)
{
	int64_t limit = t->rules->inactivity;
	struct rule r;

	if (t->call == TENURE_IN_CALL)
		limit = t->rules->inactivity_in_call;
	else if (counts_after_call(t))
		limit = t->rules->after_call;
	r = rule_of(limit, counts_from(t), t->idle_not_before);
	if (msec_before(t->idle_at_latest, r.cut))
		r = (struct rule){ .limit = t->latest_limit, .cut = t->idle_at_latest };
	return r;
}

/*
 * Of two rules the one that cuts first.  They are kept apart since the warning that is left to the
 * owner when somebody begins to wait must not put off the other cut: who waits and goes, again and
 * again, would keep the line for its owner.
 */
static struct rule
idle_rule(const struct tenure *t)
{
	struct rule r = own_rule(t), contended;

	if (!t->contended)
		return r;
	contended = rule_of(t->rules->inactivity_contended, counts_from(t),
	    msec_max(t->idle_not_before, t->contended_not_before));
	return msec_before(contended.cut, r.cut) ? contended : r;
}

static struct rule
limit_rule(const struct tenure *t)
{
	struct rule r = { .limit = t->rules->session_limit, .cut = MSEC_NEVER };

	if (r.limit > 0)
		r.cut = msec_max(msec_add(t->start, r.limit), t->limit_not_before);
	return r;
}

/* When the warning of a cut is due; never if there is none, or if it was given. */
static msec_t
warning_of(const struct tenure *t, const struct rule *r, msec_t warned)
{
	int64_t before = t->rules->warning;

	if (msec_is_never(r->cut) || !msec_before(warned, r->cut))
		return MSEC_NEVER;
	if (before == 0 || before >= r->limit)
		return MSEC_NEVER;
	return (msec_t){ r->cut.v - before };
}

static msec_t
idle_warning(const struct tenure *t, const struct rule *idle, const struct rule *limit)
{
	if (!msec_before(idle->cut, limit->cut))
		return MSEC_NEVER;
	return warning_of(t, idle, t->warned_idle);
}

void
tenure_start(struct tenure *t, const struct conf_rules *rules, bool modem, msec_t now)
{
	*t = (struct tenure){
		.rules = rules, .modem = modem, .start = now, .client = now, .line = now,
		.ended = now, .dialling_ends = now, .idle_not_before = now,
		.idle_at_latest = MSEC_NEVER,
		.limit_not_before = now, .contended_not_before = now, .warned_idle = now, .warned_limit = now,
	};
}

/* The full warning after a change of state, and after the one that ends dialling. */
static msec_t
leave_warning(const struct tenure *t, msec_t now)
{
	if (t->call == TENURE_DIALS)
		now = msec_max(now, t->dialling_ends);
	return msec_add(now, t->rules->warning);
}

void
tenure_rules(struct tenure *t, const struct conf_rules *rules, msec_t now)
{
	t->rules = rules;
	t->idle_at_latest = MSEC_NEVER;
	t->idle_not_before = leave_warning(t, now);
	t->limit_not_before = msec_add(now, rules->warning);
}

void
tenure_client_bytes(struct tenure *t, msec_t now)
{
	t->client = now;
	t->call_ended = false;
	t->idle_at_latest = MSEC_NEVER;
}

void
tenure_contended(struct tenure *t, bool contended, msec_t now)
{
	if (contended && !t->contended)
		t->contended_not_before = msec_add(now, t->rules->warning);
	t->contended = contended;
}

static bool
line_counts(const struct tenure *t, msec_t now)
{
	int64_t limit = t->rules->inactivity_in_call;

	if (t->rules->activity != CONF_ACTIVITY_AUTO)
		return t->rules->activity == CONF_ACTIVITY_BOTH;
	if (t->call != TENURE_IN_CALL)
		return false;
	return limit == 0 || !msec_before(msec_add(t->client, LINE_COUNTS * limit), now);
}

void
tenure_line_bytes(struct tenure *t, msec_t now)
{
	if (!line_counts(t, now))
		return;
	t->line = now;
	if (!counts_after_call(t))
		t->idle_at_latest = MSEC_NEVER;
}

/* The cut stands as it is: nothing but activity puts it off again. */
static void
keep_cut(struct tenure *t)
{
	struct rule r = own_rule(t);

	t->idle_at_latest = r.cut;
	t->latest_limit = r.limit;
}

void
tenure_call(struct tenure *t, enum tenure_call call, msec_t now)
{
	enum tenure_call was = t->call;

	/* Dialling that has timed out was a change then, and is none now. */
	if (was == TENURE_DIALS && msec_reached(t->dialling_ends, now))
		was = TENURE_NO_CALL;
	if (!t->modem || (call == was && call != TENURE_DIALS))
		return;
	if (t->call_ended)
		keep_cut(t);
	t->call = call;
	if (was == TENURE_IN_CALL && call == TENURE_NO_CALL) {
		t->call_ended = true;
		t->ended = now;
	}
	if (call == TENURE_DIALS) { /* which takes a client that sends */
		t->call_ended = false;
		t->idle_at_latest = MSEC_NEVER;
		t->dialling_ends = msec_add(now, DIALLING_AT_MOST);
	}
	/* after-call alone counts from the end of a call, however short it is. */
	if (!counts_after_call(t))
		t->idle_not_before = leave_warning(t, now);
}

enum tenure_verdict
tenure_check(struct tenure *t, msec_t now, enum tenure_rule *rule, int64_t *left)
{
	struct rule idle = idle_rule(t), limit = limit_rule(t);
	bool idle_first = msec_before(idle.cut, limit.cut);
	msec_t cut = idle_first ? idle.cut : limit.cut;

	if (msec_reached(cut, now)) {
		*rule = idle_first ? TENURE_IDLE : TENURE_LIMIT;
		*left = 0;
		return TENURE_CUT;
	}
	if (msec_reached(idle_warning(t, &idle, &limit), now)) {
		t->warned_idle = idle.cut;
		*rule = TENURE_IDLE;
		*left = msec_since(now, idle.cut);
		return TENURE_WARN;
	}
	if (msec_reached(warning_of(t, &limit, t->warned_limit), now)) {
		t->warned_limit = limit.cut;
		*rule = TENURE_LIMIT;
		*left = msec_since(now, limit.cut);
		return TENURE_WARN;
	}
	return TENURE_GO_ON;
}

msec_t
tenure_due(const struct tenure *t)
{
	struct rule idle = idle_rule(t), limit = limit_rule(t);
	msec_t cut = msec_min(idle.cut, limit.cut);
	msec_t warning = msec_min(idle_warning(t, &idle, &limit),
	    warning_of(t, &limit, t->warned_limit));

	return msec_min(cut, warning);
}

int64_t
tenure_held(const struct tenure *t, msec_t now)
{
	return msec_since(t->start, now);
}

int64_t
tenure_idle(const struct tenure *t, msec_t now)
{
	return msec_since(last_activity(t), now);
}

static int64_t
until(msec_t cut, msec_t now)
{
	if (msec_is_never(cut))
		return TENURE_NO_LIMIT;
	return msec_before(now, cut) ? msec_since(now, cut) : 0;
}

int64_t
tenure_latest(const struct tenure *t, msec_t now)
{
	return until(limit_rule(t).cut, now);
}

int64_t
tenure_if_idle(const struct tenure *t, msec_t now)
{
	return until(idle_rule(t).cut, now);
}

int64_t
tenure_idle_limit(const struct tenure *t)
{
	struct rule r = idle_rule(t);

	return msec_is_never(r.cut) ? TENURE_NO_LIMIT : r.limit;
}
