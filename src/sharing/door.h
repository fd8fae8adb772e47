/*
 * One client before, beside and at the end of a claim: when it claims, what it is told, when it is
 * closed. Pure.  Feed it what happens; it appends what to do to a list.
 */
#ifndef SHARING_DOOR_H
#define SHARING_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "conf/conf.h"

#define DOOR_SETTLED 1000    /* ms after the last setting a refused client is told */
#define DOOR_AT_LATEST 3000  /* ms after its claim */
#define DOOR_LINGER 1000     /* ms from the text to shutting down, and from there to closing */
/* ms after its claim a held client is told that it waits; a queued one that has not said who it is */
#define DOOR_HELD_QUIETLY 2000

enum door_event {
	DOOR_COMPORT,  /* agreed to option 44 */
	DOOR_WONT,     /* refused it: a Telnet client */
	DOOR_DATA,     /* a data byte came (told for each read; also while refused) */
	DOOR_SETTING,  /* a break, or a command that sets or purges, came */
	DOOR_GRANTED,  /* answers to DO_CLAIM, or later while held */
	DOOR_HELD,     /* for a hand-over (also: its place changed) */
	DOOR_QUEUED,   /* behind an owner (also: its place changed) */
	DOOR_REFUSED,
	DOOR_CUT,      /* we end it, or the daemon ends; told why elsewhere */
	DOOR_YIELD,    /* its place is somebody else's: it has claimed nothing */
	DOOR_FIN,      /* the client has closed its sending side */
	DOOR_DRAINED,  /* after FIN: what it sent has reached the line */
	DOOR_LOST,     /* reset, dead or stalled: nothing can be told any more */
	DOOR_TIME      /* door_due() has come */
};

enum door_do {
	DOOR_DO_CLAIM,     /* ask the arbiter */
	DOOR_DO_STATUS,    /* one line to a Telnet client: free, or who has it */
	DOOR_DO_TIMEOUT,   /* the claim-timeout's sentence (Telnet client) */
	DOOR_DO_YIELD,     /* the sentence of one that makes room (Telnet client) */
	DOOR_DO_WAITING,   /* it is held or queued: place (SIGNATURE or sentence) */
	DOOR_DO_READY,     /* it was told that it waits, and has the line now */
	DOOR_DO_SIGN,      /* the SIGNATURE of a refusal or cut (COM-PORT client) */
	DOOR_DO_TEXT,      /* the data of a refusal or cut */
	DOOR_DO_DRAIN,     /* FIN: hand on what it sent, then say DOOR_DRAINED */
	DOOR_DO_RELEASE,   /* it has the line, or a place, no longer */
	DOOR_DO_SHUTDOWN,  /* flush, then shut down the sending side */
	DOOR_DO_CLOSE,     /* close; what is unsent goes with a reset */
	DOOR_DO_RESET      /* close with a reset at once */
};

enum door_state {
	DOOR_OPEN,     /* Until: `claim-timeout`; a tenth of it, or sooner, while all places are taken */
	DOOR_WAITS,    /* Until: as the claim's; told after `DOOR_HELD_QUIETLY`, 2 s */
	DOOR_OWNS,     /* Until: as the claim's */
	DOOR_DRAINS,   /* the line is let go when its last data is sent. Until: `drain` */
	DOOR_REFUSING, /* Until: `DOOR_SETTLED`, 1 s after its last setting, and `DOOR_AT_LATEST`, 3 s after
	                * its claim */
	DOOR_TOLD,     /* the text is sent, and it may read. Until: `DOOR_LINGER`, 1 s */
	DOOR_SHUT,     /* our side is closed. Until: `DOOR_LINGER`, 1 s */
	DOOR_CLOSED    /* Until: with the turn of the loop */
};

enum door_class { DOOR_UNKNOWN, DOOR_RAW, DOOR_TELNET, DOOR_COM };

struct door_todo {
	enum door_do list[8];
	size_t n;
};

/* Fields are door.c's; state and class may be read. */
struct door {
	enum door_state state;
	enum door_class class;
	const struct conf_rules *rules;
	bool linger : 1;   /* may be kept for the text */
	bool held : 1;     /* WAITS: was told to us; told_waiting: and to the client */
	bool queued : 1;   /* for an owner to leave */
	bool told_waiting : 1, told_status : 1;
	bool sent_data : 1, fin : 1;
	bool hurried : 1;  /* see door_hurry() */
	msec_t since;      /* this state began */
	msec_t claimed;
	msec_t setting;    /* the last one; never: none yet */
};

/* A client has connected; may append DO_CLAIM (claim = connect).  The rules outlive the door,
 * or are replaced. */
void door_init(struct door *, const struct conf_rules *, msec_t now, struct door_todo *);
void door_rules(struct door *, const struct conf_rules *);

/* While all places are taken claim-timeout is a DOOR_HURRY-th; and what it is now, in ms (0: there is none). */
#define DOOR_HURRY 10
void door_hurry(struct door *, bool);
int64_t door_claim_timeout(const struct door *);

/*
 * linger (looked at for REFUSED and CUT only): this client may be kept for the text; else it gets
 * the text and the close at once.  Events that mean nothing in a state do nothing; a TIME that
 * comes early neither.  At most 5 actions for one event; with say-why = false none of STATUS,
 * TIMEOUT, YIELD, WAITING, READY, SIGN and TEXT.  DO_RELEASE comes once for each DO_CLAIM that was not
 * REFUSED.
 */
void door_input(struct door *, enum door_event, bool linger, msec_t now, struct door_todo *);

/* When DOOR_TIME must be fed; never if not. */
msec_t door_due(const struct door *);

#endif
