/*
 * modemshared.conf(5) beside the table of keys: every key with its default, range and words, no
 * other key, and examples that parse.
 */
#include "conf/parts.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static char manual[1 << 17];

static void
read_manual(void)
{
	const char *dir = getenv("srcdir");
	char path[1000];
	FILE *f;

	snprintf(path, sizeof path, "%s/man/modemshared.conf.5", dir != NULL ? dir : ".");
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s cannot be read", path);
	manual[fread(manual, 1, sizeof manual - 1, f)] = '\0';
	fclose(f);
}

/* The page of its own has another `listen` than the services. */
#define PAGE "\n.Sh STATUS SECTION\n"

/* A default as a person writes it: lists in braces. */
static const char *
written(char dst[static 64], const struct conf_key *key, const char *text)
{
	char *p;

	if (!conf_is_list(key)) {
		snprintf(dst, 64, "%s", text);
		return dst;
	}
	snprintf(dst, 64, "{ %s }", text);
	for (p = dst + 2; strchr(p, ' ') != strrchr(p, ' '); p = strchr(p, ' ') + 2) {
		memmove(strchr(p, ' ') + 1, strchr(p, ' '), strlen(strchr(p, ' ')) + 1);
		*strchr(p, ' ') = ',';
	}
	return dst;
}

static void
default_line(char *dst, size_t cap, const struct conf_key *key)
{
	char modem[64], console[64];

	if (key->modem != NULL && key->modem[0] == '\0')
		snprintf(dst, cap, "\nDefault: none.\n");
	else if (key->modem == NULL)
		snprintf(dst, cap, key->type == CONF_LISTEN && key->of != CONF_OF_CONF ? "\nDefault: none.\n" : "\nRequired.\n");
	else if (key->console == NULL)
		snprintf(dst, cap, "\nDefault: %s; only for a modem.\n", written(modem, key, key->modem));
	else if (strcmp(key->modem, key->console) == 0)
		snprintf(dst, cap, "\nDefault: %s.\n", written(modem, key, key->modem));
	else
		snprintf(dst, cap, "\nDefault: %s for a modem, %s for a console.\n",
		    written(modem, key, key->modem), written(console, key, key->console));
}

static void
range_line(char *dst, size_t cap, const struct conf_key *key)
{
	char low[TEXT_DURATION], high[TEXT_DURATION];
	size_t used = 0, i;

	dst[0] = '\0';
	if (key->type == CONF_DURATION)
		snprintf(dst, cap, "\nRange: %s to %s%s.\n", text_duration(low, key->min),
		    text_duration(high, key->max), key->off ? ", or 0" : "");
	else if (key->type == CONF_SIZE)
		snprintf(dst, cap, "\nRange: %s to %s.\n", text_size(low, key->min), text_size(high, key->max));
	else if (key->max > 0)
		snprintf(dst, cap, "\nRange: %lld to %lld.\n", (long long)key->min,
		    (long long)key->max);
	for (i = 0; key->words != NULL && key->words[i] != NULL; i++)
		used += (size_t)snprintf(dst + used, cap - used, "\n.It Cm %s\n", key->words[i]);
}

/* The text of a key, from its .It to the next key's. */
static char *
entry(const struct conf_key *key)
{
	char begin[80], *from = manual, *to, *copy;

	snprintf(begin, sizeof begin, "\n.It Ic %s ", key->name);
	if (key == conf_status.keys)
		from = strstr(manual, PAGE);
	from = from != NULL ? strstr(from, begin) : NULL;
	ck_assert_msg(from != NULL, "%s is not in the manual", key->name);
	to = strstr(from + 1, "\n.It Ic ");
	copy = strndup(from, to != NULL ? (size_t)(to - from) + 1 : strlen(from));
	ck_assert_ptr_nonnull(copy);
	return copy;
}

/* Right behind the default. */
static void
reload_line(char *dst, size_t cap, const struct conf_key *key)
{
	static const char *const when[] = {
		[CONF_RELOAD_NOW] = "at once", [CONF_RELOAD_HANDOVER] = "at the next hand-over",
		[CONF_RELOAD_ENDS] = "at once, and ends a claim on the line",
		[CONF_RELOAD_CLIENTS] = "for new clients", [CONF_RELOAD_RESTART] = "restart needed"
	};

	snprintf(dst, cap, "Reload: %s.\n", when[key->reload]);
}

static void
compare_key(const struct conf_key *key)
{
	char line[300], *text = entry(key), *word, *next;

	default_line(line, sizeof line, key);
	reload_line(line + strlen(line), sizeof line - strlen(line), key);
	ck_assert_msg(strstr(text, line) != NULL, "%s:%s", key->name, line);
	range_line(line, sizeof line, key);
	if (key->words == NULL) {
		ck_assert_msg(strstr(text, line) != NULL, "%s:%s", key->name, line);
		free(text);
		return;
	}
	/* words: each is an item of the entry */
	for (word = strtok_r(line, "\n", &next); word != NULL; word = strtok_r(NULL, "\n", &next))
		ck_assert_msg(strstr(text, word) != NULL, "%s: %s", key->name, word);
	free(text);
}

START_TEST(manual_has_every_key)
{
	const struct conf_table *tables[] = { &conf_globals, &conf_lines, &conf_services,
		&conf_numbers, &conf_status };
	size_t t, i, keys = 0, items = 0;
	const char *p;

	read_manual();
	for (t = 0; t < sizeof tables / sizeof tables[0]; t++)
		for (i = 0; i < tables[t]->n; i++, keys++)
			compare_key(&tables[t]->keys[i]);
	/* and no other */
	for (p = manual; (p = strstr(p, "\n.It Ic ")) != NULL; p++)
		items++;
	ck_assert_uint_eq(items, keys);
}
END_TEST

/* Every example can be copied: it parses as it stands. */
START_TEST(manual_examples_parse)
{
	static struct conf_report report;
	struct conf *conf;
	char *begin, *end;
	int examples = 0;

	read_manual();
	for (begin = manual; (begin = strstr(begin, "\n.Bd -literal")) != NULL; begin = end) {
		begin = strchr(begin + 1, '\n') + 1;
		end = strstr(begin, ".Ed\n");
		ck_assert_ptr_nonnull(end);
		conf = conf_parse("example", begin, (size_t)(end - begin), &report);
		ck_assert_msg(conf != NULL, "%s", report.text);
		conf_free(conf);
		examples++;
	}
	ck_assert_int_ge(examples, 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("manual");
	TCase *tc = tcase_create("manual");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, manual_has_every_key);
	tcase_add_test(tc, manual_examples_parse);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
