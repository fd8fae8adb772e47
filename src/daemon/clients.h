/*
 * How many clients are connected, in all and from each address (base/addrkey.h), and how many of them are
 * being told why they cannot stay.
 */
#ifndef DAEMON_CLIENTS_H
#define DAEMON_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define CLIENTS_LINGER 64            /* kept for a refusal's text at a time */
#define CLIENTS_LINGER_PER_ADDRESS 4 /* of these from one address */

struct clients;
struct client; /* one connected client */

/* NULL without memory. */
struct clients *clients_new(size_t max, size_t max_per_address);
/* Who is connected stays. */
void clients_limits(struct clients *, size_t max, size_t max_per_address);
void clients_free(struct clients *); /* after all have left */

enum clients_answer {
	CLIENTS_IN, CLIENTS_TOO_MANY, CLIENTS_TOO_MANY_OF_ADDRESS, CLIENTS_NO_MEMORY
};

/* A client from this address, into *one; untouched where it is not let in. */
enum clients_answer clients_enter(struct clients *, const struct sockaddr *, struct client **one);
void clients_leave(struct client *); /* NULL is nothing */

/* May this client be kept for its text?  Counts it until it leaves; true again once it is. */
bool clients_linger(struct client *);

/* By whom it is counted: CLIENTS_KEY bytes, as long as it is there. */
const uint8_t *clients_key_of(const struct client *);

size_t clients_count(const struct clients *);
size_t clients_max(const struct clients *);

#endif
