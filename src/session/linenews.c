/*
 * What the line tells the session that owns it.
 */
#include "session/parts.h"

static size_t
on_room(void *ctx)
{
	return session_room(ctx);
}

static void
on_data(void *ctx, const uint8_t *b, size_t n)
{
	session_came(ctx, b, n);
}

static void
on_writable(void *ctx)
{
	struct session *s = ctx;

	s->writable = true;
	session_wake(s);
}

static void
on_modem(void *ctx, uint8_t state, uint8_t deltas)
{
	struct session *s = ctx;

	session_judge_carrier(s, state);
	if (!s->setting_up)
		rfc2217_server_modem(&s->server, state, deltas);
	session_wake(s);
}

static void
on_errors(void *ctx, uint8_t bits)
{
	struct session *s = ctx;

	rfc2217_server_line(&s->server, bits);
	session_wake(s);
}

static void
on_call(void *ctx, enum port_call call)
{
	session_calls_told(ctx, call);
	session_wake(ctx);
}

static void
on_gone(void *ctx, const char *reason)
{
	session_cut(ctx, CUT_GONE, reason);
}

const struct line_owner session_line_owner = {
	.room = on_room,
	.data = on_data,
	.writable = on_writable,
	.modem = on_modem,
	.errors = on_errors,
	.call = on_call,
	.gone = on_gone,
};
