/*
 * Identities by number, for the tests of the arbiter; 0: none.  Two of them differ in the last byte alone.
 */
#ifndef TESTS_IDENTITIES_H
#define TESTS_IDENTITIES_H

#include "sharing/arbiter.h"

static inline struct arbiter_identity
identity_of(uint64_t n)
{
	struct arbiter_identity identity = { { 0 } };
	int i;

	for (i = ARBITER_IDENTITY - 1; n > 0; i--, n >>= 8)
		identity.bytes[i] = (uint8_t)n;
	return identity;
}

/* A client with one. */
static inline void
client_of(struct arbiter_client *c, uint64_t n)
{
	const struct arbiter_identity identity = identity_of(n);

	arbiter_client_init(c, &identity);
}

#endif
