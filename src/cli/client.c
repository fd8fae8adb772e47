/*
 * The tool's end of the control socket, see client.h.
 */
#include "cli/client.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int
no_connection(const char *path, int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		return cli_fail(EXIT_ABSENT, "%s: no daemon answers there: is modemshared running?",
		    path);
	if (error == EACCES || error == EPERM)
		return cli_fail(EXIT_DENIED,
		    "%s: not permitted: be root, or in the group of the socket", path);
	if (error == EAGAIN)
		return cli_fail(EXIT_ABSENT, "the daemon does not answer");
	return cli_fail(EXIT_FAILED, "%s: %s", path, strerror(error));
}

static int
connect_to(const char *path)
{
	/* Where so many wait already that no more may, connecting waits as well. */
	const struct timeval patience = { .tv_sec = CLIENT_PATIENCE / 1000 };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	if (strlen(path) < sizeof a.sun_path) {
		memcpy(a.sun_path, path, strlen(path) + 1);
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
		    connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
			return fd;
	} else
		errno = ENAMETOOLONG;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool
grow(struct client *c)
{
	size_t cap = c->cap == 0 ? 4096 : 2 * c->cap;
	char *in = cap > CLIENT_MAX ? NULL : realloc(c->in, cap);

	if (in == NULL)
		return false;
	c->in = in;
	c->cap = cap;
	return true;
}

/* A line, its newline included, of which *n bytes are to be dropped afterwards. */
static int
read_line(struct client *c, size_t *n, int patience)
{
	size_t searched = 0;
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	const char *end;
	ssize_t got;

	while (c->n == 0 || (end = memchr(c->in + searched, '\n', c->n - searched)) == NULL) {
		searched = c->n;
		if (c->n == c->cap && !grow(c))
			return cli_fail(EXIT_FAILED, "the daemon's answer is too long");
		if (poll(&p, 1, patience) == 0)
			return cli_fail(EXIT_ABSENT, "the daemon does not answer");
		got = read(c->fd, c->in + c->n, c->cap - c->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return cli_fail(EXIT_ABSENT, "the daemon has closed the connection");
		c->n += (size_t)got;
	}
	*n = (size_t)(end - c->in) + 1;
	return EXIT_OK;
}

static void
drop_line(struct client *c, size_t n)
{
	c->n -= n;
	memmove(c->in, c->in + n, c->n);
}

int
client_open(struct client *c, const char *path)
{
	struct ctlmsg_greeting g;
	char error[CTLMSG_ERROR];
	int status;
	size_t n;

	*c = (struct client){ .fd = connect_to(path) };
	if (c->fd < 0)
		return no_connection(path, errno);
	status = read_line(c, &n, CLIENT_PATIENCE);
	if (status == EXIT_OK) {
		if (ctlmsg_read_greeting(c->in, n, &g, error) != 0)
			status = cli_fail(EXIT_FAILED, "%s: %s", path, error);
		drop_line(c, n);
	}
	if (status != EXIT_OK) {
		client_close(c);
		return status;
	}
	c->may_act = g.may_act;
	memcpy(c->version, g.version, sizeof c->version);
	return EXIT_OK;
}

void
client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->in);
	*c = (struct client){ .fd = -1 };
}

int
client_ask(struct client *c, const struct ctlmsg_request *r)
{
	char *line = ctlmsg_write_request(r);
	size_t n = line == NULL ? 0 : strlen(line), sent = 0;
	int error = 0;
	ssize_t now;

	if (line == NULL)
		return cli_fail(EXIT_USAGE, "what was given is not text in UTF-8");
	while (sent < n) {
		now = send(c->fd, line + sent, n - sent, MSG_NOSIGNAL);
		if (now < 0 && errno != EINTR) {
			error = errno;
			break;
		}
		sent += now > 0 ? (size_t)now : 0;
	}
	free(line);
	/* One that has closed may have said why: who reads the answer finds that, or the end. */
	return error == 0 || error == EPIPE || error == ECONNRESET ? EXIT_OK :
	    cli_fail(EXIT_ABSENT, "the daemon cannot be asked: %s", strerror(error));
}

static int
say_failure(const struct ctlmsg_reply *r)
{
	int status = EXIT_FAILED;

	if (r->code == CTLMSG_DENIED)
		status = EXIT_DENIED;
	else if (r->code == CTLMSG_UNKNOWN)
		status = EXIT_UNKNOWN;
	return cli_fail(status, "%s", r->text);
}

int
client_answer(struct client *c, struct ctlmsg_reply *r, int patience)
{
	char error[CTLMSG_ERROR];
	size_t n;
	int status = read_line(c, &n, patience);

	*r = (struct ctlmsg_reply){ 0 };
	if (status != EXIT_OK)
		return status;
	if (ctlmsg_read_reply(c->in, n, r, error) != 0)
		status = cli_fail(EXIT_FAILED, "%s", error);
	else if (r->kind == CTLMSG_FAILURE)
		status = say_failure(r);
	drop_line(c, n);
	if (status != EXIT_OK)
		ctlmsg_reply_clear(r);
	return status;
}

void
client_print(const struct ctlmsg_reply *r)
{
	cli_json(json_incref(r->kind == CTLMSG_STATUSES ? r->body : r->whole));
}
