/*
 * Any text as a configuration: it is an error with a message, or a conf whose every line has a
 * bound that can be printed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sharing/bound.h"
#include "sharing/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
look_at(const struct conf *conf)
{
	const struct conf_service *service;
	struct bound b;
	char text[200];
	size_t i, next = 0;

	for (i = 0; i < conf->n_lines; i++) {
		service = NULL;
		if (next < conf->n_services && conf->services[next].line == i)
			service = &conf->services[next++];
		bound_of(service, &conf->lines[i], &b);
		if (bound_print(text, sizeof text, conf->lines[i].name, &b) >= sizeof text - 1)
			abort();
		if ((service == NULL) != (b.idle == BOUND_NA) || b.idle == 0 || b.latest == 0)
			abort();
	}
	if (next != conf->n_services || conf->n_lines == 0)
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
