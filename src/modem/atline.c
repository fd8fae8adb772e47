/*
 * Finds D, A, H, O and Z commands in command lines, see atline.h.
 *
 * A line is read when it has ended, or is longer than what can be taken back: then character by character.
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
	NAME,     /* letters belong to a long command of a maker's, */
	EXTENDED, /* ... to one with a plus sign (V.250, 5.4) */
	REGISTER, /* digits are the number of an S register, */
	SETTING,  /* ... its value */
	ASKS,     /* what follows is a test, or makes it online */
	CLASS,    /* the first of what +FCLASS is set to (T.31, T.32) */
	VALUE,    /* all belongs to it, to a semicolon that is not in quotes (5.4.2.2) */
	DIAL,     /* a D was seen: the rest is the number */
	REST,     /* nothing counts: behind Z, A, O (6.1.1, 6.3.5, 6.3.7), and behind the semicolon of a number */
	AFTER_CR,
	AFTER_REPEAT
};

#define BACKSPACE 8
#define DEL 0x7f
#define CTRL_Z 0x1a
#define ESC 0x1b

void
atline_init(struct atline *a)
{
	*a = (struct atline){ .state = HUNT, .first = true };
}

bool
atline_inside(const struct atline *a)
{
	return a->state >= COMMAND && a->state <= REST;
}

/* ---- what a line says ---- */

static bool
is_letter(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static enum state
after_prefix(struct atline *a, uint8_t c)
{
	switch (c) {
	case 'D':
		return DIAL;
	case 'A':
	case 'O':
	case 'Z':
		return REST;
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
	case 'S':
		a->number = a->value = 0;
		return REGISTER;
	case '+':
		a->n_name = 0;
		return EXTENDED;
	default:
		return COMMAND;
	}
}

/* A character in the place of a command. */
static enum state
take_command(struct atline *a, uint8_t c)
{
	enum state next = after_prefix(a, c);

	if (c == 'A')
		a->answers = true;
	else if (c == 'O')
		a->online = true;
	else if (c == 'H' || c == 'Z')
		a->hangs = true;
	else if (c == '1' && a->last == 'H') /* off hook */
		a->hangs = false;
	if (c == 'Z')
		a->fax = ATLINE_NO_FAX;
	a->last = next == COMMAND || c == '&' ? c : 0;
	return next;
}

static bool
is_figure(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Values above 255 are no values: which one it is matters only as far as it is zero. */
static uint8_t
append(uint8_t number, uint8_t c)
{
	unsigned more = number * 10u + (unsigned)(c - '0');

	return more > UINT8_MAX ? UINT8_MAX : (uint8_t)more;
}

static enum state
take_register(struct atline *a, uint8_t c)
{
	if (is_figure(c)) {
		a->number = append(a->number, c);
		return REGISTER;
	}
	return c == '=' ? SETTING : take_command(a, c);
}

static void
end_setting(struct atline *a)
{
	if (a->number == 0)
		a->rings = a->value > 0 ? ATLINE_RINGS_SOME : ATLINE_RINGS_NONE;
}

static enum state
take_setting(struct atline *a, uint8_t c)
{
	if (is_figure(c)) {
		a->value = append(a->value, c);
		return SETTING;
	}
	end_setting(a);
	return take_command(a, c);
}

static bool
is_named(const struct atline *a, const char *name)
{
	return strlen(name) == a->n_name && memcmp(a->name, name, a->n_name) == 0;
}

static void
end_name(struct atline *a)
{
	a->hangs |= is_named(a, "CHUP"); /* 3GPP TS 27.007, 6.5 */
}

static enum state
take_extended(struct atline *a, uint8_t c)
{
	if (is_letter(c) || is_figure(c)) {
		if (a->n_name < sizeof a->name)
			a->name[a->n_name] = (char)c;
		if (a->n_name <= sizeof a->name)
			a->n_name++;
		return EXTENDED;
	}
	if (c == ';')
		end_name(a);
	if (c == '=' && is_named(a, "FCLASS"))
		return CLASS;
	if (c == '=' && is_named(a, "CGDATA")) /* 27.007, 10.1.12 */
		return ASKS;
	return c == ';' ? COMMAND : VALUE;
}

static enum state
take_digit(struct atline *a, uint8_t c)
{
	if (c == ';' && !a->quoted) {
		a->voice = true;
		return REST;
	}
	if (a->n < sizeof a->dial)
		a->dial[a->n++] = (char)c;
	return DIAL;
}

static enum state
take(struct atline *a, uint8_t c)
{
	if (c == '"')
		a->quoted = !a->quoted;
	switch ((enum state)a->state) {
	case COMMAND:
		a->quoted = false;
		return take_command(a, c);
	case LETTER:
		if (c == 'F' && a->last == '&')
			a->fax = ATLINE_NO_FAX;
		a->last = 0;
		return COMMAND;
	case NAME:
		if (is_letter(c))
			return NAME;
		return c == '=' || c == '?' ? VALUE : take_command(a, c);
	case EXTENDED:
		return take_extended(a, c);
	case REGISTER:
		return take_register(a, c);
	case SETTING:
		return take_setting(a, c);
	case ASKS:
		a->online |= c != '?';
		return VALUE;
	case CLASS:
		if (is_figure(c))
			a->fax = c == '1' || c == '2' ? ATLINE_FAX : ATLINE_NO_FAX;
		/* FALLTHROUGH */
	case VALUE:
		return c == ';' && !a->quoted ? COMMAND : VALUE;
	case DIAL:
		return take_digit(a, c);
	default:
		return (enum state)a->state;
	}
}

/* ---- how it is typed ---- */

/* The first character that is typed can be taken back no more. */
static void
take_first(struct atline *a)
{
	uint8_t c = (uint8_t)a->typed[0];

	a->n_typed--;
	memmove(a->typed, a->typed + 1, a->n_typed);
	if (c != ' ') /* blanks may stand anywhere */
		a->state = (uint8_t)take(a, c);
}

/* Other control characters are none of the line (V.250, 5.2.2). */
static void
type(struct atline *a, uint8_t c)
{
	if ((c == BACKSPACE || c == DEL) && a->n_typed > 0)
		a->n_typed--;
	if (c < ' ' || c == DEL)
		return;
	if (a->n_typed == sizeof a->typed)
		take_first(a);
	a->typed[a->n_typed++] = (char)c;
}

static void
begin_line(struct atline *a)
{
	atline_init(a);
	a->state = COMMAND;
}

static enum atline_event
end_line(struct atline *a)
{
	bool line = atline_inside(a);

	while (line && a->n_typed > 0)
		take_first(a);
	if (a->state == EXTENDED)
		end_name(a);
	else if (a->state == SETTING)
		end_setting(a);
	a->dials = a->state == DIAL || a->voice;
	memset(a->typed, 0, sizeof a->typed); /* perhaps a PIN */
	a->n_typed = 0;
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
	return c == '\n' || c == CTRL_Z || c == ESC ||
	    (a->first && a->state == HUNT && (c <= ' ' || c == DEL || c == '+'));
}

/* Looks for AT, and for A/, which counts anywhere: what is before it may have ended a dialling. */
static enum atline_event
hunt(struct atline *a, uint8_t c)
{
	if (a->state == GOT_A && c == '/') {
		a->state = AFTER_REPEAT;
		a->first = true;
		return ATLINE_REPEAT;
	}
	if (a->state == GOT_A && a->first && c == 'T') {
		begin_line(a);
	} else if (c == 'A') {
		a->state = GOT_A;
	} else {
		a->first = still_first(a, c);
		a->state = HUNT;
	}
	return ATLINE_MORE;
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
	type(a, c);
	return ATLINE_MORE;
}

/* ---- the number ---- */

static bool
is_digit(char c)
{
	return c != '\0' && strchr("0123456789*#+ABCD,W", c) != NULL;
}

bool
atline_number(const struct atline *a, char dst[static ATLINE_NUMBER])
{
	size_t i = 0, n = 0, shown;
	bool stored, name;

	while (i < a->n && (a->dial[i] == 'T' || a->dial[i] == 'P'))
		i++;
	stored = i < a->n && (a->dial[i] == 'L' || a->dial[i] == 'S');
	name = i < a->n && (a->dial[i] == '>' || a->dial[i] == '"');
	if (stored)
		dst[n++] = a->dial[i++];
	for (; i < a->n && n < ATLINE_NUMBER - 1; i++)
		if (!name && (is_digit(a->dial[i]) || (stored && a->dial[i] == '=')))
			dst[n++] = a->dial[i];
	dst[n] = '\0';
	shown = mmi_shown(dst);
	memset(dst + shown, 0, ATLINE_NUMBER - shown);
	return a->voice;
}
