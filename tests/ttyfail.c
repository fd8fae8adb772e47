/*
 * A part of ttyshim.so: what fails, while a file of this name is in TTYSHIM_DIR:
 *
 *	no-parser  libconfuse ends the process, as its scanner does where it gets no memory
 *	kept-lock  unlink(2) of lock files: EPERM
 *	no-flock   flock(2) of files and directories: ENOLCK, as on a file system that has none
 *	no-locks   likewise those of fcntl(2)
 */
#include "ttyplay.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct cfg_t;

EXPORT int cfg_parse_buf(struct cfg_t *cfg, const char *text);
EXPORT int
cfg_parse_buf(struct cfg_t *cfg, const char *text)
{
	REAL(int, cfg_parse_buf, struct cfg_t *, const char *);

	if (ttyplay_is_there("no-parser")) {
		fputs("out of dynamic memory in yy_create_buffer()\n", stderr);
		exit(2);
	}
	return real(cfg, text);
}

EXPORT int unlink(const char *path);
EXPORT int
unlink(const char *path)
{
	REAL(int, unlink, const char *);

	return strstr(path, "/LCK..") != NULL && ttyplay_is_there("kept-lock") ? ttyplay_fail(EPERM) : real(path);
}

static bool
is_tty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode);
}

EXPORT int
flock(int fd, int how)
{
	REAL(int, flock, int, int);

	return !is_tty(fd) && ttyplay_is_there("no-flock") ? ttyplay_fail(ENOLCK) : real(fd, how);
}

static bool
locks(int what)
{
	return what == F_GETLK || what == F_SETLK || what == F_SETLKW;
}

#define FCNTL_FUNCTION(name) \
	EXPORT int name(int fd, int what, ...); \
	EXPORT int \
	name(int fd, int what, ...) \
	{ \
		REAL(int, name, int, int, ...); \
		va_list ap; \
		void *arg; \
		va_start(ap, what); \
		arg = va_arg(ap, void *); \
		va_end(ap); \
		if (locks(what) && ttyplay_is_there("no-locks")) \
			return ttyplay_fail(ENOLCK); \
		return real(fd, what, arg); \
	}

FCNTL_FUNCTION(fcntl)
FCNTL_FUNCTION(fcntl64)
