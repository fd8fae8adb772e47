/*
 * The look at a text before libconfuse reads it.  For the files of this folder and their tests.
 */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include "conf/parts.h"

#define CONF_SECTIONS_MAX 4096

/* CONF_SECTION_LINE: a number, too, which stands in its line. */
enum conf_section_kind { CONF_SECTION_LINE, CONF_SECTION_SERVICE, CONF_SECTION_STATUS };

/* Where sections begin, in the order of the file. */
struct conf_sections {
	size_t n;
	struct conf_section {
		int begin;
		enum conf_section_kind kind;
		int empty; /* the line of a list in it without values, 0: none */
	} at[CONF_SECTIONS_MAX];
};

/*
 * Checks what libconfuse lets pass or does unasked, in place: NUL and control bytes, "${", unclosed
 * text, comments and braces, quoted keys, a key given twice in one section, "+=", functions,
 * nesting.  Blanks comments, and fills in where sections begin.  false: an error is written down.
 */
bool conf_scan(struct conf_messages *, char *text, size_t n, struct conf_sections *);

#endif
