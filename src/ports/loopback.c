/*
 * A loop-back plug, see loopback.h.  What is sent lies in one ring until the owner takes it
 * back: that is the receiving queue, so a purge of the sending one finds nothing.
 */
#include "ports/loopback.h"

#include <stdlib.h>

#include "ports/soft.h"

#define LOOPBACK_RING 16384

struct loopback {
	struct soft soft;
	struct ring ring;
	bool starved; /* a send was cut short */
};

/* ---- what soft wants ---- */

static void
loopback_power(struct soft *s, bool on)
{
	struct loopback *l = (struct loopback *)s;

	(void)on;
	ring_clear(&l->ring);
	l->starved = false;
}

static void
loopback_submit(struct soft *s, const struct port_op *op, bool begins_break)
{
	struct loopback *l = (struct loopback *)s;

	if (begins_break)
		s->errors |= RFC2217_BREAK_SEEN;
	if (op->kind != PORT_PURGE || op->purge == RFC2217_PURGE_TX)
		return;
	ring_clear(&l->ring);
	if (l->starved)
		soft_stir(s);
}

/* RTS is wired to CTS, DTR to DSR and DCD. */
static void
loopback_look(struct soft *s)
{
	uint8_t now = 0, changed;

	if (s->state.rts)
		now |= RFC2217_CTS;
	if (s->state.dtr)
		now |= RFC2217_DSR | RFC2217_DCD;
	changed = now ^ s->state.modem;
	if ((changed & RFC2217_CTS) != 0)
		s->deltas |= RFC2217_CTS_CHANGED;
	if ((changed & RFC2217_DSR) != 0)
		s->deltas |= RFC2217_DSR_CHANGED | RFC2217_DCD_CHANGED;
	s->state.modem = now;
}

static void
loopback_turn(struct soft *s)
{
	(void)s;
}

static size_t
loopback_allow(struct soft *s)
{
	(void)s;
	return SIZE_MAX;
}

static void
loopback_taken(struct soft *s, size_t n)
{
	ring_drop(&((struct loopback *)s)->ring, n);
}

static bool
loopback_writable(struct soft *s)
{
	struct loopback *l = (struct loopback *)s;
	bool now = l->starved && ring_room(&l->ring) > 0;

	if (now)
		l->starved = false;
	return now;
}

static msec_t
loopback_due(const struct soft *s)
{
	(void)s;
	return MSEC_NEVER;
}

static const struct soft_ops soft_ops = { loopback_power, loopback_submit, loopback_look,
	loopback_turn, loopback_allow, loopback_taken, loopback_writable, loopback_due };

/* ---- the port ---- */

static size_t
loopback_send(struct port *p, const uint8_t *bytes, size_t n)
{
	struct loopback *l = (struct loopback *)p;
	size_t took;

	if (l->soft.phase != SOFT_OPEN)
		return 0;
	took = ring_put(&l->ring, bytes, n);
	l->starved = took < n;
	if (took > 0)
		soft_stir(&l->soft);
	else if (n > 0 && ring_room(&l->ring) > 0)
		soft_no_memory(&l->soft);
	return took;
}

static void
loopback_free(struct port *p)
{
	struct loopback *l = (struct loopback *)p;

	soft_fini(&l->soft);
	ring_clear(&l->ring);
	free(l);
}

static const struct port_ops port_ops = {
	.open = soft_open,
	.send = loopback_send,
	.resume = soft_resume,
	.submit = soft_submit,
	.close = soft_close,
	.free = loopback_free,
};

struct port *
port_loopback_new(struct loop *loop, const struct port_news *news, void *ctx)
{
	struct loopback *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->soft.port = (struct port){ &port_ops, news, ctx };
	ring_init(&l->ring, LOOPBACK_RING);
	if (soft_init(&l->soft, &soft_ops, loop, &l->ring) != 0) {
		free(l);
		return NULL;
	}
	return &l->soft.port;
}
