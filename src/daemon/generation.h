/*
 * A configuration and who still goes by it, over reloads.
 */
#ifndef DAEMON_GENERATION_H
#define DAEMON_GENERATION_H

#include <stddef.h>

#include "conf/conf.h"

struct house;

/*
 * A configuration that sessions may still go by.  The first one stays to the end: what needs a restart is
 * as it says.
 */
struct generation {
	struct conf *conf;
	size_t sessions; /* and lines that are being closed */
	struct generation *next; /* an older one */
};

/* The newest; owns conf.  NULL without memory, and then the conf is freed. */
struct generation *generation_new(struct conf *, struct generation *older);

/* A session of it ends: an old one may be freed then. */
void generation_leave(struct house *, struct generation *);
void generations_free(struct house *);

/* What the process began by. */
const struct conf *generation_first(const struct house *);

#endif
