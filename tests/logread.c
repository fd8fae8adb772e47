/*
 * A reader of logfmt, see logread.h.
 */
#include "logread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static size_t
put_utf8(char *dst, unsigned long c)
{
	if (c < 0x80) {
		dst[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		dst[0] = (char)(0xc0 | c >> 6);
		dst[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	dst[0] = (char)(0xe0 | c >> 12);
	dst[1] = (char)(0x80 | (c >> 6 & 0x3f));
	dst[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* Behind a backslash; the length of what is read, 0: it is none of those that all readers know. */
static size_t
read_escape(const char **s, char *dst)
{
	static const char letters[] = "\"\\nrt", meant[] = "\"\\\n\r\t";
	const char *at = **s != '\0' ? strchr(letters, **s) : NULL;
	char digits[5] = "", *end;
	unsigned long c;

	if (at != NULL) {
		(*s)++;
		*dst = meant[at - letters];
		return 1;
	}
	if (**s != 'u')
		return 0;
	snprintf(digits, sizeof digits, "%.4s", *s + 1);
	c = strtoul(digits, &end, 16);
	if (strlen(digits) != 4 || *end != '\0' || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*s += 5;
	return put_utf8(dst, c);
}

static int
read_quoted(const char **s, char *dst)
{
	size_t used = 0, n;

	for ((*s)++; **s != '"'; used += n) {
		n = 1;
		if ((unsigned char)**s < ' ' || **s == 127 || used + 4 > LOGREAD_MAX)
			return -1;
		if (**s != '\\') {
			dst[used] = *(*s)++;
			continue;
		}
		(*s)++;
		if ((n = read_escape(s, dst + used)) == 0)
			return -1;
	}
	dst[used] = '\0';
	(*s)++;
	return **s == ' ' || **s == '\0' ? 1 : -1;
}

static int
read_bare(const char **s, char *dst, const char *ends)
{
	size_t n = strcspn(*s, ends), i;

	if (n >= LOGREAD_MAX)
		return -1;
	for (i = 0; i < n; i++)
		if ((unsigned char)(*s)[i] < ' ' || strchr("\"'\\=\x7f", (*s)[i]) != NULL)
			return -1;
	memcpy(dst, *s, n);
	dst[n] = '\0';
	*s += n;
	return 1;
}

int
logread_next(const char **line, struct logread_pair *p)
{
	*line += strspn(*line, " ");
	p->value[0] = '\0';
	if (**line == '\0')
		return 0;
	if (read_bare(line, p->key, " =") < 0 || p->key[0] == '\0')
		return -1;
	if (**line != '=')
		return 1;
	(*line)++;
	return **line == '"' ? read_quoted(line, p->value) : read_bare(line, p->value, " ");
}

void
logread_wanted(char dst[static LOGREAD_MAX], const char *src)
{
	size_t used = 0, n;
	uint32_t c;

	for (; *src != '\0' && used + 4 < LOGREAD_MAX; src += n > 0 ? n : 1) {
		if ((n = text_utf8(src, &c)) == 0) {
			used += put_utf8(dst + used, 0xfffd);
			continue;
		}
		memcpy(dst + used, src, n);
		used += n;
	}
	dst[used] = '\0';
}
