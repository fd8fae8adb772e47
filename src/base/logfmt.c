/*
 * How a line of the log is written, see logfmt.h.
 */
#include "base/logfmt.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define ESCAPED 8 /* one character, escaped and terminated */
#define CUT "..."

struct out {
	char *dst;
	size_t cap, used;
	size_t whole; /* so much of it ends with a word or a pair */
	bool quoted;  /* within quotes of the format */
	bool full;    /* something did not fit, and nothing more is put in */
};

/* One character as it stands in quotes, *n its bytes in src.  Returns its length in dst. */
static size_t
escape(char dst[static ESCAPED], const char *src, size_t *n)
{
	static const char known[] = "\"\\\n\r\t", letters[] = "\"\\nrt";
	const char *at = strchr(known, *src);
	uint32_t c;

	*n = 1;
	if (at != NULL)
		return (size_t)snprintf(dst, ESCAPED, "\\%c", letters[at - known]);
	*n = text_utf8(src, &c);
	if (*n == 0) {
		*n = 1;
		c = 0xfffd;
	} else if (text_may_be_shown(c)) {
		memcpy(dst, src, *n);
		return *n;
	}
	return (size_t)snprintf(dst, ESCAPED, "\\u%04x", (unsigned)c);
}

/* Escaped, and cut at cap, which leaves room for what says so.  Not terminated. */
static size_t
escape_all(char *dst, size_t cap, const char *src)
{
	size_t used = 0, uncut = 0, len, n;
	char one[ESCAPED];

	for (; *src != '\0'; src += n) {
		len = escape(one, src, &n);
		if (used + len > cap) {
			memcpy(dst + uncut, CUT, sizeof CUT - 1);
			return uncut + sizeof CUT - 1;
		}
		memcpy(dst + used, one, len);
		used += len;
		if (used + sizeof CUT - 1 <= cap)
			uncut = used;
	}
	return used;
}

static bool
needs_quotes(const char *s)
{
	if (*s == '\0')
		return true;
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 127 || strchr("\"'\\=", *s) != NULL)
			return true;
	return false;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
logfmt_value(char *dst, size_t cap, const char *src, bool quoted)
{
	size_t len = strlen(src), used;

	if (!quoted && !needs_quotes(src) && len < cap && len <= LOGFMT_VALUE) {
		memcpy(dst, src, len + 1);
		return len;
	}
	dst[0] = '"';
	used = 1 + escape_all(dst + 1, least(cap - 3, LOGFMT_VALUE), src);
	dst[used++] = '"';
	dst[used] = '\0';
	return used;
}

static void
put(struct out *o, const char *s, size_t n)
{
	o->full = o->full || n >= o->cap - o->used;
	if (o->full)
		return;
	memcpy(o->dst + o->used, s, n);
	o->used += n;
}

/* What is put in by %s. */
static void
put_text(struct out *o, const char *s)
{
	char text[LOGFMT_VALUE + 3];

	if (o->quoted)
		put(o, text, escape_all(text, LOGFMT_VALUE, s));
	else if (o->used > 0 && o->dst[o->used - 1] == '=')
		put(o, text, logfmt_value(text, sizeof text, s, false));
	else
		put(o, s, strlen(s));
}

/* A character of the format itself. */
static void
put_own(struct out *o, char c)
{
	if (c == ' ' && !o->quoted)
		o->whole = o->used;
	if (c == '"')
		o->quoted = !o->quoted;
	put(o, &c, 1);
}

/* Puts in what a conversion says; returns how long it is, without its %. */
static size_t
convert(struct out *o, const char *c, va_list *ap)
{
	char text[24];
	size_t n = strspn(c, "lz") + 1;

	if (strncmp(c, "s", n) == 0)
		put_text(o, va_arg(*ap, const char *));
	else if (strncmp(c, "d", n) == 0)
		put(o, text, (size_t)snprintf(text, sizeof text, "%d", va_arg(*ap, int)));
	else if (strncmp(c, "u", n) == 0)
		put(o, text, (size_t)snprintf(text, sizeof text, "%u", va_arg(*ap, unsigned)));
	else if (strncmp(c, "zu", n) == 0)
		put(o, text, (size_t)snprintf(text, sizeof text, "%zu", va_arg(*ap, size_t)));
	else if (strncmp(c, "lld", n) == 0)
		put(o, text, (size_t)snprintf(text, sizeof text, "%lld", va_arg(*ap, long long)));
	else if (strncmp(c, "llu", n) == 0)
		put(o, text, (size_t)snprintf(text, sizeof text, "%llu", va_arg(*ap, unsigned long long)));
	else
		o->full = true; /* what it takes of ap is not known */
	return n;
}

size_t
logfmt_line(char *dst, size_t cap, const char *fmt, va_list ap)
{
	struct out o = { .dst = dst, .cap = cap };
	va_list args;

	va_copy(args, ap);
	while (*fmt != '\0' && !o.full) {
		if (*fmt == '%')
			fmt += 1 + convert(&o, fmt + 1, &args);
		else
			put_own(&o, *fmt++);
	}
	va_end(args);
	if (o.full)
		o.used = o.whole;
	dst[o.used] = '\0';
	return o.used;
}
