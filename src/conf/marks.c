/*
 * Characters of other languages, see marks.h: of C, of nginx and BIND, of JSON and TOML, and of word
 * processors and web pages.
 */
#include "conf/marks.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char typographic[] = "typographic quotes: use \"\"";

/* What looks like a character of ours and is none. */
static const struct {
	const char *bytes, *said;
} lookalikes[] = {
	{ "\xe2\x80\x9c", typographic }, { "\xe2\x80\x9d", typographic },
	{ "\xe2\x80\x9e", typographic }, { "\xe2\x80\x9f", typographic },
	{ "\xe2\x80\x98", typographic }, { "\xe2\x80\x99", typographic },
	{ "\xe2\x80\x9a", typographic }, { "\xe2\x80\x9b", typographic },
	{ "\xc2\xab", typographic }, { "\xc2\xbb", typographic },
	{ "\xc2\xa0", "a no-break space outside a text; expected a space" },
	{ "\xe2\x80\xaf", "a no-break space outside a text; expected a space" },
	{ "\xe2\x80\x8b", "a space of no width outside a text; expected none" },
	{ "\xef\xbb\xbf", "a byte order mark in the midst; expected none" },
	{ "\xe2\x80\x90", "a dash that is no hyphen; expected -" },
	{ "\xe2\x80\x91", "a dash that is no hyphen; expected -" },
	{ "\xe2\x80\x93", "a dash that is no hyphen; expected -" },
	{ "\xe2\x80\x94", "a dash that is no hyphen; expected -" },
};

static const char *
lookalike(const char *at, size_t n)
{
	size_t i, len;

	for (i = 0; i < sizeof lookalikes / sizeof lookalikes[0]; i++) {
		len = strlen(lookalikes[i].bytes);
		if (len <= n && memcmp(lookalikes[i].bytes, at, len) == 0)
			return lookalikes[i].said;
	}
	return NULL;
}

static const char *
semicolon(enum conf_mark_place place)
{
	switch (place) {
	case CONF_MARK_FIRST:
		return "no ; here: a comment begins with # or //";
	case CONF_MARK_IN_LIST:
		return "no ; here: the values of a list have commas between them";
	case CONF_MARK_BEHIND_SECTION:
		return "no ; here: a section ends with its brace";
	default:
		return "no ; here: a value ends with its line";
	}
}

/* What stands between a bracket and the one that closes it on the same line, without space round it; NULL: none
 * does, or it is long. */
static const char *
inside(const char *at, size_t n, char close, size_t *len)
{
	const char *newline = memchr(at, '\n', n), *end;

	end = memchr(at, close, newline != NULL ? (size_t)(newline - at) : n);
	if (end == NULL || end - at > CONF_MARK / 8)
		return NULL;
	for (at++; at < end && (*at == ' ' || *at == '\t'); at++)
		;
	for (; end > at && (end[-1] == ' ' || end[-1] == '\t'); end--)
		;
	*len = (size_t)(end - at);
	return at;
}

static const char *
list(char dst[static CONF_MARK], const char *at, size_t n)
{
	char shown[CONF_MARK / 2];
	size_t len;
	const char *values = inside(at, n, *at == '[' ? ']' : ')', &len);

	if (values == NULL || len == 0)
		return "a list stands in braces: { VALUE, VALUE }";
	snprintf(dst, CONF_MARK, "a list stands in braces: { %s }",
	    text_vis(shown, sizeof shown, values, len));
	return dst;
}

/* [::]:2217 without quotes is an address. */
static int
is_v6(const char *at, size_t n)
{
	size_t i;

	for (i = 1; i < n && strchr("0123456789abcdefABCDEF:.", at[i]) != NULL && at[i] != '\0'; i++)
		;
	return i + 1 < n && at[i] == ']' && at[i + 1] == ':';
}

const char *
conf_typographic(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (lookalike(text + i, n - i) == typographic)
			return typographic;
	return NULL;
}

const char *
conf_mark(char dst[static CONF_MARK], const char *at, size_t n, enum conf_mark_place place)
{
	const char *said = lookalike(at, n);
	char shown[8];

	if (said != NULL)
		return said;
	if (*at == ';')
		return semicolon(place);
	if (place == CONF_MARK_AS_VALUE && (*at == '(' || (*at == '[' && !is_v6(at, n))))
		return list(dst, at, n);
	if (*at == '[' && place == CONF_MARK_FIRST)
		return "no [ ] here: a section is line \"NAME\" { ... }";
	if (*at == '(' || *at == ')')
		return "a function call; expected KEY = VALUE";
	if (*at == '+')
		return "\"+\" outside a text; expected KEY = VALUE";
	snprintf(dst, CONF_MARK, "the character %s outside a text; expected quotes around the value",
	    text_vis(shown, sizeof shown, at, 1));
	return dst;
}
