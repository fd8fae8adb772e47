/*
 * Any text as a configuration: it is an error with a message, or a conf whose every line has a
 * bound that can be printed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sharing/bound.h"
#include "conf/conf.h"
#include "conf/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
look_at_bound(const struct conf_rules *rules, const struct conf_line *line)
{
	struct bound b;
	char text[200];

	bound_of(rules, line, 5000, &b);
	if (bound_print(text, sizeof text, line->name, &b) >= sizeof text - 1)
		abort();
	if ((rules == NULL) != (b.idle == BOUND_NA) || b.idle == 0 || b.latest == 0)
		abort();
}

static void
look_at_commands(const struct conf_line *line)
{
	size_t i, n = 0;

	for (i = 0; i < line->setup->n_hangup; i++)
		n += strlen(line->setup->hangup[i]);
	for (i = 0; i < line->setup->n_init; i++)
		n += strlen(line->setup->init[i]);
	if (n > 64 * (line->setup->n_hangup + line->setup->n_init))
		abort();
	if (n > 0 && (line->setup->kind == CONF_CONSOLE || line->setup->type != CONF_SERIAL))
		abort();
}

/* It does not differ from itself. */
static void
look_at_differences(const struct conf *conf)
{
	size_t *lines = conf_match_lines(conf, conf), *services = conf_match_services(conf, conf), i;
	struct conf_diff d;
	char text[64];

	if (conf_diff_globals(conf, conf, &d) != 0 || lines == NULL || services == NULL)
		abort();
	for (i = 0; i < conf->n_lines; i++)
		if (lines[i] != i || conf_diff_line(&conf->lines[i], &conf->lines[i], &d) != 0)
			abort();
	for (i = 0; i < conf->n_services; i++)
		if (services[i] != i || conf_diff_service(conf, &conf->services[i], conf,
		    &conf->services[i], &d) != 0)
			abort();
	/* Two lines of it may, in as much as there is. */
	conf_diff_line(&conf->lines[0], &conf->lines[conf->n_lines - 1], &d);
	conf_diff_describe(text, sizeof text, &d, d.classes);
	if (d.n > CONF_DIFF_MAX || strlen(text) >= sizeof text)
		abort();
	free(lines);
	free(services);
}

/* Every line and every service of it can be used as the header says. */
static void
look_at(const struct conf *conf)
{
	const struct conf_service *s;
	const struct conf_line *line;
	size_t i, k, n;

	look_at_differences(conf);
	for (i = 0; i < conf->n_lines; i++) {
		look_at_bound(NULL, &conf->lines[i]);
		look_at_commands(&conf->lines[i]);
	}
	for (n = 0; n < conf->n_services; n++) {
		s = &conf->services[n];
		if (s->n_lines == 0 || s->n_listen == 0)
			abort();
		for (k = 0; k < s->n_lines; k++) {
			if (s->lines[k] >= conf->n_lines)
				abort();
			line = &conf->lines[s->lines[k]];
			if (line->setup->kind != conf->lines[s->lines[0]].setup->kind)
				abort();
			look_at_bound(s->rules, line);
		}
	}
	if (conf->n_lines == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct conf_report report;
	struct conf *conf = conf_parse("F", (const char *)data, n, &report);

	if ((conf == NULL) != (report.errors > 0) || report.used != strlen(report.text))
		abort();
	if (report.used > 0 && report.text[report.used - 1] != '\n')
		abort();
	if (conf != NULL)
		look_at(conf);
	conf_free(conf);
	return 0;
}
