/*
 * What may be shown of a code, see mmi.h.
 *
 * **04*OLD*NEW*NEW# changes a PIN, **05 unblocks one (22.030, 6.6), *03 changes a password and *33*PASSWORD# bars calls
 * (6.5.4), and a network has codes of its own.  So what follows a code is shown only where it is known to be none.
 */
#include "modem/mmi.h"

#include <stdbool.h>
#include <string.h>

#define CODE 4 /* the longest that is known, with a NUL */

/* Of 22.030, annex B: call forwarding, identification and waiting, whose values are numbers; and the dial strings of
 * packet data (27.007, 10.2.1.1). */
static const char *const harmless[] = {
	"002", "004", "21", "30", "31", "43", "61", "62", "67", "76", "77", "98", "99",
};

static bool
is_dialled(char c)
{
	return strchr("0123456789*#+ABCDabcd", c) != NULL;
}

/* The next character that is dialled, or the NUL. */
static const char *
next(const char *s)
{
	while (*s != '\0' && !is_dialled(*s))
		s++;
	return s;
}

static bool
is_harmless(const char code[static CODE])
{
	size_t i;

	for (i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
		if (strcmp(code, harmless[i]) == 0)
			return true;
	return false;
}

size_t
mmi_shown(const char *dial)
{
	const char *s = next(dial), *end;
	char code[CODE] = "";
	size_t n = 0;

	if (*s != '*' && *s != '#')
		return strlen(dial);
	while (*s == '*' || *s == '#')
		s = next(s + 1);
	end = s;
	for (; *s >= '0' && *s <= '9'; s = next(s + 1)) {
		if (n < CODE - 1)
			code[n] = *s;
		n++;
		end = s + 1;
	}
	if (*s == '\0' || *s == '#' || (n < CODE && is_harmless(code)))
		return strlen(dial);
	return (size_t)(end - dial);
}
