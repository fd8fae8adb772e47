/*
 * Finds answers in lines, see chat.h.
 */
#include "modem/chat.h"

#include <string.h>

#include "base/text.h"
#include "modem/result.h"

#define NO_ECHO SIZE_MAX
#define ELLIPSIS "..."

/* ---- lines ---- */

/* The parity bit is whoever's who used the modem last; padding and flow control are nobody's text. */
static bool
is_text(uint8_t *c)
{
	*c &= 0x7f;
	return *c != '\0' && *c != 0x7f && *c != 0x11 && *c != 0x13;
}

static bool
is_end(uint8_t c)
{
	return c == '\r' || c == '\n';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
end_line(struct chat_line *l)
{
	while (l->len > 0 && is_blank(l->text[l->len - 1]))
		l->len--;
	l->text[l->len] = '\0';
	l->complete = l->len > 0;
	return l->complete;
}

bool
chat_line_input(struct chat_line *l, uint8_t c)
{
	if (!is_text(&c))
		return false;
	if (l->complete)
		*l = (struct chat_line){ .len = 0 };
	if (is_end(c))
		return end_line(l);
	if (l->len == 0 && is_blank((char)c))
		return false;
	if (l->len < CHAT_LINE - 1) {
		l->text[l->len++] = (char)c;
		l->text[l->len] = '\0';
	} else {
		l->too_long = true;
	}
	return false;
}

/* ---- words ---- */

/* Makers' unsolicited lines: ^RSSI:19, +CREG: 1, *PSUTTZ: ... */
static bool
is_chatter(const char *s)
{
	if (strchr("^+*%#$", *s) == NULL)
		return false;
	while (*s >= ' ' && *s < 0x7f)
		s++;
	return *s == '\0';
}

static bool
is_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return s[n] == '\0' && n <= 2;
}

enum chat_word
chat_word(const struct chat_line *l)
{
	const char *words;

	if (l->too_long)
		return CHAT_UNKNOWN;
	switch (result_of(l->text, strlen(l->text), &words)) {
	case RESULT_OK:
		return CHAT_OK;
	case RESULT_RING:
		return CHAT_RING;
	case RESULT_NO_CARRIER:
		return CHAT_NO_CARRIER;
	case RESULT_ERROR:
	case RESULT_MESSAGE_ERROR:
		return CHAT_ERROR;
	case RESULT_NONE:
		return is_number(l->text) || is_chatter(l->text) ? CHAT_CHATTER : CHAT_UNKNOWN;
	default:
		return CHAT_CHATTER;
	}
}

/* ---- the chat ---- */

void
chat_begin(struct chat *c, const char *command)
{
	*c = (struct chat){ .command = command };
}

static void
follow_echo(struct chat *c, uint8_t byte)
{
	if (is_end(byte))
		return;
	if (c->echoed != NO_ECHO && c->command[c->echoed] == (char)byte)
		c->echoed++;
	else
		c->echoed = NO_ECHO;
}

static bool
is_answer(enum chat_word word)
{
	return word == CHAT_OK || word == CHAT_ERROR || word == CHAT_NO_CARRIER;
}

static enum chat_word
input_byte(struct chat *c, uint8_t byte)
{
	enum chat_word word;
	bool echo;

	if (!is_text(&byte))
		return CHAT_NOTHING;
	follow_echo(c, byte);
	if (!chat_line_input(&c->line, byte)) {
		if (is_end(byte))
			c->echoed = 0;
		return CHAT_NOTHING;
	}
	echo = c->echoed != NO_ECHO && c->command[c->echoed] == '\0';
	c->echoed = 0;
	word = chat_word(&c->line);
	c->garbage |= word == CHAT_UNKNOWN && !echo;
	return is_answer(word) ? word : CHAT_NOTHING;
}

enum chat_word
chat_input(struct chat *c, const uint8_t *b, size_t n, size_t *used)
{
	enum chat_word word = CHAT_NOTHING;

	for (*used = 0; *used < n && word == CHAT_NOTHING; (*used)++)
		word = input_byte(c, b[*used]);
	return word;
}

bool
chat_garbage(const struct chat *c)
{
	bool begun = c->line.len > 0 && !c->line.complete && c->echoed == NO_ECHO;

	return c->garbage || (begun && chat_word(&c->line) == CHAT_UNKNOWN);
}

/* ---- what may be shown ---- */

/* Where `word` that begins at s ends, blanks and case left aside as a modem does; NULL: it is none. */
static const char *
match_word(const char *s, const char *word)
{
	for (; *word != '\0'; s++) {
		if (is_blank(*s))
			continue;
		if (*s != *word && (*s < 'a' || *s > 'z' || *s - 'a' + 'A' != *word))
			return NULL;
		word++;
	}
	return s;
}

/* Behind the first name of something that takes a PIN or a password; NULL: there is none. */
static const char *
find_secret(const char *command)
{
	static const char *const names[] = { "CPIN", "CPWD", "CLCK" };
	const char *end;
	size_t i;

	for (; *command != '\0'; command++)
		for (i = 0; i < sizeof names / sizeof names[0]; i++)
			if ((end = match_word(command, names[i])) != NULL)
				return end;
	return NULL;
}

bool
chat_secret(const char *command)
{
	return find_secret(command) != NULL;
}

const char *
chat_show(char *dst, size_t cap, const char *command)
{
	const char *end = find_secret(command);
	size_t len;

	if (end == NULL)
		return text_vis(dst, cap, command, strlen(command));
	text_vis(dst, cap, command, (size_t)(end - command));
	len = strlen(dst);
	text_vis(dst + len, cap - len, ELLIPSIS, sizeof ELLIPSIS - 1);
	return dst;
}
