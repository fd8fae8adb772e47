/*
 * Whose address it is, see addrkey.h.
 */
#include "base/addrkey.h"

#include <netinet/in.h>
#include <string.h>

#define PREFIX 8 /* bytes of an IPv6 address that are somebody's: a /64 */

static void
key_of_ipv6(uint8_t key[static ADDRKEY], const struct in6_addr *a)
{
	if (IN6_IS_ADDR_V4MAPPED(a)) {
		key[0] = 4;
		memcpy(key + 1, a->s6_addr + 12, 4);
		return;
	}
	key[0] = 6;
	memcpy(key + 1, a->s6_addr, IN6_IS_ADDR_LINKLOCAL(a) ? sizeof a->s6_addr : PREFIX);
}

void
addrkey(uint8_t key[static ADDRKEY], const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(key, 0, ADDRKEY);
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		key[0] = 4;
		memcpy(key + 1, &v4.sin_addr, sizeof v4.sin_addr);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof v6);
		key_of_ipv6(key, &v6.sin6_addr);
	}
}
