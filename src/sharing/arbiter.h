/*
 * Who may have which line: all lines, services and clients in one machine.  Pure; all memory is
 * the caller's, who embeds the structs of arbiter_parts.h.
 *
 * What is to be done waits in the arbiter until arbiter_next() gives it out, one at a time: first
 * grants, then what else clients are told, then what lines are.  After each call the caller carries
 * out all there is; it may call the arbiter meanwhile, and the same loop gives out what comes of
 * that.  What is outdated when it is asked for is not given out: nothing of a client that has left,
 * of two places only the later.  So nothing overflows or dangles.
 */
#ifndef SHARING_ARBITER_H
#define SHARING_ARBITER_H

#include "sharing/arbiter_parts.h"

void arbiter_init(struct arbiter *);

/* Out of service, in no service.  shared: it is closed while FREE (host-sharing).
 * It may be freed when it is OUT and in no service, and arbiter_next() has been false since. */
void arbiter_line_init(struct arbiter_line *, bool shared);

/*
 * A service without lines; then its lines in their order, also to replace them: n members, of
 * which the caller sets `line` and keeps them until they are replaced.  Owners stay what they are,
 * also without their line or service.  Without lines (n 0) the service is gone: who waits or claims
 * is refused GONE.  It may be freed when it has no lines and arbiter_service_users() is 0 (owners,
 * waiters, not yet told).  New rules count at once; who claims brings those of its queue.
 */
void arbiter_service_init(struct arbiter_service *, const struct arbiter_rules *);
void arbiter_service_lines(struct arbiter *, struct arbiter_service *, struct arbiter_member *,
    size_t n);
void arbiter_service_rules(struct arbiter_service *, const struct arbiter_rules *);
size_t arbiter_service_users(const struct arbiter_service *);
/* How many wait in it; in all services of a line: who could have it. */
size_t arbiter_service_waiting(const struct arbiter_service *);
size_t arbiter_line_waiting(const struct arbiter_line *);

void arbiter_client_init(struct arbiter_client *, const struct arbiter_identity *);

/* Both are one, and not none. */
bool arbiter_same(const struct arbiter_identity *, const struct arbiter_identity *);

/*
 * The client, nowhere so far, wants a line: exactly one GRANT, WAIT or REFUSE, and after WAIT (which
 * may be told again) one GRANT or REFUSE.  rules: those it came under, which may be older than the
 * service's; they say whether it may wait, among how many, and how long.
 */
void arbiter_claim(struct arbiter *, struct arbiter_service *, struct arbiter_client *,
    const struct arbiter_rules *, msec_t now);

/*
 * As arbiter_claim(), but in the place of an owner of a line of this service, who leaves by it: the client waits
 * for the hand-over, before everybody else, whatever the rules say of how many may.  false, and nothing is
 * done: its identity waits there already, or the service has no lines any more, for which it would wait for ever.
 */
bool arbiter_take_over(struct arbiter *, struct arbiter_service *, struct arbiter_client *,
    struct arbiter_client *owner, const struct arbiter_rules *, msec_t now);

/* The owner's claim is over, though it has not left yet: who claims is held, as in a hand-over.
 * Nothing for one who owns nothing. */
void arbiter_ending(struct arbiter_client *);

/*
 * The client leaves, whatever it is; it is told nothing more and may be freed.  An owner's line goes
 * to hand-over (also when its GRANT was not given out yet).  idle: an owner cut for inactivity; its
 * identity cools down by the rules of its service.
 */
void arbiter_leave(struct arbiter *, struct arbiter_client *, bool idle, msec_t now);

/*
 * News of a line; each is nothing in another state than said.
 * found: OUT to HANDOVER.  unready: FREE to HANDOVER: it rings, or is handed over again.
 * ready: HANDOVER to OWNED if somebody waits who could have it, else FREE; close a shared one then
 * (look at its state after the call).  out: HANDOVER or FREE to OUT; an owner leaves before.
 */
void arbiter_found(struct arbiter_line *);
void arbiter_unready(struct arbiter_line *);
void arbiter_ready(struct arbiter *, struct arbiter_line *, msec_t now);
void arbiter_out(struct arbiter *, struct arbiter_line *);

/* When a queue-wait ends first, or never; arbiter_time() ends those that are due. */
msec_t arbiter_due(const struct arbiter *);
void arbiter_time(struct arbiter *, msec_t now);

enum arbiter_do {
	ARBITER_GRANT,         /* client owns line now */
	ARBITER_WAIT,          /* client waits at place `number` (1 is next) of its service; also when that
	                          or `held` changes.  held: a hand-over is going on since its claim */
	ARBITER_REFUSE_BUSY,   /* all in use */
	ARBITER_REFUSE_FULL,   /* too many wait; number: how many */
	ARBITER_REFUSE_OUT,    /* every line of the service is out of service; line: the first of them */
	ARBITER_REFUSE_TWICE,  /* this identity waits in this service already */
	ARBITER_REFUSE_WAITED, /* queue-wait is over */
	ARBITER_REFUSE_GONE,   /* the service has no lines any more */
	ARBITER_START_HANDOVER, /* line: its owner left */
	ARBITER_PREPARE,       /* line, in HANDOVER now, is closed (host-sharing): open and test it,
	                          then ready or out */
	ARBITER_CONTENDED,     /* line, owned: somebody waits in a service of it; after the GRANT if so then */
	ARBITER_UNCONTENDED    /* ... nobody any more, under the same owner */
};

struct arbiter_action {
	enum arbiter_do what;
	struct arbiter_client *client; /* GRANT, WAIT, REFUSE; else NULL */
	struct arbiter_service *service; /* of the client */
	struct arbiter_line *line; /* where said; else NULL */
	size_t number;
	bool held;
};

/* False when nothing is to be done. */
bool arbiter_next(struct arbiter *, struct arbiter_action *);

#endif
