/*
 * Which pty it is, see ttypty.h.
 *
 * A pty's node is made with it, and its change time is then or when its owner or mode was changed; reading
 * and writing leave it alone.  A link's modification time is when the link was made.  Whose controlling
 * terminal a pty is only its master is told (TIOCGSID), and whoever asks /proc.
 */
#include "ports/ttypty.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/lockfile.h"
#include "ports/procfs.h"

#define LINKS 40      /* followed at most, as the kernel does */
#define LATE_S 2      /* so long after its link a pty may still be given to a user or group */

/* "/run/a" and "b" make "/run/b"; false where that is too long. */
static bool
follow(char path[static PATH_MAX], const char *target)
{
	char *name = target[0] == '/' ? path : strrchr(path, '/') + 1;
	size_t room = PATH_MAX - (size_t)(name - path);

	return (size_t)snprintf(name, room, "%s", target) < room;
}

/* The link of `path` that names the device itself; false: there is none. */
static bool
last_link(const char *path, struct stat *link)
{
	char at[PATH_MAX] = "/", target[PATH_MAX];
	bool found = false;
	struct stat st;
	ssize_t n;
	int i;

	if (!follow(at, path))
		return false;
	for (i = 0; i < LINKS && lstat(at, &st) == 0 && S_ISLNK(st.st_mode); i++) {
		n = readlink(at, target, sizeof target - 1);
		if (n < 0)
			return false;
		target[n] = '\0';
		*link = st;
		found = true;
		if (!follow(at, target))
			return false;
	}
	return found;
}

/* As devpts names them. */
static bool
is_number(const char *name)
{
	return name[0] != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static bool
is_older(const struct stat *link, const struct stat *pty)
{
	struct timespec l = link->st_mtim, p = pty->st_ctim;

	l.tv_sec += LATE_S;
	return l.tv_sec < p.tv_sec || (l.tv_sec == p.tv_sec && l.tv_nsec < p.tv_nsec);
}

static bool
is_a_terminal(const struct stat *pty, char *why, size_t cap)
{
	pid_t pid = procfs_session_on(pty);
	char program[LOCKFILE_PROGRAM];

	if (pid == 0)
		return false;
	procfs_program(pid, program, sizeof program);
	snprintf(why, cap, "the terminal of %s (pid %d)", program[0] != '\0' ? program : "another program",
	    (int)pid);
	return true;
}

bool
ttypty_is_meant(int fd, const char *path, const char *device, char *why, size_t cap)
{
	struct stat pty, link;

	if (fstat(fd, &pty) != 0 || !procfs_is_pty(&pty))
		return true;
	if (is_a_terminal(&pty, why, cap))
		return false;
	if (!is_number(strrchr(device, '/') + 1))
		return true;
	if (!last_link(path, &link)) {
		snprintf(why, cap, "a pty by its number, which the next terminal may get: it needs a link");
		return false;
	}
	if (is_older(&link, &pty)) {
		snprintf(why, cap, "its link was made for another pty, which is gone");
		return false;
	}
	return true;
}
