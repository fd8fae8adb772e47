/*
 * The way back of a line without a dialogue, and how long one takes at most, see handover.h.
 *
 * The order is that of a line that is left in the middle of anything: a call is ended first;
 * output is dropped before DTR falls, that in the driver too; and input is dropped last, after everything
 * that can make the device say something.
 */
#include "modem/handover_parts.h"

#include <string.h>

#include "modem/atline.h"

static const struct {
	enum handover_do what;
	bool pulse; /* only where DTR is pulsed */
} steps[] = {
	{ HANDOVER_RESET, false },
	{ HANDOVER_EMPTY, false },
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

static bool
has_dialogue(const struct handover_rules *rules)
{
	return rules->modem && rules->dialogue;
}

static enum handover_do
plain_next(struct handover *h, bool carrier, msec_t now)
{
	enum handover_do done = steps[h->step].what;

	if (done == HANDOVER_READY || (done == HANDOVER_WAIT && !msec_reached(h->due, now)))
		return done;
	if (done == HANDOVER_LOOK)
		h->carrier_off = !carrier;
	do
		h->step++;
	while (steps[h->step].pulse && h->rules->hangup_time == 0);
	h->due = steps[h->step].what == HANDOVER_WAIT ? msec_add(now, h->rules->hangup_time) :
	    MSEC_NEVER;
	return steps[h->step].what;
}

static void
init(struct handover *h, const struct handover_rules *rules)
{
	*h = (struct handover){ .rules = rules, .due = MSEC_NEVER };
	ringwatch_init(&h->ring);
	ringwatch_init(&h->heard);
}

enum handover_do
handover_start(struct handover *h, const struct handover_rules *rules, msec_t now)
{
	init(h, rules);
	return has_dialogue(rules) ? handover_dialogue_start(h, now) : steps[0].what;
}

enum handover_do
handover_probe(struct handover *h, const struct handover_rules *rules, msec_t now)
{
	if (!has_dialogue(rules))
		return handover_start(h, rules, now);
	init(h, rules);
	h->probe = true;
	return handover_dialogue_start(h, now);
}

enum handover_do
handover_next(struct handover *h, bool carrier, msec_t now)
{
	return has_dialogue(h->rules) ? handover_dialogue_next(h, carrier, now) :
	    plain_next(h, carrier, now);
}

enum handover_do
handover_data(struct handover *h, const uint8_t *b, size_t n, msec_t now)
{
	ringwatch_data(h->in_command_mode ? &h->ring : &h->heard, b, n, now);
	return has_dialogue(h->rules) ? handover_dialogue_data(h, b, n, now) : HANDOVER_WAIT;
}

void
handover_rings_begin(struct handover *h)
{
	if (h->in_command_mode)
		return;
	h->in_command_mode = true;
	h->ring.line = h->heard.line;
	h->ring.until = msec_max(h->ring.until, h->heard.until);
}

void
handover_rings_forget(struct handover *h)
{
	ringwatch_init(&h->heard);
}

msec_t
handover_due(const struct handover *h)
{
	return h->due;
}

const uint8_t *
handover_bytes(const struct handover *h, size_t *n)
{
	*n = h->n;
	return (const uint8_t *)h->bytes;
}

const char *
handover_failure(const struct handover *h)
{
	return h->failure;
}

/* ---- rules ---- */

enum handover_way
handover_way(const struct handover_rules *rules, size_t i)
{
	if (i >= rules->n_hangup)
		return WAY_NONE;
	if (strcmp(rules->hangup[i], "dtr") == 0)
		return WAY_DTR;
	return strcmp(rules->hangup[i], "escape") == 0 ? WAY_ESCAPE : WAY_COMMAND;
}

bool
handover_dtr_first(const struct handover_rules *rules)
{
	return handover_way(rules, 0) == WAY_DTR && rules->hangup_time > 0;
}

bool
handover_may_escape(const struct handover_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n_hangup; i++)
		if (handover_way(rules, i) == WAY_ESCAPE)
			return true;
	return false;
}

bool
handover_init_hangs_up(const struct handover_rules *rules)
{
	struct atline at;
	const char *c;
	size_t i;

	for (i = 0; i < rules->n_init; i++) {
		atline_init(&at);
		for (c = rules->init[i]; *c != '\0'; c++)
			atline_input(&at, (uint8_t)*c);
		if (atline_input(&at, '\r') == ATLINE_ENDED && at.hangs)
			return true;
	}
	return false;
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
handover_answer_time(const struct handover_rules *rules, enum handover_purpose purpose)
{
	switch (purpose) {
	case FOR_ESCAPE:
		return rules->guard_time;
	case FOR_FAX_END:
	case FOR_SPEED:
	case FOR_WORDS:
		return smaller(rules->init_timeout, HANDOVER_WAKE);
	case FOR_TEST:
		return smaller(rules->init_timeout, HANDOVER_TEST);
	default:
		return rules->init_timeout;
	}
}

int64_t
handover_pause(const struct handover_rules *rules, bool after_first_init)
{
	return after_first_init && rules->init_pause > HANDOVER_PAUSE ? rules->init_pause :
	    HANDOVER_PAUSE;
}

/* ---- bounds ---- */

static int64_t
longest_way(const struct handover_rules *rules, enum handover_way way)
{
	switch (way) {
	case WAY_DTR:
		return rules->hangup_time == 0 ? 0 :
		    rules->hangup_time + rules->carrier_timeout + rules->settle_time;
	case WAY_ESCAPE:
		return 2 * rules->guard_time;
	default:
		return handover_answer_time(rules, FOR_HANGUP) + HANDOVER_PAUSE +
		    rules->carrier_timeout;
	}
}

/* The first command is sent twice, with what may wake the modem between; +++ counts as a way. */
static int64_t
longest_dialogue(const struct handover_rules *rules)
{
	int64_t init = handover_answer_time(rules, FOR_INIT);
	int64_t test = handover_answer_time(rules, FOR_TEST);
	int64_t sum = HANDOVER_TESTS * (test + HANDOVER_PAUSE);
	size_t i;

	for (i = 0; i < rules->n_init; i++)
		sum += init + handover_pause(rules, i == 0);
	sum += 3 * (handover_answer_time(rules, FOR_FAX_END) + HANDOVER_PAUSE);
	return sum + (rules->n_init > 0 ? init : test);
}

int64_t
handover_longest(const struct handover_rules *rules)
{
	int64_t sum = handover_dtr_first(rules) ? 0 : rules->settle_time;
	int64_t attempts = rules->attempts > 0 ? rules->attempts : 1;
	size_t i;

	if (!has_dialogue(rules))
		return rules->hangup_time;
	for (i = 0; i < rules->n_hangup; i++)
		sum += longest_way(rules, handover_way(rules, i));
	sum += longest_dialogue(rules);
	return sum > INT64_MAX / attempts ? INT64_MAX : sum * attempts;
}

int64_t
handover_retest(int64_t first, unsigned failures)
{
	int64_t pause = first;

	if (first <= 0 || first >= HANDOVER_RETEST_MAX)
		return first;
	while (failures-- > 1 && pause < HANDOVER_RETEST_MAX)
		pause *= 2;
	return smaller(pause, HANDOVER_RETEST_MAX);
}
