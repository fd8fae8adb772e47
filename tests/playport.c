/*
 * Devices that are played, see playport.h.
 *
 * One timer does everything, as in src/ports/soft.c: each piece of news may close the port.
 */
#include "playport.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "io/loop.h"
#include "line/look.h"
#include "ports/serial.h"
#include "ports/settings.h"

#define OPS 12 /* pending, as of a real port */

enum phase { CLOSED, OPENING, OPEN, GONE, CLOSING };

struct serials {
	struct loop *loop;
};

struct playport {
	struct port port;
	LIST_ENTRY(playport) entry; /* of all */
	struct loop *loop;
	struct loop_timer timer;
	struct play_device *device;
	enum phase phase;
	struct rfc2217_state state;
	struct port_op ops[OPS];
	unsigned n_ops;
	msec_t due;         /* of opening, of closing, of the oldest operation */
	uint8_t told, errors;
	bool watches, watches_errors, starved, stirred, in_use;
};

static LIST_HEAD(, playport) ports;
struct play_device play_devices[PLAY_DEVICES];
void (*play_written)(struct play_device *, const uint8_t *, size_t);

/* ---- the devices ---- */

void
play_devices_begin(void)
{
	size_t i;

	for (i = 0; i < PLAY_DEVICES; i++) {
		play_devices[i] = (struct play_device){ .modem = RFC2217_CTS | RFC2217_DSR, .room = SIZE_MAX };
		ring_init(&play_devices[i].said, PLAY_SAID);
	}
}

void
play_devices_end(void)
{
	size_t i;

	for (i = 0; i < PLAY_DEVICES; i++)
		ring_clear(&play_devices[i].said);
}

static struct play_device *
at(const char *path)
{
	return &play_devices[(path[strlen(path) - 1] - '0') % PLAY_DEVICES];
}

static void
arm(struct playport *p)
{
	bool waits = p->phase == OPENING || p->phase == CLOSING || (p->phase == OPEN && p->n_ops > 0);
	msec_t due = waits && !p->device->hangs ? p->due : MSEC_NEVER;

	if (p->stirred)
		due = loop_now(p->loop);
	loop_timer_set(&p->timer, due);
}

static void
stir(struct playport *p)
{
	p->stirred = true;
	arm(p);
}

void
play_stir(struct play_device *d)
{
	struct playport *p;

	LIST_FOREACH(p, &ports, entry)
		if (p->device == d)
			stir(p);
}

void
play_say(struct play_device *d, const uint8_t *b, size_t n)
{
	if (d->port == NULL || d->port->phase != OPEN)
		return;
	ring_put(&d->said, b, n);
	stir(d->port);
}

void
play_error(struct play_device *d, uint8_t bits)
{
	if (d->port == NULL || !d->port->watches_errors)
		return;
	d->port->errors |= bits;
	stir(d->port);
}

/* ---- news ---- */

static void
tell_lines(struct playport *p)
{
	uint8_t changed = p->told ^ p->device->modem;

	p->told = p->state.modem = p->device->modem;
	if (changed != 0 && p->watches)
		p->port.news->modem(p->port.ctx, p->told, changed >> 4);
}

static void
tell_errors(struct playport *p)
{
	uint8_t errors = p->errors;

	p->errors = 0;
	if (errors != 0)
		p->port.news->errors(p->port.ctx, errors);
}

static void
fill(const struct playport *p, struct port_state *state)
{
	*state = (struct port_state){ .rfc = p->state, .lines = !p->device->bare };
	state->rfc.modem = p->device->modem;
}

/* A modem hangs up when DTR falls. */
static void
carry_out(struct playport *p, const struct port_op *op)
{
	if (op->kind == PORT_PURGE && op->purge != RFC2217_PURGE_TX)
		ring_clear(&p->device->said);
	if (op->kind == PORT_WATCH) {
		p->watches = op->modem;
		p->watches_errors = op->errors;
		p->errors = 0;
		p->told = p->device->modem;
	}
	settings_submit(&p->state, op);
	if (!p->state.dtr && (p->device->modem & RFC2217_DCD) != 0) {
		p->device->modem &= (uint8_t)~RFC2217_DCD;
		stir(p);
	}
}

/* The oldest operation has ended. */
static void
finish(struct playport *p, const char *failed)
{
	struct port_state state;

	if (failed == NULL)
		carry_out(p, &p->ops[0]);
	p->n_ops--;
	memmove(p->ops, p->ops + 1, p->n_ops * sizeof p->ops[0]);
	p->due = msec_add(loop_now(p->loop), p->device->slow);
	fill(p, &state);
	p->port.news->done(p->port.ctx, failed, &state);
}

static void
leave(struct playport *p)
{
	while (p->phase == OPEN && p->n_ops > 0)
		finish(p, "the device has gone");
	if (p->phase != OPEN)
		return;
	p->phase = GONE;
	p->port.news->gone(p->port.ctx, "no device");
}

static void
deliver(struct playport *p)
{
	const uint8_t *oldest;
	size_t n, room;

	while (p->phase == OPEN && (oldest = ring_peek(&p->device->said, &n)) != NULL) {
		room = p->port.news->room(p->port.ctx);
		if (room == 0)
			return;
		if (n > room)
			n = room;
		if (n > LOOP_SCRATCH)
			n = LOOP_SCRATCH;
		memcpy(loop_scratch(p->loop), oldest, n);
		ring_drop(&p->device->said, n);
		p->port.news->data(p->port.ctx, loop_scratch(p->loop), n);
	}
}

static void
turn(struct playport *p)
{
	struct play_device *d = p->device;

	if (d->absent) {
		leave(p);
		return;
	}
	if (p->n_ops > 0 && !d->hangs && msec_reached(p->due, loop_now(p->loop)))
		finish(p, d->refuses ? "the driver refuses" : NULL);
	if (p->phase == OPEN)
		tell_lines(p);
	if (p->phase == OPEN)
		tell_errors(p);
	deliver(p);
	if (p->phase == OPEN && p->starved && d->room > 0) {
		p->starved = false;
		p->port.news->writable(p->port.ctx);
	}
}

static void
open_now(struct playport *p)
{
	struct play_device *d = p->device;
	const char *why = d->absent ? "no device" : d->refuses ? "the driver refuses" : NULL;
	struct port_state state;

	p->in_use = d->locked || (d->port != NULL && d->port != p);
	if (p->in_use)
		why = "in use by another program";
	p->phase = why != NULL ? CLOSED : OPEN;
	if (why == NULL) {
		d->port = p;
		ring_clear(&d->said);
		p->told = p->state.modem = d->modem;
	}
	fill(p, &state);
	p->port.news->opened(p->port.ctx, why, &state);
}

static void
closed_now(struct playport *p)
{
	if (p->device->port == p)
		p->device->port = NULL;
	p->phase = CLOSED;
	p->port.news->closed(p->port.ctx); /* may free it */
}

static void
on_timer(void *ctx)
{
	struct playport *p = ctx;
	bool due = !p->device->hangs && msec_reached(p->due, loop_now(p->loop));

	p->stirred = false;
	if (p->phase == CLOSING && due) {
		closed_now(p);
		return;
	}
	if (p->phase == OPENING && due)
		open_now(p);
	else if (p->phase == OPEN)
		turn(p);
	arm(p);
}

/* ---- calls down ---- */

static struct playport *
of(struct port *port)
{
	return (struct playport *)(void *)port;
}

static void
on_open(struct port *port, const struct rfc2217_format *f)
{
	struct playport *p = of(port);
	struct port_op op = { .kind = PORT_APPLY, .format = *f };

	settings_init(&p->state);
	settings_submit(&p->state, &op);
	p->phase = OPENING;
	p->n_ops = 0;
	p->watches = p->watches_errors = p->starved = false;
	p->errors = 0;
	p->due = msec_add(loop_now(p->loop), p->device->slow);
	arm(p);
}

static size_t
on_send(struct port *port, const uint8_t *b, size_t n)
{
	struct playport *p = of(port);
	struct play_device *d = p->device;
	size_t took = n < d->room ? n : d->room;

	if (p->phase != OPEN)
		return 0;
	p->starved = took < n;
	if (d->room != SIZE_MAX)
		d->room -= took;
	if (took > 0)
		play_written(d, b, took);
	return took;
}

static void
on_resume(struct port *port)
{
	if (of(port)->phase == OPEN)
		stir(of(port));
}

static enum port_result
on_submit(struct port *port, const struct port_op *op, struct port_state *state, const char **why)
{
	struct playport *p = of(port);
	bool waits = (op->kind != PORT_PURGE || op->in_order) && op->kind != PORT_RESET && op->kind != PORT_WATCH &&
	    (p->n_ops > 0 || p->device->slow > 0 || p->device->hangs || p->device->refuses);

	*why = p->phase != OPEN ? "it is not open" : waits && p->n_ops == OPS ? "too many operations" : NULL;
	fill(p, state);
	if (*why != NULL)
		return PORT_REFUSED;
	if (!waits) {
		carry_out(p, op);
		fill(p, state);
		return PORT_DONE;
	}
	if (p->n_ops == 0)
		p->due = msec_add(loop_now(p->loop), p->device->slow);
	p->ops[p->n_ops++] = *op;
	arm(p);
	return PORT_PENDING;
}

static void
on_close(struct port *port)
{
	struct playport *p = of(port);

	if (p->phase == CLOSED || p->phase == CLOSING)
		return;
	p->phase = CLOSING;
	p->n_ops = 0;
	p->stirred = false;
	p->due = msec_add(loop_now(p->loop), p->device->slow);
	arm(p);
}

static void
on_free(struct port *port)
{
	struct playport *p = of(port);

	if (p->device->port == p)
		p->device->port = NULL;
	LIST_REMOVE(p, entry);
	loop_timer_set(&p->timer, MSEC_NEVER);
	free(p);
}

static const struct port_ops ops = {
	.open = on_open,
	.send = on_send,
	.resume = on_resume,
	.submit = on_submit,
	.close = on_close,
	.free = on_free,
};

/* ---- in place of src/ports/serial.c ---- */

struct serials *
serials_new(struct loop *loop, const char *lock_dir)
{
	struct serials *s = malloc(sizeof *s);

	(void)lock_dir;
	if (s != NULL)
		s->loop = loop;
	return s;
}

void
serials_free(struct serials *s)
{
	free(s);
}

struct port *
port_serial_new(struct serials *s, const char *path, bool hupcl, const struct port_news *news, void *ctx)
{
	struct playport *p = calloc(1, sizeof *p);

	(void)hupcl;
	if (p == NULL)
		return NULL;
	LIST_INSERT_HEAD(&ports, p, entry);
	p->port = (struct port){ &ops, news, ctx };
	p->loop = s->loop;
	p->device = at(path);
	settings_init(&p->state);
	loop_timer_init(&p->timer, s->loop, on_timer, p);
	return &p->port;
}

void
port_serial_hupcl(struct port *port, bool hupcl)
{
	(void)port;
	(void)hupcl;
}

bool
port_serial_by_library(const struct port *port)
{
	(void)port;
	return true;
}

bool
port_serial_in_use(const struct port *port)
{
	return ((const struct playport *)(const void *)port)->in_use;
}

const char *
port_serial_unlocked(const struct port *port)
{
	(void)port;
	return NULL;
}

const char *
port_serial_left(const struct port *port)
{
	(void)port;
	return NULL;
}

/* ---- in place of src/line/look.c ---- */

enum look_result
look_at(const char *lock_directory, const char *device, char reason[static LOOK_REASON])
{
	(void)lock_directory;
	if (at(device)->absent)
		return LOOK_NO_DEVICE;
	memcpy(reason, "in use", sizeof "in use");
	return at(device)->locked ? LOOK_LOCKED : LOOK_FREE;
}

struct look_watch *
look_watch(struct dirwatch *w, const char *lock_directory, const char *device, dirwatch_fn *fn, void *ctx)
{
	(void)w;
	(void)lock_directory;
	(void)device;
	(void)fn;
	(void)ctx;
	return NULL;
}

void
look_unwatch(struct look_watch *w)
{
	(void)w;
}

bool
look_works(struct look_watch *w)
{
	(void)w;
	return false;
}

bool
look_came(struct look_watch *w)
{
	(void)w;
	return false;
}
