/*
 * An HTTP server on libevent's, see http.h: what is asked, and what is answered.
 */
#include "io/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/httptext.h"
#include "io/http_cache.h"
#include "io/http_conns.h"

struct http {
	struct loop *loop;
	struct evhttp *ev;
	struct http_conns *conns;
	struct http_cache cache;
	http_find_fn *find;
	void *ctx;
	const char *const *names;
	size_t n_names;
};

/* ---- answers ---- */

static const char *
phrase(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 421:
		return "Misdirected Request";
	default:
		return "Service Unavailable";
	}
}

static void
add_headers(struct evkeyvalq *out, const struct http_body *b)
{
	static const char *const always[][2] = {
		{ "Cache-Control", "no-cache" },
		{ "Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "
		    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
		    "frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
	};
	size_t i;

	for (i = 0; i < sizeof always / sizeof always[0]; i++)
		evhttp_add_header(out, always[i][0], always[i][1]);
	evhttp_add_header(out, "Content-Type", b != NULL ? b->type : "text/plain; charset=utf-8");
	if (b != NULL)
		evhttp_add_header(out, "ETag", b->tag);
}

static void
on_sent(const void *bytes, size_t n, void *ctx)
{
	(void)bytes;
	(void)n;
	http_body_unref(ctx);
}

/* Sends n bytes with what was made ready; to a HEAD only how many there are. */
static void
send_bytes(struct evhttp_request *req, int status, const void *bytes, size_t n, struct http_body *b)
{
	struct evbuffer *out = evbuffer_new();
	char length[24];

	snprintf(length, sizeof length, "%zu", n);
	if (status != 304)
		evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Length", length);
	if (out == NULL || status == 304 || evhttp_request_get_command(req) == EVHTTP_REQ_HEAD)
		http_body_unref(b);
	else if (b == NULL)
		evbuffer_add(out, bytes, n);
	else if (evbuffer_add_reference(out, bytes, n, on_sent, b) != 0)
		http_body_unref(b);
	evhttp_send_reply(req, status, phrase(status), out);
	if (out != NULL)
		evbuffer_free(out);
}

static void
refuse(struct evhttp_request *req, int status)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	char text[64];
	int n = snprintf(text, sizeof text, "%d %s\n", status, phrase(status));

	add_headers(headers, NULL);
	evhttp_add_header(headers, "Connection", "close");
	if (status == 405)
		evhttp_add_header(headers, "Allow", "GET, HEAD");
	send_bytes(req, status, text, (size_t)n, NULL);
}

/* ---- requests ---- */

/* The one Host of a request; NULL: there is none, or more than one. */
static const char *
host_of(struct evhttp_request *req)
{
	const struct evkeyval *kv;
	const char *host = NULL;

	for (kv = evhttp_request_get_input_headers(req)->tqh_first; kv != NULL; kv = kv->next.tqe_next) {
		if (strcasecmp(kv->key, "Host") != 0)
			continue;
		if (host != NULL)
			return NULL;
		host = kv->value;
	}
	return host;
}

/* With a GET nobody sends anything; what is sent anyway would be read as the next request. */
static bool
has_body(const struct evkeyvalq *headers)
{
	const char *length = evhttp_find_header(headers, "Content-Length");

	return (length != NULL && strcmp(length, "0") != 0) ||
	    evhttp_find_header(headers, "Transfer-Encoding") != NULL;
}

/* 0, or the status with which it is refused. */
static int
why_not(const struct http *h, struct evhttp_request *req)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *host = host_of(req), *other;

	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		break;
	default:
		return 405;
	}
	if (uri == NULL || host == NULL || has_body(evhttp_request_get_input_headers(req)))
		return 400;
	other = evhttp_uri_get_host(uri); /* of GET http://other/ */
	if (!httptext_is_for_us(host, h->names, h->n_names) ||
	    (other != NULL && *other != '\0' && !httptext_is_for_us(other, h->names, h->n_names)))
		return 421;
	return 0;
}

static struct bufferevent *
buffers_of(struct evhttp_request *req)
{
	return evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
}

static void
on_answered(struct evhttp_request *req, void *ctx)
{
	struct http *h = ctx;

	loop_tick(h->loop);
	http_conns_answered(h->conns, buffers_of(req));
}

/* The path of "/path?query", or of "http://host/path?query".  libevent takes the first for a host too
 * when it begins with "//". */
static void
path_of(struct evhttp_request *req, char path[static HTTP_PATH])
{
	const char *uri = evhttp_request_get_uri(req);
	size_t n;

	if (*uri != '/')
		uri = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
	if (uri == NULL || *uri == '\0')
		uri = "/";
	n = strcspn(uri, "?#");
	if (n >= HTTP_PATH)
		n = 0; /* leads nowhere */
	memcpy(path, uri, n);
	path[n] = '\0';
}

static void
answer(struct http *h, struct evhttp_request *req)
{
	const char *has = evhttp_find_header(evhttp_request_get_input_headers(req), "If-None-Match");
	char path[HTTP_PATH];
	struct http_body *b;
	int status = 0;

	path_of(req, path);
	b = http_cache_get(&h->cache, loop_now(h->loop), path, h->find, h->ctx, &status);
	if (b == NULL) {
		refuse(req, status);
		return;
	}
	add_headers(evhttp_request_get_output_headers(req), b);
	status = has != NULL && httptext_has_tag(has, b->tag) ? 304 : 200;
	send_bytes(req, status, b->bytes, b->n, b);
}

static void
on_request(struct evhttp_request *req, void *ctx)
{
	struct http *h = ctx;
	int status = why_not(h, req);

	loop_tick(h->loop);
	http_conns_asked(h->conns, buffers_of(req));
	evhttp_request_set_on_complete_cb(req, on_answered, h);
	if (status != 0)
		refuse(req, status);
	else
		answer(h, req);
}

/* ---- the server ---- */

static bool
init(struct http *h, struct http_limits limits)
{
	const struct timeval patience = { (time_t)(limits.request_ms / 1000),
		(suseconds_t)(limits.request_ms % 1000 * 1000) };

	h->ev = evhttp_new(loop_base(h->loop));
	if (h->ev == NULL)
		return false;
	evhttp_set_max_headers_size(h->ev, HTTP_HEADER);
	evhttp_set_max_body_size(h->ev, 0);
	evhttp_set_timeout_tv(h->ev, &patience);
	evhttp_set_allowed_methods(h->ev, UINT16_MAX); /* the others are told 405 */
	evhttp_set_default_content_type(h->ev, NULL);
	evhttp_set_gencb(h->ev, on_request, h);
	h->conns = http_conns_new(h->loop, h->ev, limits);
	return h->conns != NULL;
}

struct http *
http_new(struct loop *loop, struct http_limits limits, http_find_fn *find, void *ctx)
{
	struct http *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->loop = loop;
	h->find = find;
	h->ctx = ctx;
	if (!init(h, limits)) {
		http_free(h);
		return NULL;
	}
	return h;
}

int
http_listen(struct http *h, const struct sockaddr *sa, socklen_t len, struct sockaddr_storage *bound,
    socklen_t *bound_len)
{
	return http_conns_listen(h->conns, sa, len, bound, bound_len);
}

void
http_names(struct http *h, const char *const *names, size_t n)
{
	h->names = names;
	h->n_names = n;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	if (h->ev != NULL)
		evhttp_free(h->ev); /* with its listeners and connections */
	http_conns_free(h->conns);
	http_cache_clear(&h->cache);
	free(h);
}
