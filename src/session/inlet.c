/*
 * The bytes of a client on their way to the line, through Telnet and `inorder`.
 *
 * Nothing is acted on here but the bytes themselves: what the door must hear of is noted, and the input stops
 * there.  Its rest stays in the transport, which offers it again when the session has run.
 */
#include "session/parts.h"

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

/* ---- what came before the grant ---- */

static size_t
hold(struct session *s, const uint8_t *b, size_t n)
{
	size_t room = SESSION_HELD - s->inorder.data.used, took;

	took = inorder_data(&s->inorder, b, n < room ? n : room, session_now(s));
	if (took > 0) {
		unsigned last = s->marks.n < SESSION_MARKS ? s->marks.n++ : SESSION_MARKS - 1;

		s->marks.at[last] = session_now(s);
		s->marks.upto[last] = (uint16_t)s->inorder.data.used;
	}
	return took;
}

/* Bytes of these up to the end of a line, at which something may begin; *found: there is one. */
static size_t
to_line_end(const uint8_t *b, size_t n, bool *found)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (b[i] == '\r' || b[i] == '\n')
			break;
	*found = i < n;
	return *found ? i + 1 : n;
}

/* What is taken goes to nobody: it belongs to what was too old, or is. */
static size_t
drop(struct session *s, const uint8_t *b, size_t n)
{
	bool ends = b[n - 1] == '\r' || b[n - 1] == '\n';
	size_t gone = n;

	if (s->dropping)
		s->mid_line = !ends;
	else
		gone = to_line_end(b, n, &ends);
	if (ends)
		s->mid_line = false;
	return gone;
}

static size_t
stale_bytes(const struct session *s)
{
	size_t stale = 0;
	unsigned i;

	for (i = 0; i < s->marks.n; i++)
		if (msec_since(s->marks.at[i], session_now(s)) > SESSION_STALE)
			stale = s->marks.upto[i];
	return stale;
}

/*
 * A modem must not be given the rest of a line whose beginning is too old: what is fresh counts from the next
 * line on.  Of what was never read the age is not known; if all that was is too old, that goes as well.
 */
void
session_drop_stale(struct session *s)
{
	size_t stale = line_conf(s->line)->setup->kind == CONF_MODEM ? stale_bytes(s) : 0, n;
	bool all = stale == s->inorder.data.used;
	const uint8_t *b;

	s->marks.n = 0;
	if (stale == 0)
		return;
	s->dropping = true;
	while (s->inorder.data.used > 0 && (s->dropping || s->mid_line)) {
		b = ring_peek(&s->inorder.data, &n);
		if (s->dropping && n > stale)
			n = stale;
		n = drop(s, b, n);
		inorder_sent(&s->inorder, n, session_now(s));
		stale -= s->dropping ? n : 0;
		s->dropping = stale > 0;
	}
	s->dropping = false;
	if (all)
		s->stale = transport_unread(s->transport);
}

/* ---- what comes ---- */

static size_t
on_data(void *ctx, const uint8_t *b, size_t n)
{
	struct session *s = ctx;
	bool owns = s->door.state == DOOR_OWNS || s->door.state == DOOR_DRAINS;
	size_t gone = 0;

	if (session_is_busy(s))
		return 0;
	if (s->door.state == DOOR_OPEN || (!owns && !s->door.sent_data)) {
		session_note(s, DOOR_DATA);
		return 0;
	}
	if (s->door.state == DOOR_WAITS)
		return hold(s, b, n);
	if (!owns)
		return n; /* refused or closing: read and dropped */
	if (s->dropping || s->mid_line)
		gone = drop(s, b, n);
	return gone < n ? gone + to_line(s, b + gone, n - gone) : n;
}

/* An owner's data behind other data. */
static uint8_t *
on_place(void *ctx, size_t *n)
{
	struct session *s = ctx;
	bool owns = s->door.state == DOOR_OWNS || s->door.state == DOOR_DRAINS;

	if (!owns || session_is_busy(s) || s->dropping || s->mid_line || goes_straight(s))
		return NULL;
	return inorder_reserve(&s->inorder, n);
}

static void
on_placed(void *ctx, size_t n)
{
	struct session *s = ctx;

	inorder_commit(&s->inorder, n, session_now(s));
}

/* Drops what came before the command and has not reached the line, or the wire. */
static void
purge_on_arrival(struct session *s)
{
	struct port_op op = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };

	s->marks.n = 0;
	s->mid_line = false;
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

/* Has the door heard that a setting is there?  Where not, it is, and the setting is offered again. */
static bool
door_knows(struct session *s)
{
	if (!s->owns && !s->setting_told) {
		session_note(s, DOOR_SETTING);
		s->setting_told = true;
		return false;
	}
	s->setting_told = false;
	return true;
}

static bool
on_comport(void *ctx, const uint8_t *payload, size_t n)
{
	struct session *s = ctx;
	struct rfc2217_command c;

	if (session_is_busy(s))
		return false;
	if (rfc2217_decode(RFC2217_FROM_CLIENT, payload, n, &c) != 0)
		return true; /* malformed and unknown commands have no effect (R28, R29) */
	if (rfc2217_changes(&c) && !door_knows(s))
		return false;
	return take_command(s, &c);
}

static bool
on_brk(void *ctx)
{
	struct session *s = ctx;

	if (session_is_busy(s) || !door_knows(s))
		return false;
	if (s->owns || s->door.state == DOOR_WAITS)
		return inorder_break(&s->inorder, session_now(s));
	return true;
}

static void
on_option(void *ctx, enum nvt_comport comport)
{
	if (comport == NVT_AGREED)
		session_note(ctx, DOOR_COMPORT);
	else if (comport == NVT_REFUSED)
		session_note(ctx, DOOR_WONT);
}

static void
on_nvt_send(void *ctx, const uint8_t *b, size_t n)
{
	session_queue(ctx, b, n);
}

/* Nothing that may be answered is read while something is outstanding. */
static size_t
on_nvt_room(void *ctx)
{
	const struct session *s = ctx;

	return session_is_busy(s) ? 0 : session_answer_room(s);
}

const struct nvt_news session_nvt_news = {
	.data = on_data,
	.data_room = on_data_room,
	.place = on_place,
	.placed = on_placed,
	.comport = on_comport,
	.brk = on_brk,
	.option = on_option,
	.send = on_nvt_send,
	.room = on_nvt_room,
};

/* ---- carrying out, in order ---- */

static void
on_break_done(void *ctx, const char *failed, const struct port_state *state)
{
	struct session *s = ctx;

	(void)failed; /* IAC BRK has no answer that could say so */
	(void)state;
	inorder_answered(&s->inorder, session_now(s));
	session_wake(s);
}

static void
carry_out(struct session *s, const struct inorder_item *item)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = (int)line_conf(s->line)->setup->break_time,
		.drain_ms = s->drain_ms };

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
	session_note(s, DOOR_DRAINED);
}

/* After the client's FIN: once all is handed to the line, lets it leave the kernel too. */
static void
ask_drained(struct session *s)
{
	int64_t left = msec_since(session_now(s), msec_add(s->door.since, s->rules->drain));
	struct port_op op = { .kind = PORT_DRAIN };

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

/* ---- the transport ---- */

static void
broken(struct session *s)
{
	s->why = "protocol";
	session_note(s, DOOR_LOST);
}

static size_t
take(struct session *s, const uint8_t *b, size_t n)
{
	long took = s->nvt != NULL ? nvt_input(s->nvt, b, n) : (long)on_data(s, b, n);

	if (took >= 0)
		return (size_t)took;
	broken(s);
	return n;
}

/* The first of it may be too old. */
static size_t
take_stale(struct session *s, const uint8_t *b, size_t n)
{
	size_t old = s->stale < n ? s->stale : n, took;

	s->dropping = true;
	took = take(s, b, old);
	s->dropping = false;
	s->stale -= took;
	return took < old || old == n ? took : took + take(s, b + old, n - old);
}

/* Bytes that went straight on leave nothing to be done, but for the clocks of a call. */
static size_t
on_input(void *ctx, const uint8_t *b, size_t n)
{
	struct session *s = ctx;
	size_t took = s->stale > 0 ? take_stale(s, b, n) : take(s, b, n);

	if (s->running ? took > 0 : took < n || !goes_straight(s) || s->calls != NULL || s->outbox.ring.used > 0)
		session_wake(s);
	return took;
}

/* In larger steps: to stop and to go on is four system calls. */
static bool
has_enough(void *ctx)
{
	const struct session *s = ctx;

	return s->owns && s->inorder.data.used > INORDER_DATA / 2;
}

void
session_take_more(struct session *s)
{
	if (s->nvt != NULL && nvt_waiting(s->nvt)) {
		if (nvt_input(s->nvt, NULL, 0) < 0)
			broken(s);
		if (nvt_waiting(s->nvt) || s->n_events > 0)
			return;
		s->again = true; /* what it held back is in `inorder` now */
	}
	if (!has_enough(s))
		transport_resume(s->transport);
}

bool
session_starves(const struct session *s)
{
	bool waiting = s->nvt != NULL && nvt_waiting(s->nvt);

	return s->owns && goes_straight(s) &&
	    (waiting || (transport_paused(s->transport) &&
	        outbox_answer_room(&s->outbox) >= NVT_ANSWER_ROOM));
}

static void
on_sent(void *ctx, size_t n)
{
	session_sent(ctx, n);
}

static void
on_fin(void *ctx)
{
	struct session *s = ctx;

	s->why = "client closed";
	session_note(s, DOOR_FIN);
}

static void
on_lost(void *ctx, const char *why)
{
	struct session *s = ctx;

	s->why = why;
	session_note(s, DOOR_LOST);
}

const struct transport_news session_transport_news = {
	.input = on_input,
	.enough = has_enough,
	.sent = on_sent,
	.fin = on_fin,
	.lost = on_lost,
};
