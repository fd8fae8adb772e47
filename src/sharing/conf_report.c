/*
 * How an error of the configuration is written down, and what the writer may have meant.
 */
#include "sharing/conf_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 1024
#define WORD_MAX 40

static const char and_more[] = "... and more\n";

static bool
said_more(const struct conf_report *r)
{
	size_t n = sizeof and_more - 1;

	return r->used >= n && memcmp(r->text + r->used - n, and_more, n) == 0;
}

/* Appends a whole line, or once, when it does not fit, that there were more. */
static void
append(struct conf_report *r, const char *line, size_t n)
{
	size_t room = sizeof r->text - sizeof and_more;

	if (said_more(r))
		return;
	if (n > room - r->used) {
		line = and_more;
		n = sizeof and_more - 1;
	}
	memcpy(r->text + r->used, line, n);
	r->used += n;
	r->text[r->used] = '\0';
}

static void
message(struct conf_messages *m, int line, const char *severity, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX], whole[MESSAGE_MAX + 512], where[16] = "";
	int n;

	vsnprintf(text, sizeof text, fmt, ap);
	if (line > 0)
		snprintf(where, sizeof where, ":%d", line);
	n = snprintf(whole, sizeof whole, "%.400s%s: %s%s\n", m->file, where, severity, text);
	append(m->report, whole, (size_t)n);
}

void
conf_error(struct conf_messages *m, int line, const char *fmt, ...)
{
	va_list ap;

	m->report->errors++;
	va_start(ap, fmt);
	message(m, line, "", fmt, ap);
	va_end(ap);
}

void
conf_warning(struct conf_messages *m, int line, const char *fmt, ...)
{
	va_list ap;

	m->report->warnings++;
	va_start(ap, fmt);
	message(m, line, "warning: ", fmt, ap);
	va_end(ap);
}

void
conf_no_memory(struct conf_messages *m, int line)
{
	m->no_memory = true;
	conf_error(m, line, "no memory; expected more");
}

bool
conf_is_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	return n > 0 && n <= CONF_NAME_MAX && s[n] == '\0';
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be put in, left out or changed to make b of a; at most WORD_MAX each. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], la = strlen(a), lb = strlen(b), i, j, left_above, above;

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		left_above = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
			    left_above + (a[i - 1] != b[j - 1]));
			left_above = above;
		}
	}
	return row[lb];
}

const char *
conf_nearest(const char *word, const char *const *words)
{
	size_t len = strlen(word), d, least;
	const char *best = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	least = len / 3 + 2; /* farther off it is another word */
	for (; *words != NULL; words++) {
		if (strlen(*words) > WORD_MAX)
			continue;
		d = distance(word, *words);
		if (d < least && d < strlen(*words)) {
			least = d;
			best = *words;
		}
	}
	return best;
}
