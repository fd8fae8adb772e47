/*
 * What is at which path of the status page: for whoever serves it (io/http.h).  Pure.
 *
 *	/		the page		/style.css /status.js /icon.svg		its parts
 *	/changes?VERSION	what has changed since (page_changes.h)
 *	/status.json	statusjson.h		/metrics	metrics.h
 *	/healthz	"ok", without a look at anything: the loop turns
 */
#ifndef VIEWS_SITE_H
#define VIEWS_SITE_H

#include <stdbool.h>
#include <stddef.h>

#include "views/page_changes.h"
#include "views/snapshot.h"

struct site_page {
	const char *path, *type; /* the type as in Content-Type */
	const unsigned char *bytes; /* what is there as long as the program runs; NULL: it is made */
	const size_t *size;
	/* A text of its own, the caller's to free(), and its length; NULL without memory or room. */
	char *(*make)(const struct snapshot *, size_t *n);
	bool changes; /* instead of these: page_changes_text() */
};

/* NULL: nothing is there. */
const struct site_page *site_find(const char *path);

#define SITE_NAME 64

/* The one name of a path with its query: "/a", or "/changes?VERSION" where it is one that is known; "": nothing is
 * there. */
void site_name(const struct page_versions *, const char *path, const char *query, char name[static SITE_NAME]);

/* What has a name; a version behind "?" is in *version, "" without one.  NULL: nothing. */
const struct site_page *site_named(const char *name, const char **version);

#endif
