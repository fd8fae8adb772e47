/*
 * What all who look are shown (views/easel.h says who waits for what): pictures are taken in the loop, which has what
 * they are of, and texts are drawn of them beside it, by an artist.  All who look at the same form of one picture share
 * one text.
 */
#ifndef IO_GALLERY_H
#define IO_GALLERY_H

#include <stdbool.h>
#include <stddef.h>

#include "io/loop.h"
#include "views/easel.h"

struct gallery;

struct gallery_ops {
	/* A picture of what there is now, which nobody changes; NULL without memory. */
	void *(*take)(void *ctx);
	/*
	 * In the artist's thread, or without one in the loop's, one at a time: a form of it as text, the caller's to
	 * free(), and its length.  NULL without memory or room.
	 */
	char *(*draw)(void *ctx, const void *picture, const char *form, size_t *n);
	/* In the loop, after each draw(), while there is none; NULL: nothing to do. */
	void (*drawn)(void *ctx);
	void (*drop)(void *picture);
};

/* Lies in who looks; all zero at first. */
struct gallery_look {
	struct easel_look look; /* first: it is what the easel knows */
	struct gallery *of;     /* where he waits; NULL: he does not */
	/* What is shown; NULL: it cannot be drawn.  The reference stays the gallery's: take another one. */
	void (*fn)(void *ctx, struct print *);
	void *ctx;
};

/* NULL without memory. */
struct gallery *gallery_new(struct loop *, const struct gallery_ops *, void *ctx);

/*
 * Somebody looks, who does not wait.  Returns the text with a reference for him; or NULL: fn(ctx, ...) is called from the
 * loop, later.  packs: as gzip, where that is smaller.
 */
struct print *gallery_look(struct gallery *, struct gallery_look *, const char *form, bool packs);
void gallery_leave(struct gallery_look *); /* fn is not called any more; also of one who does not wait */
bool gallery_waits(const struct gallery_look *);

/* Whoever looks from now on sees what there is from now on. */
void gallery_changed(struct gallery *);

/* All have left.  False: something is still being drawn after so many ms, which goes on using ctx.  NULL is nothing. */
bool gallery_free(struct gallery *, int64_t ms);

#endif
