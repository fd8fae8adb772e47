/*
 * doctor: finds what is wrong and says how to mend it, with and without a running daemon.
 */
#include "cli/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <jansson.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/client.h"
#include "views/jsontext.h"

#define CONF_MAX (1 << 20) /* bytes of a configuration file */
#define DEFAULT_FILE SYSCONFDIR "/modemshared.conf"
#define USER "modemshare"

/* ---- what is found ---- */

static void
on_finding(void *ctx, const struct finding *f)
{
	const struct cli *cli = ctx;
	char about[1024], what[4096], mend[4096];

	if (!cli->json) {
		printf("%s  %s: %s\n", f->level == DOCTOR_WRONG ? "WRONG" : "note ",
		    cli_text(about, sizeof about, f->about), cli_text(what, sizeof what, f->what));
		if (*f->mend != '\0')
			printf("       %s\n", cli_text(mend, sizeof mend, f->mend));
		return;
	}
	cli_json(json_pack("{s:s, s:o, s:o, s:o}", "level", f->level == DOCTOR_WRONG ? "wrong" : "note",
	    "about", jsontext(f->about), "what", jsontext(f->what), "mend", jsontext_or_null(f->mend)));
}

/* ---- the host ---- */

/* An address that is not of this host cannot be bound to. */
static bool
has_address(const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_storage any;
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has;

	if (fd < 0)
		return true; /* cannot be told */
	memcpy(&any, sa, len);
	if (sa->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)&any)->sin_port = 0;
	else if (sa->sa_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&any)->sin6_port = 0;
	has = bind(fd, (struct sockaddr *)&any, len) == 0 || errno != EADDRNOTAVAIL;
	close(fd);
	return has;
}

/* A program listens there, or at an address that takes its place.  What the kernel lets nobody have cannot be told. */
static bool
is_taken(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	bool taken;

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (sa->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	taken = bind(fd, sa, len) != 0 && errno == EADDRINUSE;
	close(fd);
	return taken;
}

/* Who was named; else whom run-as names; else whoever owns the socket; else the user that is made for it; else who asks. */
static void
find_user(struct doctor *d, const char *named, const char *run_as, const char *socket_path)
{
	struct stat st;
	const struct passwd *p = NULL;

	if (named == NULL && *run_as != '\0')
		named = run_as;
	if (named != NULL)
		p = getpwnam(named);
	if (p == NULL && stat(socket_path, &st) == 0)
		p = getpwuid(st.st_uid);
	if (p == NULL)
		p = getpwnam(USER);
	if (p == NULL)
		p = getpwuid(geteuid());
	d->uid = p == NULL ? geteuid() : p->pw_uid;
	snprintf(d->user, sizeof d->user, "%s", p == NULL ? "this user" : p->pw_name);
	d->n_groups = DOCTOR_GROUPS;
	if (p == NULL)
		d->n_groups = 0;
	else if (getgrouplist(p->pw_name, p->pw_gid, d->groups, &d->n_groups) < 0)
		d->n_groups = DOCTOR_GROUPS;
}

/* ---- the daemon ---- */

/* told[]: of each line of the configuration, as doctor_device() says. */
static void
check_lines(struct doctor *d, const json_t *status, const struct conf *c, const bool *told)
{
	const json_t *lines = json_object_get(status, "lines"), *line;
	size_t i, k;

	json_array_foreach(lines, i, line) {
		const char *name = json_string_value(json_object_get(line, "name"));
		const char *state = json_string_value(json_object_get(line, "state"));
		const char *reason = json_string_value(json_object_get(line, "reason"));

		if (name == NULL || state == NULL || reason == NULL)
			continue;
		for (k = 0; c != NULL && k < c->n_lines && strcmp(c->lines[k].name, name) != 0; k++)
			;
		doctor_line(d, name, state, reason, c != NULL && k < c->n_lines && told[k]);
	}
}

/* Its status, the caller's; NULL: none. */
static json_t *
ask_daemon(struct doctor *d, const char *path)
{
	json_t *status = NULL;
	const struct ctlmsg_request request = { .id = 1, .verb = CTLMSG_STATUS };
	struct ctlmsg_reply r;
	struct ucred peer;
	socklen_t len = sizeof peer;
	struct client c;

	if (client_open(&c, path) != EXIT_OK)
		return NULL;
	if (getsockopt(c.fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0) {
		d->daemon_pid = peer.pid; /* who listens, as of when it began to: after it has become who it is */
		d->daemon_uid = peer.uid;
	}
	if (strcmp(c.version, PACKAGE_VERSION) != 0)
		doctor_say(d, DOCTOR_NOTE, path, "systemctl restart modemshared",
		    "the daemon is of version %s, and this tool of %s", c.version, PACKAGE_VERSION);
	if (client_ask(&c, &request) == EXIT_OK &&
	    client_answer(&c, &r, CLIENT_PATIENCE) == EXIT_OK) {
		if (r.kind == CTLMSG_STATUSES)
			status = json_incref(r.body);
		ctlmsg_reply_clear(&r);
	}
	client_close(&c);
	return status;
}

/* A daemon that does not run is told by itself, so that nothing is said twice.  As ask_daemon(). */
static json_t *
check_daemon(struct doctor *d, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;

	if (*path == '\0' || strlen(path) >= sizeof a.sun_path || fd < 0) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		error = errno;
	close(fd);
	d->daemon_runs = error == 0 || error == EACCES;
	if (error == 0)
		return ask_daemon(d, path);
	if (error == EACCES)
		doctor_say(d, DOCTOR_WRONG, path, "sudo modemshare doctor",
		    "not permitted to this user");
	else
		doctor_say(d, DOCTOR_NOTE, path, "systemctl start modemshared",
		    "no daemon answers there");
	return NULL;
}

/* ---- the configuration ---- */

/* Whatever the path leads to is opened without waiting: only a regular file has an end. */
static const char *
read_regular(int fd, char *all, size_t *n)
{
	struct stat st;
	ssize_t got;

	*n = 0;
	if (fd < 0 || fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "no regular file";
	for (; (got = read(fd, all + *n, CONF_MAX + 1 - *n)) > 0; *n += (size_t)got)
		;
	return got < 0 ? strerror(errno) : NULL;
}

static char *
read_file(struct doctor *d, const char *path, size_t *n)
{
	char *all = malloc(CONF_MAX + 1);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *wrong = all == NULL ? strerror(ENOMEM) : read_regular(fd, all, n);

	if (fd >= 0)
		close(fd);
	if (wrong == NULL)
		return all;
	doctor_say(d, DOCTOR_WRONG, path, "modemshare doctor -f FILE", "%s", wrong);
	free(all);
	return NULL;
}

static struct conf *
load(struct doctor *d, const char *path)
{
	static struct conf_report report;
	struct conf *c;
	char *all;
	size_t n;

	if ((all = read_file(d, path, &n)) == NULL)
		return NULL;
	c = conf_parse(path, all, n, &report);
	doctor_report(d, path, &report);
	free(all);
	return c;
}

static void
check_identity(struct doctor *d, const struct conf *c)
{
	const struct passwd *p = *c->run_as != '\0' ? getpwnam(c->run_as) : NULL;

	doctor_identity(d, c, p != NULL ? &p->pw_uid : NULL);
}

/* What is wrong with it here; told[]: of each line, whether its device is. */
static void
check_conf(struct doctor *d, const struct conf *c, bool *told)
{
	struct host host;
	size_t i;

	check_identity(d, c);
	if (host_look(&host, "", *c->lock_directory == '\0' ? NULL : c->lock_directory) != 0)
		host = (struct host){ .root = "" };
	d->host = &host;
	for (i = 0; i < c->n_lines; i++)
		told[i] = doctor_device(d, &c->lines[i]);
	doctor_grabbers(d, c);
	doctor_conf(d, c);
	doctor_places(d, c);
	if (host.blind)
		doctor_say(d, DOCTOR_NOTE, "/proc", "sudo modemshare doctor",
		    "processes of other users are not seen: who holds a port may be missing here");
	host_clear(&host);
}

static int
examine(struct doctor *d, struct cli *cli, const char *file, const char *user)
{
	struct conf *c = load(d, file);
	const char *path =
	    strcmp(cli->socket, CLI_SOCKET) == 0 && c != NULL ? c->control_socket : cli->socket;
	bool *told = calloc(c != NULL ? c->n_lines : 1, sizeof *told);
	json_t *status;

	if (told == NULL) {
		conf_free(c);
		return cli_fail(EXIT_FAILED, "%s", strerror(ENOMEM));
	}
	find_user(d, user, c != NULL ? c->run_as : "", path);
	status = check_daemon(d, path);
	if (c != NULL)
		check_conf(d, c, told);
	check_lines(d, status, c, told);
	json_decref(status);
	free(told);
	conf_free(c);
	return d->wrong > 0 ? EXIT_FAILED : EXIT_OK;
}

int
doctor_main(struct cli *cli, int argc, char **argv)
{
	struct doctor d = { .has_address = has_address, .is_taken = is_taken, .found = on_finding, .ctx = cli };
	const char *file = DEFAULT_FILE, *user = NULL;
	int o, status;

	optind = 0;
	while ((o = getopt(argc, argv, "f:u:")) != -1) {
		if (o == 'f')
			file = optarg;
		else if (o == 'u')
			user = optarg;
		else
			return cli_usage(cli, argv[0]);
	}
	if (optind < argc)
		return cli_usage(cli, argv[0]);
	if (user != NULL && getpwnam(user) == NULL)
		return cli_fail(EXIT_USAGE, "-u %s: there is no such user", user);
	status = examine(&d, cli, file, user);
	if (!cli->json && d.wrong + d.notes == 0)
		puts("all is well");
	return status;
}
