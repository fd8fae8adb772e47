/*
 * Counting clients by address in a hash table, and who goes, see clients.h.
 */
#include "daemon/clients.h"

#include <stdlib.h>
#include <string.h>

#include "base/addrkey.h"
#include "base/hash.h"

#define BUCKETS 1024

#define LOOK 64    /* so many of the oldest are looked at for one that goes */
#define FREED 8    /* crowded until one place in so many is free */

/* The lists in which a client is until it has claimed. */
enum kind { ALL, ADDRESS, SERVICE, KINDS };

struct address {
	LIST_ENTRY(address) entry;
	struct clients *clients;
	struct clients_idle idle;
	uint8_t key[ADDRKEY]; /* family and address */
	size_t count, lingering;
	size_t held; /* clients that have it as theirs, also after they have yielded */
};

LIST_HEAD(bucket, address);

struct clients {
	struct bucket buckets[BUCKETS];
	struct clients_idle idle;
	size_t groups[KINDS]; /* addresses, services with anybody in their list */
	size_t max, max_per_address, count, lingering;
	clients_yield_fn *yield;
	bool crowded;
};

struct client {
	struct address *address;
	void *owner;
	struct clients_idle *of[KINDS];
	TAILQ_ENTRY(client) in[KINDS];
	bool idle;    /* in these lists */
	bool yielded; /* its place is somebody else's */
	bool lingers;
};

void
clients_idle_init(struct clients_idle *idle)
{
	TAILQ_INIT(&idle->list);
	idle->n = 0;
}

struct clients *
clients_new(size_t max, size_t max_per_address, clients_yield_fn *yield)
{
	struct clients *c = calloc(1, sizeof *c);

	if (c != NULL) {
		clients_idle_init(&c->idle);
		c->max = max;
		c->max_per_address = max_per_address;
		c->yield = yield;
	}
	return c;
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
	clients_idle_init(&a->idle);
	a->clients = c;
	LIST_INSERT_HEAD(b, a, entry);
	return a;
}

static void
drop_if_unused(struct address *a)
{
	if (a->held > 0)
		return;
	LIST_REMOVE(a, entry);
	free(a);
}

/* ---- who has claimed nothing ---- */

static void
list(struct client *one)
{
	struct clients *c = one->address->clients;
	int k;

	for (k = ALL; k < KINDS; k++) {
		TAILQ_INSERT_TAIL(&one->of[k]->list, one, in[k]);
		if (one->of[k]->n++ == 0)
			c->groups[k]++;
	}
	one->idle = true;
}

static void
unlist(struct client *one)
{
	struct clients *c = one->address->clients;
	int k;

	if (!one->idle)
		return;
	for (k = ALL; k < KINDS; k++) {
		TAILQ_REMOVE(&one->of[k]->list, one, in[k]);
		if (--one->of[k]->n == 0)
			c->groups[k]--;
	}
	one->idle = false;
}

/* What each of so many has of the places of those who have claimed nothing. */
static size_t
share(const struct clients *c, size_t groups)
{
	size_t each = groups > 0 ? c->idle.n / groups : c->idle.n;

	return each > 0 ? each : 1;
}

/* Has it its share, if one more comes? */
static bool
has_share(const struct clients *c, enum kind k, const struct clients_idle *idle)
{
	return idle->n >= share(c, c->groups[k] + (idle->n == 0));
}

static bool
is_over(const struct clients *c, const struct client *one)
{
	return one->of[ADDRESS]->n > share(c, c->groups[ADDRESS]) || one->of[SERVICE]->n > share(c, c->groups[SERVICE]);
}

/* ---- places ---- */

static void
look_if_crowded(struct clients *c)
{
	if (c->count >= c->max)
		c->crowded = true;
	else if (c->count <= c->max - c->max / FREED)
		c->crowded = false;
}

/* It is nobody's any more; the client itself stays until it leaves. */
static void
free_place(struct client *one)
{
	struct address *a = one->address;

	unlist(one);
	if (one->lingers) {
		a->lingering--;
		a->clients->lingering--;
	}
	a->count--;
	a->clients->count--;
	one->yielded = true;
}

static bool
yields(const struct clients *c, struct client *one)
{
	if (one->owner == NULL || !c->yield(one->owner))
		return false;
	free_place(one);
	return true;
}

/* Of these, one goes: who has more than a share, or only the oldest. */
static bool
one_goes(const struct clients *c, const struct clients_idle *idle, enum kind k, bool over)
{
	struct client *one, *next;
	size_t looked = 0;

	for (one = TAILQ_FIRST(&idle->list); one != NULL && looked++ < LOOK; one = next) {
		next = TAILQ_NEXT(one, in[k]);
		if ((!over || is_over(c, one)) && yields(c, one))
			return true;
	}
	return false;
}

static bool
make_room(const struct clients *c, const struct clients_idle *idle, enum kind k)
{
	return one_goes(c, idle, k, true) || one_goes(c, idle, k, false);
}

static bool
make_room_for(const struct clients *c, const struct client *newcomer)
{
	enum kind k = has_share(c, ADDRESS, newcomer->of[ADDRESS]) ? ADDRESS :
	    has_share(c, SERVICE, newcomer->of[SERVICE]) ? SERVICE : ALL;

	return make_room(c, newcomer->of[k], k);
}

void
clients_make_room(struct clients *c, size_t max)
{
	while (c->count > max && make_room(c, &c->idle, ALL))
		;
}

void
clients_limits(struct clients *c, size_t max, size_t max_per_address)
{
	c->max = max;
	c->max_per_address = max_per_address;
	clients_make_room(c, max);
	look_if_crowded(c);
}

enum clients_answer
clients_enter(struct clients *c, const struct sockaddr *sa, struct clients_idle *service, struct client **to)
{
	struct address *a = find_or_add(c, sa);
	struct client *one;

	if (a == NULL)
		return CLIENTS_NO_MEMORY;
	if (a->count >= c->max_per_address)
		return CLIENTS_TOO_MANY_OF_ADDRESS;
	if ((one = calloc(1, sizeof *one)) == NULL) {
		drop_if_unused(a);
		return CLIENTS_NO_MEMORY;
	}
	*one = (struct client){ .address = a, .of = { &c->idle, &a->idle, service } };
	a->held++;
	a->count++;
	c->count++;
	if (c->count > c->max && !make_room_for(c, one)) {
		clients_leave(one);
		c->crowded = true;
		return CLIENTS_TOO_MANY;
	}
	list(one);
	look_if_crowded(c);
	*to = one;
	return CLIENTS_IN;
}

void
clients_leave(struct client *one)
{
	struct address *a;

	if (one == NULL)
		return;
	a = one->address;
	if (!one->yielded) {
		free_place(one);
		look_if_crowded(a->clients);
	}
	a->held--;
	drop_if_unused(a);
	free(one);
}

void
clients_own(struct client *one, void *owner)
{
	one->owner = owner;
}

void
clients_claimed(struct client *one)
{
	if (!one->yielded)
		unlist(one);
}

bool
clients_crowded(const struct clients *c)
{
	return c->crowded;
}

bool
clients_linger(struct client *one)
{
	struct address *a = one->address;

	if (!one->lingers && !one->yielded && a->lingering < CLIENTS_LINGER_PER_ADDRESS &&
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
