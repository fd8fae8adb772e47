/*
 * Who is the same client by its address, and how many may come from one.
 */
#include "daemon/clients.h"
#include "unit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
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

static struct client *
enters(struct clients *c, const char *from)
{
	struct client *one = NULL;

	ck_assert_int_eq(clients_enter(c, address(from), &one), CLIENTS_IN);
	ck_assert_ptr_nonnull(one);
	return one;
}

/* The limit for one address is one for its /64. */
START_TEST(changing_within_its_network)
{
	struct clients *c = clients_new(100, 2);
	struct client *first, *second, *other;

	ck_assert_ptr_nonnull(c);
	first = enters(c, "2001:db8::1");
	second = enters(c, "2001:db8::2");
	ck_assert_int_eq(clients_enter(c, address("2001:db8::3"), &other), CLIENTS_TOO_MANY_OF_ADDRESS);
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
	struct clients *c = clients_new(2, 1);
	struct client *first = enters(c, "192.0.2.1"), *second = enters(c, "192.0.2.2"), *third = NULL;

	ck_assert_int_eq(clients_enter(c, address("192.0.2.3"), &third), CLIENTS_TOO_MANY);
	ck_assert_int_eq(clients_enter(c, address("192.0.2.2"), &third), CLIENTS_TOO_MANY_OF_ADDRESS);
	ck_assert_ptr_null(third);
	ck_assert_uint_eq(clients_count(c), 2);
	clients_leave(first);
	third = enters(c, "192.0.2.3");
	clients_leave(second);
	clients_leave(third);
	clients_free(c);
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
	struct clients *c = clients_new(100, 2);
	struct client *one = NULL;
	enum clients_answer answer;

	allocations_left = _i;
	answer = clients_enter(c, address("192.0.2.1"), &one);
	allocations_left = -1;
	ck_assert_int_eq(answer, CLIENTS_NO_MEMORY);
	ck_assert_ptr_null(one);
	ck_assert_uint_eq(clients_count(c), 0);
	clients_leave(enters(c, "192.0.2.1"));
	clients_free(c);
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("clients");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, who_is_the_same, 0, (int)(sizeof pairs / sizeof *pairs));
	tcase_add_test(tc, changing_within_its_network);
	tcase_add_test(tc, all_places_are_taken);
#if !SANITIZED
	tcase_add_loop_test(tc, no_memory, 0, 2);
#endif
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
