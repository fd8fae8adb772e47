/*
 * RFC 2217 operations of a session: on the line while it owns it, on remembered values else.
 */
#include <string.h>

#include "ports/settings.h"
#include "session/parts.h"

/* What a client sees of a line that it must not see: C-Kermit claims only with carrier. */
#define SHOWN_TO_REFUSED (RFC2217_DCD | RFC2217_DSR | RFC2217_CTS)

void
session_remember(struct session *s)
{
	s->remembered.format = line_conf(s->line)->setup->format;
	s->remembered.dtr = s->remembered.rts = true;
}

/* The modem state that this client may know of, without asking the port. */
static uint8_t
visible_modem(struct session *s)
{
	session_look(s);
	switch (s->door.state) {
	case DOOR_OWNS:
	case DOOR_DRAINS:
		return line_state(s->line)->rfc.modem;
	case DOOR_WAITS:
		return 0;
	case DOOR_OPEN:
		break;
	default: /* as it was told with the refusal or the cut */
		return s->server.modem;
	}
	switch (line_seat(s->line)->state) {
	case ARBITER_FREE:
		return line_state(s->line)->rfc.modem;
	case ARBITER_HANDOVER:
		return 0;
	default:
		return SHOWN_TO_REFUSED;
	}
}

static void watch_as_asked(struct session *);

/* ---- operations of the protocol ---- */

/* What it set before it had a line; all else is that line's of which is spoken, or which it gets.  The two
 * directions of flow control are chosen together. */
static struct rfc2217_format
asked_format(const struct session *s)
{
	struct rfc2217_format f = line_conf(s->line)->setup->format;
	const struct rfc2217_format *asked = &s->remembered.format;

	if ((s->set & 1u << RFC2217_OP_BAUD) != 0)
		f.baud = asked->baud;
	if ((s->set & 1u << RFC2217_OP_DATASIZE) != 0)
		f.datasize = asked->datasize;
	if ((s->set & 1u << RFC2217_OP_PARITY) != 0)
		f.parity = asked->parity;
	if ((s->set & 1u << RFC2217_OP_STOPSIZE) != 0)
		f.stopsize = asked->stopsize;
	if ((s->set & (1u << RFC2217_OP_OUTFLOW | 1u << RFC2217_OP_INFLOW)) != 0) {
		f.outflow = asked->outflow;
		f.inflow = asked->inflow;
	}
	return f;
}

static int
operate_remembered(struct session *s, const struct rfc2217_op *op, struct rfc2217_state *state)
{
	uint8_t modem = visible_modem(s); /* which has chosen the line to speak of, too */

	s->remembered.format = asked_format(s);
	if (op->what <= RFC2217_OP_INFLOW)
		s->asked_settings = true;
	if (op->value != 0) {
		settings_set(&s->remembered, op);
		if (op->what <= RFC2217_OP_INFLOW)
			s->set |= (uint8_t)(1u << op->what);
	}
	*state = s->remembered;
	state->modem = modem;
	return RFC2217_OK;
}

static void
on_operated(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	(void)failed; /* the value in force is the answer either way (R27) */
	if (s->op_starting) {
		s->op_starting = false; /* at once: submit() tells */
		return;
	}
	session_judge_dtr(s, state->rfc.dtr);
	rfc2217_server_done(&s->server, &state->rfc);
	inorder_answered(&s->inorder, session_now(s));
	session_wake(s);
}

static int
submit(struct session *s, const struct port_op *op, struct rfc2217_state *state)
{
	bool pending;

	s->op_starting = true;
	line_submit(s->line, op, on_operated, s);
	pending = s->op_starting;
	s->op_starting = false;
	if (pending)
		return RFC2217_PENDING;
	*state = line_state(s->line)->rfc;
	session_judge_dtr(s, state->dtr);
	return RFC2217_OK;
}

/* While suspended no data is added, so what goes was there before. */
static void
purge_outbox(struct session *s)
{
	uint32_t used = s->outbox.ring.used, dropped;

	outbox_purge_data(&s->outbox);
	dropped = used - s->outbox.ring.used;
	s->suspended_at -= dropped < s->suspended_at ? dropped : s->suspended_at;
}

/* What waits to be sent to the line was dropped when the command came; here its place is reached. */
static int
purge(struct session *s, uint32_t what, struct rfc2217_state *state)
{
	struct port_op op = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_RX };

	*state = line_state(s->line)->rfc;
	if (what == RFC2217_PURGE_TX)
		return RFC2217_OK;
	purge_outbox(s);
	return submit(s, &op, state);
}

static bool
known_without_asking(const struct session *s, const struct rfc2217_op *op)
{
	if (op->value != 0)
		return false;
	if (op->what == RFC2217_OP_MODEM)
		return (s->watch & 1) != 0 || !line_state(s->line)->lines;
	return op->what <= RFC2217_OP_INFLOW;
}

static int
operate_line(struct session *s, const struct rfc2217_op *op, struct rfc2217_state *state)
{
	struct port_op port_op = { .kind = PORT_SET, .set = *op };

	if (known_without_asking(s, op)) {
		*state = line_state(s->line)->rfc;
		return RFC2217_OK;
	}
	if (op->what == RFC2217_OP_PURGE)
		return purge(s, op->value, state);
	if (op->value == 0)
		port_op.kind = PORT_TELL;
	else if (op->what <= RFC2217_OP_STOPSIZE)
		port_op.drain_ms = s->drain_ms;
	return submit(s, &port_op, state);
}

static int
on_operate(void *ctx, const struct rfc2217_op *op, struct rfc2217_state *state)
{
	struct session *s = ctx;

	return s->owns ? operate_line(s, op, state) : operate_remembered(s, op, state);
}

static void
on_send(void *ctx, const uint8_t *payload, size_t n)
{
	struct session *s = ctx;
	uint8_t frame[RFC2217_FRAME_MAX];
	int len = rfc2217_frame(payload, n, frame, sizeof frame);

	if (len > 0)
		session_queue(s, frame, (size_t)len);
}

static void
on_masks(void *ctx, uint8_t modem, uint8_t line)
{
	(void)modem;
	(void)line;
	watch_as_asked(ctx);
}

static void
on_suspend(void *ctx, bool on)
{
	struct session *s = ctx;

	s->suspended = on;
	s->spilling = false;
	s->suspended_at = s->outbox.ring.used;
	transport_hold(s->transport, on);
	session_wake(s);
}

const struct rfc2217_server_ops session_server_ops = {
	.operate = on_operate,
	.send = on_send,
	.masks = on_masks,
	.suspend = on_suspend,
};

/* ---- agreement ---- */

/* It may have refused after all meanwhile. */
static void
tell_agreed(struct session *s)
{
	if (nvt_comport(s->nvt) == NVT_AGREED)
		rfc2217_server_agreed(&s->server, visible_modem(s));
	session_wake(s);
}

static void
on_asked(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	(void)failed;
	(void)state;
	s->asked = NULL;
	tell_agreed(s);
}

void
session_unask(struct session *s)
{
	line_forget(s->asked, s);
	s->asked = NULL;
	tell_agreed(s);
}

void
session_agreed(struct session *s)
{
	const struct port_op tell = { .kind = PORT_TELL };

	session_look(s);
	if (line_seat(s->line)->state == ARBITER_FREE && s->asked == NULL) {
		s->asked = s->line;
		line_submit(s->line, &tell, on_asked, s);
	} else {
		tell_agreed(s);
	}
	watch_as_asked(s);
}

void
session_refuses(struct session *s)
{
	rfc2217_server_stopped(&s->server);
	watch_as_asked(s);
}

/* ---- the grant ---- */

/* Tells the client where the line is not as it asked for before it had it. */
static void
correct(struct session *s, const struct rfc2217_format *is)
{
	const struct rfc2217_format *asked = &s->remembered.format;
	const struct rfc2217_state *state = &line_state(s->line)->rfc;
	const bool wrong[] = {
		[RFC2217_OP_BAUD] = asked->baud != is->baud,
		[RFC2217_OP_DATASIZE] = asked->datasize != is->datasize,
		[RFC2217_OP_PARITY] = asked->parity != is->parity,
		[RFC2217_OP_STOPSIZE] = asked->stopsize != is->stopsize,
		[RFC2217_OP_OUTFLOW] = asked->outflow != is->outflow,
		[RFC2217_OP_INFLOW] = asked->inflow != is->inflow,
	};
	int what;

	for (what = RFC2217_OP_BAUD; what <= RFC2217_OP_INFLOW; what++)
		if (wrong[what])
			rfc2217_server_correct(&s->server, (enum rfc2217_what)what, state);
}

static void
on_set_up(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	s->setting_up = false;
	s->not_set_up = failed;
	if (failed != NULL) {
		session_wake(s);
		return;
	}
	if (s->asked_settings)
		correct(s, &state->rfc.format);
	session_judge_carrier(s, state->rfc.modem);
	rfc2217_server_tell_modem(&s->server, state->rfc.modem);
	session_wake(s);
}

/* Mostly it is when somebody waits for it: then its hand-over has left nothing to be set up. */
static bool
is_set_up(const struct session *s)
{
	const struct rfc2217_state *is = &line_state(s->line)->rfc;

	return line_is_fresh(s->line) && s->set == 0 && !s->remembered.brk && !is->brk &&
	    is->dtr == s->remembered.dtr && is->rts == s->remembered.rts;
}

/* All at once: the port carries them out in this order, and what the line brings until the end of
 * them is from before the grant (R4). */
void
session_set_up(struct session *s)
{
	struct port_op purge_rx = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_BOTH };
	struct port_op signals = { .kind = PORT_SIGNALS, .mask = PORT_DTR | PORT_RTS };
	struct port_op apply = { .kind = PORT_APPLY, .format = asked_format(s) };
	struct port_op tell = { .kind = PORT_TELL };

	if (is_set_up(s)) {
		watch_as_asked(s);
		on_set_up(s, NULL, line_state(s->line));
		return;
	}
	s->setting_up = true;
	signals.values = (uint8_t)((s->remembered.dtr ? PORT_DTR : 0) |
	    (s->remembered.rts ? PORT_RTS : 0));
	if (s->remembered.brk) {
		signals.mask |= PORT_BRK;
		signals.values |= PORT_BRK;
	}
	line_submit(s->line, &purge_rx, NULL, s);
	line_submit(s->line, &signals, NULL, s);
	if (s->set != 0)
		line_submit(s->line, &apply, NULL, s);
	watch_as_asked(s);
	line_submit(s->line, &tell, on_set_up, s);
}

/* ---- watching ---- */

static void
on_watching(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	(void)failed; /* a port that cannot be watched reports nothing, ever */
	s->watch_asked = false;
	if (!s->setting_up && state->rfc.modem != s->server.modem)
		rfc2217_server_modem(&s->server, state->rfc.modem, 0);
	watch_as_asked(s); /* the masks may have changed meanwhile */
}

static void
watch_as_asked(struct session *s)
{
	bool comport = s->nvt != NULL && nvt_comport(s->nvt) == NVT_AGREED;
	struct port_op op = { .kind = PORT_WATCH };
	uint8_t watch;

	if (!s->owns || s->watch_asked)
		return;
	op.modem = (comport && s->server.modem_mask != 0) || session_calls_by_carrier(s);
	op.errors = comport && s->server.line_mask != 0;
	watch = (uint8_t)((op.modem ? 1 : 0) | (op.errors ? 2 : 0));
	if (watch == s->watch)
		return;
	s->watch = watch;
	s->watch_asked = true; /* one at a time, however fast a client changes its masks */
	line_submit(s->line, &op, on_watching, s);
}
