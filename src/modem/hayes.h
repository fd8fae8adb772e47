/*
 * Hayes AT commands, pure: an interpreter that takes a line (hayes_edit.h) command by command, and
 * the words that a modem answers.
 *
 * What only changes a setting is done here.  What touches the line (dial, answer, hang up) is
 * returned for the modem to do (vmodem.h).
 */
#ifndef MODEM_HAYES_H
#define MODEM_HAYES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modem/result.h"

#define HAYES_LINE 255   /* longest command line, without AT and its end */
#define HAYES_DIGITS 63  /* longest number that can be dialled */
#define HAYES_TEXT 64    /* room for every result or information text */
#define HAYES_REGISTERS 27
#define HAYES_PROFILES 2  /* stored by &W, restored by Z */
#define HAYES_VIEW 8      /* lines that show a profile */

/* The settings that AT commands change.  Read them; only this module writes. */
struct hayes {
	uint8_t echo;    /* E: 0, 1 */
	uint8_t quiet;   /* Q: 0, 1 */
	uint8_t verbose; /* V: 0, 1 */
	uint8_t results; /* X: 0 to 7; those from 4 on say the same */
	uint8_t carrier; /* &C: 0 DCD always on, 1 follows the carrier */
	uint8_t dtr;     /* &D: 0 ignored, 1 to command mode, 2 hang up, 3 hang up and reset */
	uint8_t flow;    /* &K: 0 to 6; remembered only, nothing is ever lost */
	uint8_t s[HAYES_REGISTERS]; /* by hayes_s() */
	/* Extended syntax; but for the three that report at CONNECT only remembered. */
	uint8_t fclass, ipr; /* +FCLASS: 0, 1 (fax); +IPR: which of the rates */
	uint8_t icf[2], ifc[2], ds[2], es[3];
	uint8_t er, dr, ilrr, vcid; /* +ER, +DR, +ILRR, +VCID: 0, 1 */
};

/*
 * The factory settings: E1 Q0 V1 X4 &C1 &D2 &K3, S0=0 S2=43 S3=13 S4=10 S5=8 S6=2 S7=50 S8=2 S10=1
 * S11=95 S12=50 S25=0; of the extended ones +ICF=3,3 +IFC=2,2 +ES=1,0,1, all else 0.
 */
void hayes_init(struct hayes *);

/* The value of a register that exists: 0 to 13, 15, 25, 26, 27, 30, 36 to 39, 46, 48, 91 or 95. */
uint8_t hayes_s(const struct hayes *, unsigned number);

/* Sets one that exists, to a value in its range. */
void hayes_set_s(struct hayes *, unsigned number, uint8_t value);

/* ---- the interpreter ---- */

struct hayes_commands {
	char *at;                      /* what is still to be done, in the caller's line */
	char digits[HAYES_DIGITS + 1]; /* of HAYES_DIAL and HAYES_DIAL_ON */
	bool last;                     /* of the same: L, the last number once more, in place of digits */
	char text[HAYES_TEXT];         /* of HAYES_SAY */
	uint8_t profile;               /* of HAYES_STORE and HAYES_RESET */
};

enum hayes_do {
	HAYES_NEXT,     /* only settings were changed: ask again */
	HAYES_DONE,     /* the line is at its end: OK */
	HAYES_BAD,      /* a bad command, not carried out, nor is what follows it: ERROR */
	HAYES_SAY,      /* an information text; then ask again */
	HAYES_HANG_UP,  /* H, H0; then ask again */
	HAYES_OFF_HOOK, /* H1; then ask again */
	HAYES_STORE,    /* &W: remember the settings as a profile; then ask again */
	HAYES_SHOW,     /* &V: all profiles; then ask again */
	HAYES_DIAL_ON,  /* D with ";": digits, and more to come; then ask again */
	HAYES_RESET,    /* Z: hang up, restore a profile, OK; ends the line, as do the next three */
	HAYES_DIAL,     /* D: digits */
	HAYES_ANSWER,   /* A */
	HAYES_ONLINE    /* O: back to the data */
};

/* Begins with a complete line, which is changed: spaces go, letters become capital. */
void hayes_begin(struct hayes_commands *, char *line);

/*
 * The next command.  A number too large, an unknown command or register, or a character that
 * cannot be dialled is HAYES_BAD and leaves the settings as they were.  The dial modifiers T P
 * W , @ ! $ - ( ) . / are taken and ignored; ";" ends a dial string or an extended command, more
 * commands may follow.
 */
enum hayes_do hayes_next(struct hayes_commands *, struct hayes *);

/* ---- answers ---- */

/*
 * A result code as V, Q and X want it, S3 and S4 around it; CONNECT tells `rate` (bit/s), as a
 * number where there is one: 9 for 600, 5 for 1200, 10 for 2400, 11 for 4800, 12 for 9600.
 * Returns its length, 0 when quiet.  Not terminated.
 */
size_t hayes_result(const struct hayes *, enum result, uint32_t rate,
    char dst[static HAYES_TEXT]);

/*
 * An information text (cut at 60 characters) as V wants it; Q does not matter.  Returns its
 * length.
 */
size_t hayes_info(const struct hayes *, const char *text, char dst[static HAYES_TEXT]);

/* Line i of HAYES_VIEW that show these settings. */
void hayes_view(const struct hayes *, unsigned i, char dst[static HAYES_TEXT]);

#endif
