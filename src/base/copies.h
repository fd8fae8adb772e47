/*
 * Copies of many short texts, in few pieces of memory that are freed together.  Pure.
 */
#ifndef BASE_COPIES_H
#define BASE_COPIES_H

#include <stdbool.h>
#include <stddef.h>

struct copies {
	struct copies_piece *pieces; /* the newest first */
	char *at;
	size_t left;   /* bytes of the newest */
	bool failed;   /* without memory: what is copied since is "" */
};

/* All zero at first.  A copy that lives until copies_free(); of NULL it is NULL. */
const char *copies_add(struct copies *, const char *);

void copies_free(struct copies *);

#endif
