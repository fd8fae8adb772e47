/*
 * What is at which path of the status page: for whoever serves it (io/http.h).  Pure.
 *
 *	/		the page		/style.css /status.js /icon.svg		its parts
 *	/status.json	statusjson.h		/metrics	metrics.h
 *	/healthz	"ok", without a look at anything: the loop turns
 */
#ifndef VIEWS_SITE_H
#define VIEWS_SITE_H

#include <stddef.h>

#include "views/snapshot.h"

struct site_page {
	const char *path, *type; /* the type as in Content-Type */
	const unsigned char *bytes; /* what is there as long as the program runs; NULL: it is made */
	const size_t *size;
	/* A text of its own, the caller's to free(), and its length; NULL without memory or room. */
	char *(*make)(const struct snapshot *, size_t *n);
};

/* NULL: nothing is there. */
const struct site_page *site_find(const char *path);

#endif
