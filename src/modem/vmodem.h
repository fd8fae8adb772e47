/*
 * A Hayes modem without a telephone line, pure: command and data mode, the escape between them,
 * DTR, DCD and RI, dialling, ringing and answering.  Modems in a call with each other point at
 * each other; an echo is a modem in a call with itself.
 *
 * What it has for its terminal waits in `out`; whoever takes it says so with vmodem_taken().  A
 * modem that has something new (bytes, modem lines, a call, a time, room) calls stir(), also in
 * the middle of a call down to it or to its peer: remember it, look later.
 */
#ifndef MODEM_VMODEM_H
#define MODEM_VMODEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/ring.h"
#include "modem/hayes_edit.h"

#define VMODEM_RING 16384    /* most that waits for the terminal */
#define VMODEM_RESERVE 1024  /* of it, kept from the far side's data for answers */
#define VMODEM_SETUP 500     /* ms from the dialling to what comes of it */
#define VMODEM_DEAF 125      /* ms after a command line in which CR LF is one line end (V.250 5.6.1) */
#define VMODEM_RING_ON 2000  /* ms: a burst, */
#define VMODEM_RING_OFF 4000 /* and the silence after it */

/* Where a number leads. */
enum vmodem_to {
	VMODEM_TO_ECHO, VMODEM_TO_MODEM, VMODEM_TO_BUSY, VMODEM_TO_NO_ANSWER, VMODEM_TO_NO_DIALTONE,
	VMODEM_TO_NO_CARRIER
};

struct vmodem;

struct vmodem_ops {
	void (*stir)(void *ctx);
	/* The phone book; for VMODEM_TO_MODEM also *peer, NULL where there is none: nobody
	 * answers. */
	enum vmodem_to (*look_up)(void *ctx, const char *digits, struct vmodem **peer);
};

enum vmodem_phase {
	VMODEM_OFF,      /* without power: rings unheard. Until: with the port */
	VMODEM_ON_HOOK,  /* Until: open: a command, a ring, the owner's claim */
	VMODEM_OFF_HOOK, /* H1, or half a number dialled: busy for callers. Until: open: with the owner's claim */
	VMODEM_DIALLING, /* Until: `VMODEM_SETUP`, 500 ms */
	VMODEM_WAITING,  /* it rings at the far end. Until: S7, from the dialling */
	VMODEM_IN_CALL   /* Until: with the owner's claim, or the other end */
};

/* In the caller's memory; read phase, modem, deltas and out. */
struct vmodem {
	const struct vmodem_ops *ops;
	void *ctx;
	enum vmodem_phase phase;
	struct ring out;        /* for the terminal */
	uint8_t modem, deltas;  /* state bits now; delta bits since they were last set to 0 */
	struct hayes at, stored[HAYES_PROFILES];
	struct hayes_editor line;
	char digits[HAYES_DIGITS + 1]; /* also what was dialled with ";" so far, off hook */
	char last_number[HAYES_DIGITS + 1]; /* of the last call since it was reset, for ATDL; "": none */
	bool dtr;
	bool online;            /* in a call: bytes are data, not commands */
	bool starved;           /* vmodem_input() took less than it was given */
	bool pressed;           /* ... the last time: what its terminal has waits, so that nothing coming is no silence */
	bool tail;              /* nothing was typed since the last command line, */
	msec_t ended;           /* which ended then */
	bool ringing;           /* in a burst */
	unsigned rings;
	uint32_t rate;
	struct vmodem *peer;    /* in a call; waiting: where it rings, or NULL */
	struct vmodem *caller;  /* who rings here */
	enum result result;     /* the last one, also one that was not told (Q) */
	msec_t dialled, deadline, edge; /* of set-up or S7; of the next ring or its end */
	unsigned escapes;       /* how many escape characters after a guard time */
	msec_t last;            /* when data last came from the terminal */
	msec_t fall;            /* DTR is off, and counts from then on (S25) */
};

/* Without power, with factory settings. */
void vmodem_init(struct vmodem *, const struct vmodem_ops *, void *ctx);

/*
 * Power on: on hook, factory settings, DTR up.  Off: the call ends, all that waits is dropped
 * and the memory given back; nothing refers to this modem any more.
 */
void vmodem_power(struct vmodem *, bool on);

/*
 * Bytes from the terminal; returns how many were taken.  Fewer than n: there is no room now, and
 * vmodem_writable() tells after a later stir().
 */
size_t vmodem_input(struct vmodem *, const uint8_t *, size_t n, msec_t now);

/* How many bytes would be taken now, at least; 0: none. */
size_t vmodem_room(const struct vmodem *);

/* Was the terminal refused bytes for which there is room now?  Tells it once. */
bool vmodem_writable(struct vmodem *);

/* The n oldest bytes of `out` are with the terminal. */
void vmodem_taken(struct vmodem *, size_t n);

/* Drops what waits for the terminal.  (Nothing ever waits the other way.) */
void vmodem_purge(struct vmodem *);

/* DTR as the terminal drives it; once it was off for S25 (0: at once) that does what &D says. */
void vmodem_dtr(struct vmodem *, bool on, msec_t now);

/* The terminal's speed in bit/s, for CONNECT. */
void vmodem_rate(struct vmodem *, uint32_t);

/* Ends the call and restores &F, for the stored profiles too, without a word. */
void vmodem_reset(struct vmodem *);

/* When vmodem_tick() has something to do; never while on hook or in a call where nobody escapes. */
msec_t vmodem_due(const struct vmodem *);
void vmodem_tick(struct vmodem *, msec_t now);

#endif
