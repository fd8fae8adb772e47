/*
 * A modem that is played, with its faults, and a hand-over that is driven against it; what a port does
 * takes no time unless told to.  For the tests of modem/handover.h.
 */
#ifndef TESTS_MODEMPLAY_H
#define TESTS_MODEMPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modem/handover.h"

#define PLAY_SAID 256   /* outputs that are under way */
#define PLAY_LOG 4096

/* What is wrong with it or what state the last owner left it in; zero is in order and on-hook. */
struct faults {
	bool mute, garbage, flood, chatter, twice, no_echo, numeric, quiet;
	bool stores_quiet;  /* Q1 is in the profile */
	bool ignores_dtr;   /* &D0 */
	bool carrier_on;    /* &C0, cured by &C1 */
	bool strapped;      /* DCD, by the cable */
	bool no_lines;      /* the cable has neither DTR nor DCD, */
	bool no_dcd;        /* ... or DTR alone */
	bool far_rings;     /* the other end of its call says RING, */
	bool far_oks;       /* ... or OK to every line */
	bool no_carrier;    /* ... and the port says so */
	bool falls;         /* carrier has been seen off between two owners */
	bool left_call;     /* a call is up, and it listens to commands */
	bool in_call, no_escape, fax, ok_at_dtr, rings;
	bool own_speed;     /* the first AT is lost, it finds the speed by it */
	const char *ends_by; /* the only command that ends its call; "": none does */
	const char *refuses; /* it has not this command */
	const char *with;    /* how it says so; NULL: ERROR */
	int64_t slow;        /* ms for the answer to ATZ or AT&F; else 20 */
	int64_t late;        /* ms for any answer */
	int64_t dead;        /* ms in which it is mute */
	bool stuck;          /* it takes nothing: CTS is off */
	const char *leaves;  /* the command after which it leaves the bus, or "dtr" */
	int64_t leaves_ms;   /* ... so long after it */
	unsigned n_leaves;   /* ... so often */
};

struct play {
	struct faults f;
	struct handover h;
	msec_t now, start;
	int64_t operation; /* ms that each thing takes but WAIT and SEND */
	bool numeric, echo, quiet, call, data, fax, dtr;
	msec_t carrier_until, silent_since, escape_at, leave_at;
	unsigned returns;
	bool lost; /* it left when it was not expected back; that is the end */
	char line[HANDOVER_SEND_MAX + 8];
	size_t len;
	unsigned plusses, flooded;
	struct {
		msec_t at;
		char text[48];
	} said[PLAY_SAID];
	size_t nsaid;
	char sent[PLAY_LOG];    /* all that was sent to it */
	char actions[PLAY_LOG]; /* a letter each: see play_run() */
	size_t nsent, nactions;
};

/* The defaults of the product. */
extern const struct handover_rules play_rules;

void play_init(struct play *, const struct faults *);

/*
 * Runs to the end (READY or FAILED), which it returns.  Letters: X reset, P purge, B break off, D and
 * U DTR down and up, S settings, I signals, L look, > send, and . where it began to wait.
 */
enum handover_do play_run(struct play *, const struct handover_rules *);
enum handover_do play_probe(struct play *, const struct handover_rules *);

/* ms since the begin; what it was away is no time. */
int64_t play_took(const struct play *);

#endif
