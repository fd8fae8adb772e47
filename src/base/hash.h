/*
 * FNV-1a, for tables and tags: quick, the same everywhere, and no secret.  Whoever may choose what is hashed can
 * make two that are the same.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

/* Of n bytes behind what made `hash`, HASH_START at first. */
static inline uint64_t
hash_more(uint64_t hash, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;

	for (; n > 0; n--)
		hash = (hash ^ *b++) * UINT64_C(1099511628211);
	return hash;
}

static inline uint64_t
hash_of(const void *bytes, size_t n)
{
	return hash_more(HASH_START, bytes, n);
}

#endif
