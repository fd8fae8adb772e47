/*
 * What a session's door decides, carried out: claims, refusals, the ways of closing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/broker.h"
#include "daemon/session_parts.h"
#include "io/log.h"

/* ---- the claim ---- */

static void
keep_text(struct session *s, const char *sign, const char *text)
{
	free(s->text);
	s->text = strdup(text); /* without memory nothing is told, and the close still comes */
	snprintf(s->sign, sizeof s->sign, "%s", sign);
}

static void
release(struct session *s)
{
	char calls[SESSION_RECORD];

	if (s->owns) {
		log_info("claim ended: event=claim-end line=%s client=%s seconds=%lld "
		    "from-client=%llu to-client=%llu why=\"%s\"%s", line_conf(s->line)->name, s->who,
		    (long long)(tenure_held(&s->tenure, session_now(s)) / 1000),
		    (unsigned long long)s->from_client, (unsigned long long)s->to_client,
		    s->why != NULL ? s->why : "", session_calls_record(s, calls));
		session_record_end(s);
	}
	s->owns = false;
	s->watch = 0;
	s->watch_asked = false;
	line_forget(s->line, s);
	inorder_clear(&s->inorder);
	broker_leave(s->house->broker, s, s->cut_idle);
}

void
session_granted(struct session *s, struct line *line)
{
	msec_t now = session_now(s);

	s->line = line;
	line_grant(line, s);
	s->owns = s->writable = true;
	tenure_start(&s->tenure, s->rules, line_conf(line)->setup->kind == CONF_MODEM, now);
	session_calls_begin(s);
	log_info("claim begins: event=claim-start line=%s client=%s", line_conf(line)->name, s->who);
	session_record_begin(s);
	session_tell_door(s, DOOR_GRANTED);
	if (s->owns)
		session_set_up(s);
	session_settle(s);
}

void
session_waits(struct session *s, size_t place, bool held)
{
	s->place = place;
	/* What it was told at the agreement is a line in use, with carrier for C-Kermit to claim it. */
	if (s->server.modem != 0)
		rfc2217_server_tell_modem(&s->server, 0);
	session_tell_door(s, held ? DOOR_HELD : DOOR_QUEUED);
	house_changed(s->house);
	session_settle(s);
}

void
session_contended(struct session *s, bool on)
{
	if (s->owns)
		tenure_contended(&s->tenure, on, session_now(s));
	session_settle(s);
}

void
session_refused(struct session *s, enum session_refusal why, struct line *line, size_t number)
{
	char sentence[WORDS_MAX], text[WORDS_MAX];
	const char *sign = WORDS_BUSY;

	session_look(s);
	if (line != NULL)
		s->line = line;
	if (why == SESSION_OUT) {
		sign = WORDS_NO_DIALTONE;
		words_no_service(text, sizeof text, line_conf(s->line)->name, line_reason(s->line));
		snprintf(sentence, sizeof sentence, "%s", line_reason(s->line));
	} else {
		session_refusal(s, why, number, sentence, sizeof sentence);
		words_refused_data(text, sizeof text, sentence);
	}
	log_info("client refused: event=refused line=%s client=%s why=\"%s\"",
	    line_conf(s->line)->name, s->who, sentence);
	session_record_refusal(s, sentence);
	keep_text(s, sign, text);
	/* C-Kermit shows nothing without carrier. */
	rfc2217_server_tell_modem(&s->server, RFC2217_DCD | RFC2217_DSR | RFC2217_CTS);
	session_tell_door(s, DOOR_REFUSED);
	session_settle(s);
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

	words_signature_cut(sign, sizeof sign, cut);
	words_cut(text, sizeof text, line_conf(s->line)->name, cut, limit_of(s, cut), detail);
	keep_text(s, sign, text);
	s->why = words_cut_name(cut);
	s->cut = true;
	s->cut_idle = cut == CUT_IDLE;
	rfc2217_server_tell_modem(&s->server, 0);
	session_tell_door(s, DOOR_CUT);
}

void
session_kick(struct session *s, const char *message)
{
	log_info("kicked: event=kick line=%s client=%s", line_conf(s->line)->name, s->who);
	session_cut(s, CUT_KICK, message);
	session_settle(s);
}

void
session_taken_over(struct session *s, const struct session *by)
{
	char detail[WORDS_MAX];

	words_taken_over(detail, sizeof detail, by->rules->show_owner ? by->who : NULL);
	log_info("taken over: event=takeover line=%s client=%s by=%s", line_conf(s->line)->name, s->who,
	    by->who);
	session_cut(s, CUT_KICK, detail);
	session_settle(s);
}

/* ---- the door ---- */

static void
act(struct session *s, enum door_do what)
{
	switch (what) {
	case DOOR_DO_CLAIM:
		broker_claim(s->house->broker, s);
		break;
	case DOOR_DO_STATUS:
		session_say_status(s);
		break;
	case DOOR_DO_TIMEOUT:
		session_say_timeout(s);
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
		broker_ending(s->house->broker, s);
		break;
	case DOOR_DO_RELEASE:
		release(s);
		break;
	case DOOR_DO_SHUTDOWN:
		transport_shutdown(s->transport);
		break;
	case DOOR_DO_CLOSE:
		session_close(s, false);
		break;
	case DOOR_DO_RESET:
		session_close(s, true);
		break;
	}
}

static bool
may_linger(struct session *s, enum door_event event)
{
	if (event != DOOR_REFUSED && event != DOOR_CUT)
		return false;
	return clients_linger(s->client);
}

void
session_tell_door(struct session *s, enum door_event event)
{
	struct door_todo todo = { .n = 0 };
	size_t i;

	if (s->closed)
		return;
	door_input(&s->door, event, may_linger(s, event), session_now(s), &todo);
	for (i = 0; i < todo.n && !s->closed; i++)
		act(s, todo.list[i]);
}
