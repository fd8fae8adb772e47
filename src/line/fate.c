/*
 * What others make of a line: its beginning, the arbiter, an administrator, a reload of the configuration, its end.
 */
#include "line/parts.h"

#include <stdlib.h>
#include <string.h>

#include "conf/diff.h"
#include "ports/loopback.h"
#include "ports/serial.h"

/* granted: the arbiter has given it to somebody who does not have it yet. */
static void
event(struct line *l, enum life_event what)
{
	line_event(l, what, &(struct life_args){ .granted = l->seat.state == ARBITER_OWNED });
}

/* ---- its beginning ---- */

static struct port *
make_port(struct line *l)
{
	switch (l->conf->setup->type) {
	case CONF_VIRTUAL:
		return port_virtual_new(l->house->exchange, l->conf, &line_port_news, l);
	case CONF_LOOPBACK:
		return port_loopback_new(l->house->loop, &line_port_news, l);
	default:
		return port_serial_new(l->house->serials, l->conf->device, l->conf->setup->hangup_time > 0,
		    &line_port_news, l);
	}
}

/* Only real modems are listened to.  The built-in one rings for whoever claims it to answer. */
static bool
make_parts(struct line *l)
{
	bool listens = wayback_real_modem(l->conf);

	l->port = make_port(l);
	if (l->port != NULL && listens)
		l->bell = malloc(sizeof *l->bell);
	if (l->bell != NULL)
		bell_init(l->bell);
	return l->port != NULL && (l->bell != NULL || !listens);
}

struct line *
line_new(const struct line_house *house, const struct conf_line *conf)
{
	struct line *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->house = house;
	l->conf = conf;
	life_init(&l->life, conf->setup->host_sharing, conf->setup->kind == CONF_MODEM);
	portqueue_init(&l->queue, &conf->setup->format);
	arbiter_line_init(&l->seat, conf->setup->host_sharing);
	line_init(l);
	if (make_parts(l))
		return l;
	line_free(l);
	return NULL;
}

/* ---- the arbiter ---- */

void
line_prepare(struct line *l)
{
	line_awaits_opening(l);
	event(l, LIFE_PREPARE);
}

/* ---- the administrator ---- */

/* NULL or "": none. */
static bool
keep_text(struct line *l, const char *text)
{
	const struct line_counts *counts;
	char *copy = NULL;

	if (text != NULL && *text != '\0') {
		copy = strndup(text, LINE_DISABLE_TEXT);
		counts = line_counts(l);
		if (copy == NULL || counts != l->counts) {
			free(copy);
			return false;
		}
	}
	if (l->counts != NULL) {
		free(l->counts->disabled);
		l->counts->disabled = copy;
	}
	return true;
}

bool
line_disable(struct line *l, const char *text)
{
	if (!keep_text(l, text))
		return false;
	if (l->life.state == LIFE_DISABLED)
		line_say_disabled(l);
	event(l, LIFE_DISABLE);
	return true;
}

void
line_enable(struct line *l)
{
	if (l->life.state == LIFE_DISABLED) {
		line_awaits_opening(l);
		l->trusted = false; /* it may have another modem, or another cable */
	}
	keep_text(l, NULL);
	event(l, LIFE_ENABLE);
}

const char *
line_test(struct line *l, struct line_test *test)
{
	const char *why = life_refuses_test(&l->life, l->seat.state == ARBITER_OWNED, line_reason(l));

	if (why != NULL)
		return why;
	l->test = test;
	event(l, LIFE_TEST);
	return NULL;
}

/* ---- a new configuration ---- */

void
line_change(struct line *l, const struct conf_line *conf, unsigned differs)
{
	const struct conf_line *before = l->conf;

	l->conf = conf;
	if (!wayback_same_format(&before->setup->format, &conf->setup->format))
		l->made_known = false;
	if (conf->setup->type == CONF_VIRTUAL)
		port_virtual_book(l->port, conf);
	else if (conf->setup->type == CONF_SERIAL)
		port_serial_hupcl(l->port, conf->setup->hangup_time > 0);
	line_event(l, LIFE_CHANGED, &(struct life_args){ .granted = l->seat.state == ARBITER_OWNED,
	    .differs = (differs & CONF_RELOAD_HANDOVER) != 0 });
}

/* ---- its end ---- */

static void
free_now(void *ctx)
{
	struct line *l = ctx, *successor = l->will->successor;

	line_free(l);
	if (successor == NULL)
		return;
	if (successor->retired)
		free_now(successor); /* by a later reload, before its turn came */
	else if (!successor->life.ending)
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
	if (successor != NULL) {
		successor->succeeds = true;
		if (l->life.disabled && !line_disable(successor, l->counts != NULL ?
		    l->counts->disabled : NULL))
			line_disable(successor, NULL);
	}
	line_event(l, LIFE_END, &(struct life_args){ .why = "the configuration changed" });
}
