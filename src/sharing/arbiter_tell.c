/*
 * What is to be told waits in the clients and lines themselves, so that it needs no room: of each the
 * newest, compared with what was told last when it is asked for.
 */
#include "sharing/arbiter_inside.h"

static void
untell(struct arbiter *a, struct arbiter_client *c)
{
	if (c->telling)
		TAILQ_REMOVE(&a->tell_clients, c, to_tell);
	c->telling = false;
}

/*
 * A grant is told before all else: who is refused because another got the line reads who owns it, and for how
 * long, and that one must have become its owner by then.
 */
void
arbiter_answer(struct arbiter *a, struct arbiter_client *c, enum arbiter_do what)
{
	c->answer = (uint8_t)what;
	if (what == ARBITER_GRANT) {
		untell(a, c);
		TAILQ_INSERT_HEAD(&a->tell_clients, c, to_tell);
	} else if (!c->telling) {
		TAILQ_INSERT_TAIL(&a->tell_clients, c, to_tell);
	}
	c->telling = true;
}

void
arbiter_tell_line(struct arbiter *a, struct arbiter_line *line)
{
	if (line->telling)
		return;
	line->telling = true;
	TAILQ_INSERT_TAIL(&a->tell_lines, line, to_tell);
}

void
arbiter_forget(struct arbiter *a, struct arbiter_client *c)
{
	untell(a, c);
	if (c->service != NULL)
		c->service->users--;
	c->service = NULL;
}

static bool
was_told(const struct arbiter_client *c)
{
	return c->answer == ARBITER_WAIT && c->number == c->told_number && c->held == c->told_held;
}

static bool
next_client(struct arbiter *a, struct arbiter_action *action)
{
	struct arbiter_client *c;

	while ((c = TAILQ_FIRST(&a->tell_clients)) != NULL) {
		untell(a, c);
		if (was_told(c))
			continue;
		c->told_number = c->number;
		c->told_held = c->held;
		*action = (struct arbiter_action){ .what = c->answer, .client = c, .service = c->service,
			.line = c->line, .number = c->number, .held = c->held };
		if (c->answer == ARBITER_REFUSE_OUT && c->service->n > 0)
			action->line = c->service->members[0].line;
		if (c->place == ARBITER_NOWHERE)
			arbiter_forget(a, c);
		return true;
	}
	return false;
}

static bool
next_line(struct arbiter *a, struct arbiter_action *action)
{
	struct arbiter_line *line;
	bool contended;

	while ((line = TAILQ_FIRST(&a->tell_lines)) != NULL) {
		TAILQ_REMOVE(&a->tell_lines, line, to_tell);
		line->telling = false;
		*action = (struct arbiter_action){ .line = line };
		if (line->start) {
			line->start = false;
			action->what = line->preparing ? ARBITER_PREPARE : ARBITER_START_HANDOVER;
			return true;
		}
		contended = line->state == ARBITER_OWNED && line->waited > 0;
		if (contended == line->contended)
			continue;
		line->contended = contended;
		action->what = contended ? ARBITER_CONTENDED : ARBITER_UNCONTENDED;
		return true;
	}
	return false;
}

bool
arbiter_next(struct arbiter *a, struct arbiter_action *action)
{
	return next_client(a, action) || next_line(a, action);
}
