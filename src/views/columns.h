/*
 * Text in columns of a terminal: what UTF-8 takes of them, and cells of a given width.  Pure.
 */
#ifndef VIEWS_COLUMNS_H
#define VIEWS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The columns that a text takes, UTF-8 as clean_text() makes it: 0, 1 or 2 for each character. */
size_t columns_width(const char *);

/*
 * Writes the text in exactly `width` columns (at least 1): filled up with spaces, or cut, and then
 * ending in an ellipsis.  last: not filled up.
 */
void columns_put(FILE *, const char *, size_t width, bool last);

/*
 * Makes n widths fit into `total` columns with gaps of `gap`: the widest of those that may shrink
 * gets narrower, none below its least[i] (0: it does not shrink).
 */
void columns_fit(size_t *widths, const size_t *least, size_t n, size_t gap, size_t total);

#endif
