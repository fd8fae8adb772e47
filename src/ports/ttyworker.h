/*
 * What the two halves of a serial port's control share: ttyctl.c, the loop's, and ttyworker.c, the
 * thread's.  Nobody else includes this.
 *
 * One mutex guards everything that both touch; it is never held over a system call of the driver, so
 * the loop never waits.
 */
#ifndef PORTS_TTYWORKER_H
#define PORTS_TTYWORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "ports/ttyctl.h"
#include "ports/ttydev.h"
#include "ports/ttyevents.h"

enum ttylife { TTY_CLOSED, TTY_OPENING, TTY_OPEN, TTY_GONE, TTY_CLOSING };

struct thread; /* ttyctl.c */

struct ttyctl {
	struct loop *loop;
	const struct ttyctl_news *news;
	void *ctx;
	char *path;
	struct loop_timer *retry;
	struct ttydev dev;          /* the worker's */
	struct ttydev_look last;    /* the worker's: what was told or read last */

	pthread_mutex_t lock;       /* of all below */
	pthread_cond_t wake;
	bool running;               /* a thread that is not joined yet */
	struct thread *thread;      /* the loop's */
	enum ttylife life;
	struct rfc2217_format format;
	struct port_state state;    /* last known */
	struct port_op *ops;        /* TTYCTL_OPS in a circle, NULL while there is no worker */
	unsigned first_op, nops;    /* waiting */
	bool busy;                  /* one more is being carried out, and its answer is wanted */
	unsigned answers;           /* done() not delivered yet */
	bool modem, errors, seldom; /* watched, and how closely */
	bool uncounted;             /* the counters in `last` are old */
	int64_t look_at;
	struct ttyevents events;
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
