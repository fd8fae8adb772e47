/*
 * The snapshot as a page for people: HTML that needs nothing but itself, complete without its script
 * and its style.  What stands where is in page.html; the style in style.css; status.js keeps
 * an open page up to date by fetching the parts that have changed (page_changes.h).  Pure.
 */
#ifndef VIEWS_PAGE_H
#define VIEWS_PAGE_H

#include "views/sheet.h"
#include "views/snapshot.h"

#define PAGE_TABLE 24 /* lines from which on it is a table, of a row each, rather than cards */

bool page_is_table(const struct snapshot *);

/* Appends it.  It shows no hidden owner, and no number that one has dialled. */
void page_write(struct sheet *, const struct snapshot *);

/* The same as a text of its own, the caller's to free(); NULL without memory or room. */
char *page_text(const struct snapshot *, size_t *n);

/*
 * The parts that change one by one: title, header, notice, each line, who waits, the past, each service, in this
 * order.  Each is one element with an attribute data-key, which no other has.
 */
struct page_part {
	size_t at, n; /* of the sheet */
};

#define PAGE_ALWAYS 5 /* parts that are not a line or a service */
size_t page_n_parts(const struct snapshot *);

/*
 * Appends the page with what runs on by itself left out, but for the points in time: status.js fills it in.
 * Where each of page_n_parts() parts lies is noted.
 */
void page_write_parts(struct sheet *, const struct snapshot *, struct page_part *parts);

#endif
