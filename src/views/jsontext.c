/*
 * Text in JSON, see jsontext.h.
 */
#include "views/jsontext.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "views/clean.h"

_Static_assert(JSONTEXT_DUMP == (JSON_COMPACT | JSON_REAL_PRECISION(15)), "flags of jansson");

json_t *
jsontext(const char *s)
{
	char clean[CLEAN_MAX];
	size_t len = clean_text(clean, s);

	return json_stringn(clean, len);
}

json_t *
jsontext_or_null(const char *s)
{
	return s == NULL || *s == '\0' ? json_null() : jsontext(s);
}

char *
jsontext_line(json_t *v)
{
	char *text = v != NULL ? json_dumps(v, JSONTEXT_DUMP) : NULL, *line = NULL;
	size_t n;

	json_decref(v);
	if (text == NULL)
		return NULL;
	n = strlen(text);
	line = realloc(text, n + 2);
	if (line == NULL)
		free(text);
	else
		memcpy(line + n, "\n", 2);
	return line;
}
