/*
 * A new configuration while the daemon runs: parsed whole, and taken over by difference.
 */
#ifndef DAEMON_DAEMON_RELOAD_H
#define DAEMON_DAEMON_RELOAD_H

#include "sharing/conf.h"

struct control_call;
struct daemon;
struct session_house;

/*
 * A configuration that sessions may still go by.  The first one stays to the end: what needs a restart is
 * as it says.
 */
struct generation {
	struct conf *conf;
	size_t sessions; /* and lines that are being closed */
	struct generation *next; /* an older one */
};

/*
 * Reads the file again.  An error changes nothing, and is told to the call (NULL: to the log only).  Else
 * what changed is carried out as the manual says for each key, and nothing else is touched.
 */
void daemon_reload(struct daemon *, struct control_call *);

/* The first; owns conf.  NULL without memory, and then the conf is freed. */
struct generation *generation_new(struct conf *, struct generation *older);

/* A session of it ends: an old one may be freed then. */
void generation_leave(struct session_house *, struct generation *);
void generations_free(struct session_house *);

#endif
