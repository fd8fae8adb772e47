/*
 * Bytes made smaller with gzip; zlib is behind this file.
 */
#ifndef IO_HTTP_GZIP_H
#define IO_HTTP_GZIP_H

#include <stddef.h>

/* The n bytes as gzip, the caller's to free(), *size of them; NULL: no memory, it is not smaller, or it would not pay:
 * what is small fits into one packet anyhow. */
char *http_gzip(const void *, size_t n, size_t *size);

#endif
