/*
 * doctor: devices and who else wants them.
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/lockname.h"
#include "cli/doctor.h"

/* Programs that are known to hold ports, and how each is told to leave one alone. */
static const struct grabber {
	const char *program, *mend;
} grabbers[] = {
	{ "ModemManager", "systemctl disable --now ModemManager" },
	{ "brltty", "systemctl disable --now brltty-udev.service brltty.service" },
	{ "agetty", "systemctl disable --now serial-getty@%s.service" },
	{ "getty", "systemctl disable --now serial-getty@%s.service" },
	{ "mgetty", "systemctl disable --now mgetty@%s.service" },
	{ "faxgetty", "systemctl disable --now faxgetty@%s.service" },
	{ "gpsd", "systemctl disable --now gpsd.socket gpsd.service" },
	{ "ser2net", "systemctl disable --now ser2net.service" },
};
#define GRABBERS (sizeof grabbers / sizeof *grabbers)

static const struct grabber *
find_grabber(const char *program)
{
	size_t i;

	for (i = 0; i < GRABBERS; i++)
		if (strcmp(grabbers[i].program, program) == 0)
			return &grabbers[i];
	return NULL;
}

/* The unit's name has one "%s" at most, for the port. */
void
doctor_mend_holder(char *mend, size_t cap, const struct host_holder *h, const char *port)
{
	const struct grabber *g = find_grabber(h->program);
	const char *mark = g == NULL ? NULL : strstr(g->mend, "%s");

	if (g == NULL)
		snprintf(mend, cap, "kill %d", h->pid);
	else if (mark == NULL)
		snprintf(mend, cap, "%s", g->mend);
	else
		snprintf(mend, cap, "%.*s%s%s", (int)(mark - g->mend), g->mend, port, mark + 2);
}

/* With host-sharing others may have it: that is what it is for. */
static void
say_held(struct doctor *d, const struct conf_line *l, const char *mend, const char *what)
{
	if (l->setup->host_sharing)
		doctor_say(d, DOCTOR_NOTE, l->name, "", "%s; with host-sharing the daemon waits for its turn", what);
	else
		doctor_say(d, DOCTOR_WRONG, l->name, mend, "%s", what);
}

static void
check_holders(struct doctor *d, const struct conf_line *l, const struct host_tty *t)
{
	const char *port = t->node + strlen("/dev/");
	char mend[HOST_PATH + 200], what[HOST_PATH + 100];
	size_t i;

	for (i = 0; i < t->n_holders; i++) {
		const struct host_holder *h = &t->holders[i];

		if (h->pid == d->daemon_pid || strcmp(h->program, "modemshared") == 0)
			continue;
		doctor_mend_holder(mend, sizeof mend, h, port);
		snprintf(what, sizeof what, "%s has %s open, as process %d", h->program, t->node, h->pid);
		say_held(d, l, mend, what);
	}
	if (t->console) {
		snprintf(mend, sizeof mend,
		    "remove console=%s from the kernel's command line, and reboot", port);
		doctor_say(d, DOCTOR_WRONG, l->name, mend,
		    "%s is a console of the kernel, which writes there at any time", t->node);
	}
}

static bool
is_held_by(const struct host_tty *t, int pid)
{
	size_t i;

	for (i = 0; i < t->n_holders; i++)
		if (t->holders[i].pid == pid)
			return true;
	return false;
}

/* One that could not be removed: everybody else takes the port to be in use as long as the daemon lives. */
static void
check_own_lock(struct doctor *d, const struct conf_line *l, const struct host_tty *t, const char *name, const char *known_as)
{
	char path[HOST_PATH], mend[HOST_PATH + 8];

	if (is_held_by(t, d->daemon_pid) || t->n_holders == HOST_HOLDERS || d->host->blind)
		return;
	snprintf(mend, sizeof mend, "rm %s", host_lock_path(d->host, name, path));
	doctor_say(d, DOCTOR_WRONG, l->name, mend,
	    "the daemon has left its lock file for %s, which it does not have open", known_as);
}

static void
check_lock_of_another(struct doctor *d, const struct conf_line *l, const struct host_lock *lock, const char *known_as)
{
	char program[32], mend[64] = "", what[HOST_PATH + 100];

	if (lock->pid == HOST_LOCK_HIDDEN) {
		snprintf(what, sizeof what, "a lock file for %.480s may not be read, and so counts", known_as);
		say_held(d, l, mend, what);
		return;
	}
	if (lock->pid > 0 && strcmp(host_program(d->host, lock->pid, program), "modemshared") == 0)
		return;
	if (!lock->lives) {
		doctor_say(d, DOCTOR_NOTE, l->name, "",
		    "a lock file for %s is of no living process: the daemon takes it over", known_as);
		return;
	}
	snprintf(mend, sizeof mend, "kill %d", lock->pid);
	snprintf(what, sizeof what, "%s has a lock file for %.480s, as process %d", program, known_as, lock->pid);
	say_held(d, l, mend, what);
}

/* By all names by which others may know it. */
static void
check_locks(struct doctor *d, const struct conf_line *l, const struct host_tty *t)
{
	struct locknames names;
	struct host_lock lock;
	const char *known_as;
	size_t i;

	lockname_of(&names, t->node, l->device);
	for (i = 0; i < names.n; i++) {
		known_as = names.list[i] >= t->node && names.list[i] < t->node + sizeof t->node ? t->node : l->device;
		host_look_at_lock(d->host, names.list[i], &lock);
		if (lock.pid > 0 && lock.pid == d->daemon_pid)
			check_own_lock(d, l, t, names.list[i], known_as);
		else if (lock.pid != 0)
			check_lock_of_another(d, l, &lock, known_as);
	}
}

static void
check_permission(struct doctor *d, const struct conf_line *l, const char *node,
    const struct stat *st)
{
	const struct group *g = getgrgid(st->st_gid);
	char mend[300];

	if (doctor_may(d, st, 06))
		return;
	if ((st->st_mode & 060) == 060 && st->st_gid != 0 && g != NULL && !doctor_in_group(d, st->st_gid))
		snprintf(mend, sizeof mend, "usermod -aG %.64s %s && systemctl restart modemshared",
		    g->gr_name, d->user);
	else
		snprintf(mend, sizeof mend, "chgrp dialout %.128s && chmod 660 %.128s", node, node);
	doctor_say(d, DOCTOR_WRONG, l->name, mend, "%s may not open %s (mode %03o, group %s)",
	    d->user, node, (unsigned)st->st_mode & 0777, g == NULL ? "?" : g->gr_name);
}

/* What there is instead of a device that is missing. */
static void
say_missing(struct doctor *d, const struct conf_line *l, int error)
{
	char mend[HOST_PATH + 32];
	size_t i;

	for (i = 0; i < d->host->n && d->host->ttys[i].by_id[0] == '\0'; i++)
		;
	if (i < d->host->n)
		snprintf(mend, sizeof mend, "device = \"%s\"", d->host->ttys[i].by_id);
	else
		snprintf(mend, sizeof mend, "modemshare devices");
	doctor_say(d, DOCTOR_WRONG, l->name, mend, "%s: %s", l->device, strerror(error));
}

/* The kernel counts in the order in which devices appear. */
static void
check_name(struct doctor *d, const struct conf_line *l, const struct host_tty *t)
{
	char mend[HOST_PATH + 32];

	if (t == NULL || strcmp(l->device, t->node) != 0 || !t->usb)
		return;
	snprintf(mend, sizeof mend, "device = \"%s\"", t->by_id);
	doctor_say(d, DOCTOR_NOTE, l->name, t->by_id[0] == '\0' ? "" : mend,
	    "%s is a name that another device may have after the next start", t->node);
}

/* In a made-up tree there are no devices. */
static bool
is_port(const struct doctor *d, const struct stat *st)
{
	return *d->host->root != '\0' ||
	    (S_ISCHR(st->st_mode) && host_may_be_tty(d->host, major(st->st_rdev), minor(st->st_rdev)));
}

static void
check_device(struct doctor *d, const struct conf_line *l)
{
	char node[HOST_PATH], path[PATH_MAX];
	const struct host_tty *t;
	struct stat st;

	snprintf(path, sizeof path, "%s%.3000s", d->host->root, l->device);
	if (host_resolve(d->host, l->device, node) == NULL || stat(path, &st) != 0) {
		say_missing(d, l, errno);
		return;
	}
	if (!is_port(d, &st)) {
		doctor_say(d, DOCTOR_WRONG, l->name, "modemshare devices", "%s is no serial port",
		    l->device);
		return;
	}
	check_permission(d, l, node, &st);
	t = host_find(d->host, l->device);
	if (t != NULL) {
		check_holders(d, l, t);
		check_locks(d, l, t);
	}
}

bool
doctor_device(struct doctor *d, const struct conf_line *l)
{
	unsigned before = d->wrong + d->notes;
	bool told;

	if (l->setup->type != CONF_SERIAL)
		return false;
	check_device(d, l);
	told = d->wrong + d->notes > before;
	check_name(d, l, host_find(d->host, l->device));
	return told;
}

/* ---- programs that come by themselves ---- */

/* Some rule there says that ModemManager is to ignore something. */
static bool
has_ignore_rule(const struct host *h)
{
	char path[PATH_MAX], line[512];
	bool found = false;
	struct dirent *e;
	DIR *dir;
	FILE *f;

	snprintf(path, sizeof path, "%s/etc/udev/rules.d", h->root);
	if ((dir = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/etc/udev/rules.d/%.255s", h->root, e->d_name);
		if (e->d_name[0] == '.' || (f = fopen(path, "re")) == NULL)
			continue;
		while (!found && fgets(line, sizeof line, f) != NULL)
			found = line[strspn(line, " \t")] != '#' &&
			    (strstr(line, "ID_MM_DEVICE_IGNORE") != NULL ||
				strstr(line, "ID_MM_PORT_IGNORE") != NULL);
		fclose(f);
	}
	closedir(dir);
	return found;
}

static bool
runs(const struct host *h, const char *program)
{
	char path[PATH_MAX], name[32];
	bool found = false;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof path, "%s/proc", h->root);
	if ((dir = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(dir)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9') {
			snprintf(path, sizeof path, "%.20s", e->d_name);
			found = strcmp(host_program(h, (int)strtol(path, NULL, 10), name),
				    program) == 0;
		}
	closedir(dir);
	return found;
}

void
doctor_grabbers(struct doctor *d, const struct conf *c)
{
	const struct host_tty *t;
	char mend[400];
	size_t i;

	if (!runs(d->host, "ModemManager") || has_ignore_rule(d->host))
		return;
	for (i = 0; i < c->n_lines; i++) {
		if (c->lines[i].setup->type != CONF_SERIAL ||
		    (t = host_find(d->host, c->lines[i].device)) == NULL || !t->usb)
			continue;
		snprintf(mend, sizeof mend,
		    "echo 'ATTRS{idVendor}==\"%s\", ATTRS{idProduct}==\"%s\", "
		    "ENV{ID_MM_DEVICE_IGNORE}=\"1\"' >>/etc/udev/rules.d/60-modemshare.rules && "
		    "udevadm control --reload && udevadm trigger",
		    t->vendor, t->product);
		doctor_say(d, DOCTOR_WRONG, c->lines[i].name, mend,
		    "ModemManager runs, and sends AT commands to %s when it appears", t->node);
	}
}
