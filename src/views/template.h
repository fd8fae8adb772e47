/*
 * A text with places to fill in, as much of mustache as a page of ours needs:
 *
 *	{{name}}		a foreign text, made fit to be shown and escaped for HTML, also in "attributes"
 *	{{#name}}...{{/name}}	once for each repetition of it, none at all included
 *
 * So nothing gets into a page without being escaped.  Pure.  The template itself is ours and trusted.
 */
#ifndef VIEWS_TEMPLATE_H
#define VIEWS_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "views/sheet.h"

struct template_key {
	const char *name;
	size_t len; /* of the name */
	const char *(*text)(void *ctx);        /* {{name}}: valid until the next call; NULL is nothing */
	bool (*enter)(void *ctx, size_t i);    /* {{#name}}: goes to the i-th repetition; false: no more */
};

#define TEMPLATE_KEY(name, text, enter) { name, sizeof name - 1, text, enter }

/*
 * Appends the template of n bytes.  A name that is no key, or is used as the other kind, and a block
 * that does not end make the sheet fail.
 */
void template_write(struct sheet *, const char *template, size_t n, const struct template_key *,
    size_t n_keys, void *ctx);

#endif
