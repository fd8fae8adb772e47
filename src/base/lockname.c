/*
 * Names of lock files, see lockname.h.
 */
#include "base/lockname.h"

#include <stdio.h>
#include <string.h>

#define DEV "/dev/"

static char
shown(char c)
{
	return c == '/' ? '_' : c;
}

bool
lockname_same(const char *a, const char *b)
{
	while (*a != '\0' && shown(*a) == shown(*b)) {
		a++;
		b++;
	}
	return shown(*a) == shown(*b);
}

static void
add(struct locknames *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (lockname_same(names->list[i], name))
			return;
	names->list[names->n++] = name;
}

static void
add_path(struct locknames *names, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strncmp(path, DEV, strlen(DEV)) == 0)
		add(names, path + strlen(DEV));
	add(names, slash != NULL ? slash + 1 : path);
}

void
lockname_of(struct locknames *names, const char *device, const char *path)
{
	names->n = 0;
	add_path(names, device);
	add_path(names, path);
}

const char *
lockname_path(char *dst, size_t cap, const char *dir, const char *name)
{
	int head = snprintf(dst, cap, "%s/LCK..", dir), n;
	char *c;

	if (head < 0 || (size_t)head >= cap)
		return NULL;
	n = snprintf(dst + head, cap - (size_t)head, "%s", name);
	if (n < 0 || (size_t)n >= cap - (size_t)head)
		return NULL;
	for (c = dst + head; *c != '\0'; c++)
		*c = shown(*c);
	return dst;
}
