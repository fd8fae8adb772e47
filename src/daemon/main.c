/*
 * modemshared: options, signals, start and end.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lockname.h"
#include "daemon/conffile.h"
#include "daemon/daemon.h"
#include "daemon/descriptors.h"
#include "daemon/identity.h"
#include "line/line.h"
#include "daemon/memory.h"
#include "io/log.h"
#include "io/logretry.h"
#include "io/loop.h"
#include "sharing/bound.h"
#include "sharing/places.h"
#include "conf/conf.h"

#define DEFAULT_FILE SYSCONFDIR "/modemshared.conf"

struct options {
	const char *file;
	bool check, syslog;
	int debug;
};

static void
usage(FILE *f)
{
	fputs("usage: modemshared [-f FILE] [-n] [-d]... [-s] [-h] [-V]\n", f);
}

/* Returns 0 to go on, else exits. */
static void
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 }
	};
	int c;

	*o = (struct options){ .file = DEFAULT_FILE };
	while ((c = getopt_long(argc, argv, "f:ndshV", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			o->file = optarg;
			break;
		case 'n':
			o->check = true;
			break;
		case 'd':
			o->debug++;
			break;
		case 's':
			o->syslog = true;
			break;
		case 'V':
			puts(PACKAGE_STRING);
			exit(0);
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "modemshared: unexpected argument: %s\n", argv[optind]);
		usage(stderr);
		exit(2);
	}
}

static void
begin_log(const struct options *o, const struct conf *conf)
{
	if (o->syslog)
		log_to_syslog("modemshared");
	else
		log_to_stderr();
	log_set_level(o->debug > 0 ? LOG_LEVEL_DEBUG : (enum log_level)conf->log_level);
}

/* What is wrong with it is for whoever has typed the command; what is only odd is a line of the log once it runs. */
static struct conf *
load(const struct options *o)
{
	struct conf_report *report = malloc(sizeof *report);
	struct conf *conf;

	if (report == NULL) {
		fputs("modemshared: no memory\n", stderr);
		return NULL;
	}
	conf = conffile_load(o->file, report);
	if (conf == NULL || o->check) {
		fputs(report->text, stderr);
	} else {
		begin_log(o, conf);
		conffile_log(report);
	}
	free(report);
	return conf;
}

/* The worst of a line over all services that it is in. */
static void
bound_of_line(const struct conf *c, size_t line, struct bound *worst)
{
	int64_t handover = line_handover_bound(&c->lines[line]);
	const struct conf_service *s;
	struct bound b;
	size_t i, k;

	bound_of(NULL, &c->lines[line], handover, worst);
	for (k = 0; k < c->n_services; k++) {
		s = &c->services[k];
		for (i = 0; i < s->n_lines; i++)
			if (s->lines[i] == line) {
				bound_of(s->rules, &c->lines[line], handover, &b);
				bound_worst(worst, &b);
			}
	}
}

static void
print_bounds(const struct conf *c)
{
	struct bound b;
	char text[256];
	size_t i;

	for (i = 0; i < c->n_lines; i++) {
		bound_of_line(c, i, &b);
		bound_print(text, sizeof text, c->lines[i].name, &b);
		puts(text);
	}
}

/* By which names others find it locked, where a link has one of its own. */
static void
print_locks(const struct conf *c)
{
	struct locknames names;
	char path[512], *node;
	size_t i, k;

	for (i = 0; i < c->n_lines && c->lock_directory[0] != '\0'; i++) {
		node = c->lines[i].setup->type == CONF_SERIAL ? realpath(c->lines[i].device, NULL) : NULL;
		names.n = 0;
		if (node != NULL)
			lockname_of(&names, node, c->lines[i].device);
		for (k = 0; names.n > 1 && k < names.n; k++)
			if (lockname_path(path, sizeof path, "", names.list[k]) != NULL)
				printf("%s%s%s", k == 0 ? c->lines[i].name : "", k == 0 ? ": locked as " : ", ", path + 1);
		if (names.n > 1)
			putchar('\n');
		free(node);
	}
}

static void
print_places(const struct conf *c)
{
	struct places p;
	char text[256];

	places_of(c, c, descriptors_limit(), &p);
	places_print(text, sizeof text, &p);
	puts(text);
	if (places_left(&p) < 1)
		fprintf(stderr, "warning: %zu descriptors are too few, if it is to run with no more; "
		    "expected at least %zu\n", p.descriptors, places_needed(&p));
}

static void
on_cannot(void *ctx, const char *what)
{
	fprintf(stderr, "%s: warning: %s\n", *(const char *const *)ctx, what);
}

/* Root checks as the user that the daemon will be; nothing that needs root follows. */
static bool
check_as_user(const struct conf *c, const char *file)
{
	struct identity id;
	int r = identity_find(&id, c);

	if (r == 0 && identity_is_due(&id) && (r = identity_take(&id)) == 0)
		identity_look(c, file, on_cannot, &file);
	if (r != 0)
		fprintf(stderr, "%s: run-as = \"%s\": %s\n", file, c->run_as,
		    errno == ENOENT ? "no such user" : strerror(errno));
	return r == 0;
}

static int
check(const struct conf *c, const char *file)
{
	if (!check_as_user(c, file))
		return -1;
	print_bounds(c);
	print_locks(c);
	print_places(c);
	return 0;
}

/* ---- running ---- */

/* Made before the daemon: what comes last would keep the heap from shrinking for ever. */
struct signals {
	struct daemon *d;
	struct loop_signal *term, *intr, *hup;
};

static void
on_end(void *ctx)
{
	const struct signals *s = ctx;

	daemon_shut(s->d);
}

static void
on_hup(void *ctx)
{
	const struct signals *s = ctx;

	daemon_hup(s->d);
}

static bool
signals_init(struct signals *s, struct loop *loop)
{
	s->term = loop_signal_new(loop, SIGTERM, on_end, s);
	s->intr = loop_signal_new(loop, SIGINT, on_end, s);
	s->hup = loop_signal_new(loop, SIGHUP, on_hup, s);
	return s->term != NULL && s->intr != NULL && s->hup != NULL;
}

static void
signals_free(struct signals *s)
{
	loop_signal_free(s->term);
	loop_signal_free(s->intr);
	loop_signal_free(s->hup);
}

/* Kept back while there is no handler: one that comes early is not lost, and a second one does not
 * kill what the first has begun to end. */
static void
hold_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(how, &set, NULL);
}

static int
run_with_signals(struct loop *loop)
{
	int r;

	hold_signals(SIG_UNBLOCK);
	r = loop_run(loop);
	hold_signals(SIG_BLOCK);
	if (r != 0)
		log_error("the event loop fails: event=loop-failed error=\"%s\"", strerror(errno));
	return r;
}

/* The conf is its own to free. */
static int
run(struct conf *conf, const struct options *o)
{
	struct signals signals = { .d = NULL };
	struct logretry retry;
	struct loop *loop = loop_new();
	int r = -1;

	hold_signals(SIG_BLOCK);
	if (loop == NULL || !signals_init(&signals, loop)) {
		log_error("cannot start: event=loop-failed error=\"%s\"", strerror(errno));
		signals_free(&signals);
		loop_free(loop);
		conf_free(conf);
		return -1;
	}
	logretry_start(&retry, loop);
	if ((signals.d = daemon_new(loop, conf, o->file, o->debug > 0)) != NULL) {
		log_info("ready: event=ready lines=%zu services=%zu", conf->n_lines,
		    conf->n_services);
		r = run_with_signals(loop);
		/* A worker whose driver comes back now must not find its memory freed. */
		if (daemon_stuck(signals.d)) {
			daemon_unpublish(signals.d);
			log_end();
			_exit(r == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
		}
	}
	signals_free(&signals);
	daemon_free(signals.d);
	logretry_stop(&retry);
	loop_free(loop);
	log_debug("ended: event=ended");
	return r;
}

/* Else a client or a line would get the number of standard error, and what is logged. */
static bool
fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct conf *conf;
	int r = 0, raised;

	if (!fill_standard_descriptors())
		return EXIT_FAILURE;
	parse_options(&o, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	raised = descriptors_raise() == 0 ? 0 : errno;
	signal(SIGTTOU, SIG_IGN); /* behind a shell, "stty tostop" would stop it at the next line of its log */
	memory_use_one_heap();
	if ((conf = load(&o)) == NULL)
		return EXIT_FAILURE;
	memory_give_back();
	if (o.check) {
		r = check(conf, o.file);
		conf_free(conf);
	} else {
		if (raised != 0)
			log_warn("no more descriptors are to be had than there are: event=descriptors limit=%zu "
			    "error=\"%s\"", descriptors_limit(), strerror(raised));
		r = run(conf, &o);
		log_end();
	}
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
