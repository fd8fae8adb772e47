/*
 * A number in a command line, see hayes.h: of a command, a register or a parameter.
 */
#include <ctype.h>

#include "modem/hayes_parts.h"

unsigned
hayes_number(struct hayes_commands *c, bool *given)
{
	unsigned value = 0;

	*given = isdigit((unsigned char)*c->at);
	for (; isdigit((unsigned char)*c->at); c->at++)
		if (value < HAYES_TOO_LARGE)
			value = value * 10 + (unsigned)(*c->at - '0');
	return value;
}
