/*
 * The user that the daemon is to be, once it listens: run-as.
 */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct conf;

struct identity {
	const char *name; /* "": whoever started it; the configuration's, which outlives this */
	uid_t uid;
	gid_t gid;
};

/* Whom the configuration names.  Returns 0, or -1 with errno, ENOENT: there is no such user. */
int identity_find(struct identity *, const struct conf *);

/* Root is to become somebody else. */
bool identity_is_due(const struct identity *);

/* The user's own from now on, where it is missing; by root, for what root alone may make.  path is a directory; what
 * cannot be is found by whoever needs it. */
void identity_make_place(const struct identity *, const char *path, mode_t mode);

/* For good, with the groups of the user.  Returns 0, or -1 with errno: then some of it may have been done, and this
 * process must end.  EPERM, too, where it could go back.  Before there are threads. */
int identity_take(const struct identity *);

/* Warns of what the user, who it is by now, cannot have of the files that the configuration names; says what. */
void identity_look(const struct conf *, const char *file, void (*say)(void *ctx, const char *what), void *ctx);

#endif
