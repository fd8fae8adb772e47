/*
 * Looking at a device from outside, see look.h.  The lock directory is on a file system in memory, or else as
 * quick as one: none of this may wait.
 */
#include "line/look.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ports/lockfile.h"

enum look_result
look_at(const char *lock_directory, const char *device, char reason[static LOOK_REASON])
{
	struct lockfile_owner owner;
	char *node;
	bool held;

	if (access(device, F_OK) != 0)
		return LOOK_NO_DEVICE;
	node = realpath(device, NULL);
	held = node != NULL && lock_directory[0] != '\0' &&
	    lockfile_look(lock_directory, node, device, time(NULL), &owner) != LOCKFILE_FREE;
	free(node);
	if (!held)
		return LOOK_FREE;
	lockfile_describe(reason, LOOK_REASON, &owner);
	return owner.pid != 0 ? LOOK_LOCKED : LOOK_NAMELESS;
}

/* ---- watching ---- */

struct look_watch {
	struct dirwatch_file *files[LOCKNAME_MOST];
	size_t n;
};

void
look_unwatch(struct look_watch *w)
{
	size_t i;

	for (i = 0; w != NULL && i < w->n; i++)
		dirwatch_remove(w->files[i]);
	free(w);
}

/* All, or none. */
static struct look_watch *
watch_all(struct dirwatch *dirs, const char *lock_directory, const struct locknames *names, dirwatch_fn *fn, void *ctx)
{
	struct look_watch *w = calloc(1, sizeof *w);
	char path[LOCKFILE_PATH];
	size_t i;

	for (i = 0; w != NULL && i < names->n; i++) {
		if (lockname_path(path, sizeof path, lock_directory, names->list[i]) == NULL)
			continue; /* nobody can make that one */
		w->files[w->n] = dirwatch_add(dirs, path, fn, ctx);
		if (w->files[w->n] == NULL) {
			look_unwatch(w);
			return NULL;
		}
		w->n++;
	}
	return w;
}

struct look_watch *
look_watch(struct dirwatch *dirs, const char *lock_directory, const char *device, dirwatch_fn *fn, void *ctx)
{
	struct look_watch *w = NULL;
	struct locknames names;
	char *node;

	if (dirs == NULL || lock_directory[0] == '\0')
		return NULL;
	node = realpath(device, NULL);
	if (node != NULL) {
		lockname_of(&names, node, device);
		w = watch_all(dirs, lock_directory, &names, fn, ctx);
	}
	free(node);
	return w;
}

bool
look_works(struct look_watch *w)
{
	bool all = true;
	size_t i;

	for (i = 0; i < w->n; i++) /* each is asked: that tries again */
		all = dirwatch_works(w->files[i]) && all;
	return all;
}

bool
look_came(struct look_watch *w)
{
	bool any = false;
	size_t i;

	for (i = 0; i < w->n; i++) /* each is asked: once */
		any = dirwatch_came(w->files[i]) || any;
	return any;
}
