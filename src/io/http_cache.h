/*
 * What an HTTP server sends, shared by all who are still reading it, and kept for as long as it is
 * fresh; compressed once, when the first asks for it so.
 */
#ifndef IO_HTTP_CACHE_H
#define IO_HTTP_CACHE_H

#include "base/clock.h"
#include "io/http.h"

#define HTTP_CACHED 24 /* more than there are names */

struct http_body {
	unsigned refs;
	const char *type;
	const void *bytes;
	char *made;
	size_t n;
	char tag[24]; /* an ETag with its quotes */
	bool gzip_tried;
	char *gzip; /* NULL: not smaller, or never asked for */
	size_t n_gzip;
	char gzip_tag[24];
};

struct http_cache {
	struct http_cached {
		char name[HTTP_NAME];
		struct http_body *body; /* NULL: an empty place */
		msec_t since;
	} at[HTTP_CACHED];
};

/*
 * What has this name at `now`, from the cache or by asking find(ctx, ...), with a reference that the caller
 * gives back; NULL: *status is 404 or 503.
 */
struct http_body *http_cache_get(struct http_cache *, msec_t now, const char name[static HTTP_NAME],
    const struct http_site *, void *ctx, int *status);

/* Has it `gzip` now?  Not what is too small for it to pay. */
bool http_body_gzip(struct http_body *);

/* Gives a reference back.  NULL is nothing. */
void http_body_unref(struct http_body *);

void http_cache_clear(struct http_cache *);

#endif
