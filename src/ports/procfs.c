/*
 * Looks through /proc, see procfs.h.
 *
 * Of an open file its name is read first, and only what lies in /dev is looked at closer: to ask for
 * the state of any other may wait for a file server.
 */
#include "ports/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define PROCESSES 32768 /* looked at, at most, and files of each */
#define FILES 4096

void
procfs_program(pid_t pid, char *dst, size_t cap)
{
	char path[32], name[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	fd = pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		n = read(fd, name, sizeof name);
		close(fd);
	}
	if (n > 0 && name[n - 1] == '\n')
		n--;
	text_vis(dst, cap, name, n > 0 ? (size_t)n : 0);
}

/* A directory of /proc/PID/fd, or NULL: not ours to see, or gone. */
static DIR *
open_files(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	return opendir(path);
}

static bool
is_device(int dir, const char *entry, dev_t device)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, entry, target, sizeof target - 1);
	struct stat st;

	if (n < 5 || strncmp(target, "/dev/", 5) != 0)
		return false;
	return fstatat(dir, entry, &st, 0) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == device;
}

static bool
has_open(pid_t pid, dev_t device)
{
	DIR *dir = open_files(pid);
	const struct dirent *e;
	bool found = false;
	int n = 0;

	if (dir == NULL)
		return false;
	while (!found && n++ < FILES && (e = readdir(dir)) != NULL)
		found = is_device(dirfd(dir), e->d_name, device);
	closedir(dir);
	return found;
}

static pid_t
pid_of(const char *name)
{
	char *end;
	long pid = strtol(name, &end, 10);

	return *end == '\0' && pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

pid_t
procfs_holder_of(const char *device)
{
	const struct dirent *e;
	pid_t pid, found = 0;
	struct stat st;
	DIR *proc;
	int n = 0;

	if (stat(device, &st) != 0 || !S_ISCHR(st.st_mode))
		return 0;
	proc = opendir("/proc");
	if (proc == NULL)
		return 0;
	while (found == 0 && n++ < PROCESSES && (e = readdir(proc)) != NULL) {
		pid = pid_of(e->d_name);
		if (pid != 0 && pid != getpid() && has_open(pid, st.st_rdev))
			found = pid;
	}
	closedir(proc);
	return found;
}
