/*
 * What of the page has changed since a reader had it: kept for all readers together, and nothing of any of them.
 * A reader names the version that he has, and is sent the parts that are newer.  Pure.
 *
 *	<p id="changes" data-version="1f3a-17" data-now="1764100800">	what he will have; seconds since 1970
 *	<template>PART</template> ...					as page_write_parts() makes them
 *
 * With data-all all parts there are follow; with data-reload none do: lines or services have come, gone or changed
 * places, and the page is to be fetched whole.
 */
#ifndef VIEWS_PAGE_CHANGES_H
#define VIEWS_PAGE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "views/snapshot.h"

struct page_changes;

#define PAGE_CHANGES_VERSION 40 /* a version as text, with its NUL */
#define PAGE_CHANGES_KEPT 8     /* versions; who has an older one is sent all */

/* `seed` is another one in each life of the program.  NULL without memory. */
struct page_changes *page_changes_new(uint64_t seed);
void page_changes_free(struct page_changes *); /* NULL is nothing */

/* What there is now.  Returns 0, or -1 without memory or room: then nothing is known, until it is looked again. */
int page_changes_look(struct page_changes *, const struct snapshot *);

/* Which versions there have been: a copy, for who may not touch the changes while somebody looks. */
struct page_versions {
	uint64_t seed, last; /* last 0: none */
};
void page_changes_versions(const struct page_changes *, struct page_versions *);

/* The version that a reader says he has, or "" where that makes no difference: so there are never more
 * than PAGE_CHANGES_KEPT + 1 answers at a time. */
void page_versions_known(const struct page_versions *, const char *said, char version[static PAGE_CHANGES_VERSION]);

/* What has changed since a version, "": everything; the caller's to free(), and its length.  NULL without memory, or
 * before the first look. */
char *page_changes_text(const struct page_changes *, const char *version, size_t *n);

#endif
