/*
 * The daemon as a whole, see daemon.h.
 */
#include "daemon/daemon_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/clients.h"
#include "daemon/crowd.h"
#include "daemon/descriptors.h"
#include "daemon/generation.h"
#include "daemon/identity.h"
#include "daemon/memory.h"
#include "daemon/claimlog.h"
#include "io/control.h"
#include "io/dirwatch.h"
#include "io/log.h"
#include "ports/serial.h"

#define TIDY 100 /* ms from the last line that has started until memory is given back */

static void
stop_listening(struct daemon *d)
{
	size_t i;

	for (i = 0; d->answering != NULL && i < d->conf->n_lines; i++) {
		answering_free(d->answering[i]);
		d->answering[i] = NULL;
	}
	for (i = 0; d->services != NULL && i < d->conf->n_services; i++)
		if (d->services[i] != NULL)
			service_stop_listening(d->services[i]);
}

/* ---- lines ---- */

static void
on_found(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	broker_line_found(d->house.broker, line);
}

/* Opening all devices at once has used memory that nothing will need again; the workers have ended, too. */
static void
on_tidy(void *ctx)
{
	(void)ctx;
	memory_give_back();
}

static void
count_started(struct daemon *d)
{
	if (d->starting > 0 && --d->starting == 0)
		loop_timer_set(&d->tidy, msec_add(loop_now(d->loop), TIDY));
}

static void
on_ready(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	count_started(d);
	broker_line_ready(d->house.broker, line);
	daemon_look_if_empty(d);
}

static void
on_unready(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	broker_line_unready(d->house.broker, line);
}

static void
on_rests(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	broker_line_rests(d->house.broker, line);
}

static void
on_out(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	count_started(d);
	broker_line_out(d->house.broker, line);
	daemon_look_if_empty(d);
}

static void
on_passed(void *ctx, struct line *line, bool from_client, const uint8_t *b, size_t n)
{
	struct daemon *d = ctx;

	if (d->control != NULL)
		control_data(d->control, line_conf(line)->name, from_client, loop_wall(), b, n);
}

static void
on_changed(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	house_changed(&d->house);
	if (d->control != NULL)
		control_note(d->control, line_conf(line)->name, loop_wall(), snapshot_state_word(line_shown(line)));
}

static void
on_altered(void *ctx, struct line *line)
{
	(void)line;
	daemon_redraw(ctx);
}

static void
on_closed(void *ctx, struct line *line)
{
	struct daemon *d = ctx;

	d->open_lines--;
	if (line_retired(line)) {
		generation_leave(&d->house, line_generation(line));
		line_bury(line);
	}
	if (d->shutting && d->open_lines == 0)
		loop_stop(d->loop);
}

static struct generation *
on_hold(void *ctx)
{
	struct daemon *d = ctx;

	d->house.generation->sessions++;
	return d->house.generation;
}

static void
on_let_go(void *ctx, struct generation *g)
{
	struct daemon *d = ctx;

	generation_leave(&d->house, g);
}

static const struct line_news line_news = {
	.found = on_found,
	.ready = on_ready,
	.unready = on_unready,
	.rests = on_rests,
	.out = on_out,
	.closed = on_closed,
	.passed = on_passed,
	.changed = on_changed,
	.altered = on_altered,
	.hold = on_hold,
	.let_go = on_let_go,
};

struct line *
daemon_new_line(struct daemon *d, const struct conf_line *conf)
{
	return line_new(&d->line_house, conf);
}

static int
make_lines(struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->conf->n_lines; i++) {
		d->lines[i] = daemon_new_line(d, &d->conf->lines[i]);
		if (d->lines[i] == NULL)
			return -1;
	}
	return 0;
}

static int
start_answering(struct daemon *d)
{
	struct listening all;
	size_t i;

	for (i = 0; i < d->conf->n_lines; i++) {
		if (d->conf->lines[i].setup->n_answer == 0)
			continue;
		d->answering[i] = answering_new(d->loop, &d->conf->lines[i], d->lines[i]);
		if (d->answering[i] == NULL)
			return -1;
		all = answering_listening(d->answering[i]);
		if (listening_open(&all, d->loop) != 0)
			return -1;
	}
	return 0;
}

/* ---- the beginning ---- */

static void
watch_directories(struct daemon *d)
{
	d->line_house.watch = dirwatch_new(d->loop);
	if (d->line_house.watch == NULL)
		log_warn("devices and locks are looked for now and then only: event=no-inotify error=\"%s\"",
		    strerror(errno));
}

void
daemon_places(const struct daemon *d, const struct conf *conf, struct places *p)
{
	places_of(conf, generation_first(&d->house), descriptors_limit(), p);
}

static int
make_parts(struct daemon *d)
{
	const struct conf *conf = d->conf;
	struct places places;

	daemon_places(d, conf, &places);
	if (places_left(&places) < 1) {
		log_error("too few descriptors to start: event=no-descriptors limit=%zu needed=%zu",
		    places.descriptors, places_needed(&places));
		return -1;
	}
	d->house.broker = broker_new(d->loop);
	d->house.clients = clients_new(places_clients(&places), conf->max_clients_per_address,
	    crowd_yields);
	d->line_house.exchange = exchange_new(d->loop);
	d->line_house.serials = serials_new(d->loop, conf->lock_directory);
	d->lines = calloc(conf->n_lines, sizeof *d->lines);
	d->answering = calloc(conf->n_lines, sizeof *d->answering);
	d->services = calloc(conf->n_services + 1, sizeof *d->services);
	if (d->house.broker == NULL || d->house.clients == NULL || d->line_house.exchange == NULL ||
	    d->line_house.serials == NULL || d->lines == NULL || d->answering == NULL ||
	    d->services == NULL || make_lines(d) != 0) {
		log_error("no memory to start: event=no-memory");
		return -1;
	}
	return 0;
}

static int
start_services(struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->conf->n_services; i++) {
		d->services[i] = service_new(&d->house, &d->conf->services[i], d->lines);
		if (d->services[i] == NULL)
			return -1;
		broker_add(d->house.broker, d->services[i]);
		if (service_listen(d->services[i]) != 0)
			return -1;
	}
	return 0;
}

/* ---- who it is ---- */

static void
on_cannot(void *ctx, const char *what)
{
	(void)ctx;
	log_warn("the user will miss something: event=run-as-cannot what=\"%s\"", what);
}

/* As long as it is root: what belongs to nobody else by then can be made by the user, too. */
static void
make_places(const struct daemon *d, const struct identity *id)
{
	char directory[CONTROL_DIRECTORY];

	if (control_directory(d->conf->control_socket, directory))
		identity_make_place(id, directory, 0755);
	if (d->conf->state_directory[0] != '\0')
		identity_make_place(id, d->conf->state_directory, 0750);
}

static int
fail_to_be(const struct identity *id, const char *why)
{
	log_error("cannot be %s: event=run-as-failed user=%s error=\"%s\"", id->name, id->name, why);
	return -1;
}

static int
find_user(struct daemon *d, struct identity *id)
{
	if (identity_find(id, d->conf) != 0)
		return fail_to_be(id, errno == ENOENT ? "no such user" : strerror(errno));
	if (id->uid != geteuid() && geteuid() != 0)
		log_warn("only root can become another user: event=run-as-kept user=%s", id->name);
	return 0;
}

static int
become(struct daemon *d, const struct identity *id)
{
	make_places(d, id);
	if (identity_take(id) != 0)
		return fail_to_be(id, strerror(errno));
	log_info("root no more: event=run-as user=%s", id->name);
	identity_look(d->conf, d->file, on_cannot, d);
	return 0;
}

static int
listen_everywhere(struct daemon *d)
{
	return daemon_publish_page(d) == 0 && start_services(d) == 0 && start_answering(d) == 0 ? 0 : -1;
}

/* Whoever sees it listen finds the control socket there.  But root that is to be somebody else first binds what needs
 * root; what is opened, made or started after that is the user's. */
static int
begin(struct daemon *d)
{
	struct identity id;

	if (make_parts(d) != 0 || find_user(d, &id) != 0)
		return -1;
	if (!identity_is_due(&id))
		return daemon_publish(d) == 0 ? listen_everywhere(d) : -1;
	return listen_everywhere(d) == 0 && become(d, &id) == 0 ? daemon_publish(d) : -1;
}

struct daemon *
daemon_new(struct loop *loop, struct conf *conf, const char *file, bool debug)
{
	struct daemon *d = calloc(1, sizeof *d);
	size_t i;

	if (d == NULL)
		conf_free(conf);
	if (d == NULL || (d->house.generation = generation_new(conf, NULL)) == NULL) {
		log_error("no memory to start: event=no-memory");
		free(d);
		return NULL;
	}
	d->file = file;
	d->debug = debug;
	d->loop = d->line_house.loop = loop;
	house_init(&d->house, loop);
	d->conf = conf;
	d->line_house.lock_directory = conf->lock_directory;
	d->line_house.news = &line_news;
	d->line_house.ctx = d;
	d->line_house.owner = &session_line_owner;
	loop_timer_init(&d->tidy, loop, on_tidy, d);
	watch_directories(d);
	d->started = loop_wall();
	d->picture = picture_new(d);
	if (d->picture == NULL)
		log_error("no memory to start: event=no-memory");
	if (d->picture == NULL || begin(d) != 0) {
		daemon_free(d);
		return NULL;
	}
	d->open_lines = d->starting = conf->n_lines;
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

	while ((s = TAILQ_FIRST(&d->house.sessions.all)) != NULL)
		session_shut(s);
}

void
daemon_shut(struct daemon *d)
{
	size_t i;

	if (d->shutting)
		return;
	d->shutting = true;
	d->ends = msec_add(loop_now(d->loop), DAEMON_END);
	log_info("ending: event=shutdown clients=%zu", clients_count(d->house.clients));
	reloading_end(&d->reloading);
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
	reloading_end(&d->reloading);
	stop_listening(d);
	for (i = 0; d->services != NULL && i < d->conf->n_services; i++)
		service_free(d->services[i]);
	daemon_unpublish(d); /* who monitors a line lets go of it */
	for (i = 0; d->lines != NULL && i < d->conf->n_lines; i++)
		line_free(d->lines[i]);
	dirwatch_free(d->line_house.watch);
	exchange_free(d->line_house.exchange);
	serials_free(d->line_house.serials);
	clients_free(d->house.clients);
	broker_free(d->house.broker);
	loop_timer_free(d->deadline);
	loop_timer_set(&d->tidy, MSEC_NEVER);
	loop_unsoon(d->loop, &d->emptied);
	while (d->house.gone != NULL)
		service_forget(d->house.gone);
	generations_free(&d->house);
	free(d->lines);
	free(d->answering);
	free(d->services);
	free(d);
}
