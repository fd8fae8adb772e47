/*
 * A service: who connects, and how it listens, see service.h.
 */
#include "daemon/service_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "line/line.h"
#include "io/listener.h"
#include "io/log.h"
#include "io/transport.h"

#define TURNED_AWAY_QUIET 1000 /* ms between two log lines about clients that were turned away */

/* Says why somebody was closed without a byte; a flood of them makes one line a second. */
static void
turn_away(struct service *s, int fd, const struct sockaddr *from, const char *why)
{
	struct session_house *h = s->house;
	msec_t now = loop_now(h->loop);
	char who[TEXT_ADDRESS];

	close(fd);
	h->turned_away_ever++;
	if (msec_before(now, h->quiet)) {
		h->turned_away++;
		return;
	}
	log_warn("client turned away: event=turned-away service=%s client=%s why=\"%s\" unlogged=%u",
	    s->conf->name, text_address(who, from, 0), why, h->turned_away);
	h->turned_away = 0;
	h->quiet = msec_add(now, TURNED_AWAY_QUIET);
}

static void
on_client(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	struct service *s = ctx;
	struct client *client;

	(void)len;
	if (!acl_allows(s->conf->rules->allow, from)) {
		turn_away(s, fd, from, "not allowed");
		return;
	}
	s->house->accepted++;
	client = clients_enter(s->house->clients, from);
	if (client == NULL) {
		turn_away(s, fd, from, "too many clients");
		return;
	}
	if (session_start(s->house, fd, from, client, s) != 0)
		log_error("no memory for a client: event=no-memory service=%s", s->conf->name);
}

/* ---- listening ---- */

static void
log_listener(const struct service *s, const struct listener *l)
{
	struct sockaddr_storage sa;
	char text[TEXT_ADDRESS];
	socklen_t len;

	listener_address(l, &sa, &len);
	log_info("listening: event=listen service=%s address=%s", s->conf->name,
	    text_address(text, (struct sockaddr *)&sa, 1));
}

void
service_prepare(const struct service *s, struct listener *l)
{
	const struct conf_keepalive *k = &s->conf->rules->keepalive;
	const struct transport_keepalive keepalive = { k->idle, k->interval, k->probes };

	transport_prepare(listener_fd(l), &keepalive);
}

int
service_listen_on(struct service *s, const struct conf_listen *where, struct service *live)
{
	const struct sockaddr *sa = &where->address.sa;
	struct listener *l = listener_new(s->house->loop, sa, where->length, on_client, live);

	if (l == NULL)
		return where->optional && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT) ? 0 : -1;
	service_prepare(s, l);
	s->listeners[where - s->conf->listen] = l;
	log_listener(s, l);
	return 0;
}

int
service_listen(struct service *s)
{
	char text[TEXT_ADDRESS];
	size_t i, n = 0;

	for (i = 0; i < s->conf->n_listen; i++) {
		if (service_listen_on(s, &s->conf->listen[i], s) == 0) {
			n += s->listeners[i] != NULL;
			continue;
		}
		log_error("cannot listen: event=listen-failed service=%s address=%s error=\"%s\"",
		    s->conf->name,
		    text_address(text, &s->conf->listen[i].address.sa, 1),
		    strerror(errno));
		return -1;
	}
	if (s->conf->n_listen > 0 && n == 0) {
		log_error("no address to listen on exists here: event=listen-failed service=%s",
		    s->conf->name);
		return -1;
	}
	return 0;
}

void
service_stop_listening(struct service *s)
{
	size_t i;

	for (i = 0; s->listeners != NULL && i < s->conf->n_listen; i++) {
		listener_free(s->listeners[i]);
		s->listeners[i] = NULL;
	}
}

/* ---- life ---- */

/* All that a service has of its own in one piece, that of its members. */
static bool
make_room(struct service *s)
{
	size_t n_lines = s->conf->n_lines, n_listen = s->conf->n_listen;
	char *room = calloc(1, n_lines * sizeof *s->members + n_listen * sizeof *s->listeners);

	if (room == NULL)
		return false;
	s->members = (struct arbiter_member *)(void *)room;
	s->listeners = (struct listener **)(void *)(s->members + n_lines);
	return true;
}

struct service *
service_new(struct session_house *house, const struct conf_service *conf, struct line *const *all)
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
