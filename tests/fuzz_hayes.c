/*
 * Fuzzes two virtual modems that can call each other.  The input is a row of records: a byte
 * that says what happens (low 3 bits) to which modem (bit 3), a byte n, and for typing n bytes,
 * which are typed as often as the high 4 bits say and once more, so that small inputs fill
 * large rings.  Modem 1 is the near end of a trunk if the first byte is TRUNK: then PURGE does what a far
 * end does.
 */
#include <stdlib.h>
#include <string.h>

#include "modem/vmodem_trunk.h"
#include "rfc2217.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define TRUNK 0x87 /* no record that says anything begins so */

enum { TYPE, PASS, PASS_LONG, READ, DTR, POWER, RESET, PURGE };

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static struct vmodem modem[2];
static bool trunk;
static msec_t now;

static void
stir(void *ctx)
{
	(void)ctx;
}

/* 0 to 5 as in enum vmodem_to. */
static enum vmodem_to
look_up(void *ctx, const char *digits, struct vmodem **peer)
{
	REQUIRE(strlen(digits) <= HAYES_DIGITS);
	if (digits[0] < '0' || digits[0] > '5' || digits[1] != '\0')
		return VMODEM_TO_NO_CARRIER;
	*peer = ctx == &modem[0] ? &modem[1] : &modem[0];
	return (enum vmodem_to)(digits[0] - '0');
}

static const struct vmodem_ops ops = { stir, look_up };

static void
check_settings(const struct hayes *h)
{
	REQUIRE(h->echo <= 1 && h->quiet <= 1 && h->verbose <= 1 && h->results <= 7);
	REQUIRE(h->carrier <= 1 && h->dtr <= 3);
	REQUIRE(hayes_s(h, 3) <= 127 && hayes_s(h, 4) <= 127 && hayes_s(h, 5) <= 127);
	REQUIRE(hayes_s(h, 7) >= 1);
	REQUIRE(h->fclass <= 1 && h->vcid <= 1 && h->ipr < 10 && h->ilrr <= 1 && h->er <= 1 && h->dr <= 1);
	REQUIRE(h->icf[0] <= 6 && h->icf[1] <= 3 && h->ifc[0] <= 3 && h->ifc[1] <= 2);
	REQUIRE(h->ds[0] <= 3 && h->ds[1] <= 1 && h->es[0] <= 7 && h->es[1] <= 4 && h->es[2] <= 6);
}

static void
check_modem(const struct vmodem *m, const struct vmodem *other)
{
	bool carrier = (m->modem & RFC2217_DCD) != 0;

	check_settings(&m->at);
	REQUIRE(m->out.used <= VMODEM_RING);
	REQUIRE(m->phase != VMODEM_OFF || m->out.used == 0);
	REQUIRE(!m->online || m->phase == VMODEM_IN_CALL);
	REQUIRE(carrier == (m->phase == VMODEM_IN_CALL || m->at.carrier == 0));
	REQUIRE(m->ringing == ((m->modem & RFC2217_RI) != 0));
	REQUIRE(!m->ringing || m->caller != NULL);
	REQUIRE((m->caller != NULL) == (other->phase == VMODEM_WAITING && other->peer == m));
	REQUIRE(m->caller == NULL || m->phase == VMODEM_ON_HOOK);
	REQUIRE((m->phase == VMODEM_IN_CALL) <= (m->peer != NULL));
	REQUIRE(m->phase != VMODEM_IN_CALL || m->peer->peer == m);
	REQUIRE(m->peer == NULL || m->phase == VMODEM_IN_CALL || m->phase == VMODEM_WAITING);
}

/* What is due happens; one thing after the other must move every deadline on. */
static void
pass(int64_t ms)
{
	msec_t end = msec_add(now, ms), due;
	int rounds = 0;

	for (;;) {
		due = msec_min(vmodem_due(&modem[0]), vmodem_due(&modem[1]));
		if (msec_before(end, due))
			break;
		REQUIRE(++rounds < 1000);
		now = msec_max(now, due);
		vmodem_tick(&modem[0], now);
		vmodem_tick(&modem[1], now);
	}
	now = end;
}

/* What was not taken is offered again when there is said to be room. */
static void
type(struct vmodem *m, const uint8_t *bytes, size_t n)
{
	size_t took = vmodem_input(m, bytes, n, now);

	REQUIRE(took <= n);
	if (took < n && vmodem_writable(m))
		REQUIRE(vmodem_input(m, bytes + took, 1, now) == 1);
}

static void
read_some(struct vmodem *m, size_t n)
{
	size_t span;

	while (ring_peek(&m->out, &span) != NULL && n > 0) {
		if (span > n)
			span = n;
		n -= span;
		vmodem_taken(m, span);
	}
}

/* The far end of a trunk answers, refuses, calls, hangs up, or sends all the time. */
static void
far_end(struct vmodem *m, uint8_t n)
{
	switch (n % 5) {
	case 0:
		if (m->caller != NULL)
			vmodem_answer(m, now);
		break;
	case 1:
		if (m->caller != NULL)
			vmodem_refuse(m, RESULT_BUSY);
		break;
	case 2:
		if (m->phase == VMODEM_ON_HOOK && m->caller == NULL)
			vmodem_ring(m, &modem[0], now);
		break;
	case 3:
		if (m->phase != VMODEM_OFF)
			vmodem_hang_up(m);
		break;
	default:
		vmodem_want_room(m);
	}
}

static void
act(uint8_t what, uint8_t n)
{
	struct vmodem *m = &modem[what >> 3 & 1];

	switch (what & 7) {
	case PASS:
		pass(n);
		break;
	case PASS_LONG:
		pass(n * INT64_C(250));
		break;
	case READ:
		read_some(m, n * (size_t)64);
		break;
	case DTR:
		vmodem_dtr(m, n & 1, now);
		break;
	case POWER:
		vmodem_power(m, n & 1);
		break;
	case RESET:
		if (m->phase != VMODEM_OFF)
			vmodem_reset(m);
		break;
	default:
		if (trunk && m == &modem[1]) {
			far_end(m, n);
			break;
		}
		vmodem_purge(m);
		vmodem_rate(m, n * 4000000U);
	}
}

static void
check_both(void)
{
	check_modem(&modem[0], &modem[1]);
	check_modem(&modem[1], &modem[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	uint8_t what;
	size_t n;
	int i;

	now.v = 0;
	for (i = 0; i < 2; i++) {
		vmodem_init(&modem[i], &ops, &modem[i]);
		vmodem_power(&modem[i], true);
	}
	trunk = size > 0 && data[0] == TRUNK;
	if (trunk) {
		vmodem_trunk(&modem[1]);
		data++;
	}
	while (end - data >= 2) {
		what = data[0];
		n = data[1];
		data += 2;
		if ((what & 7) == TYPE) {
			if (n > (size_t)(end - data))
				n = (size_t)(end - data);
			for (i = 0; i <= what >> 4; i++)
				type(&modem[what >> 3 & 1], data, n);
			data += n;
		} else {
			act(what, (uint8_t)n);
		}
		check_both();
	}
	vmodem_power(&modem[0], false);
	vmodem_power(&modem[1], false);
	REQUIRE(modem[0].out.buf == NULL && modem[1].out.buf == NULL);
	return 0;
}
