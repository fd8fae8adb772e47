/*
 * An HTTP server for a few small pages that everybody may read: GET and HEAD, nothing else, as strictly as
 * RFC 9112 allows.  Everything is bounded: how long a request may take, how long a reader, how many there are, how
 * many of one address, and what waits for them.
 *
 * What is drawn is drawn for all readers together, in a gallery (io/gallery.h); who asks waits for it.
 */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "io/gallery.h"
#include "io/loop.h"

struct http;

#define HTTP_LISTENERS 16 /* addresses that one can listen on */
#define HTTP_HEADER 8192 /* bytes of a request; one with a body is refused */

struct http_limits {
	size_t connections; /* further ones wait in the kernel */
	size_t share;       /* of one address (base/addrkey.h): with one more the oldest that asks nothing ends */
	int64_t request_ms; /* for one request, and between two: then it is closed */
	int64_t answer_ms;  /* for a reader to take its answer; while all are taken, both are a tenth */
};

#define HTTP_LIMITS ((struct http_limits){ .connections = 64, .share = 16, .request_ms = 10000, .answer_ms = 30000 })

struct http_content { /* valid for ever */
	const char *type; /* Content-Type */
	const void *bytes; /* of HTTP_FIXED */
	size_t n;
};

enum http_found {
	HTTP_NOTHING, /* 404 */
	HTTP_FIXED,   /* bytes */
	HTTP_DRAWN    /* the form of that name in the gallery; 503: it cannot be drawn */
};

#define HTTP_NAME EASEL_FORM

struct http_site {
	/*
	 * The name of what is at a path ("/a") with a query ("": none): where that makes no difference, the same for
	 * all queries, so that there are few names.  It is terminated, and "" if nothing is there.
	 */
	void (*name)(void *ctx, const char *path, const char *query, char name[static HTTP_NAME]);
	/* What is that?  Its type in any case but HTTP_NOTHING. */
	enum http_found (*find)(void *ctx, const char *name, struct http_content *);
};

/* NULL without memory.  The site and the gallery outlive it. */
struct http *http_new(struct loop *, struct http_limits, const struct http_site *, struct gallery *, void *ctx);

/*
 * Listens at an address too; IPv6 sockets are for IPv6 only.  *bound is the address with the port that
 * the kernel chose.  Returns 0, or -1 with errno.
 */
int http_listen(struct http *, const struct sockaddr *, socklen_t, struct sockaddr_storage *bound,
    socklen_t *bound_len);

/*
 * A name by which readers may call it, beside addresses and localhost.  The array of n names in lower
 * case stays the caller's, and must last.
 */
void http_names(struct http *, const char *const *names, size_t n);

/* Closes everything.  NULL is nothing. */
void http_free(struct http *);

#endif
