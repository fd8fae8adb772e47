/*
 * From one owner to the next, with proof: the steps that bring a line back, pure.  A console and
 * a virtual modem get no byte; a modem is hung up, set up and tested in a dialogue, and again from
 * the begin where that fails.
 *
 * The caller carries out one thing at a time and says so with handover_next(); meanwhile it gives
 * all that the line says to handover_data().  What a port does takes time that is not bounded here.
 */
#ifndef MODEM_HANDOVER_H
#define MODEM_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "modem/chat.h"
#include "modem/ringwatch.h"

#define HANDOVER_INIT_MAX 16  /* init commands, and ways to hang up */
#define HANDOVER_SEND_MAX 128 /* bytes of a command, its CR included; a longer one fails unsent */
#define HANDOVER_FAILURE 81   /* room for handover_failure() */

/* ms */
#define HANDOVER_PAUSE INT64_C(100) /* after each answer, what is said is dropped: some answer twice */
#define HANDOVER_POLL INT64_C(100)  /* between two looks at DCD while it must fall */
#define HANDOVER_TEST INT64_C(2000) /* the longest for an answer to the AT of the test, */
#define HANDOVER_WAKE INT64_C(1000) /* ... and to what wakes a silent modem */
#define HANDOVER_RETEST_MAX (600 * INT64_C(1000))

enum handover_do {
	HANDOVER_RESET,    /* a virtual modem: end its call, &F */
	HANDOVER_EMPTY,    /* drop the queues of both directions, and what a driver keeps over that */
	HANDOVER_PURGE,    /* drop the queues of both directions */
	HANDOVER_BREAK_OFF,
	HANDOVER_DTR_DOWN,
	HANDOVER_DTR_UP,   /* DTR and RTS on, for a dialogue */
	HANDOVER_SETTINGS, /* the configured speed, format and flow control */
	HANDOVER_SIGNALS,  /* RTS on, DTR as dtr_when_free says */
	HANDOVER_LOOK,     /* read everything back: is carrier off? */
	HANDOVER_SEND,     /* handover_bytes(); done when the port took all of them */
	HANDOVER_WAIT,     /* nothing to carry out: until handover_due(), data or carrier */
	HANDOVER_READY,    /* the end: the line is clean */
	HANDOVER_FAILED    /* the end: handover_failure() says why */
};

/* Outlives the hand-over, and so do the texts.  Durations in ms. */
struct handover_rules {
	bool modem;    /* false: never a byte, as a virtual modem */
	bool dialogue; /* false for a virtual modem: RESET does it, there is nothing to prove */
	bool no_carrier; /* the port tells of no modem lines: the bound is the same */
	bool carrier_falls; /* it has been seen off between two owners: while it is on a call is up, whatever answers */
	int64_t hangup_time; /* 0: DTR is not pulsed */
	int64_t carrier_timeout, guard_time, settle_time, init_timeout, init_pause;
	const char *const *hangup; /* "dtr", "escape", or an AT command without its CR */
	size_t n_hangup;
	const char *const *init;
	size_t n_init;
	unsigned attempts; /* 0 is 1 */
	bool dtr_when_free;
};

/* All but the two public fields is the module's. */
struct handover {
	bool carrier_off;      /* at READY: DCD can be trusted for telling calls */
	struct ringwatch ring; /* with RI, and while free, fed by the caller */
	struct ringwatch heard; /* RING that may be the other end of a call that is still up */
	const struct handover_rules *rules;
	struct chat chat;
	msec_t due, until;
	size_t way, command;
	unsigned attempt, tests;
	uint8_t returns; /* how often it has left the bus */
	uint8_t resumed, again; /* the command it went on with then; 1 + the one that was sent again */
	uint8_t step, purpose, answer, n;
	bool probe, carrier, escaped, told_hangup, answered, woken, in_command_mode;
	char bytes[HANDOVER_SEND_MAX];
	char failure[HANDOVER_FAILURE];
};

/* Begins; returns the first thing to do.  Rings before it are forgotten. */
enum handover_do handover_start(struct handover *, const struct handover_rules *, msec_t now);

/*
 * At the grant of a modem that others on this host use, just opened: AT until it answers OK, for
 * at most settle_time.  FAILED: it needs a whole hand-over.  Without a dialogue it is one.
 */
enum handover_do handover_probe(struct handover *, const struct handover_rules *, msec_t now);

/*
 * The thing that was to be done is done (for WAIT: the time has come, else it is WAIT again);
 * carrier is DCD then, looked at after LOOK only.  Returns the next one; after READY or FAILED it
 * is that for ever.  A step that a driver refuses counts as done: what cannot be set was not set.
 */
enum handover_do handover_next(struct handover *, bool carrier, msec_t now);

/*
 * The line said something, at any time; RING counts once the call is known to be over.  Returns what is to
 * be carried out now, WAIT for nothing new: while a thing is being done it stays that thing.  After WAIT
 * handover_due() may be another.
 */
enum handover_do handover_data(struct handover *, const uint8_t *, size_t n, msec_t now);

/*
 * Some modems leave the bus as they are reset.  May this one be expected back?  When it is open again:
 * what is left is carried out.  The command after which it left is not sent again, unless one before it,
 * which it had answered, may have been the cause.
 */
bool handover_may_leave(const struct handover *);
enum handover_do handover_returned(struct handover *, msec_t now);

/* SEND must be done within so many ms, which its answer might take; else the attempt has failed. */
int64_t handover_patience(const struct handover *);
enum handover_do handover_not_taken(struct handover *, msec_t now);

/* Only while waiting; never else. */
msec_t handover_due(const struct handover *);

/* For SEND, until the next call; may hold a PIN. */
const uint8_t *handover_bytes(const struct handover *, size_t *n);

/* After FAILED: a phrase such as "no answer to AT&F", printable, without a PIN; else "". */
const char *handover_failure(const struct handover *);

/* ms, the worst of each step times attempts; what the port does excluded. */
int64_t handover_longest(const struct handover_rules *);

/* ms until a modem that failed so often in a row (1..) is tested again: doubles to 10 min or first. */
int64_t handover_retest(int64_t first, unsigned failures);

#endif
