/*
 * Who owns a line and who is held for it, see arbiter.h.
 *
 * A line is owned exactly while it has an owner, and clients are held only while it is in hand-over,
 * or its owner is ending and hand-over comes next: at its end the first of them has the line and the others are told who has it.
 */
#include "sharing/arbiter.h"

static void
add(struct arbiter_todo *todo, enum arbiter_do what, struct arbiter_client *client, size_t number)
{
	if (todo->n < sizeof todo->list / sizeof todo->list[0])
		todo->list[todo->n++] = (struct arbiter_action){ what, client, number };
}

void
arbiter_line_init(struct arbiter_line *line, size_t limit)
{
	*line = (struct arbiter_line){ .state = ARBITER_OUT };
	line->limit = limit < ARBITER_HELD_MAX ? limit : ARBITER_HELD_MAX;
	TAILQ_INIT(&line->held);
}

void
arbiter_client_init(struct arbiter_client *client)
{
	*client = (struct arbiter_client){ .place = ARBITER_NOWHERE };
}

static void
grant(struct arbiter_line *line, struct arbiter_client *client, struct arbiter_todo *todo)
{
	client->line = line;
	client->place = ARBITER_OWNER;
	line->owner = client;
	line->state = ARBITER_OWNED;
	line->ending = false;
	add(todo, ARBITER_GRANT, client, 0);
}

static void
hold(struct arbiter_line *line, struct arbiter_client *client, struct arbiter_todo *todo)
{
	client->line = line;
	client->place = ARBITER_HELD;
	TAILQ_INSERT_TAIL(&line->held, client, entry);
	line->n_held++;
	add(todo, ARBITER_HOLD, client, line->n_held);
}

static void
unhold(struct arbiter_line *line, struct arbiter_client *client)
{
	TAILQ_REMOVE(&line->held, client, entry);
	line->n_held--;
	client->line = NULL;
	client->place = ARBITER_NOWHERE;
}

static void
refuse_held(struct arbiter_line *line, enum arbiter_do why, struct arbiter_todo *todo)
{
	struct arbiter_client *client;

	while ((client = TAILQ_FIRST(&line->held)) != NULL) {
		unhold(line, client);
		add(todo, why, client, 0);
	}
}

static void
hold_or_refuse(struct arbiter_line *line, struct arbiter_client *client, struct arbiter_todo *todo)
{
	if (line->n_held < line->limit)
		hold(line, client, todo);
	else
		add(todo, ARBITER_REFUSE_FULL, client, 0);
}

void
arbiter_claim(struct arbiter_line *line, struct arbiter_client *client, struct arbiter_todo *todo)
{
	switch (line->state) {
	case ARBITER_OUT:
		add(todo, ARBITER_REFUSE_OUT, client, 0);
		break;
	case ARBITER_HANDOVER:
		hold_or_refuse(line, client, todo);
		break;
	case ARBITER_FREE:
		grant(line, client, todo);
		break;
	case ARBITER_OWNED:
		if (line->ending)
			hold_or_refuse(line, client, todo);
		else
			add(todo, ARBITER_REFUSE_BUSY, client, 0);
		break;
	}
}

void
arbiter_ending(struct arbiter_client *client)
{
	if (client->place == ARBITER_OWNER)
		client->line->ending = true;
}

static void
leave_place(struct arbiter_client *client, struct arbiter_todo *todo)
{
	struct arbiter_line *line = client->line;
	struct arbiter_client *next = TAILQ_NEXT(client, entry), *before;
	size_t place = 1;

	TAILQ_FOREACH(before, &line->held, entry) {
		if (before == client)
			break;
		place++;
	}
	unhold(line, client);
	for (; next != NULL; next = TAILQ_NEXT(next, entry))
		add(todo, ARBITER_HOLD, next, place++);
}

void
arbiter_leave(struct arbiter_client *client, struct arbiter_todo *todo)
{
	struct arbiter_line *line = client->line;

	if (client->place == ARBITER_HELD) {
		leave_place(client, todo);
	} else if (client->place == ARBITER_OWNER) {
		arbiter_client_init(client);
		line->owner = NULL;
		line->state = ARBITER_HANDOVER;
		add(todo, ARBITER_START_HANDOVER, NULL, 0);
	}
}

void
arbiter_found(struct arbiter_line *line)
{
	if (line->state == ARBITER_OUT)
		line->state = ARBITER_HANDOVER;
}

void
arbiter_ready(struct arbiter_line *line, struct arbiter_todo *todo)
{
	struct arbiter_client *first;

	if (line->state != ARBITER_HANDOVER)
		return;
	line->state = ARBITER_FREE;
	first = TAILQ_FIRST(&line->held);
	if (first == NULL)
		return;
	unhold(line, first);
	grant(line, first, todo);
	refuse_held(line, ARBITER_REFUSE_BUSY, todo);
}

void
arbiter_out(struct arbiter_line *line, struct arbiter_todo *todo)
{
	if (line->state == ARBITER_OWNED)
		return;
	line->state = ARBITER_OUT;
	refuse_held(line, ARBITER_REFUSE_OUT, todo);
}
