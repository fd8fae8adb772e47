/*
 * The head of an HTTP/1 request, read strictly as RFC 9112 has it: whoever is lenient here can be made to
 * see other requests than the proxy before him.  Pure.
 */
#ifndef BASE_HTTPHEAD_H
#define BASE_HTTPHEAD_H

#include <stdbool.h>
#include <stddef.h>

#define HTTPHEAD_PATH 64   /* with its NUL, as the others; a longer one leads nowhere */
#define HTTPHEAD_QUERY 64
#define HTTPHEAD_HOST 272  /* a name and its port */
#define HTTPHEAD_LIST 512

struct httphead {
	bool head;  /* HEAD, else GET */
	bool close; /* no other request comes on this connection */
	char path[HTTPHEAD_PATH];
	char query[HTTPHEAD_QUERY]; /* what is behind ?; "" also where it is longer than anything asked here */
	bool named; /* somebody is: HTTP/1.0 need not */
	char host[HTTPHEAD_HOST]; /* whom it is meant for: of "GET http://host/", else of the field Host */
	char accept_encoding[HTTPHEAD_LIST]; /* lists, of however many fields; "": none, or too long */
	char if_none_match[HTTPHEAD_LIST];
};

/*
 * How many of the first n bytes are a head, empty lines before it included; 0: its end has not come yet.
 * *seen, 0 at first, is what need not be looked at again.
 */
size_t httphead_length(const char *, size_t n, size_t *seen);

/* Reads a head of n bytes.  Returns 0, or the status with which it is refused; then nobody knows where the
 * next request would begin. */
int httphead_read(const char *, size_t n, struct httphead *);

#endif
