/*
 * The configuration from its file, see conffile.h.
 */
#include "daemon/conffile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1 << 20) /* more is told to be too much by the parser */

static void
say(struct conf_report *r, const char *path, int err)
{
	int n = snprintf(r->text, sizeof r->text, "%s: %s\n", path, strerror(err));

	r->used = n > 0 && (size_t)n < sizeof r->text ? (size_t)n : 0;
	r->errors = 1;
}

/* The whole file, *n its size; NULL after saying why. */
static char *
read_file(const char *path, size_t *n, struct conf_report *r)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(FILE_MAX + 1);
	bool bad;

	if (f == NULL || text == NULL) {
		say(r, path, errno);
		free(text);
		if (f != NULL)
			fclose(f);
		return NULL;
	}
	*n = fread(text, 1, FILE_MAX + 1, f);
	bad = ferror(f) != 0;
	if (bad)
		say(r, path, errno);
	fclose(f);
	if (!bad)
		return text;
	free(text);
	return NULL;
}

struct conf *
conffile_load(const char *path, struct conf_report *r)
{
	struct conf *conf;
	char *text;
	size_t n;

	r->text[0] = '\0';
	if ((text = read_file(path, &n, r)) == NULL)
		return NULL;
	conf = conf_parse(path, text, n, r);
	free(text);
	return conf;
}
