/*
 * Carries out what the arbiter decides, see broker.h.
 */
#include "daemon/broker.h"

#include "sharing/arbiter.h"

static void
carry_out_one(const struct arbiter_action *a)
{
	switch (a->what) {
	case ARBITER_GRANT:
		session_granted(session_of_seat(a->client));
		break;
	case ARBITER_WAIT:
		session_held(session_of_seat(a->client), a->number);
		break;
	case ARBITER_REFUSE_BUSY:
	case ARBITER_REFUSE_TWICE:
	case ARBITER_REFUSE_WAITED:
	case ARBITER_REFUSE_GONE:
		session_refused(session_of_seat(a->client), SESSION_BUSY);
		break;
	case ARBITER_REFUSE_FULL:
		session_refused(session_of_seat(a->client), SESSION_FULL);
		break;
	case ARBITER_REFUSE_OUT:
		session_refused(session_of_seat(a->client), SESSION_OUT);
		break;
	case ARBITER_START_HANDOVER:
		line_release(line_of_seat(a->line));
		break;
	case ARBITER_PREPARE:
	case ARBITER_CONTENDED:
	case ARBITER_UNCONTENDED:
		break;
	}
}

/* All there is, also when it is called while one is carried out: nothing is left when it returns. */
static void
carry_out(struct session_house *house)
{
	struct arbiter_action action;

	while (arbiter_next(&house->arbiter, &action))
		carry_out_one(&action);
}

void
broker_add_line(struct line *line)
{
	arbiter_line_init(line_seat(line), false);
}

void
broker_add_service(struct session_house *house, struct line *line, size_t limit)
{
	const struct arbiter_rules rules = { .limit = limit };

	arbiter_service_init(line_queue(line), &rules);
	line_member(line)->line = line_seat(line);
	arbiter_service_lines(&house->arbiter, line_queue(line), line_member(line), 1);
	carry_out(house);
}

void
broker_claim(struct session *s)
{
	struct session_house *house = session_house(s);

	arbiter_claim(&house->arbiter, line_queue(session_line(s)), session_seat(s),
	    loop_now(house->loop));
	carry_out(house);
}

void
broker_ending(struct session *s)
{
	arbiter_ending(session_seat(s));
}

void
broker_leave(struct session *s)
{
	struct session_house *house = session_house(s);

	arbiter_leave(&house->arbiter, session_seat(s), false, loop_now(house->loop));
	carry_out(house);
}

void
broker_line_found(struct line *line)
{
	arbiter_found(line_seat(line));
}

void
broker_line_ready(struct session_house *house, struct line *line)
{
	arbiter_ready(&house->arbiter, line_seat(line), loop_now(house->loop));
	carry_out(house);
}

void
broker_line_out(struct session_house *house, struct line *line)
{
	arbiter_out(&house->arbiter, line_seat(line));
	carry_out(house);
}
