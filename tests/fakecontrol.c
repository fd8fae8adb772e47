/*
 * A daemon that has nothing but a control socket, for the tests of the control tool.
 *
 *	fakecontrol SOCKET STATE-DIRECTORY
 *
 * Its snapshot is that of snapshots.c; it does what it is asked for lines of that, and says on its
 * standard output what that was.  Prints "ready" when it listens; ends when its input does.
 */
#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/control.h"
#include "io/gallery.h"
#include "snapshots.h"
#include "views/statusjson.h"

#define BURST 4000000 /* bytes, for who monitors modem2 */

static struct loop *loop;
static struct gallery *gallery;
static struct control *control;
static struct history *history;
static struct made_up made_up;
static struct loop_timer *timer; /* what is monitored begins to speak */
static char monitored[CTLMSG_NAME];
static struct control_call *testing;

/* Drawn at once, since what is made up goes on changing. */
struct shown {
	char *to_look, *to_act;
};

static void
drop(void *picture)
{
	struct shown *s = picture;

	free(s->to_look);
	free(s->to_act);
	free(s);
}

static void *
take(void *ctx)
{
	struct shown *s = malloc(sizeof *s);

	(void)ctx;
	if (s == NULL)
		return NULL;
	*s = (struct shown){ statusjson_text(&made_up.snapshot, false), statusjson_text(&made_up.snapshot, true) };
	if (s->to_look != NULL && s->to_act != NULL)
		return s;
	drop(s);
	return NULL;
}

static char *
draw(void *ctx, const void *picture, const char *form, size_t *n)
{
	const struct shown *s = picture;
	char *text = strdup(strcmp(form, CONTROL_TO_ACT) == 0 ? s->to_act : s->to_look);

	(void)ctx;
	if (text != NULL)
		*n = strlen(text) - 1;
	return text;
}

static void
changed(void)
{
	gallery_changed(gallery);
	control_changed(control);
}

static struct snapshot_line *
find_line(const char *name)
{
	size_t i;

	for (i = 0; i < PICTURE_LINES; i++)
		if (strcmp(made_up.lines[i].name, name) == 0)
			return &made_up.lines[i];
	return NULL;
}

static void
say(const struct ctlmsg_request *r)
{
	printf("%s %s %s%s\n", ctlmsg_verb_word(r->verb), r->line, r->message,
	    r->exit ? "exit" : "");
	fflush(stdout);
}

static void
disable(struct snapshot_line *l, bool disabled, const char *text)
{
	static char why[CTLMSG_TEXT + 32];

	snprintf(why, sizeof why, "by the administrator%s%s", *text != '\0' ? ": " : "", text);
	l->state = disabled ? SNAPSHOT_DISABLED : SNAPSHOT_FREE;
	l->reason = disabled ? why : "";
	l->owner.present = false;
	changed();
}

static void
act_on_line(struct control_call *call, const struct ctlmsg_request *r, struct snapshot_line *l)
{
	switch (r->verb) {
	case CTLMSG_KICK:
		if (!l->owner.present) {
			control_refuse(call, CTLMSG_FAILED,
			    "nobody has that line; expected one in use");
			return;
		}
		disable(l, false, "");
		control_done(call, NULL);
		break;
	case CTLMSG_TEST: /* answered a little later */
		testing = call;
		loop_timer_set(timer, msec_add(loop_now(loop), 200));
		break;
	default:
		disable(l, r->verb == CTLMSG_DISABLE, r->message);
		control_done(call, NULL);
	}
}

static void
act(void *ctx, struct control_call *call, const struct ctlmsg_request *r)
{
	struct snapshot_line *l = find_line(r->line);

	(void)ctx;
	say(r);
	if (r->line[0] != '\0' && l == NULL) {
		control_refuse(call, CTLMSG_UNKNOWN, "no such line; expected one that status shows");
	} else if (l != NULL) {
		act_on_line(call, r, l);
	} else if (r->verb == CTLMSG_RELOAD) {
		control_refuse(call, CTLMSG_FAILED, "F:3: unknown key \"sped\"; expected \"speed\"");
	} else {
		made_up.snapshot.draining = r->verb == CTLMSG_DRAIN;
		changed();
		control_done(call, NULL);
	}
}

static void
on_timer(void *ctx)
{
	static uint8_t block[4000];
	int i;

	(void)ctx;
	if (testing != NULL)
		control_done(testing, "modem1: AT was answered twice in 80ms");
	testing = NULL;
	if (monitored[0] == '\0')
		return;
	control_data(control, monitored, true, PICTURE_NOW, (const uint8_t *)"ATDT5551234\r", 12);
	control_data(control, monitored, false, PICTURE_NOW + 1,
	    (const uint8_t *)"\r\nCONNECT\r\n\x1b[2J\xff", 16);
	for (i = 0; strcmp(monitored, "modem2") == 0 && i < BURST / (int)sizeof block; i++)
		control_data(control, monitored, false, PICTURE_NOW + 2, block, sizeof block);
	control_note(control, monitored, PICTURE_NOW + 3, "192.0.2.7 has left");
	control_forget_line(control, monitored, PICTURE_NOW + 4, "not configured any more");
	monitored[0] = '\0';
}

static bool
monitor(void *ctx, const char *line, bool on)
{
	(void)ctx;
	if (find_line(line) == NULL)
		return false;
	monitored[0] = '\0';
	if (on) {
		snprintf(monitored, sizeof monitored, "%s", line);
		printf("monitor %s\n", line);
		fflush(stdout);
		loop_timer_set(timer, msec_add(loop_now(loop), 300));
	}
	return true;
}

static struct history *
get_history(void *ctx)
{
	(void)ctx;
	return history;
}

static bool
has_line(void *ctx, const char *line)
{
	(void)ctx;
	return find_line(line) != NULL;
}

static void
on_news(void *ctx, enum history_news what, const char *why, uint64_t lost)
{
	(void)ctx;
	(void)lost;
	warnx("history: %d %s", (int)what, why);
}

static void
fill_history(void)
{
	const struct snapshot_record *r = made_up.records;
	size_t i;

	for (i = 3; i-- > 0;) {
		struct history_record h = { .line = r[i].line,
			.service = r[i].service,
			.client = r[i].who,
			.hidden = r[i].hidden,
			.refused = r[i].refused,
			.start = r[i].start,
			.end = r[i].end,
			.from_client = r[i].from_client,
			.to_client = r[i].to_client,
			.number = r[i].number,
			.result = r[i].result,
			.call_ms = r[i].call_ms,
			.why = r[i].why,
			.count = r[i].count };

		if (h.end < 0)
			history_begin(history, &h);
		else
			history_add(history, &h);
	}
}

static void
on_input(void *ctx, int what)
{
	char c;

	(void)ctx;
	(void)what;
	if (read(STDIN_FILENO, &c, 1) <= 0)
		loop_stop(loop);
}

int
main(int argc, char **argv)
{
	static const struct control_ops ops = { act, monitor, get_history, has_line };
	static const struct gallery_ops gallery_ops = { .take = take, .draw = draw, .drop = drop };
	const struct history_keep keep = { 0, HISTORY_LEAST };
	struct loop_fd *input;

	if (argc != 3)
		errx(2, "usage: fakecontrol SOCKET STATE-DIRECTORY");
	made_up_fill(&made_up);
	loop = loop_new();
	if (loop == NULL || (timer = loop_timer_new(loop, on_timer, NULL)) == NULL ||
	    (history = history_new(loop, argv[2], &keep, on_news, NULL)) == NULL ||
	    (gallery = gallery_new(loop, &gallery_ops, NULL)) == NULL ||
	    (control = control_new(loop, argv[1], CONTROL_LIMITS, gallery, &ops, NULL)) == NULL ||
	    (input = loop_fd_new(loop, STDIN_FILENO, LOOP_READ, on_input, NULL)) == NULL)
		err(1, "%s", argv[1]);
	fill_history();
	puts("ready");
	fflush(stdout);
	loop_run(loop);
	if (testing != NULL)
		control_refuse(testing, CTLMSG_FAILED, "the daemon ends");
	control_free(control);
	(void)gallery_free(gallery, 10000);
	history_free(history, HISTORY_FLUSH);
	loop_fd_free(input);
	loop_timer_free(timer);
	loop_free(loop);
	return 0;
}
