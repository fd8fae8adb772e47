/*
 * How many clients are connected, in all and from each address (base/addrkey.h), who of them goes when there are too
 * many, and how many are being told why they cannot stay.
 */
#ifndef DAEMON_CLIENTS_H
#define DAEMON_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CLIENTS_LINGER 64            /* kept for a refusal's text at a time */
#define CLIENTS_LINGER_PER_ADDRESS 4 /* of these from one address */

struct clients;
struct client; /* one connected client */

struct clients_idle; /* those of a service who have claimed nothing yet */

/* Has the owner of a client that has claimed nothing left by this, for somebody else to have its place? */
typedef bool clients_yield_fn(void *owner);

/* NULL without memory. */
struct clients *clients_new(size_t max, size_t max_per_address, clients_yield_fn *);
/* Who has claimed nothing goes, until there are no more than so many; everybody else who is connected stays. */
void clients_make_room(struct clients *, size_t max);
/* The same, and from now on there are no more places. */
void clients_limits(struct clients *, size_t max, size_t max_per_address);
void clients_free(struct clients *); /* after all have left */

enum clients_answer {
	CLIENTS_IN, CLIENTS_TOO_MANY, CLIENTS_TOO_MANY_OF_ADDRESS, CLIENTS_NO_MEMORY
};

/*
 * A client from this address, into *one; untouched where it is not let in.  *service: NULL at first; what it points to
 * is ours, and there as long as one who came by it has claimed nothing.  The pointer stays where it is until then.
 *
 * While all places are taken, somebody who has claimed nothing goes for it, the oldest first.  What those have
 * is shared evenly among their addresses, and among their services.  So a client whose address has its share
 * makes one of that address go, or one of its service, if that has; everybody else one of those that have more,
 * if there is one among the oldest.
 */
enum clients_answer clients_enter(struct clients *, const struct sockaddr *, struct clients_idle **service,
    struct client **one);
void clients_leave(struct client *); /* NULL is nothing */

/* Who is asked to go; before this nobody is.  It has claimed: it is not asked any more. */
void clients_own(struct client *, void *owner);
void clients_claimed(struct client *);

/* All places are taken, or were, and not yet an eighth of them is free again. */
bool clients_crowded(const struct clients *);

/* May this client be kept for its text?  Counts it until it leaves; true again once it is. */
bool clients_linger(struct client *);

/* By whom it is counted: ADDRKEY bytes, as long as it is there. */
const uint8_t *clients_key_of(const struct client *);

size_t clients_count(const struct clients *);
size_t clients_max(const struct clients *);

#endif
