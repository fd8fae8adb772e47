#include "controlrig.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE 400 /* turns of 50 ms */

/* What there is does not change while it is drawn: the tests wait for that. */
static void *
take(void *ctx)
{
	return ctx;
}

static char *
draw(void *ctx, const void *picture, const char *form, size_t *n)
{
	struct rig *r = ctx;
	json_t *lines = json_array(), *all;
	size_t i;
	char *text;

	(void)picture;
	r->statuses++;
	for (i = 0; i < r->lines; i++)
		json_array_append_new(lines,
		    json_string("a line of a status that is long enough to fill"));
	all = json_pack("{s:b, s:i, s:o}", "acts", strcmp(form, CONTROL_TO_ACT) == 0, "number", (int)r->statuses,
	    "lines", lines);
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	*n = strlen(text);
	return text;
}

static void
drop(void *picture)
{
	(void)picture;
}

static const struct gallery_ops gallery_ops = { .take = take, .draw = draw, .drop = drop };

static void
on_timer(void *ctx)
{
	struct rig *r = ctx;

	loop_stop(r->loop);
}

void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof *r);
	snprintf(r->directory, sizeof r->directory, "/tmp/control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(r->directory));
	snprintf(r->path, sizeof r->path, "%s/control", r->directory);
	r->limits = CONTROL_LIMITS;
	r->loop = loop_new();
	r->timer = loop_timer_new(r->loop, on_timer, r);
	r->gallery = gallery_new(r->loop, &gallery_ops, r);
	ck_assert(r->loop != NULL && r->timer != NULL && r->gallery != NULL);
}

void
rig_end(struct rig *r)
{
	char command[100];

	control_free(r->control);
	ck_assert(gallery_free(r->gallery, 10000));
	history_free(r->history, HISTORY_FLUSH);
	loop_timer_free(r->timer);
	loop_free(r->loop);
	snprintf(command, sizeof command, "rm -rf %s", r->directory);
	ck_assert_int_eq(system(command), 0);
}

void
rig_run(struct rig *r, int64_t ms)
{
	loop_timer_set(r->timer, msec_add(loop_now(r->loop), ms));
	ck_assert_int_eq(loop_run(r->loop), 0);
}

/* ---- the daemon ---- */

static void
act(void *ctx, struct control_call *call, const struct ctlmsg_request *request)
{
	struct rig *r = ctx;

	if (r->at_once) {
		control_done(call, NULL);
		return;
	}
	ck_assert_uint_lt(r->n_calls, RIG_CALLS);
	r->calls[r->n_calls] = call;
	r->requests[r->n_calls++] = *request;
}

static bool
monitor(void *ctx, const char *line, bool on)
{
	struct rig *r = ctx;

	if (strcmp(line, "none") == 0)
		return false;
	r->monitored += on ? 1 : -1;
	return true;
}

static struct history *
history(void *ctx)
{
	struct rig *r = ctx;

	return r->history;
}

static bool
has_line(void *ctx, const char *line)
{
	(void)ctx;
	return strcmp(line, "none") != 0;
}

void
rig_open(struct rig *r)
{
	static const struct control_ops ops = { act, monitor, history, has_line };

	r->control = control_new(r->loop, r->path, r->limits, r->gallery, &ops, r);
	ck_assert_msg(r->control != NULL, "%s", strerror(errno));
}

/* ---- clients ---- */

void
client_open(struct rig *r, struct client *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof a.sun_path, "%s", r->path);
	c->n = 0;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(c->fd, (struct sockaddr *)&a, sizeof a), 0);
	expect_in(r, c, "\"modemshare\":\"" PACKAGE_VERSION "\",\"protocol\":1,\"may\":");
}

void
client_close(struct client *c)
{
	close(c->fd);
}

void
client_send(struct client *c, const char *text)
{
	ck_assert_int_eq(send(c->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

const char *
client_line(struct rig *r, struct client *c)
{
	static char line[sizeof c->in];
	char *end;
	ssize_t n;
	int turn;

	for (turn = 0; turn < PATIENCE; turn++) {
		if ((end = memchr(c->in, '\n', c->n)) != NULL) {
			n = end - c->in;
			memcpy(line, c->in, (size_t)n);
			line[n] = '\0';
			c->n -= (size_t)n + 1;
			memmove(c->in, end + 1, c->n);
			return line;
		}
		n = recv(c->fd, c->in + c->n, sizeof c->in - c->n, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return NULL;
		if (n > 0)
			c->n += (size_t)n;
		else
			rig_run(r, turn < 20 ? 1 : 50);
	}
	ck_abort_msg("no line came; so far %.*s", (int)c->n, c->in);
	return NULL;
}
