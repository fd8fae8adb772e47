/*
 * The life of a session, its time, and the one function that acts on what has happened: see session.h.
 */
#include "session/session.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/diff.h"
#include "io/log.h"
#include "session/parts.h"

#define SIGNATURE "modemshare"

struct arbiter_client *
session_seat(struct session *s)
{
	return &s->seat;
}

const struct session_place *
session_place(const struct session *s)
{
	return &s->place;
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
	return arbiter_same(&a->seat.identity, &b->seat.identity);
}

bool
session_awaits(const struct session *s)
{
	return !s->owns && s->door.state == DOOR_WAITS;
}

bool
session_is_over(struct session *s)
{
	return transport_look(s->transport);
}

/* After a FIN it may keep its place, see door.h: where it was told to queue it does not, if that is still so. */
bool
session_gives_up(struct session *s)
{
	if (!session_awaits(s) || !session_is_over(s))
		return false;
	return session_is_noted(s, DOOR_LOST) ||
	    (session_is_noted(s, DOOR_FIN) && s->door.queued && !session_is_decided(s));
}

/* ---- the end ---- */

static void run(struct session *);

static void
free_now(void *ctx)
{
	struct session *s = ctx;

	nvt_free(s->nvt);
	outbox_clear(&s->outbox);
	inorder_clear(&s->inorder);
	if (s->rules != s->service->rules)
		free(s->rules);
	s->house->ops->left(s->house->ctx, &s->place);
	free(s->calls);
	free(s->text);
	free(s);
}

static void
close_now(struct session *s, bool reset)
{
	s->closed = true;
	line_forget(s->line, s);
	if (s->asked != NULL)
		line_forget(s->asked, s);
	transport_close(s->transport, reset);
	loop_timer_set(&s->timer, MSEC_NEVER);
	loop_unsoon(s->house->loop, &s->turn);
	TAILQ_REMOVE(&s->house->all, s, entry);
	log_debug("client gone: event=disconnect service=%s client=%s", s->service->name, s->who);
	s->turn.fn = free_now;
	loop_reap(s->house->loop, &s->turn);
}

void
session_shut(struct session *s)
{
	if (s->owns || s->door.state == DOOR_WAITS)
		session_cut(s, CUT_DOWN, NULL);
	run(s);
	if (s->closed)
		return;
	transport_shutdown(s->transport);
	close_now(s, false);
}

/* ---- time ---- */

static msec_t
next_due(const struct session *s)
{
	msec_t due = msec_min(msec_min(door_due(&s->door), peer_due(&s->peer)), s->retry);

	if (s->owns)
		due = msec_min(msec_min(due, s->untold), msec_min(tenure_due(&s->tenure), session_calls_due(s)));
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
		session_note(s, DOOR_LOST);
		break;
	case PEER_STALLED:
		s->why = "stalled";
		session_note(s, DOOR_LOST);
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

/* There was no memory for a ring, in one direction or the other: the turn tries again. */
static void
look_at_time(struct session *s)
{
	s->timed = false;
	if (msec_reached(s->retry, session_now(s)))
		s->retry = MSEC_NEVER;
	if (msec_reached(door_due(&s->door), session_now(s)))
		session_note(s, DOOR_TIME);
	look_at_peer(s);
	session_calls_time(s);
	session_look_at_claim(s);
	look_at_tenure(s);
}

static void
on_timer(void *ctx)
{
	struct session *s = ctx;

	s->armed = MSEC_NEVER;
	s->timed = true;
	session_wake(s);
}

/* ---- the turn ---- */

/*
 * What the door does about the events, what can be handed on, what can be taken then: until nothing of it leads to
 * anything more.  All that one event causes leaves in one write; of a claim also what its grant brings, which
 * comes in the same turn.
 */
static void
run(struct session *s)
{
	if (s->closed)
		return;
	s->running = true;
	door_hurry(&s->door, s->house->crowded);
	if (s->timed)
		look_at_time(s);
	if (s->owns && s->not_set_up != NULL)
		session_cut(s, CUT_GONE, s->not_set_up);
	s->not_set_up = NULL;
	do {
		s->again = false;
		session_act(s);
		if (s->end != SESSION_STAYS)
			break;
		session_pump(s);
		session_take_more(s);
		session_let_out(s);
	} while (s->again || s->n_events > 0);
	s->running = false;
	if (s->end != SESSION_STAYS) {
		close_now(s, s->end == SESSION_RESETS);
		return;
	}
	if (!s->claiming)
		transport_flush(s->transport);
	ring_commit(&s->outbox.ring, 0); /* what session_room() has had, and nothing came */
	if (session_starves(s) && msec_is_never(s->retry))
		s->retry = msec_add(session_now(s), SESSION_RETRY);
	set_timer(s);
}

static void
on_turn(void *ctx)
{
	run(ctx);
}

/* ---- all places are taken ---- */

void
session_hurry(struct session *s)
{
	if (s->door.state == DOOR_OPEN)
		session_wake(s);
}

bool
session_yields(struct session *s)
{
	if (s->closed)
		return true;
	if (s->door.state != DOOR_OPEN || session_is_busy(s))
		return false;
	session_note(s, DOOR_YIELD);
	run(s);
	return s->closed;
}

/* ---- the beginning ---- */

static void
init_parts(struct session *s, const struct arbiter_identity *identity)
{
	struct session_house *house = s->house;

	arbiter_client_init(&s->seat, identity);
	outbox_init(&s->outbox);
	inorder_init(&s->inorder);
	rfc2217_server_init(&s->server, &session_server_ops, s, SIGNATURE);
	peer_init(&s->peer, s->rules);
	session_remember(s);
	s->armed = s->retry = MSEC_NEVER;
	s->turn = (struct loop_note){ NULL, on_turn, s };
	loop_timer_init(&s->timer, house->loop, on_timer, s);
}

static struct session *
make(struct session_house *house, const struct session_arrival *a)
{
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL) {
		close(a->fd);
		return NULL;
	}
	s->house = house;
	s->place = a->place;
	s->conf = a->conf;
	s->service = a->service;
	s->rules = a->service->rules;
	s->line = house->ops->line(&s->place, 0);
	text_address(s->who, a->from, 0);
	init_parts(s, &a->identity);
	if (s->rules->protocol == CONF_TELNET)
		s->nvt = nvt_new(&session_nvt_news, s);
	s->transport = transport_new(house->loop, a->fd, &s->outbox.ring, NULL, &session_transport_news, s);
	if (s->transport != NULL && (s->rules->protocol == CONF_RAW || s->nvt != NULL)) {
		transport_by_turns(s->transport);
		return s;
	}
	transport_close(s->transport, true);
	nvt_free(s->nvt);
	free(s);
	return NULL;
}

struct session *
session_start(struct session_house *house, const struct session_arrival *a)
{
	struct session *s = make(house, a);
	struct door_todo todo = { .n = 0 };

	if (s == NULL) {
		house->ops->left(house->ctx, &a->place);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&house->all, s, entry);
	log_debug("client connected: event=connect service=%s client=%s", s->service->name, s->who);
	door_init(&s->door, s->rules, session_now(s), &todo);
	if (s->nvt != NULL)
		nvt_greet(s->nvt);
	if (s->n_events > 0) {
		close_now(s, true); /* no memory for the greeting: nothing would come of it */
		return NULL;
	}
	if (todo.n > 0)
		session_claim(s);
	session_wake(s);
	return s;
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

static void
probe_by_rules(struct session *s)
{
	const struct conf_keepalive *k = &s->rules->keepalive;
	const struct transport_keepalive keepalive = { k->idle, k->interval, k->probes };

	transport_keepalive(s->transport, &keepalive);
}

void
session_reload(struct session *s, const struct conf *conf, const struct conf_service *now)
{
	struct conf_service then = *s->service;
	struct conf_diff diff;

	if (now == NULL && !s->owns && s->door.state == DOOR_OPEN)
		session_note(s, DOOR_CUT);
	then.rules = s->rules;
	if (now == NULL || (conf_diff_service(s->conf, &then, conf, now, &diff) & CONF_RELOAD_NOW) == 0 ||
	    !get_own_rules(s))
		return;
	conf_apply_now(s->rules, now->rules);
	peer_rules(&s->peer, s->rules);
	probe_by_rules(s);
	if (s->owns)
		tenure_rules(&s->tenure, s->rules, session_now(s));
	session_wake(s);
}

void
session_forget_line(struct session *s, struct line *lost, struct line *instead)
{
	if (s->asked == lost)
		session_unask(s);
	if (s->line != lost)
		return;
	if (s->owns) {
		session_cut(s, CUT_CONFIG, NULL);
		run(s);
	}
	line_forget(lost, s);
	s->line = instead;
}
