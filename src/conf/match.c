/*
 * The lines and services of one configuration in another, by their names.
 */
#include "conf/diff.h"

#include <stdlib.h>
#include <string.h>

/* Something with its name. */
struct named {
	const char *name;
	size_t at;
};

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct named *
names_of_lines(const struct conf *conf)
{
	struct named *all = calloc(conf->n_lines + 1, sizeof *all);
	size_t i;

	for (i = 0; all != NULL && i < conf->n_lines; i++)
		all[i] = (struct named){ conf->lines[i].name, i };
	return all;
}

static struct named *
names_of_services(const struct conf *conf)
{
	struct named *all = calloc(conf->n_services + 1, sizeof *all);
	size_t i;

	for (i = 0; all != NULL && i < conf->n_services; i++)
		all[i] = (struct named){ conf->services[i].name, i };
	return all;
}

/* Frees both lists. */
static size_t *
match(struct named *of, size_t n, struct named *in, size_t m)
{
	size_t *found = calloc(n + 1, sizeof *found), i;
	const struct named *one;

	if (of == NULL || in == NULL || found == NULL) {
		free(of);
		free(in);
		free(found);
		return NULL;
	}
	qsort(in, m, sizeof *in, by_name);
	for (i = 0; i < n; i++) {
		one = bsearch(&of[i], in, m, sizeof *in, by_name);
		found[i] = one != NULL ? one->at : CONF_ABSENT;
	}
	free(of);
	free(in);
	return found;
}

size_t *
conf_match_lines(const struct conf *conf, const struct conf *other)
{
	return match(names_of_lines(conf), conf->n_lines, names_of_lines(other), other->n_lines);
}

size_t *
conf_match_services(const struct conf *conf, const struct conf *other)
{
	return match(names_of_services(conf), conf->n_services, names_of_services(other),
	    other->n_services);
}
