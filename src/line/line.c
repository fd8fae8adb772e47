/*
 * The life of a line, carried out: what happens becomes an event of life.h, what comes of that is done here, in
 * order.  See line.h.
 *
 * An event that comes while another one is carried out waits until that is done: none is lost, and each
 * meets a line that is what its state says.
 */
#include "line/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/dirwatch.h"
#include "io/log.h"
#include "line/look.h"
#include "modem/handover.h"
#include "ports/serial.h"
#include "sharing/words.h"

static msec_t
now_of(const struct line *l)
{
	return loop_now(l->house->loop);
}

static void
event(struct line *l, enum life_event what)
{
	line_event(l, what, &(struct life_args){ .granted = l->seat.state == ARBITER_OWNED });
}

/* ---- why it is out of service ---- */

static char not_opened[] = "not opened yet", no_memory[] = "no memory to say why"; /* nobody changes them */

static void
drop_reason(struct line *l)
{
	if (l->reason != not_opened && l->reason != no_memory)
		free(l->reason);
	l->reason = NULL;
}

static void
set_reason(struct line *l, const char *reason, bool meant)
{
	bool news = l->reason == NULL || strcmp(l->reason, reason) != 0;
	char *text;

	if (!news)
		return;
	text = strdup(reason);
	drop_reason(l);
	l->reason = text != NULL ? text : no_memory;
	if (l->life.ending)
		return;
	if (meant)
		log_info("line not in service: event=line-out line=%s reason=\"%s\"", l->conf->name, l->reason);
	else
		log_warn("line out of service: event=line-out line=%s reason=\"%s\"", l->conf->name, l->reason);
}

/* What is said of a line that the administrator has disabled, with his text where there is one. */
void
line_say_disabled(struct line *l)
{
	char reason[sizeof LIFE_BY_ADMINISTRATOR + LINE_DISABLE_TEXT + 2];
	const char *text = l->counts != NULL ? l->counts->disabled : NULL;

	snprintf(reason, sizeof reason, "%s%s%s", LIFE_BY_ADMINISTRATOR, text != NULL ? ": " : "",
	    text != NULL ? text : "");
	set_reason(l, reason, true);
}

/* ---- hand-overs ---- */

static void
drop_run(struct line *l)
{
	struct generation *g;

	if (l->way == NULL)
		return;
	g = wayback_generation(l->way);
	wayback_free(l->way);
	l->way = NULL;
	l->house->news->let_go(l->house->ctx, g);
}

static void
on_step(void *ctx, const char *failed, const struct port_state *state)
{
	struct line *l = ctx;

	if (l->life.state == LIFE_HANDOVER && l->way != NULL)
		line_run_stands(l, wayback_answered(l->way, failed, state, now_of(l)));
}

static bool
make_run(struct line *l)
{
	struct wayback_line on = { .port = l->port, .queue = &l->queue, .answered = on_step, .ctx = l,
		.conf = l->conf, .carrier_falls = l->trusted, .made_known = l->made_known, .bare = l->bare };

	on.generation = l->house->news->hold(l->house->ctx);
	l->way = wayback_new(&on);
	if (l->way == NULL)
		l->house->news->let_go(l->house->ctx, on.generation);
	return l->way != NULL;
}

static void
begin_run(struct line *l)
{
	if (!make_run(l))
		line_event(l, LIFE_STUCK, &(struct life_args){ .why = "no memory to hand it over" });
	else
		line_run_stands(l, l->life.probing ? wayback_probe(l->way, now_of(l)) :
		    wayback_start(l->way, now_of(l)));
}

/* What reloads have begun in vain is still pending at a slow driver: more than it takes would be refused, so the
 * hand-over begins when all that is answered. */
static void
run(struct line *l)
{
	drop_run(l);
	l->handover_ends = msec_add(now_of(l), wayback_bound(l->conf));
	if (l->queue.count > LINE_BEFORE)
		line_arm(l);
	else
		begin_run(l);
}

static void
run_at_last(struct line *l)
{
	if (l->life.state == LIFE_HANDOVER && l->way == NULL && l->queue.count == 0)
		begin_run(l);
}

static void
has_passed(struct line *l)
{
	msec_t now = now_of(l), rings = wayback_rings(l->way);
	bool off = wayback_carrier_off(l->way);
	char settings[SETTINGS_TEXT];
	struct life_args a = { .why = NULL };

	l->handover_ends = now;
	l->trusted = off && l->queue.known.lines;
	if (l->conf->setup->kind == CONF_MODEM && l->queue.known.lines && !off)
		log_warn("carrier is on after the hand-over, calls cannot be told by it: "
		    "event=carrier-untrusted line=%s", l->conf->name);
	if (l->life.failures > 0)
		log_info("it is in order again: event=line-back line=%s", l->conf->name);
	log_debug("line ready: event=line-ready line=%s settings=\"%s\"", l->conf->name,
	    settings_text(settings, &l->queue.known.rfc.format));
	if (l->bell != NULL) {
		bell_heard_until(l->bell, rings, now);
		a.rings = msec_before(now, bell_until(l->bell, now));
		a.rang_long = bell_rang_long(l->bell, now);
	}
	line_event(l, LIFE_PASSED, &a);
}

/* It is never handed out before it has passed; meanwhile whoever wants it reads why. */
static void
has_failed(struct line *l)
{
	char reason[WORDS_MAX];

	if (l->life.probing) {
		event(l, LIFE_FAILED);
		return;
	}
	words_quarantine(reason, sizeof reason, wayback_failure(l->way));
	line_counts(l)->failures++;
	line_event(l, LIFE_FAILED, &(struct life_args){ .why = reason });
	if (l->life.state == LIFE_QUARANTINE)
		log_info("tested again: event=quarantine line=%s failures=%u seconds=%lld", l->conf->name,
		    (unsigned)l->life.failures, (long long)(msec_since(now_of(l), l->due) / 1000));
}

void
line_run_stands(struct line *l, enum wayback_outcome outcome)
{
	switch (outcome) {
	case WAYBACK_GOES_ON:
		line_arm(l);
		break;
	case WAYBACK_PASSED:
		has_passed(l);
		break;
	case WAYBACK_FAILED:
		has_failed(l);
		break;
	case WAYBACK_DIFFERS:
		event(l, LIFE_DIFFERS);
		break;
	}
}

/* ---- time ---- */

void
line_arm(struct line *l)
{
	msec_t due = msec_min(portqueue_due(&l->queue), l->due);

	if (l->life.state == LIFE_HANDOVER)
		due = msec_min(due, l->handover_ends);
	if (l->life.state == LIFE_HANDOVER && l->way != NULL)
		due = msec_min(due, wayback_due(l->way));
	loop_timer_set(&l->timer, due);
}

static void
is_due(struct line *l)
{
	struct life_args a = { .rang_long = l->bell != NULL && bell_rang_long(l->bell, now_of(l)) };

	if (l->life.state == LIFE_RINGING && !a.rang_long)
		log_debug("it rings no more: event=line-ready line=%s", l->conf->name);
	line_event(l, LIFE_TIME, &a);
}

static void
on_timer(void *ctx)
{
	struct line *l = ctx;
	msec_t now = now_of(l);
	bool handover = l->life.state == LIFE_HANDOVER;

	if (msec_reached(portqueue_due(&l->queue), now) || (handover && msec_reached(l->handover_ends, now)) ||
	    (l->life.state == LIFE_OPENING && msec_reached(l->due, now)))
		line_event(l, LIFE_STUCK, &(struct life_args){ .why = "the driver does not answer" });
	else if (msec_reached(l->due, now))
		is_due(l);
	else if (handover && l->way != NULL && msec_reached(wayback_due(l->way), now))
		line_run_stands(l, wayback_time(l->way, now));
	else
		line_arm(l);
}

static msec_t
look_again(const struct line *l)
{
	if (l->lock_watch != NULL && look_works(l->lock_watch))
		return MSEC_NEVER;
	return msec_add(now_of(l), LOOK_AGAIN);
}

/* Somebody waits for it, so that the driver must let go in time. */
static msec_t
closing_due(const struct line *l, bool entered)
{
	if (l->life.away)
		return wayback_away_until(l->way);
	if (!l->life.preparing)
		return MSEC_NEVER;
	return entered || msec_is_never(l->due) ? msec_add(now_of(l), LINE_OPERATION) : l->due;
}

/* Never at once: what fails without delay would be all that the daemon does. */
static int64_t
retest(const struct line *l)
{
	int64_t first = l->conf->setup->retest;

	return handover_retest(first > LINE_RETEST ? first : LINE_RETEST, l->life.failures);
}

/* When the state ends by itself, or never. */
static msec_t
due_of(const struct line *l, bool entered)
{
	msec_t now = now_of(l);

	switch (l->life.state) {
	case LIFE_OUT:
		return entered ? msec_add(now, LINE_RETRY) : l->due;
	case LIFE_OPENING:
	case LIFE_HANGUP: /* however many operations are before it */
		return entered ? msec_add(now, LINE_OPERATION) : l->due;
	case LIFE_QUARANTINE:
		return entered ? msec_add(now, retest(l)) : l->due;
	case LIFE_RINGING:
		return msec_min(bell_until(l->bell, now), msec_add(l->bell->since, LINE_RINGS));
	case LIFE_FOREIGN:
		return msec_add(now, entered && l->nameless ? LOOK_SOON : LOOK_AGAIN);
	case LIFE_RESTING:
		return look_again(l);
	case LIFE_CLOSING:
		return closing_due(l, entered);
	default:
		return MSEC_NEVER;
	}
}

/* ---- its device, while it is closed ---- */

static void
on_device_changed(void *ctx)
{
	event(ctx, LIFE_APPEARED);
}

/* While it is awaited, so that it is found as soon as it is there; it is looked for now and then all the same.
 * That an open one goes its descriptor tells. */
static void
watch_device(struct line *l)
{
	bool awaited = l->life.state == LIFE_OUT || l->life.state == LIFE_RESTING ||
	    l->life.state == LIFE_FOREIGN;

	if (l->life.state == LIFE_OPENING || l->house->watch == NULL || l->conf->setup->type != CONF_SERIAL)
		return;
	if (awaited && l->device_watch == NULL) {
		l->device_watch = dirwatch_add(l->house->watch, l->conf->device, on_device_changed, l);
	} else if (!awaited) {
		dirwatch_remove(l->device_watch);
		l->device_watch = NULL;
	}
}

/* A lock that was made and is gone again was somebody's: he may have changed the modem. */
static void
on_lock_changed(void *ctx)
{
	struct line *l = ctx;

	if (look_came(l->lock_watch))
		l->life.touched = true;
	event(l, LIFE_APPEARED);
}

/* Those of the node that its link leads to now; and only as long as the lock is nobody's here. */
static void
watch_lock(struct line *l)
{
	bool closed = l->life.state == LIFE_RESTING || l->life.state == LIFE_FOREIGN;

	if (!closed) {
		look_unwatch(l->lock_watch);
		l->lock_watch = NULL;
	} else if (l->lock_watch == NULL) {
		l->lock_watch = look_watch(l->house->watch, l->house->lock_directory, l->conf->device,
		    on_lock_changed, l);
	}
}

static void
look(struct line *l)
{
	char reason[LOOK_REASON];
	enum look_result seen;

	watch_lock(l); /* first: what happens from now on is told */
	seen = look_at(l->house->lock_directory, l->conf->device, reason);
	l->nameless = seen == LOOK_NAMELESS;
	switch (seen) {
	case LOOK_LOCKED: case LOOK_NAMELESS:
		line_event(l, LIFE_LOCKED, &(struct life_args){ .why = reason });
		break;
	case LOOK_FREE:
		event(l, LIFE_UNLOCKED);
		break;
	case LOOK_NO_DEVICE:
		line_event(l, LIFE_NO_DEVICE, &(struct life_args){ .why = "no device" });
		break;
	}
}

/* ---- carrying out ---- */

static void
open_port(struct line *l)
{
	port_open(l->port, &l->conf->setup->format);
}

static void
close_port(struct line *l)
{
	portqueue_refuse_all(&l->queue, "the line is closed");
	port_close(l->port);
}

static void
on_hung_up(void *ctx, const char *failed, const struct port_state *state)
{
	struct line *l = ctx;

	(void)failed; /* closing drops DTR as well, where the driver does it */
	(void)state;
	if (l->life.state == LIFE_HANGUP)
		event(l, LIFE_HUNG_UP);
}

/* What is unsent is dropped first: an operation that lets it leave would hold this one up, for all of `drain`. */
static void
hang_up(struct line *l)
{
	const struct port_op drop = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };
	const struct port_op down = { .kind = PORT_SIGNALS, .mask = PORT_DTR | PORT_BRK };
	const char *why;
	int r = PORT_DONE;

	if (l->conf->setup->hangup_time > 0) {
		(void)portqueue_submit(&l->queue, l->port, &drop, now_of(l), NULL, NULL, &why);
		r = portqueue_submit(&l->queue, l->port, &down, now_of(l), on_hung_up, l, &why);
	}
	if (r != PORT_PENDING)
		event(l, LIFE_HUNG_UP);
}

static void
go_on(struct line *l)
{
	line_run_stands(l, wayback_returned(l->way, now_of(l)));
}

/* Nobody waits for it: a port that cannot watch tells nothing, ever. */
static void
watch(struct line *l, const struct port_op *op)
{
	const char *why;

	(void)portqueue_submit(&l->queue, l->port, op, loop_now(l->house->loop), NULL, NULL, &why);
}

static void
drop_owner(struct line *l)
{
	const struct port_op op = { .kind = PORT_WATCH };

	portqueue_forget(&l->queue, l->owner);
	l->owner = NULL;
	watch(l, &op);
	port_owned(l->port, false);
	port_resume(l->port);
}

static void
listen_for_rings(struct line *l)
{
	const struct port_op op = { .kind = PORT_WATCH, .modem = true, .seldom = true };

	if (l->bell != NULL && l->queue.known.lines)
		watch(l, &op);
}

/* The owner cannot go on: he is nobody here from now on, and hears why. */
static void
cut_owner(struct line *l, const char *why)
{
	void *owner = l->owner;

	if (owner == NULL)
		return; /* he has left already, and line_release() is under way */
	portqueue_forget(&l->queue, owner);
	l->owner = NULL;
	l->house->owner->gone(owner, why);
}

static void
tested(struct line *l, const char *failure)
{
	struct line_test *test = l->test;

	l->test = NULL;
	if (test != NULL)
		test->done(test, failure);
}

static void
tell_ready(struct line *l)
{
	l->house->news->ready(l->house->ctx, l);
	if (l->life.state == LIFE_FREE && l->life.shared && l->seat.state == ARBITER_FREE)
		event(l, LIFE_UNCLAIMED);
}

static void
tell_house(struct line *l, enum life_do what)
{
	const struct line_news *news = l->house->news;

	switch (what) {
	case LIFE_DO_FOUND:
		news->found(l->house->ctx, l);
		break;
	case LIFE_DO_READY:
		tell_ready(l);
		break;
	case LIFE_DO_UNREADY:
		news->unready(l->house->ctx, l);
		break;
	case LIFE_DO_RESTS:
		news->rests(l->house->ctx, l);
		break;
	case LIFE_DO_OUT:
		news->out(l->house->ctx, l);
		break;
	default:
		news->closed(l->house->ctx, l);
		break;
	}
}

static void
do_to_port(struct line *l, enum life_do what)
{
	switch (what) {
	case LIFE_DO_OPEN:
		open_port(l);
		break;
	case LIFE_DO_CLOSE:
		close_port(l);
		break;
	case LIFE_DO_HANG_UP:
		hang_up(l);
		break;
	case LIFE_DO_HAND_OVER:
	case LIFE_DO_PROBE:
		run(l);
		break;
	case LIFE_DO_GO_ON:
		go_on(l);
		break;
	case LIFE_DO_DROP_RUN:
		drop_run(l);
		break;
	case LIFE_DO_LOOK:
		look(l);
		break;
	default:
		listen_for_rings(l);
		break;
	}
}

static void
do_one(struct line *l, enum life_do what, const char *why)
{
	switch (what) {
	case LIFE_DO_TAKE:
		port_owned(l->port, true);
		break;
	case LIFE_DO_DROP:
		drop_owner(l);
		break;
	case LIFE_DO_CUT:
		cut_owner(l, why);
		break;
	case LIFE_DO_REASON:
	case LIFE_DO_MEANT:
		if (strcmp(why, LIFE_BY_ADMINISTRATOR) == 0)
			line_say_disabled(l);
		else
			set_reason(l, why, what == LIFE_DO_MEANT);
		break;
	case LIFE_DO_IN_ORDER:
		drop_reason(l);
		break;
	case LIFE_DO_TESTED:
		tested(l, why);
		break;
	case LIFE_DO_FOUND:
	case LIFE_DO_READY:
	case LIFE_DO_UNREADY:
	case LIFE_DO_RESTS:
	case LIFE_DO_OUT:
	case LIFE_DO_GONE:
		tell_house(l, what);
		break;
	default:
		do_to_port(l, what);
		break;
	}
}

/* The state is entered before anything is done: whoever hears of it meets it so. */
static void
enter(struct line *l, enum life_state before, enum snapshot_state shown)
{
	l->due = due_of(l, before != l->life.state);
	watch_lock(l);
	watch_device(l);
	line_arm(l);
	/* That it is tried to open what another program has is no news. */
	if (before != l->life.state && (shown != SNAPSHOT_FOREIGN || line_shown(l) != SNAPSHOT_FOREIGN))
		l->house->news->changed(l->house->ctx, l);
}

static void
carry_out(struct line *l, const struct life_todo *todo)
{
	size_t i;

	for (i = 0; i < todo->n; i++) {
		l->busy = i + 1 < todo->n; /* what the last one brings about finds all of this done */
		do_one(l, todo->list[i].what, todo->list[i].why);
	}
	l->busy = false;
}

static void
one_event(struct line *l, enum life_event what, const struct life_args *a)
{
	enum snapshot_state shown = line_shown(l);
	enum life_state before = l->life.state;
	struct life_todo todo;

	if (!life_event(&l->life, what, a, &todo)) {
		log_error("an event that cannot be, please report it: event=impossible line=%s what=%d state=%s",
		    l->conf->name, (int)what, life_state_name(before));
		return;
	}
	enter(l, before, shown);
	carry_out(l, &todo);
	line_arm(l);
}

/* Only events that bring nothing with them come from inside of another one: what the arbiter asks for. */
void
line_event(struct line *l, enum life_event what, const struct life_args *a)
{
	if (l->busy) {
		if (l->n_queued < LINE_QUEUED)
			l->queued[l->n_queued++] = (uint8_t)what;
		else
			log_error("too many events at once, please report it: event=impossible line=%s what=%d",
			    l->conf->name, (int)what);
		return;
	}
	one_event(l, what, a);
	while (l->n_queued > 0 && !l->busy) {
		what = (enum life_event)l->queued[0];
		memmove(l->queued, l->queued + 1, --l->n_queued);
		one_event(l, what, &(struct life_args){ .granted = l->seat.state == ARBITER_OWNED });
	}
}

/* ---- what the port tells ---- */

static void
tell_unlocked(struct line *l)
{
	const char *why = l->conf->setup->type == CONF_SERIAL ? port_serial_unlocked(l->port) : NULL;

	if (why != NULL && !l->told_unlocked)
		log_warn("no lock file, other programs may not see that the line is taken: "
		    "event=unlocked line=%s why=\"%s\"", l->conf->name, why);
	l->told_unlocked = why != NULL;
}

/* After each closing, and each opening that failed: a lock was given back. */
static void
tell_left(struct line *l)
{
	const char *why = l->conf->setup->type == CONF_SERIAL ? port_serial_left(l->port) : NULL;

	if (why != NULL && !l->told_left)
		log_warn("its lock file cannot be removed, other programs see the line as taken: "
		    "event=lock-left line=%s why=\"%s\"", l->conf->name, why);
	l->told_left = why != NULL;
}

/* What it makes of its settings, before anybody has had it: no hand-over can bring back more. */
static void
remember_made(struct line *l, const struct rfc2217_format *made)
{
	char is[SETTINGS_TEXT], should[SETTINGS_TEXT];

	if (!l->told_differs && !wayback_same_format(made, &l->conf->setup->format)) {
		log_warn("the device has other settings than it was given: event=settings line=%s is=\"%s\" "
		    "configured=\"%s\"", l->conf->name, settings_text(is, made),
		    settings_text(should, &l->conf->setup->format));
	}
	l->told_differs = !wayback_same_format(made, &l->conf->setup->format);
	l->bare = wayback_bare(made);
	l->made_known = true;
}

void
line_on_opened(void *ctx, const char *reason, const struct port_state *state)
{
	struct line *l = ctx;
	bool serial = l->conf->setup->type == CONF_SERIAL;
	struct life_args a = { .why = reason };

	if (l->life.state != LIFE_OPENING)
		return;
	if (reason != NULL) {
		tell_left(l);
		a.in_use = serial && port_serial_in_use(l->port);
		a.away_over = l->life.away && msec_reached(wayback_away_until(l->way), now_of(l));
		line_event(l, LIFE_NOT_OPENED, &a);
		return;
	}
	l->queue.known = *state;
	remember_made(l, &state->rfc.format);
	log_debug("device open: event=open line=%s modem-lines=%s library=%s", l->conf->name,
	    state->lines ? "yes" : "no", serial && port_serial_by_library(l->port) ? "yes" : "no");
	tell_unlocked(l);
	event(l, LIFE_OPENED);
}

void
line_on_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct line *l = ctx;
	struct port_state before = l->queue.known;

	portqueue_done(&l->queue, failed, state, now_of(l));
	line_altered_from(l, &before);
	run_at_last(l);
	line_arm(l);
}

void
line_on_gone(void *ctx, const char *reason)
{
	struct line *l = ctx;
	struct life_args a = { .why = reason };

	if (l->life.state == LIFE_OUT || l->life.state == LIFE_SHUT)
		return;
	if (l->life.state == LIFE_HANDOVER && l->way != NULL && wayback_may_leave(l->way)) {
		a.may_return = true;
		wayback_left(l->way, msec_min(msec_add(now_of(l), LINE_AWAY), l->handover_ends));
		log_info("it left in its hand-over, and is waited for: event=line-away line=%s", l->conf->name);
	}
	line_event(l, LIFE_GONE, &a);
}

void
line_on_closed(void *ctx)
{
	tell_left(ctx);
	event(ctx, LIFE_CLOSED);
}

/* ---- life ---- */

void
line_init(struct line *l)
{
	l->due = l->handover_ends = MSEC_NEVER;
	l->reason = not_opened;
	loop_timer_init(&l->timer, l->house->loop, on_timer, l);
}

/* What is told of a line that has to be opened first. */
void
line_awaits_opening(struct line *l)
{
	l->handover_ends = msec_add(now_of(l), LINE_OPERATION + wayback_bound(l->conf));
}

void
line_start(struct line *l)
{
	l->begun = true;
	line_awaits_opening(l);
	event(l, LIFE_BEGIN);
}

void
line_shut(struct line *l)
{
	line_event(l, LIFE_END, &(struct life_args){ .why = "the server ends" });
}

void
line_free(struct line *l)
{
	if (l == NULL)
		return;
	tested(l, "the server ends");
	dirwatch_remove(l->device_watch);
	look_unwatch(l->lock_watch);
	loop_timer_set(&l->timer, MSEC_NEVER);
	drop_run(l);
	portqueue_refuse_all(&l->queue, "the line is closed");
	port_free(l->port);
	free(l->bell);
	drop_reason(l);
	if (l->counts != NULL)
		free(l->counts->disabled);
	free(l->counts);
	free(l->will);
	free(l);
}
