/*
 * The built-in modem as a port, and the exchange, see virtual.h: the modem itself is
 * modem/vmodem.h; here are its clock, its news, and the phone book.
 */
#include "ports/virtual.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "modem/pace.h"
#include "modem/vmodem_trunk.h"
#include "ports/soft.h"
#include "ports/trunk.h"

struct virtual {
	struct soft soft;
	struct exchange *exchange;
	LIST_ENTRY(virtual) next;
	const struct conf_line *line;
	struct vmodem modem;
	struct trunks trunks;
	struct pace up, down;        /* to the modem, to the owner; where its setup's pace says so */
	bool up_waits, down_waits;   /* for these */
	enum port_call call; /* as last told */
};

struct exchange {
	struct loop *loop;
	LIST_HEAD(, virtual) modems;
};

/* ---- the exchange ---- */

struct exchange *
exchange_new(struct loop *loop)
{
	struct exchange *x = calloc(1, sizeof *x);

	if (x == NULL)
		return NULL;
	x->loop = loop;
	LIST_INIT(&x->modems);
	return x;
}

void
exchange_free(struct exchange *x)
{
	free(x);
}

/* One that is closed may have lost its configuration. */
static struct vmodem *
find_modem(const struct exchange *x, const char *line)
{
	struct virtual *v;

	LIST_FOREACH(v, &x->modems, next)
		if (v->soft.phase != SOFT_CLOSED && strcmp(v->line->name, line) == 0)
			return &v->modem;
	return NULL;
}

static const enum vmodem_to destinations[] = {
	[CONF_DIAL_ECHO] = VMODEM_TO_ECHO,
	[CONF_DIAL_LINE] = VMODEM_TO_MODEM,
	[CONF_DIAL_BUSY] = VMODEM_TO_BUSY,
	[CONF_DIAL_NO_ANSWER] = VMODEM_TO_NO_ANSWER,
	[CONF_DIAL_NO_DIALTONE] = VMODEM_TO_NO_DIALTONE,
	[CONF_DIAL_NO_CARRIER] = VMODEM_TO_NO_CARRIER,
	[CONF_DIAL_TCP] = VMODEM_TO_MODEM,
	[CONF_DIAL_TELNET] = VMODEM_TO_MODEM,
};

/* Only what is in the book can be called. */
static enum vmodem_to
look_up(void *ctx, const char *digits, struct vmodem **peer)
{
	struct virtual *v = ctx;
	const struct conf_number *number;
	size_t i;

	*peer = NULL;
	for (i = 0; i < v->line->setup->n_numbers; i++) {
		number = &v->line->setup->numbers[i];
		if (strcmp(number->digits, digits) != 0)
			continue;
		if (number->to == CONF_DIAL_LINE)
			*peer = find_modem(v->exchange, number->line);
		else if (number->host != NULL)
			*peer = trunk_call(&v->trunks, number);
		return destinations[number->to];
	}
	return VMODEM_TO_NO_CARRIER;
}

static void
stir(void *ctx)
{
	struct virtual *v = ctx;

	soft_stir(&v->soft);
}

static const struct vmodem_ops modem_ops = { stir, look_up };

/* ---- what soft wants ---- */

static void
virtual_power(struct soft *s, bool on)
{
	struct virtual *v = (struct virtual *)s;

	vmodem_power(&v->modem, on);
	pace_init(&v->up, &s->state.format, loop_now(s->loop));
	v->down = v->up;
	v->up_waits = v->down_waits = false;
	vmodem_rate(&v->modem, s->state.format.baud);
	v->call = PORT_NO_CALL;
}

static void
virtual_submit(struct soft *s, const struct port_op *op, bool begins_break)
{
	struct virtual *v = (struct virtual *)s;

	(void)begins_break;
	if (op->kind == PORT_PURGE && op->purge != RFC2217_PURGE_TX)
		vmodem_purge(&v->modem);
	else if (op->kind == PORT_RESET)
		vmodem_reset(&v->modem);
	pace_format(&v->up, &s->state.format, loop_now(s->loop));
	pace_format(&v->down, &s->state.format, loop_now(s->loop));
	vmodem_rate(&v->modem, s->state.format.baud);
	vmodem_dtr(&v->modem, s->state.dtr, loop_now(s->loop));
}

static void
virtual_look(struct soft *s)
{
	struct virtual *v = (struct virtual *)s;

	s->state.modem = v->modem.modem;
	s->deltas |= v->modem.deltas;
	v->modem.deltas = 0;
}

static enum port_call
call_of(const struct vmodem *m)
{
	if (m->phase == VMODEM_DIALLING || m->phase == VMODEM_WAITING)
		return PORT_DIALLING;
	return m->phase == VMODEM_IN_CALL ? PORT_IN_CALL : PORT_NO_CALL;
}

static void
virtual_turn(struct soft *s)
{
	struct virtual *v = (struct virtual *)s;
	enum port_call call;

	v->down_waits = false;
	vmodem_tick(&v->modem, loop_now(s->loop));
	call = call_of(&v->modem);
	if (call == v->call)
		return;
	v->call = call;
	s->port.news->call(s->port.ctx, call);
}

static size_t
virtual_allow(struct soft *s)
{
	struct virtual *v = (struct virtual *)s;
	size_t n;

	if (!v->line->setup->pace)
		return SIZE_MAX;
	n = pace_room(&v->down, loop_now(s->loop));
	v->down_waits = n == 0;
	return n;
}

static void
virtual_taken(struct soft *s, size_t n)
{
	struct virtual *v = (struct virtual *)s;

	if (v->line->setup->pace)
		pace_spend(&v->down, n);
	vmodem_taken(&v->modem, n);
}

static bool
virtual_writable(struct soft *s)
{
	struct virtual *v = (struct virtual *)s;

	if (v->up_waits && pace_room(&v->up, loop_now(s->loop)) > 0) {
		v->up_waits = false;
		if (vmodem_room(&v->modem) > 0)
			return true;
		vmodem_want_room(&v->modem);
	}
	return vmodem_writable(&v->modem);
}

static msec_t
virtual_due(const struct soft *s)
{
	const struct virtual *v = (const struct virtual *)s;
	msec_t due = vmodem_due(&v->modem);

	if (v->up_waits)
		due = msec_min(due, pace_due(&v->up));
	return v->down_waits ? msec_min(due, pace_due(&v->down)) : due;
}

static const struct soft_ops soft_ops = { virtual_power, virtual_submit, virtual_look, virtual_turn,
	virtual_allow, virtual_taken, virtual_writable, virtual_due };

/* ---- the port ---- */

static size_t
virtual_send(struct port *p, const uint8_t *bytes, size_t n)
{
	struct virtual *v = (struct virtual *)p;
	msec_t now = loop_now(v->soft.loop);
	size_t took, most = n;

	if (v->soft.phase != SOFT_OPEN)
		return 0;
	if (v->line->setup->pace)
		most = pace_room(&v->up, now);
	if (most < n) {
		v->up_waits = true;
		soft_stir(&v->soft);
		n = most;
	}
	if (n == 0)
		return 0;
	took = vmodem_input(&v->modem, bytes, n, now);
	if (v->line->setup->pace)
		pace_spend(&v->up, took);
	if (took < n && vmodem_room(&v->modem) > 0)
		soft_no_memory(&v->soft);
	return took;
}

static void
virtual_free(struct port *p)
{
	struct virtual *v = (struct virtual *)p;

	LIST_REMOVE(v, next);
	trunks_clear(&v->trunks);
	soft_fini(&v->soft);
	free(v);
}

static const struct port_ops port_ops = {
	.open = soft_open,
	.send = virtual_send,
	.resume = soft_resume,
	.submit = soft_submit,
	.close = soft_close,
	.free = virtual_free,
};

struct port *
port_virtual_new(struct exchange *x, const struct conf_line *line, const struct port_news *news,
    void *ctx)
{
	struct virtual *v = calloc(1, sizeof *v);

	if (v == NULL)
		return NULL;
	v->soft.port = (struct port){ &port_ops, news, ctx };
	v->exchange = x;
	v->line = line;
	vmodem_init(&v->modem, &modem_ops, v);
	trunks_init(&v->trunks, x->loop);
	if (soft_init(&v->soft, &soft_ops, x->loop, &v->modem.out) != 0) {
		free(v);
		return NULL;
	}
	LIST_INSERT_HEAD(&x->modems, v, next);
	return &v->soft.port;
}

void
port_virtual_ring(struct port *p, int fd)
{
	struct virtual *v = (struct virtual *)p;

	trunk_ring(&v->trunks, fd, &v->modem);
}

void
port_virtual_book(struct port *p, const struct conf_line *line)
{
	((struct virtual *)p)->line = line;
}
