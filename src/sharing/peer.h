/*
 * Is the client at the other end of the connection still there, and does it take what it is sent?
 * Pure: judges samples that the transport takes while something is outstanding.
 */
#ifndef SHARING_PEER_H
#define SHARING_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "conf/conf.h"

enum peer_verdict {
	PEER_QUIET,  /* nothing outstanding: no need to look until peer_queued() */
	PEER_ALIVE,  /* look again at peer_due() */
	PEER_DEAD,   /* acknowledged nothing for idle + interval x probes seconds */
	PEER_STALLED /* what is queued for it has not become less for `stall` */
};

struct peer_sample {
	uint64_t queued;  /* bytes ever queued for it */
	uint64_t waiting; /* of these not acknowledged: ours and the kernel's */
	int64_t ack_age;  /* ms since its last acknowledgement of anything */
};

/* Fields are peer.c's. */
struct peer {
	int64_t dead, stall; /* ms; 0: off */
	bool watching;
	msec_t since;        /* something is outstanding, and nothing was taken, since */
	uint64_t taken;      /* queued - waiting at the last look */
	msec_t due;
};

/* keepalive's idle 0: never dead; stall 0: never stalled; both: never looks. */
void peer_init(struct peer *, const struct conf_rules *);
void peer_rules(struct peer *, const struct conf_rules *); /* others count from now on */

/*
 * Something was queued (the sample's ack_age is not looked at); true when looking begins and
 * peer_due() has become earlier.
 */
bool peer_queued(struct peer *, const struct peer_sample *, msec_t now);

/*
 * A peer that takes nothing but acknowledges (window probes) is alive, and may be stalled.  DEAD
 * and STALLED are the end: nothing is watched any more.
 */
enum peer_verdict peer_look(struct peer *, const struct peer_sample *, msec_t now);

/*
 * Exact where a verdict can come; looks in between are 250 ms to 10 s apart, so that none comes later
 * than an eighth of its time.  Never while quiet.
 */
msec_t peer_due(const struct peer *);

#endif
