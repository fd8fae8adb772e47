/*
 * Carries out what the arbiter decides, see broker.h.
 */
#include "daemon/broker.h"

#include "sharing/arbiter.h"

static void
carry_out(struct line *line, const struct arbiter_todo *todo)
{
	const struct arbiter_action *a;

	for (a = todo->list; a < todo->list + todo->n; a++) {
		switch (a->what) {
		case ARBITER_GRANT:
			session_granted(session_of_seat(a->client));
			break;
		case ARBITER_HOLD:
			session_held(session_of_seat(a->client), a->number);
			break;
		case ARBITER_REFUSE_BUSY:
			session_refused(session_of_seat(a->client), SESSION_BUSY);
			break;
		case ARBITER_REFUSE_FULL:
			session_refused(session_of_seat(a->client), SESSION_FULL);
			break;
		case ARBITER_REFUSE_OUT:
			session_refused(session_of_seat(a->client), SESSION_OUT);
			break;
		case ARBITER_START_HANDOVER:
			line_release(line);
			break;
		}
	}
}

void
broker_add_line(struct line *line, size_t limit)
{
	arbiter_line_init(line_seat(line), limit);
}

void
broker_claim(struct session *s)
{
	struct line *line = session_line(s);
	struct arbiter_todo todo = { .n = 0 };

	arbiter_claim(line_seat(line), session_seat(s), &todo);
	carry_out(line, &todo);
}

void
broker_ending(struct session *s)
{
	arbiter_ending(session_seat(s));
}

void
broker_leave(struct session *s)
{
	struct line *line = session_line(s);
	struct arbiter_todo todo = { .n = 0 };

	arbiter_leave(session_seat(s), &todo);
	carry_out(line, &todo);
}

void
broker_line_found(struct line *line)
{
	arbiter_found(line_seat(line));
}

void
broker_line_ready(struct line *line)
{
	struct arbiter_todo todo = { .n = 0 };

	arbiter_ready(line_seat(line), &todo);
	carry_out(line, &todo);
}

void
broker_line_out(struct line *line)
{
	struct arbiter_todo todo = { .n = 0 };

	arbiter_out(line_seat(line), &todo);
	carry_out(line, &todo);
}
