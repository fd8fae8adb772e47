/*
 * A session before a fake port, see rfcport.h.
 */
#include "rfcport.h"
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct rfc2217_server server;
struct rfcport port;
static char events[4096];

const struct rfc2217_state rfcport_usual = {
	.format = { .baud = 115200, .datasize = 7, .parity = RFC2217_EVEN, .stopsize = RFC2217_STOP_2,
	    .outflow = RFC2217_OUT_RTSCTS, .inflow = RFC2217_IN_RTSCTS },
	.brk = false, .dtr = true, .rts = true, .modem = RFC2217_DCD | RFC2217_CTS,
};

const char *const rfcport_op_names[] = { "BAUD", "DATASIZE", "PARITY", "STOPSIZE", "OUTFLOW",
	"INFLOW", "BREAK", "DTR", "RTS", "MODEM", "PURGE" };

static void event(const char *, ...) __attribute__((format(printf, 1, 2)));

static void
event(const char *format, ...)
{
	size_t used = strlen(events);
	va_list args;

	va_start(args, format);
	vsnprintf(events + used, sizeof events - used, format, args);
	va_end(args);
}

/* Plain ifs here and below: check's own assertions are slow in tests of 65536 cases. */
static void
assert_ours(const void *ctx)
{
	if (ctx != &port)
		ck_abort_msg("not the context given");
}

/* A driver that takes every defined value; 1 to 3 set both directions. */
static void
apply(const struct rfc2217_op *op)
{
	struct rfc2217_format *f = &port.state.format;

	switch (op->what) {
	case RFC2217_OP_BAUD:
		f->baud = op->value;
		break;
	case RFC2217_OP_DATASIZE:
		f->datasize = (uint8_t)op->value;
		break;
	case RFC2217_OP_PARITY:
		f->parity = (uint8_t)op->value;
		break;
	case RFC2217_OP_STOPSIZE:
		f->stopsize = (uint8_t)op->value;
		break;
	case RFC2217_OP_OUTFLOW:
		f->outflow = (uint8_t)op->value;
		if (op->value <= RFC2217_OUT_RTSCTS)
			f->inflow = (uint8_t)(op->value + 13);
		break;
	case RFC2217_OP_INFLOW:
		f->inflow = (uint8_t)op->value;
		break;
	case RFC2217_OP_BREAK:
		port.state.brk = op->value == RFC2217_BREAK_ON;
		break;
	case RFC2217_OP_DTR:
		port.state.dtr = op->value == RFC2217_DTR_ON;
		break;
	case RFC2217_OP_RTS:
		port.state.rts = op->value == RFC2217_RTS_ON;
		break;
	default:
		break;
	}
}

static int
fake_operate(void *ctx, const struct rfc2217_op *op, struct rfc2217_state *state)
{
	assert_ours(ctx);
	event("op %s %u\n", rfcport_op_names[op->what], op->value);
	if (op->value != 0 && !port.refuses)
		apply(op);
	if (port.waits)
		return RFC2217_PENDING;
	*state = port.state;
	return 0;
}

static void
fake_send(void *ctx, const uint8_t *payload, size_t n)
{
	size_t i;

	assert_ours(ctx);
	if (n > RFC2217_PAYLOAD_MAX)
		ck_abort_msg("%zu bytes sent", n);
	event("send");
	for (i = 0; i < n; i++)
		event(" %02x", payload[i]);
	event("\n");
}

static void
fake_masks(void *ctx, uint8_t modem, uint8_t line)
{
	assert_ours(ctx);
	event("masks %u %u\n", modem, line);
}

static void
fake_suspend(void *ctx, bool on)
{
	assert_ours(ctx);
	event("suspend %d\n", on);
}

const struct rfc2217_server_ops rfcport_server_ops = { fake_operate, fake_send, fake_masks, fake_suspend };

void
rfcport_forget(void)
{
	events[0] = '\0';
}

void
rfcport_start(void)
{
	memset(&server, 0x5a, sizeof server);
	memset(&port, 0, sizeof port);
	port.state = rfcport_usual;
	rfcport_forget();
	rfc2217_server_init(&server, &rfcport_server_ops, &port, "modemshared");
}

void
rfcport_start_agreed(uint8_t modem)
{
	rfcport_start();
	rfc2217_server_agreed(&server, modem);
	rfcport_forget();
}

int
rfcport_input(uint8_t code, uint32_t value)
{
	struct rfc2217_command c = { .code = code, .value = value };

	return rfc2217_server_input(&server, &c);
}

void
rfcport_expect(const char *what, const char *want)
{
	if (strcmp(events, want) != 0)
		ck_abort_msg("%s: got <%s> instead of <%s>", what, events, want);
	rfcport_forget();
}
