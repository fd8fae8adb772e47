/*
 * Who may connect: every kind of entry, every prefix length, the borders of each.
 */
#include "base/acl.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void
make(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };

	memset(ss, 0, sizeof *ss);
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(ss, &in, sizeof in);
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(ss, &in6, sizeof in6);
	else
		ck_abort_msg("%s is no address", text);
}

static bool
allowed(const struct acl *acl, const char *text)
{
	struct sockaddr_storage ss;

	make(text, &ss);
	return acl_allows(acl, (struct sockaddr *)&ss);
}

static const struct {
	const char *entry, *inside, *outside;
} entries[] = {
	{ "192.0.2.7", "192.0.2.7", "192.0.2.6" },
	{ "192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.8" },
	{ "192.0.2.7/32", "192.0.2.7", "192.0.2.8" },
	{ "192.0.2.0/24", "192.0.2.0", "192.0.1.255" },
	{ "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
	{ "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
	{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
	{ "0.0.0.0/0", "255.255.255.255", "::" },
	{ "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
	{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::" },
	{ "2001:db8::7", "2001:db8::7", "2001:db8::8" },
	{ "2001:db8::7/128", "2001:db8::7", "2001:db8::6" },
	{ "::/0", "2001:db8::7", "192.0.2.7" },
	{ "::1", "::1", "127.0.0.1" },
	{ "loopback", "127.0.0.1", "128.0.0.0" },
	{ "loopback", "127.255.255.255", "126.255.255.255" },
	{ "loopback", "::1", "::2" },
	{ "loopback", "::ffff:127.0.0.1", "::ffff:128.0.0.1" },
};

START_TEST(holds_inside_not_outside)
{
	struct acl *acl = acl_new();
	const char *expected = NULL;

	ck_assert_msg(!allowed(acl, entries[_i].inside), "an empty list allows");
	ck_assert_int_eq(acl_add(acl, entries[_i].entry, &expected), 0);
	ck_assert_msg(allowed(acl, entries[_i].inside), "%s lacks %s", entries[_i].entry,
	    entries[_i].inside);
	ck_assert_msg(!allowed(acl, entries[_i].outside), "%s has %s", entries[_i].entry,
	    entries[_i].outside);
	acl_free(acl);
}
END_TEST

/* A prefix of each length: the bit before its end decides, the one behind it does not. */
static void
every_length(int family, const char *base, unsigned bits)
{
	struct sockaddr_storage ss;
	char entry[INET6_ADDRSTRLEN + 8];
	const char *expected;
	uint8_t *address;
	struct acl *acl;
	unsigned n;

	for (n = 0; n <= bits; n++) {
		acl = acl_new();
		snprintf(entry, sizeof entry, "%s/%u", base, n);
		ck_assert_int_eq(acl_add(acl, entry, &expected), 0);
		make(base, &ss);
		address = family == AF_INET ? (uint8_t *)&((struct sockaddr_in *)&ss)->sin_addr :
		    (uint8_t *)&((struct sockaddr_in6 *)&ss)->sin6_addr;
		if (n < bits)
			address[n / 8] ^= (uint8_t)(0x80 >> n % 8);
		ck_assert_msg(acl_allows(acl, (struct sockaddr *)&ss), "%s, bit %u", entry, n);
		if (n > 0) {
			address[(n - 1) / 8] ^= (uint8_t)(0x80 >> (n - 1) % 8);
			ck_assert_msg(!acl_allows(acl, (struct sockaddr *)&ss), "%s, bit %u", entry,
			    n - 1);
		}
		acl_free(acl);
	}
}

START_TEST(every_prefix_length)
{
	every_length(AF_INET, "0.0.0.0", 32);
	every_length(AF_INET6, "::", 128);
}
END_TEST

static const char *const wrong[] = {
	"", " ", "all", "Any", "localhost", "example.org", "192.0.2", "192.0.2.7.1", "192.0.2.256",
	"192.0.2.7 ", " 192.0.2.7", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/024",
	"192.0.2.0/24x", "192.0.2.0/24/24", "192.0.2.1/24", "192.0.2.7/31", "128.0.0.0/0", "/24",
	"2001:db8::/129", "2001:db8::1/64", "2001:db8:::1", "[::1]", "::1%lo", "fe80::1%eth0",
	"::ffff:192.0.2.7", "::ffff:192.0.2.0/120", "192.0.2.7:2217", "192.0.2.0/255.255.255.0",
	"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff:0000/64",
};

START_TEST(refuses_and_says_what_is_right)
{
	struct acl *acl = acl_new();
	const char *expected = NULL;

	ck_assert_msg(acl_add(acl, wrong[_i], &expected) == -1, "\"%s\" is taken", wrong[_i]);
	ck_assert_ptr_nonnull(expected);
	ck_assert_uint_gt(strlen(expected), 10);
	ck_assert(!allowed(acl, "192.0.2.7") && !allowed(acl, "2001:db8::1"));
	acl_free(acl);
}
END_TEST

START_TEST(any_is_every_address_and_nothing_else)
{
	struct sockaddr none = { .sa_family = AF_UNIX };
	struct acl *acl = acl_new();
	const char *expected;

	ck_assert_int_eq(acl_add(acl, "any", &expected), 0);
	ck_assert(allowed(acl, "192.0.2.7") && allowed(acl, "2001:db8::1") && allowed(acl, "::"));
	ck_assert(!acl_allows(acl, &none));
	acl_free(acl);
	acl_free(NULL);
}
END_TEST

/* Whether it holds some of IPv4 on loopback, of IPv4 elsewhere, and the same of IPv6. */
static const struct {
	const char *entry;
	bool v4_here, v4_there, v6_here, v6_there;
} some[] = {
	{ "any", true, true, true, true }, { "loopback", true, false, true, false },
	{ "127.0.0.0/8", true, false, false, false }, { "127.0.0.9", true, false, false, false },
	{ "126.0.0.0/7", true, true, false, false }, { "0.0.0.0/0", true, true, false, false },
	{ "126.0.0.0/8", false, true, false, false }, { "192.0.2.7", false, true, false, false },
	{ "128.0.0.0/1", false, true, false, false }, { "::1", false, false, true, false },
	{ "::/0", false, false, true, true }, { "::/127", false, false, true, true },
	{ "::2", false, false, false, true }, { "2001:db8::/32", false, false, false, true },
};

START_TEST(knows_where_those_are_that_it_holds)
{
	struct acl *acl = acl_new();
	const char *expected;

	ck_assert_int_eq(acl_add(acl, some[_i].entry, &expected), 0);
	ck_assert_int_eq(acl_holds_some(acl, AF_INET, true), some[_i].v4_here);
	ck_assert_int_eq(acl_holds_some(acl, AF_INET, false), some[_i].v4_there);
	ck_assert_int_eq(acl_holds_some(acl, AF_INET6, true), some[_i].v6_here);
	ck_assert_int_eq(acl_holds_some(acl, AF_INET6, false), some[_i].v6_there);
	acl_free(acl);
	ck_assert(acl_holds_some(NULL, AF_INET, true) && !acl_holds_some(NULL, AF_INET6, false));
}
END_TEST

START_TEST(many_entries_are_all_looked_at)
{
	struct acl *acl = acl_new();
	const char *expected;
	char entry[32];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(entry, sizeof entry, "10.0.%d.1", i);
		ck_assert_int_eq(acl_add(acl, entry, &expected), 0);
	}
	for (i = 0; i < 100; i++) {
		snprintf(entry, sizeof entry, "10.0.%d.1", i);
		ck_assert_msg(allowed(acl, entry), "%s", entry);
		snprintf(entry, sizeof entry, "10.0.%d.2", i);
		ck_assert_msg(!allowed(acl, entry), "%s", entry);
	}
	acl_free(acl);
}
END_TEST

static const struct {
	const char *address;
	bool loopback;
} loopbacks[] = {
	{ "127.0.0.1", true }, { "127.0.0.0", true }, { "127.255.255.255", true }, { "::1", true },
	{ "::ffff:127.0.0.1", true }, { "126.255.255.255", false }, { "128.0.0.0", false },
	{ "0.0.0.0", false }, { "::", false }, { "::2", false }, { "1::1", false },
	{ "::ffff:128.0.0.1", false }, { "::127.0.0.1", false },
};

START_TEST(knows_loopback)
{
	struct sockaddr_storage ss;
	struct sockaddr none = { .sa_family = AF_UNIX };

	make(loopbacks[_i].address, &ss);
	ck_assert_msg(acl_is_loopback((struct sockaddr *)&ss) == loopbacks[_i].loopback, "%s",
	    loopbacks[_i].address);
	ck_assert(!acl_is_loopback(&none));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("acl");
	TCase *tc = tcase_create("acl");

	tcase_add_loop_test(tc, holds_inside_not_outside, 0, COUNT(entries));
	tcase_add_test(tc, every_prefix_length);
	tcase_add_loop_test(tc, refuses_and_says_what_is_right, 0, COUNT(wrong));
	tcase_add_test(tc, any_is_every_address_and_nothing_else);
	tcase_add_loop_test(tc, knows_where_those_are_that_it_holds, 0, COUNT(some));
	tcase_add_test(tc, many_entries_are_all_looked_at);
	tcase_add_loop_test(tc, knows_loopback, 0, COUNT(loopbacks));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
