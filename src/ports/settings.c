/*
 * Settings without hardware, see settings.h; RFC 2217's values, a function for each field.
 */
#include "ports/settings.h"

#include <stdio.h>

static void
set_baud(struct rfc2217_state *s, uint32_t value)
{
	if (value >= SETTINGS_BAUD_MIN && value <= SETTINGS_BAUD_MAX)
		s->format.baud = value;
}

/* One and a half stop bits are two where a byte has more than five data bits. */
static void
set_datasize(struct rfc2217_state *s, uint32_t value)
{
	if (value < 5 || value > 8)
		return;
	s->format.datasize = (uint8_t)value;
	if (value != 5 && s->format.stopsize == RFC2217_STOP_15)
		s->format.stopsize = RFC2217_STOP_2;
}

static void
set_parity(struct rfc2217_state *s, uint32_t value)
{
	if (value >= RFC2217_NONE && value <= RFC2217_SPACE)
		s->format.parity = (uint8_t)value;
}

static void
set_stopsize(struct rfc2217_state *s, uint32_t value)
{
	if (value < RFC2217_STOP_1 || value > RFC2217_STOP_15)
		return;
	if (value != RFC2217_STOP_15 || s->format.datasize == 5)
		s->format.stopsize = (uint8_t)value;
}

/* Both directions: 1, 2, 3 outbound are 14, 15, 16 inbound. */
static void
set_outflow(struct rfc2217_state *s, uint32_t value)
{
	if (value < RFC2217_OUT_NONE || value > RFC2217_OUT_RTSCTS)
		return;
	s->format.outflow = (uint8_t)value;
	s->format.inflow = (uint8_t)(value - RFC2217_OUT_NONE + RFC2217_IN_NONE);
}

static void
set_inflow(struct rfc2217_state *s, uint32_t value)
{
	if (s->format.outflow != RFC2217_OUT_RTSCTS &&
	    (value == RFC2217_IN_NONE || value == RFC2217_IN_XONXOFF))
		s->format.inflow = (uint8_t)value;
}

static void
set_break(struct rfc2217_state *s, uint32_t value)
{
	if (value == RFC2217_BREAK_ON || value == RFC2217_BREAK_OFF)
		s->brk = value == RFC2217_BREAK_ON;
}

static void
set_dtr(struct rfc2217_state *s, uint32_t value)
{
	if (value == RFC2217_DTR_ON || value == RFC2217_DTR_OFF)
		s->dtr = value == RFC2217_DTR_ON;
}

static void
set_rts(struct rfc2217_state *s, uint32_t value)
{
	if (value == RFC2217_RTS_ON || value == RFC2217_RTS_OFF)
		s->rts = value == RFC2217_RTS_ON;
}

static void (*const setters[])(struct rfc2217_state *, uint32_t) = {
	[RFC2217_OP_BAUD] = set_baud,
	[RFC2217_OP_DATASIZE] = set_datasize,
	[RFC2217_OP_PARITY] = set_parity,
	[RFC2217_OP_STOPSIZE] = set_stopsize,
	[RFC2217_OP_OUTFLOW] = set_outflow,
	[RFC2217_OP_INFLOW] = set_inflow,
	[RFC2217_OP_BREAK] = set_break,
	[RFC2217_OP_DTR] = set_dtr,
	[RFC2217_OP_RTS] = set_rts,
};

void
settings_init(struct rfc2217_state *s)
{
	*s = (struct rfc2217_state){
		.format = { .baud = 115200, .datasize = 8, .parity = RFC2217_NONE,
		    .stopsize = RFC2217_STOP_1, .outflow = RFC2217_OUT_NONE,
		    .inflow = RFC2217_IN_NONE },
		.dtr = true,
		.rts = true,
	};
}

void
settings_set(struct rfc2217_state *s, const struct rfc2217_op *op)
{
	if (op->what < sizeof setters / sizeof *setters)
		setters[op->what](s, op->value);
}

/* Stop bits depend on the data size, inbound flow control on outbound. */
static void
apply(struct rfc2217_state *s, const struct rfc2217_format *f)
{
	set_baud(s, f->baud);
	set_datasize(s, f->datasize);
	set_parity(s, f->parity);
	set_stopsize(s, f->stopsize);
	set_outflow(s, f->outflow);
	set_inflow(s, f->inflow);
}

void
settings_submit(struct rfc2217_state *s, const struct port_op *op)
{
	switch (op->kind) {
	case PORT_SET:
		settings_set(s, &op->set);
		break;
	case PORT_APPLY:
		apply(s, &op->format);
		break;
	case PORT_SIGNALS:
		if ((op->mask & PORT_DTR) != 0)
			s->dtr = (op->values & PORT_DTR) != 0;
		if ((op->mask & PORT_RTS) != 0)
			s->rts = (op->values & PORT_RTS) != 0;
		if ((op->mask & PORT_BRK) != 0)
			s->brk = (op->values & PORT_BRK) != 0;
		break;
	case PORT_BREAK:
		s->brk = false;
		break;
	default:
		break;
	}
}

bool
settings_begins_break(const struct rfc2217_state *before, const struct port_op *op)
{
	struct rfc2217_state after = *before;

	if (op->kind == PORT_BREAK)
		return true;
	settings_submit(&after, op);
	return after.brk && !before->brk;
}

const char *
settings_text(char dst[static SETTINGS_TEXT], const struct rfc2217_format *f)
{
	static const char parities[] = "?NOEMS", *const stops[] = { "?", "1", "2", "1.5" };
	const char *flow = f->outflow == RFC2217_OUT_RTSCTS ? "rtscts" :
	    f->outflow == RFC2217_OUT_XONXOFF ? "xonxoff" : "none";

	snprintf(dst, SETTINGS_TEXT, "%lu %u%c%s %s", (unsigned long)f->baud, f->datasize,
	    parities[f->parity < sizeof parities - 1 ? f->parity : 0],
	    stops[f->stopsize <= 3 ? f->stopsize : 0], flow);
	return dst;
}
