/*
 * Fuzzes whole sessions: a daemon in a played kernel (sessionworld.h), whose clients and devices do anything, in
 * any order and time.
 *
 * The first byte chooses a configuration.  What follows are records: a byte that says what happens (low 4 bits) and
 * to whom (bits 4 to 6; bit 7: in the same turn as the next), a byte n, and where bytes are sent these.  When all is
 * used up, everything works again and nobody does anything: then all limits end what there is, and so does the daemon.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon_reload.h"
#include "daemon/snapshot_take.h"
#include "io/loop_parts.h"
#include "sessionworld.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum what {
	PASS, CONNECT, SEND, SEND_MARKED, SEND_KNOWN, READ, END, SAY, SAY_MARKED, SAY_KNOWN, MODEM, DEVICE, TAKE, ACT, WHATS
};
enum { KICK, DISABLE, ENABLE, TEST, DRAIN, RESUME, RELOAD, SNAPSHOT };

#define TIME_MAX 1200000 /* ms of an input, at most */
#define CALM 900000      /* longer than all limits together */

static struct loop *loop;
static struct {
	const uint8_t *at, *end;
	int64_t passed;
	enum { RUNS, CALMS, ENDS } phase;
} input;

/* ---- the input ---- */

static uint8_t
take(void)
{
	return input.at < input.end ? *input.at++ : 0;
}

/* Of the next bytes, at most n. */
static size_t
take_bytes(uint8_t dst[256], uint8_t n)
{
	size_t left = (size_t)(input.end - input.at), took = n < left ? n : left;

	if (took > 0)
		memcpy(dst, input.at, took);
	input.at += took;
	world_unmark(dst, took);
	return took;
}

static size_t
how_many(uint8_t n)
{
	return n < 128 ? n : (size_t)(n - 127) * 256;
}

/* ---- clients ---- */

static const struct {
	const char *bytes;
	size_t n;
} of_clients[] = {
#define S(text) { text, sizeof text - 1 }
	S("AT\r"), S("ATD1\r"), S("ATD2\r"), S("ATH\r"), S("ATA\r"), S("+++"), S("ATZ\r"), S("ATS0=1\r"),
	S("\377\373\054"), S("\377\374\054"), S("\377\375\054"),         /* WILL, WONT, DO COM-PORT */
	S("\377\372\054\001\0\0\113\0\377\360"),                         /* 19200 */
	S("\377\372\054\001\0\0\0\0\377\360"),                           /* which rate? */
	S("\377\372\054\002\007\377\360\377\372\054\003\003\377\360"),   /* 7E */
	S("\377\372\054\005\005\377\360"), S("\377\372\054\005\006\377\360"), /* break on, off */
	S("\377\372\054\005\010\377\360"), S("\377\372\054\005\011\377\360"), /* DTR on, off */
	S("\377\372\054\010\377\360"), S("\377\372\054\011\377\360"),    /* SUSPEND, RESUME */
	S("\377\372\054\012\377\377\377\360"), S("\377\372\054\013\377\377\377\360"), /* masks */
	S("\377\372\054\014\003\377\360"),                               /* PURGE both */
	S("\377\372\054\0\377\360"),                                     /* who are you? */
	S("\377\363"), S("\377\366"), S("\377\377"),                     /* BRK, AYT, 255 */
};

static const struct {
	const char *bytes;
	size_t n;
} of_lines[] = {
	S("\r\nOK\r\n"), S("\r\nERROR\r\n"), S("\r\nRING\r\n"), S("\r\nCONNECT 9600\r\n"), S("\r\nNO CARRIER\r\n"),
	S("\r\nBUSY\r\n"), S("\377"), S("0\r"),
#undef S
};

/* The youngest are the most likely to be there. */
static int
client_of(uint8_t who)
{
	return (int)((world_clients() - 1 - who % world_clients()));
}

static void
do_end(int fd, uint8_t how)
{
	switch (how % 4) {
	case 0:
		play_fin(fd);
		break;
	case 1:
		play_reset(fd);
		break;
	default:
		play_silence(fd, how % 4 == 2);
		break;
	}
}

static void
do_client(enum what what, uint8_t who, uint8_t n)
{
	uint8_t b[256];
	int client;

	if (world_clients() == 0)
		return;
	client = client_of(who);
	switch (what) {
	case SEND:
		play_send(PLAY_FD + client, b, take_bytes(b, n));
		break;
	case SEND_MARKED:
		world_mark(client, how_many(n));
		break;
	case SEND_KNOWN:
		n %= sizeof of_clients / sizeof of_clients[0];
		play_send(PLAY_FD + client, (const uint8_t *)of_clients[n].bytes, of_clients[n].n);
		break;
	case READ:
		play_take(PLAY_FD + client, n == 255 ? PLAY_WINDOW : (size_t)n * 16);
		break;
	default:
		do_end(PLAY_FD + client, n);
		break;
	}
}

/* ---- devices ---- */

static void
set_device(struct play_device *d, uint8_t bits)
{
	d->absent = bits & 1;
	d->mute = (bits & 2) != 0;
	d->hangs = (bits & 4) != 0;
	d->refuses = (bits & 8) != 0;
	d->locked = (bits & 16) != 0;
	d->bare = (bits & 32) != 0;
	d->slow = (bits >> 6) * 300;
	play_stir(d);
}

static void
do_device(enum what what, uint8_t which, uint8_t n)
{
	struct play_device *d = &play_devices[which % PLAY_DEVICES];
	uint8_t b[256];

	switch (what) {
	case SAY:
		play_say(d, b, take_bytes(b, n));
		break;
	case SAY_MARKED:
		world_mark_line(d, how_many(n));
		break;
	case SAY_KNOWN:
		n %= sizeof of_lines / sizeof of_lines[0];
		play_say(d, (const uint8_t *)of_lines[n].bytes, of_lines[n].n);
		break;
	case MODEM:
		d->modem = n & 0xf0;
		play_error(d, n & 0x0f);
		play_stir(d);
		break;
	case DEVICE:
		set_device(d, n);
		break;
	default:
		d->room = n == 255 ? SIZE_MAX : (size_t)n * 16;
		play_stir(d);
		break;
	}
}

/* ---- who may act ---- */

static void
on_tested(struct line_test *t, const char *failure)
{
	(void)failure;
	free(t);
}

static void
test(struct line *line)
{
	struct line_test *t = calloc(1, sizeof *t);

	if (t == NULL)
		return;
	t->done = on_tested;
	if (line_test(line, t) != NULL)
		free(t);
}

static void
look_on(void)
{
	struct snapshot_taken s;

	if (snapshot_take(&s, world) == 0)
		snapshot_taken_free(&s);
}

static void
act_on_line(uint8_t what, struct line *line)
{
	struct arbiter_client *owner = line_seat(line)->owner;

	if (what == KICK && owner != NULL)
		session_kick(session_of_seat(owner), "by hand");
	else if (what == DISABLE)
		line_disable(line, "by hand");
	else if (what == ENABLE)
		line_enable(line);
	else if (what == TEST)
		test(line);
}

static void
do_act(uint8_t what, uint8_t n)
{
	broker_settle(world->house.broker);
	switch (what) {
	case DRAIN:
		daemon_drain(world, false);
		break;
	case RESUME:
		daemon_resume(world);
		break;
	case RELOAD:
		world_conf(n);
		daemon_reload(world, NULL);
		break;
	case SNAPSHOT:
		look_on();
		break;
	default:
		act_on_line(what, world->lines[n % world->conf->n_lines]);
		break;
	}
}

/* ---- one after the other ---- */

static void
pass(int64_t ms)
{
	if (ms > TIME_MAX - input.passed)
		ms = TIME_MAX - input.passed;
	input.passed += ms;
	play_pass(ms);
}

static void
do_pass(uint8_t unit, uint8_t n)
{
	static const int64_t units[] = { 1, 10, 100, 1000, 4000 };
	int64_t due = play_until_due();

	if (unit < sizeof units / sizeof units[0])
		pass(units[unit] * n);
	else if (due >= 0)
		pass(due < 600000 ? due : 600000);
}

static void
do_one(uint8_t head)
{
	enum what what = (enum what)((head & 15) % WHATS);
	uint8_t whom = head >> 4 & 7, n = take();

	switch (what) {
	case PASS:
		do_pass(whom, n);
		break;
	case CONNECT:
		world_connect(whom % WORLD_PORTS, n);
		break;
	case SEND:
	case SEND_MARKED:
	case SEND_KNOWN:
	case READ:
	case END:
		do_client(what, whom, n);
		break;
	case ACT:
		do_act(whom, n);
		break;
	default:
		do_device(what, whom, n);
		break;
	}
}

/* Whatever was out of order is not any more. */
static void
calm(void)
{
	size_t i;

	for (i = 0; i < PLAY_DEVICES; i++) {
		set_device(&play_devices[i], 0);
		play_devices[i].modem = RFC2217_CTS | RFC2217_DSR;
		play_devices[i].room = SIZE_MAX;
	}
	play_pass(CALM);
}

static void
idle(void)
{
	uint8_t head;

	loop_begin(loop, true);
	if (input.phase == RUNS && input.at == input.end) {
		input.phase = CALMS;
		calm();
	} else if (input.phase == CALMS) {
		world_check_calm();
		input.phase = ENDS;
		daemon_shut(world);
		play_pass(DAEMON_END);
	} else if (input.phase == ENDS) {
		abort(); /* it should have ended */
	} else {
		do {
			head = take();
			do_one(head);
		} while ((head & 128) != 0 && input.at < input.end);
	}
}

static const struct play_ops ops = { world_check, idle, world_came };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	memset(&input, 0, sizeof input);
	input.at = data;
	input.end = data + n;
	play_begin(&ops);
	loop = loop_new();
	if (loop == NULL)
		abort();
	world_begin(loop, take() % 3);
	if (world == NULL || loop_run(loop) != 0 || daemon_stuck(world))
		abort();
	world_end();
	loop_free(loop);
	play_end();
	return 0;
}
