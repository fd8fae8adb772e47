/*
 * Text that grows as it is written, up to a limit.  Whoever writes need not look: after the limit, or
 * without memory, nothing more is added, and `failed` says so.  Pure.
 */
#ifndef VIEWS_SHEET_H
#define VIEWS_SHEET_H

#include <stdbool.h>
#include <stddef.h>

struct sheet {
	char *text; /* the owner's to free(), also after a failure; terminated once anything was added */
	size_t used, room, limit;
	bool failed;
};

/* A page of a thousand lines has 0.9 MB. */
#define SHEET_LIMIT ((size_t)16 << 20)

void sheet_init(struct sheet *, size_t limit);

/* Appends n bytes. */
void sheet_add(struct sheet *, const char *, size_t n);

void sheet_print(struct sheet *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Appends foreign text (NULL is nothing) made fit to be shown (views/clean.h), with each character
 * of `special` replaced by the string in `instead` that has the same place.
 */
void sheet_foreign(struct sheet *, const char *, const char *special, const char *const *instead);

/* The text, the caller's to free(), and its length; NULL if anything has failed.  Ends the sheet. */
char *sheet_take(struct sheet *, size_t *n);

#endif
