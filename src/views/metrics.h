/*
 * The snapshot as metrics, in the text format of Prometheus (version 0.0.4).  Pure.
 *
 * All begin with modemshare_; of a line they are modemshare_line_*{line="NAME"}, of a service
 * modemshare_service_*{service="NAME"}.  No metric names a client.  What is not known, such as the
 * idle time of a line without an owner, is absent.
 */
#ifndef VIEWS_METRICS_H
#define VIEWS_METRICS_H

#include "views/sheet.h"
#include "views/snapshot.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends them; sheet.failed tells when they did not fit. */
void metrics_write(struct sheet *, const struct snapshot *);

/* The same as a text of its own, the caller's to free(); NULL without memory or room. */
char *metrics_text(const struct snapshot *, size_t *n);

#endif
