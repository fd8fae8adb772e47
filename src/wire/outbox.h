/*
 * What waits to be sent to one client: encoded data and Telnet commands in one bounded ring.
 * Data may fill only part of it, so that answers always find room (R16).  Pure.
 */
#ifndef WIRE_OUTBOX_H
#define WIRE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ring.h"

#define OUTBOX_SIZE 32768       /* bytes in all */
#define OUTBOX_ANSWERS 4096     /* of which only commands and answers may take */

struct nvt; /* wire/telnet.h */

/* Send from `ring`, then say so with outbox_sent(); write nothing. */
struct outbox {
	struct ring ring;
	uint8_t at; /* where in a command the ring's first byte stands */
	bool cr;    /* a NUL is owed to the CR that was the last data (R24) */
};

void outbox_init(struct outbox *);
void outbox_clear(struct outbox *);

/* Un-encoded data bytes that surely fit now (half of the room for data: each may become two). */
size_t outbox_data_room(const struct outbox *);

/* Room for commands and answers. */
size_t outbox_answer_room(const struct outbox *);

/*
 * The one way in for data: encoded as the nvt says (nvt_encode), or as it is where there is no
 * nvt (NULL).  Returns the bytes of src taken: all when n is at most outbox_data_room(), but 0
 * without memory.
 */
size_t outbox_encode(struct outbox *, const struct nvt *, const uint8_t *src, size_t n);

/* Appends whole, already encoded commands; false (and nothing appended) without room or memory. */
bool outbox_command(struct outbox *, const uint8_t *src, size_t n);

/* n bytes from the front have been sent. */
void outbox_sent(struct outbox *, size_t n);

/*
 * Drops all data and keeps every command, also the rest of a command or of a doubled 255 that
 * is partly sent (PURGE-DATA 1, R67).  Not for what was encoded without an nvt.
 */
void outbox_purge_data(struct outbox *);

#endif
