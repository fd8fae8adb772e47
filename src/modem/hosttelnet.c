/*
 * Telnet towards a host, see hosttelnet.h.  An option is answered only when it changes (RFC 854's rule
 * against loops); one that is refused is refused each time it is asked for.
 */
#include "modem/hosttelnet.h"

#include <string.h>

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { NUL = 0, LF = 10, CR = 13, BINARY_OPTION = 0 };
enum { IN_DATA, IN_IAC, IN_VERB, IN_SUB, IN_SUB_IAC };

/* The options that may be on, and on which side. */
static const struct option {
	uint8_t code, bit;
	bool ours, theirs;
} options[] = {
	{ BINARY_OPTION, 1, true, true },
	{ 1, 2, false, true }, /* ECHO */
	{ 3, 4, true, true },  /* SUPPRESS-GO-AHEAD */
};

#define BINARY 1

static const struct option *
find_option(uint8_t code)
{
	size_t i;

	for (i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].code == code)
			return &options[i];
	return NULL;
}

static size_t
answer(uint8_t reply[static HOSTTELNET_REPLY], uint8_t verb, uint8_t code)
{
	reply[0] = IAC;
	reply[1] = verb;
	reply[2] = code;
	return 3;
}

/* Our BINARY begins or ends: before that the CR that went out gets its NUL, which would be data behind it. */
static size_t
answer_settled(struct hosttelnet *t, uint8_t reply[static HOSTTELNET_REPLY], uint8_t verb, uint8_t code)
{
	size_t before = code == BINARY_OPTION && (verb == WILL || verb == WONT) && hosttelnet_settle(t) ? 1 : 0;
	uint8_t whole[HOSTTELNET_REPLY];
	size_t n = answer(whole, verb, code);

	reply[0] = NUL;
	memcpy(reply + before, whole, n);
	return before + n;
}

/* WILL and WONT are about the host's side, DO and DONT about ours. */
static size_t
negotiate(struct hosttelnet *t, uint8_t code, uint8_t reply[static HOSTTELNET_REPLY])
{
	const struct option *o = find_option(code);
	bool about_host = t->verb == WILL || t->verb == WONT, wants = t->verb == WILL || t->verb == DO;
	uint8_t *on = about_host ? &t->theirs : &t->ours;
	uint8_t yes = about_host ? DO : WILL, no = about_host ? DONT : WONT;
	bool may = o != NULL && (about_host ? o->theirs : o->ours), is = may && (*on & o->bit) != 0;

	if (!may)
		return wants ? answer(reply, no, code) : 0;
	if (wants == is)
		return 0;
	*on ^= o->bit;
	return answer_settled(t, reply, wants ? yes : no, code);
}

/* NUL behind CR is part of the line end, unless the host sends binary. */
static bool
is_data(struct hosttelnet *t, uint8_t c, uint8_t *data)
{
	bool after_cr = t->cr;

	t->cr = c == CR && (t->theirs & BINARY) == 0;
	*data = c;
	return !after_cr || c != 0;
}

static bool
after_iac(struct hosttelnet *t, uint8_t c, uint8_t *data)
{
	t->state = IN_DATA;
	if (c == IAC)
		return is_data(t, c, data);
	if (c == SB)
		t->state = IN_SUB;
	else if (c >= WILL)
		t->state = IN_VERB;
	t->verb = c;
	return false; /* commands without an option are nothing to a modem */
}

bool
hosttelnet_input(struct hosttelnet *t, uint8_t c, uint8_t *data,
    uint8_t reply[static HOSTTELNET_REPLY], size_t *replied)
{
	*replied = 0;
	switch (t->state) {
	case IN_IAC:
		return after_iac(t, c, data);
	case IN_VERB:
		t->state = IN_DATA;
		*replied = negotiate(t, c, reply);
		return false;
	case IN_SUB:
		t->state = c == IAC ? IN_SUB_IAC : IN_SUB;
		return false;
	case IN_SUB_IAC:
		t->state = c == SE ? IN_DATA : IN_SUB;
		return false;
	default:
		if (c != IAC)
			return is_data(t, c, data);
		t->state = IN_IAC;
		return false;
	}
}

size_t
hosttelnet_encode(struct hosttelnet *t, uint8_t c, uint8_t dst[static HOSTTELNET_ENCODED])
{
	size_t n = 0;

	if (t->owes && c != LF)
		dst[n++] = NUL;
	dst[n++] = c;
	if (c == IAC)
		dst[n++] = IAC;
	t->owes = c == CR && (t->ours & BINARY) == 0;
	return n;
}

bool
hosttelnet_settle(struct hosttelnet *t)
{
	bool owes = t->owes;

	t->owes = false;
	return owes;
}
