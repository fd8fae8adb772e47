/*
 * What this host is called by those who read its status page.
 */
#ifndef DAEMON_HOSTNAME_H
#define DAEMON_HOSTNAME_H

#include <stddef.h>

#include "base/httptext.h"

enum { HOSTNAMES = 3 };

struct hostname {
	char text[HOSTNAMES][HTTPTEXT_NAME];
	const char *names[HOSTNAMES]; /* into text, n of them, in lower case */
	size_t n;
};

/*
 * The name that the kernel has for this host, the first part of it, and that part in the network next to us
 * (".local", RFC 6762).  Asks no server: that could take long, and lie.  None (n 0) where there is no name.
 */
void hostname_take(struct hostname *);

#endif
