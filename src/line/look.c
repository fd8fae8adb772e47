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
	    lockfile_look(lock_directory, node, time(NULL), &owner) != LOCKFILE_FREE;
	free(node);
	if (held)
		lockfile_describe(reason, LOOK_REASON, &owner);
	return held ? LOOK_LOCKED : LOOK_FREE;
}

struct dirwatch_file *
look_watch(struct dirwatch *w, const char *lock_directory, const char *device, dirwatch_fn *fn, void *ctx)
{
	char path[LOCKFILE_PATH], *node;
	struct dirwatch_file *f = NULL;

	if (w == NULL || lock_directory[0] == '\0')
		return NULL;
	node = realpath(device, NULL);
	if (node != NULL && lockfile_path(path, lock_directory, node) != NULL)
		f = dirwatch_add(w, path, fn, ctx);
	free(node);
	return f;
}
