/*
 * A TCP socket that accepts clients.
 */
#ifndef IO_LISTENER_H
#define IO_LISTENER_H

#include <stddef.h>
#include <sys/socket.h>

#include "io/loop.h"

struct listener;

/* A client: fd is non-blocking, close-on-exec, and the callee's; the address is valid during the call. */
typedef void listener_fn(void *ctx, int fd, const struct sockaddr *, socklen_t);

/*
 * Binds and listens (IPv6 sockets for IPv6 only).  NULL with errno.  While the process has no
 * descriptors left, accepting rests for 100 ms at a time.
 */
struct listener *listener_new(struct loop *, const struct sockaddr *, socklen_t, listener_fn *,
    void *ctx);

/* Its socket: for options that those it accepts inherit. */
int listener_fd(const struct listener *);

/* The address it is bound to, with the port that the kernel chose. */
void listener_address(const struct listener *, struct sockaddr_storage *, socklen_t *);

/* Clients are another's from now on. */
void listener_give(struct listener *, void *ctx);

void listener_free(struct listener *); /* NULL is nothing; closes */

#endif
