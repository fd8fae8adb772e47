/*
 * Counting clients by address in a hash table, and who goes, see clients.h.
 */
#include "daemon/clients.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/addrkey.h"
#include "base/hash.h"

#define BUCKETS 256

#define LOOK 64    /* so many of the oldest are looked at for one that goes */
#define FREED 8    /* crowded until one place in so many is free */

/* The lists in which a client is until it has claimed. */
enum kind { ALL, ADDRESS, SERVICE, KINDS };

TAILQ_HEAD(idlers, idler);

/* Those who have claimed nothing yet, in the order of coming: all, of an address, of a service. */
struct idle {
	struct idlers list;
	size_t n;
};

struct clients_idle {
	struct idle idle;
	size_t held;              /* by those, and by who has just come */
	struct clients_idle **at; /* where the service has it */
};

struct address {
	LIST_ENTRY(address) entry;
	struct clients *clients;
	struct idle idle;
	uint8_t key[ADDRKEY]; /* family and address */
	size_t count, lingering;
	size_t held; /* clients that have it as theirs, also after they have yielded */
};

LIST_HEAD(bucket, address);

struct clients {
	struct bucket buckets[BUCKETS];
	struct idle idle;
	size_t groups[KINDS]; /* addresses, services with anybody in their list */
	size_t max, max_per_address, count, lingering;
	clients_yield_fn *yield;
	bool crowded;
};

/* As small as can be: those who own a line may be many. */
struct client {
	struct address *address;
	struct idler *idler; /* NULL: it has claimed */
	bool yielded;        /* its place is somebody else's */
	bool lingers;
};

struct idler {
	struct client *client;
	void *owner; /* NULL: it is not asked to go yet */
	struct clients_idle *service;
	struct idle *of[KINDS];
	TAILQ_ENTRY(idler) in[KINDS];
	bool listed;
};

static void
idle_init(struct idle *idle)
{
	TAILQ_INIT(&idle->list);
	idle->n = 0;
}

struct clients *
clients_new(size_t max, size_t max_per_address, clients_yield_fn *yield)
{
	struct clients *c = calloc(1, sizeof *c);

	if (c != NULL) {
		idle_init(&c->idle);
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
	idle_init(&a->idle);
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

/* Of a service; NULL without memory. */
static struct clients_idle *
hold(struct clients_idle **at)
{
	if (*at == NULL && (*at = calloc(1, sizeof **at)) != NULL) {
		idle_init(&(*at)->idle);
		(*at)->at = at;
	}
	if (*at != NULL)
		(*at)->held++;
	return *at;
}

static void
let_go(struct clients_idle *service)
{
	if (--service->held > 0)
		return;
	*service->at = NULL;
	free(service);
}

static struct idler *
idler_new(struct clients *c, struct client *one, struct clients_idle **service)
{
	struct idler *i = calloc(1, sizeof *i);

	if (i == NULL || hold(service) == NULL) {
		free(i);
		return NULL;
	}
	*i = (struct idler){ .client = one, .service = *service,
		.of = { &c->idle, &one->address->idle, &(*service)->idle } };
	return i;
}

static void
list(struct clients *c, struct idler *i)
{
	int k;

	for (k = ALL; k < KINDS; k++) {
		TAILQ_INSERT_TAIL(&i->of[k]->list, i, in[k]);
		if (i->of[k]->n++ == 0)
			c->groups[k]++;
	}
	i->listed = true;
}

static void
unlist(struct clients *c, struct idler *i)
{
	int k;

	for (k = ALL; k < KINDS; k++) {
		TAILQ_REMOVE(&i->of[k]->list, i, in[k]);
		if (--i->of[k]->n == 0)
			c->groups[k]--;
	}
}

/* It has claimed, or has no place any more. */
static void
end_idling(struct client *one)
{
	struct idler *i = one->idler;

	if (i == NULL)
		return;
	if (i->listed)
		unlist(one->address->clients, i);
	let_go(i->service);
	free(i);
	one->idler = NULL;
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
has_share(const struct clients *c, enum kind k, const struct idle *idle)
{
	return idle->n >= share(c, c->groups[k] + (idle->n == 0));
}

static bool
is_over(const struct clients *c, const struct idler *i)
{
	return i->of[ADDRESS]->n > share(c, c->groups[ADDRESS]) || i->of[SERVICE]->n > share(c, c->groups[SERVICE]);
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

	end_idling(one);
	if (one->lingers) {
		a->lingering--;
		a->clients->lingering--;
	}
	a->count--;
	a->clients->count--;
	one->yielded = true;
}

static bool
yields(const struct clients *c, const struct idler *i)
{
	struct client *one = i->client;

	if (i->owner == NULL || !c->yield(i->owner))
		return false;
	free_place(one);
	return true;
}

/* Of these, one goes: who has more than a share, or only the oldest. */
static bool
one_goes(const struct clients *c, const struct idle *idle, enum kind k, bool over)
{
	struct idler *i, *next;
	size_t looked = 0;

	for (i = TAILQ_FIRST(&idle->list); i != NULL && looked++ < LOOK; i = next) {
		next = TAILQ_NEXT(i, in[k]);
		if ((!over || is_over(c, i)) && yields(c, i))
			return true;
	}
	return false;
}

static bool
make_room(const struct clients *c, const struct idle *idle, enum kind k)
{
	return one_goes(c, idle, k, true) || one_goes(c, idle, k, false);
}

static bool
make_room_for(const struct clients *c, const struct idler *newcomer)
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

/* NULL without memory. */
static struct client *
client_new(struct address *a, struct clients_idle **service)
{
	struct client *one = calloc(1, sizeof *one);

	if (one == NULL)
		return NULL;
	one->address = a;
	if ((one->idler = idler_new(a->clients, one, service)) == NULL) {
		free(one);
		return NULL;
	}
	a->held++;
	a->count++;
	a->clients->count++;
	return one;
}

enum clients_answer
clients_enter(struct clients *c, const struct sockaddr *sa, struct clients_idle **service, struct client **to)
{
	struct address *a = find_or_add(c, sa);
	struct client *one;

	if (a == NULL)
		return CLIENTS_NO_MEMORY;
	if (a->count >= c->max_per_address)
		return CLIENTS_TOO_MANY_OF_ADDRESS;
	if ((one = client_new(a, service)) == NULL) {
		drop_if_unused(a);
		return CLIENTS_NO_MEMORY;
	}
	if (c->count > c->max && !make_room_for(c, one->idler)) {
		clients_leave(one);
		c->crowded = true;
		return CLIENTS_TOO_MANY;
	}
	list(c, one->idler);
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
	if (one->idler != NULL)
		one->idler->owner = owner;
}

void
clients_claimed(struct client *one)
{
	end_idling(one);
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
