/*
 * How an error of the configuration is written down.
 */
#include "conf/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 1024

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
