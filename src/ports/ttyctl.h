/*
 * The worker of one serial port: a thread that does whatever may sleep in the driver, started when
 * there is something to do and ended when nothing is pending and nothing is watched.
 *
 * All functions are the loop's and never wait for the driver; news come in the loop, in the order
 * in which things happened, never from inside a call.
 */
#ifndef PORTS_TTYCTL_H
#define PORTS_TTYCTL_H

#include <sys/queue.h>

#include "io/loop.h"
#include "ports/port.h"

#define TTYCTL_OPS 12 /* operations pending at most: 2 questions, 2 of a grant, 5 of a hand-over, and more */

struct ttyctl;

struct ttyctl_news {
	/* fd is non-blocking and stays the worker's to close; -1 with a reason. */
	void (*opened)(struct ttyctl *, int fd, const char *reason, const struct port_state *);
	/* Before done() of a PORT_REOPEN that has not failed; else fails() follows that. */
	void (*reopened)(struct ttyctl *, int fd);
	void (*done)(struct ttyctl *, const char *failed, const struct port_state *);
	void (*purged)(struct ttyctl *);
	/* Its queues cannot be purged, its lines not be read any more, or HUPCL not be set: ttyctl_gone() is
	 * expected. */
	void (*fails)(struct ttyctl *, const char *reason);
	void (*modem)(struct ttyctl *, uint8_t state, uint8_t deltas);
	void (*errors)(struct ttyctl *, uint8_t line_state_bits);
	void (*gone)(struct ttyctl *, const char *reason); /* as told by ttyctl_gone() */
	void (*closed)(struct ttyctl *);
	/* The worker has ended: nothing has been asked for a while. */
	void (*rests)(struct ttyctl *);
};

/* What all of them share, in the caller's memory, which outlives them; loop, lock_dir (NULL or "": no lock
 * files) and news outlive it. */
struct ttyhouse {
	struct loop *loop;
	const char *lock_dir;
	const struct ttyctl_news *news;
	struct loop_timer later;
	bool armed;
	STAILQ_HEAD(, ttyctl) waiting;
};

void ttyhouse_init(struct ttyhouse *, struct loop *, const char *lock_dir, const struct ttyctl_news *);
void ttyhouse_done(struct ttyhouse *);

/* One that is closed, in the caller's memory (ttyworker.h); path outlives it. */
void ttyctl_init(struct ttyctl *, struct ttyhouse *, const char *path, bool hupcl);

/* Only after closed(), or when it was never opened, or could not be. */
void ttyctl_done(struct ttyctl *);

/* Opens, only when closed; opened() follows. */
void ttyctl_open(struct ttyctl *, const struct rfc2217_format *);

/* Is there a worker?  Then rests() follows, or closed(). */
bool ttyctl_works(const struct ttyctl *);

/* Did libserialport open it?  Valid from opened() on. */
bool ttyctl_by_library(const struct ttyctl *);

/* Could it not be opened because somebody else has it?  Valid after opened() has said no. */
bool ttyctl_busy(const struct ttyctl *);

/* errno: why there is no lock file, or 0.  Valid from opened() on. */
int ttyctl_unlocked(const struct ttyctl *);

/* errno: why its lock file was not removed, or 0.  Valid from closed(), or opened() that said no, on. */
int ttyctl_left(const struct ttyctl *);

/* As port_submit(): refused also when TTYCTL_OPS are pending. */
enum port_result ttyctl_submit(struct ttyctl *, const struct port_op *, struct port_state *, const char **why);

/* Another hupcl than it was initialized with. */
void ttyctl_hupcl(struct ttyctl *, bool hupcl);

/* Is a purge of these queues (enum rfc2217_purge) still to be carried out?  Costs no system call. */
bool ttyctl_purging(struct ttyctl *, uint8_t which);

/* The device fails: what is pending is answered as failed, then gone(reason); reason is static. */
void ttyctl_gone(struct ttyctl *, const char *reason);

/* Cuts short what can be, drops what waits, and closes; closed() follows and nothing else. */
void ttyctl_close(struct ttyctl *);

#endif
