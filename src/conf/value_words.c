/*
 * What an unknown key may have been meant to be: a word that is near, or a key of another section.
 */
#include "conf/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define WORDS_MAX (2 * CONF_KEYS_MAX + 4) /* sections and the end, too */

static size_t
add_words(const struct conf_table *table, bool in_line, const char **words)
{
	size_t i, n = 0;

	for (i = 0; i < table->n; i++)
		if (!in_line || !table->keys[i].pool)
			words[n++] = table->keys[i].name;
	return n;
}

/* Every word that may begin something in this section, NULL-terminated. */
static void
words_of(const struct conf_table *table, const char *words[static WORDS_MAX])
{
	size_t n = add_words(table, false, words);

	if (table == &conf_lines) {
		n += add_words(&conf_services, true, words + n);
		words[n++] = "number";
	} else if (table == &conf_globals) {
		words[n++] = "line";
		words[n++] = "service";
		words[n++] = "status";
	}
	words[n] = NULL;
}

/* Where else a key would be right, or NULL. */
static const char *
better_place(const struct conf_table *table, const char *key)
{
	int service = conf_find(&conf_services, key);
	bool pool = service >= 0 && conf_services.keys[service].pool;

	if (table != &conf_globals && conf_find(&conf_globals, key) >= 0)
		return table == &conf_lines ? "outside the line" : table == &conf_services ?
		    "outside the service" : table == &conf_status ? "outside status" :
		    "outside the number";
	if (pool)
		return "inside a service";
	if ((table == &conf_globals || table == &conf_status) && service >= 0)
		return "inside a line or service";
	if (table != &conf_lines && conf_find(&conf_lines, key) >= 0)
		return "inside a line";
	return NULL;
}

static bool
is_section(const char *word)
{
	return strcmp(word, "line") == 0 || strcmp(word, "service") == 0 ||
	    strcmp(word, "status") == 0;
}

void
conf_unknown_key(struct conf_messages *m, int line, const struct conf_table *table,
    const char *key)
{
	const char *words[WORDS_MAX], *near, *place = better_place(table, key);
	char where[64];

	snprintf(where, sizeof where, "a key of %s%s", table->section == NULL ? "the file" :
	    table == &conf_status ? "" : "a ", table->section != NULL ? table->section : "");
	words_of(table, words);
	near = text_nearest(key, words);
	if (table != &conf_globals && is_section(key))
		conf_error(m, line, "unknown key \"%s\"; expected \"}\" before it", key);
	else if (place != NULL)
		conf_error(m, line, "unknown key \"%s\"; expected it %s", key, place);
	else if (near != NULL)
		conf_error(m, line, "unknown key \"%.100s\"; expected %s; did you mean "
		    "\"%s\"?", key, where, near);
	else
		conf_error(m, line, "unknown key \"%.100s\"; expected %s", key, where);
}
