/*
 * The log: one line per event, words and then key=value, to stderr or syslog.  The format is that of
 * base/logfmt.h: whatever is put in by %s behind a = is one value, and forges nothing.  To stderr it never waits:
 * lines for which there is no room are dropped, and their number is logged once there is (event=log-lost).
 */
#ifndef IO_LOG_H
#define IO_LOG_H

#include <stdint.h>

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* syslog(3) instead of stderr from now on; name stays the caller's. */
void log_to_syslog(const char *name);

/* Lines above this level are dropped.  Default: info. */
void log_set_level(enum log_level);

/* Are lines of this level written? */
bool log_shows(enum log_level);

#define LOG_PRINTF __attribute__((format(printf, 1, 2)))
void log_error(const char *fmt, ...) LOG_PRINTF;
void log_warn(const char *fmt, ...) LOG_PRINTF;
void log_info(const char *fmt, ...) LOG_PRINTF;
void log_debug(const char *fmt, ...) LOG_PRINTF;

/* Lines for which there was no room, since the start. */
uint64_t log_lost(void);

#endif
