/*
 * A whole daemon in a played kernel (playkernel.h), with clients and devices, and what must be true of it after
 * each turn: abort() where it is not.
 *
 * Whose bytes they are shows: those that a client sends on purpose are MARK and its number, those of a device
 * MARK_LINE and the number of its owner's turn; all others are never of these.
 */
#ifndef TESTS_SESSIONWORLD_H
#define TESTS_SESSIONWORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/daemon_parts.h"
#include "playkernel.h"
#include "playport.h"

#define WORLD_FIRST_PORT 2001
#define WORLD_PORTS 6
#define WORLD_RAW 2 /* the port where nothing is negotiated */

#define MARK 0x80
#define MARK_LINE (MARK + PLAY_SOCKETS)
#define MARK_END 0xc0

/* Limits of all of its configurations, in ms. */
#define WORLD_CLAIM_TIMEOUT 20000
#define WORLD_SESSION_LIMIT 240000
#define WORLD_QUEUE_WAIT 90000
#define WORLD_DRAIN 2000

extern struct daemon *world; /* NULL between inputs */

/* A daemon by one of the configurations, and no clients yet. */
void world_begin(struct loop *, unsigned conf);
void world_conf(unsigned); /* what a reload brings next */
void world_end(void);

/* A client comes, from 192.0.2.(host), or from loopback with 0; false: there are no more. */
bool world_connect(unsigned port, uint8_t host);

/* How many clients there were; their sockets are PLAY_FD and up. */
size_t world_clients(void);

/* A client sends, a device says, n of their bytes. */
void world_mark(int client, size_t n);
void world_mark_line(struct play_device *, size_t n);

/* These as others than marks. */
void world_unmark(uint8_t *, size_t n);

void world_check(void);
void world_came(int fd, const uint8_t *, size_t n);

/* Nobody has had anything to do with it for longer than all limits. */
void world_check_calm(void);

#endif
