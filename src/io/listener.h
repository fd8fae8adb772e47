/*
 * A TCP socket that accepts clients.
 */
#ifndef IO_LISTENER_H
#define IO_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "io/loop.h"

#define LISTENER_BACKLOG 128 /* so many may wait to be accepted, and one more */

struct listener;

/*
 * A client: fd is non-blocking, close-on-exec, and the callee's; the address is valid during the call.  fd -1, without
 * an address: clients wait, but there are no descriptors or no memory, errno says which; for listener_log_failure().
 */
typedef void listener_fn(void *ctx, int fd, const struct sockaddr *, socklen_t);

/*
 * Binds and listens (IPv6 sockets for IPv6 only).  NULL with errno.  While the process has no
 * descriptors left, accepting rests for 100 ms at a time.
 */
struct listener *listener_new(struct loop *, const struct sockaddr *, socklen_t, listener_fn *,
    void *ctx);

/*
 * The same beside listeners of ours that have the port at an address that overlaps (127.0.0.1 and 0.0.0.0) and
 * are to go: each of them is shared while this is called, and only then.  From then on who connects goes
 * to the one whose address is no wildcard.
 */
struct listener *listener_new_beside(struct loop *, const struct sockaddr *, socklen_t, listener_fn *,
    void *ctx);
int listener_share(struct listener *, bool on); /* 0, or -1 with errno */

/* One line of the log in 10 s, whoever it is that cannot accept: "KEY=NAME", and how many were not logged. */
void listener_log_failure(struct loop *, const char *key, const char *name, int error);

/* Its socket: for options that those it accepts inherit. */
int listener_fd(const struct listener *);

/* The address it is bound to, with the port that the kernel chose. */
void listener_address(const struct listener *, struct sockaddr_storage *, socklen_t *);

/* Clients are another's from now on. */
void listener_give(struct listener *, listener_fn *, void *ctx);

/* Accepts nobody any more, and again: who connects meanwhile waits in the kernel. */
void listener_pause(struct listener *, bool on);

/* For its owner, a mark; not at first. */
void listener_mark(struct listener *, bool on);
bool listener_marked(const struct listener *);

/*
 * Before one is closed: a client that waits in it, the caller's (fd or -1 with errno; from where, and
 * the size of that).  listener_offer() gives it to another one, unless that does not listen where this
 * client connected to: then false, and it is the caller's still.
 */
int listener_take(struct listener *, struct sockaddr_storage *from, socklen_t *);
bool listener_offer(struct listener *, int fd, const struct sockaddr *from, socklen_t);

void listener_free(struct listener *); /* NULL is nothing; closes */

#endif
