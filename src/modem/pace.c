/*
 * The rate of a line, see pace.h: a bucket of credit that time fills.  Half bits, because of 1.5 stop bits.
 */
#include "modem/pace.h"

static int64_t
max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* One byte must fit, however slow the line is. */
static int64_t
most(const struct pace *p)
{
	return max64(p->rate * PACE_SAVED, p->byte);
}

static void
fill(struct pace *p, msec_t now)
{
	int64_t passed = msec_since(p->since, now), full = most(p);

	/* Beyond a minute nothing fits in any more: at 50 bit/s a byte takes a quarter of a second. */
	if (passed > 60000)
		passed = 60000;
	if (passed > 0)
		p->credit += passed * p->rate;
	if (p->credit > full)
		p->credit = full;
	p->since = now;
}

static void
set_format(struct pace *p, const struct rfc2217_format *f)
{
	int half_bits = 2 + 2 * f->datasize; /* a start bit before the data */

	if (f->parity != RFC2217_NONE)
		half_bits += 2;
	half_bits += f->stopsize == RFC2217_STOP_1 ? 2 : f->stopsize == RFC2217_STOP_2 ? 4 : 3;
	p->rate = INT64_C(2) * (f->baud > 0 ? f->baud : 1);
	p->byte = INT64_C(1000) * half_bits;
}

void
pace_init(struct pace *p, const struct rfc2217_format *f, msec_t now)
{
	set_format(p, f);
	p->credit = most(p);
	p->since = now;
}

void
pace_format(struct pace *p, const struct rfc2217_format *f, msec_t now)
{
	fill(p, now);
	set_format(p, f);
	fill(p, now);
}

size_t
pace_room(struct pace *p, msec_t now)
{
	fill(p, now);
	return p->credit > 0 ? (size_t)(p->credit / p->byte) : 0;
}

void
pace_spend(struct pace *p, size_t n)
{
	p->credit -= (int64_t)n * p->byte;
}

msec_t
pace_due(const struct pace *p)
{
	int64_t want = max64(p->rate * PACE_PIECE / p->byte, 1) * p->byte - p->credit;

	return want <= 0 ? p->since : msec_add(p->since, (want + p->rate - 1) / p->rate);
}
