/*
 * The serial ports of this host, see host.h: what they are.
 */
#include "cli/host.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/host_parts.h"

/* ---- files ---- */

static void
read_in(const char *directory, const char *name, char *to, size_t cap)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%.3000s/%s", directory, name);
	host_read(path, to, cap);
}

const char *
host_resolve(const struct host *h, const char *path, char resolved[static HOST_PATH])
{
	char from[PATH_MAX], whole[PATH_MAX], root[PATH_MAX];
	size_t n;

	snprintf(from, sizeof from, "%s%.3000s", h->root, path);
	if (realpath(*h->root == '\0' ? "/" : h->root, root) == NULL ||
	    realpath(from, whole) == NULL)
		return NULL;
	n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(whole, root, n) != 0 || strlen(whole + n) >= HOST_PATH) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(resolved, whole + n, strlen(whole + n) + 1);
	return resolved;
}

const struct host_tty *
host_find(const struct host *h, const char *path)
{
	char node[HOST_PATH];
	size_t i;

	if (host_resolve(h, path, node) == NULL)
		return NULL;
	for (i = 0; i < h->n; i++)
		if (strcmp(h->ttys[i].node, node) == 0)
			return &h->ttys[i];
	return NULL;
}

/* ---- /sys ---- */

/* The directory of the USB device is one above its interfaces; further up are hubs. */
static void
read_usb(struct host_tty *t, char *directory)
{
	char *slash;

	read_in(directory, "bInterfaceNumber", t->interface, sizeof t->interface);
	while ((slash = strrchr(directory, '/')) != NULL && slash != directory) {
		*slash = '\0';
		if (t->interface[0] == '\0')
			read_in(directory, "bInterfaceNumber", t->interface, sizeof t->interface);
		read_in(directory, "idVendor", t->vendor, sizeof t->vendor);
		if (t->vendor[0] != '\0')
			break;
	}
	t->usb = t->vendor[0] != '\0';
	if (!t->usb) {
		t->interface[0] = '\0';
		return;
	}
	read_in(directory, "idProduct", t->product, sizeof t->product);
	read_in(directory, "serial", t->serial, sizeof t->serial);
	read_in(directory, "manufacturer", t->maker, sizeof t->maker);
	read_in(directory, "product", t->model, sizeof t->model);
}

/* False: no port of hardware. */
static bool
read_tty(const struct host *h, struct host_tty *t, const char *name)
{
	char path[PATH_MAX], directory[PATH_MAX], to[PATH_MAX], type[16], *c;
	struct stat st;
	ssize_t n;

	memset(t, 0, sizeof *t);
	snprintf(path, sizeof path, "%s/sys/class/tty/%s/device", h->root, name);
	if (realpath(path, directory) == NULL)
		return false;
	snprintf(path, sizeof path, "%s/sys/class/tty/%s/type", h->root, name);
	host_read(path, type, sizeof type);
	if (strcmp(type, "0") == 0) /* a place for an UART that is not there */
		return false;
	snprintf(t->node, sizeof t->node, "/dev/%s", name);
	for (c = t->node; *c != '\0'; c++)
		if (*c == '!')
			*c = '/';
	snprintf(path, sizeof path, "%s%s", h->root, t->node);
	if (stat(path, &st) == 0 && S_ISCHR(st.st_mode))
		t->device = st.st_rdev;
	snprintf(path, sizeof path, "%.3000s/driver", directory);
	n = readlink(path, to, sizeof to - 1);
	if (n > 0) {
		to[n] = '\0';
		c = strrchr(to, '/');
		snprintf(t->driver, sizeof t->driver, "%.60s", c == NULL ? to : c + 1);
	}
	read_usb(t, directory);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strverscmp(((const struct host_tty *)a)->node, ((const struct host_tty *)b)->node);
}

static int
find_ttys(struct host *h)
{
	char path[PATH_MAX];
	struct host_tty *more;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "%s/sys/class/tty", h->root);
	if ((d = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		more = realloc(h->ttys, (h->n + 1) * sizeof *more);
		if (more == NULL) {
			closedir(d);
			return -1;
		}
		h->ttys = more;
		if (read_tty(h, &h->ttys[h->n], e->d_name))
			h->n++;
	}
	closedir(d);
	if (h->n > 0)
		qsort(h->ttys, h->n, sizeof *h->ttys, by_name);
	return 0;
}

static struct host_tty *
find(struct host *h, const char *path)
{
	return (struct host_tty *)(uintptr_t)host_find(h, path);
}

static void
find_links(struct host *h)
{
	char path[PATH_MAX];
	struct host_tty *t;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "%s/dev/serial/by-id", h->root);
	if ((d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "/dev/serial/by-id/%.400s", e->d_name);
		if (e->d_name[0] != '.' && (t = find(h, path)) != NULL)
			snprintf(t->by_id, sizeof t->by_id, "%.500s", path);
	}
	closedir(d);
}

static void
find_consoles(struct host *h)
{
	char path[PATH_MAX], active[512], *name, *rest;
	struct host_tty *t;

	snprintf(path, sizeof path, "%s/sys/class/tty/console/active", h->root);
	host_read(path, active, sizeof active);
	for (name = strtok_r(active, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
		snprintf(path, sizeof path, "/dev/%s", name);
		if ((t = find(h, path)) != NULL)
			t->console = true;
	}
}

int
host_look(struct host *h, const char *root, const char *locks)
{
	int error;

	*h = (struct host){ .root = root, .locks = locks };
	if (find_ttys(h) != 0) {
		error = errno;
		host_clear(h);
		errno = error;
		return -1;
	}
	find_links(h);
	find_consoles(h);
	host_find_holders(h);
	if (locks != NULL)
		host_find_locks(h);
	return 0;
}

void
host_clear(struct host *h)
{
	free(h->ttys);
	h->ttys = NULL;
	h->n = 0;
}

/* CUSE, by which programs make ttys, has a class of its own; a pty has none. */
bool
host_may_be_tty(const struct host *h, unsigned major, unsigned minor)
{
	char path[PATH_MAX], to[PATH_MAX];
	const char *class;
	ssize_t n;

	snprintf(path, sizeof path, "%s/sys/dev/char/%u:%u/subsystem", h->root, major, minor);
	n = readlink(path, to, sizeof to - 1);
	to[n > 0 ? n : 0] = '\0';
	class = strrchr(to, '/');
	return class == NULL || strcmp(class, "/tty") == 0 || strcmp(class, "/cuse") == 0;
}
