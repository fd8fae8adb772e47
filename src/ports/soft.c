/*
 * A port without hardware, see soft.h.
 *
 * One timer does everything later: it is set to now when there is news, else to when the kind
 * of port wants to be called.  Every piece of news may close the port, so each looks at the
 * phase again.
 */
#include "ports/soft.h"

#include <string.h>

#include "ports/settings.h"

#define NO_MEMORY_PAUSE 100 /* ms */

static void
arm(struct soft *s)
{
	msec_t due = MSEC_NEVER;

	if (s->phase == SOFT_OPENING || s->phase == SOFT_CLOSING || s->stirred)
		due = loop_now(s->loop);
	else if (s->phase == SOFT_OPEN)
		due = msec_min(s->ops->due(s), s->retry);
	loop_timer_set(s->timer, due);
}

void
soft_stir(struct soft *s)
{
	if (s->phase != SOFT_OPEN || s->stirred)
		return;
	s->stirred = true;
	arm(s);
}

void
soft_no_memory(struct soft *s)
{
	s->retry = msec_add(loop_now(s->loop), NO_MEMORY_PAUSE);
	arm(s);
}

/* ---- news ---- */

static void
tell_modem(struct soft *s)
{
	uint8_t deltas;

	s->ops->look(s);
	deltas = s->deltas;
	if (deltas == 0 && s->state.modem == s->told)
		return;
	s->deltas = 0;
	s->told = s->state.modem;
	if (s->watch_modem)
		s->port.news->modem(s->port.ctx, s->told, deltas);
}

static void
tell_errors(struct soft *s)
{
	uint8_t errors = s->errors;

	s->errors = 0;
	if (errors != 0 && s->phase == SOFT_OPEN && s->watch_errors)
		s->port.news->errors(s->port.ctx, errors);
}

/*
 * By way of the scratch buffer: whoever gets the data may purge the ring meanwhile.  What comes
 * in meanwhile has its own turn, so that an owner who sends back what it gets does not keep the
 * loop here.
 */
static void
deliver(struct soft *s)
{
	const uint8_t *oldest;
	size_t n, room, allowed, left = s->ring->used;

	while (left > 0 && s->phase == SOFT_OPEN && (oldest = ring_peek(s->ring, &n)) != NULL) {
		room = s->port.news->room(s->port.ctx);
		if (room == 0)
			return;
		allowed = s->ops->allow(s);
		if (allowed == 0)
			return;
		if (n > room)
			n = room;
		if (n > allowed)
			n = allowed;
		if (n > left)
			n = left;
		if (n > LOOP_SCRATCH)
			n = LOOP_SCRATCH;
		left -= n;
		memcpy(loop_scratch(s->loop), oldest, n);
		s->ops->taken(s, n);
		s->port.news->data(s->port.ctx, loop_scratch(s->loop), n);
	}
}

static void
turn(struct soft *s)
{
	s->stirred = false;
	s->retry = MSEC_NEVER;
	s->ops->turn(s);
	if (s->phase == SOFT_OPEN)
		tell_modem(s);
	tell_errors(s);
	deliver(s);
	if (s->phase == SOFT_OPEN && s->ops->writable(s))
		s->port.news->writable(s->port.ctx);
	arm(s);
}

static void
fill(struct soft *s, struct port_state *state)
{
	s->ops->look(s);
	*state = (struct port_state){ .rfc = s->state, .lines = true };
}

static void
on_timer(void *ctx)
{
	struct soft *s = ctx;
	struct port_state state;

	switch (s->phase) {
	case SOFT_OPENING:
		s->phase = SOFT_OPEN;
		fill(s, &state);
		soft_stir(s);
		s->port.news->opened(s->port.ctx, NULL, &state);
		break;
	case SOFT_CLOSING:
		s->phase = SOFT_CLOSED;
		s->port.news->closed(s->port.ctx); /* may free the port */
		break;
	case SOFT_OPEN:
		turn(s);
		break;
	default:
		break;
	}
}

/* ---- calls down ---- */

int
soft_init(struct soft *s, const struct soft_ops *ops, struct loop *loop, struct ring *ring)
{
	s->ops = ops;
	s->loop = loop;
	s->ring = ring;
	s->phase = SOFT_CLOSED;
	s->retry = MSEC_NEVER;
	settings_init(&s->state);
	s->timer = loop_timer_new(loop, on_timer, s);
	return s->timer == NULL ? -1 : 0;
}

void
soft_fini(struct soft *s)
{
	loop_timer_free(s->timer);
}

void
soft_open(struct port *p, const struct rfc2217_format *format)
{
	struct soft *s = (struct soft *)p;
	struct port_op op = { .kind = PORT_APPLY, .format = *format };

	settings_init(&s->state);
	settings_submit(&s->state, &op);
	s->watch_modem = s->watch_errors = s->stirred = false;
	s->ops->power(s, true);
	s->phase = SOFT_OPENING;
	arm(s);
}

void
soft_resume(struct port *p)
{
	struct soft *s = (struct soft *)p;

	if (s->ring->used > 0)
		soft_stir(s);
}

/* What happened before somebody watched is no news. */
static void
watch(struct soft *s, const struct port_op *op)
{
	if (op->modem && !s->watch_modem) {
		s->ops->look(s);
		s->deltas = 0;
		s->told = s->state.modem;
	}
	if (op->errors && !s->watch_errors)
		s->errors = 0;
	s->watch_modem = op->modem;
	s->watch_errors = op->errors;
}

enum port_result
soft_submit(struct port *p, const struct port_op *op, struct port_state *state, const char **why)
{
	struct soft *s = (struct soft *)p;
	bool begins_break = settings_begins_break(&s->state, op);

	*why = s->phase != SOFT_OPEN ? "it is not open" : NULL;
	if (*why != NULL) {
		fill(s, state);
		return PORT_REFUSED;
	}
	settings_submit(&s->state, op);
	if (op->kind == PORT_WATCH)
		watch(s, op);
	s->ops->submit(s, op, begins_break);
	fill(s, state);
	if (s->deltas != 0 || s->state.modem != s->told || s->errors != 0)
		soft_stir(s);
	return PORT_DONE;
}

void
soft_close(struct port *p)
{
	struct soft *s = (struct soft *)p;

	if (s->phase == SOFT_CLOSED || s->phase == SOFT_CLOSING)
		return;
	s->phase = SOFT_CLOSING;
	s->stirred = false;
	s->ops->power(s, false);
	arm(s);
}
