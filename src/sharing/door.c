/*
 * One client before, beside and at the end of a claim, see door.h.
 *
 * state     event      does (-> next state); what is not here does nothing; LOST: below
 * OPEN      DATA       CLAIM -> WAITS
 *           SETTING    CLAIM -> WAITS
 *           WONT       STATUS (once)
 *           FIN, CUT   CLOSE -> CLOSED
 *           TIME       Telnet: TIMEOUT SHUTDOWN -> SHUT; else CLOSE -> CLOSED
 *           YIELD      Telnet: YIELD SHUTDOWN; CLOSE -> CLOSED
 * WAITS     GRANTED    READY if told that it waits -> OWNS; after a FIN: as FIN in OWNS
 *           HELD       WAITING if told before (its place changed)
 *           QUEUED     WAITING as soon as it is known what the client is; after a FIN: RELEASE
 *                      CLOSE -> CLOSED
 *           COMPORT, WONT, DATA  WAITING if queued and not told before
 *           TIME       WAITING
 *           REFUSED    -> REFUSING, or further if the text is due
 *           FIN        held: its data keeps its place; else: RELEASE CLOSE -> CLOSED
 *           CUT        as in OWNS
 * OWNS      FIN        DRAIN -> DRAINS; drain = 0: RELEASE SHUTDOWN CLOSE -> CLOSED
 *           CUT        RELEASE TEXT -> TOLD
 * DRAINS    DRAINED    RELEASE SHUTDOWN CLOSE -> CLOSED
 *           TIME       the same
 *           CUT        as in OWNS, and nobody is there to linger for
 * REFUSING  any        TEXT -> TOLD if it is due by what is known now: see text_due()
 *           FIN, CUT   TEXT -> TOLD; FIN: SHUTDOWN CLOSE -> CLOSED
 * TOLD      TIME       SHUTDOWN -> SHUT
 *           FIN        SHUTDOWN CLOSE -> CLOSED
 * SHUT      TIME, FIN  CLOSE -> CLOSED
 *
 * TEXT: behind SIGN (COM-PORT): a client that takes each answer for that of its last command has had those to
 * its settings by then.
 *
 * LOST: RELEASE (WAITS, OWNS, DRAINS) RESET -> CLOSED, everywhere.  TEXT for one that must not
 * linger or has sent its FIN: TEXT SHUTDOWN CLOSE -> CLOSED.
 */
#include "sharing/door.h"

static void
add(struct door_todo *todo, enum door_do what)
{
	if (todo->n < sizeof todo->list / sizeof todo->list[0])
		todo->list[todo->n++] = what;
}

/* As add(), for what say-why = false keeps from the client. */
static void
say(const struct door *d, struct door_todo *todo, enum door_do what)
{
	if (d->rules->say_why)
		add(todo, what);
}

static void
enter(struct door *d, enum door_state state, msec_t now)
{
	d->state = state;
	d->since = now;
}

static void
end(struct door *d, enum door_do how, msec_t now, struct door_todo *todo)
{
	enter(d, DOOR_CLOSED, now);
	add(todo, how);
}

static void
shut_and_close(struct door *d, msec_t now, struct door_todo *todo)
{
	add(todo, DOOR_DO_SHUTDOWN);
	end(d, DOOR_DO_CLOSE, now, todo);
}

static void
claim(struct door *d, msec_t now, struct door_todo *todo)
{
	d->claimed = now;
	enter(d, DOOR_WAITS, now);
	add(todo, DOOR_DO_CLAIM);
}

static bool
claims_by_connecting(const struct door *d)
{
	return d->rules->claim == CONF_CLAIM_CONNECT || d->rules->protocol == CONF_RAW;
}

/* ---- the text of a refusal or cut ---- */

static void
text(struct door *d, msec_t now, struct door_todo *todo)
{
	if (d->class == DOOR_COM)
		say(d, todo, DOOR_DO_SIGN);
	say(d, todo, DOOR_DO_TEXT);
	enter(d, DOOR_TOLD, now);
	if (d->fin || !d->linger)
		shut_and_close(d, now, todo);
}

/*
 * Programs empty their buffers as they open, so the text waits for their settings to be through;
 * data says that they are, and a client that has none is told as soon as that is known.
 */
static msec_t
text_due(const struct door *d)
{
	bool no_settings = d->class == DOOR_RAW ||
	    (d->class == DOOR_TELNET && claims_by_connecting(d));

	if (d->sent_data || no_settings)
		return d->since;
	return msec_min(msec_add(d->claimed, DOOR_AT_LATEST), msec_add(d->setting, DOOR_SETTLED));
}

static void
cut(struct door *d, bool linger, msec_t now, struct door_todo *todo)
{
	d->linger = linger;
	add(todo, DOOR_DO_RELEASE);
	text(d, now, todo);
}

static void
drained(struct door *d, msec_t now, struct door_todo *todo)
{
	add(todo, DOOR_DO_RELEASE);
	shut_and_close(d, now, todo);
}

static void
drain(struct door *d, msec_t now, struct door_todo *todo)
{
	enter(d, DOOR_DRAINS, now);
	if (d->rules->drain > 0)
		add(todo, DOOR_DO_DRAIN);
	else
		drained(d, now, todo);
}

/* Its descriptor is wanted now: there is no time for it to read. */
static void
yield(struct door *d, msec_t now, struct door_todo *todo)
{
	if (d->class != DOOR_TELNET) {
		end(d, DOOR_DO_CLOSE, now, todo);
		return;
	}
	say(d, todo, DOOR_DO_YIELD);
	shut_and_close(d, now, todo);
}

/* ---- one function for each state; TIME only comes when it is due ---- */

static void
in_open(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	(void)linger;
	switch (event) {
	case DOOR_DATA:
	case DOOR_SETTING:
		claim(d, now, todo);
		break;
	case DOOR_WONT:
		if (!d->told_status)
			say(d, todo, DOOR_DO_STATUS);
		d->told_status = true;
		break;
	case DOOR_TIME:
		if (d->class == DOOR_TELNET) {
			say(d, todo, DOOR_DO_TIMEOUT);
			add(todo, DOOR_DO_SHUTDOWN);
			enter(d, DOOR_SHUT, now);
			break;
		}
		/* FALLTHROUGH */
	case DOOR_FIN:
	case DOOR_CUT:
		end(d, DOOR_DO_CLOSE, now, todo);
		break;
	case DOOR_YIELD:
		yield(d, now, todo);
		break;
	default:
		break;
	}
}

static void
granted(struct door *d, msec_t now, struct door_todo *todo)
{
	if (d->fin) {
		drain(d, now, todo);
		return;
	}
	enter(d, DOOR_OWNS, now);
	if (d->told_waiting)
		say(d, todo, DOOR_DO_READY);
}

static void
tell_waiting(struct door *d, struct door_todo *todo)
{
	d->told_waiting = true;
	say(d, todo, DOOR_DO_WAITING);
}

static void
leave_place(struct door *d, msec_t now, struct door_todo *todo)
{
	add(todo, DOOR_DO_RELEASE);
	end(d, DOOR_DO_CLOSE, now, todo);
}

/* An owner may stay for long: the client is told at once, unless it is not known yet in which way. */
static bool
must_know(const struct door *d)
{
	return d->queued && (d->class != DOOR_UNKNOWN || d->sent_data);
}

static void
takes_place(struct door *d, bool queued, msec_t now, struct door_todo *todo)
{
	d->held = true;
	d->queued = queued;
	if (queued && d->fin)
		leave_place(d, now, todo);
	else if (d->told_waiting || must_know(d))
		tell_waiting(d, todo);
}

static void
in_waits(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	switch (event) {
	case DOOR_GRANTED:
		granted(d, now, todo);
		break;
	case DOOR_HELD:
	case DOOR_QUEUED:
		takes_place(d, event == DOOR_QUEUED, now, todo);
		break;
	case DOOR_COMPORT:
	case DOOR_WONT:
	case DOOR_DATA:
		if (!d->told_waiting && must_know(d))
			tell_waiting(d, todo);
		break;
	case DOOR_TIME:
		tell_waiting(d, todo);
		break;
	case DOOR_REFUSED:
		d->linger = linger;
		enter(d, DOOR_REFUSING, now);
		if (d->fin || !linger || msec_reached(text_due(d), now))
			text(d, now, todo);
		break;
	case DOOR_FIN:
		if (d->queued || !d->sent_data)
			leave_place(d, now, todo);
		break;
	case DOOR_CUT:
		cut(d, linger, now, todo);
		break;
	default:
		break;
	}
}

static void
in_owns(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	if (event == DOOR_FIN)
		drain(d, now, todo);
	else if (event == DOOR_CUT)
		cut(d, linger, now, todo);
}

static void
in_drains(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	if (event == DOOR_DRAINED || event == DOOR_TIME)
		drained(d, now, todo);
	else if (event == DOOR_CUT)
		cut(d, linger, now, todo);
}

static void
in_refusing(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	if (event == DOOR_CUT)
		d->linger = linger;
	if (event == DOOR_FIN || event == DOOR_CUT || msec_reached(text_due(d), now))
		text(d, now, todo);
}

static void
in_told(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	(void)linger;
	if (event == DOOR_FIN) {
		shut_and_close(d, now, todo);
	} else if (event == DOOR_TIME) {
		add(todo, DOOR_DO_SHUTDOWN);
		enter(d, DOOR_SHUT, now);
	}
}

static void
in_shut(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	(void)linger;
	if (event == DOOR_FIN || event == DOOR_TIME)
		end(d, DOOR_DO_CLOSE, now, todo);
}

/* ---- */

void
door_init(struct door *d, const struct conf_rules *rules, msec_t now, struct door_todo *todo)
{
	*d = (struct door){
		.state = DOOR_OPEN, .rules = rules, .since = now, .claimed = now,
		.setting = MSEC_NEVER,
		.class = rules->protocol == CONF_RAW ? DOOR_RAW : DOOR_UNKNOWN,
	};
	if (claims_by_connecting(d))
		claim(d, now, todo);
}

void
door_rules(struct door *d, const struct conf_rules *rules)
{
	d->rules = rules;
}

void
door_hurry(struct door *d, bool hurried)
{
	d->hurried = hurried;
}

int64_t
door_claim_timeout(const struct door *d)
{
	return d->hurried ? d->rules->claim_timeout / DOOR_HURRY : d->rules->claim_timeout;
}

/* What is remembered of an event in any state. */
static void
note(struct door *d, enum door_event event, msec_t now)
{
	switch (event) {
	case DOOR_COMPORT:
		d->class = DOOR_COM;
		break;
	case DOOR_WONT:
		d->class = DOOR_TELNET;
		break;
	case DOOR_DATA:
		d->sent_data = true;
		break;
	case DOOR_SETTING:
		d->setting = now;
		break;
	case DOOR_FIN:
		d->fin = true;
		break;
	default:
		break;
	}
}

static void
lost(struct door *d, msec_t now, struct door_todo *todo)
{
	if (d->state == DOOR_WAITS || d->state == DOOR_OWNS || d->state == DOOR_DRAINS)
		add(todo, DOOR_DO_RELEASE);
	end(d, DOOR_DO_RESET, now, todo);
}

void
door_input(struct door *d, enum door_event event, bool linger, msec_t now, struct door_todo *todo)
{
	static void (*const in[])(struct door *, enum door_event, bool, msec_t,
	    struct door_todo *) = {
		[DOOR_OPEN] = in_open, [DOOR_WAITS] = in_waits, [DOOR_OWNS] = in_owns,
		[DOOR_DRAINS] = in_drains, [DOOR_REFUSING] = in_refusing, [DOOR_TOLD] = in_told,
		[DOOR_SHUT] = in_shut,
	};

	if (d->state == DOOR_CLOSED || (event == DOOR_TIME && !msec_reached(door_due(d), now)))
		return;
	note(d, event, now);
	if (event == DOOR_LOST)
		lost(d, now, todo);
	else
		in[d->state](d, event, linger, now, todo);
}

msec_t
door_due(const struct door *d)
{
	switch (d->state) {
	case DOOR_OPEN:
		if (d->rules->claim_timeout > 0)
			return msec_add(d->since, door_claim_timeout(d));
		break;
	case DOOR_WAITS:
		if (d->held && !d->told_waiting)
			return msec_add(d->claimed, DOOR_HELD_QUIETLY);
		break;
	case DOOR_DRAINS:
		return msec_add(d->since, d->rules->drain);
	case DOOR_REFUSING:
		return text_due(d);
	case DOOR_TOLD:
	case DOOR_SHUT:
		return msec_add(d->since, DOOR_LINGER);
	case DOOR_OWNS:
	case DOOR_CLOSED:
		break;
	}
	return MSEC_NEVER;
}
