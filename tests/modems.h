/*
 * Two virtual modems side by side and a clock that is set by hand: what the tests of the
 * virtual modem share.
 *
 * The phone book of each: 1 echo, 2 the other one, 3 busy, 4 no answer, 5 no dial tone, 22 a
 * line that is not there, 23 itself; all else is no carrier.
 */
#ifndef TESTS_MODEMS_H
#define TESTS_MODEMS_H

#include "modem/vmodem.h"
#include "rfc2217.h"

/* Modem lines. */
#define IDLE (RFC2217_DSR | RFC2217_CTS)
#define CARRIER (IDLE | RFC2217_DCD)

extern struct vmodem modem[2];
extern unsigned stirred[2]; /* how often */
extern msec_t now;

/* Both with power, on hook; and without, their memory given back. */
void modems_start(void);
void modems_stop(void);

/* All that is due until `ms` from now happens at its time. */
void pass(int64_t ms);

/* The terminal types; all of it must be taken. */
void type(int i, const char *text);

/* What the terminal reads since the last look; valid until the next one. */
const char *said(int i);

#endif
