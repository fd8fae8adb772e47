/*
 * Who has asked for a reload, and reads how it went.
 */
#ifndef DAEMON_RELOADING_H
#define DAEMON_RELOADING_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/confread.h"

#define RELOADING_CALLS 32

struct control_call;

enum reloading_state {
	RELOADING_NOT,  /* Until: open: it is asked for */
	RELOADING_READS /* a process of its own reads the file. Until: `CONFREAD_AT_MOST`, 5 s */
};

/* All zero at first. */
struct reloading {
	struct confread *reader; /* since the first reload */
	enum reloading_state state;
	bool again; /* it was asked for since the reading began */
	struct control_call *asked[RELOADING_CALLS], *next[RELOADING_CALLS]; /* who reads the answer; who that after it */
	size_t n_asked, n_next;
};

/* One more reading is wanted; call: who asks, or NULL.  False: too many wait already, which it was told. */
bool reloading_ask(struct reloading *, struct control_call *);

/* Those who wait are those whom the next answer is for. */
void reloading_turn(struct reloading *);

/* It is done, and text is NULL or tells more, */
void reloading_done(struct reloading *, const char *text);

/* or it is refused, which is logged. */
void reloading_refuse(struct reloading *, const char *why);

/* What is under way is given up, and told so; and what is asked later: before the control socket is closed. */
void reloading_end(struct reloading *);

#endif
