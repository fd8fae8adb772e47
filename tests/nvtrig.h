/*
 * A Telnet connection for tests: input and what comes of it as words, for example
 * "IAC DO 44 97" and "<IAC WILL 44> agreed 97 ".
 */
#ifndef TESTS_NVTRIG_H
#define TESTS_NVTRIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/telnet.h"

#define NVTRIG_LOG 65536

struct nvtrig {
	struct nvt *nvt;
	char log[NVTRIG_LOG]; /* data as numbers, break, sb(...), agreed, refused, <sent> */
	size_t len;
	size_t sends;         /* calls of send */
	size_t data_bytes;
	/* What the owner takes, set freely; all without limit at first. */
	size_t data_budget;   /* data bytes, counted down */
	bool tells_budget;    /* as data_room() */
	size_t place;         /* room for so many bytes is offered each time; 0: none is */
	uint8_t placed[64];
	bool refuse_comport, refuse_brk;
	size_t room;
};

void nvtrig_start(struct nvtrig *, bool greet); /* the greeting is not in the log */
void nvtrig_stop(struct nvtrig *);

/* "IAC SB 44 1 0 0 37 128 IAC SE" to bytes (at most cap); returns their number. */
size_t nvtrig_bytes(const char *words, uint8_t *to, size_t cap);

/* One nvt_input() of words, which must all be taken, and the log must then be as expected. */
void nvtrig_expect(struct nvtrig *, const char *words, const char *expected);

#endif
