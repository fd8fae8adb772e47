/*
 * host-sharing: while a line is free, other programs on this host may have it.  Its device is closed
 * and unlocked then, and only the lock file is looked at: opening a tty raises DTR and takes bytes.
 */
#include "line/line_parts.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "io/dirwatch.h"
#include "ports/lockfile.h"

#define LOOK_AGAIN 2000 /* ms: where no news come of the lock directory, or nothing but a try tells */

/* It is free, and nobody here wants it now. */
void
line_rest(struct line *l)
{
	line_close(l, LINE_THEN_REST);
}

static void
on_lock_changed(void *ctx)
{
	struct line *l = ctx;

	if (l->state == LINE_RESTING || l->state == LINE_FOREIGN)
		line_look_at_lock(l);
}

static void
forget_lock(struct line *l)
{
	dirwatch_remove(l->lock_watch);
	l->lock_watch = NULL;
}

/* Of the node that the link leads to now. */
static void
watch_lock(struct line *l)
{
	char path[LOCKFILE_PATH], *node;

	if (l->house->watch == NULL || l->house->lock_directory[0] == '\0' || l->lock_watch != NULL)
		return;
	node = realpath(l->conf->device, NULL);
	if (node != NULL && lockfile_path(path, l->house->lock_directory, node) != NULL)
		l->lock_watch = dirwatch_add(l->house->watch, path, on_lock_changed, l);
	free(node);
}

/* The directory is on a file system in memory, or else as quick as one: this may not wait. */
static bool
in_foreign_hands(struct line *l, struct lockfile_owner *owner)
{
	char *node = realpath(l->conf->device, NULL);
	bool held = node != NULL && l->house->lock_directory[0] != '\0' &&
	    lockfile_look(l->house->lock_directory, node, time(NULL), owner) != LOCKFILE_FREE;

	free(node);
	return held;
}

/* Closed: from now on others may have it. */
void
line_rested(struct line *l)
{
	l->preparing = false;
	line_enter(l, LINE_RESTING, MSEC_NEVER);
	forget_lock(l); /* its link may lead to another node than before */
	watch_lock(l);
	line_look_at_lock(l);
}

/* Somebody else on this host has it. */
void
line_foreign(struct line *l, const char *reason)
{
	bool news = l->state != LINE_FOREIGN;

	l->used_by_others = true;
	l->preparing = false;
	line_set_reason(l, reason);
	line_enter(l, LINE_FOREIGN, msec_add(loop_now(l->house->loop), LOOK_AGAIN));
	if (news)
		l->house->news->out(l->house->ctx, l);
}

static msec_t
look_again(const struct line *l)
{
	if (l->lock_watch != NULL && dirwatch_works(l->lock_watch))
		return MSEC_NEVER;
	return msec_add(loop_now(l->house->loop), LOOK_AGAIN);
}

/*
 * Those who take a lock file are seen; of others only an attempt to open would tell, which is made
 * when somebody claims the line.
 */
void
line_look_at_lock(struct line *l)
{
	struct lockfile_owner owner;
	char reason[LOCKFILE_PROGRAM + 40];

	if (access(l->conf->device, F_OK) != 0) {
		line_set_reason(l, "no device");
		line_out(l);
		l->house->news->out(l->house->ctx, l);
	} else if (in_foreign_hands(l, &owner)) {
		lockfile_describe(reason, sizeof reason, &owner);
		line_foreign(l, reason);
	} else if (l->state == LINE_FOREIGN) {
		line_drop_reason(l);
		watch_lock(l);
		line_enter(l, LINE_RESTING, look_again(l));
		l->house->news->rests(l->house->ctx, l);
	} else {
		line_enter(l, LINE_RESTING, look_again(l));
	}
}

void
line_prepare(struct line *l)
{
	l->handover_ends = msec_add(loop_now(l->house->loop), LINE_OPERATION + line_handover_bound(l->conf));
	l->preparing = true;
	forget_lock(l);
	if (l->state != LINE_CLOSING) {
		line_open(l);
		return;
	}
	l->after = LINE_THEN_OPEN;
	line_wait_for_close(l, msec_add(loop_now(l->house->loop), LINE_OPERATION));
}
