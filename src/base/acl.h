/*
 * Who may connect: IPv4 and IPv6 addresses and prefixes.
 */
#ifndef BASE_ACL_H
#define BASE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct acl; /* immutable once its entries are added */

struct acl *acl_new(void); /* empty: nobody.  NULL without memory */
void acl_free(struct acl *);

/*
 * Adds "192.0.2.7", "192.0.2.0/24", "2001:db8::/32", "any" or "loopback" (127.0.0.0/8 and ::1).
 * Returns 0, or -1 for anything else (host bits set behind a prefix included) and then *expected,
 * a constant, says what would be right.
 */
int acl_add(struct acl *, const char *entry, const char **expected);

/*
 * Does an entry hold this peer (AF_INET or AF_INET6; a v4-mapped address counts as IPv4)?  NULL is
 * "loopback" alone.
 */
bool acl_allows(const struct acl *, const struct sockaddr *);

/* Does it hold an address of this family, on loopback or (loopback: false) elsewhere? */
bool acl_holds_some(const struct acl *, int family, bool loopback);

/* A copy in the caller's memory of acl_size() bytes, aligned as malloc's; not to be freed or added to. */
size_t acl_size(const struct acl *);
struct acl *acl_copy(const struct acl *, void *at);

/* Do both hold the same entries in the same order? */
bool acl_same(const struct acl *, const struct acl *);

/* True for 127.0.0.0/8, ::1 and their mapped form. */
bool acl_is_loopback(const struct sockaddr *);

#endif
