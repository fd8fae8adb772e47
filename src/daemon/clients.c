/*
 * Counting clients by address in a hash table, see clients.h.
 */
#include "daemon/clients.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/addrkey.h"
#include "base/hash.h"

#define BUCKETS 1024

struct address {
	LIST_ENTRY(address) entry;
	struct clients *clients;
	uint8_t key[ADDRKEY]; /* family and address */
	size_t count, lingering;
};

LIST_HEAD(bucket, address);

struct clients {
	struct bucket buckets[BUCKETS];
	size_t max, max_per_address, count, lingering;
};

struct client {
	struct address *address;
	bool lingers;
};

struct clients *
clients_new(size_t max, size_t max_per_address)
{
	struct clients *c = calloc(1, sizeof *c);

	if (c != NULL) {
		c->max = max;
		c->max_per_address = max_per_address;
	}
	return c;
}

void
clients_limits(struct clients *c, size_t max, size_t max_per_address)
{
	c->max = max;
	c->max_per_address = max_per_address;
}

void
clients_free(struct clients *c)
{
	free(c);
}

/* Whoever owns many addresses can have all of them in one bucket: it is as long as max-clients at most. */
static struct bucket *
bucket_of(struct clients *c, const uint8_t key[static ADDRKEY])
{
	return &c->buckets[hash_of(key, ADDRKEY) % BUCKETS];
}

static struct address *
find_or_add(struct clients *c, const struct sockaddr *sa)
{
	uint8_t key[ADDRKEY];
	struct bucket *b;
	struct address *a;

	addrkey(key, sa);
	b = bucket_of(c, key);
	LIST_FOREACH(a, b, entry)
		if (memcmp(a->key, key, sizeof key) == 0)
			return a;
	if ((a = calloc(1, sizeof *a)) == NULL)
		return NULL;
	memcpy(a->key, key, sizeof key);
	a->clients = c;
	LIST_INSERT_HEAD(b, a, entry);
	return a;
}

static void
drop_if_unused(struct address *a)
{
	if (a->count > 0)
		return;
	LIST_REMOVE(a, entry);
	free(a);
}

/* As if it were of this address. */
static enum clients_answer
may_enter(const struct clients *c, const struct address *a)
{
	if (a->count >= c->max_per_address)
		return CLIENTS_TOO_MANY_OF_ADDRESS;
	return c->count < c->max ? CLIENTS_IN : CLIENTS_TOO_MANY;
}

static enum clients_answer
take_place(struct address *a, struct client **to)
{
	struct client *one = calloc(1, sizeof *one);

	if (one == NULL)
		return CLIENTS_NO_MEMORY;
	one->address = a;
	a->count++;
	a->clients->count++;
	*to = one;
	return CLIENTS_IN;
}

enum clients_answer
clients_enter(struct clients *c, const struct sockaddr *sa, struct client **one)
{
	struct address *a = find_or_add(c, sa);
	enum clients_answer answer;

	if (a == NULL)
		return CLIENTS_NO_MEMORY;
	answer = may_enter(c, a);
	if (answer == CLIENTS_IN)
		answer = take_place(a, one);
	drop_if_unused(a);
	return answer;
}

void
clients_leave(struct client *one)
{
	struct address *a;

	if (one == NULL)
		return;
	a = one->address;
	if (one->lingers) {
		a->lingering--;
		a->clients->lingering--;
	}
	a->count--;
	a->clients->count--;
	drop_if_unused(a);
	free(one);
}

bool
clients_linger(struct client *one)
{
	struct address *a = one->address;

	if (!one->lingers && a->lingering < CLIENTS_LINGER_PER_ADDRESS &&
	    a->clients->lingering < CLIENTS_LINGER) {
		one->lingers = true;
		a->lingering++;
		a->clients->lingering++;
	}
	return one->lingers;
}

const uint8_t *
clients_key_of(const struct client *one)
{
	return one->address->key;
}

size_t
clients_count(const struct clients *c)
{
	return c->count;
}

size_t
clients_max(const struct clients *c)
{
	return c->max;
}
