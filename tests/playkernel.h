/*
 * A kernel that is played, for the real event loop with real transports in it: the clock, libevent's readiness, and
 * sockets whose other ends are the test's, all in memory.  Linked with PLAYKERNEL_WRAPS of Makefile.am.
 *
 * Time stands still while anything is to be done.
 */
#ifndef TESTS_PLAYKERNEL_H
#define TESTS_PLAYKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ring.h"

/* In every build, and says what was not so. */
#define must(what) ((what) ? (void)0 : play_die(#what, __FILE__, __LINE__))
_Noreturn void play_die(const char *what, const char *file, int line);

#define PLAY_FD 1000000    /* the first of the descriptors, which the real kernel does not have */
#define PLAY_SOCKETS 40
#define PLAY_INBOX 98304   /* bytes that wait to be read */
#define PLAY_WINDOW (1 << 30)

/* One connection, by its other end, the client's.  Read all, set window and silent. */
struct play_socket {
	struct ring inbox;  /* it has sent these, and they are not read */
	size_t window;      /* it will take so many bytes */
	size_t unacked;     /* of those that it was sent */
	bool silent;        /* it acknowledges nothing */
	bool fin, reset;    /* its own */
	bool shut, closed;  /* by the program */
	bool error_told;
	int64_t heard;
	uint64_t news;      /* how often something has happened to it, for edge-triggered events */
};

struct play_ops {
	/* A turn of the loop has ended, and all that came of it. */
	void (*ended)(void);
	/* There is nothing to be done now: something happens, or play_pass(), or the loop is stopped. */
	void (*idle)(void);
	/* The client of this socket was sent these. */
	void (*came)(int fd, const uint8_t *, size_t n);
};

/* From here to play_end() all is played, by these. */
void play_begin(const struct play_ops *);
void play_end(void);

/* ms */
int64_t play_now(void);
void play_pass(int64_t ms);
int64_t play_until_due(void); /* until a timer is due, or -1 */

/* A connected socket, or -1: there are no more. */
int play_connect(void);
struct play_socket *play_socket(int fd);
void play_send(int fd, const uint8_t *, size_t n); /* what has no room is lost */
void play_fin(int fd);
void play_reset(int fd);
void play_take(int fd, size_t window);
void play_silence(int fd, bool on);

#endif
