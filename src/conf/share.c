/*
 * What is the same in many lines or services of a configuration, once.
 */
#include "conf/pack.h"

#include <stdlib.h>
#include <string.h>

#define NEAR 16 /* how many are looked back for the same one */

static void
share_acl(struct conf *conf, struct acl **acl)
{
	size_t i;

	if (*acl == NULL)
		return;
	for (i = conf->n_acls; i > 0 && i + NEAR > conf->n_acls; i--) {
		if (!acl_same(conf->acls[i - 1], *acl))
			continue;
		acl_free(*acl);
		*acl = conf->acls[i - 1];
		return;
	}
	conf->acls[conf->n_acls++] = *acl;
}

/* Every byte of them is defined: they are made of zeroes. */
static void
share_rules(struct conf *conf, struct conf_service *service)
{
	size_t i;

	for (i = conf->n_rules; i > 0 && i + NEAR > conf->n_rules; i--) {
		if (memcmp(&conf->rules[i - 1], service->rules, sizeof *service->rules) != 0)
			continue;
		service->rules = &conf->rules[i - 1];
		return;
	}
	memmove(&conf->rules[conf->n_rules], service->rules, sizeof *service->rules);
	service->rules = &conf->rules[conf->n_rules++];
}

static bool
same_texts(const char *const *a, const char *const *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* Of what a phone book or an address is in there is but one. */
static bool
same_setup(const struct conf_setup *a, const struct conf_setup *b)
{
	struct conf_setup x = *a, y = *b;

	x.hangup = y.hangup = x.init = y.init = NULL;
	return a->n_numbers == 0 && a->n_answer == 0 && memcmp(&x, &y, sizeof x) == 0 &&
	    same_texts(a->hangup, b->hangup, a->n_hangup) && same_texts(a->init, b->init, a->n_init);
}

static void
share_setup(struct conf *conf, struct conf_line *line)
{
	size_t i;

	for (i = conf->n_setups; i > 0 && i + NEAR > conf->n_setups; i--) {
		if (!same_setup(&conf->setups[i - 1], line->setup))
			continue;
		free(line->setup->hangup);
		free(line->setup->init);
		line->setup = &conf->setups[i - 1];
		return;
	}
	memmove(&conf->setups[conf->n_setups], line->setup, sizeof *line->setup);
	line->setup = &conf->setups[conf->n_setups++];
}

bool
conf_share(struct conf *conf)
{
	size_t i;

	conf->acls = calloc(conf->n_lines + conf->n_services + 1, sizeof *conf->acls);
	if (conf->acls == NULL)
		return false;
	for (i = 0; i < conf->n_lines; i++) {
		share_acl(conf, &conf->lines[i].setup->allow);
		share_setup(conf, &conf->lines[i]);
	}
	for (i = 0; i < conf->n_services; i++)
		share_acl(conf, &conf->services[i].rules->allow);
	for (i = 0; i < conf->n_services; i++)
		share_rules(conf, &conf->services[i]);
	return true;
}
