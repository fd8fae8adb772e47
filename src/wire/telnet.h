/*
 * The Telnet side of one connection (RFC 854, 855, 856, 858, 1143), pure: bytes in, news out.
 *
 * A scanner of ours stands in front of libtelnet and owns every subnegotiation, of which the library
 * is handed none; the library keeps the negotiation state.  Prefix nvt_ (network virtual terminal)
 * because libtelnet has telnet_.
 */
#ifndef WIRE_TELNET_H
#define WIRE_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where the peer and COM-PORT (option 44) stand.  Refusing one direction leaves an agreement in
 * the other as it is, but WONT 44 after WILL 44 ends both (R21).
 */
enum nvt_comport {
	NVT_UNDECIDED, /* nothing said about option 44 yet */
	NVT_AGREED,    /* WILL 44 or DO 44, or a subnegotiation 44 taken as the offer (R22) */
	NVT_REFUSED    /* WONT 44 or DONT 44, until a later WILL or DO */
};

/* Given at creation, called from nvt_input() and nvt_greet() only. */
struct nvt_news {
	/* Client data, CR NUL undone.  Returns the bytes taken; fewer than n stops the input there. */
	size_t (*data)(void *ctx, const uint8_t *bytes, size_t n);
	/* At most so many bytes would be taken now: no more are un-escaped in vain.  NULL: any number. */
	size_t (*data_room)(void *ctx);
	/* Where client data may be put that goes no further now, and for how many bytes (at least 1): placed() then tells
	 * how many are there, which are taken.  NULL: they go to data(); as where there is no such function. */
	uint8_t *(*place)(void *ctx, size_t *n);
	void (*placed)(void *ctx, size_t n);
	/* One COM-PORT payload (1 to 64 bytes, un-escaped).  false: not now; nvt_input() stops and
	 * offers it again at its next call. */
	bool (*comport)(void *ctx, const uint8_t *payload, size_t n);
	/* IAC BRK, in its place in the data.  false: not now, as above. */
	bool (*brk)(void *ctx);
	/* nvt_comport() has changed; what was to be answered has been sent. */
	void (*option)(void *ctx, enum nvt_comport);
	/* n bytes (at most 18) for the peer, never to be escaped again: one whole answer, or the
	 * greeting.  Room was asked for, but for the greeting. */
	void (*send)(void *ctx, const uint8_t *bytes, size_t n);
	/* Room for answers, in bytes.  While it is under NVT_ANSWER_ROOM nothing that may be
	 * answered is processed: nvt_input() stops before it (R16). */
	size_t (*room)(void *ctx);
};

#define NVT_ANSWER_ROOM 160

struct nvt; /* one owner: the session */

/* Returns NULL without memory.  News go to ctx; both outlive the nvt. */
struct nvt *nvt_new(const struct nvt_news *, void *ctx);

/* Not from inside a callback. */
void nvt_free(struct nvt *);

/* Sends the offers of R23 and R25: DO 0, WILL 0, DO 3, WILL 3, WILL 1, DO 44. */
void nvt_greet(struct nvt *);

/*
 * Processes input; any segmentation gives the same result (R8).  Returns the bytes consumed; fewer
 * than n when a callback took less or the answers lack room: give the rest again later.  n = 0
 * retries what a callback had refused.  Returns a negative number, then and ever after, when the
 * connection must be reset (no memory, or a backstop of the library fired).
 */
long nvt_input(struct nvt *, const uint8_t *bytes, size_t n);

/* Something was refused by a callback and waits inside for the next nvt_input(). */
bool nvt_waiting(const struct nvt *);

enum nvt_comport nvt_comport(const struct nvt *);

/* The peer has sent at least one Telnet command; one that has sent only data is a raw client. */
bool nvt_spoke(const struct nvt *);

/*
 * Subnegotiations so far that were malformed: empty, with a stray IAC pair, or of option 44
 * with no payload or more than 64 bytes.  None was delivered.
 */
unsigned nvt_malformed(const struct nvt *);

/*
 * Encodes data for the peer: 255 doubled; CR NUL where our direction is not BINARY and the
 * peer is not raw (R7, R24).  Writes at most cap bytes to dst, *made how many; returns the
 * bytes of src consumed (all, when cap is at least 2n + 1).  A trailing CR is sent at once, its
 * NUL before the next byte unless that is LF: *cr, false at first, remembers that one is owed.
 */
size_t nvt_encode(const struct nvt *, bool *cr, const uint8_t *src, size_t n, uint8_t *dst,
    size_t cap, size_t *made);

#endif
