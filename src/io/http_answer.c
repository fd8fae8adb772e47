/*
 * The answers of an HTTP server, see http_answer.h.
 */
#include "io/http_answer.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/httptext.h"

#define DATE 32

static const struct {
	int status;
	const char *name;
} names[] = {
	{ 200, "OK" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
	{ 421, "Misdirected Request" }, { 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" }, { 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
};

static const char always[] = "Cache-Control: no-cache\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

static const char *
name_of(int status)
{
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].status == status)
			return names[i].name;
	return "Error";
}

/* As RFC 9110 has it, in nobody's language. */
static const char *
date(char dst[static DATE], int64_t ms)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	snprintf(dst, DATE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + (ptrdiff_t)3 * tm.tm_wday,
	    tm.tm_mday, months + (ptrdiff_t)3 * tm.tm_mon, (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min,
	    tm.tm_sec);
	return dst;
}

/* `more` are headers of this answer alone. */
static void
compose(char head[static HTTP_CONN_HEAD], int status, const char *type, const char *more, bool last)
{
	char when[DATE];

	snprintf(head, HTTP_CONN_HEAD, "HTTP/1.1 %d %s\r\nDate: %s\r\n%sContent-Type: %s\r\n%s%s\r\n", status,
	    name_of(status), date(when, loop_wall()), always, type, more, last ? "Connection: close\r\n" : "");
}

void
http_answer(struct http_conn *c, struct print *p)
{
	const struct http_asked *asked = &c->asked;
	char head[HTTP_CONN_HEAD], more[192], length[96] = "";
	bool zip, has;
	size_t n;

	if (p == NULL) {
		http_answer_refuse(c, asked->head, 503);
		return;
	}
	zip = asked->packs && p->gzip != NULL;
	has = httptext_has_tag(asked->has, zip ? p->gzip_tag : p->tag);
	n = zip ? p->n_gzip : p->n;
	if (!has)
		snprintf(length, sizeof length, "Content-Length: %zu\r\n%s", n,
		    zip ? "Content-Encoding: gzip\r\n" : "");
	snprintf(more, sizeof more, "Vary: Accept-Encoding\r\nETag: %s\r\n%s", zip ? p->gzip_tag : p->tag, length);
	compose(head, has ? 304 : 200, asked->type, more, asked->close);
	if (has || asked->head) {
		print_unref(p);
		http_conn_answer(c, head, NULL, NULL, 0, asked->close);
	} else
		http_conn_answer(c, head, p, zip ? p->gzip : p->bytes, n, asked->close);
}

void
http_answer_refuse(struct http_conn *c, bool head_only, int status)
{
	char head[HTTP_CONN_HEAD], more[128], text[64];
	size_t used;

	snprintf(text, sizeof text, "%d %s\n", status, name_of(status));
	snprintf(more, sizeof more, "%s%sContent-Length: %zu\r\n", status == 405 ? "Allow: GET, HEAD\r\n" : "",
	    status == 503 ? "Retry-After: 1\r\n" : "", strlen(text));
	compose(head, status, "text/plain; charset=utf-8", more, true);
	used = strlen(head);
	if (!head_only)
		snprintf(head + used, sizeof head - used, "%s", text);
	http_conn_answer(c, head, NULL, NULL, 0, true);
}
