/*
 * The connections of an HTTP server: how many there are, and how long each may take.
 *
 * evhttp 2.1 limits neither, and does not tell when it frees a connection.  So each connection's buffers
 * are made here and held by a reference of ours: evhttp has freed it when their callbacks are gone, and it
 * is made to by telling them of a timeout.  Its descriptor is closed with the last reference, so that no
 * number is used again while libevent still watches it.
 */
#ifndef IO_HTTP_CONNS_H
#define IO_HTTP_CONNS_H

#include "io/http.h"

struct bufferevent;
struct evhttp;
struct http_conns;

/* NULL without memory.  Connections of this evhttp, which must be freed before them, are counted. */
struct http_conns *http_conns_new(struct loop *, struct evhttp *, struct http_limits);

/* As http_listen(). */
int http_conns_listen(struct http_conns *, const struct sockaddr *, socklen_t,
    struct sockaddr_storage *bound, socklen_t *bound_len);

/* The connection with these buffers has a whole request; its answer has been taken away. */
void http_conns_asked(struct http_conns *, const struct bufferevent *);
void http_conns_answered(struct http_conns *, const struct bufferevent *);

void http_conns_free(struct http_conns *); /* NULL is nothing */

#endif
