/*
 * What is counted of a line, or of a service, since the start, and what else few lines have.
 */
#ifndef LINE_COUNTS_H
#define LINE_COUNTS_H

#include <stdint.h>

#include "base/clock.h"

struct line_counts {
	uint64_t claims, refusals, cuts;
	uint64_t failures;                  /* hand-overs that failed */
	uint64_t from_clients, to_clients;  /* bytes of claims that have ended */
	msec_t takeover; /* not before */
	char *disabled;  /* of a line: why, in the administrator's words; NULL: none */
};

#endif
