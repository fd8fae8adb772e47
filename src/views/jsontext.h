/*
 * Text in JSON: what JSON that we write has in common.
 */
#ifndef VIEWS_JSONTEXT_H
#define VIEWS_JSONTEXT_H

struct json_t;

/* Flags for json_dumps() that keep the milliseconds and nothing beyond: JSON_COMPACT and 15 digits. */
#define JSONTEXT_DUMP (0x20 | 15 << 11)

/* Text fit to be shown (clean.h), as a new value; NULL without memory.  The second makes null of "" and NULL. */
struct json_t *jsontext(const char *);
struct json_t *jsontext_or_null(const char *);

/* As text with a newline, the caller's to free(), and the value is given up.  NULL is passed on; NULL without
 * memory. */
char *jsontext_line(struct json_t *);

#endif
