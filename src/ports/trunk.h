/*
 * A trunk: what leads from a virtual modem to a TCP peer.  Towards the modem it is a modem itself
 * (modem/vmodem.h), without a terminal; its data goes to a socket and comes from there, as it is or
 * in Telnet.  A trunk is made for one call and frees itself when that is over.
 */
#ifndef PORTS_TRUNK_H
#define PORTS_TRUNK_H

#include <stdbool.h>
#include <sys/queue.h>

#include "io/dial.h"
#include "io/loop.h"
#include "modem/vmodem.h"
#include "conf/conf.h"

#define TRUNK_PATIENCE 50 /* s, S7 of who calls from the network */
#define TRUNKS_MOST 8     /* at a time of each kind, so that who calls keeps nobody from calling */

struct trunk;

/* The trunks of one virtual modem, and the one dialler that they share. */
struct trunks {
	struct loop *loop;
	struct dial *dial;     /* NULL until a number leads to a host */
	struct trunk *dialled; /* whose call the dialler sets up */
	LIST_HEAD(, trunk) all;
	unsigned n_came, n_dialled; /* of those who called, and those that were called */
};

void trunks_init(struct trunks *, struct loop *);
void trunks_clear(struct trunks *); /* ends and frees them all */

/*
 * Calls the host of a CONF_DIAL_TCP or CONF_DIAL_TELNET number.  Returns the modem that is to be rung
 * at once: it answers when the host does.  NULL: no memory, or too many calls are not over yet.
 */
struct vmodem *trunk_call(struct trunks *, const struct conf_number *);

/*
 * A peer that has connected (fd: non-blocking, now the trunk's) calls `called`.  If that is busy or does
 * not answer within TRUNK_PATIENCE, the peer reads so, in a line, and is closed.
 */
void trunk_ring(struct trunks *, int fd, struct vmodem *called);

#endif
