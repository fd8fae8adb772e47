/*
 * Fuzz target: the COM-PORT codec, the server role before a port of moods, and the client role.
 *
 * The input is a sequence of records: a kind, a length, and so many bytes (fewer at the end).
 * Kinds are payloads from a client and from a server, and what a caller may do in between.
 * Whatever comes, payloads sent fit, decode again, and are framed within the promised room.
 */
#include "rfc2217.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct rfc2217_server server;
static struct rfc2217_client client;
static struct rfc2217_state state;
static bool waits;
static unsigned asked; /* answers the port still owes */

/* Not assert(): the target must bite in every build. */
static void
must(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void
check_frame(const uint8_t *payload, size_t n)
{
	uint8_t frame[5 + 2 * LENGTH_MAX];
	int len = rfc2217_frame(payload, n, frame, sizeof frame);
	size_t i, doubled = 0;

	for (i = 0; i < n; i++)
		doubled += payload[i] == 255;
	must(len == (int)(5 + n + doubled));
	must(rfc2217_frame(payload, n, frame, (size_t)len - 1) == RFC2217_E_SPACE);
	for (i = 3; i + 2 < (size_t)len; i++) {
		must(*payload++ == frame[i]);
		if (frame[i] == 255)
			must(frame[++i] == 255);
	}
	must(frame[len - 2] == 255 && frame[len - 1] == 240);
}

/* What is decoded is encoded as the same bytes, but for those that were to be ignored. */
static void
check_round(enum rfc2217_sender from, const uint8_t *payload, size_t n)
{
	struct rfc2217_command c, again;
	uint8_t dst[1 + LENGTH_MAX];
	int len;

	if (rfc2217_decode(from, payload, n, &c) != 0)
		return;
	must(c.text_len < n);
	len = rfc2217_encode(&c, dst, sizeof dst);
	must(len > 0 && memcmp(dst, payload, n < (size_t)len ? n : (size_t)len) == 0);
	must(rfc2217_encode(&c, dst, (size_t)len - 1) == RFC2217_E_SPACE);
	must(rfc2217_decode(from, dst, (size_t)len, &again) == 0);
	must(again.code == c.code && again.value == c.value && again.text_len == c.text_len);
	must(strcmp(rfc2217_code_name(c.code), "?") != 0);
}

static int
operate(void *ctx, const struct rfc2217_op *op, struct rfc2217_state *result)
{
	must(ctx == &server && op->what <= RFC2217_OP_PURGE && asked == 0);
	if (op->what == RFC2217_OP_BAUD && op->value != 0)
		state.format.baud = op->value;
	if (waits) {
		asked++;
		return RFC2217_PENDING;
	}
	*result = state;
	return 0;
}

static void
server_sends(void *ctx, const uint8_t *payload, size_t n)
{
	struct rfc2217_command c;

	must(ctx == &server && n > 0 && n <= RFC2217_PAYLOAD_MAX);
	must(rfc2217_decode(RFC2217_FROM_SERVER, payload, n, &c) == 0);
	check_frame(payload, n);
	must(rfc2217_client_input(&client, payload, n) == 0);
}

static void
masks(void *ctx, uint8_t modem, uint8_t line)
{
	(void)modem;
	(void)line;
	must(ctx == &server);
}

static void
suspend(void *ctx, bool on)
{
	must(ctx == &server && on == rfc2217_server_suspended(&server));
}

static void
client_sends(void *ctx, const uint8_t *payload, size_t n)
{
	must(ctx == &client && n > 0 && n <= RFC2217_PAYLOAD_MAX);
	check_round(RFC2217_FROM_CLIENT, payload, n);
}

static void
client_told(void *ctx, const struct rfc2217_command *c)
{
	must(ctx == &client && c->code >= RFC2217_ANSWER);
}

static const struct rfc2217_server_ops server_ops = { operate, server_sends, masks, suspend };
static const struct rfc2217_client_ops client_ops = { client_sends, client_told };

static void
from_client(const uint8_t *payload, size_t n)
{
	struct rfc2217_command c;
	int result;

	check_round(RFC2217_FROM_CLIENT, payload, n);
	if (rfc2217_decode(RFC2217_FROM_CLIENT, payload, n, &c) != 0)
		return;
	result = rfc2217_server_input(&server, &c);
	must(result == 0 || result == RFC2217_PENDING || result == RFC2217_E_BUSY);
	must(result == 0 || asked == 1);
}

static void
done(void)
{
	if (asked == 0)
		return;
	asked = 0;
	rfc2217_server_done(&server, &state);
}

/* Something the caller of both roles does; a and b are any bytes. */
static void
act(uint8_t what, uint8_t a, uint8_t b)
{
	switch (what % 8) {
	case 0:
		rfc2217_server_agreed(&server, a);
		break;
	case 1:
		rfc2217_server_stopped(&server);
		break;
	case 2:
		rfc2217_server_modem(&server, a, b);
		break;
	case 3:
		rfc2217_server_tell_modem(&server, a);
		break;
	case 4:
		rfc2217_server_line(&server, a);
		break;
	case 5:
		rfc2217_server_correct(&server, a % (RFC2217_OP_PURGE + 1), &state);
		break;
	case 6:
		waits = a & 1;
		break;
	default:
		rfc2217_client_request(&client, a, b);
	}
}

static void
record(uint8_t kind, const uint8_t *bytes, size_t n)
{
	char words[LENGTH_MAX + 1];

	switch (kind % 8) {
	case 0:
		done();
		break;
	case 1:
		if (n > 2)
			act(bytes[0], bytes[1], bytes[2]);
		break;
	case 2:
		memcpy(words, bytes, n);
		words[n] = '\0';
		rfc2217_server_say(&server, words);
		break;
	case 3:
		check_round(RFC2217_FROM_SERVER, bytes, n);
		rfc2217_client_input(&client, bytes, n);
		break;
	default:
		check_frame(bytes, n);
		from_client(bytes, n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;

	memset(&state, 0, sizeof state);
	waits = false;
	asked = 0;
	rfc2217_server_init(&server, &server_ops, &server, "a signature of more than 28 bytes");
	rfc2217_client_init(&client, &client_ops, &client);
	while (size >= 2) {
		n = data[1] % (LENGTH_MAX + 1);
		if (n > size - 2)
			n = size - 2;
		record(data[0], data + 2, n);
		data += 2 + n;
		size -= 2 + n;
	}
	return 0;
}
