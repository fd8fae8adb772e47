/*
 * Texts of HTTP: whom a request is meant for, and what a reader has already.
 */
#include "base/httptext.h"
#include "unit.h"

#include <string.h>

#define A63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"

static const struct {
	const char *text, *host; /* NULL: it is none */
	bool is_address;
} hosts[] = {
	{ "127.0.0.1", "127.0.0.1", true }, { "127.0.0.1:8080", "127.0.0.1", true }, { "192.0.2.7:1", "192.0.2.7", true },
	{ "[::1]", "::1", true }, { "[::1]:65535", "::1", true }, { "[2001:DB8::A]", "2001:db8::a", true },
	{ "[::ffff:192.0.2.1]", "::ffff:192.0.2.1", true },
	{ "LocalHost", "localhost", false }, { "localhost.", "localhost", false }, { "Modems.Example:80", "modems.example", false },
	{ "a_b-c.example.:80", "a_b-c.example", false }, { ".", ".", false },
	{ "127.1", "127.1", false }, { "0x7f.0.0.1", "0x7f.0.0.1", false }, { "127.0.0.1.", "127.0.0.1", false },
	{ "2130706433", "2130706433", false },
	{ A63 "." A63 "." A63 "." A63, A63 "." A63 "." A63 "." A63, false }, { A63 "." A63 "." A63 "." A63 "x", NULL, false },
	{ "", NULL, false }, { ":80", NULL, false }, { "a:", NULL, false }, { "a:0", NULL, false }, { "a:00", NULL, false },
	{ "a:65536", NULL, false }, { "a:123456", NULL, false }, { "a:8x", NULL, false }, { "a:80 ", NULL, false },
	{ "a:-1", NULL, false }, { "a b", NULL, false }, { "a/b", NULL, false }, { "a@b", NULL, false }, { "a%41", NULL, false },
	{ "\xc3\xa4", NULL, false }, { "a\n", NULL, false }, { "::1", NULL, false }, { "[::1", NULL, false }, { "[]", NULL, false },
	{ "[::1]x", NULL, false }, { "[::1]:", NULL, false }, { "[fe80::1%25lo]", NULL, false }, { "[localhost]", NULL, false },
	{ "[127.0.0.1]", NULL, false }, { "a,b", NULL, false }, { "a:80:80", NULL, false },
};

START_TEST(takes_hosts_apart)
{
	size_t n = strlen(hosts[_i].text) + 1;
	uint8_t *guarded = unit_guarded(hosts[_i].text, n);
	char host[HTTPTEXT_NAME];
	bool is_address = false;
	int result = httptext_host((const char *)guarded, host, &is_address);

	unit_unguard(guarded, n);
	ck_assert_int_eq(result, hosts[_i].host != NULL ? 0 : -1);
	if (result == 0) {
		ck_assert_str_eq(host, hosts[_i].host);
		ck_assert_int_eq(is_address, hosts[_i].is_address && hosts[_i].text[0] != '\0');
	}
}
END_TEST

static const struct {
	const char *host;
	bool ours;
} wanted[] = {
	{ "127.0.0.1:80", true }, { "198.51.100.7", true }, { "[::1]:80", true }, { "localhost:1", true },
	{ "LOCALHOST", true }, { "modems.example", true }, { "Modems.Example.:8080", true }, { "b", true },
	{ "evil.example", false }, { "localhost.evil.example", false }, { "modems.example.evil", false }, { "modems", false },
	{ "127.0.0.1.evil.example", false }, { "127.1", false }, { "", false }, { "localhost:x", false }, { "*", false },
};

START_TEST(knows_who_is_meant)
{
	static const char *const names[] = { "modems.example", "b" };

	ck_assert_int_eq(httptext_is_for_us(wanted[_i].host, names, 2), wanted[_i].ours);
	if (strchr("mMb", wanted[_i].host[0]) != NULL)
		ck_assert(!httptext_is_for_us(wanted[_i].host, NULL, 0));
}
END_TEST

static const struct {
	const char *list;
	bool takes;
} codings[] = {
	{ "gzip", true }, { "GZIP", true }, { "x-gzip", true }, { "deflate, gzip;q=1.0, *;q=0.5", true }, { "*", true },
	{ "gzip, deflate, br, zstd", true }, { "br;q=1,gzip;q=0.1", true }, { "gzip ; q=0.001", true }, { "gzip;Q=1.000", true },
	{ "identity;q=0.5, gzip;q=1.0", true }, { "identity, gzip", true }, { "identity;q=0, *", true }, { "*;q=0,gzip", true },
	{ "", false }, { "identity", false }, { "gzip;q=0", false }, { "gzip;q=0.000", false }, { "*;q=0", false },
	{ "gzip;q=0, *", false }, { "gzip;q=0.5, identity;q=0.6", false }, { "deflate, br", false }, { "gzipped", false },
	{ "gzip;q=2", false }, { "gzip;q=1.5", false }, { "gzip;q=x", false }, { "gzip;x=1", false }, { "gzip;q=", false },
	{ "gzip;q=0.1234", false }, { "gzip deflate", false }, { "gzip;", false }, { " , ;q=1", false }, { "gzip;q=1x", false },
};

START_TEST(knows_who_takes_gzip)
{
	size_t n = strlen(codings[_i].list) + 1;
	uint8_t *guarded = unit_guarded(codings[_i].list, n);
	bool takes = httptext_takes_gzip((const char *)guarded);

	unit_unguard(guarded, n);
	ck_assert_msg(takes == codings[_i].takes, "%s", codings[_i].list);
}
END_TEST

static const struct {
	const char *list;
	bool has;
} tags[] = {
	{ "\"abc\"", true }, { "W/\"abc\"", true }, { "\"x\", \"abc\"", true }, { "\"x\",W/\"abc\",\"y\"", true }, { "*", true },
	{ " , \"abc\" ", true }, { "", false }, { " , ,", false }, { "abc", false }, { "\"abcd\"", false }, { "\"ab\"", false },
	{ "\"abc\"\"", false }, { "**", false }, { "W/", false }, { "W/W/\"abc\"", false }, { "\"ABC\"", false },
};

START_TEST(finds_tags)
{
	size_t n = strlen(tags[_i].list) + 1;
	uint8_t *guarded = unit_guarded(tags[_i].list, n);

	ck_assert_int_eq(httptext_has_tag((const char *)guarded, "\"abc\""), tags[_i].has);
	unit_unguard(guarded, n);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("httptext");
	TCase *tc = tcase_create("httptext");

	tcase_add_loop_test(tc, takes_hosts_apart, 0, COUNT(hosts));
	tcase_add_loop_test(tc, knows_who_is_meant, 0, COUNT(wanted));
	tcase_add_loop_test(tc, knows_who_takes_gzip, 0, COUNT(codings));
	tcase_add_loop_test(tc, finds_tags, 0, COUNT(tags));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
