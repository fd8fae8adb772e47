/*
 * Lock files in a directory of its own, see lockrig.h.
 */
#include "lockrig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

char dir[64], lock[128];
struct lockfile_owner owner;
pid_t child;
struct lockfile_hold holds[3];

/* As one line or another of ours would: each in a hold of its own. */
int
take_at(const char *where, const char *device, time_t now, struct lockfile_owner *by)
{
	struct lockfile_hold *h = holds;

	while (h->device != NULL)
		h++;
	ck_assert(h < holds + 3);
	return lockfile_take(h, where, device, device, now, by);
}

void
release_at(const char *where, const char *device)
{
	struct lockfile_hold *h;

	for (h = holds; h < holds + 3; h++)
		if (h->device != NULL && strcmp(h->device, device) == 0)
			lockfile_release(h, where);
}

void
lockrig_up(void)
{
	snprintf(dir, sizeof dir, "/tmp/check-lockfile.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(lock, sizeof lock, "%s/%s", dir, NAME);
	memset(&owner, 0, sizeof owner);
}

void
end_child(void)
{
	if (child == 0)
		return;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = 0;
}

void
lockrig_down(void)
{
	end_child();
	chmod(dir, 0700);
	release_at(dir, DEVICE);
	if (unlink(lock) != 0)
		rmdir(lock);
	ck_assert_msg(rmdir(dir) == 0, "something is left in %s", dir);
}

/* A process that lives until end_child(), or one that is dead. */
pid_t
process(bool alive)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (alive)
			pause();
		_exit(0);
	}
	if (alive)
		child = pid;
	else
		waitpid(pid, NULL, 0);
	return pid;
}

void
put(const void *content, size_t n)
{
	int fd = open(lock, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content, n), (ssize_t)n);
	close(fd);
}

void
put_pid(const char *format, pid_t pid)
{
	char text[128];

	put(text, (size_t)snprintf(text, sizeof text, format, (int)pid));
}

/* As in `ahead` seconds. */
int
take(int ahead)
{
	return take_at(dir, DEVICE, time(NULL) + ahead, &owner);
}

/* The lock file, as if it had been written before now; negative: later. */
void
write_earlier(int seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	ck_assert_int_eq(utimensat(AT_FDCWD, lock, times, 0), 0);
}

void
is_ours(void)
{
	char text[32], want[32];
	struct stat st;
	int fd = open(lock, O_RDONLY | O_NOFOLLOW);
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	n = read(fd, text, sizeof text - 1);
	text[n < 0 ? 0 : n] = '\0';
	snprintf(want, sizeof want, "%10d\n", (int)getpid());
	ck_assert_str_eq(text, want);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	ck_assert_uint_eq(st.st_nlink, 1);
	close(fd);
	ck_assert_int_eq(lockfile_look(dir, DEVICE, DEVICE, time(NULL), &owner), LOCKFILE_OK);
}

bool
is_there(void)
{
	struct stat st;

	return lstat(lock, &st) == 0;
}
