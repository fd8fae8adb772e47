/*
 * Port operations of a line: answered in order, each within a bound, see line_submit().
 */
#include "line/line_parts.h"

#include <stdlib.h>

static void
time_front(struct line *l)
{
	if (l->count == 0)
		l->operation_due = MSEC_NEVER;
	else
		l->operation_due = msec_add(loop_now(l->house->loop), l->pending[l->first].budget);
	line_arm(l);
}

void
line_free_pending(struct line *l)
{
	free(l->pending);
	l->pending = NULL;
}

static struct line_pending
pop(struct line *l)
{
	struct line_pending p = l->pending[l->first];

	l->first = (l->first + 1) % LINE_PENDING_MAX;
	if (--l->count == 0) {
		line_free_pending(l);
		l->first = 0;
	}
	return p;
}

/* The driver hangs or the port closes: everybody who waits is told what was last known. */
void
line_answer_all(struct line *l, const char *failed)
{
	struct line_pending p;

	while (l->count > 0) {
		p = pop(l);
		if (p.fn != NULL)
			p.fn(p.ctx, failed, &l->known);
	}
	time_front(l);
}

static bool
is_open(const struct line *l)
{
	switch (l->state) {
	case LINE_HANDOVER:
	case LINE_FREE:
	case LINE_RINGING:
	case LINE_OWNED:
	case LINE_QUARANTINE:
		return true;
	default:
		return false;
	}
}

static bool
may_be_pending(const struct port_op *op)
{
	return (op->kind != PORT_PURGE || op->in_order) && op->kind != PORT_RESET &&
	    op->kind != PORT_WATCH;
}

static bool
make_room(struct line *l)
{
	if (l->pending == NULL)
		l->pending = calloc(LINE_PENDING_MAX, sizeof *l->pending);
	return l->pending != NULL;
}

void
line_submit(struct line *l, const struct port_op *op, line_done_fn *fn, void *ctx)
{
	bool crowded = l->state == LINE_FREE && op->kind == PORT_TELL && l->count >= LINE_QUESTIONS;
	struct line_pending *p;
	const char *refused;

	/* While it is free, clients that own nothing ask; the next owner must not wait for them all. */
	if (crowded) {
		fn(ctx, NULL, &l->known);
		return;
	}
	if (!is_open(l) || l->count == LINE_PENDING_MAX) {
		if (fn != NULL)
			fn(ctx, "the line is closed", &l->known);
		return;
	}
	if (may_be_pending(op) && !make_room(l)) {
		if (fn != NULL)
			fn(ctx, "no memory", &l->known);
		return;
	}
	if (port_submit(l->port, op, &l->known, &refused) != PORT_PENDING) {
		if (l->count == 0)
			line_free_pending(l);
		if (fn != NULL)
			fn(ctx, refused, &l->known);
		return;
	}
	p = &l->pending[(l->first + l->count) % LINE_PENDING_MAX];
	*p = (struct line_pending){ fn, ctx, LINE_OPERATION + op->drain_ms + op->ms };
	if (l->count++ == 0)
		time_front(l);
}

void
line_forget(struct line *l, const void *ctx)
{
	unsigned i;

	for (i = 0; i < l->count; i++) {
		struct line_pending *p = &l->pending[(l->first + i) % LINE_PENDING_MAX];

		if (p->ctx == ctx)
			p->fn = NULL;
	}
}

void
line_on_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct line *l = ctx;
	struct line_pending p;

	l->known = *state;
	if (l->count == 0)
		return; /* answered for already, when the driver hung */
	p = pop(l);
	time_front(l);
	if (p.fn != NULL)
		p.fn(p.ctx, failed, &l->known);
}
