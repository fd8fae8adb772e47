/*
 * Giving a configuration back.  Works on one that was given up half made: what is not there is
 * NULL or none.
 */
#include <stdlib.h>

#include "sharing/conf_parts.h"

void
conf_line_clear(struct conf_line *line)
{
	size_t i;

	for (i = 0; i < line->n_numbers; i++) {
		free(line->numbers[i].digits);
		free(line->numbers[i].line);
		free(line->numbers[i].host);
	}
	free(line->numbers);
	free(line->answer);
	acl_free(line->allow);
	free(line->hangup);
	free(line->init);
	free(line->name);
	free(line->device);
}

void
conf_service_clear(struct conf_service *service)
{
	free(service->name);
	free(service->lines);
	free(service->listen);
	acl_free(service->allow);
}

void
conf_free(struct conf *conf)
{
	size_t i;

	if (conf == NULL)
		return;
	for (i = 0; i < conf->n_lines; i++)
		conf_line_clear(&conf->lines[i]);
	for (i = 0; i < conf->n_services; i++)
		conf_service_clear(&conf->services[i]);
	free(conf->lines);
	free(conf->services);
	free(conf->status);
	free(conf->control_socket);
	free(conf->state_directory);
	free(conf->lock_directory);
	free(conf);
}
