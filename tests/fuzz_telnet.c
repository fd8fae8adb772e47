/*
 * Fuzz target: the Telnet side, in chunks and before callbacks that refuse at random.
 *
 * The first byte seeds the chunks and refusals and tells whether we greet; the rest is the stream.
 * What comes out, in order, must be what a plain automaton of one byte at a time says, never more
 * answers than requests, and no answer without room.
 */
#include "wire/telnet.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX 16384
#define SB_MAX 64

enum { DATA, BREAK, SB, AGREED, REFUSED };

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What came out, as bytes: a kind, and for DATA the byte, for SB its length and payload. */
struct record {
	uint8_t bytes[RECORD_MAX];
	size_t n;
};

static struct record got, want;
static unsigned sends, requests;
static uint32_t seed;
static bool room_now;

/* Not assert(): the target must bite in every build. */
static void
must(bool true_thing)
{
	if (!true_thing)
		abort();
}

static uint32_t
below(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % limit;
}

static void
add(struct record *r, uint8_t kind, const uint8_t *b, size_t n)
{
	must(r->n + 2 + n <= RECORD_MAX);
	r->bytes[r->n++] = kind;
	if (kind == SB)
		r->bytes[r->n++] = (uint8_t)n;
	if (n > 0)
		memcpy(r->bytes + r->n, b, n);
	r->n += n;
}

/* ---- the plain automaton ---- */

static struct {
	enum { IN_DATA, IN_IAC, IN_VERB, IN_SB, IN_SB_IAC } at;
	uint8_t verb, sb[1 + SB_MAX];
	size_t sb_len;
	bool sb_bad, spoke, binary, cr, will, do_;
	int comport; /* 0, AGREED or REFUSED */
} ref;

static void
ref_comport(int now)
{
	if (ref.comport != now)
		add(&want, (uint8_t)now, NULL, 0);
	ref.comport = now;
}

static void
ref_data(uint8_t byte)
{
	bool nvt = ref.spoke && !ref.binary;

	if (!nvt || byte != 0 || !ref.cr)
		add(&want, DATA, &byte, 1);
	ref.cr = nvt && byte == 13;
}

static void
ref_verb(uint8_t option)
{
	bool will = ref.will;

	requests++;
	if (option == 0 && ref.verb <= 252)
		ref.binary = ref.verb == 251;
	if (option != 44)
		return;
	if (ref.verb <= 252)
		ref.will = ref.verb == 251;
	else
		ref.do_ = ref.verb == 253;
	if (ref.verb == 251 || ref.verb == 253)
		ref_comport(AGREED);
	else if (ref.verb == 252 ? will || !ref.do_ : !ref.will)
		ref_comport(REFUSED);
}

static void
ref_sb(uint8_t byte)
{
	if (ref.sb_len < sizeof ref.sb)
		ref.sb[ref.sb_len] = byte;
	ref.sb_len++;
}

static void
ref_end_sb(void)
{
	if (ref.sb_bad || ref.sb_len < 2 || ref.sb_len > sizeof ref.sb || ref.sb[0] != 44 ||
	    ref.comport == REFUSED)
		return;
	ref_comport(AGREED);
	add(&want, SB, ref.sb + 1, ref.sb_len - 1);
}

static void
ref_iac(uint8_t byte)
{
	ref.at = IN_DATA;
	if (byte == 255) {
		ref_data(255);
		return;
	}
	ref.spoke = true;
	ref.verb = byte;
	ref.sb_len = 0;
	ref.sb_bad = false;
	if (byte == 243)
		add(&want, BREAK, NULL, 0);
	if (byte == 246)
		requests++;
	if (byte >= 251)
		ref.at = IN_VERB;
	if (byte == 250)
		ref.at = IN_SB;
}

static void
ref_byte(uint8_t byte)
{
	switch (ref.at) {
	case IN_DATA:
		if (byte == 255)
			ref.at = IN_IAC;
		else
			ref_data(byte);
		break;
	case IN_IAC:
		ref_iac(byte);
		break;
	case IN_VERB:
		ref.at = IN_DATA;
		ref_verb(byte);
		break;
	case IN_SB:
		if (byte == 255)
			ref.at = IN_SB_IAC;
		else
			ref_sb(byte);
		break;
	case IN_SB_IAC:
		ref.at = byte == 240 ? IN_DATA : IN_SB;
		if (byte == 240)
			ref_end_sb();
		else if (byte == 255)
			ref_sb(255);
		else
			ref.sb_bad = true;
	}
}

/* ---- the owner, who refuses at random ---- */

static size_t
on_data(void *ctx, const uint8_t *b, size_t n)
{
	size_t i, take = below(4) == 0 ? below((uint32_t)n + 1) : n;

	must(ctx == &got && n > 0);
	for (i = 0; i < take; i++)
		add(&got, DATA, b + i, 1);
	return take;
}

static bool
on_comport(void *ctx, const uint8_t *payload, size_t n)
{
	must(ctx == &got && n > 0 && n <= SB_MAX);
	if (below(3) == 0)
		return false;
	add(&got, SB, payload, n);
	return true;
}

static bool
on_brk(void *ctx)
{
	must(ctx == &got);
	if (below(3) == 0)
		return false;
	add(&got, BREAK, NULL, 0);
	return true;
}

static void
on_option(void *ctx, enum nvt_comport comport)
{
	must(ctx == &got && comport != NVT_UNDECIDED);
	add(&got, comport == NVT_AGREED ? AGREED : REFUSED, NULL, 0);
}

static void
on_send(void *ctx, const uint8_t *b, size_t n)
{
	must(ctx == &got && room_now);
	must(n == 18 || (n == 3 && b[1] >= 251) || (n == 2 && b[1] == 241));
	must(b[0] == 255);
	sends += n != 18;
	room_now = false; /* each answer asks anew */
}

static size_t
on_room(void *ctx)
{
	must(ctx == &got);
	room_now = below(3) != 0;
	return room_now ? NVT_ANSWER_ROOM : NVT_ANSWER_ROOM - 1;
}

static const struct nvt_news news = { on_data, NULL, NULL, NULL, on_comport, on_brk, on_option, on_send,
	on_room };

static void
feed(struct nvt *t, const uint8_t *b, size_t n)
{
	size_t i, chunk;
	long took;

	for (i = 0; i < n; i += (size_t)took) {
		chunk = 1 + below(below(2) == 0 ? 4 : 4096);
		if (chunk > n - i)
			chunk = n - i;
		room_now = false;
		took = nvt_input(t, b + i, chunk);
		must(took >= 0 && took <= (long)chunk);
	}
	while (nvt_waiting(t))
		must(nvt_input(t, NULL, 0) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct nvt *t = nvt_new(&news, &got);
	size_t i;

	if (t == NULL || size == 0 || size > RECORD_MAX / 4) {
		nvt_free(t);
		return 0;
	}
	memset(&ref, 0, sizeof ref);
	got.n = want.n = 0;
	sends = requests = 0;
	seed = input[0] + 1U;
	room_now = true;
	if (input[0] & 1)
		nvt_greet(t);
	feed(t, input + 1, size - 1);
	for (i = 1; i < size; i++)
		ref_byte(input[i]);
	must(got.n == want.n && memcmp(got.bytes, want.bytes, got.n) == 0);
	must(sends <= requests);
	must(nvt_spoke(t) == ref.spoke);
	nvt_free(t);
	return 0;
}
