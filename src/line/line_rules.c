/*
 * How a line of this configuration is handed over, and how long that may take.
 */
#include "line/line_parts.h"

#define IN_PROGRESS 2500 /* ms that output which drains, and then a break of the owner, may take */

/* ms: a modem that resets itself off the bus is waited for so long (libraries and makers say 60 s). */
static int64_t
away(const struct conf_setup *setup)
{
	return setup->kind == CONF_MODEM && setup->type == CONF_SERIAL ? LINE_AWAY : 0;
}

void
line_rules(const struct conf_line *conf, struct handover_rules *rules)
{
	const struct conf_setup *d = conf->setup;

	*rules = (struct handover_rules){
		.modem = d->kind == CONF_MODEM,
		.dialogue = d->type == CONF_SERIAL,
		.hangup_time = d->hangup_time,
		.carrier_timeout = d->carrier_timeout,
		.guard_time = d->guard_time,
		.settle_time = d->settle_time,
		.init_timeout = d->init_timeout,
		.init_pause = d->init_pause,
		.hangup = d->hangup,
		.n_hangup = d->n_hangup,
		.init = d->init,
		.n_init = d->n_init,
		.attempts = (unsigned)d->attempts,
		.dtr_when_free = d->dtr_when_free,
	};
}

int64_t
line_handover_bound(const struct conf_line *conf)
{
	struct handover_rules rules;

	line_rules(conf, &rules);
	return IN_PROGRESS + handover_longest(&rules) + away(conf->setup) + LINE_OPERATION;
}
