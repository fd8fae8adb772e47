/*
 * The rest of a host for a daemon that is played, in place of the files of src/ that ask the system: its
 * configuration, the addresses it listens at, its log.
 */
#ifndef TESTS_PLAYHOST_H
#define TESTS_PLAYHOST_H

#include <stdbool.h>
#include <sys/socket.h>

/* What the file says, when it is read next. */
extern const char *play_conf;

/* Somebody has connected by this socket at this port, from there; false: nobody listens. */
bool play_knock(int fd, unsigned port, const struct sockaddr *from, socklen_t);

#endif
