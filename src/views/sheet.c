/*
 * Text that grows as it is written, see sheet.h.
 */
#include "views/sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/clean.h"

#define FIRST_ROOM 4096
#define PRINT_MAX 512

void
sheet_init(struct sheet *s, size_t limit)
{
	*s = (struct sheet){ .limit = limit };
}

/* Makes room for n bytes and the NUL. */
static bool
make_room(struct sheet *s, size_t n)
{
	size_t room = s->room > 0 ? s->room : FIRST_ROOM;
	char *text;

	if (s->failed || n >= s->limit - s->used) {
		s->failed = true;
		return false;
	}
	while (room <= s->used + n)
		room *= 2;
	if (room == s->room)
		return true;
	text = realloc(s->text, room);
	if (text == NULL) {
		s->failed = true;
		return false;
	}
	s->text = text;
	s->room = room;
	return true;
}

void
sheet_add(struct sheet *s, const char *bytes, size_t n)
{
	if (!make_room(s, n))
		return;
	memcpy(s->text + s->used, bytes, n);
	s->used += n;
	s->text[s->used] = '\0';
}

void
sheet_print(struct sheet *s, const char *format, ...)
{
	char text[PRINT_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof text)
		s->failed = true;
	else
		sheet_add(s, text, (size_t)n);
}

void
sheet_foreign(struct sheet *s, const char *foreign, const char *special, const char *const *instead)
{
	char text[CLEAN_MAX];
	const char *at = text, *which;
	size_t n;

	clean_text(text, foreign);
	for (;;) {
		n = strcspn(at, special);
		if (n > 0)
			sheet_add(s, at, n);
		at += n;
		if (*at == '\0')
			return;
		which = instead[strchr(special, *at++) - special];
		sheet_add(s, which, strlen(which));
	}
}

char *
sheet_take(struct sheet *s, size_t *n)
{
	char *text = s->text;

	if (s->failed || text == NULL) {
		free(text);
		text = NULL;
	} else
		*n = s->used;
	sheet_init(s, s->limit);
	return text;
}
