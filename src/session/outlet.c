/*
 * Bytes on their way to the client: what the line brings, and what is answered.
 */
#include "session/parts.h"

static void
note_queued(struct session *s, uint64_t before)
{
	uint64_t n = s->outbox.ring.used - before;
	struct peer_sample sample = { .queued = s->queued + n, .waiting = n };

	s->queued += n;
	if (n > 0)
		peer_queued(&s->peer, &sample, session_now(s));
}

bool
session_queue(struct session *s, const void *b, size_t n)
{
	uint64_t before = s->outbox.ring.used;
	bool fits = outbox_command(&s->outbox, b, n);

	note_queued(s, before);
	session_wake(s);
	/* An empty box has room, so there was no memory; who misses an answer may wait for ever. */
	if (!fits && before == 0) {
		s->why = "no memory";
		session_note(s, DOOR_LOST);
	}
	return fits;
}

/* ---- what the line brings ---- */

size_t
session_room(struct session *s)
{
	size_t room, span;

	if (s->setting_up)
		return LOOP_SCRATCH;
	room = s->suspended ? 0 : outbox_data_room(&s->outbox);
	if (room > 0 && ring_reserve(&s->outbox.ring, &span) == NULL) {
		room = 0; /* no memory: what the line brings stays there for a while */
		s->retry = msec_add(session_now(s), SESSION_RETRY);
		session_wake(s);
	} else if (room > 0 && s->outbox.ring.used == 0) {
		session_wake(s); /* which gives that memory back, if nothing comes after all */
	}
	s->line_paused = room == 0;
	if (s->suspended) {
		/* What is left in the tty waits for this client too: it may stall by it (R64). */
		struct peer_sample one = { .queued = s->queued + 1, .waiting = 1 };

		peer_queued(&s->peer, &one, session_now(s));
		session_wake(s);
	}
	return room;
}

void
session_came(struct session *s, const uint8_t *b, size_t n)
{
	uint64_t before = s->outbox.ring.used;

	if (s->setting_up)
		return;
	s->to_client += outbox_encode(&s->outbox, s->nvt, b, n);
	note_queued(s, before);
	tenure_line_bytes(&s->tenure, session_now(s));
	session_calls_came(s, b, n);
	session_wake(s);
}

/* ---- room for answers ---- */

/* Answers that a client has made us keep. */
static size_t
kept(const struct session *s)
{
	return s->outbox.ring.used > s->suspended_at ? s->outbox.ring.used - s->suspended_at : 0;
}

size_t
session_answer_room(const struct session *s)
{
	size_t room = outbox_answer_room(&s->outbox), promised = s->inorder.count * SESSION_ANSWER;

	if (s->suspended)
		room = kept(s) < SESSION_SUSPENDED ? SESSION_SUSPENDED - kept(s) : 0;
	return room > promised ? room - promised : 0;
}

/*
 * A client that has suspended us and asks on would never be read to its RESUME once no more answers can be
 * kept: what is there is sent then all the same, and it is suspended again when that has gone.
 */
static void
spill(struct session *s)
{
	bool input = transport_paused(s->transport) || (s->nvt != NULL && nvt_waiting(s->nvt));

	if (!s->suspended || s->spilling || !input || kept(s) + NVT_ANSWER_ROOM <= SESSION_SUSPENDED)
		return;
	s->spilling = true;
	s->suspended_at = 0;
	transport_hold(s->transport, false);
}

void
session_sent(struct session *s, size_t n)
{
	bool input = transport_paused(s->transport) || (s->nvt != NULL && nvt_waiting(s->nvt));

	outbox_sent(&s->outbox, n);
	if (s->spilling && s->outbox.ring.used == 0) {
		s->spilling = false;
		transport_hold(s->transport, true);
	}
	if (s->line_paused || input)
		session_wake(s);
}

void
session_let_out(struct session *s)
{
	spill(s);
	if (!s->line_paused || !s->owns || s->suspended || outbox_data_room(&s->outbox) == 0)
		return;
	s->line_paused = false;
	line_resume(s->line);
}
