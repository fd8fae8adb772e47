/*
 * Lists of texts in a configuration, see lists.h.
 */
#include "conf/lists.h"

#include <stdlib.h>
#include <string.h>

struct conf_names {
	const struct conf_line *first;
	const struct conf_line **sorted;
	const char **all;
	size_t n;
};

bool
conf_is_command(const char *s)
{
	size_t n;

	if ((s[0] != 'A' && s[0] != 'a') || (s[1] != 'T' && s[1] != 't'))
		return false;
	for (n = 0; s[n] != '\0'; n++)
		if (s[n] < ' ' || s[n] > '~')
			return false;
	return n <= CONF_COMMAND_MAX;
}

const char **
conf_texts(const struct conf_value *const *values, size_t n)
{
	size_t i, size = n * sizeof(char *);
	const char **texts;
	char *at;

	for (i = 0; i < n; i++)
		size += strlen(values[i]->text) + 1;
	texts = malloc(size);
	if (texts == NULL)
		return NULL;
	at = (char *)(texts + n);
	for (i = 0; i < n; i++) {
		texts[i] = at;
		at = stpcpy(at, values[i]->text) + 1;
	}
	return texts;
}

static int
by_name(const void *a, const void *b)
{
	const struct conf_line *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

struct conf_names *
conf_names_new(const struct conf *conf)
{
	struct conf_names *names = calloc(1, sizeof *names);
	size_t i;

	if (names == NULL)
		return NULL;
	names->first = conf->lines;
	names->n = conf->n_lines;
	names->sorted = calloc(names->n + 1, sizeof *names->sorted);
	names->all = calloc(names->n + 1, sizeof *names->all);
	if (names->sorted == NULL || names->all == NULL) {
		conf_names_free(names);
		return NULL;
	}
	for (i = 0; i < names->n; i++) {
		names->sorted[i] = &conf->lines[i];
		names->all[i] = conf->lines[i].name;
	}
	qsort(names->sorted, names->n, sizeof *names->sorted, by_name);
	return names;
}

void
conf_names_free(struct conf_names *names)
{
	free(names->sorted);
	free(names->all);
	free(names);
}

static int
against(const void *key, const void *element)
{
	const struct conf_line *const *line = element;

	return strcmp(key, (*line)->name);
}

long
conf_names_find(const struct conf_names *names, const char *name)
{
	const struct conf_line **found = bsearch(name, names->sorted, names->n,
	    sizeof *names->sorted, against);

	return found != NULL ? (long)(*found - names->first) : -1;
}

const char *const *
conf_names_all(const struct conf_names *names)
{
	return names->all;
}
