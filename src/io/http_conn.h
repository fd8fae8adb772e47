/*
 * One connection of an HTTP server: requests come in, one at a time an answer goes out, and both have their
 * time.  It never frees itself: once it is over its owner finds it so.
 */
#ifndef IO_HTTP_CONN_H
#define IO_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addrkey.h"
#include "base/clock.h"
#include "base/httphead.h"
#include "io/http.h"
#include "io/loop.h"

#define HTTP_CONN_HEAD 1280   /* bytes of an answer's head, and of a refusal with its text */
#define HTTP_CONN_LINGER 1000 /* ms to read an answer that is the last, before the connection ends */

enum http_conn_state {
	HTTP_CONN_ASKING,    /* a request is awaited. Until: 10 s; 1 s while all places are taken */
	HTTP_CONN_WAITING,   /* its answer is drawn. Until: 30 s; 3 s while all places are taken */
	HTTP_CONN_ANSWERING, /* an answer is taken away. Until: 30 s; 3 s while all places are taken */
	HTTP_CONN_LINGERING, /* the last one is sent, and may be read. Until: `HTTP_CONN_LINGER`, 1 s */
	HTTP_CONN_OVER       /* closed. Until: with the turn of the loop */
};

struct http_conn;

struct http_conn_news {
	/* A whole request, or the status with which it is refused: answered at once by http_conn_answer(), or later,
	 * after http_conn_wait(). */
	void (*asked)(void *ctx, struct http_conn *, const struct httphead *, int refused);
	void (*over)(void *ctx, struct http_conn *); /* it has just ended */
};

/* What of a request its answer has to know. */
struct http_asked {
	const char *type; /* of what is there */
	bool packs;       /* gzip is taken */
	bool head;        /* nothing but the head */
	bool close;       /* no other request comes */
	char has[HTTPHEAD_LIST]; /* tags of what its reader has already */
};

/* Read its state, since when it is in it, and whose it is freely; look and asked are the server's. */
struct http_conn {
	struct loop *loop;
	struct loop_fd watch;
	int fd;
	const struct http_conn_news *news;
	void *ctx;
	enum http_conn_state state;
	msec_t since;
	uint8_t key[ADDRKEY];
	bool fin;  /* the other side sends nothing more */
	bool last; /* nothing is answered after this */
	size_t n_in, seen, n_head, sent; /* sent: of the head and the body together */
	struct gallery_look look;
	struct http_asked asked;
	struct print *print;
	const void *bytes; /* of it */
	size_t n_bytes;
	char in[HTTP_HEADER];
	char head[HTTP_CONN_HEAD];
};

/* Takes the descriptor, also when it fails: NULL without memory.  Then it is read for the first time. */
struct http_conn *http_conn_new(struct loop *, int fd, const struct sockaddr *,
    const struct http_conn_news *, void *ctx);

/* It looks at the gallery: nothing is sent or read until it is answered. */
void http_conn_wait(struct http_conn *);

/*
 * Sends head (terminated, at most HTTP_CONN_HEAD - 1) and then n bytes of the print, whose reference it
 * takes; NULL has none.  last: then it ends.  After http_conn_wait() that begins in a turn of its own.
 */
void http_conn_answer(struct http_conn *, const char *head, struct print *, const void *bytes, size_t n,
    bool last);

/* Something has come that is not read yet. */
bool http_conn_unread(const struct http_conn *);

/* Ends it at once, without a word. */
void http_conn_end(struct http_conn *);

void http_conn_free(struct http_conn *); /* NULL is nothing */

#endif
