/*
 * The log, see log.h.
 */
#include "io/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/logfmt.h"
#include "base/ring.h"
#include "io/logsink.h"

#define HEAD_MAX 96 /* before the text of a line */
#define LINE_MAX_LEN (HEAD_MAX + 1024)
#define WAITING (64 << 10)
#define END_TRIES 25 /* of END_PAUSE ms: so long the end waits for what is not written yet */
#define END_PAUSE 20

static enum log_level level = LOG_LEVEL_INFO;
static struct logsink sink = { .kind = LOGSINK_PLAIN, .fd = STDERR_FILENO };
/* Lines for which there is no room yet; the first may be the rest of one. */
static struct ring waiting = { .cap = WAITING };
static const char *syslog_name;
static pid_t pid;
static bool stamps;
static uint64_t lost_ever;
static unsigned lost; /* since the last line that was taken */
static log_waits_fn *on_waiting;
static void *on_waiting_ctx;

void
log_to_stderr(void)
{
	logsink_close(&sink);
	logsink_to_stderr(&sink, STDERR_FILENO);
	stamps = !sink.journal;
}

void
log_to_syslog(const char *name)
{
	logsink_close(&sink);
	logsink_to_syslog(&sink, _PATH_LOG);
	syslog_name = name;
	pid = getpid();
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

void
log_on_waiting(log_waits_fn *fn, void *ctx)
{
	on_waiting = fn;
	on_waiting_ctx = ctx;
}

/* ---- the head of a line ---- */

static const char *const words[] = { "error", "warning", "info", "debug" };
static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* "2026-11-30T16:54:59.123+01:00 ": RFC 3339, as it is here. */
static size_t
put_stamp(char dst[static HEAD_MAX], const struct tm *tm, long nanoseconds)
{
	long off = tm->tm_gmtoff / 60, minutes = off < 0 ? -off : off;
	size_t n = strftime(dst, HEAD_MAX, "%Y-%m-%dT%H:%M:%S", tm);

	return n + (size_t)snprintf(dst + n, HEAD_MAX - n, ".%03ld%c%02ld:%02ld ", nanoseconds / 1000000,
	    off < 0 ? '-' : '+', minutes / 60 % 24, minutes % 60);
}

/* As syslog(3) writes it; the names of months are those of the C locale, which is never left. */
static size_t
put_syslog_head(char dst[static HEAD_MAX], enum log_level l, const struct tm *tm)
{
	size_t n = (size_t)snprintf(dst, HEAD_MAX, "<%d>", LOG_DAEMON | priorities[l]);

	n += strftime(dst + n, HEAD_MAX - n, "%b %e %H:%M:%S ", tm);
	return n + (size_t)snprintf(dst + n, HEAD_MAX - n, "%.20s[%d]: ", syslog_name, (int)pid);
}

static size_t
put_head(char dst[static HEAD_MAX], enum log_level l)
{
	struct timespec ts;
	struct tm tm;
	size_t n = 0;

	if (stamps || sink.kind == LOGSINK_SYSLOG) {
		clock_gettime(CLOCK_REALTIME, &ts);
		if (localtime_r(&ts.tv_sec, &tm) == NULL)
			memset(&tm, 0, sizeof tm); /* the year is beyond what it knows */
		if (sink.kind == LOGSINK_SYSLOG)
			return put_syslog_head(dst, l, &tm);
		n = put_stamp(dst, &tm, ts.tv_nsec);
	} else if (sink.journal) {
		n = (size_t)snprintf(dst, HEAD_MAX, "<%d>", priorities[l]);
	}
	return n + (size_t)snprintf(dst + n, HEAD_MAX - n, "%s: ", words[l]);
}

/* ---- what waits ---- */

/* The first line that waits, with its newline; 0: none does. */
static size_t
first_waiting(char dst[static LINE_MAX_LEN])
{
	struct iovec parts[2];
	int n_parts = ring_iov(&waiting, parts), i;
	size_t used = 0, n;
	const char *end;

	for (i = 0; i < n_parts; i++) {
		n = parts[i].iov_len < LINE_MAX_LEN - used ? parts[i].iov_len : LINE_MAX_LEN - used;
		memcpy(dst + used, parts[i].iov_base, n);
		used += n;
	}
	end = memchr(dst, '\n', used);
	return end != NULL ? (size_t)(end - dst) + 1 : used;
}

/* Is the line written, or does it wait behind others? */
static bool
put_line(const char *line, size_t n)
{
	ssize_t put = waiting.used > 0 ? 0 : logsink_write(&sink, line, n);
	bool first = waiting.used == 0;

	if (put < 0)
		return false;
	line += put;
	n -= (size_t)put;
	if (n > ring_room(&waiting) || ring_put(&waiting, line, n) < n)
		return false;
	if (first && n > 0 && on_waiting != NULL)
		on_waiting(on_waiting_ctx);
	return true;
}

static void
put_lost(void)
{
	char line[LINE_MAX_LEN];
	size_t n = put_head(line, LOG_LEVEL_WARNING);

	n += (size_t)snprintf(line + n, sizeof line - n, "log lines lost: event=log-lost lines=%u\n", lost);
	if (put_line(line, n))
		lost = 0;
}

static void
lose(void)
{
	lost++;
	lost_ever++;
}

enum log_flushed
log_flush(void)
{
	char line[LINE_MAX_LEN];
	enum log_flushed done = LOG_STUCK;
	ssize_t put = 1;
	size_t n;

	while (put != 0 && (n = first_waiting(line)) > 0) {
		put = logsink_write(&sink, line, n);
		if (put < 0)
			lose();
		if (put != 0)
			done = LOG_FLUSHED_SOME;
		ring_drop(&waiting, put < 0 ? n : (size_t)put);
	}
	if (lost > 0)
		put_lost();
	return waiting.used == 0 ? LOG_FLUSHED : done;
}

void
log_end(void)
{
	int tries;

	for (tries = 0; tries < END_TRIES && log_flush() != LOG_FLUSHED; tries++)
		poll(NULL, 0, END_PAUSE);
}

/* ---- lines ---- */

static void
log_line(enum log_level l, const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	int error = errno;
	size_t n;

	if (!log_shows(l))
		return;
	n = put_head(line, l);
	n += logfmt_line(line + n, sizeof line - n - 1, fmt, ap);
	line[n++] = '\n';
	if (lost > 0 || waiting.used > 0)
		log_flush();
	if (lost > 0 || !put_line(line, n))
		lose();
	errno = error;
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
