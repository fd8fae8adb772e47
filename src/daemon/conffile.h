/*
 * The configuration from its file.
 */
#ifndef DAEMON_CONFFILE_H
#define DAEMON_CONFFILE_H

#include "conf/conf.h"

/* The text of a regular file, *n bytes of it, to be freed; NULL: why not stands in the report.  Waits for a disk,
 * but for nobody else. */
char *conffile_read(const char *path, size_t *n, struct conf_report *);

/* "PATH: WHAT" as the report's one error. */
void conffile_fail(struct conf_report *, const char *path, const char *what);

/* Reads and parses it; what is wrong, or a warning, stands in the report.  NULL: nothing came of it. */
struct conf *conffile_load(const char *path, struct conf_report *);

/* The warnings of a configuration that is taken: a line of the log each. */
void conffile_log(const struct conf_report *);

#endif
