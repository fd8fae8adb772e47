/*
 * The serial ports of this host, see host.h: who holds them.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lockname.h"
#include "cli/host_parts.h"

const char *
host_program(const struct host *h, int pid, char program[static 32])
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/proc/%d/comm", h->root, pid);
	host_read(path, program, 32);
	return program;
}

static void
add_holder(const struct host *h, struct host_tty *t, int pid)
{
	struct host_holder *holder = &t->holders[t->n_holders];
	size_t i;

	for (i = 0; i < t->n_holders; i++)
		if (t->holders[i].pid == pid)
			return;
	if (t->n_holders == HOST_HOLDERS)
		return;
	t->n_holders++;
	holder->pid = pid;
	host_program(h, pid, holder->program);
}

/* A container may have the port by another name, and another one by this name. */
static bool
is_open_there(const struct host_tty *t, const char *path, const char *to)
{
	struct stat st;

	if (t->device == 0)
		return strcmp(to, t->node) == 0;
	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == t->device;
}

static void
look_into(struct host *h, int pid)
{
	char path[PATH_MAX], to[PATH_MAX];
	struct dirent *e;
	ssize_t n;
	size_t i;
	DIR *d;

	snprintf(path, sizeof path, "%s/proc/%d/fd", h->root, pid);
	if ((d = opendir(path)) == NULL) {
		h->blind = h->blind || errno == EACCES;
		return;
	}
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/proc/%d/fd/%.30s", h->root, pid, e->d_name);
		if ((n = readlink(path, to, sizeof to - 1)) <= 0)
			continue;
		to[n] = '\0';
		if (strncmp(to, "/dev/", 5) != 0) /* to ask for any other may wait for a file server */
			continue;
		for (i = 0; i < h->n; i++)
			if (is_open_there(&h->ttys[i], path, to))
				add_holder(h, &h->ttys[i], pid);
	}
	closedir(d);
}

void
host_find_holders(struct host *h)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "%s/proc", h->root);
	if ((d = opendir(path)) == NULL) {
		h->blind = true;
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			look_into(h, atoi(e->d_name));
	closedir(d);
}

/* The pid is text of 10 digits, or 4 bytes of some old programs. */
static int
read_pid(const char *path)
{
	char text[32] = "";
	FILE *f = fopen(path, "re");
	size_t n;
	int pid;

	if (f == NULL)
		return errno == ENOENT ? 0 : errno == EACCES ? HOST_LOCK_HIDDEN : HOST_LOCK_NOBODY;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	pid = atoi(text);
	if (pid <= 0 && n == sizeof pid)
		memcpy(&pid, text, sizeof pid);
	return pid > 0 ? pid : HOST_LOCK_NOBODY;
}

const char *
host_lock_path(const struct host *h, const char *name, char path[static HOST_PATH])
{
	return lockname_path(path, HOST_PATH, h->locks, name);
}

void
host_look_at_lock(const struct host *h, const char *name, struct host_lock *lock)
{
	char path[PATH_MAX], file[HOST_PATH];

	*lock = (struct host_lock){ .pid = 0 };
	if (h->locks == NULL || host_lock_path(h, name, file) == NULL)
		return;
	snprintf(path, sizeof path, "%s%s", h->root, file);
	lock->pid = read_pid(path);
	snprintf(path, sizeof path, "%s/proc/%d", h->root, lock->pid);
	lock->lives = lock->pid > 0 && access(path, F_OK) == 0;
}

void
host_find_locks(struct host *h)
{
	struct locknames names;
	struct host_lock lock;
	size_t i, k;

	for (i = 0; i < h->n; i++) {
		struct host_tty *t = &h->ttys[i];

		lockname_of(&names, t->node, t->node);
		for (k = 0; k < names.n && t->lock_pid == 0; k++) {
			host_look_at_lock(h, names.list[k], &lock);
			t->lock_pid = lock.pid == HOST_LOCK_HIDDEN ? HOST_LOCK_NOBODY : lock.pid;
			t->lock_lives = lock.lives;
		}
	}
}
