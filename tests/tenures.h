/*
 * What the tests of the clocks of a claim share: scripts of events and verdicts.
 */
#ifndef TESTS_TENURES_H
#define TESTS_TENURES_H

#include "base/dialling.h"
#include "sharing/tenure.h"

#define DIAL DIALLING_AT_MOST

/* The rules of every script but for what it says; times are small. */
extern const struct conf_rules tenures_standard;

enum op {
	END, CLIENT, LINE, DIALS, CALL, NO_CALL, RULES, /* RULES: the script's other ones */
	WAITER, NO_WAITER,
	NOTHING, WARN_IDLE, WARN_LIMIT, CUT_IDLE, CUT_LIMIT
};

struct step {
	int64_t at; /* ms from the start of the claim */
	enum op op;
	int64_t left; /* WARN: ms until the cut */
};

struct script {
	const char *name;
	bool console;
	/* What differs from tenures_standard; -1: 0 (off). */
	int64_t inactivity, in_call, contended, after_call, session, warning;
	int activity; /* 1 + the enum */
	int64_t new_inactivity, new_session;
	struct step steps[16];
};

#define ACTIVITY(x) .activity = 1 + CONF_ACTIVITY_##x

/* A whole claim; aborts the test at the first verdict that is another one. */
void tenures_run(const struct script *);

/* Nothing is due before tenure_due(), and something is then. */
void tenures_check_due(const struct tenure *, msec_t now, const char *name);

/* ms after the start of a script's claim. */
msec_t tenures_at(int64_t ms);

/* 0 to n - 1, from a seed that goes on. */
uint32_t tenures_random(uint32_t *seed, uint32_t n);

#endif
