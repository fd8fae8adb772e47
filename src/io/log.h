/*
 * The log: one line per event, words and then key=value, to stderr or syslog.  The format is that of
 * base/logfmt.h: whatever is put in by %s behind a = is one value, and forges nothing.
 *
 * It never waits for whoever reads it.  Lines for which there is no room wait here, up to 64 KiB, and are given on
 * before the next ones, or by log_flush(); what is more than that is dropped, and how much it was is logged as soon
 * as there is room (event=log-lost).
 *
 * Before log_to_stderr() or log_to_syslog() lines are written to standard error as to a file.
 */
#ifndef IO_LOG_H
#define IO_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* To standard error from now on: with "<N>" before each line where the journal reads it, else with the time. */
void log_to_stderr(void);

/* To syslog from now on; name stays the caller's. */
void log_to_syslog(const char *name);

/* Lines above this level are dropped.  Default: info. */
void log_set_level(enum log_level);

/* Are lines of this level written? */
bool log_shows(enum log_level);

/* errno stays as it was. */
#define LOG_PRINTF __attribute__((format(printf, 1, 2)))
void log_error(const char *fmt, ...) LOG_PRINTF;
void log_warn(const char *fmt, ...) LOG_PRINTF;
void log_info(const char *fmt, ...) LOG_PRINTF;
void log_debug(const char *fmt, ...) LOG_PRINTF;

/* Called when the first line has to wait, from within what logs it: somebody is to call log_flush() in a while. */
typedef void log_waits_fn(void *ctx);
void log_on_waiting(log_waits_fn *, void *ctx); /* NULL: nobody will */

/* Gives on what waits and finds room now. */
enum log_flushed { LOG_FLUSHED, LOG_FLUSHED_SOME, LOG_STUCK } log_flush(void);

/* Before the process ends: as log_flush(), for half a second at most. */
void log_end(void);

/* Lines that were dropped, since the start. */
uint64_t log_lost(void);

#endif
