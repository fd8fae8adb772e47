/*
 * Is an open pty the one that a line means?  The kernel gives a number that becomes free to the next pty: behind
 * /dev/pts/3 may be a virtual machine's console today and somebody's login tomorrow.
 */
#ifndef PORTS_TTYPTY_H
#define PORTS_TTYPTY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * fd is open on `device`, to which the configured `path` leads.  True for what is no pty, for one that the last link
 * of `path` was made for (a link is made after its pty, so one that is older belongs to a pty that is gone), and
 * for one that is mounted under a name of its own.  False with why, for a person: there is no link, it is
 * older than the pty, or the pty is the terminal of a session.  Reads /proc, so it is for workers.
 */
bool ttypty_is_meant(int fd, const char *path, const char *device, char *why, size_t cap);

#endif
