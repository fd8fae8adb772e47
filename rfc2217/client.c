/*
 * The client role of RFC 2217: requests go out, answers and notifications come in.
 *
 * A client knows only what it was told, so every field is what the server last said, not
 * what was asked for.  Answers may come unasked; they are taken like the others.
 */
#include "rfc2217.h"

#include <string.h>

void
rfc2217_client_init(struct rfc2217_client *cl, const struct rfc2217_client_ops *ops, void *ctx)
{
	memset(cl, 0, sizeof *cl);
	cl->ops = ops;
	cl->ctx = ctx;
}

/* SUSPEND and RESUME are never answered (R66): nothing waits for them. */
int
rfc2217_client_request(struct rfc2217_client *cl, uint8_t code, uint32_t value)
{
	struct rfc2217_command c = { .code = code, .value = value };
	uint8_t payload[RFC2217_PAYLOAD_MAX];
	int n;

	if (code >= RFC2217_ANSWER)
		return RFC2217_E_CODE;
	n = rfc2217_encode(&c, payload, sizeof payload);
	if (n < 0)
		return n;
	if (code != RFC2217_SUSPEND && code != RFC2217_RESUME)
		cl->waiting[code]++;
	cl->ops->send(cl->ctx, payload, (size_t)n);
	return 0;
}

/* The value itself tells which of the five things it describes. */
static void
learn_control(struct rfc2217_client *cl, uint8_t value)
{
	switch (value) {
	case RFC2217_OUT_NONE:
	case RFC2217_OUT_XONXOFF:
	case RFC2217_OUT_RTSCTS:
	case RFC2217_OUT_DCD:
	case RFC2217_OUT_DSR:
		cl->format.outflow = value;
		break;
	case RFC2217_IN_NONE:
	case RFC2217_IN_XONXOFF:
	case RFC2217_IN_RTSCTS:
	case RFC2217_IN_DTR:
		cl->format.inflow = value;
		break;
	case RFC2217_BREAK_ON:
	case RFC2217_BREAK_OFF:
		cl->brk = value;
		break;
	case RFC2217_DTR_ON:
	case RFC2217_DTR_OFF:
		cl->dtr = value;
		break;
	case RFC2217_RTS_ON:
	case RFC2217_RTS_OFF:
		cl->rts = value;
		break;
	default: /* describes nothing */
		break;
	}
}

static void
learn(struct rfc2217_client *cl, uint8_t code, uint32_t value)
{
	switch (code) {
	case RFC2217_SET_BAUDRATE:
		cl->format.baud = value;
		break;
	case RFC2217_SET_DATASIZE:
		cl->format.datasize = (uint8_t)value;
		break;
	case RFC2217_SET_PARITY:
		cl->format.parity = (uint8_t)value;
		break;
	case RFC2217_SET_STOPSIZE:
		cl->format.stopsize = (uint8_t)value;
		break;
	case RFC2217_SET_CONTROL:
		learn_control(cl, (uint8_t)value);
		break;
	case RFC2217_NOTIFY_MODEMSTATE:
		cl->modem = (uint8_t)value & 0xf0;
		cl->modem_known = true;
		break;
	case RFC2217_SUSPEND:
	case RFC2217_RESUME:
		cl->stopped = code == RFC2217_SUSPEND;
		break;
	default: /* nothing to keep */
		break;
	}
}

int
rfc2217_client_input(struct rfc2217_client *cl, const uint8_t *payload, size_t n)
{
	struct rfc2217_command c;
	int result = rfc2217_decode(RFC2217_FROM_SERVER, payload, n, &c);
	uint8_t code;

	if (result != 0)
		return result;
	code = c.code - RFC2217_ANSWER;
	if (cl->waiting[code] > 0)
		cl->waiting[code]--;
	learn(cl, code, c.value);
	cl->ops->told(cl->ctx, &c);
	return 0;
}

unsigned
rfc2217_client_waiting(const struct rfc2217_client *cl)
{
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < sizeof cl->waiting / sizeof cl->waiting[0]; i++)
		sum += cl->waiting[i];
	return sum;
}
