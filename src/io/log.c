/*
 * The log, see log.h.
 */
#include "io/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024

static enum log_level level = LOG_LEVEL_INFO;
static bool to_syslog;

void
log_to_syslog(const char *name)
{
	openlog(name, LOG_PID, LOG_DAEMON);
	to_syslog = true;
}

void
log_set_level(enum log_level l)
{
	level = l;
}

bool
log_is(enum log_level l)
{
	return l <= level;
}

static void
blank_controls(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			*s = '?';
}

static const char *const words[] = { "error", "warning", "info", "debug" };
static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

static void
log_line(enum log_level l, const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	int head, n;

	if (!log_is(l))
		return;
	head = to_syslog ? 0 : snprintf(line, sizeof line, "%s: ", words[l]);
	vsnprintf(line + head, sizeof line - (size_t)head - 1, fmt, ap);
	blank_controls(line);
	if (to_syslog) {
		syslog(priorities[l], "%s", line);
		return;
	}
	n = (int)strlen(line);
	line[n++] = '\n';
	/* One write, so that lines of two processes on one terminal do not mix; a log that
	 * cannot be written has nowhere to be reported. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

#define LOG_FUNCTION(name, l)           \
	void name(const char *fmt, ...) \
	{                               \
		va_list ap;             \
		va_start(ap, fmt);      \
		log_line(l, fmt, ap);   \
		va_end(ap);             \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
