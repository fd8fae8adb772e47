/*
 * The few texts of HTTP that are read here rather than by a library: whom a request is meant for, and
 * what a reader has already.  Pure.
 */
#ifndef BASE_HTTPTEXT_H
#define BASE_HTTPTEXT_H

#include <stdbool.h>
#include <stddef.h>

#define HTTPTEXT_NAME 256 /* a host name with its NUL */

/*
 * Takes "HOST", "HOST:PORT", "[V6]" or "[V6]:PORT" apart: host gets the host in lower case without
 * brackets and without a dot at its end.  *is_address: it is an IP address as it is written out (no
 * 127.1, no scope).  Returns 0, or -1: it is none, or what stands behind it is no port.
 */
int httptext_host(const char *, char host[static HTTPTEXT_NAME], bool *is_address);

/*
 * May a request with this Host be answered?  An IP address, "localhost" or one of the n names (in
 * lower case).  A page of somebody else's whose name suddenly leads to our address (DNS rebinding) has a
 * name that is none of these.
 */
bool httptext_is_for_us(const char *host, const char *const *names, size_t n);

/*
 * Has this Host the form of one, as RFC 9110 has it: nothing, a name, an address, with a port or without?  Else
 * the request is none.
 */
bool httptext_is_host(const char *);

/* Has a list of words, which are separated by commas, this one, in whatever case? */
bool httptext_has_word(const char *list, const char *word);

/* Would whoever sends this Accept-Encoding ("": nothing) rather have gzip than nothing done? */
bool httptext_takes_gzip(const char *accept_encoding);

/* Is the tag, which is written with its quotes, among those of an If-None-Match ("*": any)? */
bool httptext_has_tag(const char *if_none_match, const char *tag);

#endif
