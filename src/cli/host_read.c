/*
 * The serial ports of this host, see host.h: files of a line.
 */
#include <stdio.h>
#include <string.h>

#include "cli/host_parts.h"

void
host_read(const char *path, char *to, size_t cap)
{
	FILE *f = fopen(path, "re");

	to[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(to, (int)cap, f) == NULL)
		to[0] = '\0';
	to[strcspn(to, "\n")] = '\0';
	fclose(f);
}
