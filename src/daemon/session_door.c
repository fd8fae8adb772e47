/*
 * What a session's door decides, carried out: claims, words, the ways of closing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/broker.h"
#include "daemon/session_parts.h"
#include "io/log.h"

/* ---- sentences ---- */

/* Who has the line of s, as its owner's service lets it be told. */
static void
describe_holder(const struct session *s, struct words_holder *h)
{
	struct arbiter_line *seat = line_seat(s->line);
	const struct session *o = session_of_seat(seat->owner);
	msec_t now = session_now(s);
	int64_t way_back = line_handover_bound(line_conf(s->line));

	h->line = line_conf(s->line)->name;
	h->who = o->service->show_owner ? o->who : NULL;
	h->held_ms = tenure_held(&o->tenure, now);
	h->idle_ms = tenure_idle(&o->tenure, now);
	h->free_ms = tenure_latest(&o->tenure, now);
	h->if_idle_ms = tenure_if_idle(&o->tenure, now);
	if (h->free_ms >= 0)
		h->free_ms += way_back;
	if (h->if_idle_ms >= 0)
		h->if_idle_ms += way_back;
	h->waiting = (int)arbiter_service_waiting(line_queue(s->line));
}

/* The sentence for somebody who cannot have the line now, whatever the reason. */
static void
refusal_sentence(const struct session *s, char *dst, size_t cap)
{
	const char *name = line_conf(s->line)->name;
	struct words_holder h;

	if (line_seat(s->line)->owner != NULL) {
		describe_holder(s, &h);
		words_refusal(dst, cap, &h);
	} else {
		words_handover_full(dst, cap, name, line_handover_left(s->line));
	}
}

static void
keep_text(struct session *s, const char *sign, const char *text)
{
	free(s->text);
	s->text = strdup(text); /* without memory nothing is told, and the close still comes */
	snprintf(s->sign, sizeof s->sign, "%s", sign);
}

static void
say_text(struct session *s, const char *text)
{
	if (!s->suspended && text != NULL)
		session_queue(s, text, strlen(text));
}

static void
say_status(struct session *s)
{
	const struct arbiter_line *seat = line_seat(s->line);
	const char *name = line_conf(s->line)->name;
	char sentence[WORDS_MAX], text[WORDS_MAX];
	struct words_holder h;

	if (seat->state == ARBITER_OUT) {
		words_out_of_service(sentence, sizeof sentence, name, line_reason(s->line));
	} else if (seat->owner != NULL) {
		describe_holder(s, &h);
		words_in_use(sentence, sizeof sentence, &h);
	} else if (seat->state == ARBITER_HANDOVER) {
		words_handover_full(sentence, sizeof sentence, name, line_handover_left(s->line));
	} else {
		words_free(sentence, sizeof sentence, name);
	}
	words_line(text, sizeof text, sentence);
	say_text(s, text);
}

static void
say_timeout(struct session *s)
{
	char text[WORDS_MAX];

	words_claim_timeout(text, sizeof text, s->service->claim_timeout);
	say_text(s, text);
}

static void
say_waiting(struct session *s)
{
	char sign[WORDS_SIGNATURE], sentence[WORDS_MAX], text[WORDS_MAX];

	if (s->door.class == DOOR_COM) {
		words_signature_queued(sign, sizeof sign, (int)s->place);
		rfc2217_server_say(&s->server, sign);
		return;
	}
	refusal_sentence(s, sentence, sizeof sentence);
	words_waiting(text, sizeof text, (int)s->place, sentence);
	say_text(s, text);
}

static void
say_ready(struct session *s)
{
	char text[WORDS_MAX];

	if (s->door.class == DOOR_COM) {
		rfc2217_server_say(&s->server, WORDS_READY);
		return;
	}
	words_ready(text, sizeof text);
	say_text(s, text);
}

void
session_warn(struct session *s, enum tenure_rule rule, int64_t left)
{
	enum words_cut cut = rule == TENURE_IDLE ? CUT_IDLE : CUT_LIMIT;
	char sign[WORDS_SIGNATURE], text[WORDS_MAX];

	log_info("owner warned: event=warning line=%s client=%s rule=%s left=%lld",
	    line_conf(s->line)->name, s->who, words_cut_name(cut), (long long)(left / 1000));
	if (!s->service->say_why)
		return;
	if (s->door.class == DOOR_COM) {
		words_signature_warning(sign, sizeof sign, cut, left);
		rfc2217_server_say(&s->server, sign);
	} else if (s->door.class == DOOR_TELNET) {
		words_warning(text, sizeof text, line_conf(s->line)->name, cut, left);
		say_text(s, text);
	}
}

/* ---- the claim ---- */

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
	}
	s->owns = false;
	s->watch = 0;
	s->watch_asked = false;
	line_forget(s->line, s);
	inorder_clear(&s->inorder);
	broker_leave(s);
}

void
session_granted(struct session *s)
{
	msec_t now = session_now(s);

	line_grant(s->line, &session_line_owner, s);
	s->owns = s->writable = true;
	tenure_start(&s->tenure, s->service, line_conf(s->line)->kind == CONF_MODEM, now);
	session_calls_begin(s);
	log_info("claim begins: event=claim-start line=%s client=%s", line_conf(s->line)->name,
	    s->who);
	session_tell_door(s, DOOR_GRANTED);
	if (s->owns)
		session_set_up(s);
	session_settle(s);
}

void
session_held(struct session *s, size_t place)
{
	s->place = place;
	session_tell_door(s, DOOR_HELD);
	session_settle(s);
}

void
session_refused(struct session *s, enum session_refusal why)
{
	char sentence[WORDS_MAX], text[WORDS_MAX];
	const char *sign = WORDS_BUSY, *name = line_conf(s->line)->name;

	if (why == SESSION_OUT) {
		sign = WORDS_NO_DIALTONE;
		words_no_service(text, sizeof text, name, line_reason(s->line));
		snprintf(sentence, sizeof sentence, "%s", line_reason(s->line));
	} else {
		refusal_sentence(s, sentence, sizeof sentence);
		words_refused_data(text, sizeof text, sentence);
	}
	log_info("client refused: event=refused line=%s client=%s why=\"%s\"", name, s->who,
	    sentence);
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
		return s->service->session_limit;
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
	rfc2217_server_tell_modem(&s->server, 0);
	session_tell_door(s, DOOR_CUT);
}

/* ---- the door ---- */

static void
act(struct session *s, enum door_do what)
{
	switch (what) {
	case DOOR_DO_CLAIM:
		broker_claim(s);
		break;
	case DOOR_DO_STATUS:
		say_status(s);
		break;
	case DOOR_DO_TIMEOUT:
		say_timeout(s);
		break;
	case DOOR_DO_WAITING:
		say_waiting(s);
		break;
	case DOOR_DO_READY:
		say_ready(s);
		break;
	case DOOR_DO_SIGN:
		rfc2217_server_say(&s->server, s->sign);
		break;
	case DOOR_DO_TEXT:
		say_text(s, s->text);
		break;
	case DOOR_DO_DRAIN:
		s->draining = true;
		broker_ending(s);
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
