/*
 * A trunk, see trunk.h.  What follows from news of the modem is done by a timer, once something is
 * new or due, never inside a call of the modem.
 */
#include "ports/trunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/transport.h"
#include "modem/hosttelnet.h"
#include "modem/result.h"
#include "modem/vmodem_trunk.h"

#define PIECE 1024  /* moved at a time between the modem and the socket */
#define LINGER 2000 /* ms for what is unsent when the call has ended */
#define NO_MEMORY_PAUSE 100 /* ms */

enum trunk_state {
	TRUNK_DIALLING, /* the host is looked up and connected to. Until: S7 of the caller */
	TRUNK_RINGING,  /* a peer has called. Until: S7 of its end */
	TRUNK_IN_CALL,  /* Until: with the modem's call */
	TRUNK_ENDING    /* what is left goes to the peer. Until: `LINGER`, 2 s */
};

struct trunk {
	LIST_ENTRY(trunk) next;
	struct trunks *trunks;
	unsigned *among; /* the count of its kind */
	struct vmodem modem;
	enum trunk_state state;
	struct loop_timer *timer;
	struct transport *transport;
	struct ring wire; /* for the peer */
	struct hosttelnet telnet;
	bool speaks_telnet, stirred;
	bool fin;  /* the peer has closed its sending side */
	bool told; /* why there is no call; it may take its time to read that */
	msec_t ends, retry; /* retry: there was no memory for a ring */
	msec_t owed;        /* then the CR that is on its way gets its NUL */
};

static const struct transport_keepalive keepalive = { 30, 10, 3 };

static void
arm(struct trunk *t)
{
	struct loop *loop = t->trunks->loop;
	msec_t due = t->state == TRUNK_ENDING ? t->ends : vmodem_due(&t->modem);

	due = msec_min(msec_min(due, t->retry), t->owed);
	loop_timer_set(t->timer, t->stirred ? loop_now(loop) : due);
}

static void
stir(void *ctx)
{
	struct trunk *t = ctx;

	if (t->stirred)
		return;
	t->stirred = true;
	arm(t);
}

/* A trunk has no phone book. */
static enum vmodem_to
look_up(void *ctx, const char *digits, struct vmodem **peer)
{
	(void)ctx;
	(void)digits;
	*peer = NULL;
	return VMODEM_TO_NO_CARRIER;
}

static const struct vmodem_ops modem_ops = { stir, look_up };

static void
trunk_free(struct trunk *t)
{
	struct trunks *all = t->trunks;

	if (all->dialled == t) {
		dial_stop(all->dial);
		all->dialled = NULL;
	}
	vmodem_power(&t->modem, false);
	transport_close(t->transport, t->wire.used > 0);
	ring_clear(&t->wire);
	loop_timer_free(t->timer);
	LIST_REMOVE(t, next);
	--*t->among;
	free(t);
}

/* ---- data ---- */

static void
no_memory(struct trunk *t)
{
	t->retry = msec_add(loop_now(t->trunks->loop), NO_MEMORY_PAUSE);
	arm(t);
}

/* n bytes as the peer gets them; returns how many those are. */
static size_t
encode(struct trunk *t, const uint8_t *from, size_t n, uint8_t to[static HOSTTELNET_ENCODED * PIECE])
{
	size_t i, used = 0;

	if (!t->speaks_telnet) {
		memcpy(to, from, n);
		return n;
	}
	for (i = 0; i < n; i++)
		used += hosttelnet_encode(&t->telnet, from[i], to + used);
	return used;
}

/* From the modem to the wire, as far as there is room. */
static void
pump(struct trunk *t)
{
	uint8_t piece[HOSTTELNET_ENCODED * PIECE];
	struct hosttelnet before;
	const uint8_t *from;
	size_t n, used;

	while ((from = ring_peek(&t->modem.out, &n)) != NULL) {
		if (n > PIECE)
			n = PIECE;
		if (n > ring_room(&t->wire) / HOSTTELNET_ENCODED)
			n = ring_room(&t->wire) / HOSTTELNET_ENCODED;
		if (n == 0)
			return;
		before = t->telnet;
		used = encode(t, from, n, piece);
		if (ring_put(&t->wire, piece, used) != used) {
			t->telnet = before;
			no_memory(t);
			return;
		}
		t->owed = t->telnet.owes ? msec_add(loop_now(t->trunks->loop), HOSTTELNET_OWED) : MSEC_NEVER;
		vmodem_taken(&t->modem, n);
		transport_flush(t->transport);
	}
}

/* No LF has followed a CR: a host waits for what does. */
static void
settle(struct trunk *t)
{
	t->owed = MSEC_NEVER;
	if (!t->telnet.owes)
		return;
	if (ring_put(&t->wire, "", 1) == 1) {
		hosttelnet_settle(&t->telnet);
		transport_flush(t->transport);
	} else {
		t->owed = msec_add(loop_now(t->trunks->loop), NO_MEMORY_PAUSE);
	}
}

static size_t
input_plain(struct trunk *t, const uint8_t *bytes, size_t n)
{
	size_t took = vmodem_input(&t->modem, bytes, n, loop_now(t->trunks->loop));

	if (took < n && vmodem_room(&t->modem) > 0)
		no_memory(t);
	return took;
}

/* Options that are answered and data, until the modem or the wire takes no more. */
static size_t
input_telnet(struct trunk *t, const uint8_t *bytes, size_t n)
{
	uint8_t piece[PIECE], reply[HOSTTELNET_REPLY];
	size_t i, used = 0, replied, room = vmodem_room(&t->modem);

	if (room == 0) {
		vmodem_want_room(&t->modem);
		return 0;
	}
	if (room > PIECE)
		room = PIECE;
	for (i = 0; i < n && used < room && ring_room(&t->wire) >= sizeof reply; i++) {
		if (hosttelnet_input(&t->telnet, bytes[i], &piece[used], reply, &replied))
			used++;
		if (replied > 0)
			ring_put(&t->wire, reply, replied);
	}
	if (input_plain(t, piece, used) < used)
		vmodem_hang_up(&t->modem); /* what is decoded cannot be given back */
	transport_flush(t->transport);
	return i;
}

static size_t
on_input(void *ctx, const uint8_t *bytes, size_t n)
{
	struct trunk *t = ctx;
	size_t took = 0, now;

	if (t->state == TRUNK_ENDING)
		return n; /* nobody reads it any more */
	if (!t->modem.online)
		return 0;
	if (!t->speaks_telnet)
		return input_plain(t, bytes, n);
	while (took < n && t->modem.online && (now = input_telnet(t, bytes + took, n - took)) > 0)
		took += now;
	return took;
}

static void
on_sent(void *ctx, size_t n)
{
	struct trunk *t = ctx;

	ring_drop(&t->wire, n);
	if (t->modem.out.used > 0 || t->state == TRUNK_ENDING || transport_paused(t->transport))
		stir(t);
}

/* In a call what came before it is still taken; then the call ends. */
static void
on_fin(void *ctx)
{
	struct trunk *t = ctx;

	t->fin = true;
	stir(t);
}

static void
on_lost(void *ctx, const char *why)
{
	struct trunk *t = ctx;

	(void)why;
	vmodem_hang_up(&t->modem);
	ring_clear(&t->wire);
	t->state = TRUNK_ENDING;
	t->ends = loop_now(t->trunks->loop);
	arm(t);
}

static const struct transport_news transport_news = {
	.input = on_input,
	.sent = on_sent,
	.fin = on_fin,
	.lost = on_lost,
};

/* ---- calls ---- */

static void
end(struct trunk *t)
{
	t->state = TRUNK_ENDING;
	t->ends = msec_add(loop_now(t->trunks->loop), t->transport != NULL ? LINGER : 0);
}

/* The host has been dialled: `fd` is connected, or end says why not. */
static void
on_dialled(void *ctx, enum dial_end how, int fd)
{
	static const enum result codes[] = { [DIAL_CONNECTED] = RESULT_NO_CARRIER,
		[DIAL_UNKNOWN] = RESULT_NO_CARRIER, [DIAL_REFUSED] = RESULT_BUSY,
		[DIAL_FAILED] = RESULT_NO_CARRIER };
	struct trunks *all = ctx;
	struct trunk *t = all->dialled;

	all->dialled = NULL;
	if (how == DIAL_CONNECTED)
		t->transport = transport_new(all->loop, fd, &t->wire, &keepalive, &transport_news,
		    t);
	if (t->transport != NULL && t->modem.caller != NULL) {
		t->state = TRUNK_IN_CALL;
		vmodem_answer(&t->modem, loop_now(all->loop));
		return;
	}
	if (t->modem.caller != NULL)
		vmodem_refuse(&t->modem, codes[how]);
	end(t);
	arm(t);
}

static void
talk(struct trunk *t)
{
	pump(t);
	if (t->modem.phase != VMODEM_IN_CALL) {
		end(t);
	} else if (transport_ended(t->transport)) {
		vmodem_hang_up(&t->modem);
		end(t);
	} else if (transport_paused(t->transport) && vmodem_room(&t->modem) > 0) {
		vmodem_writable(&t->modem);
		transport_resume(t->transport);
	}
}

/* A line for a caller; returns its length. */
static size_t
line_of(char dst[static HAYES_TEXT], enum result why)
{
	return (size_t)snprintf(dst, HAYES_TEXT, "%s\r\n", result_word(why));
}

static void
tell(struct trunk *t, enum result why)
{
	char line[HAYES_TEXT];

	ring_put(&t->wire, line, line_of(line, why));
	t->told = true;
	end(t);
	transport_shutdown(t->transport);
	transport_resume(t->transport); /* what it has sent is read, so that closing is no reset */
}

/* A peer that closes while it rings has hung up. */
static void
ring(struct trunk *t)
{
	if (t->fin) {
		vmodem_hang_up(&t->modem);
		end(t);
	} else if (t->modem.phase == VMODEM_IN_CALL) {
		t->state = TRUNK_IN_CALL;
	} else if (t->modem.phase == VMODEM_ON_HOOK) {
		tell(t, t->modem.result == RESULT_BUSY || t->modem.result == RESULT_NO_ANSWER ?
		    t->modem.result : RESULT_NO_CARRIER);
	}
}

static bool
is_over(struct trunk *t)
{
	if (msec_reached(t->ends, loop_now(t->trunks->loop)) || t->transport == NULL)
		return true;
	pump(t);
	settle(t);
	return t->wire.used == 0 && t->modem.out.used == 0 && (!t->told || t->fin);
}

static void
on_timer(void *ctx)
{
	struct trunk *t = ctx;

	t->stirred = false;
	t->retry = MSEC_NEVER;
	vmodem_tick(&t->modem, loop_now(t->trunks->loop));
	if (t->state == TRUNK_DIALLING && t->modem.caller == NULL)
		end(t);
	if (t->state == TRUNK_RINGING)
		ring(t);
	if (t->state == TRUNK_IN_CALL && msec_reached(t->owed, loop_now(t->trunks->loop)))
		settle(t);
	if (t->state == TRUNK_IN_CALL)
		talk(t);
	if (t->state == TRUNK_ENDING && is_over(t))
		trunk_free(t);
	else
		arm(t);
}

static struct trunk *
trunk_new(struct trunks *all, unsigned *among)
{
	struct trunk *t;

	if (*among == TRUNKS_MOST || (t = calloc(1, sizeof *t)) == NULL)
		return NULL;
	t->trunks = all;
	t->among = among;
	t->timer = loop_timer_new(all->loop, on_timer, t);
	if (t->timer == NULL) {
		free(t);
		return NULL;
	}
	t->retry = t->ends = t->owed = MSEC_NEVER;
	ring_init(&t->wire, VMODEM_RING);
	vmodem_init(&t->modem, &modem_ops, t);
	vmodem_power(&t->modem, true);
	vmodem_trunk(&t->modem);
	LIST_INSERT_HEAD(&all->all, t, next);
	++*among;
	return t;
}

struct vmodem *
trunk_call(struct trunks *all, const struct conf_number *number)
{
	struct trunk *t;

	if (all->dial == NULL)
		all->dial = dial_new(all->loop, on_dialled, all);
	t = all->dial != NULL ? trunk_new(all, &all->n_dialled) : NULL;
	if (t == NULL)
		return NULL;
	t->state = TRUNK_DIALLING;
	t->speaks_telnet = number->to == CONF_DIAL_TELNET;
	all->dialled = t;
	dial_start(all->dial, number->host, number->port);
	return &t->modem;
}

void
trunk_ring(struct trunks *all, int fd, struct vmodem *called)
{
	char busy[HAYES_TEXT];
	struct trunk *t = trunk_new(all, &all->n_came);

	if (t == NULL) {
		send(fd, busy, line_of(busy, RESULT_BUSY), MSG_NOSIGNAL | MSG_DONTWAIT); /* or it is just closed */
		close(fd);
		return;
	}
	t->transport = transport_new(all->loop, fd, &t->wire, &keepalive, &transport_news, t);
	if (t->transport == NULL) {
		trunk_free(t);
		return;
	}
	t->state = TRUNK_RINGING;
	hayes_set_s(&t->modem.at, 7, TRUNK_PATIENCE);
	vmodem_ring(&t->modem, called, loop_now(all->loop));
	stir(t);
}

void
trunks_init(struct trunks *all, struct loop *loop)
{
	*all = (struct trunks){ .loop = loop };
	LIST_INIT(&all->all);
}

void
trunks_clear(struct trunks *all)
{
	struct trunk *t;

	while ((t = LIST_FIRST(&all->all)) != NULL)
		trunk_free(t);
	dial_free(all->dial);
	all->dial = NULL;
}
