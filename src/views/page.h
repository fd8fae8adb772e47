/*
 * The snapshot as a page for people: HTML that needs nothing but itself, complete without its script
 * and its style.  What stands where is in page.html; the style in style.css; status.js keeps
 * an open page up to date by fetching it again.  Pure.
 */
#ifndef VIEWS_PAGE_H
#define VIEWS_PAGE_H

#include "views/sheet.h"
#include "views/snapshot.h"

/* Appends it.  It shows no hidden owner, and no number that one has dialled. */
void page_write(struct sheet *, const struct snapshot *);

/* The same as a text of its own, the caller's to free(); NULL without memory or room. */
char *page_text(const struct snapshot *, size_t *n);

#endif
