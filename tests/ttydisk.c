/*
 * A part of ttyshim.so: a disk that hangs.  While a file hung-disk is in TTYSHIM_DIR, what writes into a file at a
 * place or waits for it to be written (pwrite, fsync) does not return; disk-hangs is there as soon as something hangs.
 */
#include "ttyplay.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

bool
ttyplay_is_there(const char *name)
{
	const char *dir = getenv("TTYSHIM_DIR");
	char path[PATH_MAX];

	return dir != NULL && snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path &&
	    access(path, F_OK) == 0;
}

static void
tell_that_it_hangs(void)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/disk-hangs", getenv("TTYSHIM_DIR"));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

static void
hang(void)
{
	const struct timespec ms = { 0, 1000000 };

	if (!ttyplay_is_there("hung-disk"))
		return;
	tell_that_it_hangs();
	while (ttyplay_is_there("hung-disk"))
		nanosleep(&ms, NULL);
}

#define WRITE_FUNCTION(name, place) \
	EXPORT ssize_t name(int fd, const void *b, size_t n, place at); \
	EXPORT ssize_t \
	name(int fd, const void *b, size_t n, place at) \
	{ \
		REAL(ssize_t, name, int, const void *, size_t, place); \
		hang(); \
		return real(fd, b, n, at); \
	}

WRITE_FUNCTION(pwrite, off_t)
WRITE_FUNCTION(pwrite64, int64_t)

#define SYNC_FUNCTION(name) \
	EXPORT int name(int fd); \
	EXPORT int \
	name(int fd) \
	{ \
		REAL(int, name, int); \
		hang(); \
		return real(fd); \
	}

SYNC_FUNCTION(fsync)
SYNC_FUNCTION(fdatasync)
