/*
 * gzip, see http_gzip.h.
 */
#include "io/http_gzip.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest window; 16: as gzip, rather than as zlib */
#define MEMORY 8
#define SMALL 512 /* bytes */
#define LEVEL 3 /* a page of a thousand lines in a fifth of the time of the usual 6, a fifth larger */

/* Into room for n bytes, since more would not pay.  The pointer of zlib's input is not const, but what is there stays. */
static bool
compress_all(z_stream *z, const void *bytes, size_t n, char *to)
{
	z->next_in = (Bytef *)(size_t)bytes;
	z->avail_in = (uInt)n;
	z->next_out = (Bytef *)to;
	z->avail_out = (uInt)n;
	return deflate(z, Z_FINISH) == Z_STREAM_END;
}

char *
http_gzip(const void *bytes, size_t n, size_t *size)
{
	z_stream z = { .zalloc = Z_NULL };
	char *to, *smaller;
	bool done;

	if (n < SMALL || n > UINT_MAX / 2 || (to = malloc(n)) == NULL)
		return NULL;
	done = deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK &&
	    compress_all(&z, bytes, n, to);
	*size = (size_t)z.total_out;
	deflateEnd(&z);
	if (!done) {
		free(to);
		return NULL;
	}
	smaller = realloc(to, *size);
	return smaller != NULL ? smaller : to;
}
