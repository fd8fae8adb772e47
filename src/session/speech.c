/*
 * What a session says to its client, and of whom it speaks.
 */
#include <string.h>

#include "io/log.h"
#include "session/parts.h"

/* ---- of which line ---- */

/* How soon a line is to be had, in ms; the order is what counts. */
static int64_t
distance(const struct session *s, struct line *line)
{
	const struct arbiter_line *seat = line_seat(line);
	const struct session *o;
	int64_t latest;

	switch (seat->state) {
	case ARBITER_FREE:
		return -2;
	case ARBITER_HANDOVER:
		return -1;
	case ARBITER_OWNED:
		o = session_of_seat(seat->owner);
		latest = o->owns ? tenure_latest(&o->tenure, session_now(s)) : TENURE_NO_LIMIT;
		return latest >= 0 ? latest : INT64_MAX / 2;
	default:
		return INT64_MAX;
	}
}

void
session_look(struct session *s)
{
	const struct session_ops *ops = s->house->ops;
	struct line *line, *best = NULL;
	int64_t least = 0, d;
	size_t i;

	if (s->owns)
		return;
	for (i = 0; i < ops->n_lines(&s->place); i++) {
		line = ops->line(&s->place, i);
		d = distance(s, line);
		if (best == NULL || d < least) {
			best = line;
			least = d;
		}
	}
	if (best != NULL)
		s->line = best;
}

/* ---- sentences ---- */

/* Who has the line of s, as its owner's service lets it be told; he may have got it in this very turn. */
static void
describe_holder(const struct session *s, struct words_holder *h)
{
	struct arbiter_line *seat = line_seat(s->line);
	const struct session *o = session_of_seat(seat->owner);
	msec_t now = session_now(s);
	int64_t way_back = line_handover_bound(line_conf(s->line));

	h->line = line_conf(s->line)->name;
	h->who = o->rules->show_owner ? o->who : NULL;
	h->held_ms = o->owns ? tenure_held(&o->tenure, now) : 0;
	h->idle_ms = o->owns ? tenure_idle(&o->tenure, now) : 0;
	h->free_ms = o->owns ? tenure_latest(&o->tenure, now) : TENURE_NO_LIMIT;
	h->if_idle_ms = o->owns ? tenure_if_idle(&o->tenure, now) : TENURE_NO_LIMIT;
	if (h->free_ms >= 0)
		h->free_ms += way_back;
	if (h->if_idle_ms >= 0)
		h->if_idle_ms += way_back;
	h->waiting = (int)arbiter_line_waiting(seat);
}

static void
on_its_way(const struct session *s, char *dst, size_t cap)
{
	words_on_its_way(dst, cap, line_conf(s->line)->name, line_shown(s->line) == SNAPSHOT_RINGING,
	    line_handover_left(s->line));
}

/* All of its lines are in use, or on their way back. */
static void
in_use(const struct session *s, char *dst, size_t cap)
{
	struct words_holder h;

	if (line_seat(s->line)->owner != NULL) {
		describe_holder(s, &h);
		words_refusal(dst, cap, &h);
	} else {
		on_its_way(s, dst, cap);
	}
}

void
session_refusal(const struct session *s, enum session_refusal why, char *dst, size_t cap)
{
	const char *name = s->service->name;

	switch (why) {
	case SESSION_TWICE:
		words_waits_already(dst, cap, name, s->who);
		break;
	case SESSION_WAITED:
		words_waited(dst, cap, name, s->rules->queue_wait);
		break;
	case SESSION_GONE:
		if (s->house->draining)
			words_draining(dst, cap, name);
		else
			words_gone(dst, cap, name);
		break;
	default:
		in_use(s, dst, cap);
	}
}

void
session_say_text(struct session *s, const char *text)
{
	if (!s->suspended && text != NULL)
		session_queue(s, text, strlen(text));
}

void
session_say_status(struct session *s)
{
	const struct arbiter_line *seat;
	const char *name;
	char sentence[WORDS_MAX], text[WORDS_MAX];
	struct words_holder h;

	session_look(s);
	seat = line_seat(s->line);
	name = line_conf(s->line)->name;
	if (seat->state == ARBITER_OUT) {
		words_out_of_service(sentence, sizeof sentence, name, line_reason(s->line));
	} else if (seat->owner != NULL) {
		describe_holder(s, &h);
		words_in_use(sentence, sizeof sentence, &h);
	} else if (seat->state == ARBITER_HANDOVER) {
		on_its_way(s, sentence, sizeof sentence);
	} else {
		words_free(sentence, sizeof sentence, name);
	}
	words_line(text, sizeof text, sentence);
	session_say_text(s, text);
}

void
session_say_timeout(struct session *s)
{
	char text[WORDS_MAX];

	words_claim_timeout(text, sizeof text, door_claim_timeout(&s->door));
	session_say_text(s, text);
}

void
session_say_yield(struct session *s)
{
	char text[WORDS_MAX];

	words_yield(text, sizeof text);
	session_say_text(s, text);
}

void
session_say_waiting(struct session *s)
{
	char sign[WORDS_SIGNATURE], sentence[WORDS_MAX], text[WORDS_MAX];

	if (s->door.class == DOOR_COM) {
		words_signature_queued(sign, sizeof sign, (int)s->waits_at);
		rfc2217_server_say(&s->server, sign);
		return;
	}
	session_look(s);
	in_use(s, sentence, sizeof sentence);
	words_waiting(text, sizeof text, (int)s->waits_at, sentence);
	session_say_text(s, text);
}

void
session_say_ready(struct session *s)
{
	char text[WORDS_MAX];

	if (s->door.class == DOOR_COM) {
		rfc2217_server_say(&s->server, WORDS_READY);
		return;
	}
	words_ready(text, sizeof text);
	session_say_text(s, text);
}

void
session_warn(struct session *s, enum tenure_rule rule, int64_t left)
{
	enum words_cut cut = rule == TENURE_IDLE ? CUT_IDLE : CUT_LIMIT;
	char sign[WORDS_SIGNATURE], text[WORDS_MAX];

	log_info("owner warned: event=warning line=%s client=%s rule=%s left=%lld",
	    line_conf(s->line)->name, s->who, words_cut_name(cut), (long long)(left / 1000));
	if (!s->rules->say_why)
		return;
	if (s->door.class == DOOR_COM) {
		words_signature_warning(sign, sizeof sign, cut, left);
		rfc2217_server_say(&s->server, sign);
	} else if (s->door.class == DOOR_TELNET) {
		words_warning(text, sizeof text, line_conf(s->line)->name, cut, left);
		session_say_text(s, text);
	}
}

