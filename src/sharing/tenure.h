/*
 * The clocks of one claim: what counts as activity, when the owner is warned, when it is cut.
 * Pure; product.md's "What is counted" in code.
 */
#ifndef SHARING_TENURE_H
#define SHARING_TENURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "conf/conf.h"

#define TENURE_NO_LIMIT (-1)

enum tenure_call { TENURE_NO_CALL, TENURE_DIALS, TENURE_IN_CALL };
enum tenure_rule { TENURE_IDLE, TENURE_LIMIT };
enum tenure_verdict { TENURE_GO_ON, TENURE_WARN, TENURE_CUT };

/* Fields are tenure.c's. */
struct tenure {
	const struct conf_rules *rules;
	enum tenure_call call;
	bool modem;
	bool call_ended;         /* and the client has sent nothing since */
	bool contended;          /* somebody waits who could have this line */
	msec_t start, ended;     /* of the claim; of the call */
	msec_t client, line;     /* last activity of each side (line: as far as it counts) */
	msec_t dialling_ends;
	msec_t idle_not_before;  /* a change of state leaves the owner the full warning, */
	msec_t idle_at_latest;   /* but carrier that comes and goes does so once: then this cut stands, */
	int64_t latest_limit;    /* of the rule that has this limit, in ms */
	msec_t limit_not_before; /* new rules do, too */
	msec_t contended_not_before; /* and so does whoever begins to wait */
	msec_t warned_idle, warned_limit; /* the cut that was last warned of */
};

/*
 * A claim begins, which counts as the client's activity; modem: calls are known of (else
 * tenure_call() is ignored).  The rules outlive the claim or are replaced; new ones are a change
 * of state.
 */
void tenure_start(struct tenure *, const struct conf_rules *rules, bool modem, msec_t now);
void tenure_rules(struct tenure *, const struct conf_rules *rules, msec_t now);

/* The line took bytes of the client; the line brought bytes. */
void tenure_client_bytes(struct tenure *, msec_t now);
void tenure_line_bytes(struct tenure *, msec_t now);

/*
 * Dialling begins, a call begins or ends.  TENURE_DIALS again begins the DIALLING_AT_MOST ms again
 * (the client dials anew); any other state again is nothing.  A call that ended is one that was
 * IN_CALL.
 *
 * What comes after the end of a call moves the cut only forward until the client sends or dials, or
 * data of the line counts: carrier that comes and goes by itself keeps the line for nobody.
 */
void tenure_call(struct tenure *, enum tenure_call, msec_t now);

/*
 * Whether somebody waits who could have this line (at the start of a claim nobody does); the same
 * again is nothing.  Then `inactivity-contended` counts too, from where the other rule does: it can
 * bring the cut forward, not behind the full warning from now, and never puts it off.  Not while
 * dialling.  tenure_due() may be earlier after it.
 */
void tenure_contended(struct tenure *, bool, msec_t now);

/*
 * What to do now: warn (once for each spell) or cut, *rule by which rule, *left the ms until the
 * cut (both untouched with GO_ON).  A check that comes late cuts.  One verdict at a time: a second
 * one is due at once.  No warning of inactivity where the session limit cuts no later.
 *
 * tenure_due(): when to ask again at the latest if nothing happens.  Activity only moves it later,
 * so a timer may be lazy, but for the client's first byte after a call: it ends after-call, and
 * inactivity may be the shorter one.
 */
enum tenure_verdict tenure_check(struct tenure *, msec_t now, enum tenure_rule *rule,
    int64_t *left);
msec_t tenure_due(const struct tenure *);

/*
 * For the refusal sentence: ms owned, ms since the last counted activity, ms until the cut by
 * session-limit, ms until the cut for inactivity if nothing happens (the hand-over comes on top of
 * both); never negative, but TENURE_NO_LIMIT where there is none.
 */
int64_t tenure_held(const struct tenure *, msec_t now);
int64_t tenure_idle(const struct tenure *, msec_t now);
int64_t tenure_latest(const struct tenure *, msec_t now);
/* The limit of the inactivity rule in force, or TENURE_NO_LIMIT. */
int64_t tenure_idle_limit(const struct tenure *);
int64_t tenure_if_idle(const struct tenure *, msec_t now);

#endif
