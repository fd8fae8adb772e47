/*
 * A reload, see daemon_reload.h: first everything new is made, which may fail; then it is put in place,
 * which may not: but see session_reload().
 */
#include "daemon/daemon_reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clients.h"
#include "daemon/conffile.h"
#include "daemon/crowd.h"
#include "daemon/daemon_parts.h"
#include "daemon/generation.h"
#include "daemon/listening.h"
#include "io/control.h"
#include "io/history.h"
#include "io/log.h"
#include "conf/diff.h"

#define WARNINGS 220 /* bytes of an answer, beside what needs a restart */

/* What the daemon is to be, index by index as the new configuration has it. */
struct plan {
	struct daemon *d;
	struct conf *conf;
	struct generation *generation;
	size_t *old_lines, *old_services; /* of each, its index in the old one, by name, or CONF_ABSENT */
	size_t *new_lines;         /* of each old one, its index here */
	struct line **lines;       /* those that stay, and new ones */
	struct service **made;     /* a new one for each, to be put in place or exchanged */
	struct service **live;     /* what stays instead, or NULL */
	struct service **services; /* room for the one or the other */
	struct answering **answering; /* a new one for each line that has one */
	struct listening_change listening;
	size_t max_clients;        /* that there will be places for */
	char error[512];
};

/* ---- the plan ---- */

/* The one of its name, or NULL. */
static struct line *
old_line(const struct plan *p, size_t i)
{
	return p->old_lines[i] != CONF_ABSENT ? p->d->lines[p->old_lines[i]] : NULL;
}

static struct line *
line_that_stays(const struct plan *p, size_t i)
{
	struct line *line = old_line(p, i);
	struct conf_diff diff;

	if (line == NULL ||
	    (conf_diff_line(line_conf(line), &p->conf->lines[i], &diff) & CONF_RELOAD_ENDS) != 0)
		return NULL;
	return line;
}

/* A door for callers of its own for each line that has one: it takes over the listeners that stay. */
static bool
plan_answering(struct plan *p, size_t i)
{
	const struct conf_line *conf = &p->conf->lines[i];

	if (conf->setup->n_answer == 0)
		return true;
	p->answering[i] = answering_new(p->d->loop, conf, p->lines[i]);
	if (p->answering[i] == NULL)
		snprintf(p->error, sizeof p->error, "no memory for line \"%.32s\"", conf->name);
	return p->answering[i] != NULL;
}

/* Lines and listeners that come take places of clients. */
static bool
plan_places(struct plan *p)
{
	struct places places;

	daemon_places(p->d, p->conf, &places);
	p->max_clients = places_clients(&places);
	if (places_left(&places) < 1)
		snprintf(p->error, sizeof p->error, "%zu descriptors are too few; expected at least %zu",
		    places.descriptors, places_needed(&places));
	return places_left(&places) >= 1;
}

static bool
plan_lines(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->conf->n_lines; i++) {
		p->lines[i] = line_that_stays(p, i);
		if (p->lines[i] == NULL)
			p->lines[i] = daemon_new_line(p->d, &p->conf->lines[i]);
		if (p->lines[i] == NULL) {
			snprintf(p->error, sizeof p->error, "no memory for line \"%.32s\"",
			    p->conf->lines[i].name);
			return false;
		}
		if (!plan_answering(p, i))
			return false;
	}
	return true;
}

/* Index by index of the old one: what is in the place of a line, or NULL; it stays if it is the same. */
static struct line *
new_line(const struct plan *p, size_t i)
{
	return p->new_lines[i] != CONF_ABSENT ? p->lines[p->new_lines[i]] : NULL;
}

static bool
plan_ends(struct plan *p)
{
	struct line *line;
	size_t i;

	for (i = 0; i < p->d->conf->n_lines; i++) {
		line = p->d->lines[i];
		if (new_line(p, i) == line || line_may_retire(line))
			continue;
		snprintf(p->error, sizeof p->error, "no memory to end line \"%.32s\"", line_conf(line)->name);
		return false;
	}
	return true;
}

static bool
plan_services(struct plan *p)
{
	struct daemon *d = p->d;
	size_t i;

	for (i = 0; i < p->conf->n_services; i++) {
		if (p->old_services[i] != CONF_ABSENT)
			p->live[i] = d->services[p->old_services[i]];
		p->made[i] = service_new(&d->house, &p->conf->services[i], p->lines);
		if (p->made[i] == NULL) {
			snprintf(p->error, sizeof p->error, "no memory for service \"%.32s\"",
			    p->conf->services[i].name);
			return false;
		}
	}
	return true;
}

/* What listens in a daemon of this configuration, into all; returns how many. */
static size_t
gather(const struct conf *conf, struct service *const *services, struct service *const *live,
    struct answering *const *answering, struct listening *all)
{
	size_t i, n = 0;

	for (i = 0; i < conf->n_services; i++)
		all[n++] = service_listening(services[i], live[i] != NULL ? live[i] : services[i]);
	for (i = 0; i < conf->n_lines; i++)
		if (answering[i] != NULL)
			all[n++] = answering_listening(answering[i]);
	return n;
}

static size_t
count_listeners(const struct listening *all, size_t n)
{
	size_t i, sum = 0;

	for (i = 0; i < n; i++)
		sum += all[i].n;
	return sum;
}

/* After all else: from here on clients of what is new may come, and wait. */
static bool
plan_listening(struct plan *p)
{
	struct listening_change *c = &p->listening;
	struct daemon *d = p->d;

	c->old = calloc(d->conf->n_services + d->conf->n_lines + 1, sizeof *c->old);
	c->new = calloc(p->conf->n_services + p->conf->n_lines + 1, sizeof *c->new);
	if (c->old != NULL)
		c->n_old = gather(d->conf, d->services, d->services, d->answering, c->old);
	c->leaving = calloc(count_listeners(c->old, c->n_old) + 1, sizeof *c->leaving);
	if (c->old == NULL || c->new == NULL || c->leaving == NULL) {
		snprintf(p->error, sizeof p->error, "no memory");
		return false;
	}
	c->n_new = gather(p->conf, p->made, p->live, p->answering, c->new);
	clients_make_room(d->house.clients, p->max_clients); /* listeners want their descriptors now */
	return listening_plan(c, d->loop, p->error, sizeof p->error) == 0;
}

static bool
plan_memory(struct plan *p)
{
	p->lines = calloc(p->conf->n_lines, sizeof *p->lines);
	p->made = calloc(p->conf->n_services + 1, sizeof *p->made);
	p->live = calloc(p->conf->n_services + 1, sizeof *p->live);
	p->services = calloc(p->conf->n_services + 1, sizeof *p->services);
	p->answering = calloc(p->conf->n_lines, sizeof *p->answering);
	p->old_lines = conf_match_lines(p->conf, p->d->conf);
	p->old_services = conf_match_services(p->conf, p->d->conf);
	p->new_lines = conf_match_lines(p->d->conf, p->conf);
	p->generation = generation_new(p->conf, p->d->house.generation);
	if (p->old_lines != NULL && p->old_services != NULL && p->new_lines != NULL &&
	    p->lines != NULL && p->made != NULL && p->live != NULL && p->services != NULL &&
	    p->answering != NULL && p->generation != NULL)
		return true;
	snprintf(p->error, sizeof p->error, "no memory");
	return false;
}

/* What only the plan needed. */
static void
free_plan(struct plan *p)
{
	free(p->old_lines);
	free(p->old_services);
	free(p->new_lines);
	free(p->made);
	free(p->live);
	free(p->listening.old);
	free(p->listening.new);
	free(p->listening.leaving);
}

static void
give_up(struct plan *p)
{
	size_t i, n_services = p->generation != NULL ? p->conf->n_services : 0;
	size_t n_lines = p->generation != NULL ? p->conf->n_lines : 0;

	listening_give_up(&p->listening);
	/* Without a generation there is no conf any more, and nothing was made. */
	for (i = 0; p->made != NULL && i < n_services; i++)
		service_free(p->made[i]);
	for (i = 0; p->answering != NULL && i < n_lines; i++)
		answering_free(p->answering[i]);
	for (i = 0; p->lines != NULL && i < n_lines; i++)
		if (p->lines[i] != NULL && old_line(p, i) != p->lines[i])
			line_free(p->lines[i]);
	free_plan(p);
	free(p->lines);
	free(p->services);
	free(p->answering);
	if (p->generation != NULL)
		conf_free(p->conf);
	free(p->generation);
}

/* ---- putting it in place ---- */

/* The old lines end after they have left all services, so that nobody is granted one meanwhile. */
static void
place_services(struct plan *p)
{
	struct daemon *d = p->d;
	struct service *live, *made;
	size_t i;

	for (i = 0; i < p->conf->n_services; i++) {
		made = p->made[i];
		live = p->live[i];
		d->services[i] = live != NULL ? live : made;
		service_prepare(made);
		if (live == NULL) {
			broker_add(d->house.broker, made);
			continue;
		}
		service_exchange(live, made);
		broker_change(d->house.broker, live);
		service_free(made); /* with what was the live one's */
	}
}

static bool
is_served(const struct plan *p, const struct service *s)
{
	size_t i;

	for (i = 0; i < p->conf->n_services; i++)
		if (p->d->services[i] == s)
			return true;
	return false;
}

static void
retire_services(struct plan *p, struct service **old, size_t n_old)
{
	size_t i;

	for (i = 0; i < n_old; i++)
		if (!is_served(p, old[i])) {
			broker_remove(p->d->house.broker, old[i]);
			service_retire(old[i]);
		}
}

static const struct conf_service *
service_now(const struct session *s)
{
	const struct service *service = session_place(s)->service;

	return service->gone ? NULL : service->conf;
}

static void
tell_sessions(struct plan *p)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&p->d->house.sessions.all); s != NULL; s = next) {
		next = session_next(s);
		session_reload(s, p->conf, service_now(s));
	}
}

static void
end_line(struct plan *p, struct line *line, struct line *successor)
{
	struct session *s, *next;

	log_info("line ends by a new configuration: event=line-removed line=%s", line_conf(line)->name);
	for (s = TAILQ_FIRST(&p->d->house.sessions.all); s != NULL; s = next) {
		next = session_next(s);
		session_forget_line(s, line, p->d->lines[0]);
	}
	if (p->d->control != NULL)
		control_forget_line(p->d->control, line_conf(line)->name, loop_wall(),
		    "the line was taken out of the configuration, or changed");
	p->generation->next->sessions++; /* the line goes by its old configuration until its port is closed */
	line_retire(line, successor, p->generation->next);
}

/* Lines that stay go by their new configuration, those that do not are closed, new ones begin. */
static void
place_lines(struct plan *p, struct line **old, const struct conf *before)
{
	struct daemon *d = p->d;
	struct conf_diff diff;
	size_t i, k;

	for (i = 0; i < p->conf->n_lines; i++)
		if (line_conf(p->lines[i]) != &p->conf->lines[i])
			line_change(p->lines[i], &p->conf->lines[i],
			    conf_diff_line(line_conf(p->lines[i]), &p->conf->lines[i], &diff));
	for (i = 0; i < before->n_lines; i++) {
		if (new_line(p, i) == old[i])
			continue;
		end_line(p, old[i], new_line(p, i));
		if (new_line(p, i) != NULL)
			d->open_lines++;
	}
	for (k = 0; k < p->conf->n_lines; k++)
		if (!line_has_begun(p->lines[k]) && !line_succeeds(p->lines[k])) {
			d->open_lines++;
			line_start(p->lines[k]);
		}
}

static void
place_globals(struct plan *p)
{
	struct daemon *d = p->d;
	const struct history_keep keep = daemon_history_keep(p->conf);

	if (!d->debug)
		log_set_level((enum log_level)p->conf->log_level);
	clients_limits(d->house.clients, p->max_clients, p->conf->max_clients_per_address);
	crowd_look(&d->house);
	if (d->history == NULL)
		return;
	history_set_keep(d->history, &keep);
	history_retry(d->history); /* who has mended its directory reloads to have it tried at once */
}

static void
place(struct plan *p)
{
	struct daemon *d = p->d;
	struct service **services = d->services;
	struct line **lines = d->lines;
	struct answering **answering = d->answering;
	const struct conf *before = d->conf;
	struct generation *old = d->house.generation;
	size_t i;

	old->sessions++; /* ours: lines that end below leave it, perhaps as the last */
	d->lines = p->lines;
	d->services = p->services;
	d->answering = p->answering;
	d->conf = p->conf;
	d->house.generation = p->generation;
	listening_place(&p->listening);
	place_services(p);
	retire_services(p, services, before->n_services);
	tell_sessions(p);
	for (i = 0; i < before->n_lines; i++)
		answering_free(answering[i]);
	place_lines(p, lines, before);
	place_globals(p);
	listening_leave(&p->listening);
	free(services);
	free(lines);
	free(answering);
	free_plan(p);
	generation_leave(&d->house, old);
}

/* ---- telling ---- */

/* The report is lines; an answer is one. */
static void
join_lines(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	for (; *text != '\0'; text++)
		if (*text == '\n')
			*text = ';';
}

/* Whole ones, as many as there is room for in an answer. */
static void
shorten(char *warnings)
{
	static const char more[] = "; more in the log";
	char *end;

	if (strlen(warnings) <= WARNINGS)
		return;
	warnings[WARNINGS - (sizeof more - 1)] = '\0';
	end = strrchr(warnings, ';');
	strcpy(end != NULL ? end : strchr(warnings, '\0'), more);
}

static void
done(struct daemon *d, char *warnings)
{
	char names[256] = "", text[CTLMSG_ERROR];
	struct conf_diff diff;

	if ((conf_diff_globals(generation_first(&d->house), d->conf, &diff) & CONF_RELOAD_RESTART) != 0)
		conf_diff_describe(names, sizeof names, &diff, CONF_RELOAD_RESTART);
	log_info("a new configuration: event=reload lines=%zu services=%zu restart-needed=\"%s\"",
	    d->conf->n_lines, d->conf->n_services, names);
	shorten(warnings);
	snprintf(text, sizeof text, "%s%s%s%s", names[0] != '\0' ? "restart needed: " : "", names,
	    names[0] != '\0' && warnings[0] != '\0' ? "; " : "", warnings);
	reloading_done(&d->reloading, text[0] != '\0' ? text : NULL);
	house_changed(&d->house);
}

/* ---- from asking to the answer ---- */

static void
carry_out(struct daemon *d, struct conf *conf, struct conf_report *warnings)
{
	struct plan p = { .d = d, .conf = conf };

	broker_settle(d->house.broker);
	if (!plan_memory(&p) || !plan_places(&p) || !plan_lines(&p) || !plan_ends(&p) || !plan_services(&p) ||
	    !plan_listening(&p)) {
		give_up(&p);
		reloading_refuse(&d->reloading, p.error);
		return;
	}
	place(&p);
	conffile_log(warnings);
	join_lines(warnings->text);
	done(d, warnings->text);
}

static void on_read(void *ctx, struct conf *, struct conf_report *);

/* False, with the report: it did not begin. */
static bool
start_reading(struct daemon *d, struct conf_report *report)
{
	struct reloading *r = &d->reloading;

	if (r->reader == NULL)
		r->reader = confread_new(d->loop, d->file, on_read, d);
	if (r->reader != NULL)
		return confread_begin(r->reader, report);
	snprintf(report->text, sizeof report->text, "no memory");
	return false;
}

/* Whoever is answered may ask again at once. */
static void
begin(struct daemon *d)
{
	static struct conf_report report;
	struct reloading *r = &d->reloading;

	do {
		reloading_turn(r);
		r->state = RELOADING_READS;
		if (start_reading(d, &report))
			return;
		join_lines(report.text);
		reloading_refuse(r, report.text);
		r->state = RELOADING_NOT;
	} while (r->again);
}

/* Whoever asked while the file was read may have written it meanwhile: then it is read once more. */
static void
on_read(void *ctx, struct conf *conf, struct conf_report *report)
{
	struct daemon *d = ctx;

	if (conf != NULL) {
		carry_out(d, conf, report);
	} else {
		join_lines(report->text);
		reloading_refuse(&d->reloading, report->text);
	}
	d->reloading.state = RELOADING_NOT;
	if (d->reloading.again)
		begin(d);
}

void
daemon_reload(struct daemon *d, struct control_call *call)
{
	if (!reloading_ask(&d->reloading, call))
		return;
	if (d->shutting)
		reloading_end(&d->reloading);
	else if (d->reloading.state == RELOADING_NOT)
		begin(d);
}

void
daemon_hup(struct daemon *d)
{
	daemon_reload(d, NULL);
}
