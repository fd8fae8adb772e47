/*
 * The bytes of a client on their way to the line, through Telnet and `inorder`.
 */
#include <string.h>

#include "daemon/session_parts.h"

/* ---- client to line ---- */

/* The line has taken bytes of the client. */
static void
count_taken(struct session *s, const uint8_t *b, size_t n)
{
	if (n == 0)
		return;
	s->from_client += n;
	tenure_client_bytes(&s->tenure, session_now(s));
	session_calls_sent(s, b, n);
}

static bool
goes_straight(const struct session *s)
{
	return !s->setting_up && s->writable && inorder_idle(&s->inorder);
}

static size_t
straight_to_line(struct session *s, const uint8_t *b, size_t n)
{
	size_t took;

	if (!goes_straight(s))
		return 0;
	took = line_send(s->line, b, n);
	if (took < n)
		s->writable = false;
	count_taken(s, b, took);
	return took;
}

static size_t
to_line(struct session *s, const uint8_t *b, size_t n)
{
	size_t took = straight_to_line(s, b, n);

	if (took < n)
		took += inorder_data(&s->inorder, b + took, n - took, session_now(s));
	return took;
}

static size_t
hold(struct session *s, const uint8_t *b, size_t n)
{
	size_t room = SESSION_HELD - s->inorder.data.used, took;

	took = inorder_data(&s->inorder, b, n < room ? n : room, session_now(s));
	if (took > 0) {
		unsigned last = s->n_marks < SESSION_MARKS ? s->n_marks++ : SESSION_MARKS - 1;

		s->marks[last].at = session_now(s);
		s->marks[last].upto = (uint16_t)s->inorder.data.used;
	}
	return took;
}

void
session_drop_stale(struct session *s)
{
	msec_t now = session_now(s);
	size_t stale = 0;
	unsigned i;

	if (line_conf(s->line)->setup->kind == CONF_MODEM)
		for (i = 0; i < s->n_marks; i++)
			if (msec_since(s->marks[i].at, now) > SESSION_STALE)
				stale = s->marks[i].upto;
	s->n_marks = 0;
	if (stale > 0)
		inorder_sent(&s->inorder, stale, now);
}

static size_t
on_data(void *ctx, const uint8_t *b, size_t n)
{
	struct session *s = ctx;

	if (s->door.state != DOOR_OWNS && s->door.state != DOOR_DRAINS)
		session_tell_door(s, DOOR_DATA);
	switch (s->door.state) {
	case DOOR_OWNS:
	case DOOR_DRAINS:
		return to_line(s, b, n);
	case DOOR_WAITS:
		return hold(s, b, n);
	default:
		return n; /* refused or closing: read and dropped */
	}
}

/* Drops what came before the command and has not reached the line, or the wire. */
static void
purge_on_arrival(struct session *s)
{
	struct port_op op = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };

	s->n_marks = 0;
	inorder_purge(&s->inorder, session_now(s));
	if (s->owns)
		line_submit(s->line, &op, NULL, s);
}

static size_t
on_data_room(void *ctx)
{
	const struct session *s = ctx;
	bool owns = s->door.state == DOOR_OWNS || s->door.state == DOOR_DRAINS;

	return owns && !goes_straight(s) ? ring_room(&s->inorder.data) : SIZE_MAX;
}

/* SUSPEND, RESUME and the dropping of PURGE act on arrival, all else in its place (R68). */
static bool
take_command(struct session *s, const struct rfc2217_command *c)
{
	bool purges = c->code == RFC2217_PURGE_DATA &&
	    (c->value == RFC2217_PURGE_TX || c->value == RFC2217_PURGE_BOTH);

	if (!s->owns || c->code == RFC2217_SUSPEND || c->code == RFC2217_RESUME)
		rfc2217_server_input(&s->server, c);
	else if (!inorder_command(&s->inorder, c, session_now(s)))
		return false;
	if (purges)
		purge_on_arrival(s);
	return true;
}

static bool
on_comport(void *ctx, const uint8_t *payload, size_t n)
{
	struct session *s = ctx;
	struct rfc2217_command c;

	if (s->closed || rfc2217_decode(RFC2217_FROM_CLIENT, payload, n, &c) != 0)
		return true; /* malformed and unknown commands have no effect (R28, R29) */
	if (!s->owns && rfc2217_changes(&c))
		session_tell_door(s, DOOR_SETTING);
	return s->closed || take_command(s, &c);
}

static bool
on_brk(void *ctx)
{
	struct session *s = ctx;

	if (!s->owns)
		session_tell_door(s, DOOR_SETTING);
	if (s->owns || s->door.state == DOOR_WAITS)
		return inorder_break(&s->inorder, session_now(s));
	return true;
}

static void
on_option(void *ctx, enum nvt_comport comport)
{
	struct session *s = ctx;

	if (comport == NVT_AGREED) {
		session_agreed(s);
		session_tell_door(s, DOOR_COMPORT);
	} else if (comport == NVT_REFUSED) {
		rfc2217_server_stopped(&s->server);
		session_watch(s);
		session_tell_door(s, DOOR_WONT);
	}
}

/* ---- carrying out, in order ---- */

static void
on_break_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	(void)failed; /* IAC BRK has no answer that could say so */
	(void)state;
	inorder_answered(&s->inorder, session_now(s));
	session_settle(s);
}

static void
carry_out(struct session *s, const struct inorder_item *item)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = SESSION_BREAK, .drain_ms = s->drain_ms };

	if (item->kind == INORDER_BREAK)
		line_submit(s->line, &op, on_break_done, s);
	else if (rfc2217_server_input(&s->server, &item->command) != RFC2217_PENDING)
		inorder_answered(&s->inorder, session_now(s));
}

static void
send_waiting(struct session *s)
{
	size_t n, took;
	const uint8_t *b = inorder_peek(&s->inorder, &n);

	took = line_send(s->line, b, n);
	if (took < n)
		s->writable = false;
	count_taken(s, b, took);
	inorder_sent(&s->inorder, took, session_now(s));
}

static void
on_drained(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	(void)failed;
	(void)state;
	session_tell_door(s, DOOR_DRAINED);
	session_settle(s);
}

/* After the client's FIN: once all is handed to the line, lets it leave the kernel too. */
static void
ask_drained(struct session *s)
{
	int64_t left = msec_since(session_now(s), msec_add(s->door.since, s->rules->drain));
	struct port_op op = { .kind = PORT_TELL };

	if (!s->draining || s->drain_asked || s->setting_up || !transport_ended(s->transport) ||
	    !inorder_idle(&s->inorder))
		return;
	s->drain_asked = true;
	op.drain_ms = left > 0 ? (int)left : 0;
	line_submit(s->line, &op, on_drained, s);
}

void
session_pump(struct session *s)
{
	struct inorder_item item;

	while (s->owns && !s->setting_up) {
		switch (inorder_next(&s->inorder, session_now(s), s->writable, &item,
		    &s->drain_ms)) {
		case INORDER_DATA_READY:
			send_waiting(s);
			continue;
		case INORDER_ITEM_READY:
			carry_out(s, &item);
			continue;
		case INORDER_NOTHING:
			break;
		}
		break;
	}
	if (s->owns)
		ask_drained(s);
}

void
session_take_more(struct session *s)
{
	if (s->nvt != NULL && nvt_waiting(s->nvt)) {
		if (nvt_input(s->nvt, NULL, 0) < 0) {
			s->why = "protocol";
			session_tell_door(s, DOOR_LOST);
			return;
		}
		if (nvt_waiting(s->nvt))
			return;
		s->again = true; /* what it held back is in `inorder` now */
	}
	if (s->owns && s->inorder.data.used > INORDER_DATA / 2)
		return; /* in larger steps: to stop and to go on is four system calls */
	transport_resume(s->transport);
}

/* ---- the transport ---- */

/* One go at what has come; the bytes taken. */
static size_t
take(struct session *s, const uint8_t *b, size_t n)
{
	bool outermost = !s->settling;
	long took;

	s->settling = true; /* until all of it is taken: see session_settle() */
	took = s->nvt != NULL ? nvt_input(s->nvt, b, n) : (long)on_data(s, b, n);
	if (took < 0) {
		s->why = "protocol";
		session_tell_door(s, DOOR_LOST);
	}
	s->settling = !outermost;
	return took < 0 ? n : (size_t)took;
}

/* Goes on as long as settling makes room: afterwards only an event from elsewhere can. */
static size_t
on_input(void *ctx, const uint8_t *b, size_t n)
{
	struct session *s = ctx;
	size_t done = 0, took;
	bool waited;

	do {
		took = take(s, b + done, n - done);
		done += took;
		waited = s->nvt != NULL && nvt_waiting(s->nvt);
		if (took > 0 || waited || s->again)
			session_settle(s);
		if (waited && !nvt_waiting(s->nvt))
			took = 1; /* what was in the way has gone */
	} while (took > 0 && done < n && !s->closed);
	return s->closed ? n : done;
}

static void
on_sent(void *ctx, size_t n)
{
	struct session *s = ctx;

	outbox_sent(&s->outbox, n);
	if (s->line_paused && s->owns && !s->suspended && outbox_data_room(&s->outbox) > 0) {
		s->line_paused = false;
		line_resume(s->line);
	}
	if (transport_paused(s->transport) || (s->nvt != NULL && nvt_waiting(s->nvt)))
		session_settle(s);
}

static void
on_fin(void *ctx)
{
	struct session *s = ctx;

	s->why = "client closed";
	session_tell_door(s, DOOR_FIN);
	session_settle(s);
}

static void
on_lost(void *ctx, const char *why)
{
	struct session *s = ctx;

	s->why = why;
	session_tell_door(s, DOOR_LOST);
}

const struct transport_news session_transport_news = {
	.input = on_input,
	.sent = on_sent,
	.fin = on_fin,
	.lost = on_lost,
};

/* ---- to the client ---- */

bool
session_queue(struct session *s, const void *b, size_t n)
{
	uint64_t before = s->outbox.ring.used;
	bool fits = outbox_command(&s->outbox, b, n);

	session_note_queued(s, before);
	/* An empty box has room, so there was no memory; who misses an answer may wait for ever. */
	if (!fits && before == 0) {
		s->why = "no memory";
		session_tell_door(s, DOOR_LOST);
	}
	return fits;
}

static void
on_nvt_send(void *ctx, const uint8_t *b, size_t n)
{
	session_queue(ctx, b, n);
}

/* Less the room that the answers to what waits in `inorder` will want. */
static size_t
on_nvt_room(void *ctx)
{
	struct session *s = ctx;
	size_t room = outbox_answer_room(&s->outbox), promised = s->inorder.count * SESSION_ANSWER;
	size_t kept = s->outbox.ring.used - s->suspended_at;

	if (s->suspended)
		room = kept < SESSION_SUSPENDED ? SESSION_SUSPENDED - kept : 0;
	return room > promised ? room - promised : 0;
}

const struct nvt_news session_nvt_news = {
	.data = on_data,
	.data_room = on_data_room,
	.comport = on_comport,
	.brk = on_brk,
	.option = on_option,
	.send = on_nvt_send,
	.room = on_nvt_room,
};
