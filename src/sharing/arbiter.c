/*
 * Who gets a line, who waits and who is refused, see arbiter.h.
 *
 * What holds between two calls: a line that is free and open has nobody waiting in any of its services;
 * while one that is free and closed has, as many as wait there are being prepared; somebody whose patience is
 * that of busy = "refuse" waits only while a line of the service is moving; nobody waits in a service
 * whose lines are all out.  Each event touches the services of one line and settles them again.
 */
#include "sharing/arbiter_inside.h"

void
arbiter_client_init(struct arbiter_client *c, const struct arbiter_identity *identity)
{
	*c = (struct arbiter_client){ .identity = *identity, .place = ARBITER_NOWHERE };
}

static void
grant(struct arbiter *a, struct arbiter_member *m, struct arbiter_client *c)
{
	struct arbiter_line *line = m->line;

	if (c->place == ARBITER_WAITS) {
		arbiter_take_out(a, c);
		arbiter_in_order(a, m->service);
	}
	c->place = ARBITER_OWNER;
	c->line = line;
	line->owner = c;
	line->claims++;
	m->service->last = (uint32_t)(m - m->service->members);
	arbiter_set(line, ARBITER_OWNED, false, false);
	arbiter_answer(a, c, ARBITER_GRANT);
	arbiter_tell_line(a, line);
}

static void
prepare(struct arbiter *a, struct arbiter_line *line)
{
	arbiter_set(line, ARBITER_HANDOVER, false, true);
	line->start = true;
	arbiter_tell_line(a, line);
}

static void
refuse(struct arbiter *a, struct arbiter_client *c, enum arbiter_do why, uint32_t number)
{
	if (c->place == ARBITER_WAITS)
		arbiter_take_out(a, c);
	c->number = number;
	arbiter_answer(a, c, why);
}

/* ---- what becomes of those who wait ---- */

static void
refuse_all(struct arbiter *a, struct arbiter_service *s, enum arbiter_do why)
{
	while (!TAILQ_EMPTY(&s->queue))
		refuse(a, TAILQ_FIRST(&s->queue), why, 0);
}

/* No hand-over is going on any more: those who were only held are refused, the others are queued. */
static void
end_hold(struct arbiter *a, struct arbiter_service *s)
{
	struct arbiter_client *c, *next;

	for (c = TAILQ_FIRST(&s->queue); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (!c->patient) {
			refuse(a, c, ARBITER_REFUSE_BUSY, 0);
		} else if (c->held) {
			c->held = false;
			arbiter_answer(a, c, ARBITER_WAIT);
		}
	}
	arbiter_in_order(a, s);
}

/* After a change of its lines. */
static void
settle(struct arbiter *a, struct arbiter_service *s)
{
	struct arbiter_member *m;

	if (s->in[ARBITER_OUT] == s->n) {
		refuse_all(a, s, s->n == 0 ? ARBITER_REFUSE_GONE : ARBITER_REFUSE_OUT);
		return;
	}
	while (s->waiting > 0 && (m = arbiter_pick(s, false)) != NULL)
		grant(a, m, TAILQ_FIRST(&s->queue));
	while (s->waiting > s->preparing && (m = arbiter_pick(s, true)) != NULL)
		prepare(a, m->line);
	if (s->waiting > 0 && arbiter_moving(s) == 0)
		end_hold(a, s);
}

static void
settle_all(struct arbiter *a, const struct arbiter_line *line)
{
	struct arbiter_member *m;

	LIST_FOREACH(m, &line->services, entry)
		settle(a, m->service);
}

/* ---- clients ---- */

/* Where no line is free and open. */
static void
claim_place(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c,
    const struct arbiter_rules *rules, msec_t now)
{
	struct arbiter_member *closed = arbiter_pick(s, true);

	if (arbiter_waits_already(s, &c->identity)) {
		refuse(a, c, ARBITER_REFUSE_TWICE, 0);
	} else if (closed == NULL && arbiter_moving(s) == 0 && !rules->queue) {
		refuse(a, c, ARBITER_REFUSE_BUSY, 0);
	} else if (closed == NULL && s->waiting >= rules->limit) {
		refuse(a, c, ARBITER_REFUSE_FULL, s->waiting);
	} else {
		if (closed != NULL)
			prepare(a, closed->line);
		arbiter_enter(a, s, c, rules, now);
	}
}

void
arbiter_claim(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c,
    const struct arbiter_rules *rules, msec_t now)
{
	struct arbiter_member *open;

	if (c->service != NULL)
		return;
	c->service = s;
	s->users++;
	if (s->in[ARBITER_OUT] == s->n)
		refuse(a, c, s->n == 0 ? ARBITER_REFUSE_GONE : ARBITER_REFUSE_OUT, 0);
	else if ((open = arbiter_pick(s, false)) != NULL)
		grant(a, open, c);
	else
		claim_place(a, s, c, rules, now);
}

void
arbiter_ending(struct arbiter_client *c)
{
	if (c->place == ARBITER_OWNER)
		arbiter_set(c->line, ARBITER_OWNED, true, false);
}

static void
leave_line(struct arbiter *a, struct arbiter_client *c)
{
	struct arbiter_line *line = c->line;

	c->line = NULL;
	line->owner = NULL;
	line->contended = false;
	arbiter_set(line, ARBITER_HANDOVER, false, false);
	line->start = true;
	arbiter_tell_line(a, line);
}

void
arbiter_leave(struct arbiter *a, struct arbiter_client *c, bool idle, msec_t now)
{
	int64_t cool_down = c->service != NULL ? c->service->rules.cool_down : 0;

	if (c->place == ARBITER_WAITS) {
		arbiter_take_out(a, c);
		arbiter_in_order(a, c->service);
	} else if (c->place == ARBITER_OWNER) {
		leave_line(a, c);
		if (idle && cool_down > 0 && arbiter_same(&c->identity, &c->identity))
			arbiter_cool(a, &c->identity, msec_add(now, cool_down));
	}
	c->place = ARBITER_NOWHERE;
	arbiter_forget(a, c);
}

bool
arbiter_take_over(struct arbiter *a, struct arbiter_service *s, struct arbiter_client *c,
    struct arbiter_client *owner, const struct arbiter_rules *rules, msec_t now)
{
	if (c->service != NULL || s->n == 0 || arbiter_waits_already(s, &c->identity))
		return false;
	arbiter_leave(a, owner, false, now);
	c->service = s;
	s->users++;
	arbiter_enter_first(a, s, c, rules, now);
	return true;
}

void
arbiter_time(struct arbiter *a, msec_t now)
{
	struct arbiter_client *c;

	while ((c = arbiter_first_wait(a)) != NULL && msec_reached(c->wait.due, now)) {
		refuse(a, c, ARBITER_REFUSE_WAITED, 0);
		arbiter_in_order(a, c->service);
	}
}

/* ---- lines ---- */

void
arbiter_found(struct arbiter_line *line)
{
	if (line->state == ARBITER_OUT)
		arbiter_set(line, ARBITER_HANDOVER, false, false);
}

void
arbiter_unready(struct arbiter_line *line)
{
	if (line->state == ARBITER_FREE)
		arbiter_set(line, ARBITER_HANDOVER, false, false);
}

/* Of the services that the line is in the one whose first waiter comes before those of the others; or NULL. */
static struct arbiter_member *
whose_turn(const struct arbiter_line *line, msec_t now)
{
	struct arbiter_member *m, *best = NULL;

	LIST_FOREACH(m, &line->services, entry) {
		if (m->service->waiting > 0 && (best == NULL ||
		    arbiter_before(TAILQ_FIRST(&m->service->queue),
		    TAILQ_FIRST(&best->service->queue), now)))
			best = m;
	}
	return best;
}

void
arbiter_ready(struct arbiter *a, struct arbiter_line *line, msec_t now)
{
	struct arbiter_member *m;

	if (line->state != ARBITER_HANDOVER)
		return;
	line->start = false;
	arbiter_set(line, ARBITER_FREE, false, false);
	if ((m = whose_turn(line, now)) != NULL)
		grant(a, m, TAILQ_FIRST(&m->service->queue));
	settle_all(a, line);
}

void
arbiter_out(struct arbiter *a, struct arbiter_line *line)
{
	if (line->state != ARBITER_HANDOVER && line->state != ARBITER_FREE)
		return;
	line->start = false;
	arbiter_set(line, ARBITER_OUT, false, false);
	settle_all(a, line);
}

void
arbiter_service_lines(struct arbiter *a, struct arbiter_service *s, struct arbiter_member *members,
    size_t n)
{
	arbiter_replace_lines(a, s, members, n);
	settle(a, s);
}
