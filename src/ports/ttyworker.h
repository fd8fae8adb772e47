/*
 * What the two halves of a serial port's control share: ttyctl.c, the loop's, and ttyworker.c, the
 * thread's; and serial.c, as it lies in a port.
 *
 * While there is a worker its mutex guards everything that both touch; it is never held over a system call
 * of the driver, so the loop never waits.  Without one all of it is the loop's.
 */
#ifndef PORTS_TTYWORKER_H
#define PORTS_TTYWORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "ports/ttyctl.h"
#include "ports/ttydev.h"
#include "ports/ttyevents.h"

enum ttylife {
	TTY_CLOSED,  /* Until: with the line's */
	TTY_OPENING, /* Until: as the line's */
	TTY_OPEN,    /* Until: each operation: `LINE_OPERATION`, 5 s and what it may drain; then it counts as
	              * hanging */
	TTY_GONE,    /* Until: the line closes it in the same turn */
	TTY_CLOSING  /* Until: open: as the line's */
};

/*
 * A worker's thread, at the low end of its stack, with what only a port with a worker needs.  The memory is
 * ours because the C library would keep it for threads to come: 12 KiB for each line that was ever opened at
 * the same time as others.
 */
struct thread {
	pthread_t id;
	struct ttyctl *ctl;         /* NULL: it has joined the thread already */
	struct loop *loop;
	struct loop_note ended;
	struct loop_note soon;      /* wakes it */
	size_t mapped;
	pthread_mutex_t lock;       /* of all below, and of the rest of ttyctl */
	pthread_cond_t wake;
	struct port_op ops[TTYCTL_OPS]; /* in a circle */
	unsigned first_op;
	struct ttyevents events;
	struct ttydev_look last;    /* the worker's: what was told or read last */
	int64_t look_at;
	int64_t blind_since;        /* looks have failed since then; 0: the last one has not */
	bool purged;                /* the worker's: output, since it has begun to drain */
	bool uncounted;             /* the counters in `last` are old */
};

struct ttyctl {
	struct ttyhouse *house;
	const char *path;
	struct thread *thread;      /* NULL: no worker.  The loop's, as all up to `dev` */
	STAILQ_ENTRY(ttyctl) entry;  /* of those that wait to try again to start one, or to tell `gone` */
	const char *gone;           /* the device fails, while there is no worker to tell it in order */
	struct ttydev dev;          /* the worker's */
	struct port_state state;    /* last known; while OPENING its format is the one to set */
	enum ttylife life : 8;
	bool waits;                 /* has an entry; the loop's */
	uint8_t nops;               /* waiting */
	uint8_t answers;            /* done() not delivered yet */
	uint8_t told;               /* the modem lines in `last`, while there is no worker */
	bool running;               /* the thread is not joined yet */
	bool busy;                  /* one more is being carried out, and its answer is wanted */
	bool modem : 1, errors : 1, seldom : 1; /* watched, and how closely; with the lock held */
	bool hupcl;                 /* wanted; dev.hupcl is in force */
	atomic_uchar purge, purging; /* asked for, and in progress; read without the lock too */
};

/* What the thread does, until ttyworker_wanted() has been false for a little while. */
void ttyworker(struct ttyctl *);

/* All that follow are called with the lock held. */
bool ttyworker_wanted(const struct ttyctl *);
bool ttyworker_watches(const struct ttyctl *);
void ttyworker_event(struct ttyctl *, enum ttyevent_kind, const char *reason);
void ttyworker_done(struct ttyctl *, const char *failed);

#endif
