/*
 * The way back of a line, first form, see handover.h.
 *
 * The order is that of a line that is left in the middle of anything: a call is ended first;
 * output is dropped before DTR falls, since a modem that hangs up raises CTS and would dial what
 * is left; and input is dropped last, after everything that can make the device say something.
 */
#include "modem/handover.h"

static const struct {
	enum handover_do what;
	bool pulse; /* only where DTR is pulsed */
} steps[] = {
	{ HANDOVER_RESET, false },
	{ HANDOVER_PURGE, false },
	{ HANDOVER_BREAK_OFF, false },
	{ HANDOVER_DTR_DOWN, true },
	{ HANDOVER_WAIT, true },
	{ HANDOVER_PURGE, true },
	{ HANDOVER_SETTINGS, false },
	{ HANDOVER_SIGNALS, false },
	{ HANDOVER_PURGE, false },
	{ HANDOVER_LOOK, false },
	{ HANDOVER_READY, false },
};

enum handover_do
handover_start(struct handover *h, int64_t hangup_time, msec_t now)
{
	(void)now;
	*h = (struct handover){ .hangup_time = hangup_time, .due = MSEC_NEVER };
	return steps[0].what;
}

enum handover_do
handover_next(struct handover *h, bool carrier, msec_t now)
{
	enum handover_do done = steps[h->step].what;

	if (done == HANDOVER_READY || (done == HANDOVER_WAIT && !msec_reached(h->due, now)))
		return done;
	if (done == HANDOVER_LOOK)
		h->carrier_off = !carrier;
	do
		h->step++;
	while (steps[h->step].pulse && h->hangup_time == 0);
	h->due = steps[h->step].what == HANDOVER_WAIT ? msec_add(now, h->hangup_time) : MSEC_NEVER;
	return steps[h->step].what;
}

msec_t
handover_due(const struct handover *h)
{
	return h->due;
}
