/*
 * What the control tool asks of the daemon, see io/control.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon_parts.h"
#include "daemon/daemon_reload.h"
#include "io/control.h"
#include "io/log.h"

/* A line that somebody waits for the test of. */
struct test {
	struct line_test test; /* first: it is what line_test() knows */
	struct control_call *call;
};

struct line *
daemon_find_line(const struct daemon *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->conf->n_lines; i++)
		if (strcmp(line_conf(d->lines[i])->name, name) == 0)
			return d->lines[i];
	return NULL;
}

/* ---- lines ---- */

static void
kick(struct control_call *call, struct line *line, const char *message)
{
	struct arbiter_client *owner = line_seat(line)->owner;

	if (owner == NULL) {
		control_refuse(call, CTLMSG_FAILED, "nobody has the line; expected an owner");
		return;
	}
	session_kick(session_of_seat(owner), message[0] != '\0' ? message : NULL);
	control_done(call, NULL);
}

static void
disable(struct control_call *call, struct line *line, const char *message)
{
	char error[CTLMSG_ERROR];

	if (strlen(message) > LINE_DISABLE_TEXT) {
		snprintf(error, sizeof error, "a text of %zu bytes; expected at most %d", strlen(message),
		    LINE_DISABLE_TEXT);
		control_refuse(call, CTLMSG_BAD, error);
		return;
	}
	if (!line_disable(line, message)) {
		control_refuse(call, CTLMSG_FAILED, "no memory");
		return;
	}
	control_done(call, line_seat(line)->owner != NULL ?
	    "out of service as soon as its owner has left" : NULL);
}

static void
on_tested(struct line_test *test, const char *failure)
{
	struct test *t = (struct test *)(void *)test;

	if (failure == NULL)
		control_done(t->call, "in order");
	else
		control_refuse(t->call, CTLMSG_FAILED, failure);
	free(t);
}

static void
test(struct control_call *call, struct line *line)
{
	struct test *t = calloc(1, sizeof *t);
	const char *why;

	if (t == NULL) {
		control_refuse(call, CTLMSG_FAILED, "no memory");
		return;
	}
	t->call = call;
	t->test.done = on_tested;
	why = line_test(line, &t->test);
	if (why == NULL)
		return;
	control_refuse(call, CTLMSG_FAILED, why);
	free(t);
}

static void
log_asked(const struct control_call *call, const struct ctlmsg_request *r, const struct line *line)
{
	struct control_peer who = control_peer(call);

	if (line != NULL)
		log_info("asked by the control socket: event=control do=%s line=%s uid=%lld pid=%lld",
		    ctlmsg_verb_word(r->verb), line_conf(line)->name, (long long)who.uid, (long long)who.pid);
	else
		log_info("asked by the control socket: event=control do=%s uid=%lld pid=%lld",
		    ctlmsg_verb_word(r->verb), (long long)who.uid, (long long)who.pid);
}

static void
act_on_line(struct daemon *d, struct control_call *call, const struct ctlmsg_request *r)
{
	struct line *line = daemon_find_line(d, r->line);
	char error[CTLMSG_ERROR];

	if (line == NULL) {
		snprintf(error, sizeof error, "there is no line \"%.100s\"; expected the name of one",
		    r->line);
		control_refuse(call, CTLMSG_UNKNOWN, error);
		return;
	}
	log_asked(call, r, line);
	if (r->verb == CTLMSG_KICK) {
		kick(call, line, r->message);
	} else if (r->verb == CTLMSG_DISABLE) {
		disable(call, line, r->message);
	} else if (r->verb == CTLMSG_TEST) {
		test(call, line);
	} else {
		line_enable(line);
		control_done(call, NULL);
	}
}

/* ---- draining ---- */

static void
look_if_empty(void *ctx)
{
	struct daemon *d = ctx;
	size_t i;

	if (!d->house.sessions.draining || !d->exits_empty || d->shutting)
		return;
	for (i = 0; i < d->conf->n_lines; i++)
		if (line_seat(d->lines[i])->state == ARBITER_OWNED ||
		    line_seat(d->lines[i])->state == ARBITER_HANDOVER)
			return;
	daemon_shut(d);
}

void
daemon_look_if_empty(struct daemon *d)
{
	d->emptied.fn = look_if_empty;
	d->emptied.ctx = d;
	loop_soon(d->loop, &d->emptied);
}

/* Who waits is refused, who owns a line keeps it to its end. */
void
daemon_drain(struct daemon *d, bool exits)
{
	size_t i;

	d->exits_empty = exits;
	if (!d->house.sessions.draining) {
		d->house.sessions.draining = true;
		for (i = 0; i < d->conf->n_services; i++)
			broker_remove(d->house.broker, d->services[i]);
		log_info("draining: event=drain exit=%s", exits ? "yes" : "no");
	}
	daemon_look_if_empty(d);
}

void
daemon_resume(struct daemon *d)
{
	size_t i;

	if (!d->house.sessions.draining)
		return;
	d->house.sessions.draining = d->exits_empty = false;
	for (i = 0; i < d->conf->n_services; i++)
		broker_resume(d->house.broker, d->services[i]);
	log_info("no longer draining: event=resume");
}

/* ---- what is asked ---- */

static void
on_act(void *ctx, struct control_call *call, const struct ctlmsg_request *r)
{
	struct daemon *d = ctx;

	broker_settle(d->house.broker);
	if (r->verb == CTLMSG_DRAIN || r->verb == CTLMSG_RESUME || r->verb == CTLMSG_RELOAD)
		log_asked(call, r, NULL);
	switch (r->verb) {
	case CTLMSG_DRAIN:
		control_done(call, NULL); /* before the end, which takes the connection with it */
		daemon_drain(d, r->exit);
		break;
	case CTLMSG_RESUME:
		daemon_resume(d);
		control_done(call, NULL);
		break;
	case CTLMSG_RELOAD:
		daemon_reload(d, call);
		break;
	default:
		act_on_line(d, call, r);
		break;
	}
	house_changed(&d->house);
}

static bool
on_monitor(void *ctx, const char *name, bool on)
{
	struct line *line = daemon_find_line(ctx, name);

	if (line != NULL)
		line_monitor(line, on);
	return line != NULL;
}

static struct history *
on_history(void *ctx)
{
	struct daemon *d = ctx;

	return d->history;
}

static bool
on_has_line(void *ctx, const char *name)
{
	return daemon_find_line(ctx, name) != NULL;
}

const struct control_ops daemon_control_ops = {
	.act = on_act,
	.monitor = on_monitor,
	.history = on_history,
	.has_line = on_has_line,
};
