/*
 * Bytes made smaller with gzip; zlib is behind this file.
 */
#ifndef IO_HTTP_GZIP_H
#define IO_HTTP_GZIP_H

#include <stddef.h>

/* The n bytes as gzip, the caller's to free(), *size of them; NULL: no memory, or it is not smaller. */
char *http_gzip(const void *, size_t n, size_t *size);

#endif
