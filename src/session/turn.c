/*
 * What has happened to a session and is not acted on yet.
 */
#include "session/parts.h"

#include <stddef.h>

struct session *
session_of_seat(struct arbiter_client *seat)
{
	return (struct session *)(void *)((char *)seat - offsetof(struct session, seat));
}

void
session_wake(struct session *s)
{
	if (s->running)
		s->again = true;
	else if (!s->closed)
		loop_soon(s->house->loop, &s->turn);
}

static bool
is_decision(enum door_event event)
{
	return event == DOOR_GRANTED || event == DOOR_HELD || event == DOOR_QUEUED || event == DOOR_REFUSED;
}

/* Those that stay keep their order. */
static void
drop_decisions(struct session *s)
{
	uint8_t i, n = 0;

	for (i = 0; i < s->n_events; i++)
		if (!is_decision(s->events[i]))
			s->events[n++] = s->events[i];
	s->n_events = n;
}

bool
session_is_noted(const struct session *s, enum door_event event)
{
	uint8_t i;

	for (i = 0; i < s->n_events; i++)
		if (s->events[i] == event)
			return true;
	return false;
}

bool
session_is_decided(const struct session *s)
{
	uint8_t i;

	for (i = 0; i < s->n_events; i++)
		if (is_decision(s->events[i]))
			return true;
	return false;
}

void
session_note(struct session *s, enum door_event event)
{
	session_wake(s);
	if (is_decision(event))
		drop_decisions(s);
	if (!session_is_noted(s, event))
		s->events[s->n_events++] = (uint8_t)event;
}
