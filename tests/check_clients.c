/*
 * Who is the same client by its address, and how many may come from one.
 */
#include "daemon/clients.h"
#include "unit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addrkey.h"

/* AddressSanitizer has a calloc() of its own. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static const struct sockaddr *
address(const char *text)
{
	static union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;

	memset(&a, 0, sizeof a);
	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(2217);
		return &a.sa;
	}
	ck_assert_int_eq(inet_pton(AF_INET6, text, &a.v6.sin6_addr), 1);
	a.v6.sin6_family = AF_INET6;
	a.v6.sin6_port = htons(2217);
	return &a.sa;
}

static const struct {
	const char *one, *other;
	bool same;
} pairs[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "2001:db8:1:2::1", "2001:db8:1:2::1", true },
	{ "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true },
	{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
	{ "2001:db8:1:2::1", "2001:db9:1:2::1", false },
	{ "fe80::1", "fe80::1", true },
	{ "fe80::1", "fe80::2", false },
	{ "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", false },
	{ "::c000:201", "192.0.2.1", false },
};

START_TEST(who_is_the_same)
{
	uint8_t one[ADDRKEY], other[ADDRKEY];

	addrkey(one, address(pairs[_i].one));
	addrkey(other, address(pairs[_i].other));
	ck_assert_int_eq(memcmp(one, other, sizeof one) == 0, pairs[_i].same);
}
END_TEST

/* ---- a house of guests ---- */

#define GUESTS 64

struct guest {
	struct client *client; /* NULL: it has left */
	bool stays;            /* it is about to claim */
	bool gone, told;
};

static struct clients_idle *service, *other_service;
static struct guest guests[GUESTS];
static size_t n_guests;

static bool
goes(void *owner)
{
	struct guest *g = owner;

	if (g->stays)
		return false;
	g->gone = true;
	return true;
}

static void
set_up(void)
{
	service = other_service = NULL;
	memset(guests, 0, sizeof guests);
	n_guests = 0;
}

static struct client *
enters(struct clients *c, const char *from)
{
	struct client *one = NULL;

	ck_assert_int_eq(clients_enter(c, address(from), &service, &one), CLIENTS_IN);
	ck_assert_ptr_nonnull(one);
	return one;
}

/* Is the next guest let in? */
static bool
comes(struct clients *c, const char *from, struct clients_idle **to)
{
	struct guest *g = &guests[n_guests];
	struct client *one;

	if (clients_enter(c, address(from), to, &one) != CLIENTS_IN)
		return false;
	g->client = one;
	clients_own(one, g);
	n_guests++;
	return true;
}

/* Which have gone, as "0 3 "; each is told once. */
static const char *
gone(void)
{
	static char text[4 * GUESTS];
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; i < n_guests; i++) {
		if (guests[i].gone && !guests[i].told)
			n += (size_t)snprintf(text + n, sizeof text - n, "%zu ", i);
		guests[i].told = guests[i].gone;
	}
	return text;
}

static void
leaves(struct guest *g)
{
	clients_leave(g->client);
	g->client = NULL;
}

static void
all_leave(struct clients *c)
{
	size_t i;

	for (i = 0; i < n_guests; i++)
		leaves(&guests[i]);
	ck_assert_uint_eq(clients_count(c), 0);
	clients_free(c);
}

/* ---- */

/* The limit for one address is one for its /64. */
START_TEST(changing_within_its_network)
{
	struct clients *c = clients_new(100, 2, goes);
	struct client *first, *second, *other;

	ck_assert_ptr_nonnull(c);
	first = enters(c, "2001:db8::1");
	second = enters(c, "2001:db8::2");
	ck_assert_int_eq(clients_enter(c, address("2001:db8::3"), &service, &other), CLIENTS_TOO_MANY_OF_ADDRESS);
	other = enters(c, "2001:db8:0:1::3");
	clients_leave(second);
	second = enters(c, "2001:db8::3");
	clients_leave(first);
	clients_leave(second);
	clients_leave(other);
	ck_assert_uint_eq(clients_count(c), 0);
	clients_free(c);
}
END_TEST

/* Each is told what it is for which it is not let in. */
START_TEST(all_places_are_taken)
{
	struct clients *c = clients_new(2, 1, goes);
	struct client *first = enters(c, "192.0.2.1"), *second = enters(c, "192.0.2.2"), *third = NULL;

	clients_claimed(first);
	clients_claimed(second);
	ck_assert_int_eq(clients_enter(c, address("192.0.2.3"), &service, &third), CLIENTS_TOO_MANY);
	ck_assert_int_eq(clients_enter(c, address("192.0.2.2"), &service, &third), CLIENTS_TOO_MANY_OF_ADDRESS);
	ck_assert_ptr_null(third);
	ck_assert_uint_eq(clients_count(c), 2);
	clients_leave(first);
	third = enters(c, "192.0.2.3");
	clients_leave(second);
	clients_leave(third);
	clients_free(c);
}
END_TEST

/* Who has claimed nothing goes first, and among those the oldest; who has claimed, or is about to, never. */
START_TEST(the_oldest_goes)
{
	struct clients *c = clients_new(4, 4, goes);

	ck_assert(comes(c, "192.0.2.1", &service) && comes(c, "192.0.2.2", &service));
	ck_assert(comes(c, "192.0.2.3", &service) && comes(c, "192.0.2.4", &service));
	clients_claimed(guests[0].client);
	guests[1].stays = true;
	ck_assert(comes(c, "192.0.2.5", &service));
	ck_assert_str_eq(gone(), "2 ");
	ck_assert(comes(c, "192.0.2.6", &service));
	ck_assert_str_eq(gone(), "3 ");
	guests[1].stays = false;
	ck_assert(comes(c, "192.0.2.7", &service));
	ck_assert_str_eq(gone(), "1 ");
	clients_claimed(guests[4].client);
	clients_claimed(guests[5].client);
	clients_claimed(guests[6].client);
	ck_assert(!comes(c, "192.0.2.8", &service));
	ck_assert_str_eq(gone(), "");
	ck_assert_uint_eq(clients_count(c), 4);
	all_leave(c);
}
END_TEST

/* A client that yields is there until its session is over, with its address: it leaves then, and is counted once. */
START_TEST(who_has_gone_leaves_later)
{
	struct clients *c = clients_new(2, 2, goes);
	uint8_t key[ADDRKEY];

	ck_assert(comes(c, "192.0.2.1", &service) && comes(c, "192.0.2.2", &service));
	ck_assert(comes(c, "192.0.2.1", &service));
	ck_assert_str_eq(gone(), "0 ");
	ck_assert(comes(c, "192.0.2.3", &service));
	ck_assert_str_eq(gone(), "1 "); /* the only one of its address */
	addrkey(key, address("192.0.2.2"));
	ck_assert_mem_eq(clients_key_of(guests[1].client), key, sizeof key);
	clients_claimed(guests[0].client);
	ck_assert_uint_eq(clients_count(c), 2);
	leaves(&guests[0]);
	ck_assert_uint_eq(clients_count(c), 2);
	all_leave(c);
}
END_TEST

/* An address with its share of the places takes none from others, whatever order they came in. */
START_TEST(a_share_for_each_address)
{
	struct clients *c = clients_new(8, 8, goes);
	int i;

	ck_assert(comes(c, "192.0.2.9", &service)); /* the oldest of all */
	for (i = 1; i < 8; i++)
		ck_assert(comes(c, "192.0.2.1", &service));
	for (i = 8; i < 20; i++)
		ck_assert(comes(c, "192.0.2.1", &service));
	ck_assert_str_eq(gone(), "1 2 3 4 5 6 7 8 9 10 11 12 ");
	ck_assert(comes(c, "192.0.2.8", &service));
	ck_assert_str_eq(gone(), "13 "); /* of whom there are more than a share, not the oldest */
	all_leave(c);
}
END_TEST

/* Likewise a service, though each came from an address of its own. */
START_TEST(a_share_for_each_service)
{
	struct clients *c = clients_new(8, 8, goes);
	char from[20];
	int i;

	ck_assert(comes(c, "192.0.2.200", &other_service));
	for (i = 1; i < 20; i++) {
		snprintf(from, sizeof from, "192.0.2.%d", i);
		ck_assert(comes(c, from, &service));
	}
	ck_assert_str_eq(gone(), "1 2 3 4 5 6 7 8 9 10 11 12 ");
	ck_assert(comes(c, "192.0.2.201", &other_service));
	ck_assert_str_eq(gone(), "13 ");
	all_leave(c);
}
END_TEST

/* What owners have is nobody's share: an address with many of them gets in as others do. */
START_TEST(owners_do_not_count_in_a_share)
{
	struct clients *c = clients_new(8, 8, goes);
	int i;

	for (i = 0; i < 5; i++) {
		ck_assert(comes(c, "192.0.2.1", &service));
		clients_claimed(guests[i].client);
	}
	for (i = 5; i < 8; i++)
		ck_assert(comes(c, "192.0.2.2", &service));
	ck_assert(comes(c, "192.0.2.1", &service));
	ck_assert_str_eq(gone(), "5 ");
	all_leave(c);
}
END_TEST

/* Crowded as soon as all places are taken, and until an eighth is free. */
START_TEST(crowded)
{
	struct clients *c = clients_new(16, 16, goes);
	int i;

	for (i = 0; i < 15; i++)
		ck_assert(comes(c, "192.0.2.1", &service));
	ck_assert(!clients_crowded(c));
	ck_assert(comes(c, "192.0.2.1", &service));
	ck_assert(clients_crowded(c));
	leaves(&guests[0]);
	ck_assert(clients_crowded(c));
	leaves(&guests[1]);
	ck_assert(!clients_crowded(c));
	all_leave(c);
}
END_TEST

/* A reload leaves fewer places: who has claimed nothing goes, and nobody else. */
START_TEST(fewer_places)
{
	struct clients *c = clients_new(10, 10, goes);
	int i;

	for (i = 0; i < 6; i++)
		ck_assert(comes(c, "192.0.2.1", &service));
	clients_claimed(guests[0].client);
	clients_claimed(guests[2].client);
	clients_limits(c, 4, 10);
	ck_assert_str_eq(gone(), "1 3 ");
	ck_assert(clients_crowded(c));
	clients_limits(c, 1, 10);
	ck_assert_str_eq(gone(), "4 5 ");
	ck_assert_uint_eq(clients_count(c), 2);
	ck_assert_uint_eq(clients_max(c), 1);
	clients_limits(c, 10, 10);
	ck_assert(!clients_crowded(c));
	all_leave(c);
}
END_TEST

/* What is there for the lists of a service goes with the last who is in them. */
START_TEST(owners_are_in_no_list)
{
	struct clients *c = clients_new(2, 2, goes);

	ck_assert(comes(c, "192.0.2.1", &service) && comes(c, "192.0.2.2", &service));
	clients_claimed(guests[0].client);
	ck_assert_ptr_nonnull(service);
	ck_assert(comes(c, "192.0.2.3", &service)); /* and the second goes, who was the last */
	ck_assert_ptr_nonnull(service);
	clients_claimed(guests[2].client);
	ck_assert_ptr_null(service);
	ck_assert(!comes(c, "192.0.2.4", &service));
	ck_assert_ptr_null(service);
	clients_own(guests[0].client, &guests[0]);
	ck_assert_str_eq(gone(), "1 ");
	all_leave(c);
}
END_TEST

#if !SANITIZED
static int allocations_left = -1; /* negative: there is no limit */

void *
calloc(size_t n, size_t size)
{
	static void *(*real)(size_t, size_t);

	if (allocations_left == 0) {
		errno = ENOMEM;
		return NULL;
	}
	if (allocations_left > 0)
		allocations_left--;
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "calloc");
	return real(n, size);
}

/* i: for so much there is memory. */
START_TEST(no_memory)
{
	struct clients *c = clients_new(100, 2, goes);
	struct client *one = NULL;
	enum clients_answer answer;

	allocations_left = _i;
	answer = clients_enter(c, address("192.0.2.1"), &service, &one);
	allocations_left = -1;
	ck_assert_int_eq(answer, CLIENTS_NO_MEMORY);
	ck_assert_ptr_null(one);
	ck_assert_uint_eq(clients_count(c), 0);
	ck_assert_ptr_null(service);
	clients_leave(enters(c, "192.0.2.1"));
	ck_assert_ptr_null(service);
	clients_free(c);
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("clients");
	TCase *tc = tcase_create("all"), *memory = tcase_create("memory");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_loop_test(tc, who_is_the_same, 0, (int)(sizeof pairs / sizeof *pairs));
	tcase_add_test(tc, changing_within_its_network);
	tcase_add_test(tc, all_places_are_taken);
	tcase_add_test(tc, the_oldest_goes);
	tcase_add_test(tc, who_has_gone_leaves_later);
	tcase_add_test(tc, a_share_for_each_address);
	tcase_add_test(tc, a_share_for_each_service);
	tcase_add_test(tc, owners_do_not_count_in_a_share);
	tcase_add_test(tc, owners_are_in_no_list);
	tcase_add_test(tc, crowded);
	tcase_add_test(tc, fewer_places);
#if !SANITIZED
	tcase_add_checked_fixture(memory, set_up, NULL);
	tcase_add_loop_test(memory, no_memory, 0, 4);
#endif
	tcase_set_tags(memory, "no-valgrind"); /* has a calloc() of its own */
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, memory);
	return unit_run(suite);
}
