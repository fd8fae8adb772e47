/*
 * Giving a configuration back: one that is being made, or was given up half made (what is not there is
 * NULL or none), and one that is packed.
 */
#include "conf/pack.h"

#include <stdlib.h>

void
conf_free(struct conf *conf)
{
	free(conf);
}

static void
setup_clear(struct conf_setup *setup)
{
	size_t i;

	for (i = 0; i < setup->n_numbers; i++) {
		free(setup->numbers[i].digits);
		free(setup->numbers[i].line);
		free(setup->numbers[i].host);
	}
	free(setup->numbers);
	free(setup->answer);
	free(setup->hangup);
	free(setup->init);
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
	size_t i, n = shared ? conf->n_setups : conf->n_lines;

	for (i = 0; shared && i < conf->n_acls; i++)
		acl_free(conf->acls[i]);
	for (i = 0; i < n; i++) {
		if (!shared)
			acl_free(conf->setups[i].allow);
		setup_clear(&conf->setups[i]);
	}
	for (i = 0; !shared && i < conf->n_services; i++)
		acl_free(conf->rules[i].allow);
	free(conf->acls);
	free(conf->rules);
	free(conf->setups);
}

void
conf_drop(struct conf *conf)
{
	size_t i;

	if (conf == NULL)
		return;
	drop_shared(conf);
	for (i = 0; i < conf->n_lines; i++) {
		free(conf->lines[i].name);
		free(conf->lines[i].device);
	}
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
