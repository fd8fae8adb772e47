/*
 * What an event means to a line, in each of its states: one table of all of them (life.c), and what is to be
 * done then.  Pure: no port, clock, arbiter or text of its own; line.c carries out what comes of it, in order.
 *
 * A port operation or a hand-over that goes on is the caller's: life hears how it ended.
 */
#ifndef LINE_LIFE_H
#define LINE_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum life_state {
	LIFE_NEW,        /* not begun. Until: open: the start, or when the line before it is closed */
	LIFE_OUT,        /* closed: no device, or it fails. Until: tried again after `LINE_RETRY`, 1 s, and when its directory changes */
	LIFE_OPENING,    /* Until: `LINE_OPERATION`, 5 s: out of service, `the driver does not answer` */
	LIFE_HANDOVER,   /* Until: `line_handover_bound()`, which `-n` prints with the rest; a modem that left the bus: `LINE_AWAY`, 60 s of it */
	LIFE_FREE,       /* Until: open: a claim, a ring, or the device */
	LIFE_RINGING,    /* Until: `RINGWATCH_HOLD`, 8 s after the last ring; `LINE_RINGS`, 180 s in all, then it is handed over, unless it was in the midst of them */
	LIFE_OWNED,      /* Until: with the claim */
	LIFE_QUARANTINE, /* open: its hand-over failed. Until: tested again after `retest`, doubling to 10 min */
	LIFE_RESTING,    /* host-sharing, free and closed. Until: open: a claim, or another program's lock */
	LIFE_FOREIGN,    /* host-sharing: another program has it. Until: looked at again after `LOOK_AGAIN`, 2 s, and when the lock directory changes */
	LIFE_DISABLED,   /* by the administrator, closed. Until: open: when he enables it */
	LIFE_CLOSING,    /* Until: open: when the driver lets go, which waits for output of which nothing leaves for `TTYCLOSE_WAIT`, 100 ms; nothing is opened before that. Whoever waits is told: where others share it after `LINE_OPERATION`, 5 s, where a modem left the bus after `LINE_AWAY`, 60 s */
	LIFE_HANGUP,     /* the end: DTR falls before it is closed. Until: `LINE_OPERATION`, 5 s */
	LIFE_SHUT        /* closed. Until: for good */
};
#define LIFE_STATES (LIFE_SHUT + 1)

enum life_event {
	/* from the house */
	LIFE_BEGIN, LIFE_DISABLE, LIFE_ENABLE,
	LIFE_TEST,       /* only where life_refuses_test() is NULL */
	LIFE_CHANGED,    /* it goes by another configuration */
	LIFE_END,        /* for good: the server ends, or the line is configured no more */
	/* from the port */
	LIFE_OPENED, LIFE_NOT_OPENED, LIFE_GONE,
	LIFE_STUCK,      /* an operation, or the whole hand-over, takes too long */
	LIFE_CLOSED,
	LIFE_HUNG_UP,    /* HANG_UP has ended, however */
	/* from its hand-over */
	LIFE_PASSED, LIFE_FAILED,
	LIFE_DIFFERS,    /* what is in force is not what is configured, and perhaps cannot be: only opening tells */
	/* from the arbiter */
	LIFE_CLAIM,      /* only in FREE */
	LIFE_RELEASE,    /* whoever had it, or was to have it, has left */
	LIFE_PREPARE,    /* RESTING: somebody waits for it */
	LIFE_UNCLAIMED,  /* host-sharing: it is READY, and nobody waits for it */
	/* from a look at its lock file: RESTING, FOREIGN */
	LIFE_LOCKED, LIFE_UNLOCKED, LIFE_NO_DEVICE,
	LIFE_APPEARED,   /* its directory has changed, while it is closed and awaited */
	LIFE_TIME,       /* the state is due */
	LIFE_RING        /* while FREE or RINGING */
};
#define LIFE_EVENTS (LIFE_RING + 1)

/* What goes with an event; all else is false or NULL. */
struct life_args {
	const char *why;  /* GONE, STUCK, NOT_OPENED, FAILED, LOCKED, NO_DEVICE, END: for a person */
	bool granted;     /* the arbiter has given it away, and the CLAIM is under way */
	bool may_return;  /* GONE: from the midst of a hand-over, which may have sent the modem off the bus */
	bool away_over;   /* NOT_OPENED: a modem that left has been waited for long enough */
	bool in_use;      /* NOT_OPENED: another program has it */
	bool rings;       /* PASSED: it does */
	bool rang_long;   /* RING, TIME, PASSED: since LINE_RINGS or longer */
	bool differs;     /* CHANGED: in what a hand-over does */
};

#define LIFE_BY_ADMINISTRATOR "disabled by the administrator" /* the reason of DISABLED */

enum life_do {
	LIFE_DO_OPEN, LIFE_DO_CLOSE,
	LIFE_DO_HANG_UP,   /* DTR down where it is configured so: then HUNG_UP */
	LIFE_DO_HAND_OVER, /* the whole way, from its begin, by the configuration of now */
	LIFE_DO_PROBE,     /* ... or only a test that nobody has changed it */
	LIFE_DO_GO_ON,     /* ... or where the modem left it */
	LIFE_DO_DROP_RUN,  /* there is no hand-over any more */
	LIFE_DO_TAKE, LIFE_DO_DROP, /* the owner has it; no longer */
	LIFE_DO_CUT,       /* the owner has it no longer, and must be told why */
	LIFE_DO_LOOK,      /* at the lock file; LOCKED, UNLOCKED or NO_DEVICE follows */
	LIFE_DO_LISTEN,    /* for rings */
	/* Told to the house; FOUND to OUT are what the arbiter knows of it. */
	LIFE_DO_FOUND, LIFE_DO_READY, LIFE_DO_UNREADY, LIFE_DO_RESTS, LIFE_DO_OUT,
	LIFE_DO_GONE,      /* it is closed for good */
	LIFE_DO_REASON,    /* why: it is out of service for this */
	LIFE_DO_MEANT,     /* ... as it was asked for: nobody needs to be warned */
	LIFE_DO_IN_ORDER,  /* no reason any more */
	LIFE_DO_TESTED     /* to who waits for a test; why: NULL is in order */
};

#define LIFE_TODO 8

struct life_todo {
	struct {
		enum life_do what;
		const char *why;
	} list[LIFE_TODO];
	size_t n;
};

enum life_after { LIFE_THEN_TRY, LIFE_THEN_REST, LIFE_THEN_OPEN }; /* what follows CLOSING */

/* Read freely. */
struct life {
	enum life_state state : 8;
	enum life_after after : 8;
	bool shared : 1, modem : 1; /* as life_init() was told */
	bool disabled : 1;  /* by the administrator, now or as soon as it can be */
	bool ending : 1;    /* for good, now or when the driver lets go */
	bool preparing : 1; /* somebody waits for it: a probe will do, if nobody has changed it */
	bool probing : 1;   /* HANDOVER is that probe */
	bool away : 1;      /* a modem left the bus in its hand-over, which is kept, and is waited for */
	bool anew : 1;      /* ... and begun again then: others may have changed it, or its rules are others */
	bool touched : 1;   /* others may have changed it since its last hand-over */
	bool tried : 1;     /* FOREIGN: no lock file tells of it, only an attempt to open */
	bool testing : 1;   /* somebody waits for a test */
	bool proven : 1;    /* RINGING: its hand-over passed in the midst of them */
	bool rung_out : 1;  /* HANDOVER: it rang too long, and may ring on */
	bool told_out : 1;  /* what the arbiter was told last is OUT */
	bool told_ready : 1; /* ... is READY, or RESTS */
	uint32_t failures;  /* hand-overs in a row */
};

/* Not begun; shared: host-sharing; modem: a probe tells whether it is in order. */
void life_init(struct life *, bool shared, bool modem);

/* Why no test can begin now, for a person; NULL: it can.  reason: why it is out of service. */
const char *life_refuses_test(const struct life *, bool granted, const char *reason);

/*
 * The event has come: changes the state and says what is to be done (todo need not be initialized).  False: it
 * cannot come in this state; then nothing changes, and it is the caller's fault.
 */
bool life_event(struct life *, enum life_event, const struct life_args *, struct life_todo *);

/* For tests and for the log: "HANDOVER". */
const char *life_state_name(enum life_state);

#endif
