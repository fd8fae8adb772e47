/*
 * The life of a session and its time, see session.h.
 */
#include "daemon/session.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/broker.h"
#include "daemon/generation.h"
#include "daemon/service.h"
#include "daemon/session_parts.h"
#include "io/log.h"
#include "conf/diff.h"

#define SIGNATURE "modemshare"

struct session *
session_of_seat(struct arbiter_client *seat)
{
	return (struct session *)(void *)((char *)seat - offsetof(struct session, seat));
}

struct arbiter_client *
session_seat(struct session *s)
{
	return &s->seat;
}

struct service *
session_service(const struct session *s)
{
	return s->home;
}

const struct conf_rules *
session_rules(const struct session *s)
{
	return s->rules;
}

int64_t
session_silence(struct session *s)
{
	return transport_silence(s->transport);
}

bool
session_same_owner(const struct session *a, const struct session *b)
{
	return a->seat.identity != 0 && a->seat.identity == b->seat.identity;
}

/* ---- the end ---- */

static void
free_now(void *ctx)
{
	struct session *s = ctx;

	nvt_free(s->nvt);
	outbox_clear(&s->outbox);
	inorder_clear(&s->inorder);
	clients_leave(s->client);
	if (--s->home->sessions == 0 && s->home->gone)
		service_forget(s->home);
	if (s->rules != s->service->rules)
		free(s->rules);
	generation_leave(s->house, s->generation);
	free(s->calls);
	free(s->text);
	free(s);
}

void
session_close(struct session *s, bool reset)
{
	if (s->closed)
		return;
	s->closed = true;
	line_forget(s->line, s);
	if (s->asked != NULL)
		line_forget(s->asked, s);
	transport_close(s->transport, reset);
	loop_timer_set(&s->timer, MSEC_NEVER);
	TAILQ_REMOVE(&s->house->all, s, entry);
	log_debug("client gone: event=disconnect service=%s client=%s", s->service->name, s->who);
	s->note.fn = free_now;
	s->note.ctx = s;
	loop_reap(s->house->loop, &s->note);
}

void
session_shut(struct session *s)
{
	if (s->owns || s->door.state == DOOR_WAITS)
		session_cut(s, CUT_DOWN, NULL);
	if (s->closed)
		return;
	transport_shutdown(s->transport);
	session_close(s, false);
}

/* ---- time ---- */

static msec_t
next_due(const struct session *s)
{
	msec_t due = msec_min(msec_min(door_due(&s->door), peer_due(&s->peer)), s->retry);

	if (s->owns)
		due = msec_min(due, msec_min(tenure_due(&s->tenure), session_calls_due(s)));
	if (s->owns && !s->setting_up)
		due = msec_min(due, inorder_due(&s->inorder));
	return due;
}

/* Lazy: a timer that fires early looks, and is set again; most activity moves deadlines later. */
static void
set_timer(struct session *s)
{
	msec_t due = next_due(s);

	if (msec_before(due, s->armed)) {
		s->armed = due;
		loop_timer_set(&s->timer, due);
	}
}

static void
look_at_peer(struct session *s)
{
	unsigned in_line = s->suspended && s->line_paused; /* stands for what waits there */
	struct peer_sample sample = { .queued = s->queued + in_line };
	uint64_t unacked = 0;

	if (!msec_reached(peer_due(&s->peer), session_now(s)))
		return;
	if (transport_unacked(s->transport, &unacked, &sample.ack_age) != 0)
		return; /* lost already, and told so */
	sample.waiting = unacked + s->outbox.ring.used + in_line;
	switch (peer_look(&s->peer, &sample, session_now(s))) {
	case PEER_DEAD:
		s->why = "dead";
		session_tell_door(s, DOOR_LOST);
		break;
	case PEER_STALLED:
		s->why = "stalled";
		session_tell_door(s, DOOR_LOST);
		break;
	case PEER_QUIET:
	case PEER_ALIVE:
		break;
	}
}

static void
look_at_tenure(struct session *s)
{
	enum tenure_rule rule;
	int64_t left;

	if (!s->owns)
		return;
	switch (tenure_check(&s->tenure, session_now(s), &rule, &left)) {
	case TENURE_WARN:
		session_warn(s, rule, left);
		break;
	case TENURE_CUT:
		session_cut(s, rule == TENURE_IDLE ? CUT_IDLE : CUT_LIMIT, NULL);
		break;
	case TENURE_GO_ON:
		break;
	}
}

/* There was no memory for a ring, in one direction or the other. */
static void
try_again(struct session *s)
{
	s->retry = MSEC_NEVER;
	if (s->line_paused && s->owns) {
		s->line_paused = false;
		line_resume(s->line);
	}
}

/* Input that nothing stands in the way of but memory: no event would ever bring it on. */
static bool
starves(const struct session *s)
{
	bool waiting = s->nvt != NULL && nvt_waiting(s->nvt);

	return s->owns && !s->setting_up && s->writable && inorder_idle(&s->inorder) &&
	    (waiting || (transport_paused(s->transport) &&
	        outbox_answer_room(&s->outbox) >= NVT_ANSWER_ROOM));
}

static void
on_timer(void *ctx)
{
	struct session *s = ctx;

	s->armed = MSEC_NEVER;
	if (msec_reached(s->retry, session_now(s)))
		try_again(s);
	if (msec_reached(door_due(&s->door), session_now(s)))
		session_tell_door(s, DOOR_TIME);
	if (!s->closed)
		look_at_peer(s);
	if (!s->closed) {
		session_calls_time(s);
		look_at_tenure(s);
	}
	session_settle(s);
}

/*
 * Nested calls (an answer that comes at once, a grant inside a read) only ask for one more round, so
 * that nothing is processed twice and everything one event causes leaves in one write.
 */
void
session_settle(struct session *s)
{
	s->again = true;
	if (s->settling)
		return;
	s->settling = true;
	while (s->again && !s->closed) {
		s->again = false;
		session_pump(s);
		if (!s->closed)
			session_take_more(s);
		if (!s->closed)
			transport_flush(s->transport);
	}
	if (!s->closed && starves(s) && msec_is_never(s->retry))
		s->retry = msec_add(session_now(s), SESSION_RETRY);
	if (!s->closed)
		set_timer(s);
	s->settling = false;
}

/* ---- the beginning ---- */

static void
init_parts(struct session *s)
{
	outbox_init(&s->outbox);
	inorder_init(&s->inorder);
	rfc2217_server_init(&s->server, &session_server_ops, s, SIGNATURE);
	peer_init(&s->peer, s->rules);
	session_remember(s);
	s->armed = s->retry = MSEC_NEVER;
}

/* FNV-1a of an address; 0 for those that many share. */
static uint64_t
identity_of(const struct sockaddr *from)
{
	uint8_t key[CLIENTS_KEY];
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	if (acl_is_loopback(from))
		return 0;
	clients_key(key, from);
	for (i = 0; i < sizeof key; i++)
		h = (h ^ key[i]) * UINT64_C(1099511628211);
	return h != 0 ? h : 1;
}

static struct session *
make(struct session_house *house, int fd, const struct sockaddr *from, struct service *home)
{
	const struct conf_service *service = home->conf;
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL) {
		close(fd);
		return NULL;
	}
	s->house = house;
	s->home = home;
	s->service = service;
	s->rules = service->rules;
	s->line = service_line(home, 0);
	text_address(s->who, from, 0);
	arbiter_client_init(&s->seat, identity_of(from));
	init_parts(s);
	if (s->rules->protocol == CONF_TELNET)
		s->nvt = nvt_new(&session_nvt_news, s);
	loop_timer_init(&s->timer, house->loop, on_timer, s);
	s->transport = transport_new(house->loop, fd, &s->outbox.ring, NULL,
	    &session_transport_news, s);
	if (s->transport != NULL && (s->rules->protocol == CONF_RAW || s->nvt != NULL))
		return s;
	transport_close(s->transport, true);
	nvt_free(s->nvt);
	free(s);
	return NULL;
}

int
session_start(struct session_house *house, int fd, const struct sockaddr *from,
    struct client *client, struct service *home)
{
	struct session *s = make(house, fd, from, home);
	struct door_todo todo = { .n = 0 };

	if (s == NULL) {
		clients_leave(client);
		return -1;
	}
	s->client = client;
	home->sessions++;
	s->generation = house->generation;
	s->generation->sessions++;
	TAILQ_INSERT_TAIL(&house->all, s, entry);
	log_debug("client connected: event=connect service=%s client=%s", s->service->name, s->who);
	door_init(&s->door, s->rules, session_now(s), &todo);
	if (s->nvt != NULL)
		nvt_greet(s->nvt);
	if (s->closed)
		return -1; /* no memory for the greeting: nothing would come of it */
	if (todo.n > 0)
		broker_claim(house->broker, s);
	session_settle(s);
	return 0;
}

/* ---- a new configuration ---- */

struct session *
session_next(const struct session *s)
{
	return TAILQ_NEXT(s, entry);
}

/* Services with the same rules share them, so what counts at once changes in a copy. */
static bool
get_own_rules(struct session *s)
{
	struct conf_rules *rules;

	if (s->rules != s->service->rules)
		return true;
	rules = malloc(sizeof *rules);
	if (rules == NULL) {
		log_error("no memory, a client goes on by its old rules: "
		    "event=no-memory service=%s client=%s", s->service->name, s->who);
		return false;
	}
	*rules = *s->rules;
	s->rules = rules;
	door_rules(&s->door, rules);
	return true;
}

void
session_reload(struct session *s, const struct conf_service *now)
{
	struct conf_service then = *s->service;
	struct conf_diff diff;

	if (now == NULL && !s->owns && s->door.state == DOOR_OPEN)
		session_tell_door(s, DOOR_CUT);
	then.rules = s->rules;
	if (now == NULL || (conf_diff_service(s->generation->conf, &then, s->house->generation->conf,
	    now, &diff) & CONF_RELOAD_NOW) == 0 || !get_own_rules(s))
		return;
	conf_apply_now(s->rules, now->rules);
	if (s->owns)
		tenure_rules(&s->tenure, s->rules, session_now(s));
	session_settle(s);
}

void
session_forget_line(struct session *s, struct line *lost, struct line *instead)
{
	if (s->asked == lost)
		s->asked = NULL;
	if (s->line == lost) {
		line_forget(lost, s);
		s->line = instead;
	}
}

void
session_cut_by_reload(struct session *s)
{
	session_cut(s, CUT_CONFIG, NULL);
	session_settle(s);
}
