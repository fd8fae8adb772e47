/*
 * Heads of requests: where one ends, what it asks, and with what status each fault is refused.
 */
#include "base/httphead.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define H "Host: localhost\r\n"

static int
read_all(const char *text, struct httphead *h)
{
	size_t n = strlen(text), seen = 0;
	uint8_t *guarded = unit_guarded(text, n);
	int status;

	ck_assert_uint_eq(httphead_length((const char *)guarded, n, &seen), n);
	status = httphead_read((const char *)guarded, n, h);
	unit_unguard(guarded, n);
	return status;
}

static const struct {
	const char *text, *path, *query, *host;
	bool head, close;
} good[] = {
	{ "GET / HTTP/1.1\r\n" H "\r\n", "/", "", "localhost", false, false },
	{ "HEAD /a?b=c HTTP/1.1\r\nHOST:x:1\r\n\r\n", "/a", "b=c", "x:1", true, false },
	{ "\r\nGET / HTTP/1.1\r\n" H "\r\n", "/", "", "localhost", false, false },
	{ "\n\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", "/", "", "localhost", false, false },
	{ "GET / HTTP/1.0\r\n\r\n", "/", "", NULL, false, true },
	{ "GET / HTTP/1.0\r\n" H "\r\n", "/", "", "localhost", false, true },
	{ "GET / HTTP/1.1\n" "Host: a\n\n", "/", "", "a", false, false },
	{ "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n", "/", "", "a", false, false },
	{ "GET / HTTP/1.1\r\n" H "Connection: x, Close\r\n\r\n", "/", "", "localhost", false, true },
	{ "GET / HTTP/1.1\r\n" H "Connection: x\r\nConnection: close\r\n\r\n", "/", "", "localhost", false, true },
	{ "GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n", "/", "", "localhost", false, false },
	{ "GET http://a:80/b?c HTTP/1.1\r\nHost: d\r\n\r\n", "/b", "c", "a:80", false, false },
	{ "GET HTTP://a?c HTTP/1.1\r\nHost: d\r\n\r\n", "/", "", "a", false, false },
	{ "GET http://[::1] HTTP/1.0\r\n\r\n", "/", "", "[::1]", false, true },
	{ "GET //a/b HTTP/1.1\r\n" H "\r\n", "//a/b", "", "localhost", false, false },
	{ "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", "/", "", "localhost", false, false },
	{ "GET / HTTP/1.1\r\n" H "X: \xff\t\r\nExpect: 100-continue\r\n\r\n", "/", "", "localhost", false, false },
	{ "GET / HTTP/1.1\r\nHost: *\r\n\r\n", "/", "", "*", false, false },
	{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", "/", "", "", false, false },
	{ "GET /0123456789012345678901234567890123456789012345678901234567890123 HTTP/1.1\r\n" H "\r\n", "", "", "localhost",
	    false, false },
};

START_TEST(reads)
{
	struct httphead h;

	ck_assert_int_eq(read_all(good[_i].text, &h), 0);
	ck_assert_str_eq(h.path, good[_i].path);
	ck_assert_str_eq(h.query, good[_i].query);
	ck_assert_int_eq(h.named, good[_i].host != NULL);
	ck_assert_str_eq(h.host, good[_i].host != NULL ? good[_i].host : "");
	ck_assert_int_eq(h.head, good[_i].head);
	ck_assert_int_eq(h.close, good[_i].close);
}
END_TEST

static const struct {
	int status;
	const char *text;
} bad[] = {
	/* versions */
	{ 400, "GET /\r\n\r\n" }, { 400, "GET / \r\n" H "\r\n" }, { 505, "GET / HTTP/0.9\r\n" H "\r\n" },
	{ 505, "GET / HTTP/1.2\r\n" H "\r\n" }, { 505, "GET / HTTP/9.9\r\n" H "\r\n" }, { 505, "PRI * HTTP/2.0\r\n\r\n" },
	{ 400, "GET / HTTP/-1.1\r\n" H "\r\n" }, { 400, "GET / HTTP/1.10\r\n" H "\r\n" }, { 400, "GET / HTTP/1.-1\r\n" H "\r\n" },
	{ 400, "GET / HTTP/01.1\r\n" H "\r\n" }, { 400, "GET / HTTP/1\r\n" H "\r\n" }, { 400, "GET / http/1.1\r\n" H "\r\n" },
	{ 400, "GET / HTTP/1.1 \r\n" H "\r\n" }, { 400, "GET / HTTP/1,1\r\n" H "\r\n" }, { 400, "GET / HTTP/ 1.1\r\n" H "\r\n" },
	{ 400, "GET / HTTP/1.1x\r\n" H "\r\n" }, { 400, "GET / HTTP/1.1\r\r\n" H "\r\n" },
	/* the first line */
	{ 400, "GET  / HTTP/1.1\r\n" H "\r\n" }, { 400, " GET / HTTP/1.1\r\n" H "\r\n" }, { 400, "GET\t/\tHTTP/1.1\r\n" H "\r\n" },
	{ 400, "GET /a b HTTP/1.1\r\n" H "\r\n" }, { 400, "G(T / HTTP/1.1\r\n" H "\r\n" }, { 400, "GET /\xff HTTP/1.1\r\n" H "\r\n" },
	{ 400, "GET /\x7f HTTP/1.1\r\n" H "\r\n" }, { 400, "GET * HTTP/1.1\r\n" H "\r\n" }, { 400, "GET a HTTP/1.1\r\n" H "\r\n" },
	{ 400, "GET a:80 HTTP/1.1\r\n" H "\r\n" }, { 400, "GET http:// HTTP/1.1\r\n" H "\r\n" },
	{ 400, "GET http:///a HTTP/1.1\r\n" H "\r\n" }, { 400, "GET http://u@a/ HTTP/1.1\r\n" H "\r\n" },
	{ 400, "GET http://a\\b/ HTTP/1.1\r\n" H "\r\n" }, { 400, "GET ftp://a/ HTTP/1.1\r\n" H "\r\n" },
	{ 421, "GET https://a/ HTTP/1.1\r\n" H "\r\n" },
	{ 405, "POST / HTTP/1.1\r\n" H "\r\n" }, { 405, "get / HTTP/1.1\r\n" H "\r\n" }, { 405, "OPTIONS * HTTP/1.1\r\n" H "\r\n" },
	{ 405, "CONNECT a:80 HTTP/1.1\r\n" H "\r\n" },
	/* fields */
	{ 400, "GET / HTTP/1.1\r\n" H "X\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H ": x\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H "X\t: y\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H " folded\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H "X: y\r\n\tfolded: z\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n x: y\r\n" H "\r\n" }, { 400, "GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H "X(: a\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" H "X : y\r\n\r\n" },
	/* Host */
	{ 400, "GET / HTTP/1.1\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H H "\r\n" }, { 400, "GET / HTTP/1.0\r\n" H "host: b\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: []\r\n\r\n" },
	{ 400, "GET http://a/ HTTP/1.1\r\n\r\n" }, { 400, "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n" },
	/* bodies */
	{ 413, "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "Content-Length: +0\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "Content-Length: 0, 0\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\ncontent-length: 0\r\n\r\n" },
	{ 413, "GET / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n\r\n" },
	{ 413, "GET / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n" },
	{ 501, "GET / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" },
	{ 400, "GET / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n" },
};

START_TEST(refuses)
{
	struct httphead h;

	ck_assert_msg(read_all(bad[_i].text, &h) == bad[_i].status, "%s", bad[_i].text);
}
END_TEST

START_TEST(refuses_nul)
{
	static const char in_path[] = "GET /\0 HTTP/1.1\r\n" H "\r\n", in_field[] = "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n";
	static const char in_name[] = "GET / HTTP/1.1\r\n" H "X\0: a\r\n\r\n";
	struct httphead h;

	ck_assert_int_eq(httphead_read(in_path, sizeof in_path - 1, &h), 400);
	ck_assert_int_eq(httphead_read(in_field, sizeof in_field - 1, &h), 400);
	ck_assert_int_eq(httphead_read(in_name, sizeof in_name - 1, &h), 400);
}
END_TEST

START_TEST(gathers_lists)
{
	struct httphead h;
	char text[2 * HTTPHEAD_LIST], longer[HTTPHEAD_LIST];

	ck_assert_int_eq(read_all("GET / HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\naccept-encoding: br;q=0\r\n"
	    "If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n\r\n", &h), 0);
	ck_assert_str_eq(h.accept_encoding, "gzip, br;q=0");
	ck_assert_str_eq(h.if_none_match, "\"a\", \"b\"");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	snprintf(text, sizeof text, "GET / HTTP/1.1\r\n" H "Accept-Encoding: %s\r\n\r\n", longer);
	ck_assert_int_eq(read_all(text, &h), 0);
	ck_assert_str_eq(h.accept_encoding, "");
}
END_TEST

/* However it comes in pieces, the end is found where it is, once it is there. */
START_TEST(finds_the_end)
{
	const char *text = good[_i].text;
	size_t n = strlen(text), at, seen = 0, again;

	for (at = 0; at < n; at++) {
		ck_assert_uint_eq(httphead_length(text, at, &seen), 0);
		again = 0;
		ck_assert_uint_eq(httphead_length(text, at, &again), 0);
	}
	ck_assert_uint_eq(httphead_length(text, n, &seen), n);
}
END_TEST

START_TEST(takes_no_more_than_one)
{
	static const char two[] = "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n";
	size_t seen = 0;

	ck_assert_uint_eq(httphead_length(two, sizeof two - 1, &seen), sizeof two / 2);
	seen = 0;
	ck_assert_uint_eq(httphead_length("\r\n\r\n\n\r\r", 7, &seen), 0);
	seen = 0;
	ck_assert_uint_eq(httphead_length("", 0, &seen), 0);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

int
main(void)
{
	Suite *suite = suite_create("httphead");
	TCase *tc = tcase_create("httphead");

	tcase_add_loop_test(tc, reads, 0, COUNT(good));
	tcase_add_loop_test(tc, refuses, 0, COUNT(bad));
	tcase_add_test(tc, refuses_nul);
	tcase_add_test(tc, gathers_lists);
	tcase_add_loop_test(tc, finds_the_end, 0, COUNT(good));
	tcase_add_test(tc, takes_no_more_than_one);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
