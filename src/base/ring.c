/*
 * A bounded ring of bytes, see ring.h.  An empty ring starts again at offset 0, so that most of
 * what passes through lies in one piece.
 */
#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

void
ring_init(struct ring *r, uint32_t cap)
{
	*r = (struct ring){ .cap = cap };
}

void
ring_clear(struct ring *r)
{
	free(r->buf);
	r->buf = NULL;
	r->head = 0;
	r->used = 0;
}

size_t
ring_put(struct ring *r, const void *src, size_t n)
{
	const uint8_t *from = src;
	size_t put = 0, span;
	uint8_t *to;

	while (put < n && (to = ring_reserve(r, &span)) != NULL) {
		if (span > n - put)
			span = n - put;
		memcpy(to, from + put, span);
		ring_commit(r, span);
		put += span;
	}
	return put;
}

uint8_t *
ring_reserve(struct ring *r, size_t *n)
{
	uint32_t tail;

	*n = 0;
	if (r->used == r->cap)
		return NULL;
	if (r->buf == NULL && (r->buf = malloc(r->cap)) == NULL)
		return NULL;
	tail = r->head + r->used;
	if (tail >= r->cap) {
		tail -= r->cap;
		*n = r->head - tail;
	} else {
		*n = r->cap - tail;
	}
	return r->buf + tail;
}

void
ring_commit(struct ring *r, size_t n)
{
	r->used += (uint32_t)n;
	if (r->used == 0)
		ring_clear(r);
}

const uint8_t *
ring_peek(const struct ring *r, size_t *n)
{
	size_t to_end = r->cap - r->head;

	*n = r->used < to_end ? r->used : to_end;
	return r->used == 0 ? NULL : r->buf + r->head;
}

int
ring_iov(const struct ring *r, struct iovec iov[2])
{
	size_t to_end = r->cap - r->head;

	if (r->used == 0)
		return 0;
	iov[0].iov_base = r->buf + r->head;
	if (r->used <= to_end) {
		iov[0].iov_len = r->used;
		return 1;
	}
	iov[0].iov_len = to_end;
	iov[1].iov_base = r->buf;
	iov[1].iov_len = r->used - to_end;
	return 2;
}

void
ring_drop(struct ring *r, size_t n)
{
	r->used -= (uint32_t)n;
	if (r->used == 0) {
		ring_clear(r);
		return;
	}
	r->head += (uint32_t)n;
	if (r->head >= r->cap)
		r->head -= r->cap;
}

void
ring_shorten(struct ring *r, size_t n)
{
	r->used -= (uint32_t)n;
	if (r->used == 0)
		ring_clear(r);
}
