/*
 * What the line tells the session that owns it, and the bytes on their way to the client.
 */
#include "daemon/session_parts.h"

void
session_set_call(struct session *s, enum tenure_call call)
{
	if (call == s->call && call != TENURE_DIALS)
		return; /* dialling again begins its time again */
	if (s->call == TENURE_IN_CALL)
		dialwatch_init(&s->dial);
	s->call = call;
	tenure_call(&s->tenure, call, session_now(s));
}

bool
session_calls_by_carrier(const struct session *s)
{
	return line_conf(s->line)->kind == CONF_MODEM && !line_tells_calls(s->line) &&
	    line_trusts_carrier(s->line);
}

void
session_judge_carrier(struct session *s, uint8_t modem)
{
	if (!session_calls_by_carrier(s))
		return;
	if ((modem & RFC2217_DCD) != 0)
		session_set_call(s, TENURE_IN_CALL);
	else if (s->call == TENURE_IN_CALL)
		session_set_call(s, TENURE_NO_CALL);
}

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
	static const enum tenure_call same[] = {
		[PORT_NO_CALL] = TENURE_NO_CALL,
		[PORT_DIALLING] = TENURE_DIALS,
		[PORT_IN_CALL] = TENURE_IN_CALL,
	};

	session_set_call(ctx, same[call]);
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
