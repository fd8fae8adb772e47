/*
 * The event loop: descriptors, timers, signals, work for the end of a turn or posted by other threads, the clock.
 * libevent is behind this file.  One loop, one thread; only loop_post() may be called from elsewhere.  Objects are freed between two turns: loop_reap().
 *
 * What is LOOP_LATE comes after the rest, one in each turn; and while there is something else to do, all of it
 * together has a share of the time that base/allowance.h bounds.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/heap.h"

struct event;
struct loop;
struct loop_signal;

#define LOOP_SCRATCH 16384
#define LOOP_BUSY 20 /* ms since the last event that was not late: so long there is something else to do */

/* NULL, with errno, when the system refuses. */
struct loop *loop_new(void);
void loop_free(struct loop *);

/* Runs turns until loop_stop(), then returns 0; -1 when the system's poll fails. */
int loop_run(struct loop *);
void loop_stop(struct loop *);

/* The time, read once for each callback. */
msec_t loop_now(const struct loop *);

/* How many callbacks it has made. */
uint64_t loop_turns(const struct loop *);

/* ms since 1970, of the clock on the wall: for records and for people, never for deadlines. */
int64_t loop_wall(void);

/* LOOP_SCRATCH bytes that any callback may use until it returns or calls into another object. */
uint8_t *loop_scratch(struct loop *);

/* ---- descriptors ---- */

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4, /* the other side closed or failed, told also while nothing is wanted */
	LOOP_SELDOM = 8, /* wanted: 180 bytes less for one more system call with each event */
	LOOP_LATE = 16   /* wanted: others come first; not together with SELDOM */
};

typedef void loop_fd_fn(void *ctx, int what);

/* Lies in what watches, or is allocated by loop_fd_new(); read loop and fd freely. */
struct loop_fd {
	struct loop *loop; /* NULL, as in one that is all zero: not watched */
	loop_fd_fn *fn;
	void *ctx;
	struct event *ev;  /* NULL: watched by an epoll of the loop's */
	int fd;
	uint8_t want;
	bool closed_seen;
	bool late;         /* comes late; without an event: in the epoll of those that had to wait */
};

/*
 * Watches fd (non-blocking) for `want` (LOOP_READ | LOOP_WRITE, LOOP_SELDOM, LOOP_LATE); HANGUP is always watched.
 * While READ is not wanted, a hang-up or error comes as LOOP_HANGUP, once for each change; while it is
 * wanted, it shows as READ, and read(2) tells.  Returns 0, or -1 without memory: then it is not watched.
 */
int loop_fd_start(struct loop_fd *, struct loop *, int fd, int want, loop_fd_fn *, void *ctx);

/* Changes what is wanted; costs a system call only if something changes. */
void loop_fd_want(struct loop_fd *, int want);

/* Stops watching, if it does; does not close fd.  May be called from its own callback. */
void loop_fd_stop(struct loop_fd *);
bool loop_fd_watched(const struct loop_fd *);

/* The same with memory of its own; NULL without any.  Freeing stops it; NULL is nothing. */
struct loop_fd *loop_fd_new(struct loop *, int fd, int want, loop_fd_fn *, void *ctx);
void loop_fd_free(struct loop_fd *);

/* ---- timers: one shot ---- */

typedef void loop_fn(void *ctx);

/* As with descriptors: lies in what waits, or is allocated. */
struct loop_timer {
	struct heap_node node;
	struct loop *loop;
	loop_fn *fn;
	void *ctx;
};

void loop_timer_init(struct loop_timer *, struct loop *, loop_fn *, void *ctx);
struct loop_timer *loop_timer_new(struct loop *, loop_fn *, void *ctx);

/* Fires at `due`, not earlier; setting again moves it, MSEC_NEVER stops it: before its memory goes. */
void loop_timer_set(struct loop_timer *, msec_t due);
void loop_timer_free(struct loop_timer *); /* NULL is nothing */

/* ---- signals ---- */

struct loop_signal *loop_signal_new(struct loop *, int signo, loop_fn *, void *ctx);
void loop_signal_free(struct loop_signal *);

/* ---- later ---- */

/* A note that work is done; the poster owns its memory until fn has been called. */
struct loop_note {
	struct loop_note *next;
	loop_fn *fn;
	void *ctx;
};

/* From any thread: fn(ctx) is called in the loop's thread, in the order of posting. */
void loop_post(struct loop *, struct loop_note *);

/* Takes a note back that may be posted: it is not called any more.  Only in the loop's thread. */
void loop_unpost(struct loop *, struct loop_note *);

/*
 * At the end of this turn, before reaping, fn(ctx) is called, once however often it was marked; what is marked
 * meanwhile comes in the same turn, within a bound, else in the next, which then waits for nothing.  So what
 * events have left behind is acted on outside of all of them.  Only in the loop's thread, from anywhere.  All
 * of the note but fn and ctx is zero the first time; unsoon: not called any more, before its memory goes.
 */
void loop_soon(struct loop *, struct loop_note *);
void loop_unsoon(struct loop *, struct loop_note *);

/* At the end of this turn fn(ctx) is called: for freeing what this turn may still touch. The
 * note lies in the object that is freed. */
void loop_reap(struct loop *, struct loop_note *);

#endif
