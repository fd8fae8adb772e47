/*
 * What an HTTP server has that lasts for ever, see http_cache.h.
 */
#include "io/http_cache.h"

#include "io/http_gzip.h"

/* The first is given up for what finds no place. */
static struct print **
place_for(struct http_cache *cache, const void *bytes)
{
	size_t i;

	for (i = 0; i < HTTP_CACHED; i++)
		if (cache->at[i] == NULL || cache->at[i]->bytes == bytes)
			return &cache->at[i];
	print_unref(cache->at[0]);
	cache->at[0] = NULL;
	return &cache->at[0];
}

struct print *
http_cache_get(struct http_cache *cache, const void *bytes, size_t n, bool packs)
{
	struct print **p = place_for(cache, bytes);
	char *gzip;
	size_t n_gzip = 0;

	if (*p == NULL && (*p = print_of(bytes, n)) == NULL)
		return NULL;
	if (packs && !(*p)->packed) {
		gzip = http_gzip(bytes, n, &n_gzip);
		print_pack(*p, gzip, n_gzip);
	}
	return print_ref(*p);
}

void
http_cache_clear(struct http_cache *cache)
{
	size_t i;

	for (i = 0; i < HTTP_CACHED; i++)
		print_unref(cache->at[i]);
	*cache = (struct http_cache){ { NULL } };
}
