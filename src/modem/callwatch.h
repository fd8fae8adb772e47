/*
 * What a client dials, what comes of it, and whether a call is up, as far as the bytes of both
 * directions tell.  Pure, bounded.
 *
 * In call: while carrier is on, where carrier is trusted; else from CONNECT until NO CARRIER, an ATH
 * (or ATZ) of a client that has escaped, or DTR off.  Dialling: from an ATD line to its result, at
 * most DIALLING_AT_MOST, and only until the client sends again or carrier comes.  A CONNECT that nobody asked for is
 * one behind RING or where the client has set S0, alone or with a rate, and if no OK follows it.
 *
 * In the fax classes (T.31, T.32) a CONNECT is that of a frame, or a page: any result behind it is command mode again,
 * with the call up until the client hangs up, or the modem tells that it has.
 *
 * What it sees may be wrong (quiet modems, other escape characters, V0 where carrier is not trusted), so
 * it is for clocks and records only.  While a call is up it believes as little as it can: of the
 * line's bytes nothing but CR LF NO CARRIER CR LF with CALLWATCH_SILENCE of nothing behind it, of the
 * client's nothing but +++ between two guard times and then command lines.  NO CARRIER holds at once if the
 * client begins a command line behind it, and the modem echoes or answers that.  Nothing of a call's data
 * is kept beyond the last bytes that this takes, and of command lines nothing but the dial string.  Nor is a message
 * read (3GPP TS 27.005, 3.5.1): from the modem's prompt "> " behind a command line to Ctrl-Z or ESC all is text.
 */
#ifndef MODEM_CALLWATCH_H
#define MODEM_CALLWATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "modem/atline.h"
#include "modem/callresult.h"

#define CALLWATCH_NUMBER ATLINE_NUMBER /* with the NUL, as the next */
#define CALLWATCH_RESULT 64
#define CALLWATCH_GUARD 800       /* ms around +++: S12's second, less what a network may squeeze */
#define CALLWATCH_SILENCE 1000    /* ms behind a NO CARRIER that may be the other side's data */
#define CALLWATCH_ECHO 5000       /* ms in which the modem may echo what the client sent */
#define CALLWATCH_TAIL 14         /* CR LF NO CARRIER CR LF */

enum callwatch_call { CALLWATCH_NO_CALL, CALLWATCH_DIALS, CALLWATCH_IN_CALL };

/* Fields are callwatch.c's. */
struct callwatch {
	bool trusted, carrier, dtr;
	uint8_t mode;
	bool dials;          /* until dial_ends */
	bool awaits;         /* what comes of a call is not known yet */
	bool asked;          /* ... of one that the client asked for, with D or A */
	bool rings;          /* it rings, and the client has said nothing since */
	bool online;         /* the client has told it to go online, and nothing since */
	bool answers;        /* the client has told it to answer by itself */
	bool unsure;         /* nobody asked for the CONNECT that came last: OK behind it makes it a text */
	bool fax;            /* the client has set a fax class */
	bool message;        /* the modem's next line is the text of a message */
	bool voice;          /* OK is what comes of it */
	bool counted;        /* a call is up since `since` */
	bool prompts;        /* a command line has ended, and nothing was sent since: "> " may be a prompt, */
	bool prompted;       /* ... and is the last that came; what is sent now is text */
	bool texts;          /* a message is typed */
	bool repeats;        /* the last command line dialled: A/ dials again */
	unsigned dialled;
	msec_t dial_ends, escaped, silent; /* due, or never */
	msec_t no_carrier;   /* when that was said, if `silent` is due */
	msec_t since;
	int64_t talked;      /* ms, of calls that have ended */

	struct atline at;
	char number[CALLWATCH_NUMBER];
	char result[CALLWATCH_RESULT];

	msec_t sent;         /* the client's last bytes, never: none yet */
	uint8_t pluses;
	uint8_t n_word, n_text, n_tail;
	uint8_t echoes[CALLRESULT_KINDS]; /* lines of the client that look like results */
	msec_t echo_ends;
	char word[16];       /* the client's line, as much as it takes to look like a result */
	char text[CALLWATCH_RESULT]; /* the modem's line */
	char tail[CALLWATCH_TAIL];   /* the last of the line's bytes in a call */

	/* Behind a NO CARRIER, while `silent` is due: what the client begins. */
	char begun[2];       /* its first bytes */
	uint8_t n_begun, n_echoed;
	bool line_sent;      /* ... a whole command line, which `at` has read */
};

/* A claim begins, with DTR on.  carrier_trusted: callwatch_carrier() will tell of calls. */
void callwatch_init(struct callwatch *, bool carrier_trusted);

/* Bytes of the client, as the line took them; bytes of the line. */
void callwatch_client(struct callwatch *, const uint8_t *, size_t n, msec_t now);
void callwatch_line(struct callwatch *, const uint8_t *, size_t n, msec_t now);

/* Carrier is on or off; without effect where it is not trusted.  Telling the same again is nothing. */
void callwatch_carrier(struct callwatch *, bool on, msec_t now);

/* The client has set DTR; only a fall counts. */
void callwatch_dtr(struct callwatch *, bool on, msec_t now);

/* When to call callwatch_time() at the latest; the functions above do what is due first. */
msec_t callwatch_due(const struct callwatch *);
void callwatch_time(struct callwatch *, msec_t now);

enum callwatch_call callwatch_state(const struct callwatch *);

/* How often has been dialled: another number means that DIALS began again. */
unsigned callwatch_dialled(const struct callwatch *);

/*
 * Of the last call of the claim.  The number: digits * # + A to D , W of the dial string, cut behind a code of a mobile
 * that may take a PIN; "L" and
 * "S=1" for what the modem has stored and we have not seen; "" for a call that came in, for a name
 * from a phone book, and when there was none.  The result as the modem said it, printable and without
 * quotes ("CONNECT 9600", "BUSY"; a numeric one in words); "" while there is none.
 */
const char *callwatch_number(const struct callwatch *);
const char *callwatch_result(const struct callwatch *);

/* ms in calls, of the claim. */
int64_t callwatch_talked(const struct callwatch *, msec_t now);

#endif
