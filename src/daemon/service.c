/*
 * A service: who connects, and how it listens, see service.h.
 */
#include "daemon/service.h"

#include <errno.h>
#include <stdlib.h>

#include "base/acl.h"
#include "base/addrkey.h"
#include "base/text.h"
#include "daemon/crowd.h"
#include "daemon/generation.h"
#include "io/listener.h"
#include "io/log.h"
#include "io/logquiet.h"
#include "io/transport.h"
#include "line/line.h"
#include "session/session.h"
#include "sharing/words.h"

_Static_assert(ADDRKEY == ARBITER_IDENTITY, "an address is one thing");

#define QUIET_MS 1000 /* between two log lines about clients that were turned away */

/* With a text of n bytes, or without one. */
static void
turn_away(struct service *s, int fd, const struct sockaddr *from, const char *why, const char *text, size_t n)
{
	struct house *h = s->house;
	char who[TEXT_ADDRESS];
	unsigned unlogged;

	transport_farewell(h->sessions.loop, fd, text, n);
	h->turned_away++;
	if (logquiet_may_speak(&h->turned_away_quiet, loop_now(h->sessions.loop), QUIET_MS, &unlogged))
		log_warn("client turned away: event=turned-away service=%s client=%s why=\"%s\" unlogged=%u",
		    s->conf->name, text_address(who, from, 0), why, unlogged);
}

/* A client that has been let in by `allow`, but there is no place for it. */
static void
refuse(struct service *s, int fd, const struct sockaddr *from, enum clients_answer answer)
{
	static const char *const reasons[] = {
		[CLIENTS_TOO_MANY] = WORDS_TOO_MANY,
		[CLIENTS_TOO_MANY_OF_ADDRESS] = WORDS_TOO_MANY_OF_ADDRESS,
		[CLIENTS_NO_MEMORY] = WORDS_NO_MEMORY,
	};
	char sentence[WORDS_MAX], text[WORDS_MAX];
	size_t n = 0;

	if (s->conf->rules->say_why) {
		words_no_place(sentence, sizeof sentence, s->conf->name, reasons[answer]);
		n = words_refused_data(text, sizeof text, sentence);
	}
	turn_away(s, fd, from, reasons[answer], text, n);
}

/* It has its place: its socket is a session's from now on. */
static void
admit(struct service *s, int fd, const struct sockaddr *from, struct client *client)
{
	struct house *h = s->house;
	struct session *session;
	struct session_arrival a = {
		.fd = fd, .from = from, .conf = h->generation->conf, .service = s->conf,
		.place = { .service = s, .client = client, .generation = h->generation },
	};

	if (!acl_is_loopback(from)) /* which many share */
		addrkey(a.identity.bytes, from);
	s->sessions++;
	h->generation->sessions++;
	session = session_start(&h->sessions, &a);
	if (session != NULL)
		clients_own(client, session);
	else
		log_error("no memory for a client: event=no-memory service=%s", s->conf->name);
}

static void
on_client(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	struct service *s = ctx;
	struct client *client;
	enum clients_answer answer;

	(void)len;
	if (fd < 0) {
		listener_log_failure(s->house->sessions.loop, "service", s->conf->name, errno);
		return;
	}
	if (!acl_allows(s->conf->rules->allow, from)) {
		turn_away(s, fd, from, "not allowed", NULL, 0);
		return;
	}
	s->house->accepted++;
	answer = clients_enter(s->house->clients, from, &s->idle, &client);
	crowd_look(s->house);
	if (answer != CLIENTS_IN)
		refuse(s, fd, from, answer);
	else
		admit(s, fd, from, client);
}

/* ---- listening ---- */

/* As many as conf says, so not of one that is gone, whose conf may be, too. */
static struct listener **
listeners_of(const struct service *s)
{
	return (struct listener **)(void *)(s->members + s->conf->n_lines);
}

struct listener *
service_listener(const struct service *s, size_t i)
{
	return listeners_of(s)[i];
}

struct listening
service_listening(struct service *s, struct service *live)
{
	return (struct listening){ LISTENING_CLIENTS, s->conf->name, s->conf->listen, listeners_of(s),
		s->conf->n_listen, on_client, live };
}

void
service_prepare(const struct service *s)
{
	const struct conf_keepalive *k = &s->conf->rules->keepalive;
	const struct transport_keepalive keepalive = { k->idle, k->interval, k->probes };
	size_t i;

	for (i = 0; i < s->conf->n_listen; i++)
		if (service_listener(s, i) != NULL)
			transport_prepare(listener_fd(service_listener(s, i)), &keepalive);
}

int
service_listen(struct service *s)
{
	const struct listening all = service_listening(s, s);

	if (listening_open(&all, s->house->sessions.loop) != 0)
		return -1;
	service_prepare(s);
	return 0;
}

void
service_stop_listening(struct service *s)
{
	struct listening all;

	if (s->gone || s->members == NULL)
		return;
	all = service_listening(s, s);
	listening_close(&all);
}

/* ---- life ---- */

/* Members and listeners in one piece of memory, which is freed as `members`. */
static bool
make_room(struct service *s)
{
	size_t n_lines = s->conf->n_lines, n_listen = s->conf->n_listen;

	s->members = calloc(1, n_lines * sizeof *s->members + n_listen * sizeof(struct listener *));
	return s->members != NULL;
}

struct service *
service_new(struct house *house, const struct conf_service *conf, struct line *const *all)
{
	struct service *s = calloc(1, sizeof *s);
	size_t i;

	if (s != NULL) {
		s->house = house;
		s->conf = conf;
	}
	if (s == NULL || !make_room(s)) {
		log_error("no memory: event=no-memory service=%s", conf->name);
		service_free(s);
		return NULL;
	}
	for (i = 0; i < conf->n_lines; i++)
		s->members[i].line = line_seat(all[conf->lines[i]]);
	return s;
}

size_t
service_n_lines(const struct service *s)
{
	return s->gone ? 0 : s->conf->n_lines;
}

struct line *
service_line(const struct service *s, size_t i)
{
	return line_of_seat(s->members[i].line);
}

void
service_free(struct service *s)
{
	if (s == NULL)
		return;
	service_stop_listening(s);
	free(s->members);
	free(s);
}

/* ---- a reload ---- */

void
service_exchange(struct service *live, struct service *made)
{
	struct service was = *live;

	live->conf = made->conf;
	live->members = made->members;
	made->conf = was.conf;
	made->members = was.members;
}

void
service_forget(struct service *s)
{
	struct service **at = &s->house->gone;

	while (*at != NULL && *at != s)
		at = &(*at)->next_gone;
	if (*at == s)
		*at = s->next_gone;
	service_free(s);
}

void
service_retire(struct service *s)
{
	service_stop_listening(s);
	s->gone = true; /* its lines may go before its last session does, and its conf */
	if (s->sessions == 0) {
		service_free(s);
		return;
	}
	s->next_gone = s->house->gone;
	s->house->gone = s;
}
