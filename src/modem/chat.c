/*
 * Finds answers in lines, see chat.h.
 */
#include "modem/chat.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "modem/mmi.h"
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

/* Those of V.250 and its kin and of 3GPP TS 27.007 and 27.005 that set-up strings have and that take no secret. */
static const char *const harmless[] = {
	"A8E", "CBST", "CCWA", "CEREG", "CFUN", "CGATT", "CGEREP", "CGREG", "CGSMS", "CLIP", "CLVL", "CMEE", "CMGF",
	"CMUT", "CMUX", "CNMI", "COLP", "COPS", "CPMS", "CR", "CRC", "CREG", "CRLP", "CSCS", "CSDH", "CSMS", "CSNS",
	"CSTA", "CTZR", "CTZU", "CVHU", "DCS", "DR", "DS", "DS44", "EB", "EFCS", "EFRAM", "ER", "ES", "ESA", "ESR",
	"ETBM", "FAA", "FCLASS", "FLO", "ICF", "IFC", "ILRR", "IPR", "MR", "MS", "MSC", "PCW", "PIG", "PMH", "PQC",
	"PSS", "VCID", "VDR", "VDT", "VGR", "VGT", "VIT", "VLS", "VNH", "VSD", "VSM",
};

#define NAME_MAX_LEN 8

/* The letters and digits before `at`, blanks left aside, the last NAME_MAX_LEN of them; *sign is what stands before
 * all of them, NUL at the begin of the command. */
static void
name_before(char name[static NAME_MAX_LEN + 1], char *sign, const char *command, const char *at)
{
	char *first = name + NAME_MAX_LEN;

	for (*first = *sign = '\0'; at > command && *sign == '\0'; at--) {
		if (is_blank(at[-1]))
			continue;
		if (!isalnum((unsigned char)at[-1]))
			*sign = at[-1];
		else if (first > name)
			*--first = (char)toupper((unsigned char)at[-1]);
	}
	memmove(name, first, strlen(first) + 1);
}

/* ATS0=1, also behind others: AT&C1S0=1. */
static bool
is_register(const char *name, char sign)
{
	size_t n = strlen(name);

	while (n > 0 && isdigit((unsigned char)name[n - 1]))
		n--;
	return name[n] != '\0' && n > 0 && name[n - 1] == 'S' && (sign == '\0' || strchr("+^$#*_@", sign) == NULL);
}

/* May what follows this = be shown?  Makers have names of their own for what takes a password, so only what is
 * known to take none is. */
static bool
is_harmless(const char *command, const char *at)
{
	char name[NAME_MAX_LEN + 1], sign;
	size_t i;

	if (at[1] == '?' && (at[2] == '\0' || at[2] == ';'))
		return true;
	name_before(name, &sign, command, at);
	if (is_register(name, sign))
		return true;
	for (i = 0; sign == '+' && i < sizeof harmless / sizeof harmless[0]; i++)
		if (strcmp(name, harmless[i]) == 0)
			return true;
	return false;
}

/* Behind the first name of something that takes, or may take, a PIN or a password; NULL: there is none. */
static const char *
find_secret(const char *command)
{
	static const char *const names[] = { "CPIN", "CPWD", "CLCK" };
	const char *at, *end;
	size_t i;

	for (at = command; *at != '\0'; at++) {
		for (i = 0; i < sizeof names / sizeof names[0]; i++)
			if ((end = match_word(at, names[i])) != NULL)
				return end;
		if (*at == '=' && !is_harmless(command, at))
			return at;
		if ((*at == 'D' || *at == 'd') && at[1 + mmi_shown(at + 1)] != '\0')
			return at + 1 + mmi_shown(at + 1);
	}
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
