/*
 * COM-PORT suboption payloads to values and back (RFC 2217, section 2).
 *
 * One table tells what follows each code; the server's codes are the client's + 100 and
 * carry the same.  Numbers are read and written byte by byte, high byte first.
 */
#include "rfc2217.h"

#include <limits.h>
#include <string.h>

enum { IAC = 255, SB = 250, SE = 240 };
enum { FRAME_EXTRA = 5, CODES = 13 };

/* What follows a code: so many bytes of a number, or text up to the end. */
enum shape { NOTHING = 0, BYTE = 1, RATE = 4, TEXT = 255 };

static const struct {
	const char *name;
	uint8_t shape;
	bool client_may_omit; /* pyserial polls with the bare code */
} codes[CODES] = {
	[RFC2217_SIGNATURE] = { "SIGNATURE", TEXT, false },
	[RFC2217_SET_BAUDRATE] = { "SET-BAUDRATE", RATE, false },
	[RFC2217_SET_DATASIZE] = { "SET-DATASIZE", BYTE, false },
	[RFC2217_SET_PARITY] = { "SET-PARITY", BYTE, false },
	[RFC2217_SET_STOPSIZE] = { "SET-STOPSIZE", BYTE, false },
	[RFC2217_SET_CONTROL] = { "SET-CONTROL", BYTE, false },
	[RFC2217_NOTIFY_LINESTATE] = { "NOTIFY-LINESTATE", BYTE, true },
	[RFC2217_NOTIFY_MODEMSTATE] = { "NOTIFY-MODEMSTATE", BYTE, true },
	[RFC2217_SUSPEND] = { "FLOWCONTROL-SUSPEND", NOTHING, false },
	[RFC2217_RESUME] = { "FLOWCONTROL-RESUME", NOTHING, false },
	[RFC2217_SET_LINESTATE_MASK] = { "SET-LINESTATE-MASK", BYTE, false },
	[RFC2217_SET_MODEMSTATE_MASK] = { "SET-MODEMSTATE-MASK", BYTE, false },
	[RFC2217_PURGE_DATA] = { "PURGE-DATA", BYTE, false },
};

/* The place of either side's code in the table; CODES or more if there is none. */
static unsigned
code_index(uint8_t code)
{
	return code >= RFC2217_ANSWER ? code - RFC2217_ANSWER : code;
}

int
rfc2217_decode(enum rfc2217_sender from, const uint8_t *payload, size_t n,
    struct rfc2217_command *out)
{
	struct rfc2217_command c = { .code = 0 };
	size_t i, want;
	unsigned k;

	if (n == 0)
		return RFC2217_E_EMPTY;
	c.code = payload[0];
	k = code_index(c.code);
	if (k >= CODES || (c.code >= RFC2217_ANSWER) != (from == RFC2217_FROM_SERVER))
		return RFC2217_E_CODE;
	if (codes[k].shape == TEXT) {
		c.text = (const char *)payload + 1;
		c.text_len = n - 1;
		*out = c;
		return 0;
	}
	want = codes[k].shape;
	if (n == 1 && from == RFC2217_FROM_CLIENT && codes[k].client_may_omit)
		want = 0;
	if (n - 1 < want)
		return RFC2217_E_SHORT;
	for (i = 1; i <= want; i++)
		c.value = c.value << 8 | payload[i];
	*out = c;
	return 0;
}

int
rfc2217_encode(const struct rfc2217_command *c, uint8_t *dst, size_t cap)
{
	unsigned k = code_index(c->code);
	size_t i, len;

	if (k >= CODES)
		return RFC2217_E_CODE;
	len = codes[k].shape == TEXT ? c->text_len : codes[k].shape;
	if (codes[k].shape == BYTE && c->value > UINT8_MAX)
		return RFC2217_E_VALUE;
	if (len >= cap || len >= INT_MAX)
		return RFC2217_E_SPACE;
	dst[0] = c->code;
	if (codes[k].shape == TEXT) {
		if (len > 0)
			memcpy(dst + 1, c->text, len);
	} else {
		for (i = 0; i < len; i++)
			dst[1 + i] = (uint8_t)(c->value >> 8 * (len - 1 - i));
	}
	return (int)len + 1;
}

int
rfc2217_frame(const uint8_t *payload, size_t n, uint8_t *dst, size_t cap)
{
	size_t i, len = FRAME_EXTRA;

	for (i = 0; i < n; i++)
		len += payload[i] == IAC ? 2 : 1;
	if (len > cap || len > INT_MAX)
		return RFC2217_E_SPACE;
	*dst++ = IAC;
	*dst++ = SB;
	*dst++ = RFC2217_OPTION;
	for (i = 0; i < n; i++) {
		if (payload[i] == IAC)
			*dst++ = IAC;
		*dst++ = payload[i];
	}
	*dst++ = IAC;
	*dst++ = SE;
	return (int)len;
}

const char *
rfc2217_code_name(uint8_t code)
{
	unsigned k = code_index(code);

	return k < CODES ? codes[k].name : "?";
}

/* SET-CONTROL beyond 19 and PURGE-DATA beyond 3 mean nothing, so nothing changes. */
bool
rfc2217_changes(const struct rfc2217_command *c)
{
	switch (c->code) {
	case RFC2217_SET_BAUDRATE:
	case RFC2217_SET_DATASIZE:
	case RFC2217_SET_PARITY:
	case RFC2217_SET_STOPSIZE:
		return c->value != 0;
	case RFC2217_SET_CONTROL:
		return c->value <= RFC2217_OUT_DSR && c->value != RFC2217_OUT_QUERY &&
		    c->value != RFC2217_BREAK_QUERY && c->value != RFC2217_DTR_QUERY &&
		    c->value != RFC2217_RTS_QUERY && c->value != RFC2217_IN_QUERY;
	case RFC2217_PURGE_DATA:
		return c->value >= RFC2217_PURGE_RX && c->value <= RFC2217_PURGE_BOTH;
	default:
		return false;
	}
}
