/*
 * doctor: the configuration: addresses, places, and what works but surprises.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "base/acl.h"

/* "FILE:LINE: warning: what" is what, of FILE:LINE; what begins otherwise is of the file. */
static void
report_line(struct doctor *d, const char *file, const char *line, size_t n)
{
	char text[1024], about[512];
	const char *what = text;
	unsigned number;
	bool warns;
	int at = 0;

	snprintf(text, sizeof text, "%.*s", (int)n, line);
	snprintf(about, sizeof about, "%s", file);
	if (strncmp(text, file, strlen(file)) == 0 &&
	    sscanf(text + strlen(file), ":%u: %n", &number, &at) == 1 && at > 0) {
		what = text + strlen(file) + at;
		snprintf(about, sizeof about, "%.490s:%u", file, number);
	}
	warns = strncmp(what, "warning: ", 9) == 0;
	doctor_say(d, warns ? DOCTOR_NOTE : DOCTOR_WRONG, about, "", "%s", what + (warns ? 9 : 0));
}

void
doctor_report(struct doctor *d, const char *file, const struct conf_report *r)
{
	const char *line = r->text, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1)
		report_line(d, file, line, (size_t)(end - line));
}

/* ---- addresses ---- */

static bool
is_any(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr ==
		    htonl(INADDR_ANY);
	return sa->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

/* Two addresses that have nothing to do with each other are allowed: everybody is. */
static bool
allows_everybody(const struct acl *acl)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(0xc0000201) } };
	struct sockaddr_in b = { .sin_family = AF_INET, .sin_addr = { htonl(0x2d4a5b6c) } };

	return acl != NULL && acl_allows(acl, (const struct sockaddr *)&a) &&
	    acl_allows(acl, (const struct sockaddr *)&b);
}

/* The daemon's own is no other: neither where its process is seen, nor where it is only known that it runs. */
static void
check_port(struct doctor *d, const char *name, const struct conf_listen *l)
{
	char address[TEXT_ADDRESS], mend[200];
	struct host_holder who;

	if (!d->is_taken(&l->address.sa, l->length))
		return;
	text_address(address, &l->address.sa, 1);
	if (host_listener(d->host, &l->address.sa, &who)) {
		if (who.pid == d->daemon_pid || strcmp(who.program, "modemshared") == 0)
			return;
		doctor_mend_holder(mend, sizeof mend, &who, "");
		doctor_say(d, DOCTOR_WRONG, name, mend, "%s listens at %s already, as process %d", who.program,
		    address, who.pid);
	} else if (!d->daemon_runs) {
		snprintf(mend, sizeof mend, "sudo ss -ltnp 'sport = %s'", strrchr(address, ':'));
		doctor_say(d, DOCTOR_WRONG, name, mend, "another program listens at %s already", address);
	}
}

static void
check_listen(struct doctor *d, const char *name, const struct conf_listen *l, const struct acl *acl)
{
	const struct sockaddr *sa = &l->address.sa;
	char address[TEXT_ADDRESS], mend[TEXT_ADDRESS + 64];

	text_address(address, sa, 0);
	if (!is_any(sa) && !l->optional && !d->has_address(sa, l->length)) {
		snprintf(mend, sizeof mend, "ip address add %s dev INTERFACE", address);
		doctor_say(d, DOCTOR_WRONG, name, mend, "this host has no address %s", address);
		return;
	}
	check_port(d, name, l);
	if (!acl_is_loopback(sa) && allows_everybody(acl))
		doctor_say(d, DOCTOR_NOTE, name, "allow = { \"192.0.2.0/24\" }",
		    "whoever reaches %s may use it: Telnet has no passwords",
		    is_any(sa) ? "this host" : address);
}

/* ---- what surprises ---- */

static void
check_limits(struct doctor *d, const struct conf_service *s, const struct conf_line *l)
{
	const struct conf_rules *r = s->rules;

	if (r->session_limit == 0 && l->setup->kind == CONF_MODEM)
		doctor_say(d, DOCTOR_NOTE, s->name, "session-limit = \"12h\"",
		    "without a session-limit whoever stays active keeps the modem for ever");
	if (r->inactivity == 0)
		doctor_say(d, DOCTOR_NOTE, s->name, "inactivity = \"30m\"",
		    "without inactivity whoever forgets to disconnect keeps the line");
	if (r->inactivity_in_call == 0 && l->setup->kind == CONF_MODEM)
		doctor_say(d, DOCTOR_NOTE, s->name, "inactivity-in-call = \"15m\"",
		    "without inactivity-in-call a forgotten call goes on, and costs");
	if (r->keepalive.idle == 0)
		doctor_say(d, DOCTOR_NOTE, s->name, "keepalive = { 30, 10, 3 }",
		    "without keepalive a client whose cable was pulled is found only by its "
		    "inactivity");
	if (r->claim == CONF_CLAIM_CONNECT && r->protocol == CONF_TELNET)
		doctor_say(d, DOCTOR_NOTE, s->name, "claim = \"use\"",
		    "whoever only connects takes the line, a port scan too");
}

static void
check_line(struct doctor *d, const struct conf *c, size_t i)
{
	const struct conf_line *l = &c->lines[i];
	bool served = false;
	size_t k, m;

	for (k = 0; k < c->n_services; k++)
		for (m = 0; m < c->services[k].n_lines; m++)
			served = served || c->services[k].lines[m] == i;
	if (!served)
		doctor_say(d, DOCTOR_NOTE, l->name, "listen = { \"2217\" }",
		    "no service leads to this line");
	if (l->setup->kind == CONF_MODEM && l->setup->type == CONF_SERIAL && l->setup->hangup_time == 0)
		doctor_say(d, DOCTOR_NOTE, l->name, "hangup-time = \"1s\"",
		    "without hangup-time a modem is not hung up by DTR");
	for (k = 0; k < l->setup->n_answer; k++)
		check_listen(d, l->name, &l->setup->answer[k], l->setup->allow);
}

void
doctor_conf(struct doctor *d, const struct conf *c)
{
	size_t i, k;

	for (i = 0; i < c->n_services; i++) {
		for (k = 0; k < c->services[i].n_listen; k++)
			check_listen(d, c->services[i].name, &c->services[i].listen[k],
			    c->services[i].rules->allow);
		check_limits(d, &c->services[i], &c->lines[c->services[i].lines[0]]);
	}
	for (i = 0; i < c->n_lines; i++)
		check_line(d, c, i);
	for (i = 0; i < c->n_status; i++)
		check_listen(d, "status", &c->status[i], NULL);
}

/* ---- who the daemon is ---- */

void
doctor_identity(struct doctor *d, const struct conf *c, const uid_t *uid)
{
	char mend[128];

	if (c->run_as[0] == '\0')
		return;
	if (uid == NULL) {
		snprintf(mend, sizeof mend, "useradd --system --groups dialout %s", c->run_as);
		doctor_say(d, DOCTOR_WRONG, "run-as", mend, "there is no user %s: the daemon does not start",
		    c->run_as);
	} else if (d->daemon_pid != 0 && d->daemon_uid != *uid && d->daemon_uid == 0) {
		doctor_say(d, DOCTOR_WRONG, "run-as", "systemctl restart modemshared",
		    "the daemon is root, not %s: it was started before that was said", c->run_as);
	} else if (d->daemon_pid != 0 && d->daemon_uid != *uid) {
		doctor_say(d, DOCTOR_NOTE, "run-as", "",
		    "the daemon is not %s: only root could have become that user", c->run_as);
	}
}

/* ---- places ---- */

/* Its last part: the daemon makes that, if it may. */
static bool
can_be_made(const struct doctor *d, const char *path)
{
	char above[PATH_MAX], *slash;
	struct stat st;

	snprintf(above, sizeof above, "%s", path);
	slash = strrchr(above, '/');
	if (slash == NULL)
		return false;
	slash[slash == above ? 1 : 0] = '\0';
	return stat(above, &st) == 0 && S_ISDIR(st.st_mode) && doctor_may(d, &st, 03);
}

/* made: by the daemon, where it is missing. */
static void
check_place(struct doctor *d, const char *key, const char *directory, bool made)
{
	char path[PATH_MAX], mend[2200];
	struct stat st;

	snprintf(path, sizeof path, "%s%.3000s", d->host->root, directory);
	snprintf(mend, sizeof mend, "install -d -o %s -m 750 %.1900s", d->user, directory);
	if (stat(path, &st) != 0) {
		if (errno != ENOENT || !made || !can_be_made(d, path))
			doctor_say(d, errno == ENOENT ? DOCTOR_NOTE : DOCTOR_WRONG, key, mend, "%.500s: %s",
			    directory, strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		doctor_say(d, DOCTOR_WRONG, key, "", "%.500s is no directory", directory);
	} else if (!doctor_may(d, &st, 03)) {
		/* Whose it is stays as it is: others may share it, as they do that of the locks. */
		snprintf(mend, sizeof mend, "setfacl -m u:%s:rwx %.1900s", d->user, directory);
		doctor_say(d, made ? DOCTOR_WRONG : DOCTOR_NOTE, key, mend, "%s may not write in %.500s", d->user,
		    directory);
	}
}

void
doctor_places(struct doctor *d, const struct conf *c)
{
	char directory[HOST_PATH], *slash;

	snprintf(directory, sizeof directory, "%s", c->control_socket);
	slash = strrchr(directory, '/');
	if (slash != NULL && slash != directory) {
		*slash = '\0';
		check_place(d, "control-socket", directory, true);
	}
	if (*c->state_directory != '\0')
		check_place(d, "state-directory", c->state_directory, true);
	if (*c->lock_directory != '\0')
		check_place(d, "lock-directory", c->lock_directory, false);
}
