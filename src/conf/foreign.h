/*
 * Words and configurations of other programs.  For the files of this folder.
 */
#ifndef CONF_FOREIGN_H
#define CONF_FOREIGN_H

#include <stddef.h>

/* A word that is a key elsewhere, and what says the same here. */
struct conf_foreign {
	const char *word;
	const char *key; /* NULL: none alone */
	const char *as;  /* with key: a value of it, or NULL; else what is expected */
};

/* In any case, with "-" or "_"; NULL: none of them. */
const struct conf_foreign *conf_foreign_word(const char *);

/* The program that n bytes of text are a configuration of, and the line that shows it; NULL: none that is
 * known.  One of ours is none. */
const char *conf_foreign_file(const char *text, size_t n, int *line);

#endif
