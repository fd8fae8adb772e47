/*
 * The user that the daemon is to be, see identity.h.
 */
#include "daemon/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"

int
identity_find(struct identity *id, const struct conf *conf)
{
	const struct passwd *p;

	*id = (struct identity){ conf->run_as, geteuid(), getegid() };
	if (conf->run_as[0] == '\0')
		return 0;
	errno = 0;
	p = getpwnam(conf->run_as);
	if (p == NULL) {
		if (errno == 0 || errno == ESRCH)
			errno = ENOENT;
		return -1;
	}
	id->uid = p->pw_uid;
	id->gid = p->pw_gid;
	return 0;
}

bool
identity_is_due(const struct identity *id)
{
	return id->name[0] != '\0' && geteuid() == 0;
}

/* By its descriptor: whatever is put in its place meanwhile stays whose it is. */
void
identity_make_place(const struct identity *id, const char *path, mode_t mode)
{
	int fd;

	if (mkdir(path, mode) != 0)
		return;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fchown(fd, id->uid, id->gid) != 0)
		(void)rmdir(path); /* root's, it would be in the user's way */
	close(fd);
}

/* All three, so that none is left to go back to. */
static bool
is_for_good(const struct identity *id)
{
	uid_t uid[3];
	gid_t gid[3];
	int i;

	if (getresuid(&uid[0], &uid[1], &uid[2]) != 0 || getresgid(&gid[0], &gid[1], &gid[2]) != 0)
		return false;
	for (i = 0; i < 3; i++)
		if (uid[i] != id->uid || gid[i] != id->gid)
			return false;
	if (id->uid == 0)
		return true;
	return setresuid((uid_t)-1, 0, (uid_t)-1) != 0 && setresuid(0, 0, 0) != 0;
}

int
identity_take(const struct identity *id)
{
	/* A kernel without ambient capabilities has none to be dropped. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
		return -1;
	if (initgroups(id->name, id->gid) != 0 || setresgid(id->gid, id->gid, id->gid) != 0 ||
	    setresuid(id->uid, id->uid, id->uid) != 0)
		return -1;
	if (is_for_good(id))
		return 0;
	errno = EPERM;
	return -1;
}

/* ---- what the user may ---- */

struct look {
	const char *user;
	void (*say)(void *ctx, const char *what);
	void *ctx;
};

static void
look_at(const struct look *l, const char *path, int how, const char *verb)
{
	char what[PATH_MAX + 200];

	if (access(path, how) == 0 || errno == ENOENT) /* what is missing is made, or looked for */
		return;
	snprintf(what, sizeof what, "%s cannot %s %s: %s", l->user, verb, path, strerror(errno));
	l->say(l->ctx, what);
}

static void
look_at_directory(const struct look *l, const char *path)
{
	if (path[0] != '\0')
		look_at(l, path, W_OK | X_OK, "write in");
}

/* Its files may be left by a daemon that was root. */
static void
look_at_history(const struct look *l, const char *directory)
{
	static const char *const names[] = { "history.db", "history.db-wal", "history.db-shm", "history.lock" };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; directory[0] != '\0' && i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%.3000s/%s", directory, names[i]);
		look_at(l, path, R_OK | W_OK, "write");
	}
}

void
identity_look(const struct conf *conf, const char *file, void (*say)(void *ctx, const char *what), void *ctx)
{
	const struct look l = { conf->run_as, say, ctx };
	char directory[PATH_MAX], *slash;
	size_t i;

	look_at(&l, file, R_OK, "read");
	snprintf(directory, sizeof directory, "%s", conf->control_socket);
	slash = strrchr(directory, '/');
	if (slash != NULL && slash != directory) {
		*slash = '\0';
		look_at_directory(&l, directory);
	}
	look_at_directory(&l, conf->state_directory);
	look_at_history(&l, conf->state_directory);
	look_at_directory(&l, conf->lock_directory);
	for (i = 0; i < conf->n_lines; i++)
		if (conf->lines[i].setup->type == CONF_SERIAL)
			look_at(&l, conf->lines[i].device, R_OK | W_OK, "open");
}
