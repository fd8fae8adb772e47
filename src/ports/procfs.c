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
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define PROCESSES 32768 /* looked at, at most, and files of each */
#define FILES 4096
#define PTY_MAJOR 136 /* of slaves, and the seven after it */

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

#define STARTED 20 /* fields of /proc/PID/stat between the state and the time at which it began */

/* Clock ticks since the boot, -1: not known.  The name of the program, in parentheses, may hold anything. */
static int64_t
ticks_at_start(pid_t pid)
{
	char path[32], text[1024];
	const char *at;
	ssize_t n = -1;
	int fd, i;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		n = read(fd, text, sizeof text - 1);
		close(fd);
	}
	text[n < 0 ? 0 : n] = '\0';
	at = strrchr(text, ')');
	for (i = 0; at != NULL && i < STARTED; i++)
		at = strchr(at + 1, ' ');
	return at != NULL && at[1] >= '0' && at[1] <= '9' ? strtoll(at + 1, NULL, 10) : -1;
}

bool
procfs_began_after(pid_t pid, time_t when)
{
	int64_t began = ticks_at_start(pid), ticks = sysconf(_SC_CLK_TCK);
	struct timespec now, up;

	if (began < 0 || ticks <= 0 || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &up) != 0)
		return false;
	return now.tv_sec - (up.tv_sec - began / ticks) > when;
}

/* A directory of /proc/PID/fd, or NULL: not ours to see, or gone. */
static DIR *
open_files(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	return opendir(path);
}

bool
procfs_is_pty(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) >= PTY_MAJOR && major(st->st_rdev) < PTY_MAJOR + 8;
}

/* A device may have several nodes; but each mount of devpts, as a container has one, counts its ptys from 0. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return S_ISCHR(a->st_mode) && a->st_rdev == b->st_rdev &&
	    (!procfs_is_pty(b) || (a->st_dev == b->st_dev && a->st_ino == b->st_ino));
}

static bool
is_device(int dir, const char *entry, const struct stat *device)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, entry, target, sizeof target - 1);
	struct stat st;

	if (n < 5 || strncmp(target, "/dev/", 5) != 0)
		return false;
	return fstatat(dir, entry, &st, 0) == 0 && is_same(&st, device);
}

/* How often. */
static int
has_open(pid_t pid, const struct stat *device)
{
	DIR *dir = open_files(pid);
	const struct dirent *e;
	int n = 0, found = 0;

	if (dir == NULL)
		return 0;
	while (n++ < FILES && (e = readdir(dir)) != NULL)
		found += is_device(dirfd(dir), e->d_name, device);
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

/* The first process for which fn(pid, arg) is not 0, and that; 0: none. */
static pid_t
find(pid_t (*fn)(pid_t, const struct stat *), const struct stat *device)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	pid_t pid, found = 0;
	int n = 0;

	if (proc == NULL)
		return 0;
	while (found == 0 && n++ < PROCESSES && (e = readdir(proc)) != NULL) {
		pid = pid_of(e->d_name);
		if (pid != 0)
			found = fn(pid, device);
	}
	closedir(proc);
	return found;
}

static pid_t
holds(pid_t pid, const struct stat *device)
{
	return pid != getpid() && has_open(pid, device) > 0 ? pid : 0;
}

pid_t
procfs_holder_of(const char *device)
{
	struct stat st;

	return stat(device, &st) == 0 && S_ISCHR(st.st_mode) ? find(holds, &st) : 0;
}

/* Beside the descriptor by which we ask. */
static pid_t
holds_too(pid_t pid, const struct stat *device)
{
	return has_open(pid, device) > (pid == getpid() ? 1 : 0) ? pid : 0;
}

bool
procfs_open_once(const struct stat *device)
{
	return find(holds_too, device) == 0;
}

bool
procfs_has_open(pid_t pid, const char *device)
{
	struct stat st;

	return stat(device, &st) == 0 && S_ISCHR(st.st_mode) && has_open(pid, &st) > 0;
}

/* The number of a tty as /proc has it. */
static unsigned
number_of(dev_t tty)
{
	return (minor(tty) & 0xff) | major(tty) << 8 | (minor(tty) & ~0xffU) << 12;
}

/* The name of the program, in parentheses, may hold anything.  A session outside of our pid namespace is 0. */
static pid_t
leads(pid_t pid, const struct stat *pty)
{
	char path[32], text[512];
	int fd, session, number;
	const char *rest;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	rest = strrchr(text, ')');
	if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %d %d", &session, &number) != 2 ||
	    (unsigned)number != number_of(pty->st_rdev) || has_open(pid, pty) == 0)
		return 0;
	return session > 0 ? session : pid;
}

pid_t
procfs_session_on(const struct stat *pty)
{
	return find(leads, pty);
}
