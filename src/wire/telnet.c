/*
 * The Telnet side of a connection, see telnet.h.
 *
 * libtelnet is not made for subnegotiations from strangers: some have ended it, and some come out as
 * data.  So it gets nothing from here but whole negotiations of three bytes (tests/check_attacks.c);
 * data, commands and subnegotiations are read by a byte-at-a-time automaton of ours.
 */
#include "wire/telnet.h"

#include <libtelnet.h>
#include <stdlib.h>
#include <string.h>

#include "wire/escape.h"

#define IAC TELNET_IAC
#define COMPORT 44
#define SB_MAX 65      /* the option and 64 bytes of payload */
#define PIECE 16384    /* data un-escaped before it is handed on: all that one read brings */
#define DIRECT 1024    /* a run of plain data that is worth no copying */

/* What the automaton expects (R8).  The last two wait for a callback, not for input. */
enum at { AT_DATA, AT_IAC, AT_VERB, AT_SB, AT_SB_IAC, AT_HELD_SB, AT_HELD_BREAK };

struct nvt {
	const struct nvt_news *news;
	void *ctx;
	telnet_t *lib;
	unsigned malformed;
	uint8_t at;         /* enum at */
	uint8_t comport;    /* enum nvt_comport */
	uint8_t verb;       /* of the negotiation being read */
	bool spoke;
	bool dead;
	bool cr;            /* the last data byte was a CR that a NUL may follow (R24) */
	bool peer_binary, our_binary; /* by direction of the data */
	bool peer_comport, our_comport; /* WILL, DO 44 agreed */
	bool sb_bad;        /* an IAC pair in it that does not belong there */
	uint8_t sb_len;     /* SB_MAX + 1: longer */
	uint8_t out_len;
	uint8_t out[18];    /* what the library wants sent, until it is done */
	uint8_t sb[SB_MAX]; /* option and payload, un-escaped */
};

/* BINARY, ECHO (R25), SGA, COM-PORT; all others are refused (R14, R17). */
static const telnet_telopt_t options[] = {
	{ TELNET_TELOPT_BINARY, TELNET_WILL, TELNET_DO },
	{ TELNET_TELOPT_ECHO, TELNET_WILL, TELNET_DONT },
	{ TELNET_TELOPT_SGA, TELNET_WILL, TELNET_DO },
	{ COMPORT, TELNET_WILL, TELNET_DO },
	{ -1, 0, 0 },
};

/* ---- negotiation ---- */

static void
on_option(struct nvt *t, uint8_t option, bool peer, bool on)
{
	if (option == TELNET_TELOPT_BINARY)
		*(peer ? &t->peer_binary : &t->our_binary) = on;
	else if (option == COMPORT)
		*(peer ? &t->peer_comport : &t->our_comport) = on;
}

/* The library collects here; freeing it from here, or feeding it, would corrupt it. */
static void
on_event(telnet_t *lib, telnet_event_t *ev, void *ctx)
{
	struct nvt *t = ctx;

	(void)lib;
	switch (ev->type) {
	case TELNET_EV_SEND:
		if (ev->data.size > sizeof t->out - t->out_len) {
			t->dead = true;
			break;
		}
		memcpy(t->out + t->out_len, ev->data.buffer, ev->data.size);
		t->out_len = (uint8_t)(t->out_len + ev->data.size);
		break;
	case TELNET_EV_WILL:
	case TELNET_EV_WONT:
		on_option(t, ev->neg.telopt, true, ev->type == TELNET_EV_WILL);
		break;
	case TELNET_EV_DO:
	case TELNET_EV_DONT:
		on_option(t, ev->neg.telopt, false, ev->type == TELNET_EV_DO);
		break;
	default: /* data, subnegotiation, compression, no memory: it is out of step */
		t->dead = true;
	}
}

static void
send_out(struct nvt *t)
{
	uint8_t n = t->out_len;

	t->out_len = 0;
	if (n > 0)
		t->news->send(t->ctx, t->out, n);
}

static void
set_comport(struct nvt *t, enum nvt_comport comport)
{
	if (t->comport == comport)
		return;
	t->comport = (uint8_t)comport;
	t->news->option(t->ctx, comport);
}

/* The library tells nothing when an offer of ours is refused, so what was said is looked at here. */
static void
judge_comport(struct nvt *t, bool peer_was_on)
{
	switch (t->verb) {
	case TELNET_WILL:
	case TELNET_DO:
		set_comport(t, NVT_AGREED);
		break;
	case TELNET_WONT:
		if (peer_was_on || !t->our_comport)
			set_comport(t, NVT_REFUSED);
		break;
	default:
		if (!t->peer_comport)
			set_comport(t, NVT_REFUSED);
	}
}

static void
negotiate(struct nvt *t, uint8_t option)
{
	const char whole[3] = { (char)IAC, (char)t->verb, (char)option };
	bool peer_was_on = t->peer_comport;

	telnet_recv(t->lib, whole, sizeof whole);
	if (t->dead)
		return;
	send_out(t);
	if (option == COMPORT)
		judge_comport(t, peer_was_on);
}

/* ---- the automaton; each step takes at least one byte, or none when it cannot go on ---- */

static bool
has_room(struct nvt *t)
{
	return t->news->room(t->ctx) >= NVT_ANSWER_ROOM;
}

/* A payload or break that a callback has refused is offered to it again.  false: refused again. */
static bool
offer(struct nvt *t)
{
	if (t->at == AT_HELD_SB && !t->news->comport(t->ctx, t->sb + 1, t->sb_len - 1U))
		return false;
	if (t->at == AT_HELD_BREAK && !t->news->brk(t->ctx))
		return false;
	if (t->at == AT_HELD_SB || t->at == AT_HELD_BREAK)
		t->at = AT_DATA;
	return true;
}

/* A client that has sent no Telnet command is raw: its NULs are its own. */
static bool
is_nvt(const struct nvt *t)
{
	return t->spoke && !t->peer_binary;
}

static size_t
data_room(const struct nvt *t)
{
	size_t room = t->news->data_room != NULL ? t->news->data_room(t->ctx) : PIECE;

	return room < PIECE ? room : PIECE;
}

static size_t
undo(const struct nvt *t, const uint8_t *b, size_t n, uint8_t *to, size_t cap, size_t *made, bool *cr)
{
	*cr = is_nvt(t) && t->cr;
	return is_nvt(t) ? escape_undo_nvt(b, n, to, cap, made, cr) : escape_undo(b, n, to, cap, made);
}

static size_t
take_piece(struct nvt *t, const uint8_t *b, size_t n)
{
	uint8_t piece[PIECE];
	size_t cap = data_room(t), used, made, took;
	bool told = false, cr;

	if (cap == 0)
		return 0;
	for (;;) { /* once more when not all was taken, to find out how far in b that is */
		used = undo(t, b, n, piece, cap, &made, &cr);
		if (told)
			break;
		told = true;
		took = made > 0 ? t->news->data(t->ctx, piece, made) : 0;
		if (took == made)
			break;
		cap = took;
	}
	t->cr = cr;
	return used;
}

/* Where it may be, without a copy in between. */
static size_t
take_data(struct nvt *t, const uint8_t *b, size_t n)
{
	size_t cap, made, used;
	uint8_t *to = t->news->place != NULL ? t->news->place(t->ctx, &cap) : NULL;

	if (to == NULL)
		return take_piece(t, b, n);
	used = undo(t, b, n, to, cap, &made, &t->cr);
	t->news->placed(t->ctx, made);
	return used;
}

static size_t
step_data(struct nvt *t, const uint8_t *b, size_t n)
{
	size_t run = escape_run(b, n);

	if (run == 0 && (n == 1 || b[1] != IAC)) {
		t->at = AT_IAC;
		return 1;
	}
	if (!is_nvt(t) && (run == n || run >= DIRECT)) {
		t->cr = false;
		return t->news->data(t->ctx, b, run);
	}
	return take_data(t, b, n);
}

static size_t
step_iac(struct nvt *t, const uint8_t *b, size_t n)
{
	static const uint8_t data[] = { IAC }, here[] = { IAC, TELNET_NOP };

	(void)n;
	if (*b == IAC) {
		if (t->news->data(t->ctx, data, 1) == 0)
			return 0;
		t->cr = false;
		t->at = AT_DATA;
		return 1;
	}
	t->spoke = true;
	if (*b == TELNET_AYT && !has_room(t))
		return 0;
	t->at = AT_DATA;
	switch (*b) {
	case TELNET_WILL:
	case TELNET_WONT:
	case TELNET_DO:
	case TELNET_DONT:
		t->verb = *b;
		t->at = AT_VERB;
		break;
	case TELNET_SB:
		t->sb_len = 0;
		t->sb_bad = false;
		t->at = AT_SB;
		break;
	case TELNET_AYT: /* evidence that disturbs no transparent stream (R11) */
		t->news->send(t->ctx, here, sizeof here);
		break;
	case TELNET_BREAK:
		t->at = AT_HELD_BREAK;
		offer(t);
		break;
	default: /* R9, R12 */
		break;
	}
	return 1;
}

static size_t
step_verb(struct nvt *t, const uint8_t *b, size_t n)
{
	(void)n;
	if (!has_room(t))
		return 0;
	t->at = AT_DATA;
	negotiate(t, *b);
	return 1;
}

static void
put_sb(struct nvt *t, uint8_t byte)
{
	if (t->sb_len < SB_MAX)
		t->sb[t->sb_len] = byte;
	if (t->sb_len <= SB_MAX)
		t->sb_len++;
}

/* The option is read like the payload: 255 is doubled there too, and IAC SE may come at once. */
static size_t
step_sb(struct nvt *t, const uint8_t *b, size_t n)
{
	size_t i, run = escape_run(b, n);

	for (i = 0; i < run && t->sb_len <= SB_MAX; i++)
		put_sb(t, b[i]);
	if (run == n)
		return n;
	t->at = AT_SB_IAC;
	return run + 1;
}

static void
end_sb(struct nvt *t)
{
	bool comport = t->sb_len > 0 && t->sb[0] == COMPORT;

	t->at = AT_DATA;
	if (t->sb_bad || t->sb_len == 0 || (comport && (t->sb_len == 1 || t->sb_len > SB_MAX)))
		t->malformed++;
	else if (comport && t->comport != NVT_REFUSED) {
		set_comport(t, NVT_AGREED); /* the command is the offer, too (R22) */
		t->at = AT_HELD_SB;
		offer(t);
	}
}

static size_t
step_sb_iac(struct nvt *t, const uint8_t *b, size_t n)
{
	(void)n;
	if (*b == TELNET_SE) {
		if (!has_room(t))
			return 0;
		end_sb(t);
		return 1;
	}
	if (*b == IAC)
		put_sb(t, IAC);
	else
		t->sb_bad = true;
	t->at = AT_SB;
	return 1;
}

static size_t
step_held(struct nvt *t, const uint8_t *b, size_t n)
{
	(void)t;
	(void)b;
	(void)n;
	return 0;
}

static size_t (*const steps[])(struct nvt *, const uint8_t *, size_t) = {
	[AT_DATA] = step_data,
	[AT_IAC] = step_iac,
	[AT_VERB] = step_verb,
	[AT_SB] = step_sb,
	[AT_SB_IAC] = step_sb_iac,
	[AT_HELD_SB] = step_held,
	[AT_HELD_BREAK] = step_held,
};

/* ---- the outside ---- */

struct nvt *
nvt_new(const struct nvt_news *news, void *ctx)
{
	struct nvt *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->news = news;
	t->ctx = ctx;
	t->lib = telnet_init(options, on_event, 0, t);
	if (t->lib == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

void
nvt_free(struct nvt *t)
{
	if (t == NULL)
		return;
	telnet_free(t->lib);
	free(t);
}

/* Clients that ask DO BINARY as they connect take the first word about it for their answer (EPICS asyn), and others must
 * have read DO SGA before WILL SGA (busybox). */
void
nvt_greet(struct nvt *t)
{
	static const uint8_t offers[][2] = {
		{ TELNET_WILL, TELNET_TELOPT_BINARY },
		{ TELNET_DO, TELNET_TELOPT_BINARY },
		{ TELNET_DO, TELNET_TELOPT_SGA },
		{ TELNET_WILL, TELNET_TELOPT_SGA },
		{ TELNET_WILL, TELNET_TELOPT_ECHO },
		{ TELNET_DO, COMPORT },
	};
	size_t i;

	for (i = 0; i < sizeof offers / sizeof offers[0]; i++)
		telnet_negotiate(t->lib, offers[i][0], offers[i][1]);
	send_out(t);
}

long
nvt_input(struct nvt *t, const uint8_t *b, size_t n)
{
	size_t took, done = 0;

	if (t->dead)
		return -1;
	if (!offer(t))
		return 0;
	while (done < n && (took = steps[t->at](t, b + done, n - done)) > 0) {
		if (t->dead)
			return -1;
		done += took;
	}
	return (long)done;
}

bool
nvt_waiting(const struct nvt *t)
{
	return t->at == AT_HELD_SB || t->at == AT_HELD_BREAK;
}

enum nvt_comport
nvt_comport(const struct nvt *t)
{
	return t->comport;
}

bool
nvt_spoke(const struct nvt *t)
{
	return t->spoke;
}

unsigned
nvt_malformed(const struct nvt *t)
{
	return t->malformed;
}

/* ---- towards the peer ---- */

size_t
nvt_encode(const struct nvt *t, bool *cr, const uint8_t *src, size_t n, uint8_t *dst, size_t cap,
    size_t *made)
{
	if (t->spoke && !t->our_binary)
		return escape_nvt(src, n, dst, cap, made, cr);
	*cr = false;
	return escape_plain(src, n, dst, cap, made);
}
