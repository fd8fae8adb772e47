/*
 * Text for people: durations and sizes both ways, addresses, foreign bytes.
 */
#include "base/text.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)
#define D (24 * H)
#define BAD INT64_C(-1)

static const struct {
	const char *text;
	int64_t ms;
} durations[] = {
	{ "0", 0 }, { "0s", 0 }, { "1ms", 1 }, { "500ms", 500 }, { "30s", 30 * S }, { "5m", 5 * M },
	{ "12h", 12 * H }, { "2d", 2 * D }, { "4m10s", 4 * M + 10 * S }, { "90s", 90 * S },
	{ "1d2h3m4s5ms", D + 2 * H + 3 * M + 4 * S + 5 }, { "1m1ms", M + 1 }, { "007s", 7 * S },
	{ "10000d", 10000 * D }, { "240000h", 10000 * D }, { "864000000000ms", 10000 * D },
	{ "10000d1ms", BAD }, { "10001d", BAD }, { "240001h", BAD }, { "864000000001ms", BAD },
	{ "99999999999999999999999999s", BAD }, { "18446744073709551617s", BAD },
	{ "", BAD }, { "5", BAD }, { "00", BAD }, { "s", BAD }, { "-1s", BAD }, { "+1s", BAD },
	{ "1.5s", BAD }, { " 1s", BAD }, { "1s ", BAD }, { "1 s", BAD }, { "1S", BAD },
	{ "1sec", BAD }, { "1w", BAD }, { "1s1m", BAD }, { "1m1m", BAD }, { "1ms1s", BAD },
	{ "1m2", BAD }, { "1mss", BAD }, { "0x1s", BAD },
};

START_TEST(reads_durations)
{
	const char *text = durations[_i].text;
	uint8_t *guarded = unit_guarded(text, strlen(text) + 1);
	int64_t ms = -7;
	int result = text_parse_duration((const char *)guarded, &ms);

	unit_unguard(guarded, strlen(text) + 1);
	ck_assert_msg(result == (durations[_i].ms == BAD ? -1 : 0), "\"%s\": %d", text, result);
	if (result == 0)
		ck_assert_msg(ms == durations[_i].ms, "\"%s\": %lld", text, (long long)ms);
}
END_TEST

#define MI (INT64_C(1) << 20)

static const struct {
	const char *text;
	int64_t bytes;
} sizes[] = {
	{ "256MiB", 256 * MI }, { "256 MiB", 256 * MI }, { "256M", 256 * MI }, { "1KiB", 1024 }, { "1 K", 1024 },
	{ "0M", 0 }, { "3GiB", 3072 * MI }, { "1T", MI * MI }, { "512TiB", TEXT_SIZE_MAX }, { "007K", 7168 },
	{ "513TiB", BAD }, { "99999999999999999999K", BAD }, { "1048577G", BAD }, { "", BAD }, { "256", BAD },
	{ "M", BAD }, { " 1M", BAD }, { "1M ", BAD }, { "1  M", BAD }, { "1MB", BAD }, { "1Mi", BAD }, { "1m", BAD },
	{ "1mib", BAD }, { "1MiBx", BAD }, { "-1M", BAD }, { "+1M", BAD }, { "1.5G", BAD }, { "1G1M", BAD }, { "1 ", BAD },
	{ "1P", BAD }, { "0x1M", BAD },
};

START_TEST(reads_sizes)
{
	const char *text = sizes[_i].text;
	uint8_t *guarded = unit_guarded(text, strlen(text) + 1);
	int64_t bytes = -7;
	int result = text_parse_size((const char *)guarded, &bytes);

	unit_unguard(guarded, strlen(text) + 1);
	ck_assert_msg(result == (sizes[_i].bytes == BAD ? -1 : 0), "\"%s\": %d", text, result);
	if (result == 0)
		ck_assert_msg(bytes == sizes[_i].bytes, "\"%s\": %lld", text, (long long)bytes);
}
END_TEST

START_TEST(shows_sizes)
{
	char text[TEXT_SIZE];
	int64_t bytes, back;

	ck_assert_str_eq(text_size(text, 256 * MI), "256MiB");
	ck_assert_str_eq(text_size(text, 4 * MI + 1024), "4097KiB");
	ck_assert_str_eq(text_size(text, MI * MI), "1TiB");
	ck_assert_str_eq(text_size(text, 2048 * MI * MI), "2048TiB");
	ck_assert_str_eq(text_size(text, 0), "0KiB");
	for (bytes = 1024; bytes <= TEXT_SIZE_MAX; bytes += bytes / 1024 / 3 * 1024 + 1024) {
		ck_assert_int_eq(text_parse_size(text_size(text, bytes), &back), 0);
		ck_assert_int_eq(back, bytes);
	}
}
END_TEST

static const struct {
	int64_t ms;
	const char *down, *up;
} shown[] = {
	{ INT64_MIN, "0s", "0s" }, { -1, "0s", "0s" }, { 0, "0s", "0s" }, { 1, "1ms", "1ms" },
	{ 500, "500ms", "500ms" }, { 999, "999ms", "999ms" }, { S, "1s", "1s" },
	{ S + 1, "1s", "2s" }, { 2 * S - 1, "1s", "2s" }, { 59 * S, "59s", "59s" },
	{ 59 * S + 1, "59s", "1m" }, { M, "1m", "1m" }, { 4 * M + 10 * S, "4m10s", "4m10s" },
	{ 4 * M + 9 * S + 1, "4m9s", "4m10s" }, { H - 1, "59m59s", "1h" }, { H, "1h", "1h" },
	{ H + 59 * S, "1h", "1h1m" }, { 12 * H + S, "12h", "12h1m" },
	{ 12 * H + 30 * M, "12h30m", "12h30m" }, { D - 1, "23h59m", "1d" }, { D, "1d", "1d" },
	{ D + 59 * M, "1d", "1d1h" }, { D + 2 * H, "1d2h", "1d2h" }, { 400 * D, "400d", "400d" },
	{ 10000 * D, "10000d", "10000d" }, { INT64_MAX, "10000d", "10000d" },
};

START_TEST(shows_durations)
{
	char down[TEXT_DURATION], up[TEXT_DURATION];

	ck_assert_ptr_eq(text_duration(down, shown[_i].ms), down);
	ck_assert_str_eq(down, shown[_i].down);
	ck_assert_ptr_eq(text_duration_up(up, shown[_i].ms), up);
	ck_assert_str_eq(up, shown[_i].up);
}
END_TEST

/* What is shown can be put into a configuration, and rounding never leaves the right side. */
START_TEST(durations_come_back)
{
	char text[TEXT_DURATION];
	int64_t ms, back;

	for (ms = 0; ms < 3 * D; ms += ms < 2 * S ? 1 : ms / 97) {
		ck_assert_int_eq(text_parse_duration(text_duration(text, ms), &back), 0);
		ck_assert_msg(back <= ms && ms - back < H, "%s for %lld", text, (long long)ms);
		ck_assert_int_eq(text_parse_duration(text_duration_up(text, ms), &back), 0);
		ck_assert_msg(back >= ms && back - ms < H, "%s for %lld", text, (long long)ms);
	}
}
END_TEST

START_TEST(shows_addresses)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(2217) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(65535) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	char text[TEXT_ADDRESS];

	inet_pton(AF_INET, "192.0.2.7", &in.sin_addr);
	ck_assert_str_eq(text_address(text, (struct sockaddr *)&in, 0), "192.0.2.7");
	ck_assert_str_eq(text_address(text, (struct sockaddr *)&in, 1), "192.0.2.7:2217");
	inet_pton(AF_INET6, "2001:db8::1", &in6.sin6_addr);
	ck_assert_str_eq(text_address(text, (struct sockaddr *)&in6, 0), "2001:db8::1");
	ck_assert_str_eq(text_address(text, (struct sockaddr *)&in6, 1), "[2001:db8::1]:65535");
	inet_pton(AF_INET6, "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", &in6.sin6_addr);
	ck_assert_str_eq(text_address(text, (struct sockaddr *)&in6, 1),
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
	ck_assert_str_eq(text_address(text, (struct sockaddr *)&un, 1), "local");
	ck_assert_str_eq(text_address(text, &none, 1), "?");
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	const char *text;
} foreign[] = {
	{ "", 0, "" }, { "a z~", 4, "a z~" }, { "a\\b", 3, "a\\\\b" }, { "\r\n\t\0", 4, "\\r\\n\\t\\0" },
	{ "\x1b[2J", 4, "\\x1b[2J" }, { "\x7f\x80\xff\x01", 4, "\\x7f\\x80\\xff\\x01" },
	{ "\"=\" key=1", 9, "\"=\" key=1" },
};

START_TEST(shows_foreign_bytes)
{
	size_t n = foreign[_i].n, len = strlen(foreign[_i].text), cap;
	uint8_t *guarded = unit_guarded(foreign[_i].bytes, n);
	char text[64];

	ck_assert_ptr_eq(text_vis(text, sizeof text, guarded, n), text);
	ck_assert_str_eq(text, foreign[_i].text);
	/* Cut at every size: terminated, never behind it, and no half of an escape. */
	for (cap = 1; cap <= len + 1; cap++) {
		memset(text, '!', sizeof text);
		text_vis(text, cap, guarded, n);
		ck_assert_uint_lt(strlen(text), cap);
		ck_assert_int_eq(strncmp(text, foreign[_i].text, strlen(text)), 0);
		ck_assert_int_eq(text[cap], '!');
	}
	text_vis(text, 0, guarded, n);
	unit_unguard(guarded, n);
}
END_TEST

START_TEST(every_byte_is_shown_as_text)
{
	char text[8];
	int c;
	size_t i;

	for (c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;

		text_vis(text, sizeof text, &byte, 1);
		ck_assert_uint_ge(strlen(text), 1);
		for (i = 0; text[i] != '\0'; i++)
			ck_assert_msg(text[i] >= ' ' && text[i] <= '~', "byte %d", c);
	}
	ck_assert_str_eq(text_vis(text, 4, "\\\\", 2), "\\\\");
}
END_TEST

START_TEST(nearest_words)
{
	static const char *const words[] = { "speed", "format", "flow", "device", "to", NULL };

	ck_assert_str_eq(text_nearest("speedd", words), "speed");
	ck_assert_str_eq(text_nearest("sped", words), "speed");
	ck_assert_str_eq(text_nearest("devcie", words), "device");
	ck_assert_str_eq(text_nearest("Flow", words), "flow");
	ck_assert_ptr_null(text_nearest("", words));
	ck_assert_ptr_null(text_nearest("zz", words));
	ck_assert_ptr_null(text_nearest("answer", words));
	ck_assert_ptr_null(text_nearest("ssssssssssssssssssssssssssssssssssssssssspeed", words));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, reads_durations, 0, COUNT(durations));
	tcase_add_loop_test(tc, shows_durations, 0, COUNT(shown));
	tcase_add_test(tc, durations_come_back);
	tcase_add_loop_test(tc, reads_sizes, 0, COUNT(sizes));
	tcase_add_test(tc, shows_sizes);
	tcase_add_test(tc, shows_addresses);
	tcase_add_loop_test(tc, shows_foreign_bytes, 0, COUNT(foreign));
	tcase_add_test(tc, nearest_words);
	tcase_add_test(tc, every_byte_is_shown_as_text);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
