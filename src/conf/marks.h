/*
 * Characters of other languages that have no place in a configuration.  For the files of this folder.
 */
#ifndef CONF_MARKS_H
#define CONF_MARKS_H

#include <stddef.h>

/* Where one stands. */
enum conf_mark_place {
	CONF_MARK_FIRST,          /* first on its line */
	CONF_MARK_AS_VALUE,       /* behind a "=" */
	CONF_MARK_IN_LIST,
	CONF_MARK_BEHIND_SECTION, /* behind the brace that ends it */
	CONF_MARK_ELSEWHERE
};

#define CONF_MARK 200

/* What is wrong with the first of n > 0 characters, and what to write instead.  Returns dst, or a constant. */
const char *conf_mark(char dst[static CONF_MARK], const char *at, size_t n, enum conf_mark_place);

/* What is said of a text with a quote in it that is none of ours; NULL: it has none. */
const char *conf_typographic(const char *text, size_t n);

#endif
