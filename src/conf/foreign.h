/*
 * Words and configurations of other programs.  For the files of this folder.
 */
#ifndef CONF_FOREIGN_H
#define CONF_FOREIGN_H

/* A word that is a key elsewhere, and what says the same here. */
struct conf_foreign {
	const char *word;
	const char *key; /* NULL: none alone */
	const char *as;  /* with key: a value of it, or NULL; else what is expected */
};

/* In any case, with "-" or "_"; NULL: none of them. */
const struct conf_foreign *conf_foreign_word(const char *);

#endif
