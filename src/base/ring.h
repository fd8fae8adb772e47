/*
 * A bounded ring of bytes whose memory exists only while bytes wait in it.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Read `cap` and `used` freely; write nothing. */
struct ring {
	uint8_t *buf;  /* NULL while empty */
	uint32_t cap;  /* most bytes it will ever hold */
	uint32_t head; /* where the oldest byte is */
	uint32_t used;
};

/* Makes an empty ring of at most cap (1 to 1 MiB) bytes; allocates nothing. */
void ring_init(struct ring *, uint32_t cap);

/* Drops everything and gives the memory back; the ring stays usable. */
void ring_clear(struct ring *);

/* Free room in bytes. */
static inline size_t
ring_room(const struct ring *r)
{
	return r->cap - r->used;
}

/*
 * Appends as much of src as there is room for.  Returns the bytes taken: less than n when
 * full, 0 also when memory for the ring could not be had.
 */
size_t ring_put(struct ring *, const void *src, size_t n);

/*
 * A span of free room to write into, *n its size (0 when full or without memory, and then
 * NULL is returned).  Room that wraps comes in two spans: commit the first, ask again.
 * ring_commit() makes the first n bytes of that span part of the ring; it follows each
 * successful reserve, with 0 too, so that an empty ring keeps no memory.
 */
uint8_t *ring_reserve(struct ring *, size_t *n);
void ring_commit(struct ring *, size_t n);

/* The oldest bytes that lie in one piece, *n their number; NULL and 0 when empty. */
const uint8_t *ring_peek(const struct ring *, size_t *n);

/* Everything, as one or two pieces; returns how many (0 to 2) for writev(2). */
int ring_iov(const struct ring *, struct iovec iov[2]);

/* Removes the n oldest bytes (n at most used); an empty ring gives its memory back. */
void ring_drop(struct ring *, size_t n);

/* Removes the n newest bytes, likewise. */
void ring_shorten(struct ring *, size_t n);

#endif
