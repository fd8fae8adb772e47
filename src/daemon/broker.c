/*
 * Carries out what the arbiter decides, see broker.h.
 */
#include "daemon/broker.h"

#include <stdlib.h>

#include "io/log.h"
#include "sharing/arbiter.h"

struct broker {
	struct arbiter arbiter;
	struct loop *loop;
	struct loop_timer *timer; /* of the arbiter */
	struct loop_note decided;
};

static void
act(const struct arbiter_action *a)
{
	struct session *s = a->client != NULL ? session_of_seat(a->client) : NULL;
	struct line *line = a->line != NULL ? line_of_seat(a->line) : NULL;

	switch (a->what) {
	case ARBITER_GRANT:
		session_granted(s, line);
		break;
	case ARBITER_WAIT:
		session_waits(s, a->number, a->held);
		break;
	case ARBITER_REFUSE_BUSY:
		session_refused(s, SESSION_BUSY, NULL);
		break;
	case ARBITER_REFUSE_FULL:
		session_refused(s, SESSION_FULL, NULL);
		break;
	case ARBITER_REFUSE_OUT:
		session_refused(s, SESSION_OUT, line);
		break;
	case ARBITER_REFUSE_TWICE:
		session_refused(s, SESSION_TWICE, NULL);
		break;
	case ARBITER_REFUSE_WAITED:
		session_refused(s, SESSION_WAITED, NULL);
		break;
	case ARBITER_REFUSE_GONE:
		session_refused(s, SESSION_GONE, NULL);
		break;
	case ARBITER_START_HANDOVER:
		line_release(line);
		break;
	case ARBITER_PREPARE:
		line_prepare(line);
		break;
	case ARBITER_CONTENDED:
	case ARBITER_UNCONTENDED:
		session_contended(session_of_seat(a->line->owner), a->what == ARBITER_CONTENDED);
		break;
	}
}

void
broker_settle(struct broker *b)
{
	struct arbiter_action a;

	while (arbiter_next(&b->arbiter, &a))
		act(&a);
	loop_timer_set(b->timer, arbiter_due(&b->arbiter));
}

static void
run(void *ctx)
{
	broker_settle(ctx);
}

static void
wake(struct broker *b)
{
	loop_soon(b->loop, &b->decided);
}

static void
on_timer(void *ctx)
{
	struct broker *b = ctx;

	arbiter_time(&b->arbiter, loop_now(b->loop));
	wake(b);
}

struct broker *
broker_new(struct loop *loop)
{
	struct broker *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->loop = loop;
	b->decided = (struct loop_note){ NULL, run, b };
	arbiter_init(&b->arbiter);
	b->timer = loop_timer_new(loop, on_timer, b);
	if (b->timer == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

void
broker_free(struct broker *b)
{
	if (b == NULL)
		return;
	loop_unsoon(b->loop, &b->decided);
	loop_timer_free(b->timer);
	free(b);
}

static struct arbiter_rules
rules_of(const struct conf_rules *conf)
{
	static const enum arbiter_pick picks[] = {
		[CONF_PICK_FIRST] = ARBITER_FIRST,
		[CONF_PICK_ROUND_ROBIN] = ARBITER_ROUND_ROBIN,
		[CONF_PICK_LEAST_USED] = ARBITER_LEAST_USED,
	};

	return (struct arbiter_rules){
		.pick = picks[conf->pick],
		.queue = conf->busy == CONF_BUSY_QUEUE,
		.limit = (uint32_t)conf->queue_limit,
		.wait = conf->queue_wait,
		.cool_down = conf->cool_down,
	};
}

void
broker_resume(struct broker *b, struct service *service)
{
	arbiter_service_lines(&b->arbiter, &service->seat, service->members, service_n_lines(service));
	broker_settle(b);
}

void
broker_add(struct broker *b, struct service *service)
{
	struct arbiter_rules rules = rules_of(service->conf->rules);

	arbiter_service_init(&service->seat, &rules);
	if (!service->house->sessions.draining)
		broker_resume(b, service);
}

void
broker_change(struct broker *b, struct service *service)
{
	struct arbiter_rules rules = rules_of(service->conf->rules);

	arbiter_service_rules(&service->seat, &rules);
	if (service->house->sessions.draining)
		return;
	broker_resume(b, service);
}

void
broker_remove(struct broker *b, struct service *service)
{
	arbiter_service_lines(&b->arbiter, &service->seat, NULL, 0);
	broker_settle(b);
}

/* ---- claims ---- */

/*
 * The owner of a line of this service that s may take it from; NULL: nobody.  It is of the same address, and was
 * silent for BROKER_SILENT: dead, or asleep.  A line that was taken over is left alone for a minute, or two
 * programs that both connect again whenever they lose it would take it from each other for ever.
 */
static struct session *
to_take_over(const struct broker *b, const struct session *s)
{
	struct service *service = session_place(s)->service;
	struct arbiter_line *seat;
	struct session *owner;
	size_t i;

	if (session_rules(s)->takeover == CONF_TAKEOVER_OFF)
		return NULL;
	for (i = 0; i < service_n_lines(service); i++) {
		seat = line_seat(service_line(service, i));
		if (seat->owner == NULL)
			continue;
		owner = session_of_seat(seat->owner);
		if (session_same_owner(owner, s) && session_silence(owner) >= BROKER_SILENT &&
		    msec_reached(line_takeover(service_line(service, i)), loop_now(b->loop)))
			return owner;
	}
	return NULL;
}

static bool
takes_over(struct broker *b, struct session *s, const struct arbiter_rules *rules)
{
	struct session *old = to_take_over(b, s);
	struct line *line = old != NULL ? line_of_seat(session_seat(old)->line) : NULL;
	msec_t now = loop_now(b->loop);

	if (old == NULL || !arbiter_take_over(&b->arbiter, &session_place(s)->service->seat, session_seat(s),
	    session_seat(old), rules, now))
		return false;
	line_taken_over(line, msec_add(now, BROKER_TAKEOVER));
	session_taken_over(old, s);
	return true;
}

/*
 * An owner who is dead and does not know it yet would have this client refused, which may be himself: a reset and
 * the next connection come together.  His line is on its way back from now on.
 */
static void
look_at_owners(const struct service *service)
{
	struct arbiter_line *seat;
	size_t i;

	for (i = 0; i < service_n_lines(service); i++) {
		seat = line_seat(service_line(service, i));
		if (seat->owner != NULL && !seat->ending && session_is_over(session_of_seat(seat->owner)))
			arbiter_ending(seat->owner);
	}
}

/* Likewise one who waits, as whom nobody else of his address may: his place is given up for this client. */
static void
look_at_waiters(struct broker *b, const struct session *s)
{
	struct arbiter_client *c;

	TAILQ_FOREACH(c, &session_place(s)->service->seat.queue, entry)
		if (session_same_owner(session_of_seat(c), s))
			break;
	if (c != NULL && session_gives_up(session_of_seat(c)))
		arbiter_leave(&b->arbiter, c, false, loop_now(b->loop));
}

void
broker_claim(struct broker *b, struct session *s)
{
	struct arbiter_rules rules = rules_of(session_rules(s));
	struct service *service = session_place(s)->service;

	wake(b);
	if (service->seat.in[ARBITER_FREE] == 0) {
		look_at_owners(service);
		look_at_waiters(b, s);
		if (takes_over(b, s, &rules))
			return;
	}
	arbiter_claim(&b->arbiter, &service->seat, session_seat(s), &rules, loop_now(b->loop));
}

void
broker_ending(struct broker *b, struct session *s)
{
	arbiter_ending(session_seat(s));
	wake(b);
}

void
broker_leave(struct broker *b, struct session *s, bool idle)
{
	arbiter_leave(&b->arbiter, session_seat(s), idle, loop_now(b->loop));
	wake(b);
}

/* ---- lines ---- */

void
broker_line_found(struct broker *b, struct line *line)
{
	arbiter_found(line_seat(line));
	wake(b);
}

void
broker_line_ready(struct broker *b, struct line *line)
{
	arbiter_ready(&b->arbiter, line_seat(line), loop_now(b->loop));
	wake(b);
}

void
broker_line_unready(struct broker *b, struct line *line)
{
	arbiter_unready(line_seat(line));
	wake(b);
}

/* It is closed, so it cannot be granted as it is: whoever waits has it prepared. */
void
broker_line_rests(struct broker *b, struct line *line)
{
	bool wanted = line_seat(line)->waited > 0;

	arbiter_found(line_seat(line));
	if (!wanted)
		arbiter_ready(&b->arbiter, line_seat(line), loop_now(b->loop));
	wake(b);
	if (wanted)
		line_prepare(line);
}

/* Its owner has lost it; one who has not heard of his luck yet claims again. */
void
broker_line_out(struct broker *b, struct line *line)
{
	struct arbiter_client *owner = line_seat(line)->owner;
	bool told = owner != NULL && !session_awaits(session_of_seat(owner));

	if (owner != NULL)
		arbiter_leave(&b->arbiter, owner, false, loop_now(b->loop));
	arbiter_out(&b->arbiter, line_seat(line));
	if (owner != NULL && !told)
		broker_claim(b, session_of_seat(owner));
	wake(b);
}
