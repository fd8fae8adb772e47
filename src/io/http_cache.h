/*
 * What an HTTP server has that lasts for ever: kept with its tag, and compressed once, when the first asks for it so.
 */
#ifndef IO_HTTP_CACHE_H
#define IO_HTTP_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "views/print.h"

#define HTTP_CACHED 8 /* as many as there are names of such */

struct http_cache {
	struct print *at[HTTP_CACHED]; /* NULL: an empty place */
};

/* These bytes, with a reference that the caller gives back; NULL without memory. */
struct print *http_cache_get(struct http_cache *, const void *, size_t n, bool packs);

void http_cache_clear(struct http_cache *);

#endif
