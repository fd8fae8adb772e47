/*
 * What a client's command lines ask of a modem, from AT to CR, as far as calls are concerned: D, A, H,
 * O, Z, +CHUP, +CGDATA.  Byte by byte; a line may be of any length.  Its last characters are kept until it ends, to be taken
 * back, and nothing of it but the dial string then.  Pure, bounded.
 */
#ifndef MODEM_ATLINE_H
#define MODEM_ATLINE_H

#include <stdbool.h>
#include <stdint.h>

#define ATLINE_NUMBER 64 /* of a dial string, with a NUL; the rest is dropped */
#define ATLINE_TYPED 64  /* as much of a line can be taken back */

enum atline_event {
	ATLINE_MORE,   /* part of a line, or of none */
	ATLINE_TAIL,   /* one LF or NUL right after a CR (CR after A/): it belongs to what has ended */
	ATLINE_ENDED,  /* the CR of a command line: the flags hold until the next byte */
	ATLINE_REPEAT  /* A/, but in a line */
};

/* What becomes of S0, the rings before the modem answers by itself (V.250, 6.3.8). */
enum atline_rings { ATLINE_RINGS_KEPT, ATLINE_RINGS_NONE, ATLINE_RINGS_SOME };

/* What becomes of the fax classes: +FCLASS of 1 and 2, and what ends them. */
enum atline_fax { ATLINE_FAX_KEPT, ATLINE_NO_FAX, ATLINE_FAX };

struct atline {
	bool dials, answers, hangs, online; /* D, A, H or Z or +CHUP, O or +CGDATA */
	uint8_t rings;       /* enum atline_rings */
	uint8_t fax;         /* enum atline_fax */
	/* The rest is atline.c's. */
	bool first;          /* the next byte, or the A just seen, is at the begin of a line */
	bool quoted, voice;  /* in a "text"; the number has ended with a semicolon */
	uint8_t state, last, number, value, n, n_name, n_typed;
	char dial[ATLINE_NUMBER], typed[ATLINE_TYPED];
	char name[8];        /* of an extended command */
};

void atline_init(struct atline *);

/* The parity bit and the case do not count. */
enum atline_event atline_input(struct atline *, uint8_t c);

/* AT was seen, and no CR yet. */
bool atline_inside(const struct atline *);

/* After ENDED with `dials`: what is dialled (callwatch.h says how), without what may be a secret (mmi.h).  True if OK will be its result (;). */
bool atline_number(const struct atline *, char dst[static ATLINE_NUMBER]);

#endif
