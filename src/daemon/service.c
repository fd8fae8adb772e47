/*
 * A service: who connects, and how it listens, see service.h.
 */
#include "daemon/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/listener.h"
#include "io/log.h"

#define TURNED_AWAY_QUIET 1000 /* ms between two log lines about clients that were turned away */

/* Says why somebody was closed without a byte; a flood of them makes one line a second. */
static void
turn_away(struct service *s, int fd, const struct sockaddr *from, const char *why)
{
	struct session_house *h = s->house;
	msec_t now = loop_now(h->loop);
	char who[TEXT_ADDRESS];

	close(fd);
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
	if (!acl_allows(s->conf->allow, from)) {
		turn_away(s, fd, from, "not allowed");
		return;
	}
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

/* Returns 0, also where an optional address does not exist here; -1 after logging. */
static int
listen_on(struct service *s, const struct conf_listen *where)
{
	const struct sockaddr *sa = (const struct sockaddr *)&where->address;
	struct listener *l = listener_new(s->house->loop, sa, where->length, on_client, s);
	char text[TEXT_ADDRESS];

	if (l == NULL) {
		if (where->optional && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT))
			return 0;
		log_error("cannot listen: event=listen-failed service=%s address=%s error=\"%s\"",
		    s->conf->name, text_address(text, sa, 1), strerror(errno));
		return -1;
	}
	s->listeners[s->n_listeners++] = l;
	log_listener(s, l);
	return 0;
}

int
service_listen(struct service *s)
{
	size_t i;

	for (i = 0; i < s->conf->n_listen; i++)
		if (listen_on(s, &s->conf->listen[i]) != 0)
			return -1;
	if (s->conf->n_listen > 0 && s->n_listeners == 0) {
		log_error("no address to listen on exists here: event=listen-failed service=%s",
		    s->conf->name);
		return -1;
	}
	return 0;
}

void
service_stop_listening(struct service *s)
{
	while (s->n_listeners > 0)
		listener_free(s->listeners[--s->n_listeners]);
}

/* ---- life ---- */

struct service *
service_new(struct session_house *house, const struct conf_service *conf, struct line *const *all)
{
	struct service *s = calloc(1, sizeof *s);
	size_t i;

	if (s != NULL) {
		s->house = house;
		s->conf = conf;
		s->members = calloc(conf->n_lines, sizeof *s->members);
		s->lines = calloc(conf->n_lines, sizeof *s->lines);
		s->listeners = calloc(conf->n_listen + 1, sizeof *s->listeners);
	}
	if (s == NULL || s->members == NULL || s->lines == NULL || s->listeners == NULL) {
		log_error("no memory: event=no-memory service=%s", conf->name);
		service_free(s);
		return NULL;
	}
	s->n_lines = conf->n_lines;
	for (i = 0; i < s->n_lines; i++)
		s->lines[i] = all[conf->lines[i]];
	return s;
}

void
service_free(struct service *s)
{
	if (s == NULL)
		return;
	service_stop_listening(s);
	free(s->members);
	free(s->lines);
	free(s->listeners);
	free(s);
}
