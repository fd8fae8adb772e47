/*
 * Giving a configuration back: one that is being made, or was given up half made (what is not there is
 * NULL or none), and one that is packed.
 */
#include "sharing/conf_pack.h"

#include <stdlib.h>

void
conf_free(struct conf *conf)
{
	free(conf);
}

static void
line_clear(struct conf_line *line)
{
	size_t i;

	for (i = 0; i < line->n_numbers; i++) {
		free(line->numbers[i].digits);
		free(line->numbers[i].line);
		free(line->numbers[i].host);
	}
	free(line->numbers);
	free(line->answer);
	free(line->name);
	free(line->device);
}

void
conf_service_clear(struct conf_service *service)
{
	free(service->name);
	free(service->lines);
	free(service->listen);
}

/* What lines and services share, or will: each has its own until then. */
static void
drop_shared(struct conf *conf)
{
	bool shared = conf->acls != NULL;
	size_t i, n = shared ? conf->n_dialogues : conf->n_lines;

	for (i = 0; i < n; i++) {
		free(conf->dialogues[i].hangup);
		free(conf->dialogues[i].init);
	}
	for (i = 0; shared && i < conf->n_acls; i++)
		acl_free(conf->acls[i]);
	for (i = 0; !shared && i < conf->n_lines; i++)
		acl_free(conf->lines[i].allow);
	for (i = 0; !shared && i < conf->n_services; i++)
		acl_free(conf->rules[i].allow);
	free(conf->acls);
	free(conf->rules);
	free(conf->dialogues);
}

void
conf_drop(struct conf *conf)
{
	size_t i;

	if (conf == NULL)
		return;
	drop_shared(conf);
	for (i = 0; i < conf->n_lines; i++)
		line_clear(&conf->lines[i]);
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
