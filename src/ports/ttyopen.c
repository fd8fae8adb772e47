/*
 * Finding and opening a tty: the half of ttydev.h that has to do with names, other programs and
 * libserialport.
 *
 * An own open comes first: it tells why not, and holds the lock before anything is set, so that a
 * port in use by another program is not disturbed.  libserialport then opens the same device once
 * more; it refuses ttys that have no modem lines or no entry in /sys/class/tty, and for those the
 * own descriptor stays.  Before both comes the lock file, and it goes after the last close.  A pty must be
 * the one that is meant (ttypty.h).
 *
 * From 0.1.2 on the library takes flock and TIOCEXCL itself, and does not close what it could not lock;
 * before, it did neither.  What is done here is right for both.
 */
#include "ports/ttydev.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ports/lockfile.h"
#include "ports/procfs.h"
#include "ports/ttypty.h"

#define CONSOLES "/sys/class/tty/console/active"

const char *
ttydev_reason(int err)
{
	switch (-err) {
	case 0:
		return NULL;
	case ENOENT: case ENXIO: case ENODEV:
		return "no device";
	case EACCES: case EPERM:
		return "no permission";
	case EBUSY:
		return "in use by another program";
	case ENOTTY: case EISDIR:
		return "not a serial port";
	case EOPNOTSUPP: case EINVAL:
		return "not supported";
	case EAGAIN:
		return "the line does not take its data";
	default:
		return strerror(-err);
	}
}

/* The kernel's messages must not go to a modem, nor a client's bytes to sysrq. */
static bool
is_console(const char *device)
{
	const char *name = strrchr(device, '/') + 1;
	char list[256], *word, *rest;
	int fd = open(CONSOLES, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, list, sizeof list - 1);
	close(fd);
	list[n < 0 ? 0 : n] = '\0';
	for (word = strtok_r(list, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest))
		if (strcmp(word, name) == 0)
			return true;
	return false;
}

static int
lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

/* On a pty TIOCEXCL outlives a process that was killed: nobody has it open, but root cannot tell by the flag. */
static bool
is_left_behind(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && procfs_is_pty(&st) && procfs_open_once(&st);
}

/* And nobody but root could open it again, until its other end is closed: killed and started again, we neither. */
static int
make_exclusive(int fd, const char *device)
{
	if (geteuid() != 0 && strncmp(device, "/dev/pts/", 9) == 0)
		return 0;
	return ioctl(fd, TIOCEXCL) < 0 ? -errno : 0;
}

/* TIOCEXCL stops other users but not root, so root asks first. */
static int
lock_unless_exclusive(int fd)
{
	int exclusive = 0, err = lock(fd);

	if (err == 0 && ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive != 0 && !is_left_behind(fd))
		err = -EBUSY;
	return err;
}

static int
open_locked(const char *device)
{
	struct termios t;
	int fd = open(device, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = tcgetattr(fd, &t) < 0 ? -errno : lock_unless_exclusive(fd);
	if (err != 0) {
		close(fd);
		return err;
	}
	return fd;
}

/* Else LIBSERIALPORT_DEBUG in the environment prints every call. */
static void
silence_library(void)
{
	sp_set_debug_handler(NULL);
}

/* The library's descriptor, ours from here on, or -1: a port it does not know or cannot set. */
static int
open_by_library(const char *device)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sp_port *port;
	int fd = -1;

	pthread_once(&once, silence_library);
	if (sp_get_port_by_name(device, &port) != SP_OK)
		return -1;
	if (sp_open(port, SP_MODE_READ_WRITE) == SP_OK)
		sp_get_port_handle(port, &fd);
	else
		sp_close(port); /* it may be open all the same */
	sp_free_port(port);
	return fd;
}

/*
 * The lock is given up for the library, which may want it for its own descriptor.  Whoever takes it meanwhile
 * keeps it.  TIOCGEXCL is not asked again: it would tell of the library.
 */
static int
change_to_library(struct ttydev *d, const char *device)
{
	int fd;

	flock(d->fd, LOCK_UN);
	fd = open_by_library(device);
	d->library = fd >= 0;
	if (d->library) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		close(d->fd);
		d->fd = fd;
	}
	return lock(d->fd);
}

/* Before anything is set; its number is not given to another as long as we have it open. */
static int
look_at_pty(struct ttydev *d, const char *path, const char *device)
{
	char why[TTYDEV_WHY];

	if (ttypty_is_meant(d->fd, path, device, why, sizeof why))
		return 0;
	d->why = strdup(why);
	return -EPERM;
}

/* Sets d->why if it knows more than what the error says. */
static int
open_device(struct ttydev *d, const char *path, const char *device)
{
	int err;

	d->fd = open_locked(device);
	if (d->fd < 0)
		return d->fd;
	err = look_at_pty(d, path, device);
	if (err == 0)
		err = change_to_library(d, device);
	if (err == 0)
		err = make_exclusive(d->fd, device);
	if (err != 0) {
		close(d->fd);
		d->fd = -1;
	}
	return err;
}

/* ---- the lock file ---- */

static void
in_use_by(struct ttydev *d, const struct lockfile_owner *owner)
{
	char text[TTYDEV_WHY];

	lockfile_describe(text, sizeof text, owner);
	d->why = strdup(text); /* without memory it is said less well */
}

/* The device is ours, with its lock files or, `unlocked`, without. */
static int
take_device(struct ttydev *d, const char *path, const char *device, const char *lock_dir)
{
	struct lockfile_owner owner;
	int result;

	d->unlocked = 0;
	result = lockfile_take(&d->hold, lock_dir, device, path, time(NULL), &owner);
	if (result == LOCKFILE_UNWRITABLE)
		d->unlocked = (short)errno;
	if (result == LOCKFILE_OK || result == LOCKFILE_UNWRITABLE)
		return 0;
	if (result == LOCKFILE_HELD)
		in_use_by(d, &owner);
	return result == LOCKFILE_HELD ? -EBUSY : -ENOMEM;
}

void
ttydev_unlock(struct ttydev *d, const char *lock_dir)
{
	d->left = (short)lockfile_release(&d->hold, lock_dir);
}

/* Likewise. */
static int
open_alone(struct ttydev *d, const char *path, const char *device, const char *lock_dir)
{
	struct lockfile_owner owner;
	int err;

	free(d->why);
	d->why = NULL;
	err = take_device(d, path, device, lock_dir);
	if (err != 0)
		return err;
	err = open_device(d, path, device);
	if (err == -EBUSY && lockfile_holder_of(device, &owner) == LOCKFILE_HELD)
		in_use_by(d, &owner);
	if (err != 0)
		ttydev_unlock(d, lock_dir);
	return err;
}

int
ttydev_open_again(struct ttydev *d, const char *path, dev_t device)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int err = real != NULL ? open_device(d, path, real) : -errno;

	free(real);
	if (err != 0 || (fstat(d->fd, &st) == 0 && st.st_rdev == device))
		return err;
	close(d->fd);
	d->fd = -1;
	return -ENXIO;
}

int
ttydev_open(struct ttydev *d, const char *path, const char *lock_dir, const char **reason)
{
	char *device = realpath(path, NULL);
	int err;

	d->fd = -1;
	d->busy = false;
	if (device == NULL) {
		*reason = ttydev_reason(-errno);
		return -1;
	}
	if (is_console(device)) {
		*reason = "the kernel's console";
		err = -EBUSY;
	} else {
		err = open_alone(d, path, device, lock_dir);
		*reason = err != 0 && d->why != NULL ? d->why : ttydev_reason(err);
	}
	free(device);
	d->busy = err == -EBUSY;
	return err != 0 ? -1 : 0;
}
