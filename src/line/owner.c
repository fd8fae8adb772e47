/*
 * A line and its one owner: bytes and operations both ways.  What comes while nobody owns the line goes to its
 * hand-over, to the bell, or to nobody.
 */
#include "line/parts.h"

#include "io/log.h"

#define ASK_AGAIN 1000 /* ms: lamps that nobody watches are asked for so often at most */

void
line_grant(struct line *l, void *owner)
{
	if (l->life.state != LIFE_FREE) {
		l->house->owner->gone(owner, line_reason(l));
		return;
	}
	l->owner = owner;
	line_event(l, LIFE_CLAIM, &(struct life_args){ .granted = true });
}

bool
line_is_fresh(const struct line *l)
{
	return l->life.state == LIFE_OWNED && l->handover_ends.v == loop_now(l->house->loop).v;
}

void
line_release(struct line *l)
{
	line_event(l, LIFE_RELEASE, &(struct life_args){ .granted = false });
}

size_t
line_send(struct line *l, const uint8_t *b, size_t n)
{
	size_t took = l->life.state == LIFE_OWNED ? port_send(l->port, b, n) : 0;

	if (l->monitored && took > 0)
		l->house->news->passed(l->house->ctx, l, true, b, took);
	return took;
}

void
line_resume(struct line *l)
{
	if (l->life.state == LIFE_OWNED)
		port_resume(l->port);
}

/* ---- operations ---- */

static bool
is_open(const struct line *l)
{
	switch (l->life.state) {
	case LIFE_HANDOVER:
	case LIFE_FREE:
	case LIFE_RINGING:
	case LIFE_OWNED:
	case LIFE_QUARANTINE:
		return true;
	default:
		return false;
	}
}

void
line_submit(struct line *l, const struct port_op *op, line_done_fn *fn, void *ctx)
{
	/* While it is free, clients that own nothing ask; the next owner must not wait for them all. */
	bool crowded = l->life.state == LIFE_FREE && op->kind == PORT_TELL && l->queue.count >= LINE_QUESTIONS;
	const char *why = crowded ? "others ask already" : "the line is closed";
	struct port_state before = l->queue.known;
	int r = PORT_REFUSED;

	if (!crowded && is_open(l))
		r = portqueue_submit(&l->queue, l->port, op, loop_now(l->house->loop), fn, ctx, &why);
	line_altered_from(l, &before);
	if (r != PORT_PENDING && fn != NULL)
		fn(ctx, r == PORT_REFUSED ? why : NULL, &l->queue.known);
	line_arm(l);
}

void
line_forget(struct line *l, const void *ctx)
{
	if (l->owner == ctx)
		l->owner = NULL;
	portqueue_forget(&l->queue, ctx);
}

/* So that the lamps of the next snapshot are true, of a line that nobody watches. */
void
line_look_at_lamps(struct line *l)
{
	const struct port_op tell = { .kind = PORT_TELL };
	msec_t now = loop_now(l->house->loop);

	if ((l->life.state != LIFE_FREE && l->life.state != LIFE_OWNED) || l->queue.count > 0 ||
	    !msec_reached(l->lamps_due, now))
		return;
	l->lamps_due = msec_add(now, ASK_AGAIN);
	line_submit(l, &tell, NULL, NULL);
}

/* ---- what the port says ---- */

static size_t
on_room(void *ctx)
{
	struct line *l = ctx;

	return l->owner != NULL ? l->house->owner->room(l->owner) : LOOP_SCRATCH;
}

/* Told while it is free or rings: until it is quiet for a while nobody gets it. */
static void
heard(struct line *l)
{
	bool was_free = l->life.state == LIFE_FREE;

	line_event(l, LIFE_RING, &(struct life_args){ .granted = l->seat.state == ARBITER_OWNED,
	    .rang_long = bell_rang_long(l->bell, loop_now(l->house->loop)) });
	if (was_free && l->life.state == LIFE_RINGING)
		log_info("it rings, and is granted when it has stopped: event=ringing line=%s", l->conf->name);
}

static bool
has_bell(const struct line *l)
{
	return l->bell != NULL && (l->life.state == LIFE_FREE || l->life.state == LIFE_RINGING);
}

static void
on_data(void *ctx, const uint8_t *b, size_t n)
{
	struct line *l = ctx;
	msec_t now = loop_now(l->house->loop);

	if (l->monitored && l->owner != NULL)
		l->house->news->passed(l->house->ctx, l, false, b, n);
	if (l->owner != NULL)
		l->house->owner->data(l->owner, b, n);
	else if (l->life.state == LIFE_HANDOVER && l->way != NULL)
		line_run_stands(l, wayback_data(l->way, b, n, now));
	else if (has_bell(l) && bell_data(l->bell, b, n, now))
		heard(l);
}

static void
on_writable(void *ctx)
{
	struct line *l = ctx;

	if (l->owner != NULL)
		l->house->owner->writable(l->owner);
	else if (l->life.state == LIFE_HANDOVER && l->way != NULL)
		line_run_stands(l, wayback_writable(l->way, loop_now(l->house->loop)));
}

static void
on_modem(void *ctx, uint8_t state, uint8_t deltas)
{
	struct line *l = ctx;
	struct port_state before = l->queue.known;

	l->queue.known.rfc.modem = state;
	line_altered_from(l, &before);
	if (l->owner != NULL)
		l->house->owner->modem(l->owner, state, deltas);
	else if (has_bell(l) && bell_lines(l->bell, before.rfc.modem, state, deltas, loop_now(l->house->loop)))
		heard(l);
}

static void
on_errors(void *ctx, uint8_t bits)
{
	struct line *l = ctx;

	if (l->owner != NULL)
		l->house->owner->errors(l->owner, bits);
}

static void
on_call(void *ctx, enum port_call call)
{
	struct line *l = ctx;

	if (l->owner != NULL)
		l->house->owner->call(l->owner, call);
}

const struct port_news line_port_news = {
	.opened = line_on_opened,
	.room = on_room,
	.data = on_data,
	.writable = on_writable,
	.modem = on_modem,
	.errors = on_errors,
	.done = line_on_done,
	.gone = line_on_gone,
	.closed = line_on_closed,
	.call = on_call,
};
