/*
 * The configuration from its file.
 */
#ifndef DAEMON_CONFFILE_H
#define DAEMON_CONFFILE_H

#include "conf/conf.h"

/* Reads and parses it; what is wrong, or a warning, stands in the report.  NULL: nothing came of it. */
struct conf *conffile_load(const char *path, struct conf_report *);

#endif
