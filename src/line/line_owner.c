/*
 * A line and its one owner.
 */
#include "line/line_parts.h"

void
line_grant(struct line *l, void *owner)
{
	line_enter(l, LINE_OWNED, MSEC_NEVER);
	l->preparing = false;
	l->owner = owner;
	port_owned(l->port, true);
}

void
line_release(struct line *l)
{
	line_forget(l, l->owner);
	l->owner = NULL;
	if (l->state == LINE_OWNED && !l->shutting) {
		struct port_op watch = { .kind = PORT_WATCH };

		line_submit(l, &watch, NULL, NULL);
		line_begin_handover(l);
		port_owned(l->port, false);
		port_resume(l->port);
	}
}

size_t
line_send(struct line *l, const uint8_t *b, size_t n)
{
	size_t took = l->state == LINE_OWNED ? port_send(l->port, b, n) : 0;

	if (l->monitored && took > 0)
		l->house->news->passed(l->house->ctx, l, true, b, took);
	return took;
}

void
line_resume(struct line *l)
{
	if (l->state == LINE_OWNED)
		port_resume(l->port);
}

/* What comes while nobody owns the line goes to nobody. */
size_t
line_on_room(void *ctx)
{
	struct line *l = ctx;

	return l->owner != NULL ? l->house->owner->room(l->owner) : LOOP_SCRATCH;
}

void
line_on_data(void *ctx, const uint8_t *b, size_t n)
{
	struct line *l = ctx;

	if (l->monitored && l->owner != NULL)
		l->house->news->passed(l->house->ctx, l, false, b, n);
	if (l->owner != NULL)
		l->house->owner->data(l->owner, b, n);
	else if (l->state == LINE_HANDOVER)
		line_handover_data(l, b, n);
	else if (l->state == LINE_FREE || l->state == LINE_RINGING)
		line_ring_data(l, b, n);
}

void
line_on_writable(void *ctx)
{
	struct line *l = ctx;

	if (l->owner != NULL)
		l->house->owner->writable(l->owner);
	else if (l->state == LINE_HANDOVER)
		line_handover_writable(l);
}

void
line_on_modem(void *ctx, uint8_t state, uint8_t deltas)
{
	struct line *l = ctx;

	if (l->state == LINE_FREE || l->state == LINE_RINGING)
		line_ring_signal(l, state, deltas);
	l->known.rfc.modem = state;
	if (l->owner != NULL)
		l->house->owner->modem(l->owner, state, deltas);
}

void
line_on_errors(void *ctx, uint8_t bits)
{
	struct line *l = ctx;

	if (l->owner != NULL)
		l->house->owner->errors(l->owner, bits);
}

void
line_on_call(void *ctx, enum port_call call)
{
	struct line *l = ctx;

	if (l->owner != NULL)
		l->house->owner->call(l->owner, call);
}
