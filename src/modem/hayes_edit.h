/*
 * The line editor of the Hayes modem, pure: makes lines of the bytes that a terminal types.
 */
#ifndef MODEM_HAYES_EDIT_H
#define MODEM_HAYES_EDIT_H

#include "modem/hayes.h"

#define HAYES_DEL 127 /* erases, whatever S5 is */

struct hayes_editor {
	uint8_t state;
	bool a_parity, parity;     /* A, or A and T, came with the eighth bit set */
	bool useless;              /* the line before was too long */
	uint32_t used;             /* may be more than fits: then the line is too long */
	char line[HAYES_LINE + 1]; /* what follows AT, or followed it in the line before */
};

enum hayes_key {
	HAYES_KEY_NONE,     /* the line goes on */
	HAYES_KEY_ERASED,   /* the last character of it is gone */
	HAYES_KEY_USELESS,  /* there was none to erase */
	HAYES_KEY_LINE,     /* complete, or A/: for hayes_begin() */
	HAYES_KEY_TOO_LONG  /* complete and of no use: ERROR */
};

/* Empty, also the line before. */
void hayes_edit_init(struct hayes_editor *);

/* Drops what is half typed.  The line before is kept, unless a new AT has begun. */
void hayes_edit_drop(struct hayes_editor *);

/*
 * One byte.  Nothing before AT counts, control characters are dropped, S3 ends a line, S5 and DEL
 * erase; A/ is the line before once more, at once.  After a complete line the next byte starts a
 * new one.  A or T with the eighth bit set tells that the terminal sends parity (V.250 section 5.1),
 * which is then dropped until the end of the line.
 */
enum hayes_key hayes_edit(struct hayes_editor *, const struct hayes *, uint8_t);

#endif
