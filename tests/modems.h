/*
 * Three virtual modems side by side and a clock that is set by hand: what the tests of the
 * virtual modem share.
 *
 * The phone book of each: 1 echo, 2 modem 1 (for modem 1: modem 0), 3 busy, 4 no answer, 5 no
 * dial tone, 22 a line that is not there, 23 itself; all else is no carrier.
 */
#ifndef TESTS_MODEMS_H
#define TESTS_MODEMS_H

#include "modem/vmodem.h"
#include "rfc2217.h"

/* Modem lines. */
#define IDLE (RFC2217_DSR | RFC2217_CTS)
#define CARRIER (IDLE | RFC2217_DCD)

#define MODEMS 3

extern struct vmodem modem[MODEMS];
extern unsigned stirred[MODEMS]; /* how often */
extern msec_t now;

/* All with power, on hook; and without, their memory given back. */
void modems_start(void);
void modems_stop(void);

/* All that is due until `ms` from now happens at its time. */
void pass(int64_t ms);

/* The terminal types; all of it must be taken. */
void type(int i, const char *text);

/* What the terminal reads since the last look; valid until the next one. */
const char *said(int i);

/* Modem 0 dials modem 1 after both have been typed a line each. */
void dial(const char *callers, const char *called);

/* The same, and modem 1 answers; what was said and changed until then is forgotten. */
void in_call(const char *callers, const char *called);

#endif
