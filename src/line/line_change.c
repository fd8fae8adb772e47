/*
 * A line in a reload of the configuration.
 */
#include "line/line_parts.h"

#include <stdlib.h>

#include "conf/diff.h"
#include "ports/serial.h"

void
line_change(struct line *l, const struct conf_line *conf, unsigned differs)
{
	l->conf = conf;
	if (conf->setup->type == CONF_VIRTUAL)
		port_virtual_book(l->port, conf);
	else if (conf->setup->type == CONF_SERIAL)
		port_serial_hupcl(l->port, conf->setup->hangup_time > 0);
	switch (l->state) {
	case LINE_HANDOVER:
		line_begin_handover(l); /* it went by the old one, which may be gone soon */
		break;
	case LINE_FREE:
		if ((differs & CONF_RELOAD_HANDOVER) != 0) {
			l->house->news->unready(l->house->ctx, l);
			line_begin_handover(l);
		}
		break;
	case LINE_RINGING:
	case LINE_QUARANTINE:
		if ((differs & CONF_RELOAD_HANDOVER) != 0)
			line_begin_handover(l);
		break;
	case LINE_RESTING:
	case LINE_FOREIGN:
		if ((differs & CONF_RELOAD_HANDOVER) != 0)
			l->used_by_others = true;
		break;
	default:
		if ((differs & CONF_RELOAD_HANDOVER) != 0)
			l->used_by_others = true; /* no probe will do */
		if (l->run != NULL) { /* its modem is awaited */
			line_rules(conf, &l->run->rules);
			l->run->anew = true;
		}
		break;
	}
}

static void
free_now(void *ctx)
{
	struct line *l = ctx, *successor = l->will->successor;

	line_free(l);
	if (successor == NULL)
		return;
	if (successor->retired)
		free_now(successor); /* by a later reload, before its turn came */
	else if (!successor->shutting)
		line_start(successor);
}

/* Inside of its own news: the memory goes at the end of the turn; of one that still is a successor, with the
 * line before it. */
void
line_bury(struct line *l)
{
	if (l->succeeds && !l->begun)
		return;
	l->will->note.fn = free_now;
	l->will->note.ctx = l;
	loop_reap(l->house->loop, &l->will->note);
}

bool
line_may_retire(struct line *l)
{
	if (l->will == NULL)
		l->will = calloc(1, sizeof *l->will);
	return l->will != NULL;
}

void
line_retire(struct line *l, struct line *successor, struct generation *of)
{
	l->retired = true;
	l->will->generation = of;
	l->will->successor = successor;
	if (successor != NULL)
		successor->succeeds = true;
	l->house->news->out(l->house->ctx, l);
	line_shut(l);
}

struct generation *
line_generation(const struct line *l)
{
	return l->will->generation;
}

bool
line_has_begun(const struct line *l)
{
	return l->begun;
}

bool
line_succeeds(const struct line *l)
{
	return l->succeeds;
}

bool
line_retired(const struct line *l)
{
	return l->retired;
}
