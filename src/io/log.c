/*
 * The log, see log.h.
 *
 * Whoever reads our standard error may stop reading it.  A line that finds no room there is
 * dropped and counted: the daemon must not wait for its log.
 */
#include "io/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/logfmt.h"

#define LINE_MAX_LEN 1024

static enum log_level level = LOG_LEVEL_INFO;
static bool to_syslog;
static uint64_t lost_ever;
static unsigned lost; /* lines for which there was no room, since the last one that had it */

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
log_shows(enum log_level l)
{
	return l <= level;
}

static const char *const words[] = { "error", "warning", "info", "debug" };
static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* One write, so that lines of two processes on one terminal do not mix.  A pipe that has room has
 * it for a whole line. */
static bool
put_line(const char *line, size_t n)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLOUT) != 0 &&
	    write(STDERR_FILENO, line, n) >= 0;
}

static void
put_lost(void)
{
	char line[64];
	int n = snprintf(line, sizeof line, "warning: log lines lost: event=log-lost lines=%u\n", lost);

	if (put_line(line, (size_t)n))
		lost = 0;
}

static void
log_line(enum log_level l, const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	int head;
	size_t n;

	if (!log_shows(l))
		return;
	head = to_syslog ? 0 : snprintf(line, sizeof line, "%s: ", words[l]);
	n = (size_t)head + logfmt_line(line + head, sizeof line - (size_t)head - 1, fmt, ap);
	if (to_syslog) {
		syslog(priorities[l], "%s", line);
		return;
	}
	line[n++] = '\n';
	if (lost > 0)
		put_lost();
	if (lost > 0 || !put_line(line, n)) {
		lost++;
		lost_ever++;
	}
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

uint64_t
log_lost(void)
{
	return lost_ever;
}
