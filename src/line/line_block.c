/*
 * What an administrator does to a line: takes it out of service and brings it back, has it tested.
 */
#include "line/line_parts.h"

#define DISABLED "disabled by the administrator"

/* The owner keeps it to its end; then, or now, it is closed: it can be unplugged, or used by hand. */
void
line_park(struct line *l)
{
	l->preparing = false;
	line_end_run(l);
	line_set_reason(l, DISABLED);
	if (l->state == LINE_OUT || l->state == LINE_RESTING || l->state == LINE_FOREIGN ||
	    l->state == LINE_CLOSING)
		line_enter(l, LINE_DISABLED, MSEC_NEVER);
	else
		line_close(l, LINE_THEN_TRY);
	l->house->news->out(l->house->ctx, l);
	line_tested(l, DISABLED);
}

void
line_disable(struct line *l)
{
	l->disabled = true;
	switch (l->state) {
	case LINE_FREE:
	case LINE_RINGING:
	case LINE_QUARANTINE:
	case LINE_OUT:
	case LINE_RESTING:
	case LINE_FOREIGN:
		line_park(l);
		break;
	default:
		break; /* as soon as what is going on has ended */
	}
}

void
line_enable(struct line *l)
{
	l->disabled = false;
	if (l->state == LINE_DISABLED)
		line_start(l);
}

/* ---- testing ---- */

void
line_tested(struct line *l, const char *failure)
{
	struct line_test *test = l->test;

	l->test = NULL;
	if (test != NULL)
		test->done(test, failure);
}

const char *
line_test(struct line *l, struct line_test *test)
{
	if (l->test != NULL)
		return "it is being tested already";
	switch (l->state) {
	case LINE_FREE:
	case LINE_QUARANTINE:
	case LINE_OUT:
	case LINE_RESTING:
	case LINE_HANDOVER:
	case LINE_OPENING:
		break;
	case LINE_OWNED:
		return "it is in use";
	case LINE_RINGING:
		return "it rings";
	case LINE_FOREIGN:
	case LINE_DISABLED:
		return line_reason(l);
	default:
		return "it is being closed";
	}
	l->test = test;
	if (l->state == LINE_FREE || l->state == LINE_RESTING)
		l->house->news->unready(l->house->ctx, l);
	if (l->state == LINE_FREE || l->state == LINE_QUARANTINE)
		line_begin_handover(l);
	else if (l->state == LINE_OUT || l->state == LINE_RESTING)
		line_open(l);
	return NULL;
}
