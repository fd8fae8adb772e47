/*
 * An owner of a port, see portowner.h.
 */
#include "portowner.h"
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE 10000 /* ms */

struct loop *loop;

const struct rfc2217_format owner_format = { 9600, 7, RFC2217_EVEN, RFC2217_STOP_1,
    RFC2217_OUT_RTSCTS,
	RFC2217_IN_RTSCTS };

/* ---- news ---- */

static void note(struct owner *, const char *, ...) __attribute__((format(printf, 2, 3)));

static void
note(struct owner *o, const char *format, ...)
{
	size_t used = strlen(o->log);
	va_list args;

	if (o->busy)
		ck_abort_msg("news from inside a call down: %s", format);
	va_start(args, format);
	vsnprintf(o->log + used, sizeof o->log - used, format, args);
	va_end(args);
	loop_stop(loop);
}

static void
on_opened(void *ctx, const char *reason, const struct port_state *state)
{
	struct owner *o = ctx;

	note(o, "%s", "");
	ck_assert_ptr_null(reason);
	o->opened = true;
	o->state = *state;
}

static size_t
on_room(void *ctx)
{
	return ((struct owner *)ctx)->room;
}

static void
on_data(void *ctx, const uint8_t *bytes, size_t n)
{
	struct port_op purge = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_BOTH };
	struct owner *o = ctx;

	note(o, "%s", "");
	ck_assert_uint_le(n, o->room);
	ck_assert_uint_gt(n, 0);
	if (o->bounces) {
		owner_send(o, bytes, n);
		o->used += n;
		return;
	}
	ck_assert_uint_le(n, OWNER_DATA - o->used);
	memcpy(o->data + o->used, bytes, n);
	o->used += n;
	o->room -= n;
	if (o->purges)
		owner_submit(o, &purge);
	if (o->closes)
		owner_close(o);
}

static void
on_writable(void *ctx)
{
	struct owner *o = ctx;

	note(o, "%s", "");
	o->writable = true;
}

static void
on_modem(void *ctx, uint8_t state, uint8_t deltas)
{
	note(ctx, "modem %02x %02x\n", state, deltas);
}

static void
on_errors(void *ctx, uint8_t bits)
{
	note(ctx, "errors %02x\n", bits);
}

static void
on_done(void *ctx, const char *failed, const struct port_state *state)
{
	(void)failed;
	(void)state;
	note(ctx, "done\n");
}

static void
on_gone(void *ctx, const char *reason)
{
	note(ctx, "gone %s\n", reason);
}

static void
on_closed(void *ctx)
{
	struct owner *o = ctx;

	note(o, "%s", "");
	o->opened = false;
	o->closed = true;
}

static void
on_call(void *ctx, enum port_call call)
{
	note(ctx, "call %d\n", call);
}

const struct port_news owner_news = { on_opened, on_room, on_data, on_writable, on_modem,
    on_errors, on_done,
	on_gone, on_closed, on_call };

/* ---- calls down ---- */

void
owner_open(struct owner *o)
{
	o->busy = true;
	o->closed = false;
	port_open(o->port, &owner_format);
	o->busy = false;
}

void
owner_close(struct owner *o)
{
	o->busy = true;
	port_close(o->port);
	o->busy = false;
}

size_t
owner_send(struct owner *o, const void *bytes, size_t n)
{
	size_t took;

	o->busy = true;
	took = port_send(o->port, bytes, n);
	o->busy = false;
	return took;
}

void
owner_resume(struct owner *o, size_t room)
{
	o->busy = true;
	o->room = room;
	port_resume(o->port);
	o->busy = false;
}

void
owner_submit(struct owner *o, const struct port_op *op)
{
	const char *why;

	o->busy = true;
	ck_assert_int_eq(port_submit(o->port, op, &o->state, &why), PORT_DONE);
	o->busy = false;
	ck_assert_ptr_null(why);
	ck_assert(o->state.lines);
}

void
owner_set(struct owner *o, enum rfc2217_what what, uint32_t value)
{
	struct port_op op = { .kind = PORT_SET, .set = { what, value } };

	owner_submit(o, &op);
}

void
owner_watch(struct owner *o, bool modem, bool errors)
{
	struct port_op op = { .kind = PORT_WATCH, .modem = modem, .errors = errors };

	owner_submit(o, &op);
}

/* Field by field: what lies between them is nobody's. */
void
owner_has_format(const struct owner *o, const struct rfc2217_format *want)
{
	const struct rfc2217_format *f = &o->state.rfc.format;

	ck_assert_uint_eq(f->baud, want->baud);
	ck_assert_uint_eq(f->datasize, want->datasize);
	ck_assert_uint_eq(f->parity, want->parity);
	ck_assert_uint_eq(f->stopsize, want->stopsize);
	ck_assert_uint_eq(f->outflow, want->outflow);
	ck_assert_uint_eq(f->inflow, want->inflow);
}

/* ---- the loop ---- */

static void
on_patience(void *ctx)
{
	*(bool *)ctx = true;
	loop_stop(loop);
}

void
owner_wait(bool (*test)(void))
{
	bool over = false;
	struct loop_timer *timer = loop_timer_new(loop, on_patience, &over);

	loop_timer_set(timer, msec_add(loop_now(loop), PATIENCE));
	while (!test() && !over)
		ck_assert_int_eq(loop_run(loop), 0);
	loop_timer_free(timer);
	ck_assert_msg(!over, "nothing came of it");
}

/* A timer set last fires after those that are due. */
void
owner_settle(void)
{
	bool over = false;
	struct loop_timer *timer = loop_timer_new(loop, on_patience, &over);

	loop_timer_set(timer, msec_add(loop_now(loop), 5));
	while (!over)
		ck_assert_int_eq(loop_run(loop), 0);
	loop_timer_free(timer);
}
