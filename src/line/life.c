/*
 * The life of a line as one table, see life.h.
 *
 * A cell is a function of the kind that does() is; `stays` where an event means nothing in a state, and
 * `never` where it cannot come.  A row that lacks a column, and a table that lacks a row, do not compile.
 */
#include "line/life.h"

#define DISABLED LIFE_BY_ADMINISTRATOR
#define NO_ANSWER "the driver does not answer"
#define LEFT_BUS "it left the bus"

typedef bool does(struct life *, const struct life_args *, struct life_todo *);

/* ---- what is done ---- */

static void
add(struct life_todo *todo, enum life_do what)
{
	todo->list[todo->n].what = what;
	todo->list[todo->n++].why = NULL;
}

static void
add_why(struct life_todo *todo, enum life_do what, const char *why)
{
	todo->list[todo->n].what = what;
	todo->list[todo->n++].why = why;
}

static bool
go(struct life *l, enum life_state state)
{
	l->state = state;
	return true;
}

static void
tell(struct life *l, enum life_do what, struct life_todo *todo)
{
	l->told_out = what == LIFE_DO_OUT;
	l->told_ready = what == LIFE_DO_READY || what == LIFE_DO_RESTS;
	add(todo, what);
}

static void
end_test(struct life *l, const char *why, struct life_todo *todo)
{
	if (l->testing)
		add_why(todo, LIFE_DO_TESTED, why);
	l->testing = false;
}

static void
drop_run(struct life *l, struct life_todo *todo)
{
	l->away = l->anew = l->probing = l->preparing = l->rung_out = l->tried = false;
	add(todo, LIFE_DO_DROP_RUN);
}

static bool
open_it(struct life *l, struct life_todo *todo)
{
	add(todo, LIFE_DO_OPEN);
	return go(l, LIFE_OPENING);
}

static bool
close_it(struct life *l, enum life_after after, struct life_todo *todo)
{
	l->after = after;
	add(todo, LIFE_DO_CLOSE);
	return go(l, LIFE_CLOSING);
}

/* Out of service from an open state: whoever has it is told so, and so is whoever waits for a test. */
static bool
fail(struct life *l, const char *why, struct life_todo *todo)
{
	add_why(todo, LIFE_DO_REASON, why);
	if (l->state == LIFE_OWNED)
		add_why(todo, LIFE_DO_CUT, why);
	drop_run(l, todo);
	close_it(l, LIFE_THEN_TRY, todo);
	tell(l, LIFE_DO_OUT, todo);
	end_test(l, why, todo);
	return true;
}

/* It is closed now, or the driver is about to: it can be unplugged, or used by hand. */
static bool
park(struct life *l, bool closed, struct life_todo *todo)
{
	add_why(todo, LIFE_DO_MEANT, DISABLED);
	drop_run(l, todo);
	if (closed)
		go(l, LIFE_DISABLED);
	else if (l->state != LIFE_CLOSING)
		close_it(l, LIFE_THEN_TRY, todo);
	l->after = LIFE_THEN_TRY;
	l->touched = true;
	tell(l, LIFE_DO_OUT, todo);
	end_test(l, DISABLED, todo);
	return true;
}

static bool
hand_over(struct life *l, struct life_todo *todo)
{
	l->probing = l->preparing = l->rung_out = false;
	add(todo, LIFE_DO_HAND_OVER);
	return go(l, LIFE_HANDOVER);
}

/* ---- cells for many states ---- */

static bool
never(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)l;
	(void)a;
	(void)todo;
	return false;
}

static bool
stays(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)l;
	(void)a;
	(void)todo;
	return true;
}

/* Whoever comes first waits as in any hand-over, unless the device is not there. */
static bool
begin(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	if (l->disabled)
		return park(l, true, todo);
	l->touched = true;
	tell(l, LIFE_DO_FOUND, todo);
	return open_it(l, todo);
}

static bool
wish_off(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	(void)todo;
	l->disabled = true;
	return true;
}

static bool
wish_on(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	(void)todo;
	l->disabled = false;
	return true;
}

/* In a state without an owner that is open. */
static bool
off_open(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	l->disabled = true;
	return a->granted ? true : park(l, false, todo);
}

static bool
off_closed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->disabled = true;
	return park(l, true, todo);
}

static bool
changed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)todo;
	l->touched = l->touched || a->differs;
	l->anew = l->anew || (l->away && a->differs);
	return true;
}

static bool
gone(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	return fail(l, a->why, todo);
}

static bool
look(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)l;
	(void)a;
	add(todo, LIFE_DO_LOOK);
	return true;
}

static bool
no_device(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	l->tried = false;
	add_why(todo, LIFE_DO_REASON, a->why);
	tell(l, LIFE_DO_OUT, todo);
	return go(l, LIFE_OUT);
}

/* Whoever left had been granted it, or was about to be, when this line could not be had any more; or it is
 * untouched and can be had again: the arbiter takes it for one that is handed over, and must hear what it is. */
static bool
tell_again(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	if (l->told_out)
		add(todo, LIFE_DO_OUT);
	else if (l->told_ready)
		add(todo, LIFE_DO_READY);
	return true;
}

/* For good: from a state in which the port is closed, is being closed, or is open. */
static bool
end_closed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	l->ending = true;
	drop_run(l, todo);
	tell(l, LIFE_DO_OUT, todo);
	end_test(l, a->why, todo);
	add(todo, LIFE_DO_GONE);
	return go(l, LIFE_SHUT);
}

static bool
end_closing(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	l->ending = true;
	drop_run(l, todo);
	tell(l, LIFE_DO_OUT, todo);
	end_test(l, a->why, todo);
	return true;
}

static bool
end_opening(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	end_closing(l, a, todo);
	return close_it(l, LIFE_THEN_TRY, todo);
}

static bool
end_open(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	if (l->state == LIFE_OWNED)
		add(todo, LIFE_DO_DROP); /* he has been told, and is on his way out */
	end_closing(l, a, todo);
	add(todo, LIFE_DO_HANG_UP);
	return go(l, LIFE_HANGUP);
}

/* ---- OUT, OPENING ---- */

static bool
try(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	return open_it(l, todo);
}

static bool
test_by_opening(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->testing = true;
	if (l->told_ready)
		tell(l, LIFE_DO_UNREADY, todo);
	return open_it(l, todo);
}

static bool
test_this_one(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	(void)todo;
	l->testing = true;
	return true;
}

static bool
off_opening(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->disabled = true;
	return park(l, false, todo);
}

static bool
opened(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->touched = l->touched || l->tried;
	l->tried = false;
	if (l->told_out && l->failures == 0)
		tell(l, LIFE_DO_FOUND, todo);
	if (l->away && !l->anew) {
		l->away = false;
		add(todo, LIFE_DO_GO_ON);
		return go(l, LIFE_HANDOVER);
	}
	l->away = l->anew = false;
	if (!l->preparing || l->touched || !l->modem)
		return hand_over(l, todo);
	l->probing = true;
	add(todo, LIFE_DO_PROBE);
	return go(l, LIFE_HANDOVER);
}

static bool
foreign(struct life *l, const char *why, bool tried, struct life_todo *todo)
{
	l->touched = true;
	l->tried = tried;
	add_why(todo, LIFE_DO_MEANT, why);
	if (!l->told_out)
		tell(l, LIFE_DO_OUT, todo);
	return go(l, LIFE_FOREIGN);
}

static bool
not_opened(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	bool foreign_hands = l->shared && a->in_use;
	struct life_args b = *a;

	if (l->away && !a->away_over) {
		l->anew = l->anew || a->in_use;
		return go(l, LIFE_OUT);
	}
	if (l->away && !a->in_use)
		b.why = LEFT_BUS; /* that there is no device was known all the time */
	drop_run(l, todo);
	if (foreign_hands)
		foreign(l, b.why, true, todo);
	else
		no_device(l, &b, todo);
	end_test(l, b.why, todo);
	return true;
}

/* ---- HANDOVER ---- */

static bool
gone_in_handover(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	if (!a->may_return || l->probing)
		return fail(l, a->why, todo);
	l->away = true;
	return close_it(l, LIFE_THEN_TRY, todo);
}

static bool
changed_in_handover(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	return a->differs ? hand_over(l, todo) : true;
}

static bool
become_free(struct life *l, struct life_todo *todo)
{
	if (l->told_out)
		tell(l, LIFE_DO_FOUND, todo);
	tell(l, LIFE_DO_READY, todo);
	return go(l, LIFE_FREE);
}

static bool
passed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	bool rings = a->rings && !a->rang_long && !l->rung_out;

	l->failures = 0;
	l->touched = false;
	if (l->disabled)
		return park(l, false, todo);
	add(todo, LIFE_DO_IN_ORDER);
	drop_run(l, todo);
	end_test(l, NULL, todo);
	add(todo, LIFE_DO_LISTEN);
	if (!rings)
		return become_free(l, todo);
	l->proven = true;
	if (l->told_out)
		tell(l, LIFE_DO_FOUND, todo);
	return go(l, LIFE_RINGING);
}

/* A probe is only an attempt to save the time of the whole. */
static bool
failed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	if (l->probing)
		return hand_over(l, todo);
	l->failures++;
	if (l->disabled)
		return park(l, false, todo);
	add_why(todo, LIFE_DO_REASON, a->why);
	drop_run(l, todo);
	tell(l, LIFE_DO_OUT, todo);
	end_test(l, a->why, todo);
	return go(l, LIFE_QUARANTINE);
}

/* What a device makes of its settings is known when it is opened by them, before any owner. */
static bool
differs(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->touched = true;
	l->probing = l->rung_out = false;
	add(todo, LIFE_DO_DROP_RUN);
	return close_it(l, LIFE_THEN_OPEN, todo);
}

/* ---- FREE, RINGING, QUARANTINE ---- */

static bool
ring(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	if (a->granted || a->rang_long)
		return true;
	l->proven = false;
	tell(l, LIFE_DO_UNREADY, todo);
	return go(l, LIFE_RINGING);
}

static bool
claim(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->told_ready = false;
	add(todo, LIFE_DO_TAKE);
	return go(l, LIFE_OWNED);
}

static bool
unclaimed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	return close_it(l, LIFE_THEN_REST, todo);
}

/* Whoever was granted it left before he had it. */
static bool
left_free(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	return l->disabled ? park(l, false, todo) : tell_again(l, a, todo);
}

/* Open still, and just handed over: it can be had as it is. */
static bool
prepare_free(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	tell(l, LIFE_DO_READY, todo);
	return true;
}

static bool
hand_over_again(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	return hand_over(l, todo);
}

static bool
test_by_handover(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->testing = true;
	if (l->told_ready)
		tell(l, LIFE_DO_UNREADY, todo);
	return hand_over(l, todo);
}

static bool
changed_free(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	if (!a->differs || a->granted)
		return changed(l, a, todo);
	tell(l, LIFE_DO_UNREADY, todo);
	return hand_over(l, todo);
}

/* It is quiet; or it never stops, and has to prove that it is in order. */
static bool
rung(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	if (a->rang_long && !l->proven) {
		hand_over(l, todo);
		l->rung_out = true;
		return true;
	}
	return become_free(l, todo);
}

/* ---- OWNED ---- */

static bool
release(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	add(todo, LIFE_DO_DROP);
	return hand_over(l, todo);
}

/* ---- RESTING, FOREIGN ---- */

static bool
prepare(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->preparing = true;
	l->told_ready = false;
	return open_it(l, todo);
}

static bool
locked(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	return foreign(l, a->why, false, todo);
}

/* As tell_again(), for one that is closed. */
static bool
rests_again(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)l;
	(void)a;
	add(todo, LIFE_DO_RESTS);
	return true;
}

/* Who took a lock file is seen to give it back; of others only an attempt to open tells. */
static bool
unlocked(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	if (l->tried)
		return open_it(l, todo);
	add(todo, LIFE_DO_IN_ORDER);
	tell(l, LIFE_DO_RESTS, todo);
	return go(l, LIFE_RESTING);
}

/* ---- DISABLED, CLOSING, HANGUP ---- */

static bool
enable(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	l->disabled = false;
	return begin(l, a, todo);
}

static bool
off_closing(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	l->disabled = true;
	return park(l, false, todo);
}

static bool
closed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	if (l->ending) {
		add(todo, LIFE_DO_GONE);
		return go(l, LIFE_SHUT);
	}
	if (l->disabled)
		return park(l, true, todo);
	if (l->after == LIFE_THEN_OPEN)
		return open_it(l, todo);
	if (l->after == LIFE_THEN_TRY)
		return go(l, LIFE_OUT);
	add(todo, LIFE_DO_LOOK);
	return go(l, LIFE_RESTING);
}

static bool
prepare_closing(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	(void)todo;
	if (l->after == LIFE_THEN_REST) {
		l->preparing = true;
		l->told_ready = false;
		l->after = LIFE_THEN_OPEN;
	}
	return true;
}

/* The driver does not let go in time: whoever waits is told. */
static bool
not_closed(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	const char *why = l->away ? LEFT_BUS : NO_ANSWER;

	(void)a;
	add_why(todo, LIFE_DO_REASON, why);
	drop_run(l, todo);
	l->after = LIFE_THEN_TRY;
	tell(l, LIFE_DO_OUT, todo);
	end_test(l, why, todo);
	return true;
}

static bool
hung_up(struct life *l, const struct life_args *a, struct life_todo *todo)
{
	(void)a;
	return close_it(l, LIFE_THEN_TRY, todo);
}

/* ---- the table ---- */

#define ROW(begin_, disable_, enable_, test_, changed_, end_, \
    opened_, not_opened_, gone_, stuck_, closed_, hung_up_, \
    passed_, failed_, differs_, claim_, release_, prepare_, unclaimed_, \
    locked_, unlocked_, no_device_, appeared_, time_, ring_) { \
	[LIFE_BEGIN] = begin_, [LIFE_DISABLE] = disable_, [LIFE_ENABLE] = enable_, [LIFE_TEST] = test_, \
	[LIFE_CHANGED] = changed_, [LIFE_END] = end_, \
	[LIFE_OPENED] = opened_, [LIFE_NOT_OPENED] = not_opened_, [LIFE_GONE] = gone_, [LIFE_STUCK] = stuck_, \
	[LIFE_CLOSED] = closed_, [LIFE_HUNG_UP] = hung_up_, \
	[LIFE_PASSED] = passed_, [LIFE_FAILED] = failed_, [LIFE_DIFFERS] = differs_, \
	[LIFE_CLAIM] = claim_, [LIFE_RELEASE] = release_, [LIFE_PREPARE] = prepare_, \
	[LIFE_UNCLAIMED] = unclaimed_, \
	[LIFE_LOCKED] = locked_, [LIFE_UNLOCKED] = unlocked_, [LIFE_NO_DEVICE] = no_device_, \
	[LIFE_APPEARED] = appeared_, [LIFE_TIME] = time_, [LIFE_RING] = ring_, \
}

/* Each row, in the order of enum life_state:
 *	begin, disable, enable, test, changed, end,
 *	opened, not opened, gone, stuck, closed, hung up,
 *	passed, failed, differs, claim, release, prepare, unclaimed,
 *	locked, unlocked, no device, appeared, time, ring */
static does *const table[][LIFE_EVENTS] = {
	/* NEW */ ROW(
	    begin, wish_off, wish_on, never, changed, end_closed,
	    never, never, never, never, never, never,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, never, never, never),
	/* OUT */ ROW(
	    never, off_closed, wish_on, test_by_opening, changed, end_closed,
	    never, never, never, never, never, never,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, try, try, never),
	/* OPENING */ ROW(
	    never, off_opening, wish_on, test_this_one, changed, end_opening,
	    opened, not_opened, gone, gone, never, never,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, stays, never, never),
	/* HANDOVER */ ROW(
	    never, wish_off, wish_on, test_this_one, changed_in_handover, end_open,
	    never, never, gone_in_handover, gone, never, never,
	    passed, failed, differs, never, tell_again, stays, never,
	    never, never, never, never, never, never),
	/* FREE */ ROW(
	    never, off_open, wish_on, test_by_handover, changed_free, end_open,
	    never, never, gone, gone, never, never,
	    never, never, never, claim, left_free, prepare_free, unclaimed,
	    never, never, never, never, never, ring),
	/* RINGING */ ROW(
	    never, off_open, wish_on, never, changed_in_handover, end_open,
	    never, never, gone, gone, never, never,
	    never, never, never, never, stays, stays, never,
	    never, never, never, never, rung, stays),
	/* OWNED */ ROW(
	    never, wish_off, wish_on, never, changed, end_open,
	    never, never, gone, gone, never, never,
	    never, never, never, never, release, stays, never,
	    never, never, never, never, never, never),
	/* QUARANTINE */ ROW(
	    never, off_open, wish_on, test_by_handover, changed_in_handover, end_open,
	    never, never, gone, gone, never, never,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, never, hand_over_again, never),
	/* RESTING */ ROW(
	    never, off_closed, wish_on, test_by_opening, changed, end_closed,
	    never, never, never, never, never, never,
	    never, never, never, never, rests_again, prepare, never,
	    locked, stays, no_device, look, look, never),
	/* FOREIGN */ ROW(
	    never, off_closed, wish_on, never, changed, end_closed,
	    never, never, never, never, never, never,
	    never, never, never, never, tell_again, stays, never,
	    locked, unlocked, no_device, look, look, never),
	/* DISABLED */ ROW(
	    never, wish_off, enable, never, changed, end_closed,
	    never, never, never, never, never, never,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, never, never, never),
	/* CLOSING */ ROW(
	    never, off_closing, wish_on, never, changed, end_closing,
	    never, never, stays, never, closed, never,
	    never, never, never, never, tell_again, prepare_closing, never,
	    never, never, never, never, not_closed, never),
	/* HANGUP */ ROW(
	    never, wish_off, wish_on, never, changed, stays,
	    never, never, hung_up, hung_up, never, hung_up,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, never, hung_up, never),
	/* SHUT */ ROW(
	    never, wish_off, wish_on, never, stays, stays,
	    never, never, never, never, never, never,
	    never, never, never, never, tell_again, stays, never,
	    never, never, never, never, never, never),
};

_Static_assert(sizeof table / sizeof table[0] == LIFE_STATES, "a row for each state");

bool
life_event(struct life *l, enum life_event event, const struct life_args *a, struct life_todo *todo)
{
	todo->n = 0;
	return table[l->state][event](l, a, todo);
}

/* ---- */

void
life_init(struct life *l, bool shared, bool modem)
{
	*l = (struct life){ .state = LIFE_NEW, .shared = shared, .modem = modem, .told_out = true };
}

const char *
life_refuses_test(const struct life *l, bool granted, const char *reason)
{
	if (l->testing)
		return "it is being tested already";
	switch (l->state) {
	case LIFE_FREE:
	case LIFE_RESTING:
		return granted ? "it is in use" : NULL;
	case LIFE_QUARANTINE:
	case LIFE_OUT:
	case LIFE_HANDOVER:
	case LIFE_OPENING:
		return NULL;
	case LIFE_NEW:
		return "it has not begun yet: the device is still being closed";
	case LIFE_OWNED:
		return "it is in use";
	case LIFE_RINGING:
		return "it rings";
	case LIFE_FOREIGN:
	case LIFE_DISABLED:
		return reason;
	case LIFE_CLOSING:
	case LIFE_HANGUP:
	case LIFE_SHUT:
		break;
	}
	return "it is being closed";
}

const char *
life_state_name(enum life_state state)
{
	static const char *const names[] = {
		[LIFE_NEW] = "NEW", [LIFE_OUT] = "OUT", [LIFE_OPENING] = "OPENING", [LIFE_HANDOVER] = "HANDOVER",
		[LIFE_FREE] = "FREE", [LIFE_RINGING] = "RINGING", [LIFE_OWNED] = "OWNED",
		[LIFE_QUARANTINE] = "QUARANTINE", [LIFE_RESTING] = "RESTING", [LIFE_FOREIGN] = "FOREIGN",
		[LIFE_DISABLED] = "DISABLED", [LIFE_CLOSING] = "CLOSING", [LIFE_HANGUP] = "HANGUP",
		[LIFE_SHUT] = "SHUT",
	};

	return names[state];
}
