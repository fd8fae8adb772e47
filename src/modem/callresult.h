/*
 * What a result code tells of a call.  Pure.
 */
#ifndef MODEM_CALLRESULT_H
#define MODEM_CALLRESULT_H

#include <stddef.h>

enum callresult {
	CALLRESULT_NONE,     /* also RING, and what else is no end of a dialling */
	CALLRESULT_OK,
	CALLRESULT_CONNECT,
	CALLRESULT_FAILED,   /* BUSY, NO CARRIER, ... */
	CALLRESULT_PROGRESS, /* CARRIER 33600, PROTOCOL: LAPM, ... before CONNECT */
	CALLRESULT_FAX,      /* +FCON: a fax is up, and the modem listens to commands */
	CALLRESULT_FAX_ENDED,
	CALLRESULT_KINDS
};

/* Of one line, with its words, as result_of(). */
enum callresult callresult_of(const char *line, size_t n, const char **words);

#endif
