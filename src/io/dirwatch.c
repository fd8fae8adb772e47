/*
 * Watching directories by inotify, see dirwatch.h.
 *
 * The kernel gives one number for a directory however often it is asked, so that sharing comes by
 * itself.  Files that something happened to are queued, and called when the events are read: a
 * callback may remove any file, and what comes twice is told once.
 */
#include "io/dirwatch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define BUCKETS 256
#define TRIES 8 /* to find the deepest directory, while others make and remove them */
#define MASK (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | \
	IN_MOVE_SELF | IN_ONLYDIR)
#define DIRECTORY_WENT (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)

LIST_HEAD(files, dirwatch_file);
LIST_HEAD(directories, directory);
TAILQ_HEAD(queue, dirwatch_file);

struct directory {
	LIST_ENTRY(directory) by_number;
	struct files files;
	int wd;
};

struct dirwatch_file {
	struct dirwatch *house;
	LIST_ENTRY(dirwatch_file) all, by_name, in_directory;
	TAILQ_ENTRY(dirwatch_file) entry;
	struct directory *dir; /* NULL: it is not watched */
	bool queued, moved;    /* moved: another directory may be the one to watch */
	bool came;             /* the file itself was made, and nobody has asked yet */
	size_t name, len;      /* the part of path that is watched in dir */
	dirwatch_fn *fn;
	void *ctx;
	char path[];
};

struct dirwatch {
	struct loop *loop;
	struct loop_fd *watch;
	int fd; /* -1: none to be had */
	struct files all;
	struct files names[BUCKETS];
	struct directories numbers[BUCKETS];
	struct queue queue;
};

/* ---- finding ---- */

static struct files *
bucket(struct dirwatch *w, int wd, const char *name, size_t len)
{
	return &w->names[hash_more(hash_of(&wd, sizeof wd), name, len) % BUCKETS];
}

static struct directory *
find_directory(struct dirwatch *w, int wd)
{
	struct directory *d;

	LIST_FOREACH(d, &w->numbers[(unsigned)wd % BUCKETS], by_number)
		if (d->wd == wd)
			return d;
	return NULL;
}

static struct directory *
directory_of(struct dirwatch *w, int wd)
{
	struct directory *d = find_directory(w, wd);

	if (d != NULL)
		return d;
	d = malloc(sizeof *d);
	if (d == NULL) {
		inotify_rm_watch(w->fd, wd);
		return NULL;
	}
	d->wd = wd;
	LIST_INIT(&d->files);
	LIST_INSERT_HEAD(&w->numbers[(unsigned)wd % BUCKETS], d, by_number);
	return d;
}

/* ---- one file ---- */

static void
detach(struct dirwatch_file *f)
{
	struct directory *d = f->dir;

	f->dir = NULL;
	if (d == NULL)
		return;
	LIST_REMOVE(f, by_name);
	LIST_REMOVE(f, in_directory);
	if (!LIST_EMPTY(&d->files))
		return;
	inotify_rm_watch(f->house->fd, d->wd); /* fails where the directory has gone */
	LIST_REMOVE(d, by_number);
	free(d);
}

/* The new directory is there before the old one is given up: they may be one. */
static void
attach(struct dirwatch_file *f, struct directory *d, size_t name, size_t len)
{
	struct dirwatch_file keep;

	LIST_INSERT_HEAD(&d->files, &keep, in_directory);
	detach(f);
	LIST_REMOVE(&keep, in_directory);
	f->dir = d;
	f->name = name;
	f->len = len;
	LIST_INSERT_HEAD(&d->files, f, in_directory);
	LIST_INSERT_HEAD(bucket(f->house, d->wd, f->path + name, len), f, by_name);
}

/* Calls fn with the path up to (not with) a slash; "/" is itself. */
static int
at_prefix(struct dirwatch_file *f, size_t slash, int (*fn)(struct dirwatch_file *, const char *))
{
	char was = f->path[slash];
	int result;

	if (slash == 0)
		return fn(f, "/");
	f->path[slash] = '\0';
	result = fn(f, f->path);
	f->path[slash] = was;
	return result;
}

static int
watch_directory(struct dirwatch_file *f, const char *path)
{
	return inotify_add_watch(f->house->fd, path, MASK);
}

static int
is_directory(struct dirwatch_file *f, const char *path)
{
	struct stat st;

	(void)f;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static size_t
slash_before(const char *path, size_t end)
{
	do
		end--;
	while (path[end] != '/');
	return end;
}

/* Watches the deepest directory that is there; false where that cannot be.  *more: the next is there by now. */
static bool
watch_deepest(struct dirwatch_file *f, bool *more)
{
	size_t end = strlen(f->path), slash = slash_before(f->path, end);
	struct directory *d;
	int wd;

	while ((wd = at_prefix(f, slash, watch_directory)) < 0) {
		if ((errno != ENOENT && errno != ENOTDIR) || slash == 0)
			return false;
		end = slash;
		slash = slash_before(f->path, end);
	}
	d = directory_of(f->house, wd);
	if (d == NULL)
		return false;
	attach(f, d, slash + 1, end - slash - 1);
	*more = f->path[end] != '\0' && at_prefix(f, end, is_directory);
	return true;
}

static bool
arm(struct dirwatch_file *f)
{
	int tries;
	bool more;

	f->moved = false;
	for (tries = 0; tries < TRIES; tries++) {
		if (!watch_deepest(f, &more))
			break;
		if (!more)
			return true;
	}
	detach(f);
	return false;
}

/* ---- events ---- */

static void
enqueue(struct dirwatch_file *f, bool moved)
{
	f->moved = f->moved || moved;
	if (f->queued)
		return;
	f->queued = true;
	TAILQ_INSERT_TAIL(&f->house->queue, f, entry);
}

static void
on_name(struct dirwatch *w, int wd, const char *name, bool came)
{
	size_t len = strlen(name);
	struct dirwatch_file *f;
	bool whole;

	LIST_FOREACH(f, bucket(w, wd, name, len), by_name)
		if (f->dir->wd == wd && f->len == len && memcmp(f->path + f->name, name, len) == 0) {
			whole = f->path[f->name + len] == '\0';
			f->came = f->came || (whole && came);
			enqueue(f, !whole);
		}
}

static void
on_event(struct dirwatch *w, const struct inotify_event *e)
{
	struct directory *d;
	struct dirwatch_file *f;

	if ((e->mask & IN_Q_OVERFLOW) != 0) {
		LIST_FOREACH(f, &w->all, all) {
			f->came = true; /* perhaps */
			enqueue(f, true);
		}
		return;
	}
	if (e->len > 0)
		on_name(w, e->wd, e->name, (e->mask & (IN_CREATE | IN_MOVED_TO)) != 0);
	d = (e->mask & DIRECTORY_WENT) != 0 ? find_directory(w, e->wd) : NULL;
	if (d != NULL)
		LIST_FOREACH(f, &d->files, in_directory)
			enqueue(f, true);
}

static void
call_queued(struct dirwatch *w)
{
	struct dirwatch_file *f;

	while ((f = TAILQ_FIRST(&w->queue)) != NULL) {
		TAILQ_REMOVE(&w->queue, f, entry);
		f->queued = false;
		if (f->moved)
			arm(f);
		f->fn(f->ctx);
	}
}

static void
on_readable(void *ctx, int what)
{
	_Alignas(struct inotify_event) char buf[4096];
	struct dirwatch *w = ctx;
	const char *p = buf;
	ssize_t n = read(w->fd, buf, sizeof buf);

	(void)what;
	while (n > 0) {
		const struct inotify_event *e = (const struct inotify_event *)(const void *)p;
		size_t size = sizeof *e + e->len;

		on_event(w, e);
		p += size;
		n -= (ssize_t)size;
	}
	call_queued(w);
}

/* ---- the outside ---- */

static bool
has_descriptor(struct dirwatch *w)
{
	if (w->fd >= 0)
		return true;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0)
		return false;
	w->watch = loop_fd_new(w->loop, w->fd, LOOP_READ, on_readable, w);
	if (w->watch != NULL)
		return true;
	close(w->fd);
	w->fd = -1;
	return false;
}

struct dirwatch *
dirwatch_new(struct loop *loop)
{
	struct dirwatch *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->loop = loop;
	w->fd = -1;
	TAILQ_INIT(&w->queue);
	return w;
}

void
dirwatch_free(struct dirwatch *w)
{
	if (w == NULL)
		return;
	loop_fd_free(w->watch);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

/* Without double slashes, and none at the end. */
static void
copy_path(char *dst, const char *src)
{
	size_t n = 0;

	for (; *src != '\0'; src++)
		if (*src != '/' || (src[1] != '/' && src[1] != '\0'))
			dst[n++] = *src;
	dst[n] = '\0';
}

struct dirwatch_file *
dirwatch_add(struct dirwatch *w, const char *path, dirwatch_fn *fn, void *ctx)
{
	struct dirwatch_file *f = calloc(1, sizeof *f + strlen(path) + 1);

	if (f == NULL)
		return NULL;
	f->house = w;
	f->fn = fn;
	f->ctx = ctx;
	copy_path(f->path, path);
	LIST_INSERT_HEAD(&w->all, f, all);
	dirwatch_works(f);
	return f;
}

void
dirwatch_remove(struct dirwatch_file *f)
{
	if (f == NULL)
		return;
	if (f->queued)
		TAILQ_REMOVE(&f->house->queue, f, entry);
	detach(f);
	LIST_REMOVE(f, all);
	free(f);
}

bool
dirwatch_works(struct dirwatch_file *f)
{
	if (f->dir != NULL)
		return true;
	return f->path[0] == '/' && has_descriptor(f->house) && arm(f);
}

bool
dirwatch_came(struct dirwatch_file *f)
{
	bool came = f->came;

	f->came = false;
	return came;
}
