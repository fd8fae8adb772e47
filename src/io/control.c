/*
 * The control socket, see control.h: the listening end.
 */
#include "io/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/control_parts.h"
#include "io/log.h"

/* ---- the socket's file ---- */

/* 0: nobody serves it; EADDRINUSE: somebody does, also one whose queue is full; else that cannot be told. */
static int
who_serves(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return errno;
	err = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 ? EAGAIN : errno;
	close(fd);
	return err == EAGAIN ? EADDRINUSE : err == ECONNREFUSED || err == ENOENT ? 0 : err;
}

/* Removes what an earlier daemon left. */
static int
make_room(const struct sockaddr_un *a)
{
	struct stat st;

	if (lstat(a->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	errno = S_ISSOCK(st.st_mode) ? who_serves(a) : EEXIST;
	return errno != 0 ? -1 : unlink(a->sun_path);
}

bool
control_directory(const char *path, char directory[static CONTROL_DIRECTORY])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path || slash - path >= CONTROL_DIRECTORY)
		return false;
	snprintf(directory, CONTROL_DIRECTORY, "%.*s", (int)(slash - path), path);
	return true;
}

/* One level of it.  What is there already, whatever it is, is told by bind. */
static int
make_directory(const char *directory)
{
	if (mkdir(directory, 0755) == 0 || errno == EEXIST)
		return 0;
	return -1;
}

static void
set_group(struct control *c, const char *directory)
{
	struct stat st;

	/* Only root and members of that group may; else the group is ours. */
	if (stat(directory, &st) == 0 && lchown(c->path, (uid_t)-1, st.st_gid) != 0)
		log_warn("the control socket has not the group of its directory: event=control-group path=\"%s\" "
		    "error=\"%s\"", c->path, strerror(errno));
	if (lstat(c->path, &st) == 0) {
		c->device = st.st_dev;
		c->inode = st.st_ino;
	}
}

static void
on_client(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	const struct control *c = ctx;

	(void)from;
	(void)len;
	if (fd < 0)
		listener_log_failure(c->loop, "control", c->path, errno);
	else
		control_client_new(ctx, fd);
}

static int
listen_at(struct control *c, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char directory[CONTROL_DIRECTORY] = "/";
	mode_t mask;

	if (strlen(path) >= sizeof a.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	if ((control_directory(path, directory) && make_directory(directory) != 0) || make_room(&a) != 0)
		return -1;
	mask = umask(0117);
	c->listener = listener_new(c->loop, (struct sockaddr *)&a, sizeof a, on_client, c);
	umask(mask);
	if (c->listener == NULL)
		return -1;
	set_group(c, directory);
	return 0;
}

struct control *
control_new(struct loop *loop, const char *path, struct control_limits limits, struct gallery *gallery,
    const struct control_ops *ops, void *ctx)
{
	struct control *c = calloc(1, sizeof *c);
	int error;

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->limits = limits;
	c->gallery = gallery;
	c->ops = ops;
	c->ctx = ctx;
	c->path = strdup(path);
	c->tick = loop_timer_new(loop, control_on_tick, c);
	errno = ENOMEM;
	if (c->path != NULL && c->tick != NULL && listen_at(c, path) == 0)
		return c;
	error = errno;
	control_free(c);
	errno = error;
	return NULL;
}

void
control_free(struct control *c)
{
	struct stat st;

	if (c == NULL)
		return;
	while (c->clients != NULL)
		control_client_close(c->clients);
	/* Another daemon may have its own there by now. */
	if (c->listener != NULL && lstat(c->path, &st) == 0 && st.st_dev == c->device &&
	    st.st_ino == c->inode)
		unlink(c->path);
	listener_free(c->listener);
	loop_timer_free(c->tick);
	free(c->path);
	free(c);
}

/* ---- answers of the daemon ---- */

static struct control_client *
end_call(struct control_call *call)
{
	struct control_client *client = call->client;

	free(call);
	if (client != NULL)
		client->call = NULL;
	return client;
}

struct control_peer
control_peer(const struct control_call *call)
{
	return call->peer;
}

void
control_done(struct control_call *call, const char *text)
{
	struct ctlmsg_reply r = { .id = call->id, .kind = CTLMSG_OK, .text = text };
	struct control_client *client = end_call(call);

	if (client == NULL)
		return;
	control_client_reply(client, &r);
	control_client_settle(client);
}

void
control_refuse(struct control_call *call, enum ctlmsg_code code, const char *error)
{
	int64_t id = call->id;
	struct control_client *client = end_call(call);

	if (client == NULL)
		return;
	control_client_fail(client, id, code, error);
	control_client_settle(client);
}
