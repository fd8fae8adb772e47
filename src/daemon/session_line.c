/*
 * What the line tells the session that owns it, and the bytes on their way to the client.
 */
#include "daemon/session_parts.h"

void
session_note_queued(struct session *s, uint64_t before)
{
	uint64_t n = s->outbox.ring.used - before;
	struct peer_sample sample = { .queued = s->queued + n, .waiting = n };

	s->queued += n;
	if (n > 0)
		peer_queued(&s->peer, &sample, session_now(s));
}

static size_t
on_room(void *ctx)
{
	struct session *s = ctx;
	size_t room, span;

	if (s->setting_up)
		return LOOP_SCRATCH;
	room = s->suspended ? 0 : outbox_data_room(&s->outbox);
	if (room > 0 && ring_reserve(&s->outbox.ring, &span) == NULL) {
		room = 0; /* no memory: what the line brings stays there for a while */
		s->retry = msec_add(session_now(s), SESSION_RETRY);
		session_settle(s);
	}
	s->line_paused = room == 0;
	if (s->suspended) {
		/* What is left in the tty waits for this client too: it may stall by it (R64). */
		struct peer_sample one = { .queued = s->queued + 1, .waiting = 1 };

		peer_queued(&s->peer, &one, session_now(s));
		session_settle(s);
	}
	return room;
}

static void
on_line_data(void *ctx, const uint8_t *b, size_t n)
{
	struct session *s = ctx;
	uint64_t before = s->outbox.ring.used;

	if (s->setting_up)
		return;
	s->to_client += outbox_encode(&s->outbox, s->nvt, b, n);
	session_note_queued(s, before);
	tenure_line_bytes(&s->tenure, session_now(s));
	session_calls_came(s, b, n);
	session_settle(s);
}

static void
on_writable(void *ctx)
{
	struct session *s = ctx;

	s->writable = true;
	session_settle(s);
}

static void
on_modem(void *ctx, uint8_t state, uint8_t deltas)
{
	struct session *s = ctx;

	session_judge_carrier(s, state);
	if (!s->setting_up)
		rfc2217_server_modem(&s->server, state, deltas);
	session_settle(s);
}

static void
on_errors(void *ctx, uint8_t bits)
{
	struct session *s = ctx;

	rfc2217_server_line(&s->server, bits);
	session_settle(s);
}

static void
on_call(void *ctx, enum port_call call)
{
	session_calls_told(ctx, call);
	session_settle(ctx);
}

static void
on_gone(void *ctx, const char *reason)
{
	session_cut(ctx, CUT_GONE, reason);
	session_settle(ctx);
}

const struct line_owner session_line_owner = {
	.room = on_room,
	.data = on_line_data,
	.writable = on_writable,
	.modem = on_modem,
	.errors = on_errors,
	.call = on_call,
	.gone = on_gone,
};
