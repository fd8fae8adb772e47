/*
 * Conversations between a client and a modem, byte by byte and in one piece, and what is made of them.
 *
 * A script is a list of words: what it does is its first character.
 */
#include <stdlib.h>
#include <string.h>

#include "base/dialling.h"
#include "modem/callwatch.h"
#include "unit.h"

struct play {
	struct callwatch c;
	msec_t now;
	bool whole; /* bytes in one piece, else one by one */
};

enum { NONE = CALLWATCH_NO_CALL, DIALS = CALLWATCH_DIALS, UP = CALLWATCH_IN_CALL };

typedef void feed_fn(struct callwatch *, const uint8_t *, size_t, msec_t);

static void
feed(struct play *p, feed_fn *fn, const char *text)
{
	size_t n = strlen(text), i;
	uint8_t *b = unit_guarded(text, n);

	if (p->whole)
		fn(&p->c, b, n, p->now);
	for (i = 0; i < n && !p->whole; i++)
		fn(&p->c, b + i, 1, p->now);
	unit_unguard(b, n);
}

/* Time passes as in a loop that calls when it is due. */
static void
pass(struct play *p, int64_t ms)
{
	msec_t until = msec_add(p->now, ms);

	while (msec_reached(callwatch_due(&p->c), until)) {
		p->now = callwatch_due(&p->c);
		callwatch_time(&p->c, p->now);
	}
	p->now = until;
}

/* >client  <line  @ms  C1 C0 carrier  T1 T0 DTR */
static void
step(struct play *p, const char *s)
{
	switch (s[0]) {
	case '>':
		feed(p, callwatch_client, s + 1);
		break;
	case '<':
		feed(p, callwatch_line, s + 1);
		break;
	case '@':
		pass(p, atoi(s + 1));
		break;
	case 'C':
		callwatch_carrier(&p->c, s[1] == '1', p->now);
		break;
	default:
		callwatch_dtr(&p->c, s[1] == '1', p->now);
		break;
	}
}

struct talk {
	const char *name;
	const char *script[14];
	int state;
	const char *number, *result;
	int64_t talked;
};

#define CONNECTED ">ATDT5\r", "<ATDT5\r\r\nCONNECT 9600\r\n"
#define RINGS "<\r\nRING\r\n"
#define FAX(class) ">AT+FCLASS=" class "\r", "<\r\nOK\r\n", ">ATDT5\r", "<\r\nCONNECT\r\n"
#define FRAME(command, begins, ends) ">" command "\r", "<\r\n" begins "\r\n", ">ATH\r\x10\x03", "<\r\n" ends "\r\n"
#define FCON ">AT+FCLASS=2\r", "<\r\nOK\r\n", ">ATDT5\r", "<\r\n+FCON\r\n\r\n+FDCS:0,3\r\n\r\nOK\r\n"
#define MESSAGE ">AT+CMGS=\"5\"\r", "<AT+CMGS=\"5\"\r\r\n> "
#define ESCAPE "@1000", ">+++", "@1000", "<\r\nOK\r\n"

/* Where carrier is not trusted. */
static const struct talk blind[] = {
	{ "nothing", { NULL }, NONE, "", "", 0 },
	{ "dials", { ">ATDT555 12-34\r" }, DIALS, "5551234", "", 0 },
	{ "to its result", { ">ATDT5\r", "@5000", "<ATDT5\r\r\nBUSY\r\n" }, NONE, "5", "BUSY", 0 },
	{ "no carrier", { ">ATDT5\r", "<\r\nNO CARRIER\r\n" }, NONE, "5", "NO CARRIER", 0 },
	{ "no dialtone", { ">ATDT5\r", "<\r\nNO DIALTONE\r\n" }, NONE, "5", "NO DIALTONE", 0 },
	{ "no dial tone", { ">ATDT5\r", "<\r\nNO DIAL TONE\r\n" }, NONE, "5", "NO DIAL TONE", 0 },
	{ "no answer", { ">ATDT5\r", "<\r\nNO ANSWER\r\n" }, NONE, "5", "NO ANSWER", 0 },
	{ "error", { ">ATDT5\r", "<\r\nERROR\r\n" }, NONE, "5", "ERROR", 0 },
	{ "gsm", { ">ATD*99#\r", "<\r\n+CME ERROR: 3\r\n" }, NONE, "*99#", "+CME ERROR: 3", 0 },
	{ "gsm, in words", { ">ATD5;\r", "<ATD5;\r\r\n+CME ERROR: operation not allowed\r\n" }, NONE, "5",
	    "+CME ERROR: operation not allowed", 0 },
	{ "delayed", { ">ATDT5\r", "<\r\nDELAYED 00:01:00\r\n" }, NONE, "5", "DELAYED 00:01:00", 0 },
	{ "other lines", { ">ATDT5\r", "<\r\nRING\r\n\r\nRINGING\r\n\r\nBUSYX\r\n\r\nBUS\r\n" },
	    DIALS, "5", "", 0 },
	{ "at most 180 s", { ">ATDT5\r", "@179999" }, DIALS, "5", "", 0 },
	{ "180 s", { ">ATDT5\r", "@180000" }, NONE, "5", "", 0 },
	{ "late result", { ">ATDT5\r", "@180000", "<\r\nNO CARRIER\r\n" }, NONE, "5", "NO CARRIER", 0 },
	{ "sends again", { ">ATDT5\r", "> " }, NONE, "5", "", 0 },
	{ "aborted", { ">ATDT5\r", "> ", "<\r\nNO CARRIER\r\n" }, NONE, "5", "NO CARRIER", 0 },
	{ "aborted with OK", { ">ATDT5\r", "> ", "<\r\nOK\r\n\r\nBUSY\r\n" }, NONE, "5", "", 0 },
	{ "a line end", { ">ATDT5\r\n" }, DIALS, "5", "", 0 },
	{ "OK of before", { ">ATZ\rATDT5\r", "<\r\nOK\r\n" }, DIALS, "5", "", 0 },
	{ "voice", { ">ATDT5;\r", "<\r\nOK\r\n" }, NONE, "5", "OK", 0 },
	{ "unasked", { "<\r\nBUSY\r\n\r\nNO CARRIER\r\n\r\nOK\r\n" }, NONE, "", "", 0 },
	{ "dials anew", { ">ATDT5\r", "@100000", ">ATDT6\r", "@100000" }, DIALS, "6", "", 0 },
	{ "repeats", { ">ATDT5\r", "<\r\nBUSY\r\n", ">A/" }, DIALS, "5", "", 0 },
	{ "repeats CR", { ">ATDT5\r", "<\r\nBUSY\r\n", ">A/\r\n" }, DIALS, "5", "", 0 },
	{ "repeats result", { ">ATDT5\r", "<\r\nBUSY\r\n", ">A/", "<A/\r\nNO ANSWER\r\n" },
	    NONE, "5", "NO ANSWER", 0 },
	{ "repeats other", { ">ATDT5\r", "<\r\nBUSY\r\n", ">AT\rA/" }, NONE, "5", "BUSY", 0 },
	{ "repeats nothing", { ">A/" }, NONE, "", "", 0 },
	{ "repeats what was aborted", { ">ATDT5\r", ">x", "<\r\nNO CARRIER\r\n", ">A/" }, DIALS, "5", "", 0 },
	{ "dials what was aborted", { ">ATDT5\r", ">x", "<\r\nNO CARRIER\r\n", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "last number", { ">ATDT5\r", "<\r\nBUSY\r\n", ">ATDL\r" }, DIALS, "5", "", 0 },
	{ "unknown last", { ">ATDL\r" }, DIALS, "L", "", 0 },
	{ "stored", { ">ATDS=1\r" }, DIALS, "S=1", "", 0 },
	{ "DTR off", { ">ATDT5\r", "T0" }, NONE, "5", "", 0 },
	{ "DTR on", { ">ATDT5\r", "T1" }, DIALS, "5", "", 0 },
	{ "carrier", { "C1" }, NONE, "", "", 0 },
	{ "in call", { CONNECTED, "@3000" }, UP, "5", "CONNECT 9600", 3000 },
	{ "plain", { ">ATDT5\r", "<\r\nCONNECT\r\n" }, UP, "5", "CONNECT", 0 },
	{ "words", { ">ATDT5\r", "<\r\nCONNECT 33600/ARQ\"\\\1\xc1\r" }, UP, "5",
	    "CONNECT 33600/ARQ''A", 0 },
	{ "connection", { ">ATDT5\r", "<\r\nCONNECTED\r\n" }, DIALS, "5", "", 0 },
	{ "progress", { ">ATDT5\r", "<\r\nCARRIER 33600\r\n\r\nPROTOCOL: LAPM\r\n" }, DIALS, "5", "", 0 },
	{ "numeric 1", { ">ATDT5\r", "<1\r", "@10" }, UP, "5", "CONNECT", 10 },
	{ "numeric 5", { ">ATDT5\r", "<5\r" }, UP, "5", "CONNECT 1200", 0 },
	{ "numeric 10", { ">ATDT5\r", "<ATDT5\r10\r" }, UP, "5", "CONNECT 2400", 0 },
	{ "numeric 16", { ">ATDT5\r", "<16\r" }, UP, "5", "CONNECT", 0 },
	{ "numeric 3", { ">ATDT5\r", "<3\r" }, NONE, "5", "NO CARRIER", 0 },
	{ "numeric 4", { ">ATDT5\r", "<4\r" }, NONE, "5", "ERROR", 0 },
	{ "numeric 6", { ">ATDT5\r", "<6\r" }, NONE, "5", "NO DIALTONE", 0 },
	{ "numeric 7", { ">ATDT5\r", "<7\r" }, NONE, "5", "BUSY", 0 },
	{ "numeric 8", { ">ATDT5\r", "<8\r" }, NONE, "5", "NO ANSWER", 0 },
	{ "numeric 24", { ">ATDT5\r", "<24\r" }, NONE, "5", "DELAYED", 0 },
	{ "numeric OK", { ">ATDT5;\r", "<0\r" }, NONE, "5", "OK", 0 },
	{ "numeric others", { ">ATDT5\r", "<2\r11\r33\r45\r70\r060\r001\r1000\r1x\r" }, DIALS, "5", "", 0 },
	{ "numeric unasked", { "<1\r" }, NONE, "", "", 0 },
	{ "answers", { ">ATDT5\r", "<\r\nBUSY\r\n", ">ATA\r" }, NONE, "", "", 0 },
	{ "answered", { ">ATA\r", "<\r\nCONNECT 300\r\n" }, UP, "", "CONNECT 300", 0 },
	{ "answered 1", { ">ATA\r", "<1\r" }, UP, "", "CONNECT", 0 },
	{ "answers itself", { ">ATDT5\r", "<\r\nBUSY\r\n", "<\r\nRING\r\n\r\nCONNECT\r\n" },
	    UP, "", "CONNECT", 0 },

	/* T.31: a frame's CONNECT and OK; the call ends by ATH. */
	{ "T.31", { FAX("1"), "<\x10\x03\r\nOK\r\n", FRAME("AT+FTM=96", "CONNECT", "OK"), "@9", ">ATH0\r", "<\r\nOK\r\n" },
	    NONE, "5", "CONNECT", 9 },
	{ "T.31, up", { FAX("1"), "<\x10\x03\r\nOK\r\n", FRAME("AT+FTM=96", "CONNECT", "OK"), "@9" }, UP, "5", "CONNECT", 9 },
	{ "T.31, dials again", { FAX("1"), "<\x10\x03\r\nOK\r\n", ">ATH\r", "<\r\nOK\r\n", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "T.31, no carrier", { FAX("1.0"), "<data\x10\x03\r\nNO CARRIER\r\n", "@5000", FRAME("AT+FRH=3", "CONNECT", "ERROR") },
	    UP, "5", "CONNECT", 5000 },
	{ "T.31, none heard", { FAX("1"), "<\x10\x03\r\nOK\r\n", ">AT+FRM=96\r", "<\r\nNO CARRIER\r\n", "@5000" }, UP, "5",
	    "CONNECT", 5000 },
	{ "T.31, in a frame", { FAX("1"), ">ATH\r", "<\r\nBUSY\r\n" }, UP, "5", "CONNECT", 0 },
	{ "T.31, no fax", { FAX("0"), "<\x10\x03\r\nOK\r\n", ">ATH\r" }, UP, "5", "CONNECT", 0 },
	{ "T.31, reset", { ">AT+FCLASS=1\r", ">AT&F\r", CONNECTED, "<\r\nOK\r\n", ">ATH\r" }, UP, "5", "CONNECT 9600", 0 },
	{ "T.31, busy", { ">AT+FCLASS=1\r", "<\r\nOK\r\n", ">ATDT5\r", "<\r\nBUSY\r\n" }, NONE, "5", "BUSY", 0 },
	/* T.32: +FCO, in class 2 +FCON, is the answer, +FHS, or +FHNG, the end. */
	{ "T.32, +FCON", { FCON, "@7" }, UP, "5", "+FCON", 7 },
	{ "T.32, +FCO", { ">AT+FCLASS=2.0\r", ">ATDT5\r", "<\r\n+FCO\r\n\r\n+FIS:0,1\r\n\r\nOK\r\n" }, UP, "5", "+FCO", 0 },
	{ "T.32, a page", { FCON, FRAME("AT+FDT", "CONNECT", "OK"), "@7", ">AT+FET=2\r",
	    "<\r\n+FPTS:1\r\n\r\n+FHNG:0\r\n\r\nOK\r\n", ">ATDT6\r" }, DIALS, "6", "", 7 },
	{ "T.32, ATH", { FCON, "@7", ">ATH0\r" }, NONE, "5", "+FCON", 7 },
	{ "T.32, unasked", { ">AT+FCLASS=2\r", "<\r\n+FCON\r\n" }, NONE, "", "", 0 },

	/* A CONNECT that nobody asked for. */
	{ "V.250, 6.3.8", { ">ATS0=1\r", "<\r\nOK\r\n", "<\r\nCONNECT 300\r\n" }, UP, "", "CONNECT 300", 0 },
	{ "V.250, 6.3.8, off", { ">ATS0=1\r", ">ATE0S0=0\r", "<\r\nCONNECT 300\r\n" }, NONE, "", "", 0 },
	{ "V.250, 6.3.8, others", { ">ATS1=1S10=1S0?\r", "<\r\nCONNECT 300\r\n" }, NONE, "", "", 0 },
	{ "RING", { "<\r\nRING\r\n\r\nCONNECT 33600/ARQ/V34\r\n" }, UP, "", "CONNECT 33600/ARQ/V34", 0 },
	{ "no RING", { "<\r\nCONNECT 300\r\n", ">ATDT5\r" }, DIALS, "5", "", 0 },
	{ "RING, then a command", { "<\r\nRING\r\n", ">AT\r", "<\r\nCONNECT\r\n" }, NONE, "", "", 0 },
	{ "27.005, 3.4.1", { "<\r\nRING\r\n", "<\r\n+CMT: 1,2\r\nCONNECT 4711\r\n", ">ATDT5\r" }, DIALS, "5", "", 0 },
	{ "27.005, 3.4.1, BUSY", { ">ATDT5\r", "<\r\n+CMT: 1,2\r\nBUSY\r\n" }, DIALS, "5", "", 0 },
	{ "27.005, 3.4.3", { RINGS, ">AT+CMGR=1\r", "<\r\n+CMGR: 1\r\nCONNECT me, pin is 4711\r\n\r\nOK\r\n" },
	    NONE, "", "", 0 },
	{ "27.005, 3.4.3, two lines", { ">AT+CMGR=1\r", "<\r\n+CMGR: 1\r\nhi\r\nCONNECT 4711\r\n\r\nOK\r\n", ">ATDT5\r" },
	    DIALS, "5", "", 0 },
	{ "words behind it", { RINGS, "<\r\nCONNECT 4711 is it\r\n\r\nCONNECT me\r\n\r\nCONNECT OK\r\n" }, NONE, "", "", 0 },
	{ "OK behind it", { ">ATS0=1\r", "<\r\nOK\r\n", "@9", "<\r\nCONNECT 4711\r\nmore\r\n", "@500",
	    "<\r\nOK\r\n+X\r\n", ">ATDT5\r" }, DIALS, "5", "", 0 },
	{ "OK later", { ">ATS0=1\r", "<\r\nCONNECT\r\n", ">hi\r", "<\r\nOK\r\n" }, UP, "", "CONNECT", 0 },
	{ "OK in a call", { CONNECTED, "<\r\nOK\r\n" }, UP, "5", "CONNECT 9600", 0 },

	/* 3GPP TS 27.005, 3.5.1, 3.5.3: a message is text from the prompt to Ctrl-Z, or to ESC, which drops it. */
	{ "27.005, 3.5.1", { MESSAGE, ">Your code at DKB is 482913\x1a", "<\r\n+CMGS: 7\r\n\r\nOK\r\n", ">AT\r" },
	    NONE, "", "", 0 },
	{ "27.005, 3.5.1, a line", { MESSAGE, ">hi\r\nATDT5\rA/\x1a", "<hi\r\nATDT5\r" }, NONE, "", "", 0 },
	{ "27.005, 3.5.1, then dials", { MESSAGE, ">ATDT5\r\x1a", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, ESC", { MESSAGE, ">hi \x1b", "<\r\nOK\r\n", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, goes on", { MESSAGE, ">OK\rATDT5\r", "<OK\rATDT5\r", ">ATDT6\r" }, NONE, "", "", 0 },
	{ "27.005, 3.5.1, refused", { MESSAGE, ">hi", "<\r\n+CMS ERROR: 500\r\n", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, no more", { MESSAGE, ">hi", "<\r\nERROR\r\n", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, at once", { ">AT+CMGS=1\rYour code at DKB\x1a", "<\r\n> ", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, no prompt", { ">AT+CMGR=1\r", "<\r\n> hi\r\n\r\nOK\r\n", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, unasked", { "<\r\n> ", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "27.005, 3.5.1, an echo", { ">AT\r> ", "<AT\r> ", ">\rATDT6\r" }, DIALS, "6", "", 0 },

	/* The modem's echo. */
	{ "echo", { ">CONNECT\r", "<CONNECT\r\n" }, NONE, "", "", 0 },
	{ "echo of many", { ">CONNECT\rBUSY\rCONNECT 5\r", "<CONNECT\rBUSY\rCONNECT 5\r" }, NONE, "", "", 0 },
	{ "echo of a part", { ">CONNECT", "<CONNECT", "<\r\nRING\r\n" }, NONE, "", "", 0 },
	{ "echo of others", { ">CONNECTION\rNO CARRI\r", ">ATDT5\r",
	    "<CONNECTION\rNO CARRI\rATDT5\r\r\nCONNECT\r\n" }, UP, "5", "CONNECT", 0 },
	{ "echo, then real", { ">BUSY\rATDT5\r", "<BUSY\rATDT5\r\r\nBUSY\r\n" }, NONE, "5", "BUSY", 0 },
	{ "no echo", { ">BUSY\rATDT5\r", "@5000", "<\r\nBUSY\r\n" }, NONE, "5", "BUSY", 0 },
	{ "no echo yet", { ">BUSY\rATDT5\r", "@4999", "<\r\nBUSY\r\n" }, DIALS, "5", "", 0 },
	{ "a number's echo", { ">ATDT5\r", ">1\r", "<1\r" }, NONE, "5", "", 0 },

	/* A call's data. */
	{ "digits", { CONNECTED, ">ATDT4111111\r" }, UP, "5", "CONNECT 9600", 0 },
	{ "its results", { CONNECTED, "<\r\nBUSY\r\n\r\nERROR\r\n\r\nCONNECT 1\r\n" }, UP, "5",
	    "CONNECT 9600", 0 },
	{ "ATH as data", { CONNECTED, ">ATH\r" }, UP, "5", "CONNECT 9600", 0 },
	{ "no carrier", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", "@1000" }, NONE, "5",
	    "CONNECT 9600", 500 },
	{ "behind data", { CONNECTED, "<hello", "<\r\nNO CARRIER\r\n", "@1000" }, NONE, "5",
	    "CONNECT 9600", 0 },
	{ "parity", { CONNECTED, "<\x8d\nNO\xa0" "CARRIER\r\n", "@1000" }, NONE, "5", "CONNECT 9600", 0 },
	{ "not yet silent", { CONNECTED, "<\r\nNO CARRIER\r\n", "@999" }, UP, "5", "CONNECT 9600", 999 },
	{ "not silent", { CONNECTED, "<\r\nNO CARRIER\r\n", "@999", "<x", "@5000" }, UP, "5",
	    "CONNECT 9600", 5999 },
	{ "more follows", { CONNECTED, "<\r\nNO CARRIER\r\nx", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "no line", { CONNECTED, "<x NO CARRIER\r\n", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "LF only", { CONNECTED, "<\nNO CARRIER\r\n", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "at once", { CONNECTED, "<NO CARRIER\r\n", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "data mode's name", { ">ATDT5\r", "<\r\nCONNECT DATA 9\r\n" }, UP, "5", "CONNECT DATA 9", 0 },
	{ "no end", { CONNECTED, "<\r\nNO CARRIER", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "quoted", { CONNECTED, "<\r\nNO CARRIER \r\n", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "the client sends", { CONNECTED, "<\r\nNO CARRIER\r\n", "@500", ">AT\r", "@500" }, NONE, "5",
	    "CONNECT 9600", 0 },
	{ "a number as data", { CONNECTED, "<3\r", "@5000" }, UP, "5", "CONNECT 9600", 5000 },
	{ "redials at once", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", "@100", ">ATDT6\r", "<ATDT6\r" }, DIALS,
	    "6", "", 500 },
	{ "and is busy", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", ">ATDT6\r", "<ATDT6\r\r\nBUSY\r\n" }, NONE,
	    "6", "BUSY", 500 },
	{ "key by key", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", ">A", "<A", ">T", "<T", ">DT", "<DT", ">6\r", "@9" },
	    DIALS, "6", "", 500 },
	{ "without echo", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", "@100", ">ATDT6\r", "@1000", "<\r\nBUSY\r\n" },
	    NONE, "6", "BUSY", 500 },
	{ "answered soon", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", ">ATDT6\r", "<\r\nBUSY\r\n" }, NONE, "6", "BUSY",
	    500 },
	{ "OK soon", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", ">AT\r", "<\r\nOK\r\n", "@5000" }, NONE, "5",
	    "CONNECT 9600", 500 },
	{ "the far end echoes", { CONNECTED, "<\r\nNO CARRIER\r\n", ">hello\r", "<hello\r", "@5000" }, UP, "5",
	    "CONNECT 9600", 5000 },
	{ "goes on", { CONNECTED, "<\r\nNO CARRIER\r\n", ">ATDT6\r", "<what?\r\n", "@5000" }, UP, "5", "CONNECT 9600",
	    5000 },
	{ "again", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", "@2000", ">ATDT6\r", "<\r\nBUSY\r\n" },
	    NONE, "6", "BUSY", 500 },
	{ "sum", { CONNECTED, "@500", "<\r\nNO CARRIER\r\n", "@2000", CONNECTED, "@300" }, UP, "5",
	    "CONNECT 9600", 800 },
	{ "hang up by DTR", { CONNECTED, "@70", "T0", "@50" }, NONE, "5", "CONNECT 9600", 70 },
	{ "DTR stays off", { "T0", CONNECTED, "T0", "@50" }, UP, "5", "CONNECT 9600", 50 },
	{ "DTR twice", { "T0", "T1", CONNECTED, "@5", "T0" }, NONE, "5", "CONNECT 9600", 5 },

	/* Escaping. */
	{ "escaped", { CONNECTED, ESCAPE, "@1000" }, UP, "5", "CONNECT 9600", 3000 },
	{ "ATH", { CONNECTED, ESCAPE, ">ATH\r" }, NONE, "5", "CONNECT 9600", 2000 },
	{ "ATZ", { CONNECTED, ESCAPE, ">ATZ\r" }, NONE, "5", "CONNECT 9600", 2000 },
	{ "27.007, 6.5", { CONNECTED, ESCAPE, ">AT+CHUP\r" }, NONE, "5", "CONNECT 9600", 2000 },
	{ "V.250, 5.2.2", { CONNECTED, ESCAPE, ">ATH\bO\r" }, UP, "5", "CONNECT 9600", 2000 },
	{ "ATH1", { CONNECTED, ESCAPE, ">ATH1\r" }, UP, "5", "CONNECT 9600", 2000 },
	{ "one by one", { CONNECTED, "@800", ">+", "@300", ">+", "@300", ">+", "@800", ">ATH\r" }, NONE,
	    "5", "CONNECT 9600", 2200 },
	{ "too slow", { CONNECTED, "@800", ">+", "@800", ">++", "@800", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 2400 },
	{ "slow, then right", { CONNECTED, "@800", ">+", "@800", ">+++", "@800", ">ATH\r" }, NONE, "5",
	    "CONNECT 9600", 2400 },
	{ "no guard before", { CONNECTED, ">x", "@799", ">+++", "@1000", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 1799 },
	{ "no guard behind", { CONNECTED, "@1000", ">+++", "@799", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 1799 },
	{ "behind data", { CONNECTED, "@1000", ">x+++", "@1000", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 2000 },
	{ "before data", { CONNECTED, "@1000", ">+++x", "@1000", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 2000 },
	{ "two", { CONNECTED, "@1000", ">++", "@1000", ">ATH\r" }, UP, "5", "CONNECT 9600", 2000 },
	{ "four", { CONNECTED, "@1000", ">++++", "@1000", ">ATH\r" }, UP, "5", "CONNECT 9600", 2000 },
	{ "four, late", { CONNECTED, "@1000", ">+++", "@1", ">+", "@1000", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 2001 },
	{ "back", { CONNECTED, ESCAPE, ">ATO\r", "<\r\nCONNECT 1\r\n", ">ATH\r" }, UP, "5",
	    "CONNECT 9600", 2000 },
	{ "dials escaped", { CONNECTED, ESCAPE, ">ATDT6\r" }, UP, "5", "CONNECT 9600", 2000 },
	{ "hangs and dials", { CONNECTED, ESCAPE, ">ATH0DT6\r" }, DIALS, "6", "", 2000 },
	{ "repeats escaped", { CONNECTED, ESCAPE, ">A/" }, UP, "5", "CONNECT 9600", 2000 },
	{ "no carrier escaped", { CONNECTED, ESCAPE, "<\r\nNO CARRIER\r\n", "@1000" }, NONE, "5",
	    "CONNECT 9600", 2000 },
	{ "results escaped", { CONNECTED, ESCAPE, "<\r\nBUSY\r\n" }, UP, "5", "CONNECT 9600", 2000 },
};

/* Where it is. */
static const struct talk trusted[] = {
	{ "nothing", { NULL }, NONE, "", "", 0 },
	{ "dials", { ">ATDT5\r" }, DIALS, "5", "", 0 },
	{ "carrier", { "C1", "@500" }, UP, "", "", 500 },
	{ "carrier twice", { "C1", "@500", "C1", "@5", "C0", "@5", "C0" }, NONE, "", "", 505 },
	{ "carrier while dialling", { ">ATDT5\r", "C1", "@5", "C0" }, NONE, "5", "", 5 },
	{ "carrier first", { ">ATDT5\r", "C1", "@5", "<\r\nCONNECT 9600\r\n" }, UP, "5", "CONNECT 9600", 5 },
	{ "carrier within", { ">ATDT5\r", "<\r\nCONN", "C1", "<ECT 9600\r\n" }, UP, "5", "CONNECT 9600", 0 },
	{ "T.32, +FCON", { ">AT+FCLASS=2\r", ">ATDT5\r", "<\r\n+FCON\r\n", "C1", "@5", "C0" }, NONE, "5", "+FCON", 5 },
	{ "T.32, carrier first", { ">AT+FCLASS=2\r", ">ATDT5\r", "C1", "<\r\n+FCON\r\n", "@5", "C0" }, NONE, "5",
	    "+FCON", 5 },
	{ "a text", { "<\r\nCONNECT OK\r\n\r\nCONNECT 4711\r\n", ">ATDT5\r" }, DIALS, "5", "", 0 },
	{ "carrier later", { CONNECTED, "@500", "C1", "@5", "C0" }, NONE, "5", "CONNECT 9600", 5 },
	{ "connect only", { CONNECTED, "@500" }, NONE, "5", "CONNECT 9600", 0 },
	{ "progress", { ">ATDT5\r", "C1", "<\r\nCARRIER 33600\r\n\r\nPROTOCOL: NONE\r\n\r\nCONNECT 9\r\n" },
	    UP, "5", "CONNECT 9", 0 },
	{ "quiet", { ">ATDT5\r", "C1", "<\r\nlogin:\r\nCONNECT 9600\r\n" }, UP, "5", "", 0 },
	{ "quiet, busy", { ">ATDT5\r", "C1", "<\r\nBUSY\r\n" }, UP, "5", "", 0 },
	{ "numeric", { ">ATDT5\r", "C1", "<1\r" }, UP, "5", "CONNECT", 0 },
	{ "came in", { ">ATDT5\r", "<\r\nBUSY\r\n", "C1", "<\r\nCONNECT 300\r\n" }, UP, "", "CONNECT 300", 0 },
	{ "flickers", { CONNECTED, "C1", "@50", "C0", "@5", "C1", "<x\r\n", "@20" }, UP, "5",
	    "CONNECT 9600", 70 },
	{ "no carrier as data", { CONNECTED, "C1", "<\r\nNO CARRIER\r\n", "@5000" }, UP, "5",
	    "CONNECT 9600", 5000 },
	{ "ATH is data", { CONNECTED, "C1", ESCAPE, ">ATH\r", "@100" }, UP, "5", "CONNECT 9600", 2100 },
	{ "DTR", { CONNECTED, "C1", "@5", "T0", "@10", "C0" }, NONE, "5", "CONNECT 9600", 15 },
	{ "digits", { CONNECTED, "C1", ">ATDT411111\r", "C0" }, NONE, "5", "CONNECT 9600", 0 },
	{ "digits before carrier", { CONNECTED, ">ATDT411111\r" }, NONE, "5", "CONNECT 9600", 0 },
	{ "redials", { CONNECTED, "C1", "@10", "C0", "<\r\nNO CARRIER\r\n", ">ATDT6\r" }, DIALS, "6", "", 10 },
	{ "no carrier came", { CONNECTED, "<\r\nNO CARRIER\r\n", "@1000", ">ATDT6\r" }, DIALS, "6", "", 0 },
	{ "180 s", { ">ATDT5\r", "@180000" }, NONE, "5", "", 0 },
};

static void
check_talk(const struct talk *t, bool carrier)
{
	int whole;
	size_t i;

	for (whole = 0; whole <= 1; whole++) {
		struct play p = { .now = { 1000 }, .whole = whole != 0 };

		callwatch_init(&p.c, carrier);
		for (i = 0; t->script[i] != NULL; i++)
			step(&p, t->script[i]);
		ck_assert_msg((int)callwatch_state(&p.c) == t->state, "%s: state %d", t->name,
		    callwatch_state(&p.c));
		ck_assert_msg(strcmp(callwatch_number(&p.c), t->number) == 0, "%s: number %s",
		    t->name, callwatch_number(&p.c));
		ck_assert_msg(strcmp(callwatch_result(&p.c), t->result) == 0, "%s: result %s",
		    t->name, callwatch_result(&p.c));
		ck_assert_msg(callwatch_talked(&p.c, p.now) == t->talked, "%s: talked %lld",
		    t->name, (long long)callwatch_talked(&p.c, p.now));
	}
}

START_TEST(each_blind)
{
	check_talk(&blind[_i], false);
}
END_TEST

START_TEST(each_trusted)
{
	check_talk(&trusted[_i], true);
}
END_TEST

/* Whoever comes late finds done what was due. */
START_TEST(late)
{
	struct callwatch c;
	msec_t now = { 0 }, later = { 500000 };

	callwatch_init(&c, false);
	ck_assert(msec_is_never(callwatch_due(&c)));
	callwatch_client(&c, (const uint8_t *)"ATDT5\r", 6, now);
	ck_assert_int_eq(callwatch_due(&c).v, DIALLING_AT_MOST);
	callwatch_line(&c, (const uint8_t *)"\r\n", 2, later);
	ck_assert_int_eq(callwatch_state(&c), CALLWATCH_NO_CALL);
	callwatch_line(&c, (const uint8_t *)"CONNECT\r\n", 9, later);
	callwatch_line(&c, (const uint8_t *)"\r\nNO CARRIER\r\n", 14, msec_add(later, 10));
	ck_assert_int_eq(callwatch_due(&c).v, later.v + 10 + CALLWATCH_SILENCE);
	callwatch_line(&c, (const uint8_t *)"x", 1, msec_add(later, 5000));
	ck_assert_int_eq(callwatch_state(&c), CALLWATCH_NO_CALL);
	ck_assert_int_eq(callwatch_talked(&c, msec_add(later, 5000)), 10);
	ck_assert(msec_is_never(callwatch_due(&c)));
}
END_TEST

START_TEST(counts_diallings)
{
	struct callwatch c;
	msec_t now = { 0 };

	callwatch_init(&c, false);
	ck_assert_uint_eq(callwatch_dialled(&c), 0);
	callwatch_client(&c, (const uint8_t *)"ATDT5\r\nATDT6\rA/", 15, now);
	ck_assert_uint_eq(callwatch_dialled(&c), 3);
	callwatch_client(&c, (const uint8_t *)"AT\rATH\r", 7, now);
	ck_assert_uint_eq(callwatch_dialled(&c), 3);
}
END_TEST

static bool
holds(const struct callwatch *c, const char *secret)
{
	return memmem(c, sizeof *c, secret, strlen(secret)) != NULL;
}

/* What is no dial string leaves nothing behind, in no field. */
START_TEST(keeps_no_secrets)
{
	static const char *const lines[] = {
		"AT+CPIN=\"739182\"\r", "+++AT+CPIN=739182\r", "AT+CPIN=739182;DT5\r",
		"ATDT5;+CPIN=739182\r", "ATD**04*1111*739182*739182#;\r", "ATDT*33*739182#\r",
	};
	struct callwatch c;
	msec_t now = { 0 };
	size_t i;

	memset(&c, 0, sizeof c);
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		callwatch_init(&c, false);
		callwatch_client(&c, (const uint8_t *)lines[i], strlen(lines[i]), now);
		callwatch_line(&c, (const uint8_t *)lines[i], strlen(lines[i]), now);
		ck_assert_msg(!holds(&c, "739182"), "%s", lines[i]);
	}
	callwatch_init(&c, false);
	callwatch_client(&c, (const uint8_t *)"ATDT5\r", 6, now);
	callwatch_line(&c, (const uint8_t *)"\r\nCONNECT\r\n", 11, now);
	callwatch_client(&c, (const uint8_t *)"ATDT739182\r", 11, now);
	ck_assert(!holds(&c, "739182"));
	ck_assert(!holds(&c, "7391"));
}
END_TEST

/* Longer than is kept. */
START_TEST(long_result)
{
	char line[300];
	struct callwatch c;
	msec_t now = { 0 };

	memset(line, 'x', sizeof line);
	memcpy(line, "CONNECT ", 8);
	callwatch_init(&c, false);
	callwatch_client(&c, (const uint8_t *)"ATA\r", 4, now);
	callwatch_line(&c, (const uint8_t *)line, sizeof line, now);
	ck_assert_int_eq(callwatch_state(&c), CALLWATCH_NO_CALL);
	callwatch_line(&c, (const uint8_t *)"\r", 1, now);
	ck_assert_int_eq(callwatch_state(&c), CALLWATCH_IN_CALL);
	ck_assert_uint_eq(strlen(callwatch_result(&c)), CALLWATCH_RESULT - 1);
}
END_TEST

#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

int
main(void)
{
	Suite *suite = suite_create("callwatch");
	TCase *tc = tcase_create("callwatch"), *bytes = tcase_create("bytes");

	tcase_add_loop_test(tc, each_blind, 0, COUNT(blind));
	tcase_add_loop_test(tc, each_trusted, 0, COUNT(trusted));
	tcase_add_test(tc, late);
	tcase_add_test(tc, counts_diallings);
	tcase_add_test(tc, long_result);
	suite_add_tcase(suite, tc);
	tcase_add_test(bytes, keeps_no_secrets);
	tcase_set_tags(bytes, "no-valgrind"); /* padding is looked at, too */
	suite_add_tcase(suite, bytes);
	return unit_run(suite);
}
