/*
 * What waits to be sent, see outbox.h.
 *
 * Everything is appended whole, pairs and commands, so an empty box always ends outside of any;
 * only a partial send can leave the front inside one.  That is followed as it happens, since a
 * purge cannot tell afterwards a command's bytes from data.
 */
#include "wire/outbox.h"

#include <string.h>

#include "wire/telnet.h"

#define IAC 255
#define SB 250
#define SE 240
#define WILL 251 /* behind this and each up to DONT, 254, comes an option */

#define DATA_MAX (OUTBOX_SIZE - OUTBOX_ANSWERS)

enum at { AT_DATA, AT_IAC, AT_OPTION, AT_SB, AT_SB_IAC };

void
outbox_init(struct outbox *o)
{
	*o = (struct outbox){ .at = AT_DATA };
	ring_init(&o->ring, OUTBOX_SIZE);
}

void
outbox_clear(struct outbox *o)
{
	ring_clear(&o->ring);
	o->at = AT_DATA;
	o->cr = false;
}

/* Encoded bytes of data that fit. */
static size_t
room_for_data(const struct outbox *o)
{
	return o->ring.used < DATA_MAX ? DATA_MAX - o->ring.used : 0;
}

size_t
outbox_data_room(const struct outbox *o)
{
	size_t room = room_for_data(o);

	return room > 0 ? (room - 1) / 2 : 0; /* 1: the NUL that may be owed */
}

size_t
outbox_answer_room(const struct outbox *o)
{
	return ring_room(&o->ring);
}

static size_t
encode(const struct nvt *nvt, bool *cr, const uint8_t *src, size_t n, uint8_t *dst, size_t cap,
    size_t *made)
{
	if (nvt != NULL)
		return nvt_encode(nvt, cr, src, n, dst, cap, made);
	*made = n < cap ? n : cap;
	memcpy(dst, src, *made);
	return *made;
}

/* One byte whose pair may lie across the end of the ring's memory. */
static size_t
encode_one(struct outbox *o, const struct nvt *nvt, const uint8_t *src)
{
	uint8_t most[3]; /* an owed NUL and a doubled 255 */
	size_t room = room_for_data(o), made;
	size_t took = encode(nvt, &o->cr, src, 1, most, room < 3 ? room : 3, &made);

	ring_put(&o->ring, most, made);
	return took;
}

size_t
outbox_encode(struct outbox *o, const struct nvt *nvt, const uint8_t *src, size_t n)
{
	size_t done = 0, took, made, span, room;
	uint8_t *to;

	while (done < n && (room = room_for_data(o)) > 0 &&
	    (to = ring_reserve(&o->ring, &span)) != NULL) {
		took = encode(nvt, &o->cr, src + done, n - done, to, span < room ? span : room,
		    &made);
		ring_commit(&o->ring, made);
		if (took == 0 && (took = encode_one(o, nvt, src + done)) == 0)
			break;
		done += took;
	}
	return done;
}

bool
outbox_command(struct outbox *o, const uint8_t *src, size_t n)
{
	return n <= ring_room(&o->ring) && ring_put(&o->ring, src, n) == n;
}

static enum at
next_at(enum at at, uint8_t byte)
{
	switch (at) {
	case AT_IAC:
		if (byte == SB)
			return AT_SB;
		return byte >= WILL && byte != IAC ? AT_OPTION : AT_DATA;
	case AT_SB:
		return byte == IAC ? AT_SB_IAC : AT_SB;
	case AT_SB_IAC:
		return byte == SE ? AT_DATA : AT_SB;
	case AT_OPTION:
		return AT_DATA;
	default:
		return byte == IAC ? AT_IAC : AT_DATA;
	}
}

static enum at
walk(enum at at, const uint8_t *b, size_t n)
{
	const uint8_t *end = b + n;

	while (b < end) {
		if (at == AT_DATA && (b = memchr(b, IAC, (size_t)(end - b))) == NULL)
			break;
		at = next_at(at, *b++);
	}
	return at;
}

void
outbox_sent(struct outbox *o, size_t n)
{
	const uint8_t *b;
	size_t span;

	if (n == o->ring.used) {
		ring_drop(&o->ring, n);
		o->at = AT_DATA;
		return;
	}
	while (n > 0) {
		b = ring_peek(&o->ring, &span);
		if (span > n)
			span = n;
		o->at = walk(o->at, b, span);
		ring_drop(&o->ring, span);
		n -= span;
	}
}

static uint8_t *
byte_at(const struct iovec iov[2], size_t i)
{
	uint8_t *first = iov[0].iov_base, *second = iov[1].iov_base;

	return i < iov[0].iov_len ? first + i : second + (i - iov[0].iov_len);
}

void
outbox_purge_data(struct outbox *o)
{
	struct iovec iov[2] = { { NULL, 0 }, { NULL, 0 } };
	size_t i, kept = 0, used = o->ring.used;
	enum at at = o->at;

	ring_iov(&o->ring, iov);
	for (i = 0; i < used; i++) {
		uint8_t byte = *byte_at(iov, i);

		if (at == AT_DATA && byte != IAC)
			continue;
		if (at == AT_DATA && *byte_at(iov, i + 1) == IAC) {
			i++; /* a doubled 255 */
			continue;
		}
		*byte_at(iov, kept++) = byte;
		at = next_at(at, byte);
	}
	if (kept == used)
		return;
	o->cr = false; /* the CR itself was dropped, or a byte after it */
	ring_shorten(&o->ring, used - kept);
	if (kept == 0)
		o->at = AT_DATA;
}
