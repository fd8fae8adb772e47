/*
 * A whole daemon in a played kernel, see sessionworld.h.
 */
#include "sessionworld.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "line/look.h"
#include "line/parts.h"
#include "playhost.h"
#include "session/state.h"

#define SERVICES_MAX 16
#define TURNS (MARK_END - MARK_LINE) /* of owners that can be told apart */
#define NOBODY (-1)

#define COMMON \
	" allow = { any }\n claim-timeout = 20s\n session-limit = 4m\n queue-wait = 90s\n drain = 2s\n inactivity = 60s\n" \
	" stall = 20s\n warning = 5s\n inactivity-contended = 30s\n"
#define CALLS " inactivity-in-call = 90s\n after-call = 20s\n"
#define GLOBALS "control-socket = \"\"\nstate-directory = \"\"\nlock-directory = \"\"\n"
#define AT(port) " listen = { 127.0.0.1:" #port " }\n" COMMON

static const char *const confs[] = {
	GLOBALS "max-clients = 12\nmax-clients-per-address = 8\n"
	"line m { kind = modem\n device = /play/0\n busy = queue\n" CALLS AT(2001) "}\n"
	"line c { kind = console\n device = /play/1\n takeover = same-owner\n speed = 9600\n" AT(2002) "}\n"
	"line r { kind = console\n device = /play/2\n protocol = raw\n host-sharing = true\n busy = queue\n" AT(2003) "}\n"
	"line l { kind = console\n device = loopback\n" AT(2004) "}\n"
	"line v { kind = modem\n device = virtual\n busy = queue\n" CALLS AT(2005)
	" number 1 { to = echo }\n number 2 { to = busy }\n}\n"
	"service p { lines = { c, l }\n pick = round-robin\n busy = queue\n" AT(2006) "}\n",
	/* Other settings and rules; a line less, another one in the pool. */
	GLOBALS "max-clients = 10\n"
	"line m { kind = modem\n device = /play/0\n init = { ATZ }\n busy = queue\n queue-limit = 2\n" CALLS AT(2001) "}\n"
	"line c { kind = console\n device = /play/1\n busy = queue\n claim = connect\n speed = 19200\n" AT(2002) "}\n"
	"line r { kind = console\n device = /play/2\n protocol = raw\n" AT(2003) "}\n"
	"line v { kind = modem\n device = virtual\n show-owner = false\n" CALLS AT(2005) "}\n"
	"service p { lines = { r, c }\n busy = queue\n takeover = same-owner\n" AT(2006) "}\n",
	/* Each device is another's. */
	GLOBALS
	"line c { kind = console\n device = /play/0\n hangup-time = 1s\n busy = queue\n" AT(2002) "}\n"
	"line m { kind = modem\n device = /play/1\n host-sharing = true\n hangup = { escape, ATH }\n" CALLS AT(2001) "}\n"
	"line l { kind = console\n device = loopback\n protocol = raw\n busy = queue\n" AT(2003) "}\n"
	"service p { lines = { l, c }\n busy = queue\n say-why = false\n" AT(2006) "}\n",
	"line m { kind = modem }\n", /* refused */
};

/* What is read of what a client is sent. */
enum reading { DATA, IAC, VERB, SB, SB_IAC };

static struct client_seen {
	const struct session *session; /* which may have gone */
	bool raw;
	enum reading reading;
	enum door_state state;
	int64_t since;
	bool here;
} clients[PLAY_SOCKETS];
static size_t n_clients;

/* Who waited at each service as the turn before ended. */
static struct queue_seen {
	const struct service *service;
	int who[PLAY_SOCKETS];
	size_t n;
} queues[SERVICES_MAX];

static int owners[TURNS]; /* of the turns of devices, all together */
static size_t n_turns;
static int turn_of[PLAY_DEVICES], turn_owner[PLAY_DEVICES];

struct daemon *world;

/* ---- who is who ---- */

/* The youngest: the memory of one that has gone may be another's. */
static int
number_of(const struct session *s)
{
	size_t i;

	for (i = n_clients; i > 0; i--)
		if (clients[i - 1].session == s)
			return (int)i - 1;
	abort();
}

static struct line *
line_at(const struct play_device *d)
{
	char path[] = "/play/0";
	size_t i;

	path[6] = (char)('0' + (d - play_devices));
	for (i = 0; i < world->conf->n_lines; i++)
		if (world->conf->lines[i].setup->type == CONF_SERIAL &&
		    strcmp(world->conf->lines[i].device, path) == 0)
			return world->lines[i];
	return NULL;
}

static int
owner_of(const struct line *l)
{
	return l != NULL && l->seat.owner != NULL ? number_of(session_of_seat(l->seat.owner)) : NOBODY;
}

/* ---- what passes ---- */

static void
check_byte(int client, uint8_t b)
{
	if (b < MARK || b >= MARK_END)
		return;
	must((b < MARK_LINE ? b - MARK : owners[b - MARK_LINE]) == client);
}

static enum reading
read_telnet(int client, enum reading now, uint8_t b)
{
	switch (now) {
	case DATA:
		if (b != 255)
			check_byte(client, b);
		return b == 255 ? IAC : DATA;
	case IAC:
		return b == 255 ? DATA : b == 250 ? SB : b > 250 ? VERB : DATA;
	case VERB:
		return DATA;
	case SB:
		return b == 255 ? SB_IAC : SB;
	default:
		return b == 240 ? DATA : SB;
	}
}

void
world_came(int fd, const uint8_t *b, size_t n)
{
	struct client_seen *c = &clients[fd - PLAY_FD];
	size_t i;

	for (i = 0; i < n; i++) {
		if (c->raw)
			check_byte(fd - PLAY_FD, b[i]);
		else
			c->reading = read_telnet(fd - PLAY_FD, c->reading, b[i]);
	}
}

/* Only its owner's bytes go to a line.  The first device is a modem that answers what ends with CR. */
static void
written(struct play_device *d, const uint8_t *b, size_t n)
{
	static const uint8_t ok[] = "\r\nOK\r\n";
	const struct line *l = line_at(d);
	const struct session *owner = l != NULL ? l->owner : NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (b[i] >= MARK && b[i] < MARK_LINE && l != NULL)
			must(owner != NULL && number_of(owner) == b[i] - MARK);
	if (d == play_devices && !d->mute && memchr(b, '\r', n) != NULL)
		play_say(d, ok, sizeof ok - 1);
}

void
world_unmark(uint8_t *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (b[i] >= MARK && b[i] < MARK_END)
			b[i] &= 0x7f;
}

void
world_mark(int client, size_t n)
{
	uint8_t b[256];

	memset(b, MARK + client, sizeof b);
	for (; n > 0; n -= n < sizeof b ? n : sizeof b)
		play_send(PLAY_FD + client, b, n < sizeof b ? n : sizeof b);
}

void
world_mark_line(struct play_device *d, size_t n)
{
	size_t i = (size_t)(d - play_devices);
	const struct line *l = line_at(d);
	int owner = owner_of(l);
	uint8_t b[256];

	/* What it says to nobody within the millisecond of a grant the new owner may read: line_is_fresh(). */
	if (owner == NOBODY && l != NULL && l->handover_ends.v == play_now())
		return;
	if (turn_of[i] < 0 || turn_owner[i] != owner) {
		if (n_turns == TURNS)
			return; /* who says more cannot be told apart */
		turn_owner[i] = owners[n_turns] = owner;
		turn_of[i] = (int)n_turns++;
	}
	memset(b, MARK_LINE + turn_of[i], sizeof b);
	for (; n > 0; n -= n < sizeof b ? n : sizeof b)
		play_say(d, b, n < sizeof b ? n : sizeof b);
}

/* ---- what must be true ---- */

static int64_t
door_limit(enum door_state state)
{
	switch (state) {
	case DOOR_OPEN:
		return WORLD_CLAIM_TIMEOUT;
	case DOOR_WAITS: /* held for hand-overs, and then in the queue */
		return 2 * WORLD_QUEUE_WAIT + 600000;
	case DOOR_OWNS:
		return WORLD_SESSION_LIMIT;
	case DOOR_DRAINS:
		return WORLD_DRAIN;
	case DOOR_REFUSING:
		return DOOR_AT_LATEST;
	case DOOR_TOLD:
	case DOOR_SHUT:
		return DOOR_LINGER;
	default:
		return -1; /* none is left in it */
	}
}

static void
check_client(const struct session *s)
{
	struct client_seen *c = &clients[number_of(s)];

	if (!c->here || c->state != s->door.state) {
		c->state = s->door.state;
		c->since = play_now();
	}
	c->here = true;
	must(play_now() - c->since <= door_limit(c->state));
}

/* What it may last, in a state that has a time of its own; -1: none. */
static int64_t
life_limit(const struct line *l)
{
	switch (l->life.state) {
	case LIFE_OUT:
		return LINE_RETRY;
	case LIFE_OPENING:
	case LIFE_HANGUP:
		return LINE_OPERATION;
	case LIFE_QUARANTINE:
		return 600000;
	case LIFE_FOREIGN:
		return LOOK_AGAIN;
	case LIFE_RINGING:
		return LINE_RINGS;
	default:
		return -1;
	}
}

/* It ends at its time: that is set, and is not over.  What a reload begins anew has its time again. */
static void
check_state(const struct line *l)
{
	int64_t limit = life_limit(l), now = play_now();
	msec_t end = l->due;

	if (l->life.state == LIFE_HANDOVER) {
		limit = line_handover_bound(l->conf);
		end = l->handover_ends;
	}
	must(limit < 0 || (end.v >= now && end.v <= now + limit));
}

static void
check_line(struct line *l)
{
	const struct session *s;
	unsigned n = 0;

	check_state(l);
	must((l->seat.state == ARBITER_OWNED) == (l->seat.owner != NULL));
	TAILQ_FOREACH(s, &world->house.sessions.all, entry)
		n += s->owns && s->line == l;
	must(n <= 1);
	must(l->owner == NULL || l->seat.owner == &((struct session *)l->owner)->seat);
}

static size_t
place_in(const struct queue_seen *q, int who)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (q->who[i] == who)
			break;
	return i;
}

/*
 * Those who waited already have kept their order, and nobody has come before them: but for one who takes over, and
 * for those who cool down.
 */
static size_t
check_queue(const struct service *service, const struct queue_seen *before)
{
	const msec_t now = { play_now() };
	size_t last = 0, first = before->n, at;
	struct arbiter_client *c;
	bool newer = false;

	TAILQ_FOREACH(c, &service->seat.queue, entry) {
		at = place_in(before, number_of(session_of_seat(c)));
		if (at == before->n) {
			newer = newer || c->arrival != 0;
			continue;
		}
		must(at >= last && (!newer || msec_before(now, c->cools)));
		last = at;
		if (first == before->n)
			first = at;
	}
	return first;
}

/* Nor was one of them overtaken by one who has got a line now. */
static void
check_order(const struct service *service, const struct queue_seen *before)
{
	size_t first = check_queue(service, before), at;
	const struct session *s;

	TAILQ_FOREACH(s, &world->house.sessions.all, entry) {
		if (s->place.service != service || s->seat.place != ARBITER_OWNER)
			continue;
		at = place_in(before, number_of(s));
		must(at == before->n || at < first);
	}
}

static void
check_service(const struct service *service, struct queue_seen *q)
{
	struct arbiter_client *c;
	size_t i;

	if (q->service == service)
		check_order(service, q);
	q->service = service;
	q->n = 0;
	TAILQ_FOREACH(c, &service->seat.queue, entry)
		q->who[q->n++] = number_of(session_of_seat(c));
	for (i = 0; i < service->seat.n && q->n > 0; i++)
		must(service->seat.members[i].line->state != ARBITER_FREE);
}

void
world_check(void)
{
	const struct session *s;
	size_t i;

	if (world == NULL)
		return;
	TAILQ_FOREACH(s, &world->house.sessions.all, entry)
		check_client(s);
	must(world->conf->n_services <= SERVICES_MAX);
	for (i = 0; i < world->conf->n_lines; i++)
		check_line(world->lines[i]);
	for (i = 0; i < world->conf->n_services; i++)
		check_service(world->services[i], &queues[i]);
}

void
world_check_calm(void)
{
	size_t i;

	must(TAILQ_EMPTY(&world->house.sessions.all));
	for (i = 0; i < world->conf->n_lines; i++)
		must(world->lines[i]->seat.owner == NULL && world->lines[i]->life.state != LIFE_OWNED);
	for (i = 0; i < n_clients; i++)
		must(play_socket(PLAY_FD + (int)i)->closed);
}

/* ---- its beginning and end ---- */

void
world_conf(unsigned i)
{
	play_conf = confs[i % (sizeof confs / sizeof confs[0])];
}

void
world_begin(struct loop *loop, unsigned conf)
{
	static struct conf_report report;
	struct conf *c;

	n_clients = n_turns = 0;
	memset(clients, 0, sizeof clients);
	memset(queues, 0, sizeof queues);
	memset(turn_of, -1, sizeof turn_of);
	play_written = written;
	play_devices_begin();
	world_conf(conf);
	c = conf_parse("F", play_conf, strlen(play_conf), &report);
	world = c != NULL ? daemon_new(loop, c, "F", false) : NULL;
}

void
world_end(void)
{
	daemon_free(world);
	world = NULL;
	play_devices_end();
}

size_t
world_clients(void)
{
	return n_clients;
}

bool
world_connect(unsigned port, uint8_t host)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct session *before = TAILQ_LAST(&world->house.sessions.all, session_list), *last;
	int fd = play_connect();

	if (fd < 0)
		return false;
	from.sin_port = htons((uint16_t)(10000 + fd - PLAY_FD));
	from.sin_addr.s_addr = htonl(host == 0 ? INADDR_LOOPBACK : 0xc0000200U + host);
	clients[n_clients++].raw = port == WORLD_RAW;
	if (!play_knock(fd, WORLD_FIRST_PORT + port, (const struct sockaddr *)&from, sizeof from))
		play_socket(fd)->closed = true;
	last = TAILQ_LAST(&world->house.sessions.all, session_list);
	if (last != before)
		clients[n_clients - 1].session = last;
	return true;
}
