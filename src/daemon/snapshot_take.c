/*
 * Takes a snapshot of the daemon, see snapshot_take.h.
 */
#include "daemon/snapshot_take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/clients.h"
#include "daemon/daemon_parts.h"
#include "daemon/claimlog.h"
#include "io/listener.h"
#include "io/log.h"

/* What is handed out of one piece of memory, whose size was computed before. */
struct piece {
	char *next;
};

#define ALIGN 16

static size_t
rounded(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static void *
give(struct piece *p, size_t n)
{
	void *given = p->next;

	p->next += rounded(n);
	return given;
}

static size_t
size_of_service(const struct service *s)
{
	return rounded(s->conf->n_lines * sizeof(size_t)) +
	    rounded(s->conf->n_listen * (TEXT_ADDRESS + 1) + 1) +
	    rounded(arbiter_service_waiting(&s->seat) * sizeof(struct snapshot_waiter));
}

static size_t
size_of(const struct daemon *d)
{
	size_t n = rounded(d->conf->n_lines * sizeof(struct snapshot_line)) +
	    d->conf->n_lines * rounded(SETTINGS_TEXT) +
	    rounded(d->conf->n_services * sizeof(struct snapshot_service)) +
	    rounded(CLAIMLOG_RECENT * sizeof(struct snapshot_record));
	size_t i;

	for (i = 0; i < d->conf->n_services; i++)
		n += size_of_service(d->services[i]);
	return n;
}

/* ---- texts: of others, who go on changing them ---- */

static void
own(struct copies *c, const char **text)
{
	*text = copies_add(c, *text);
}

static void
own_line(struct copies *c, struct snapshot_line *l)
{
	own(c, &l->name);
	own(c, &l->device);
	own(c, &l->reason);
	if (!l->owner.present)
		return;
	own(c, &l->owner.who);
	own(c, &l->owner.service);
	own(c, &l->owner.number);
	own(c, &l->owner.result);
}

static void
own_record(struct copies *c, struct snapshot_record *r)
{
	own(c, &r->line);
	own(c, &r->service);
	own(c, &r->who);
	own(c, &r->number);
	own(c, &r->result);
	own(c, &r->why);
}

/* ---- lines ---- */

static void
take_line(struct line *line, struct piece *p, struct copies *c, struct snapshot_line *to)
{
	const struct arbiter_line *seat = line_seat(line);

	line_snapshot(line, give(p, SETTINGS_TEXT), to);
	to->waiting = arbiter_line_waiting(seat);
	if (seat->owner != NULL) {
		session_snapshot_owner(session_of_seat(seat->owner), &to->owner);
		to->from_clients += to->owner.from_client;
		to->to_clients += to->owner.to_client;
	}
	own_line(c, to);
	line_look_at_lamps(line);
}

/* ---- services ---- */

static const char *
addresses(const struct service *s, struct piece *p)
{
	char *text = give(p, s->conf->n_listen * (TEXT_ADDRESS + 1) + 1), one[TEXT_ADDRESS];
	struct sockaddr_storage sa;
	size_t i, n = 0;
	socklen_t len;

	text[0] = '\0';
	for (i = 0; i < s->conf->n_listen; i++) {
		if (service_listener(s, i) == NULL)
			continue;
		listener_address(service_listener(s, i), &sa, &len);
		text_address(one, (struct sockaddr *)&sa, 1);
		n += (size_t)sprintf(text + n, "%s%s", n > 0 ? " " : "", one);
	}
	return text;
}

static void
take_waiters(const struct service *s, struct piece *p, struct copies *c, struct snapshot_service *to)
{
	size_t n = arbiter_service_waiting(&s->seat), i = 0;
	struct snapshot_waiter *w = give(p, n * sizeof *w);
	struct arbiter_client *waiter;

	TAILQ_FOREACH(waiter, &s->seat.queue, entry)
		if (i < n) {
			session_snapshot_waiter(session_of_seat(waiter), &w[i]);
			own(c, &w[i++].who);
		}
	to->waiters = w;
	to->n_waiters = i;
}

static void
take_service(const struct service *s, struct piece *p, struct copies *c, struct snapshot_service *to)
{
	size_t n = s->conf->n_lines, *lines = give(p, n * sizeof *lines);

	memcpy(lines, s->conf->lines, n * sizeof *lines);
	*to = (struct snapshot_service){
		.name = copies_add(c, s->conf->name), .listen = addresses(s, p),
		.protocol = s->conf->rules->protocol == CONF_RAW ? "raw" : "telnet",
		.lines = lines, .n_lines = n,
		.claims = s->claims, .refusals = s->refusals,
	};
	take_waiters(s, p, c, to);
}

/* ---- all ---- */

static void
take_house(struct daemon *d, struct snapshot *s)
{
	s->version = PACKAGE_VERSION;
	s->now = loop_wall();
	s->started = d->started;
	s->draining = d->house.sessions.draining;
	s->clients = clients_count(d->house.clients);
	s->max_clients = clients_max(d->house.clients);
	s->accepted = d->house.accepted;
	s->turned_away = d->house.turned_away;
	s->loop_turns = loop_turns(d->loop);
	s->log_lines_lost = log_lost();
}

static void
take_recent(struct daemon *d, struct copies *c, struct snapshot_record *recent, size_t *n)
{
	size_t i;

	*n = claimlog_recent(d->house.claimlog, recent);
	for (i = 0; i < *n; i++)
		own_record(c, &recent[i]);
}

int
snapshot_take(struct snapshot_taken *p, struct daemon *d)
{
	size_t i, n_lines = d->conf->n_lines, n_services = d->conf->n_services;
	struct snapshot_record *recent;
	struct snapshot_service *services;
	struct snapshot_line *lines;
	struct piece piece;

	broker_settle(d->house.broker); /* what was decided in this very turn is true, for line and client alike */
	*p = (struct snapshot_taken){ .memory = malloc(size_of(d) + 1) };
	if (p->memory == NULL)
		return -1;
	piece.next = p->memory;
	lines = give(&piece, n_lines * sizeof *lines);
	services = give(&piece, n_services * sizeof *services);
	recent = give(&piece, CLAIMLOG_RECENT * sizeof *recent);
	for (i = 0; i < n_lines; i++)
		take_line(d->lines[i], &piece, &p->copies, &lines[i]);
	for (i = 0; i < n_services; i++)
		take_service(d->services[i], &piece, &p->copies, &services[i]);
	take_house(d, &p->snapshot);
	p->snapshot.lines = lines;
	p->snapshot.n_lines = n_lines;
	p->snapshot.services = services;
	p->snapshot.n_services = n_services;
	p->snapshot.recent = recent;
	take_recent(d, &p->copies, recent, &p->snapshot.n_recent);
	if (!p->copies.failed)
		return 0;
	snapshot_taken_free(p);
	return -1;
}

void
snapshot_taken_free(struct snapshot_taken *p)
{
	copies_free(&p->copies);
	free(p->memory);
}
