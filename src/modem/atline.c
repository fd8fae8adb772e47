/*
 * Finds D, A, H, O and Z commands in command lines, see atline.h.
 *
 * A D is no dialling inside another command: &D2 and \D take the letter as their own, and the long
 * commands (AT+CIND, AT^SYSCFG=13,3FFFD, AT#CID) take all to a semicolon or at least all letters.
 * AT counts where a line begins, also behind control characters, blanks and +++, which has no line end: in the midst of
 * one it may be text ("Your code at DKB").  The parity bit does not count.
 */
#include "modem/atline.h"

#include <string.h>

#include "modem/mmi.h"

enum state {
	HUNT,     /* for A */
	GOT_A,
	COMMAND,  /* a command is next */
	LETTER,   /* one character belongs to a prefix such as & */
	NAME,     /* letters belong to a long command */
	SKIP,     /* all belongs to it, to a semicolon */
	DIAL,     /* a D was seen: the rest is the number */
	AFTER_CR,
	AFTER_REPEAT
};

void
atline_init(struct atline *a)
{
	*a = (struct atline){ .state = HUNT, .first = true };
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
	default:
		return state;
	}
}

bool
atline_inside(const struct atline *a)
{
	return a->state >= COMMAND && a->state <= DIAL;
}

/* A character in the place of a command. */
static void
note_command(struct atline *a, uint8_t c)
{
	if (c == 'A')
		a->answers = true;
	else if (c == 'O')
		a->online = true;
	else if (c == 'H' || c == 'Z')
		a->hangs = true;
	else if (c == '1' && a->last == 'H') /* off hook */
		a->hangs = false;
	a->last = c;
}

/* What follows a semicolon is another command. */
static void
note_digit(struct atline *a, uint8_t c)
{
	if (a->n > 0 && a->n <= sizeof a->dial && a->dial[a->n - 1] == ';')
		return;
	if (a->n < sizeof a->dial)
		a->dial[a->n] = (char)c;
	if (a->n < UINT16_MAX)
		a->n++;
}

/* What the client takes back of a number; what it takes back of other commands does not matter. */
static void
take_back(struct atline *a)
{
	if (a->n > 0)
		a->n--;
	else
		a->state = COMMAND;
}

static void
begin_line(struct atline *a)
{
	a->dials = a->answers = a->hangs = a->online = false;
	a->last = 0;
	a->n = 0;
}

static enum atline_event
end_line(struct atline *a)
{
	bool line = atline_inside(a);

	a->dials = a->state == DIAL;
	a->state = AFTER_CR;
	a->first = true;
	return line ? ATLINE_ENDED : ATLINE_MORE;
}

static bool
is_tail(struct atline *a, uint8_t c)
{
	if (a->state == AFTER_REPEAT && c == '\r') {
		a->state = AFTER_CR;
		return true;
	}
	if (a->state == AFTER_CR || a->state == AFTER_REPEAT) {
		a->state = HUNT;
		return c == '\n' || c == '\0';
	}
	return false;
}

/* Is the next byte at the begin of a line, or still there?  Ctrl-Z and ESC end a text that was sent unasked. */
static bool
still_first(const struct atline *a, uint8_t c)
{
	return c == '\n' || c == 0x1a || c == 0x1b || (a->first && a->state == HUNT && (c <= ' ' || c == 0x7f || c == '+'));
}

/* Looks for AT. */
static enum atline_event
hunt(struct atline *a, uint8_t c)
{
	if (a->state == GOT_A && a->first && c == '/') {
		a->state = AFTER_REPEAT;
		return ATLINE_REPEAT;
	}
	if (a->state == GOT_A && a->first && c == 'T') {
		a->state = COMMAND;
		begin_line(a);
	} else if (c == 'A') {
		a->state = GOT_A;
	} else {
		a->first = still_first(a, c);
		a->state = HUNT;
	}
	return ATLINE_MORE;
}

static void
in_line(struct atline *a, uint8_t c)
{
	enum state was = (enum state)a->state;

	if (was == DIAL && (c == '\b' || c == 0x7f))
		take_back(a);
	/* Blanks and control characters may stand anywhere after AT. */
	if (c <= ' ' || c == 0x7f)
		return;
	if (was == COMMAND)
		note_command(a, c);
	if (was == DIAL)
		note_digit(a, c);
	a->state = (uint8_t)next_state(was, c);
	if (was != COMMAND || a->state != COMMAND)
		a->last = 0;
}

enum atline_event
atline_input(struct atline *a, uint8_t c)
{
	c &= 0x7f;
	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (is_tail(a, c))
		return ATLINE_TAIL;
	if (c == '\r')
		return end_line(a);
	if (!atline_inside(a))
		return hunt(a, c);
	in_line(a, c);
	return ATLINE_MORE;
}

static bool
is_digit(char c)
{
	return c != '\0' && strchr("0123456789*#+ABCD,W", c) != NULL;
}

bool
atline_number(const struct atline *a, char dst[static ATLINE_NUMBER])
{
	size_t have = a->n < sizeof a->dial ? a->n : sizeof a->dial, i = 0, n = 0, shown;
	bool stored, name;

	while (i < have && (a->dial[i] == 'T' || a->dial[i] == 'P'))
		i++;
	stored = i < have && (a->dial[i] == 'L' || a->dial[i] == 'S');
	name = i < have && (a->dial[i] == '>' || a->dial[i] == '"');
	if (stored)
		dst[n++] = a->dial[i++];
	for (; i < have && a->dial[i] != ';' && n < ATLINE_NUMBER - 1; i++)
		if (!name && (is_digit(a->dial[i]) || (stored && a->dial[i] == '=')))
			dst[n++] = a->dial[i];
	dst[n] = '\0';
	shown = mmi_shown(dst);
	memset(dst + shown, 0, ATLINE_NUMBER - shown);
	return memchr(a->dial, ';', have) != NULL;
}
