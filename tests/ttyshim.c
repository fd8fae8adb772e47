/*
 * A library for LD_PRELOAD that plays serial ports on pseudo-terminals: modem lines, counters,
 * framing and rates, flow control, /sys/class/tty, unplugging, drivers that refuse, hang or take
 * nothing.  Data goes through the pty as it is.
 *
 *	LD_PRELOAD=.../ttyshim.so TTYSHIM_DIR=/some/dir program
 *
 * In TTYSHIM_DIR lies one control file (ttyshim.h) for each fake device: NAME for /dev/NAME; the test
 * maps it too.  A symbolic link by-id/LINK -> NAME there is /dev/serial/by-id/LINK.  A file
 * console-active is /sys/class/tty/console/active.  While a file no-threads exists, pthread_create() fails; while
 * hung-disk does, disks hang (ttydisk.c); ttyfail.c has what else may fail.
 *
 * As on a pty, TIOCEXCL stays when the last descriptor is closed: who does not take it back is kept out.
 *
 * Here are names, open and close; ttyplay.c has what an open tty answers.
 *
 * A program built with ASan needs ASAN_OPTIONS=verify_asan_link_order=0; the shim itself is built
 * without sanitizers, and with no _FORTIFY_SOURCE.
 */
#include "ttyplay.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define DEVICES 16
#define FDS 4096

struct device {
	char name[64];
	struct ttyshim *ctl;
};

pthread_mutex_t ttyplay_lock = PTHREAD_MUTEX_INITIALIZER; /* of devices too */
static struct device devices[DEVICES];
static struct ttyshim *of_fd[FDS];
static uint32_t plug_of_fd[FDS]; /* which plugging in of it */

static int
plain_open(const char *path, int flags, mode_t mode)
{
	REAL(int, open, const char *, int, ...);
	return real(path, flags, mode);
}

static int
plain_close(int fd)
{
	REAL(int, close, int);
	return real(fd);
}

static bool
in_dir(char *dst, size_t cap, const char *name)
{
	const char *dir = getenv("TTYSHIM_DIR");

	return dir != NULL && snprintf(dst, cap, "%s/%s", dir, name) < (int)cap;
}

/* ---- devices ---- */

static struct ttyshim *
map_control(const char *name)
{
	char path[PATH_MAX];
	struct ttyshim *c = NULL;
	int fd;

	if (!in_dir(path, sizeof path, name))
		return NULL;
	fd = plain_open(path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	plain_close(fd);
	return c == MAP_FAILED || c->magic != TTYSHIM_MAGIC ? NULL : c;
}

static struct ttyshim *
find_device(const char *name)
{
	struct ttyshim *c = NULL;
	int i;

	if (*name == '\0' || strchr(name, '/') != NULL || strlen(name) >= sizeof devices[0].name)
		return NULL;
	pthread_mutex_lock(&ttyplay_lock);
	for (i = 0; i < DEVICES && devices[i].ctl != NULL && c == NULL; i++)
		if (strcmp(devices[i].name, name) == 0)
			c = devices[i].ctl;
	if (c == NULL && i < DEVICES && (c = map_control(name)) != NULL) {
		strcpy(devices[i].name, name);
		devices[i].ctl = c;
	}
	pthread_mutex_unlock(&ttyplay_lock);
	return c;
}

/* The device behind "/dev/NAME" or "/sys/class/tty/NAME", or NULL. */
static struct ttyshim *
device_at(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	if (path == NULL || getenv("TTYSHIM_DIR") == NULL || strncmp(path, prefix, n) != 0)
		return NULL;
	return find_device(path + n);
}

struct ttyshim *
ttyplay_of(int fd)
{
	return fd >= 0 && fd < FDS ? __atomic_load_n(&of_fd[fd], __ATOMIC_ACQUIRE) : NULL;
}

bool
ttyplay_unplugged(int fd)
{
	const struct ttyshim *c = ttyplay_of(fd);

	return !ttyplay_has(c, TTYSHIM_PRESENT) ||
	    __atomic_load_n(&c->plug, __ATOMIC_ACQUIRE) != plug_of_fd[fd];
}

/* ---- open and close ---- */

/* Whoever had it open: the kernel has closed it, as a UART's is. */
static void
forget_the_dead(struct ttyshim *c)
{
	pthread_mutex_lock(&ttyplay_lock);
	if (c->pid != 0 && c->pid != getpid())
		c->opens = c->exclusive = 0;
	c->pid = getpid();
	pthread_mutex_unlock(&ttyplay_lock);
}

/* The first open raises DTR and RTS, as drivers do. */
static void
count_open(struct ttyshim *c, int fd, uint32_t plug)
{
	bool first;

	pthread_mutex_lock(&ttyplay_lock);
	plug_of_fd[fd] = plug;
	first = c->opens++ == 0;
	ttyplay_note(c, TTYSHIM_OPENED, (uint32_t)c->opens);
	pthread_mutex_unlock(&ttyplay_lock);
	__atomic_store_n(&of_fd[fd], c, __ATOMIC_RELEASE);
	if (first && !ttyplay_has(c, TTYSHIM_NO_LINES))
		ttyplay_outputs(c, TIOCM_DTR | TIOCM_RTS, TTYSHIM_BREAK);
}

static int
open_device(struct ttyshim *c, int flags)
{
	uint32_t plug;
	int fd;

	ttyplay_hang(c, TTYSHIM_HANG_OPEN);
	plug = __atomic_load_n(&c->plug, __ATOMIC_ACQUIRE);
	forget_the_dead(c);
	if (!ttyplay_has(c, TTYSHIM_PRESENT))
		return ttyplay_fail(ENOENT);
	if (c->exclusive != 0 && geteuid() != 0)
		return ttyplay_fail(EBUSY);
	if (c->open_errno != 0)
		return ttyplay_fail(c->open_errno);
	fd = plain_open(c->pts, flags, 0);
	if (fd >= FDS) {
		plain_close(fd);
		return ttyplay_fail(EMFILE);
	}
	if (fd >= 0)
		count_open(c, fd, plug);
	return fd;
}

static int
open_any(const char *path, int flags, mode_t mode)
{
	struct ttyshim *c = device_at(path, "/dev/");
	char own[PATH_MAX];

	if (c != NULL)
		return open_device(c, flags);
	if (path != NULL && strcmp(path, "/sys/class/tty/console/active") == 0 &&
	    in_dir(own, sizeof own, "console-active"))
		path = own;
	return plain_open(path, flags, mode);
}

static mode_t
mode_arg(int flags, va_list ap)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? (mode_t)va_arg(ap, int) : 0;
}

#define OPEN_FUNCTION(name) \
	EXPORT int name(const char *path, int flags, ...); \
	EXPORT int \
	name(const char *path, int flags, ...) \
	{ \
		va_list ap; \
		mode_t mode; \
		va_start(ap, flags); \
		mode = mode_arg(flags, ap); \
		va_end(ap); \
		return open_any(path, flags, mode); \
	}

OPEN_FUNCTION(open)
OPEN_FUNCTION(open64)

/* What _FORTIFY_SOURCE makes of open() with two arguments. */
#define OPEN_2_FUNCTION(name) \
	EXPORT int name(const char *path, int flags); \
	EXPORT int \
	name(const char *path, int flags) \
	{ \
		return open_any(path, flags, 0); \
	}

OPEN_2_FUNCTION(__open_2)
OPEN_2_FUNCTION(__open64_2)

/* As the kernel does: until it is sent, or 30 s, or a signal; in each case nothing is left of it. */
static void
wait_until_sent(struct ttyshim *c)
{
	const struct timespec ms = { 0, 1000000 };
	int i;

	for (i = 0; i < 30000 && __atomic_load_n(&c->outq, __ATOMIC_ACQUIRE) > 0; i++)
		if (nanosleep(&ms, NULL) != 0)
			break;
	__atomic_store_n(&c->outq, 0, __ATOMIC_RELEASE);
}

/* The device's own close: what was opened before it was plugged in again is not its any more. */
static void
close_device(struct ttyshim *c, int fd)
{
	bool last, ours;

	pthread_mutex_lock(&ttyplay_lock);
	last = c->opens == 1 || c->plug != plug_of_fd[fd];
	pthread_mutex_unlock(&ttyplay_lock);
	if (last)
		ttyplay_hang(c, TTYSHIM_HANG_CLOSE);
	ours = c->plug == plug_of_fd[fd];
	if (last && ours)
		wait_until_sent(c);
	if (last && ours && (c->termios.cflag & HUPCL) != 0)
		ttyplay_outputs(c, 0, TIOCM_DTR | TIOCM_RTS | TTYSHIM_BREAK);
	pthread_mutex_lock(&ttyplay_lock);
	if (ours)
		c->opens--;
	ttyplay_note(c, TTYSHIM_CLOSED, (uint32_t)c->opens);
	pthread_mutex_unlock(&ttyplay_lock);
	__atomic_store_n(&of_fd[fd], NULL, __ATOMIC_RELEASE);
}

EXPORT int
close(int fd)
{
	struct ttyshim *c = ttyplay_of(fd);

	if (c != NULL)
		close_device(c, fd);
	return plain_close(fd);
}

/* ---- names ---- */

/* "/dev/NAME" of a device that is there, or of a by-id link to one; 0, or an errno; -1: not ours. */
static int
resolve(const char *path, char *dst)
{
	static const char by_id[] = "/dev/serial/by-id/";
	char link[PATH_MAX], target[64];
	struct ttyshim *c = device_at(path, "/dev/");
	ssize_t n;

	strcpy(target, c != NULL ? path + strlen("/dev/") : "");
	if (c == NULL && path != NULL && strncmp(path, by_id, strlen(by_id)) == 0 &&
	    getenv("TTYSHIM_DIR") != NULL) {
		snprintf(target, sizeof target, "by-id/%s", path + strlen(by_id));
		n = in_dir(link, sizeof link, target) ? readlink(link, target, sizeof target - 1) : -1;
		if (n < 0)
			return ENOENT;
		target[n] = '\0';
		c = find_device(target);
		if (c == NULL)
			return ENOENT;
	}
	if (c == NULL)
		return -1;
	sprintf(dst, "/dev/%s", target);
	return ttyplay_has(c, TTYSHIM_PRESENT) ? 0 : ENOENT;
}

static char *
give(const char *device, int err, char *out)
{
	if (err != 0) {
		errno = err;
		return NULL;
	}
	return out != NULL ? strcpy(out, device) : strdup(device);
}

EXPORT char *
realpath(const char *path, char *out)
{
	REAL(char *, realpath, const char *, char *);
	char device[PATH_MAX];
	int err = resolve(path, device);

	return err >= 0 ? give(device, err, out) : real(path, out);
}

EXPORT char *__realpath_chk(const char *path, char *out, size_t cap);
EXPORT char *
__realpath_chk(const char *path, char *out, size_t cap)
{
	(void)cap;
	return realpath(path, out);
}

/* /sys/class/tty/NAME is a link into the devices, and not a virtual one. */
static bool
in_sysfs(const char *path)
{
	const struct ttyshim *c = device_at(path, "/sys/class/tty/");

	return c != NULL && ttyplay_has(c, TTYSHIM_PRESENT) && !ttyplay_has(c, TTYSHIM_NO_LINES);
}

EXPORT ssize_t
readlink(const char *restrict path, char *restrict dst, size_t cap)
{
	REAL(ssize_t, readlink, const char *, char *, size_t);
	static const char target[] = "../../devices/platform/fake/tty/fake";
	size_t n = sizeof target - 1 < cap ? sizeof target - 1 : cap;

	if (!in_sysfs(path))
		return real(path, dst, cap);
	memcpy(dst, target, n);
	return (ssize_t)n;
}

static int
fake_link(struct stat *st)
{
	memset(st, 0, sizeof *st);
	st->st_mode = S_IFLNK | 0777;
	return 0;
}

EXPORT int
lstat(const char *restrict path, struct stat *restrict st)
{
	REAL(int, lstat, const char *, struct stat *);
	return in_sysfs(path) ? fake_link(st) : real(path, st);
}

/* What programs linked before glibc 2.33 call, libserialport among them. */
EXPORT int __lxstat(int version, const char *path, struct stat *st);
EXPORT int
__lxstat(int version, const char *path, struct stat *st)
{
	REAL(int, __lxstat, int, const char *, struct stat *);
	return in_sysfs(path) ? fake_link(st) : real(version, path, st);
}

/* The pty behind a device that is there; the path itself where it is not ours; NULL with errno. */
static const char *
behind(const char *path)
{
	char device[PATH_MAX];
	int err = resolve(path, device);

	if (err < 0)
		return path;
	errno = err;
	return err == 0 ? device_at(device, "/dev/")->pts : NULL;
}

EXPORT int
stat(const char *restrict path, struct stat *restrict st)
{
	REAL(int, stat, const char *, struct stat *);

	path = behind(path);
	return path != NULL ? real(path, st) : -1;
}

EXPORT int
access(const char *path, int mode)
{
	REAL(int, access, const char *, int);

	path = behind(path);
	return path != NULL ? real(path, mode) : -1;
}

/* ---- threads ---- */

EXPORT int
pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	char path[PATH_MAX];

	if (in_dir(path, sizeof path, "no-threads") && access(path, F_OK) == 0)
		return EAGAIN;
	return real(thread, attr, fn, arg);
}
