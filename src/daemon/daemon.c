/*
 * The daemon as a whole, see daemon.h.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/answering.h"
#include "daemon/broker.h"
#include "daemon/clients.h"
#include "daemon/line.h"
#include "daemon/session.h"
#include "io/listener.h"
#include "io/log.h"

#define TURNED_AWAY_QUIET 1000 /* ms between two log lines about clients that were turned away */

struct service {
	struct daemon *daemon;
	const struct conf_service *conf;
	struct line *line;
	struct listener **listeners;
	size_t n_listeners;
};

struct daemon {
	struct loop *loop;
	const struct conf *conf;
	struct exchange *exchange;
	struct clients *clients;
	struct session_house house;
	struct line **lines;
	struct service *services;
	struct answering **answering; /* of each line, or NULL */
	struct loop_timer *deadline;
	size_t open_lines; /* begun and not closed for good */
	msec_t quiet;      /* no further log line about turned-away clients until then */
	unsigned turned_away;
	bool shutting;
};

/* ---- clients ---- */

/* Says why somebody was closed without a byte; a flood of them makes one line a second. */
static void
turn_away(struct service *s, int fd, const struct sockaddr *from, const char *why)
{
	struct daemon *d = s->daemon;
	msec_t now = loop_now(d->loop);
	char who[TEXT_ADDRESS];

	close(fd);
	if (msec_before(now, d->quiet)) {
		d->turned_away++;
		return;
	}
	log_warn("client turned away: event=turned-away service=%s client=%s why=\"%s\" unlogged=%u",
	    s->conf->name, text_address(who, from, 0), why, d->turned_away);
	d->turned_away = 0;
	d->quiet = msec_add(now, TURNED_AWAY_QUIET);
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
	client = clients_enter(s->daemon->clients, from);
	if (client == NULL) {
		turn_away(s, fd, from, "too many clients");
		return;
	}
	if (session_start(&s->daemon->house, fd, from, client, s->conf, s->line) != 0)
		log_error("no memory for a client: event=no-memory service=%s", s->conf->name);
}

/* ---- services ---- */

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
	struct listener *l = listener_new(s->daemon->loop, sa, where->length, on_client, s);
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

static int
start_service(struct daemon *d, struct service *s, const struct conf_service *conf)
{
	size_t i;

	s->daemon = d;
	s->conf = conf;
	s->line = d->lines[conf->lines[0]];
	s->listeners = calloc(conf->n_listen, sizeof *s->listeners);
	if (s->listeners == NULL && conf->n_listen > 0) {
		log_error("no memory: event=no-memory service=%s", conf->name);
		return -1;
	}
	for (i = 0; i < conf->n_listen; i++)
		if (listen_on(s, &conf->listen[i]) != 0)
			return -1;
	if (conf->n_listen > 0 && s->n_listeners == 0) {
		log_error("no address to listen on exists here: event=listen-failed service=%s",
		    conf->name);
		return -1;
	}
	broker_add_service(&d->house, s->line, conf->queue_limit);
	return 0;
}

static void
stop_listening(struct daemon *d)
{
	size_t i, k;

	for (i = 0; d->answering != NULL && i < d->conf->n_lines; i++) {
		answering_free(d->answering[i]);
		d->answering[i] = NULL;
	}
	for (i = 0; i < d->conf->n_services; i++) {
		for (k = 0; k < d->services[i].n_listeners; k++)
			listener_free(d->services[i].listeners[k]);
		d->services[i].n_listeners = 0;
	}
}

/* ---- lines ---- */

static void
on_found(void *ctx, struct line *line)
{
	(void)ctx;
	broker_line_found(line);
}

static void
on_ready(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	broker_line_ready(&d->house, line);
}

static void
on_out(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	broker_line_out(&d->house, line);
}

static void
on_closed(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	(void)line;
	if (--d->open_lines == 0)
		loop_stop(d->loop);
}

static const struct line_news line_news = {
	.found = on_found,
	.ready = on_ready,
	.out = on_out,
	.closed = on_closed,
};

static int
make_lines(struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->conf->n_lines; i++) {
		d->lines[i] = line_new(d->loop, &d->conf->lines[i], d->conf->lock_directory,
		    d->exchange, &line_news, d);
		if (d->lines[i] == NULL)
			return -1;
		broker_add_line(d->lines[i]);
	}
	return 0;
}

static int
start_answering(struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->conf->n_lines; i++) {
		if (d->conf->lines[i].n_answer == 0)
			continue;
		d->answering[i] = answering_new(d->loop, &d->conf->lines[i], d->lines[i]);
		if (d->answering[i] == NULL)
			return -1;
	}
	return 0;
}

/* ---- the beginning ---- */

static int
make_parts(struct daemon *d)
{
	d->exchange = exchange_new(d->loop);
	d->clients = clients_new(d->conf->max_clients, d->conf->max_clients_per_address);
	d->lines = calloc(d->conf->n_lines, sizeof *d->lines);
	d->answering = calloc(d->conf->n_lines, sizeof *d->answering);
	d->services = calloc(d->conf->n_services, sizeof *d->services);
	if (d->exchange == NULL || d->clients == NULL || d->lines == NULL || d->answering == NULL ||
	    (d->services == NULL && d->conf->n_services > 0) || make_lines(d) != 0) {
		log_error("no memory to start: event=no-memory");
		return -1;
	}
	return 0;
}

struct daemon *
daemon_new(struct loop *loop, const struct conf *conf)
{
	struct daemon *d = calloc(1, sizeof *d);
	size_t i;

	if (d == NULL) {
		log_error("no memory to start: event=no-memory");
		return NULL;
	}
	d->loop = loop;
	d->conf = conf;
	d->house.loop = loop;
	arbiter_init(&d->house.arbiter);
	d->quiet = loop_now(loop);
	TAILQ_INIT(&d->house.all);
	if (make_parts(d) != 0) {
		daemon_free(d);
		return NULL;
	}
	for (i = 0; i < conf->n_services; i++) {
		if (start_service(d, &d->services[i], &conf->services[i]) != 0) {
			daemon_free(d);
			return NULL;
		}
	}
	if (start_answering(d) != 0) {
		daemon_free(d);
		return NULL;
	}
	d->open_lines = conf->n_lines;
	for (i = 0; i < conf->n_lines; i++)
		line_start(d->lines[i]);
	return d;
}

/* ---- the end ---- */

static void
on_deadline(void *ctx)
{
	struct daemon *d = ctx;

	log_warn("a driver does not let go of its line: event=shutdown lines=%zu", d->open_lines);
	loop_stop(d->loop);
}

static void
shut_sessions(struct daemon *d)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&d->house.all)) != NULL)
		session_shut(s);
}

void
daemon_shut(struct daemon *d)
{
	size_t i;

	if (d->shutting)
		return;
	d->shutting = true;
	log_info("ending: event=shutdown clients=%zu", clients_count(d->clients));
	stop_listening(d);
	shut_sessions(d);
	d->deadline = loop_timer_new(d->loop, on_deadline, d);
	if (d->deadline == NULL || d->conf->n_lines == 0) {
		loop_stop(d->loop);
		return;
	}
	loop_timer_set(d->deadline, msec_add(loop_now(d->loop), DAEMON_SHUT));
	for (i = 0; i < d->conf->n_lines; i++)
		line_shut(d->lines[i]);
}

bool
daemon_stuck(const struct daemon *d)
{
	return d->open_lines > 0;
}

void
daemon_free(struct daemon *d)
{
	size_t i;

	if (d == NULL)
		return;
	if (d->services != NULL) {
		stop_listening(d);
		for (i = 0; i < d->conf->n_services; i++)
			free(d->services[i].listeners);
	}
	for (i = 0; d->lines != NULL && i < d->conf->n_lines; i++)
		line_free(d->lines[i]);
	exchange_free(d->exchange);
	clients_free(d->clients);
	loop_timer_free(d->deadline);
	free(d->lines);
	free(d->answering);
	free(d->services);
	free(d);
}
