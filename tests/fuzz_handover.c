/*
 * Fuzzes a hand-over with a modem that says anything at any time.  The first bytes choose the rules;
 * then each thing to do takes a byte (carrier; does the line speak meanwhile), each wait a byte as
 * well (carrier; is it told) and how long it is, and what the line says is counted.  Bit 3 of either: the
 * modem leaves the bus, where it may, and is back at once; bit 4: what is sent is not taken.  When all is used up the line is silent.
 *
 * It must end in time, never say more than it may, and nothing at all without a dialogue.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "modem/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

#define PIN "4711"

static const char *const hangup[] = { "dtr", "escape", "ATH", "AT+CHUP", "escape", "dtr" };
static const char *const init[] = { "AT+CPIN=" PIN, "ATZ", "ATE1V1Q0S0=0X4&C1&D2",
	"AT+CGAUTH=1,1," PIN };

struct input {
	const uint8_t *at, *end;
};

static unsigned
take(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static void
choose_rules(struct input *in, struct handover_rules *r)
{
	unsigned what = take(in), times = take(in), lists = take(in);

	*r = (struct handover_rules){
		.modem = (what & 1) == 0,
		.dialogue = (what & 2) == 0,
		.attempts = what >> 2 & 3,
		.hangup_time = (times & 1) * 1000,
		.carrier_timeout = (times >> 1 & 1) * 5000,
		.guard_time = (times >> 2 & 1) * 1100,
		.settle_time = (times >> 3 & 1) * 2600,
		.init_timeout = 10 + (times >> 4 & 1) * 9990,
		.init_pause = (times >> 5 & 1) * 1000,
		.no_carrier = (times >> 6 & 1) != 0,
		.carrier_falls = (times >> 7 & 1) != 0,
		.hangup = hangup + (lists & 1),
		.n_hangup = lists >> 1 & 3,
		.init = init + (lists >> 4 & 1),
		.n_init = lists >> 5 & 3,
	};
}

/* One chunk at a place of its own, so that reading past it is seen. */
static enum handover_do
line_says(struct input *in, struct handover *h, msec_t now)
{
	size_t n = take(in) % 80, left = (size_t)(in->end - in->at);
	enum handover_do what;
	uint8_t *b;

	if (n > left)
		n = left;
	b = malloc(n > 0 ? n : 1);
	REQUIRE(b != NULL);
	memcpy(b, in->at, n);
	in->at += n;
	what = handover_data(h, b, n, now);
	free(b);
	return what;
}

static void
check_bytes(const struct handover *h, const struct handover_rules *r)
{
	size_t n;
	const uint8_t *b = handover_bytes(h, &n);

	REQUIRE(r->modem && r->dialogue);
	REQUIRE(n >= 2 && n <= HANDOVER_SEND_MAX);
	REQUIRE(b[n - 1] == '\r' || memcmp(b, "+++", n) == 0 || memcmp(b, "\x10\x03", n) == 0);
}

static bool
has_pin(const struct handover_rules *r)
{
	return r->n_init > 0 && (r->init == init || r->n_init == 3);
}

static void
check_failure(const struct handover *h, const struct handover_rules *r, bool failed)
{
	const char *s = handover_failure(h);

	REQUIRE(strlen(s) < HANDOVER_FAILURE && (*s != '\0') == failed);
	REQUIRE(!has_pin(r) || strstr(s, PIN) == NULL);
	for (; *s != '\0'; s++)
		REQUIRE(isprint((unsigned char)*s));
}

static bool
is_end(enum handover_do what)
{
	return what == HANDOVER_READY || what == HANDOVER_FAILED;
}

/* Waiting: a step of time that ends at the deadline, then something happens. */
static enum handover_do
wait_a_while(struct input *in, struct handover *h, bool carrier, msec_t *now)
{
	enum handover_do what;

	REQUIRE(msec_before(*now, handover_due(h)) || msec_reached(handover_due(h), *now));
	REQUIRE(!msec_is_never(handover_due(h)));
	if (in->at == in->end)
		*now = msec_max(*now, handover_due(h));
	else
		*now = msec_max(*now, msec_min(msec_add(*now, take(in) * 16), handover_due(h)));
	what = line_says(in, h, *now);
	return what == HANDOVER_WAIT ? handover_next(h, carrier, *now) : what;
}

/* What a modem that was away is asked once more: it settles, is woken and tested. */
static int64_t
longest_return(const struct handover_rules *r)
{
	return r->settle_time + r->init_timeout + 3 * (HANDOVER_WAKE + HANDOVER_PAUSE) +
	    2 * (HANDOVER_TEST + HANDOVER_PAUSE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	struct handover_rules r;
	struct handover h;
	msec_t now = { 1 };
	enum handover_do what;
	int64_t longest;
	unsigned returns = 0;
	bool probe;

	choose_rules(&in, &r);
	longest = handover_longest(&r);
	probe = take(&in) == 1;
	what = probe ? handover_probe(&h, &r, now) : handover_start(&h, &r, now);
	while (!is_end(what)) {
		unsigned event = take(&in);

		REQUIRE(now.v - 1 <= longest);
		if ((event & 8) != 0 && handover_may_leave(&h)) {
			REQUIRE(r.modem && r.dialogue && !probe && ++returns <= r.n_init + 2);
			longest += longest_return(&r);
			what = handover_returned(&h, now);
			continue;
		}
		if (what == HANDOVER_WAIT) {
			what = wait_a_while(&in, &h, (event & 1) != 0, &now);
			continue;
		}
		REQUIRE(msec_is_never(handover_due(&h)));
		if (what == HANDOVER_SEND)
			check_bytes(&h, &r);
		if ((event & 16) != 0 && what == HANDOVER_SEND) {
			now = msec_add(now, handover_patience(&h));
			what = handover_not_taken(&h, now);
			continue;
		}
		if ((event & 4) != 0)
			REQUIRE(line_says(&in, &h, now) == HANDOVER_WAIT);
		what = handover_next(&h, (event & 1) != 0, now);
	}
	REQUIRE(now.v - 1 <= longest);
	check_failure(&h, &r, what == HANDOVER_FAILED);
	REQUIRE(what == HANDOVER_READY || (r.modem && r.dialogue));
	return 0;
}
