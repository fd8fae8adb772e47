/*
 * What a modem answers: the result codes in words and in numbers, of V.250 and of makers.  Pure; the one
 * place that knows which words are results.  What one means to whoever waits for it is theirs.
 */
#ifndef MODEM_RESULT_H
#define MODEM_RESULT_H

#include <stddef.h>

/* The first are V.250's, with its numbers (section 5.7), the next have the numbers that most makers use. */
enum result {
	RESULT_OK = 0,
	RESULT_CONNECT = 1,      /* at whatever rate */
	RESULT_RING = 2,         /* also +CRING */
	RESULT_NO_CARRIER = 3,
	RESULT_ERROR = 4,        /* also +CME ERROR */
	RESULT_NO_DIALTONE = 6,
	RESULT_BUSY = 7,
	RESULT_NO_ANSWER = 8,
	RESULT_DELAYED = 24,     /* the number is dialled too often, and is not dialled now, */
	RESULT_BLACKLISTED = 32, /* or no more */
	RESULT_PROGRESS = 40,    /* CARRIER 33600, PROTOCOL: LAPM, ... before CONNECT */
	RESULT_MESSAGE_ERROR = 100, /* +CMS ERROR: of a message, not of a call */
	RESULT_FAX,              /* +FCON, +FCO: a fax has answered, and the modem takes commands (T.32) */
	RESULT_FAX_ENDED,        /* +FHNG, +FHS: its call has ended */
	RESULT_OTHER,            /* RRING, VCON, FAX, ...: told unasked, and no answer */
	RESULT_NONE              /* not a result */
};

/*
 * One line without its ends: n characters.  *words: the result in words, static and perhaps "" if the line
 * is numeric (V0), else `line` itself.
 */
enum result result_of(const char *line, size_t n, const char **words);

/* How a result is written, without what may follow it; "" for NONE. */
const char *result_word(enum result);

#endif
