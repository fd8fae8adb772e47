/*
 * The arbiter played from text, so that a rule and its test can be read side by side.
 *
 * Lines are 1 to 6, services 1 to 3, clients a to z (identities of their own).  A step is one of
 *	rules S [first|round-robin|least-used] [queue] [limit N] [wait MS] [cool-down MS]  (limit 8)
 *	lines S LINES             its lines, as in "lines 1 312"; "-" is none
 *	shared L                  host-sharing; before it is in a service
 *	identity C N
 *	C claims S | C leaves | C cut | C ends | C takes O S (over from its owner; "over" or "not" comes of it)
 *	L found | L ready | L unready | L out | L opens (found, then ready)
 *	at MS                     the time; queue-waits that are over end
 *	due                       shows arbiter_due()
 *	state L                   shows a line's state
 *	users S                   shows arbiter_service_users()
 *	later STEP                what it and the steps before cause is not given out yet
 * and what comes of it is compared, as in "GRANT a 1, HELD b 1, WAIT c 2, BUSY d, START 1".
 */
#ifndef TESTS_ARBITERSCRIPT_H
#define TESTS_ARBITERSCRIPT_H

#define ARBITERSCRIPT_STEPS 48

struct arbiterscript {
	const char *name;
	struct {
		const char *does, *gives;
	} steps[ARBITERSCRIPT_STEPS];
};

/* Fails the test with the name, the step and what came instead. */
void arbiterscript_run(const struct arbiterscript *);

#endif
