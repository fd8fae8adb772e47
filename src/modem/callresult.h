/*
 * Result codes of modems that tell what has come of a call.  Pure.
 */
#ifndef MODEM_CALLRESULT_H
#define MODEM_CALLRESULT_H

#include <stddef.h>

enum callresult {
	CALLRESULT_NONE,
	CALLRESULT_OK,
	CALLRESULT_CONNECT,
	CALLRESULT_FAILED,   /* BUSY, NO CARRIER, ... */
	CALLRESULT_PROGRESS, /* CARRIER 33600, PROTOCOL: LAPM, ... before CONNECT */
	CALLRESULT_KINDS
};

/*
 * One line without its ends: n printable characters.  *words: the result in words, static if the line is
 * numeric (V0), else `line` itself.
 */
enum callresult callresult_of(const char *line, size_t n, const char **words);

#endif
