/*
 * Who may connect: a list of prefixes, each compared bit by bit.  A v4-mapped IPv6 address is
 * the IPv4 address in it, on both sides of the comparison.
 */
#include "base/acl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An IPv4 or IPv6 address in network order; n is 4 or 16. */
struct address {
	uint8_t bytes[16];
	unsigned n;
};

struct prefix {
	struct address address;
	unsigned bits;
};

struct acl {
	struct prefix *prefixes;
	size_t n, room;
	bool any;
};

static const char an_entry[] =
    "an IPv4 or IPv6 address, a prefix as 192.0.2.0/24 or 2001:db8::/32, \"any\" or \"loopback\"";
static const char no_host_bits[] = "a prefix without bits set behind its length";
static const char plain_v4[] = "the IPv4 address in it, written as one";
static const char memory[] = "more memory";

struct acl *
acl_new(void)
{
	return calloc(1, sizeof(struct acl));
}

void
acl_free(struct acl *acl)
{
	if (acl == NULL)
		return;
	free(acl->prefixes);
	free(acl);
}

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
from_sockaddr(const struct sockaddr *sa, struct address *to)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		memcpy(to->bytes, &in.sin_addr, 4);
		to->n = 4;
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&in6, sa, sizeof in6);
	memcpy(to->bytes, &in6.sin6_addr, 16);
	to->n = 16;
	if (memcmp(to->bytes, mapped, sizeof mapped) == 0) {
		memmove(to->bytes, to->bytes + 12, 4);
		to->n = 4;
	}
	return true;
}

/* Bit i of an address, the most significant one first. */
static unsigned
bit(const struct address *a, unsigned i)
{
	return a->bytes[i / 8] >> (7 - i % 8) & 1;
}

static bool
holds(const struct prefix *p, const struct address *a)
{
	unsigned i;

	if (p->address.n != a->n)
		return false;
	for (i = 0; i < p->bits; i++)
		if (bit(&p->address, i) != bit(a, i))
			return false;
	return true;
}

/* The length behind the slash: 0 to max, no sign, no leading zero.  -1 for anything else. */
static int
read_length(const char *s, unsigned max)
{
	unsigned v = 0;

	if (*s == '\0' || strlen(s) > 3 || (s[0] == '0' && s[1] != '\0'))
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		v = v * 10 + (unsigned)(*s - '0');
	}
	return v <= max ? (int)v : -1;
}

/* Returns NULL and *prefix, or what would be right. */
static const char *
read_prefix(const char *entry, struct prefix *prefix)
{
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(entry, '/');
	size_t len = slash != NULL ? (size_t)(slash - entry) : strlen(entry);
	unsigned i;
	int bits;

	if (len >= sizeof host)
		return an_entry;
	memcpy(host, entry, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, prefix->address.bytes) == 1)
		prefix->address.n = 4;
	else if (inet_pton(AF_INET6, host, prefix->address.bytes) == 1)
		prefix->address.n = 16;
	else
		return an_entry;
	if (prefix->address.n == 16 && memcmp(prefix->address.bytes, mapped, sizeof mapped) == 0)
		return plain_v4;
	bits = slash != NULL ? read_length(slash + 1, prefix->address.n * 8) : (int)prefix->address.n * 8;
	if (bits < 0)
		return an_entry;
	prefix->bits = (unsigned)bits;
	for (i = prefix->bits; i < prefix->address.n * 8; i++)
		if (bit(&prefix->address, i) != 0)
			return no_host_bits;
	return NULL;
}

static const char *
append(struct acl *acl, const struct prefix *p)
{
	struct prefix *more;
	size_t room = acl->room > 0 ? acl->room * 2 : 4;

	if (acl->n == acl->room) {
		if ((more = reallocarray(acl->prefixes, room, sizeof *more)) == NULL)
			return memory;
		acl->prefixes = more;
		acl->room = room;
	}
	acl->prefixes[acl->n++] = *p;
	return NULL;
}

int
acl_add(struct acl *acl, const char *entry, const char **expected)
{
	struct prefix p;

	if (strcmp(entry, "any") == 0) {
		acl->any = true;
		return 0;
	}
	if (strcmp(entry, "loopback") == 0)
		return acl_add(acl, "127.0.0.0/8", expected) == 0 ?
		    acl_add(acl, "::1", expected) : -1;
	memset(&p, 0, sizeof p);
	*expected = read_prefix(entry, &p);
	if (*expected == NULL)
		*expected = append(acl, &p);
	return *expected == NULL ? 0 : -1;
}

bool
acl_allows(const struct acl *acl, const struct sockaddr *sa)
{
	struct address a;
	size_t i;

	if (acl == NULL)
		return acl_is_loopback(sa);
	if (!from_sockaddr(sa, &a))
		return false;
	if (acl->any)
		return true;
	for (i = 0; i < acl->n; i++)
		if (holds(&acl->prefixes[i], &a))
			return true;
	return false;
}

/* 127.0.0.0/8 or ::1. */
static bool
holds_loopback(const struct prefix *p)
{
	static const struct prefix v4 = { { { 127 }, 4 }, 8 };
	static const struct address v6 = { { [15] = 1 }, 16 };

	return p->address.n == 16 ? holds(p, &v6) : holds(&v4, &p->address) ||
	    (p->bits < 8 && holds(p, &v4.address));
}

static bool
holds_others(const struct prefix *p)
{
	return !holds_loopback(p) || p->bits < (p->address.n == 16 ? 128 : 8);
}

bool
acl_holds_some(const struct acl *acl, int family, bool loopback)
{
	unsigned n = family == AF_INET ? 4 : 16;
	size_t i;

	if (acl == NULL)
		return loopback;
	for (i = 0; i < acl->n && !acl->any; i++)
		if (acl->prefixes[i].address.n == n && (loopback ? holds_loopback(&acl->prefixes[i]) :
		    holds_others(&acl->prefixes[i])))
			return true;
	return acl->any;
}

size_t
acl_size(const struct acl *acl)
{
	return sizeof *acl + acl->n * sizeof *acl->prefixes;
}

struct acl *
acl_copy(const struct acl *acl, void *at)
{
	struct acl *to = at;

	*to = *acl;
	to->prefixes = (struct prefix *)(void *)(to + 1);
	if (acl->n > 0)
		memcpy(to->prefixes, acl->prefixes, acl->n * sizeof *acl->prefixes);
	return to;
}

bool
acl_same(const struct acl *a, const struct acl *b)
{
	size_t i;

	if (a->any != b->any || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->prefixes[i].bits != b->prefixes[i].bits ||
		    a->prefixes[i].address.n != b->prefixes[i].address.n ||
		    memcmp(a->prefixes[i].address.bytes, b->prefixes[i].address.bytes,
		    a->prefixes[i].address.n) != 0)
			return false;
	return true;
}

bool
acl_is_loopback(const struct sockaddr *sa)
{
	static const uint8_t one[16] = { [15] = 1 };
	struct address a;

	if (!from_sockaddr(sa, &a))
		return false;
	return a.n == 4 ? a.bytes[0] == 127 : memcmp(a.bytes, one, sizeof one) == 0;
}
