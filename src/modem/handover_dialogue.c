/*
 * A modem from one owner to the next.  See handover.h.
 *
 * Its call is ended first, by the ways in their order and at the owner's settings, which are those
 * that the modem knows: output is dropped before DTR falls, since a modem that hangs up raises CTS and
 * would dial what is left, and input after that; and at the end of a failed one what was sent to a modem that took
 * nothing is dropped, lest it be read later.  A pulse of DTR is always made; the other ways
 * only while carrier is on.  Then the settings, the init commands and the test.
 *
 * A modem may be silent for many reasons.  Before its first command is sent once more it gets
 * what may wake it: DLE ETX ends a transmission of fax or voice; +++ a call of which no carrier tells;
 * AT shows the speed to a modem that was left at another; ATQ0V1 is understood by one that was left
 * at Q1, which would answer neither this nor ATZ.  What it says to these is dropped.
 *
 * An answer that comes too late must not be taken for the next command's: after each answer
 * and before the first command what the line says is dropped, and all is begun again where one did
 * not come.  Carrier that stays on is legal (&C0, a strapped cable) if the modem answers, but not where it has been
 * off between two owners: then a call is up, whose far end may be what answers.  It gets what may wake the modem,
 * with &C1 for one whose owner has left &C0, but no command of the set-up; and all has failed while carrier is on.
 *
 * A call may be up of which no carrier tells, left with +++ by its owner or here.  ATZ would end it; where
 * no init command does, what hangs up is sent behind the first of them.
 */
#include "modem/handover_parts.h"

#define PROBE_AGAIN INT64_C(500)

enum step {
	BEGIN_EMPTY,
	BEGIN_BREAK,
	WAY_LOOK,
	DTR_PURGE,
	DTR_LOWER,
	DTR_LOW,
	CARRIER_LOOK,
	CARRIER_WAIT,
	DTR_DROP,
	DTR_RAISE,
	DTR_SETTLE,
	GUARD,
	SEND,
	ANSWER,
	PAUSE,
	TALK_SETTINGS,
	TALK_RAISE,
	TALK_DROP,
	END_SIGNALS,
	END_DROP,
	END_LOOK,
	END_READY,
	GIVE_UP,
	GIVE_UP_SIGNALS,
	END_FAILED
};

static const enum handover_do actions[] = {
	[BEGIN_EMPTY] = HANDOVER_EMPTY,
	[BEGIN_BREAK] = HANDOVER_BREAK_OFF,
	[WAY_LOOK] = HANDOVER_LOOK,
	[DTR_PURGE] = HANDOVER_PURGE,
	[DTR_LOWER] = HANDOVER_DTR_DOWN,
	[DTR_LOW] = HANDOVER_WAIT,
	[CARRIER_LOOK] = HANDOVER_LOOK,
	[CARRIER_WAIT] = HANDOVER_WAIT,
	[DTR_DROP] = HANDOVER_PURGE,
	[DTR_RAISE] = HANDOVER_DTR_UP,
	[DTR_SETTLE] = HANDOVER_WAIT,
	[GUARD] = HANDOVER_WAIT,
	[SEND] = HANDOVER_SEND,
	[ANSWER] = HANDOVER_WAIT,
	[PAUSE] = HANDOVER_WAIT,
	[TALK_SETTINGS] = HANDOVER_SETTINGS,
	[TALK_RAISE] = HANDOVER_DTR_UP,
	[TALK_DROP] = HANDOVER_PURGE,
	[END_SIGNALS] = HANDOVER_SIGNALS,
	[END_DROP] = HANDOVER_PURGE,
	[END_LOOK] = HANDOVER_LOOK,
	[END_READY] = HANDOVER_READY,
	[GIVE_UP] = HANDOVER_EMPTY,
	[GIVE_UP_SIGNALS] = HANDOVER_SIGNALS,
	[END_FAILED] = HANDOVER_FAILED,
};

/* ---- what a step leads to ---- */

static enum step
send_for(struct handover *h, enum handover_purpose purpose)
{
	h->purpose = (uint8_t)purpose;
	return SEND;
}

static enum step
begin_attempt(struct handover *h)
{
	handover_rings_forget(h);
	h->in_command_mode = false;
	h->way = h->command = h->tests = 0;
	h->resumed = h->again = 0;
	h->escaped = h->told_hangup = h->answered = h->woken = h->carrier = false;
	return BEGIN_EMPTY;
}

static enum step
fail(struct handover *h)
{
	handover_explain(h);
	if (h->probe)
		return END_FAILED;
	h->attempt++;
	return h->attempt < h->rules->attempts ? begin_attempt(h) : GIVE_UP;
}

/* The next command of the dialogue.  A way that is too long is left out, a command is not. */
static enum step
talk(struct handover *h)
{
	if (h->tests == HANDOVER_TESTS)
		return END_SIGNALS;
	send_for(h, h->command < h->rules->n_init ? FOR_INIT : FOR_TEST);
	h->answer = CHAT_NOTHING;
	return handover_fits(h) ? SEND : fail(h);
}

static enum step
wake(struct handover *h)
{
	h->woken = true;
	handover_rings_forget(h);
	return send_for(h, FOR_FAX_END);
}

/* Of the ways that hang up none is left. */
static enum step
after_ways(struct handover *h)
{
	if (!handover_in_call(h))
		return TALK_SETTINGS;
	return h->woken ? fail(h) : wake(h);
}

static enum step
next_way(struct handover *h)
{
	enum handover_way way;

	do
		way = handover_way(h->rules, h->way++);
	while (way == WAY_DTR && h->rules->hangup_time == 0);
	if (way == WAY_DTR)
		return DTR_PURGE;
	return way == WAY_NONE ? after_ways(h) : WAY_LOOK;
}

static enum step
begin_way(struct handover *h)
{
	if (!h->carrier)
		return next_way(h);
	if (handover_way(h->rules, h->way - 1) == WAY_ESCAPE)
		return GUARD;
	send_for(h, FOR_HANGUP);
	h->told_hangup = handover_fits(h);
	return h->told_hangup ? SEND : next_way(h);
}

/* The next of the commands that hang up, of which no answer is expected. */
static enum step
next_on_hook(struct handover *h)
{
	enum handover_way way;

	while ((way = handover_way(h->rules, h->way++)) != WAY_NONE) {
		send_for(h, FOR_ON_HOOK);
		if (way == WAY_COMMAND && handover_fits(h))
			return SEND;
	}
	return talk(h);
}

static enum step
after_init(struct handover *h)
{
	bool may_be_in_call = h->woken || h->rules->no_carrier;

	h->command++;
	if (h->command > 1 || !may_be_in_call || h->told_hangup || handover_init_hangs_up(h->rules))
		return talk(h);
	h->way = 0;
	return next_on_hook(h);
}

static enum step
after_look(struct handover *h, msec_t now)
{
	if (h->carrier && !msec_reached(h->until, now))
		return CARRIER_WAIT;
	return handover_way(h->rules, h->way - 1) == WAY_DTR ? DTR_DROP : next_way(h);
}

static enum step
watch_carrier(struct handover *h, msec_t now)
{
	h->until = msec_add(now, h->rules->carrier_timeout);
	return CARRIER_LOOK;
}

static enum step
look_once(struct handover *h, msec_t now)
{
	h->until = now;
	return CARRIER_LOOK;
}

/* No answer, or one that is none: only the first command of an attempt is sent again. */
static enum step
unanswered(struct handover *h)
{
	return h->answer == CHAT_ERROR || h->woken || h->command > 0 || h->tests > 0 ? fail(h) : wake(h);
}

static enum step
after_answer(struct handover *h, msec_t now)
{
	if (h->answer == CHAT_OK && h->purpose >= FOR_INIT)
		handover_rings_begin(h);
	switch ((enum handover_purpose)h->purpose) {
	case FOR_ESCAPE:
		handover_rings_forget(h);
		h->escaped = true;
		return h->woken ? send_for(h, FOR_SPEED) : next_way(h);
	case FOR_INIT:
	case FOR_TEST:
		return h->answer == CHAT_OK ? PAUSE : unanswered(h);
	case FOR_PROBE:
		if (h->answer == CHAT_OK)
			return PAUSE;
		return msec_reached(h->until, now) ? fail(h) : SEND;
	default:
		return PAUSE;
	}
}

static enum step
after_pause(struct handover *h, msec_t now)
{
	switch ((enum handover_purpose)h->purpose) {
	case FOR_HANGUP:
		return watch_carrier(h, now);
	case FOR_FAX_END:
		return handover_may_escape(h->rules) && !h->escaped ? GUARD :
		    send_for(h, FOR_SPEED);
	case FOR_SPEED:
		return send_for(h, FOR_WORDS);
	case FOR_WORDS:
		return handover_in_call(h) ? look_once(h, now) : talk(h);
	case FOR_INIT:
		return after_init(h);
	case FOR_ON_HOOK:
		return next_on_hook(h);
	case FOR_TEST:
		h->tests++;
		return talk(h);
	case FOR_PROBE:
		return END_DROP;
	default:
		return talk(h);
	}
}

static enum step
end(struct handover *h)
{
	if (handover_in_call(h))
		return fail(h);
	h->carrier_off = !h->carrier;
	h->failure[0] = '\0'; /* an earlier attempt's */
	return END_READY;
}

static enum step
after(struct handover *h, msec_t now)
{
	switch ((enum step)h->step) {
	case BEGIN_BREAK:
		return handover_dtr_first(h->rules) ? next_way(h) : DTR_RAISE;
	case WAY_LOOK:
		return begin_way(h);
	case DTR_LOW:
		handover_rings_forget(h);
		return watch_carrier(h, now);
	case CARRIER_LOOK:
		return after_look(h, now);
	case CARRIER_WAIT:
		return CARRIER_LOOK;
	case DTR_SETTLE:
		return next_way(h);
	case GUARD:
		return send_for(h, FOR_ESCAPE);
	case SEND:
		return h->answer != CHAT_NOTHING ? after_answer(h, now) : ANSWER;
	case ANSWER:
		return after_answer(h, now);
	case PAUSE:
		return after_pause(h, now);
	case TALK_DROP:
		return h->probe ? send_for(h, FOR_PROBE) : talk(h);
	case END_LOOK:
		return end(h);
	default:
		return (enum step)(h->step + 1);
	}
}

/* ---- time ---- */

static msec_t
answer_due(const struct handover *h, msec_t now)
{
	if (h->purpose == FOR_PROBE)
		return msec_min(msec_add(now, PROBE_AGAIN), h->until);
	return msec_add(now, handover_answer_time(h->rules, (enum handover_purpose)h->purpose));
}

static msec_t
due_of(const struct handover *h, msec_t now)
{
	switch ((enum step)h->step) {
	case DTR_LOW:
		return msec_add(now, h->rules->hangup_time);
	case CARRIER_WAIT:
		return msec_min(msec_add(now, HANDOVER_POLL), h->until);
	case DTR_SETTLE:
		return msec_add(now, h->rules->settle_time);
	case GUARD:
		return msec_add(now, h->rules->guard_time);
	case ANSWER:
		return answer_due(h, now);
	case PAUSE:
		return msec_add(now, handover_pause(h->rules, h->purpose == FOR_INIT &&
		    h->command == 0));
	default:
		return MSEC_NEVER;
	}
}

static enum handover_do
enter(struct handover *h, enum step step, msec_t now)
{
	h->step = (uint8_t)step;
	h->due = due_of(h, now);
	if (step == SEND)
		handover_compose(h);
	return actions[step];
}

/* ---- a modem that leaves the bus ---- */

/* Each init command may make it leave, and so may DTR and what comes late. */
bool
handover_may_leave(const struct handover *h)
{
	return h->rules->modem && h->rules->dialogue && !h->probe &&
	    h->returns < h->rules->n_init + 2 && actions[h->step] != HANDOVER_READY &&
	    actions[h->step] != HANDOVER_FAILED;
}

/*
 * Which command goes on?  One that was answered is done.  One that was not may be the cause, or have been under way
 * when the modem left because of one before it that was answered: then it is sent again, but only once.
 */
static void
go_on_behind(struct handover *h)
{
	bool sent = h->step == SEND || h->step == ANSWER, others = h->command > h->resumed;

	if (h->purpose == FOR_INIT && sent && others && h->again != h->command + 1)
		h->again = (uint8_t)(h->command + 1);
	else if (h->purpose == FOR_INIT && (sent || h->step == PAUSE))
		h->command++;
	h->resumed = (uint8_t)h->command;
}

enum handover_do
handover_returned(struct handover *h, msec_t now)
{
	go_on_behind(h);
	h->returns++;
	h->way = (uint8_t)h->rules->n_hangup;
	h->tests = 0;
	h->woken = h->carrier = false;
	return enter(h, DTR_RAISE, now);
}

/* ---- a modem that takes nothing ---- */

int64_t
handover_patience(const struct handover *h)
{
	return h->probe ? PROBE_AGAIN :
	    handover_answer_time(h->rules, (enum handover_purpose)h->purpose);
}

enum handover_do
handover_not_taken(struct handover *h, msec_t now)
{
	return enter(h, fail(h), now);
}

/* ---- events ---- */

enum handover_do
handover_dialogue_start(struct handover *h, msec_t now)
{
	if (!h->probe)
		return enter(h, begin_attempt(h), now);
	h->until = msec_add(now, h->rules->settle_time);
	return enter(h, TALK_SETTINGS, now);
}

enum handover_do
handover_dialogue_next(struct handover *h, bool carrier, msec_t now)
{
	enum handover_do done = actions[h->step];

	if (done == HANDOVER_READY || done == HANDOVER_FAILED ||
	    (done == HANDOVER_WAIT && !msec_reached(h->due, now)))
		return done;
	if (done == HANDOVER_LOOK && (carrier || h->carrier))
		handover_rings_forget(h);
	if (done == HANDOVER_LOOK)
		h->carrier = carrier;
	return enter(h, after(h, now), now);
}

enum handover_do
handover_dialogue_data(struct handover *h, const uint8_t *b, size_t n, msec_t now)
{
	if (h->step == SEND)
		handover_listen(h, b, n);
	if (actions[h->step] != HANDOVER_WAIT)
		return HANDOVER_WAIT;
	if (msec_reached(h->due, now))
		return handover_dialogue_next(h, false, now);
	if (h->step == ANSWER && handover_listen(h, b, n))
		return enter(h, after(h, now), now);
	return HANDOVER_WAIT;
}
