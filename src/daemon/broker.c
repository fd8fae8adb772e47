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
		session_refused(s, SESSION_BUSY, NULL, 0);
		break;
	case ARBITER_REFUSE_FULL:
		session_refused(s, SESSION_FULL, NULL, a->number);
		break;
	case ARBITER_REFUSE_OUT:
		session_refused(s, SESSION_OUT, line, 0);
		break;
	case ARBITER_REFUSE_TWICE:
		session_refused(s, SESSION_TWICE, NULL, 0);
		break;
	case ARBITER_REFUSE_WAITED:
		session_refused(s, SESSION_WAITED, NULL, 0);
		break;
	case ARBITER_REFUSE_GONE:
		session_refused(s, SESSION_GONE, NULL, 0);
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

static void
carry_out(struct broker *b)
{
	struct arbiter_action a;

	while (arbiter_next(&b->arbiter, &a))
		act(&a);
	loop_timer_set(b->timer, arbiter_due(&b->arbiter));
}

static void
on_timer(void *ctx)
{
	struct broker *b = ctx;

	arbiter_time(&b->arbiter, loop_now(b->loop));
	carry_out(b);
}

struct broker *
broker_new(struct loop *loop)
{
	struct broker *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->loop = loop;
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
	carry_out(b);
}

void
broker_add(struct broker *b, struct service *service)
{
	struct arbiter_rules rules = rules_of(service->conf->rules);

	arbiter_service_init(&service->seat, &rules);
	if (!service->house->draining)
		broker_resume(b, service);
}

void
broker_change(struct broker *b, struct service *service)
{
	struct arbiter_rules rules = rules_of(service->conf->rules);

	arbiter_service_rules(&service->seat, &rules);
	if (service->house->draining)
		return;
	broker_resume(b, service);
}

void
broker_remove(struct broker *b, struct service *service)
{
	arbiter_service_lines(&b->arbiter, &service->seat, NULL, 0);
	carry_out(b);
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
	struct service *service = session_service(s);
	struct arbiter_line *seat;
	struct session *owner;
	size_t i;

	if (session_rules(s)->takeover == CONF_TAKEOVER_OFF || service->seat.in[ARBITER_FREE] > 0)
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

void
broker_claim(struct broker *b, struct session *s)
{
	struct arbiter_rules rules = rules_of(session_rules(s));
	struct session *old = to_take_over(b, s);

	if (old != NULL) {
		line_taken_over(line_of_seat(session_seat(old)->line),
		    msec_add(loop_now(b->loop), BROKER_TAKEOVER));
		session_taken_over(old, s);
	}
	arbiter_claim(&b->arbiter, &session_service(s)->seat, session_seat(s), &rules, loop_now(b->loop));
	carry_out(b);
}

void
broker_ending(struct broker *b, struct session *s)
{
	arbiter_ending(session_seat(s));
	carry_out(b);
}

void
broker_leave(struct broker *b, struct session *s, bool idle)
{
	arbiter_leave(&b->arbiter, session_seat(s), idle, loop_now(b->loop));
	carry_out(b);
}

/* ---- lines ---- */

void
broker_line_found(struct broker *b, struct line *line)
{
	arbiter_found(line_seat(line));
	carry_out(b);
}

void
broker_line_ready(struct broker *b, struct line *line)
{
	arbiter_ready(&b->arbiter, line_seat(line), loop_now(b->loop));
	carry_out(b);
}

void
broker_line_unready(struct broker *b, struct line *line)
{
	arbiter_unready(line_seat(line));
	carry_out(b);
}

/* It is closed, so it cannot be granted as it is: whoever waits has it prepared. */
void
broker_line_rests(struct broker *b, struct line *line)
{
	bool wanted = line_seat(line)->waited > 0;

	arbiter_found(line_seat(line));
	if (!wanted)
		arbiter_ready(&b->arbiter, line_seat(line), loop_now(b->loop));
	carry_out(b);
	if (wanted)
		line_prepare(line);
}

void
broker_line_out(struct broker *b, struct line *line)
{
	arbiter_out(&b->arbiter, line_seat(line));
	carry_out(b);
}
