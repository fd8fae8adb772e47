/*
 * Who is the same client by its address, and how many may come from one.
 */
#include "daemon/clients.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addrkey.h"

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

/* The limit for one address is one for its /64. */
START_TEST(changing_within_its_network)
{
	struct clients *c = clients_new(100, 2);
	struct client *first, *second, *other;

	ck_assert_ptr_nonnull(c);
	first = clients_enter(c, address("2001:db8::1"));
	second = clients_enter(c, address("2001:db8::2"));
	ck_assert(first != NULL && second != NULL);
	ck_assert_ptr_null(clients_enter(c, address("2001:db8::3")));
	other = clients_enter(c, address("2001:db8:0:1::3"));
	ck_assert_ptr_nonnull(other);
	clients_leave(second);
	second = clients_enter(c, address("2001:db8::3"));
	ck_assert_ptr_nonnull(second);
	clients_leave(first);
	clients_leave(second);
	clients_leave(other);
	ck_assert_uint_eq(clients_count(c), 0);
	clients_free(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clients");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, who_is_the_same, 0, (int)(sizeof pairs / sizeof *pairs));
	tcase_add_test(tc, changing_within_its_network);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
