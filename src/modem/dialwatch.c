/*
 * Finds D commands in command lines, see dialwatch.h.
 *
 * A D is no dialling inside another command: &D2 and \D take the letter as their own, and the long
 * commands (AT+CIND, AT^SYSCFG=13,3FFFD, AT#CID) take all to a semicolon or at least all letters.
 * Like a modem it looks for AT anywhere in a line, since +++ has no line end, and does not look at
 * the parity bit.
 */
#include "modem/dialwatch.h"

enum state {
	HUNT,     /* for A */
	GOT_A,
	COMMAND,  /* a command is next */
	LETTER,   /* one character belongs to a prefix such as & */
	NAME,     /* letters belong to a long command */
	SKIP,     /* all belongs to it, to a semicolon */
	DIAL,     /* a D was seen: the rest is the number */
	TOO_LONG,
	AFTER_CR
};

void
dialwatch_init(struct dialwatch *d)
{
	*d = (struct dialwatch){ .state = HUNT };
}

static bool
is_letter(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static enum state
after_prefix(uint8_t c)
{
	switch (c) {
	case 'D':
		return DIAL;
	case '&':
	case '\\':
	case '%':
	case '-':
		return LETTER;
	case '^':
	case '#':
	case '*':
	case '$':
		return NAME;
	case '+':
		return SKIP;
	default:
		return COMMAND;
	}
}

static enum state
next_state(enum state state, uint8_t c)
{
	switch (state) {
	case HUNT:
	case AFTER_CR:
		return c == 'A' ? GOT_A : HUNT;
	case GOT_A:
		if (c == 'T')
			return COMMAND;
		return c == 'A' ? GOT_A : HUNT;
	case COMMAND:
		return after_prefix(c);
	case LETTER:
		return COMMAND;
	case NAME:
		if (is_letter(c))
			return NAME;
		return c == '=' || c == '?' ? SKIP : after_prefix(c);
	case SKIP:
		return c == ';' ? COMMAND : SKIP;
	case DIAL:
	case TOO_LONG:
		break;
	}
	return state;
}

static bool
in_command_line(const struct dialwatch *d)
{
	return d->state != HUNT && d->state != GOT_A && d->state != AFTER_CR;
}

static void
input_byte(struct dialwatch *d, uint8_t c)
{
	c &= 0x7f;
	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (d->state == AFTER_CR && (c == '\n' || c == '\0')) {
		d->state = HUNT;
		return;
	}
	d->dials = false;
	if (c == '\r') {
		d->dials = d->state == DIAL;
		d->state = AFTER_CR;
		return;
	}
	if (!in_command_line(d))
		d->length = 1; /* the A, if c is the T */
	else if (d->length == DIALWATCH_LINE)
		d->state = TOO_LONG;
	d->length++;
	/* Blanks and control characters may stand anywhere after AT. */
	if (c > ' ' || !in_command_line(d))
		d->state = (uint8_t)next_state((enum state)d->state, c);
}

bool
dialwatch_input(struct dialwatch *d, const uint8_t *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		input_byte(d, b[i]);
	return d->dials;
}
