/*
 * What the arbiter decides of a session, and what its door does about it: claims, refusals, the ways of closing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "session/parts.h"

/* ---- the claim ---- */

static void
keep_text(struct session *s, const char *sign, const char *text)
{
	free(s->text);
	s->text = strdup(text); /* without memory nothing is told, and the close still comes */
	snprintf(s->sign, sizeof s->sign, "%s", sign);
}

/* What is only counted stands in the log where it tells all there is. */
static bool
logs(bool told)
{
	return told || log_shows(LOG_LEVEL_DEBUG);
}

static void
tell_begin(const struct session *s)
{
	log_info("claim begins: event=claim-start line=%s client=%s service=%s", line_conf(s->line)->name, s->who,
	    s->service->name);
}

static void
tell_end(struct session *s)
{
	char calls[SESSION_RECORD];

	log_info("claim ended: event=claim-end line=%s client=%s service=%s "
	    "seconds=%lld from-client=%llu to-client=%llu why=\"%s\"%s", line_conf(s->line)->name, s->who,
	    s->service->name, (long long)(tenure_held(&s->tenure, session_now(s)) / 1000),
	    (unsigned long long)s->from_client, (unsigned long long)s->to_client,
	    s->why != NULL ? s->why : "", session_calls_record(s, calls));
}

static void
begin_record(struct session *s)
{
	if (logs(session_record_begin(s)))
		tell_begin(s);
	s->untold = s->record != 0 ? MSEC_NEVER : msec_add(session_now(s), SESSION_BRIEF);
}

void
session_look_at_claim(struct session *s)
{
	if (!s->owns || !msec_reached(s->untold, session_now(s)))
		return;
	s->untold = MSEC_NEVER;
	session_record_lasts(s);
	if (!logs(false))
		tell_begin(s);
}

static void
end_record(struct session *s)
{
	bool told = session_record_end(s);

	if (told && s->record == 0 && !logs(false))
		tell_begin(s);
	if (logs(told))
		tell_end(s);
}

static void
release(struct session *s)
{
	if (s->owns)
		end_record(s);
	transport_owns(s->transport, false);
	s->owns = s->setting_up = s->claiming = s->mid_line = false;
	s->stale = 0;
	s->watch = 0;
	s->watch_asked = false;
	line_forget(s->line, s);
	inorder_clear(&s->inorder);
	s->house->ops->leave(s->house->ctx, s, s->cut_idle);
}

void
session_granted(struct session *s, struct line *line)
{
	msec_t now = session_now(s);

	s->claiming = false;
	s->line = line;
	line_grant(line, s);
	transport_owns(s->transport, true);
	s->owns = s->writable = s->setting_up = true; /* what the line brings before that is nobody's */
	tenure_start(&s->tenure, s->rules, line_conf(line)->setup->kind == CONF_MODEM, now);
	session_calls_begin(s);
	begin_record(s);
	session_note(s, DOOR_GRANTED);
}

void
session_waits(struct session *s, size_t place, bool held)
{
	s->claiming = false;
	s->waits_at = place;
	/* What it was told at the agreement is a line in use, with carrier for C-Kermit to claim it. */
	if (s->server.modem != 0)
		rfc2217_server_tell_modem(&s->server, 0);
	session_note(s, held ? DOOR_HELD : DOOR_QUEUED);
	s->house->ops->changed(s->house->ctx);
}

void
session_contended(struct session *s, bool on)
{
	if (s->owns)
		tenure_contended(&s->tenure, on, session_now(s));
	session_wake(s);
}

void
session_refused(struct session *s, enum session_refusal why, struct line *line)
{
	char sentence[WORDS_MAX], text[WORDS_MAX];
	const char *sign = WORDS_BUSY;

	s->claiming = false;
	session_look(s);
	if (line != NULL)
		s->line = line;
	if (why == SESSION_OUT) {
		sign = WORDS_NO_DIALTONE;
		words_no_service(text, sizeof text, line_conf(s->line)->name, line_reason(s->line));
		snprintf(sentence, sizeof sentence, "%s", line_reason(s->line));
	} else {
		session_refusal(s, why, sentence, sizeof sentence);
		words_refused_data(text, sizeof text, sentence);
	}
	if (logs(session_record_refusal(s, why, sentence)))
		log_info("client refused: event=refused line=%s client=%s service=%s why=\"%s\"",
		    line_conf(s->line)->name, s->who, s->service->name, sentence);
	keep_text(s, sign, text);
	/* C-Kermit shows nothing without carrier. */
	rfc2217_server_tell_modem(&s->server, RFC2217_DCD | RFC2217_DSR | RFC2217_CTS);
	session_note(s, DOOR_REFUSED);
}

static int64_t
limit_of(const struct session *s, enum words_cut cut)
{
	if (cut == CUT_LIMIT)
		return s->rules->session_limit;
	return tenure_idle(&s->tenure, session_now(s));
}

void
session_cut(struct session *s, enum words_cut cut, const char *detail)
{
	char text[WORDS_MAX], sign[WORDS_SIGNATURE];

	if (s->cut)
		return;
	words_signature_cut(sign, sizeof sign, cut);
	words_cut(text, sizeof text, line_conf(s->line)->name, cut, limit_of(s, cut), detail);
	keep_text(s, sign, text);
	s->why = words_cut_name(cut);
	s->cut = true;
	s->cut_idle = cut == CUT_IDLE;
	rfc2217_server_tell_modem(&s->server, 0);
	session_note(s, DOOR_CUT);
}

void
session_kick(struct session *s, const char *message)
{
	log_info("kicked: event=kick line=%s client=%s", line_conf(s->line)->name, s->who);
	session_cut(s, CUT_KICK, message);
}

void
session_taken_over(struct session *s, const struct session *by)
{
	char detail[WORDS_MAX];

	words_taken_over(detail, sizeof detail, by->rules->show_owner ? by->who : NULL);
	log_info("taken over: event=takeover line=%s client=%s by=%s", line_conf(s->line)->name, s->who,
	    by->who);
	session_cut(s, CUT_KICK, detail);
}

/* ---- the door ---- */

void
session_claim(struct session *s)
{
	s->claiming = true;
	s->house->ops->claim(s->house->ctx, s);
}

static void
do_for_door(struct session *s, enum door_do what)
{
	switch (what) {
	case DOOR_DO_CLAIM:
		session_claim(s);
		break;
	case DOOR_DO_STATUS:
		session_say_status(s);
		break;
	case DOOR_DO_TIMEOUT:
		session_say_timeout(s);
		break;
	case DOOR_DO_YIELD:
		session_say_yield(s);
		break;
	case DOOR_DO_WAITING:
		session_say_waiting(s);
		break;
	case DOOR_DO_READY:
		session_say_ready(s);
		break;
	case DOOR_DO_SIGN:
		rfc2217_server_say(&s->server, s->sign);
		break;
	case DOOR_DO_TEXT:
		session_say_text(s, s->text);
		break;
	case DOOR_DO_DRAIN:
		s->draining = true;
		s->house->ops->ending(s->house->ctx, s);
		break;
	case DOOR_DO_RELEASE:
		release(s);
		break;
	case DOOR_DO_SHUTDOWN:
		transport_shutdown(s->transport);
		break;
	case DOOR_DO_CLOSE:
		s->end = SESSION_CLOSES;
		break;
	case DOOR_DO_RESET:
		s->end = SESSION_RESETS;
		break;
	}
}

/* What else an event means, before the door hears of it. */
static void
before_door(struct session *s, enum door_event event)
{
	if (event == DOOR_COMPORT)
		session_agreed(s);
	else if (event == DOOR_WONT)
		session_refuses(s);
	else if (event == DOOR_GRANTED && s->owns)
		session_drop_stale(s);
}

static bool
may_linger(struct session *s, enum door_event event)
{
	return (event == DOOR_REFUSED || event == DOOR_CUT) && s->house->ops->may_linger(&s->place);
}

static void
tell_door(struct session *s, enum door_event event)
{
	struct door_todo todo = { .n = 0 };
	size_t i;

	before_door(s, event);
	door_input(&s->door, event, may_linger(s, event), session_now(s), &todo);
	for (i = 0; i < todo.n; i++)
		do_for_door(s, todo.list[i]);
	if (event == DOOR_GRANTED && s->owns)
		session_set_up(s);
}

/* Each may add others behind it. */
void
session_act(struct session *s)
{
	enum door_event event;

	while (s->n_events > 0 && s->end == SESSION_STAYS) {
		event = (enum door_event)s->events[0];
		memmove(s->events, s->events + 1, --s->n_events);
		tell_door(s, event);
	}
}
