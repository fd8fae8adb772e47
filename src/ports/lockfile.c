/*
 * UUCP lock files, see lockfile.h.
 *
 * A lock is written under another name and then linked to its own, so that nobody ever reads one
 * without a pid.  Removing a dead process's lock is a race: between reading it and unlinking it
 * somebody else may have removed it and made his own.  Those of us who do that take turns (a flock on
 * the directory); against other programs there is nothing but reading it again right before.
 *
 * A file tells processes apart, not the lines of one, of which two may lead to one device.  So those that
 * are ours are in a list too.
 */
#include "ports/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/procfs.h"

#define CONTENT 64
#define TRIES 3       /* ours, after a dead one, after one that went while we looked */
#define TURN_MS 1000  /* for the others who remove dead locks; whoever keeps it is ignored */
#define TURN_STEP 20
#define SOON_MS 100   /* then a lock file that is just being written has its pid */

/* The devices that somebody in this process has. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct lockfile_hold *list;

/* What is at the lock's place. */
enum found { NOTHING, OURS, ALIVE, DEAD };

/* ---- those of this process ---- */

static bool
is_in_list(const char *device)
{
	const struct lockfile_hold *h = list;

	while (h != NULL && strcmp(h->device, device) != 0)
		h = h->next;
	return h != NULL;
}

static bool
is_listed(const char *device)
{
	bool found;

	pthread_mutex_lock(&list_lock);
	found = is_in_list(device);
	pthread_mutex_unlock(&list_lock);
	return found;
}

static void
forget_name(struct lockfile_hold *h)
{
	if (h->device != h->room)
		free(h->device);
	h->device = NULL;
}

/* Has another of them this name, too?  A link of the same name, elsewhere. */
static bool
is_shared_in_list(const struct lockfile_hold *but, const char *name)
{
	const struct lockfile_hold *h;
	struct locknames names;
	size_t i;

	for (h = list; h != NULL; h = h->next) {
		if (h == but)
			continue;
		lockname_of(&names, h->device, h->path);
		for (i = 0; i < names.n; i++)
			if (lockname_same(names.list[i], name))
				return true;
	}
	return false;
}

/* 0, EEXIST where it is listed, or ENOMEM. */
static int
enlist(struct lockfile_hold *h, const char *device, const char *path)
{
	size_t size = strlen(device) + 1;
	bool listed;

	h->device = size <= sizeof h->room ? h->room : malloc(size);
	if (h->device == NULL)
		return ENOMEM;
	memcpy(h->device, device, size);
	h->path = path;
	pthread_mutex_lock(&list_lock);
	listed = is_in_list(device);
	if (!listed) {
		h->next = list;
		list = h;
	}
	pthread_mutex_unlock(&list_lock);
	if (listed)
		forget_name(h);
	return listed ? EEXIST : 0;
}

static void
delist(struct lockfile_hold *h)
{
	struct lockfile_hold **at = &list;

	pthread_mutex_lock(&list_lock);
	while (*at != NULL && *at != h)
		at = &(*at)->next;
	if (*at == h)
		*at = h->next;
	pthread_mutex_unlock(&list_lock);
	forget_name(h);
}

/* ---- reading ---- */

static bool
is_text(const char *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((b[i] < '0' || b[i] > '9') && b[i] != ' ' && b[i] != '\t' && b[i] != '\n')
			return false;
	return true;
}

/* ASCII after blanks, whatever follows it, or an int of this machine; 0 for anything else. */
static pid_t
pid_in(const char *b, size_t n)
{
	int64_t value = 0;
	size_t i = 0;
	int binary;

	if (n == sizeof binary && !is_text(b, n)) {
		memcpy(&binary, b, sizeof binary);
		return binary > 0 ? binary : 0;
	}
	while (i < n && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n'))
		i++;
	for (; i < n && b[i] >= '0' && b[i] <= '9'; i++) {
		value = 10 * value + (b[i] - '0');
		if (value > INT32_MAX)
			return 0;
	}
	return i < CONTENT ? (pid_t)value : 0; /* else it may go on */
}

#define HIDDEN (-1) /* we may not read it, or cannot just now */
#define GONE (-2)

/* 0 for what has no pid or is no regular file, or one of these. */
static pid_t
read_pid(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	char content[CONTENT];
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return errno == ENOENT ? GONE : errno == ELOOP || errno == ENXIO ? 0 : HIDDEN;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, content, sizeof content);
	close(fd);
	return n > 0 ? pid_in(content, (size_t)n) : 0;
}

/*
 * By the time that nobody can set.  One in the future is no reason to wait, but time() may be a clock's
 * tick behind what file systems write, and so a second.
 */
static bool
is_young(const struct stat *st, time_t now)
{
	return st->st_ctime <= now + 1 && now - st->st_ctime < LOCKFILE_YOUNG;
}

/* A number that another process has got since, as after a power cut, did not write it; but a clock that was set
 * forward makes all files older than those who wrote them, so whoever has the device counts. */
static bool
is_successors(const struct stat *st, pid_t pid, const char *device)
{
	return procfs_began_after(pid, st->st_mtim.tv_sec + LOCKFILE_MARGIN) && !procfs_has_open(pid, device);
}

static enum found
look(const char *path, const char *device, time_t now, pid_t *pid)
{
	enum found found;
	struct stat st;

	*pid = 0;
	if (lstat(path, &st) != 0)
		return NOTHING;
	*pid = read_pid(path);
	if (*pid == getpid())
		return OURS;
	if (*pid < 0) {
		found = *pid == GONE ? NOTHING : ALIVE;
		*pid = 0;
		return found;
	}
	if (*pid == 0)
		return is_young(&st, now) ? ALIVE : DEAD;
	if (kill(*pid, 0) != 0 && errno != EPERM)
		return DEAD;
	return is_successors(&st, *pid, device) ? DEAD : ALIVE;
}

/* ---- writing ---- */

static int
fill(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%10d\n", (int)getpid());

	if (fchmod(fd, 0644) != 0)
		return -1;
	if (write(fd, text, (size_t)n) == n)
		return 0;
	errno = ENOSPC;
	return -1;
}

/* Links a file with our pid to path; -1 with errno, EEXIST where there is one. */
static int
make(const char *dir, const char *path)
{
	char temp[LOCKFILE_PATH];
	int fd, err, n = snprintf(temp, sizeof temp, "%s/LTMP..XXXXXX", dir);

	if (n < 0 || (size_t)n >= sizeof temp) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -1;
	err = fill(fd) != 0 || link(temp, path) != 0 ? errno : 0;
	close(fd);
	unlink(temp);
	errno = err;
	return err == 0 ? 0 : -1;
}

/* Waits for its turn, but not for ever; the descriptor that has it. */
static int
take_turn(const char *dir)
{
	const struct timespec step = { .tv_nsec = TURN_STEP * 1000000 };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), waited = 0;

	/* A file system without locks has no turns either. */
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK && waited < TURN_MS) {
		nanosleep(&step, NULL);
		waited += TURN_STEP;
	}
	return fd;
}

/* -1 with errno. */
static int
remove_dead(const char *dir, const char *path, const char *device, time_t now)
{
	int turn = take_turn(dir), err = 0;
	pid_t pid;

	if (look(path, device, now, &pid) == DEAD && unlink(path) != 0 && errno != ENOENT)
		err = errno;
	if (turn >= 0)
		close(turn);
	errno = err;
	return err == 0 ? 0 : -1;
}

/* With the list in hand: who shares the name must not take it for his between the look and the removal. */
static int
give_back(const struct lockfile_hold *h, const char *dir, const char *name)
{
	char path[LOCKFILE_PATH];
	int err = 0;

	pthread_mutex_lock(&list_lock);
	if (!is_shared_in_list(h, name) && lockname_path(path, sizeof path, dir, name) != NULL &&
	    read_pid(path) == getpid() && unlink(path) != 0 && errno != ENOENT)
		err = errno;
	pthread_mutex_unlock(&list_lock);
	return err;
}

/* ---- the outside ---- */

static int
held(pid_t pid, struct lockfile_owner *owner)
{
	owner->pid = pid;
	procfs_program(pid, owner->program, sizeof owner->program);
	return LOCKFILE_HELD;
}

/* As look(), but of one whose pid is not there yet it waits for that a while. */
static enum found
look_twice(const char *path, const char *device, time_t now, pid_t *pid)
{
	const struct timespec soon = { .tv_nsec = SOON_MS * 1000000 };
	enum found found = look(path, device, now, pid);

	if (found != ALIVE || *pid != 0)
		return found;
	nanosleep(&soon, NULL);
	return look(path, device, now, pid);
}

/* Looks before it writes: a lock counts also where none could be made. */
static int
take_file(const char *dir, const char *path, const char *device, time_t now, struct lockfile_owner *owner)
{
	pid_t pid = 0;
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		switch (look_twice(path, device, now, &pid)) {
		case OURS:
			return LOCKFILE_OK;
		case ALIVE:
			return held(pid, owner);
		case DEAD:
			if (remove_dead(dir, path, device, now) != 0)
				return LOCKFILE_UNWRITABLE;
			break;
		case NOTHING:
			break;
		}
		if (make(dir, path) == 0)
			return LOCKFILE_OK;
		if (errno != EEXIST)
			return LOCKFILE_UNWRITABLE;
	}
	return held(0, owner);
}

/* In the order of the names, as everybody with this device takes them; all or, where one is another's, none. */
static int
take_files(const struct lockfile_hold *h, const char *dir, time_t now, struct lockfile_owner *owner)
{
	char path[LOCKFILE_PATH];
	struct locknames names;
	int result, err = 0;
	size_t i;

	lockname_of(&names, h->device, h->path);
	for (i = 0; i < names.n; i++) {
		if (lockname_path(path, sizeof path, dir, names.list[i]) == NULL) {
			err = ENAMETOOLONG;
			continue;
		}
		result = take_file(dir, path, h->device, now, owner);
		if (result == LOCKFILE_UNWRITABLE)
			err = errno;
		if (result != LOCKFILE_HELD)
			continue;
		while (i-- > 0)
			give_back(h, dir, names.list[i]);
		return LOCKFILE_HELD;
	}
	errno = err;
	return err != 0 ? LOCKFILE_UNWRITABLE : LOCKFILE_OK;
}

int
lockfile_take(struct lockfile_hold *h, const char *dir, const char *device, const char *path, time_t now,
    struct lockfile_owner *owner)
{
	int result, err = enlist(h, device, path);

	if (err == EEXIST)
		return held(getpid(), owner);
	if (err != 0)
		return LOCKFILE_NO_MEMORY;
	if (dir == NULL || dir[0] == '\0')
		return LOCKFILE_OK;
	result = take_files(h, dir, now, owner);
	if (result == LOCKFILE_HELD)
		delist(h);
	return result;
}

int
lockfile_look(const char *dir, const char *device, const char *path, time_t now,
    struct lockfile_owner *owner)
{
	char file[LOCKFILE_PATH];
	struct locknames names;
	bool ours = false;
	pid_t pid;
	size_t i;

	lockname_of(&names, device, path);
	for (i = 0; i < names.n; i++) {
		if (lockname_path(file, sizeof file, dir, names.list[i]) == NULL)
			continue;
		switch (look(file, device, now, &pid)) {
		case OURS:
			ours = is_listed(device);
			break;
		case ALIVE:
			return held(pid, owner);
		default:
			break;
		}
	}
	if (ours)
		held(getpid(), owner);
	return ours ? LOCKFILE_OK : LOCKFILE_FREE;
}

int
lockfile_release(struct lockfile_hold *h, const char *dir)
{
	struct locknames names;
	int err = 0, failed;
	size_t i;

	if (h->device == NULL)
		return 0;
	lockname_of(&names, h->device, h->path);
	for (i = 0; i < names.n && dir != NULL && dir[0] != '\0'; i++) {
		failed = give_back(h, dir, names.list[i]);
		err = err == 0 ? failed : err;
	}
	delist(h);
	return err;
}

int
lockfile_holder_of(const char *device, struct lockfile_owner *owner)
{
	pid_t pid = procfs_holder_of(device);

	return pid != 0 ? held(pid, owner) : LOCKFILE_FREE;
}

void
lockfile_describe(char *dst, size_t cap, const struct lockfile_owner *owner)
{
	if (owner->pid == 0)
		snprintf(dst, cap, "in use by another program");
	else if (owner->pid == getpid())
		snprintf(dst, cap, "in use by another line of this server");
	else if (owner->program[0] == '\0')
		snprintf(dst, cap, "in use by process %d", (int)owner->pid);
	else
		snprintf(dst, cap, "in use by %s (pid %d)", owner->program, (int)owner->pid);
}
