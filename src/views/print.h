/*
 * One text that is made once and shown to many, as bytes and, for who takes it so, as gzip of them.  Nobody changes
 * its bytes; references are counted, and gzip is added, by one thread alone: the loop's.
 */
#ifndef VIEWS_PRINT_H
#define VIEWS_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#define PRINT_TAG 24

struct print {
	unsigned refs;
	const void *bytes;
	size_t n;
	char *made; /* what bytes are, where they are its own */
	char tag[PRINT_TAG]; /* an ETag with its quotes, of the content */
	bool packed; /* gzip is there, or it was found not to be smaller */
	char *gzip;
	size_t n_gzip;
	char gzip_tag[PRINT_TAG];
};

/* Takes what was made, also when it fails: NULL without memory, or of NULL.  One reference. */
struct print *print_new(char *made, size_t n);

/* Of bytes that last for ever. */
struct print *print_of(const void *, size_t n);

/* Takes it; NULL is none. */
void print_pack(struct print *, char *gzip, size_t n);

struct print *print_ref(struct print *);
void print_unref(struct print *); /* NULL is nothing */

#endif
