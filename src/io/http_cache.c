/*
 * What an HTTP server sends, see http_cache.h.
 */
#include "io/http_cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "io/http_gzip.h"

#define SMALL 512 /* bytes: fits into one packet anyhow */

void
http_body_unref(struct http_body *b)
{
	if (b != NULL && --b->refs == 0) {
		free(b->gzip);
		free(b->made);
		free(b);
	}
}

/* Takes what was made; NULL without memory. */
static struct http_body *
body_new(struct http_content *found)
{
	struct http_body *b = calloc(1, sizeof *b);

	if (b == NULL) {
		free(found->made);
		return NULL;
	}
	b->refs = 1;
	b->type = found->type;
	b->made = found->made;
	b->bytes = found->made != NULL ? found->made : found->bytes;
	b->n = found->n;
	/* It only has to change when the content does. */
	snprintf(b->tag, sizeof b->tag, "\"%016" PRIx64 "\"", hash_of(b->bytes, b->n));
	snprintf(b->gzip_tag, sizeof b->gzip_tag, "%.17s-gz\"", b->tag);
	return b;
}

bool
http_body_gzip(struct http_body *b)
{
	if (!b->gzip_tried && b->n >= SMALL)
		b->gzip = http_gzip(b->bytes, b->n, &b->n_gzip);
	b->gzip_tried = true;
	return b->gzip != NULL;
}

static struct http_cached *
place_for(struct http_cache *cache, const char *name)
{
	struct http_cached *c, *oldest = cache->at;

	for (c = cache->at; c < cache->at + HTTP_CACHED; c++) {
		if (c->body != NULL && strcmp(c->name, name) == 0)
			return c;
		if (oldest->body != NULL && (c->body == NULL || msec_before(c->since, oldest->since)))
			oldest = c;
	}
	return oldest;
}

struct http_body *
http_cache_get(struct http_cache *cache, msec_t now, const char name[static HTTP_NAME],
    const struct http_site *site, void *ctx, int *status)
{
	struct http_cached *c = place_for(cache, name);
	struct http_content found = { .n = 0 };
	enum http_found result;
	struct http_body *b;

	if (c->body != NULL && strcmp(c->name, name) == 0 &&
	    (c->body->made == NULL || !msec_reached(msec_add(c->since, HTTP_FRESH_MS), now))) {
		c->body->refs++;
		return c->body;
	}
	result = site->find(ctx, name, &found);
	*status = result == HTTP_NOTHING ? 404 : 503;
	b = result == HTTP_FOUND ? body_new(&found) : NULL;
	if (b != NULL) {
		http_body_unref(c->body);
		*c = (struct http_cached){ .body = b, .since = now };
		strcpy(c->name, name);
		b->refs++;
	}
	return b;
}

void
http_cache_clear(struct http_cache *cache)
{
	size_t i;

	for (i = 0; i < HTTP_CACHED; i++)
		http_body_unref(cache->at[i].body);
	*cache = (struct http_cache){ .at[0].body = NULL };
}
