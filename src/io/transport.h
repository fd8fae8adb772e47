/*
 * A client's byte stream: one accepted TCP socket.  Reads while its owner takes what comes, keeps what
 * was read and not taken, writes from the owner's ring.  Owner: the session.
 */
#ifndef IO_TRANSPORT_H
#define IO_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ring.h"
#include "io/loop.h"

struct transport;

struct transport_news {
	/* Bytes have come; returns how many were taken.  Fewer: no more is read until
	 * transport_resume(), which offers the rest again. */
	size_t (*input)(void *ctx, const uint8_t *, size_t n);
	/* Much has come at a time, and all of it was taken.  true: no more is read until transport_resume(), so that
	 * nothing has to be kept.  NULL: it never is. */
	bool (*enough)(void *ctx);
	/* n bytes from the front of the ring were written; nothing more is asked for. */
	void (*sent)(void *ctx, size_t n);
	/* The peer has closed its sending side; input may still come.  Told when that is seen, and again when
	 * all of the input has been taken (transport_ended). */
	void (*fin)(void *ctx);
	/* Reset or failed: why is for the log.  Told once, never from inside a call down. */
	void (*lost)(void *ctx, const char *why);
};

/* How to send keepalive probes; idle 0: none, whatever was before. */
struct transport_keepalive {
	int idle, interval, probes; /* s, s, count */
};

/* On a listening socket: what it accepts has these options then, without a system call for each client. */
void transport_prepare(int fd, const struct transport_keepalive *);

/*
 * Takes over fd (non-blocking, a TCP socket).  out is the owner's ring of what is to be sent.  Without
 * keepalive (NULL) a prepared socket has accepted it.  NULL without memory, and then fd is closed.
 */
struct transport *transport_new(struct loop *, int fd, struct ring *out,
    const struct transport_keepalive *, const struct transport_news *, void *ctx);

void transport_keepalive(struct transport *, const struct transport_keepalive *);

/*
 * From now on the owner calls transport_flush() at the end of each turn in which something came or was called
 * down: what is wanted of the kernel changes only then, and only then anything is written.
 */
void transport_by_turns(struct transport *);

/*
 * Has its owner something that others wait for?  At first not: then the loop calls the others first, and of what comes
 * so much is read at a time that they never wait for long.
 */
void transport_owns(struct transport *, bool);

/* Looks now whether the peer has closed or reset the connection, and tells that as ever; true: it has. */
bool transport_look(struct transport *);

/* Writes what the ring holds, as far as the kernel takes it; the rest follows by itself. */
void transport_flush(struct transport *);

/* While held nothing is written (the client has suspended us). */
void transport_hold(struct transport *, bool hold);

/* The owner can take input again: what was kept is offered at once, then reading goes on. */
void transport_resume(struct transport *);

/* Input waits for transport_resume(). */
bool transport_paused(const struct transport *);

/* Bytes that have come and were not taken. */
size_t transport_unread(const struct transport *);

/* All that the peer sent before its FIN has been taken. */
bool transport_ended(const struct transport *);

/* Flushes, then shuts down the sending side; later flushes do nothing. */
void transport_shutdown(struct transport *);

/* For sharing/peer.h: bytes the kernel holds unacknowledged, and ms since the last acknowledgement;
 * -1 when the kernel does not tell. */
int transport_unacked(struct transport *, uint64_t *bytes, int64_t *ack_age);

/* ms since anything of the peer came, acknowledgements included; -1 when the kernel does not tell. */
int64_t transport_silence(struct transport *);

/* A client whose fd (as above) gets no transport: tells it these n bytes, and closes it at once. */
void transport_farewell(struct loop *, int fd, const void *, size_t n);

/*
 * Closes the socket; with a reset if `reset` or if anything is unsent, else unread input is
 * dropped first.  Uses the loop's scratch.  Frees at the end of the turn; no
 * news come any more.  NULL is nothing.
 */
void transport_close(struct transport *, bool reset);

#endif
