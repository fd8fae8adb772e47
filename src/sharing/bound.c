/*
 * How long a line can be away.  See bound.h for what goes into the sum.
 */
#include "sharing/bound.h"

#include <stdio.h>

#include "base/dialling.h"
#include "base/text.h"

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The longest without activity while there is no call; 0: no limit. */
static int64_t
idle_limit(const struct conf_rules *s, const struct conf_line *line)
{
	if (s->inactivity == 0 || line->setup->kind == CONF_CONSOLE)
		return s->inactivity;
	/* Dialling that ends without a call leaves the owner the full warning, after a call only
	 * after-call counts. */
	return larger(larger(s->inactivity, s->after_call), DIALLING_AT_MOST + s->warning);
}

/*
 * As above in a call, whose begin leaves the owner the full warning too, and comes a moment before the end of the
 * dialling, during which he says nothing.  It may end a moment before the cut, and then after-call counts from there;
 * without that, inactivity, and the full warning is left.
 */
static int64_t
in_call_limit(const struct conf_rules *s)
{
	int64_t call = larger(s->inactivity_in_call, DIALLING_AT_MOST + s->warning);

	if (s->inactivity_in_call == 0)
		return 0;
	if (s->after_call > 0)
		return call + s->after_call;
	return s->inactivity == 0 ? 0 : larger(s->inactivity, call + s->warning);
}

void
bound_of(const struct conf_rules *s, const struct conf_line *line, int64_t handover,
    struct bound *b)
{
	int64_t idle, in_call, rest;

	b->idle = b->in_call = b->latest = BOUND_NA;
	if (s == NULL)
		return;
	rest = s->drain + handover;
	idle = idle_limit(s, line);
	b->idle = idle > 0 ? idle + rest : BOUND_NONE;
	b->latest = s->session_limit > 0 ? s->session_limit + rest : BOUND_NONE;
	if (line->setup->kind == CONF_CONSOLE)
		return;
	in_call = in_call_limit(s);
	b->in_call = in_call > 0 ? in_call + rest : BOUND_NONE;
}

/* Without a limit is the worst, what does not apply the best. */
static int64_t
worse(int64_t a, int64_t b)
{
	return a == BOUND_NONE || b == BOUND_NONE ? BOUND_NONE : larger(a, b);
}

void
bound_worst(struct bound *b, const struct bound *other)
{
	b->idle = worse(b->idle, other->idle);
	b->in_call = worse(b->in_call, other->in_call);
	b->latest = worse(b->latest, other->latest);
}

static const char *
show(char dst[static TEXT_DURATION], int64_t ms)
{
	if (ms == BOUND_NONE)
		return "none";
	if (ms == BOUND_NA)
		return "-";
	return text_duration_up(dst, ms);
}

size_t
bound_print(char *dst, size_t cap, const char *name, const struct bound *b)
{
	char idle[TEXT_DURATION], in_call[TEXT_DURATION], latest[TEXT_DURATION];
	int n;

	n = snprintf(dst, cap, "%s: idle %s, in call %s, at the latest %s", name,
	    show(idle, b->idle), show(in_call, b->in_call), show(latest, b->latest));
	if (n < 0)
		return 0;
	return (size_t)n < cap ? (size_t)n : cap - 1;
}
