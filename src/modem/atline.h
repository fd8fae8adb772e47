/*
 * What a client's command lines ask of a modem, from AT to CR, as far as calls are concerned: D, A, H,
 * O, Z.  Byte by byte; a line may be of any length, and nothing of it is kept but its dial string.  Pure, bounded.
 */
#ifndef MODEM_ATLINE_H
#define MODEM_ATLINE_H

#include <stdbool.h>
#include <stdint.h>

#define ATLINE_NUMBER 64 /* of a dial string, with a NUL; the rest is dropped */

enum atline_event {
	ATLINE_MORE,   /* part of a line, or of none */
	ATLINE_TAIL,   /* one LF or NUL right after a CR (CR after A/): it belongs to what has ended */
	ATLINE_ENDED,  /* the CR of a command line: the flags hold until the next byte */
	ATLINE_REPEAT  /* A/ at the beginning of a line */
};

struct atline {
	bool dials, answers, hangs, online; /* D, A, H or Z, O */
	/* The rest is atline.c's. */
	bool first;          /* the next byte, or the A just seen, is at the begin of a line */
	uint8_t state, last;
	uint16_t n;          /* characters of the dial string, also those that had no room, as far as it counts */
	char dial[ATLINE_NUMBER];
};

void atline_init(struct atline *);

/* The parity bit and the case do not count. */
enum atline_event atline_input(struct atline *, uint8_t c);

/* AT was seen, and no CR yet. */
bool atline_inside(const struct atline *);

/* After ENDED with `dials`: what is dialled (callwatch.h says how), without what may be a secret (mmi.h).  True if OK will be its result (;). */
bool atline_number(const struct atline *, char dst[static ATLINE_NUMBER]);

#endif
