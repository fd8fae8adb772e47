/*
 * The server role of RFC 2217: what each client command asks of the port, what is answered,
 * and which notifications leave when.
 *
 * Commands are dispatched by a table over the client codes.  One of them may be pending at the
 * port; the caller keeps the next ones until it is done, so that all answers stay in order.
 * Changes of modem and line state always go through a "not told yet" store, which is emptied
 * at once unless the client has suspended us.
 */
#include "rfc2217.h"

#include <string.h>

enum { STATE_BITS = 0xf0, DELTA_BITS = 0x0f };

/* When a 107 is owed: if any bit is left under the mask, or even if none is. */
enum { OWED_NOTHING, OWED_IF_ANY, OWED_EVEN_ZERO };

/* The answer that tells each kind of operation's value. */
static const uint8_t answer_codes[] = {
	[RFC2217_OP_BAUD] = RFC2217_ANSWER + RFC2217_SET_BAUDRATE,
	[RFC2217_OP_DATASIZE] = RFC2217_ANSWER + RFC2217_SET_DATASIZE,
	[RFC2217_OP_PARITY] = RFC2217_ANSWER + RFC2217_SET_PARITY,
	[RFC2217_OP_STOPSIZE] = RFC2217_ANSWER + RFC2217_SET_STOPSIZE,
	[RFC2217_OP_OUTFLOW] = RFC2217_ANSWER + RFC2217_SET_CONTROL,
	[RFC2217_OP_INFLOW] = RFC2217_ANSWER + RFC2217_SET_CONTROL,
	[RFC2217_OP_BREAK] = RFC2217_ANSWER + RFC2217_SET_CONTROL,
	[RFC2217_OP_DTR] = RFC2217_ANSWER + RFC2217_SET_CONTROL,
	[RFC2217_OP_RTS] = RFC2217_ANSWER + RFC2217_SET_CONTROL,
	[RFC2217_OP_MODEM] = RFC2217_ANSWER + RFC2217_NOTIFY_MODEMSTATE,
	[RFC2217_OP_PURGE] = RFC2217_ANSWER + RFC2217_PURGE_DATA,
};

/* The values 0 to 19 of SET-CONTROL as operations; a query's value is 0. */
static const struct rfc2217_op controls[] = {
	[RFC2217_OUT_QUERY] = { RFC2217_OP_OUTFLOW, 0 },
	[RFC2217_OUT_NONE] = { RFC2217_OP_OUTFLOW, RFC2217_OUT_NONE },
	[RFC2217_OUT_XONXOFF] = { RFC2217_OP_OUTFLOW, RFC2217_OUT_XONXOFF },
	[RFC2217_OUT_RTSCTS] = { RFC2217_OP_OUTFLOW, RFC2217_OUT_RTSCTS },
	[RFC2217_BREAK_QUERY] = { RFC2217_OP_BREAK, 0 },
	[RFC2217_BREAK_ON] = { RFC2217_OP_BREAK, RFC2217_BREAK_ON },
	[RFC2217_BREAK_OFF] = { RFC2217_OP_BREAK, RFC2217_BREAK_OFF },
	[RFC2217_DTR_QUERY] = { RFC2217_OP_DTR, 0 },
	[RFC2217_DTR_ON] = { RFC2217_OP_DTR, RFC2217_DTR_ON },
	[RFC2217_DTR_OFF] = { RFC2217_OP_DTR, RFC2217_DTR_OFF },
	[RFC2217_RTS_QUERY] = { RFC2217_OP_RTS, 0 },
	[RFC2217_RTS_ON] = { RFC2217_OP_RTS, RFC2217_RTS_ON },
	[RFC2217_RTS_OFF] = { RFC2217_OP_RTS, RFC2217_RTS_OFF },
	[RFC2217_IN_QUERY] = { RFC2217_OP_INFLOW, 0 },
	[RFC2217_IN_NONE] = { RFC2217_OP_INFLOW, RFC2217_IN_NONE },
	[RFC2217_IN_XONXOFF] = { RFC2217_OP_INFLOW, RFC2217_IN_XONXOFF },
	[RFC2217_IN_RTSCTS] = { RFC2217_OP_INFLOW, RFC2217_IN_RTSCTS },
	[RFC2217_OUT_DCD] = { RFC2217_OP_OUTFLOW, RFC2217_OUT_DCD },
	[RFC2217_IN_DTR] = { RFC2217_OP_INFLOW, RFC2217_IN_DTR },
	[RFC2217_OUT_DSR] = { RFC2217_OP_OUTFLOW, RFC2217_OUT_DSR },
};

/* Codes 1 to 4: the operation and the range of values that have a meaning. */
static const struct {
	enum rfc2217_what what;
	uint32_t min, max;
} settings[] = {
	[RFC2217_SET_BAUDRATE] = { RFC2217_OP_BAUD, 1, UINT32_MAX },
	[RFC2217_SET_DATASIZE] = { RFC2217_OP_DATASIZE, 5, 8 },
	[RFC2217_SET_PARITY] = { RFC2217_OP_PARITY, RFC2217_NONE, RFC2217_SPACE },
	[RFC2217_SET_STOPSIZE] = { RFC2217_OP_STOPSIZE, RFC2217_STOP_1, RFC2217_STOP_15 },
};

/* ---- what is sent ---- */

static void
send_value(struct rfc2217_server *s, uint8_t code, uint32_t value)
{
	struct rfc2217_command c = { .code = code, .value = value };
	uint8_t payload[RFC2217_PAYLOAD_MAX];
	int n = rfc2217_encode(&c, payload, sizeof payload);

	s->ops->send(s->ctx, payload, (size_t)n);
}

/* A gensio client cuts suboptions longer than 31 bytes. */
static void
send_text(struct rfc2217_server *s, const char *text)
{
	struct rfc2217_command c = { .code = RFC2217_ANSWER + RFC2217_SIGNATURE, .text = text };
	uint8_t payload[RFC2217_PAYLOAD_MAX];
	int n;

	c.text_len = strnlen(text, RFC2217_TEXT_MAX);
	n = rfc2217_encode(&c, payload, sizeof payload);
	s->ops->send(s->ctx, payload, (size_t)n);
}

static uint32_t
in_force(enum rfc2217_what what, const struct rfc2217_state *state)
{
	switch (what) {
	case RFC2217_OP_BAUD:
		return state->format.baud;
	case RFC2217_OP_DATASIZE:
		return state->format.datasize;
	case RFC2217_OP_PARITY:
		return state->format.parity;
	case RFC2217_OP_STOPSIZE:
		return state->format.stopsize;
	case RFC2217_OP_OUTFLOW:
		return state->format.outflow;
	case RFC2217_OP_INFLOW:
		return state->format.inflow;
	case RFC2217_OP_BREAK:
		return state->brk ? RFC2217_BREAK_ON : RFC2217_BREAK_OFF;
	case RFC2217_OP_DTR:
		return state->dtr ? RFC2217_DTR_ON : RFC2217_DTR_OFF;
	case RFC2217_OP_RTS:
		return state->rts ? RFC2217_RTS_ON : RFC2217_RTS_OFF;
	default: /* the modem state goes under a mask, and a purge leaves no value behind */
		return 0;
	}
}

/*
 * Only the answer to a poll makes the state known: were it taken from every operation's result,
 * the notification that is still to come of RI switching on would look like no change.
 */
static void
answer(struct rfc2217_server *s, const struct rfc2217_op *op, const struct rfc2217_state *state)
{
	uint32_t value = in_force(op->what, state);

	if (op->what == RFC2217_OP_PURGE)
		value = op->value;
	if (op->what == RFC2217_OP_MODEM) {
		s->modem = state->modem & STATE_BITS;
		value = s->modem & s->modem_mask;
	}
	send_value(s, answer_codes[op->what], value);
}

/* ---- notifications ---- */

static void
forget_untold(struct rfc2217_server *s)
{
	s->owed = OWED_NOTHING;
	s->deltas = 0;
	s->line_held = 0;
}

/* Sends what the client has not been told: at most one 107 and one 106 (R56, R62, R64). */
static void
tell_untold(struct rfc2217_server *s)
{
	uint8_t modem = (s->modem | s->deltas) & s->modem_mask;
	uint8_t line = s->line_held & s->line_mask;
	bool due = (s->owed == OWED_IF_ANY && modem != 0) ||
	    (s->owed == OWED_EVEN_ZERO && s->modem_mask != 0);

	if (s->suspended)
		return;
	if (s->agreed && due)
		send_value(s, RFC2217_ANSWER + RFC2217_NOTIFY_MODEMSTATE, modem);
	if (s->agreed && line != 0)
		send_value(s, RFC2217_ANSWER + RFC2217_NOTIFY_LINESTATE, line);
	forget_untold(s);
}

static void
owe_modem(struct rfc2217_server *s, uint8_t how)
{
	if (s->owed < how)
		s->owed = how;
	tell_untold(s);
}

void
rfc2217_server_modem(struct rfc2217_server *s, uint8_t state, uint8_t deltas)
{
	state &= STATE_BITS;
	deltas &= DELTA_BITS;
	if (state == s->modem && deltas == 0)
		return;
	s->modem = state;
	s->deltas |= deltas & s->modem_mask;
	owe_modem(s, OWED_IF_ANY);
}

void
rfc2217_server_tell_modem(struct rfc2217_server *s, uint8_t state)
{
	s->modem = state & STATE_BITS;
	owe_modem(s, OWED_EVEN_ZERO);
}

void
rfc2217_server_line(struct rfc2217_server *s, uint8_t bits)
{
	s->line_held |= bits & s->line_mask;
	tell_untold(s);
}

void
rfc2217_server_say(struct rfc2217_server *s, const char *words)
{
	/* An empty SIGNATURE would be a question (R30). */
	if (s->agreed && words[0] != '\0')
		send_text(s, words);
}

void
rfc2217_server_correct(struct rfc2217_server *s, enum rfc2217_what what,
    const struct rfc2217_state *state)
{
	if (what == RFC2217_OP_MODEM)
		rfc2217_server_tell_modem(s, state->modem);
	else if (s->agreed && what != RFC2217_OP_PURGE)
		send_value(s, answer_codes[what], in_force(what, state));
}

/* ---- the client's commands ---- */

static int
operate(struct rfc2217_server *s, struct rfc2217_op op)
{
	struct rfc2217_state state = { .modem = 0 };
	int result = s->ops->operate(s->ctx, &op, &state);

	if (result == RFC2217_PENDING) {
		s->pending = op;
		s->is_pending = true;
		s->mute = false;
		return RFC2217_PENDING;
	}
	answer(s, &op, &state);
	return 0;
}

static int
on_signature(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	if (c->text_len == 0)
		send_text(s, s->signature);
	return 0;
}

/* A value without a meaning is answered like a query (R27). */
static int
on_setting(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	struct rfc2217_op op = { .what = settings[c->code].what, .value = c->value };

	if (c->value < settings[c->code].min || c->value > settings[c->code].max)
		op.value = 0;
	return operate(s, op);
}

static int
on_control(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	if (c->value >= sizeof controls / sizeof controls[0])
		return 0;
	return operate(s, controls[c->value]);
}

static int
on_poll_line(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	uint8_t line = s->line_held & s->line_mask;

	s->line_held = 0;
	send_value(s, RFC2217_ANSWER + c->code, line);
	return 0;
}

static int
on_poll_modem(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	struct rfc2217_op op = { .what = RFC2217_OP_MODEM, .value = 0 };

	(void)c;
	return operate(s, op);
}

static void
suspend(struct rfc2217_server *s, bool on)
{
	if (s->suspended == on)
		return;
	s->suspended = on;
	s->ops->suspend(s->ctx, on);
	tell_untold(s);
}

static int
on_flowcontrol(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	suspend(s, c->code == RFC2217_SUSPEND);
	return 0;
}

/* What is not told yet and falls outside the new mask will not be told (R56). */
static int
on_line_mask(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	s->line_mask = (uint8_t)c->value;
	s->line_held &= s->line_mask;
	s->ops->masks(s->ctx, s->modem_mask, s->line_mask);
	send_value(s, RFC2217_ANSWER + c->code, s->line_mask);
	return 0;
}

static int
on_modem_mask(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	s->modem_mask = (uint8_t)c->value;
	s->deltas &= s->modem_mask;
	s->ops->masks(s->ctx, s->modem_mask, s->line_mask);
	send_value(s, RFC2217_ANSWER + c->code, s->modem_mask);
	owe_modem(s, OWED_IF_ANY); /* R60 */
	return 0;
}

static int
on_purge(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	struct rfc2217_op op = { .what = RFC2217_OP_PURGE, .value = c->value };

	return rfc2217_changes(c) ? operate(s, op) : 0;
}

static int (*const handlers[])(struct rfc2217_server *, const struct rfc2217_command *) = {
	[RFC2217_SIGNATURE] = on_signature,
	[RFC2217_SET_BAUDRATE] = on_setting,
	[RFC2217_SET_DATASIZE] = on_setting,
	[RFC2217_SET_PARITY] = on_setting,
	[RFC2217_SET_STOPSIZE] = on_setting,
	[RFC2217_SET_CONTROL] = on_control,
	[RFC2217_NOTIFY_LINESTATE] = on_poll_line,
	[RFC2217_NOTIFY_MODEMSTATE] = on_poll_modem,
	[RFC2217_SUSPEND] = on_flowcontrol,
	[RFC2217_RESUME] = on_flowcontrol,
	[RFC2217_SET_LINESTATE_MASK] = on_line_mask,
	[RFC2217_SET_MODEMSTATE_MASK] = on_modem_mask,
	[RFC2217_PURGE_DATA] = on_purge,
};

int
rfc2217_server_input(struct rfc2217_server *s, const struct rfc2217_command *c)
{
	if (c->code >= sizeof handlers / sizeof handlers[0])
		return RFC2217_E_CODE;
	if (s->refused)
		return 0;
	if (s->is_pending && handlers[c->code] != on_flowcontrol)
		return RFC2217_E_BUSY;
	return handlers[c->code](s, c);
}

void
rfc2217_server_done(struct rfc2217_server *s, const struct rfc2217_state *state)
{
	if (!s->is_pending)
		return;
	s->is_pending = false;
	if (!s->mute)
		answer(s, &s->pending, state);
}

/* ---- a session's course ---- */

void
rfc2217_server_init(struct rfc2217_server *s, const struct rfc2217_server_ops *ops, void *ctx,
    const char *signature)
{
	memset(s, 0, sizeof *s);
	s->ops = ops;
	s->ctx = ctx;
	s->signature = signature;
	s->modem_mask = 255;
}

void
rfc2217_server_agreed(struct rfc2217_server *s, uint8_t modem)
{
	if (s->agreed)
		return;
	s->agreed = true;
	s->refused = false;
	forget_untold(s);
	rfc2217_server_tell_modem(s, modem);
}

/*
 * The suspension ends too: its RESUME will not come any more, and data must flow on (R21).
 * A command at the port is finished there, but not answered.
 */
void
rfc2217_server_stopped(struct rfc2217_server *s)
{
	s->agreed = false;
	s->refused = true;
	s->mute = s->is_pending;
	suspend(s, false); /* and with it what was not told */
}

bool
rfc2217_server_suspended(const struct rfc2217_server *s)
{
	return s->suspended;
}
