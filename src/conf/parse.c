/*
 * The text of a configuration through libconfuse into struct conf.  The library only splits the
 * text: it takes every value as a string, which is kept with its line; types, ranges and defaults
 * are ours (keys.c, values.c), and so is all that it would let pass (scan.c).
 *
 * libconfuse keeps its scanner in static variables: two texts cannot be parsed at the same time.
 */
#include "conf/conf.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/check.h"
#include "conf/foreign.h"
#include "conf/lists.h"
#include "conf/pack.h"
#include "conf/scan.h"

#define OPTIONS_MAX (2 * CONF_KEYS_MAX + 4) /* sections and the end, too */

/*
 * One parse.  First all lines with their numbers are taken, then the services, both in the order of the
 * file: `next` is behind the last one that was taken.
 */
struct reading {
	struct conf_sections sections;
	size_t next;
};

/* cfg_errfunc_t takes no context. */
static struct conf_messages *current;

/* ---- what libconfuse calls ---- */

static int
keep_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	struct conf_value *v = malloc(sizeof *v);

	(void)opt;
	if (v == NULL || (v->text = strdup(text)) == NULL) {
		free(v);
		conf_no_memory(current, cfg->line);
		return -1;
	}
	v->line = cfg->line;
	*(struct conf_value **)result = v;
	return 0;
}

static void
drop_value(void *value)
{
	struct conf_value *v = value;

	free(v->text);
	free(v);
}

static const struct conf_table *
table_of(const cfg_t *cfg)
{
	static const struct conf_table *const tables[] = { &conf_lines, &conf_services,
		&conf_numbers, &conf_status };
	size_t i;

	for (i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (strcmp(cfg->name, tables[i]->section) == 0)
			return tables[i];
	return &conf_globals;
}

/* The messages of libconfuse that a text can cause after conf_scan(), each with one argument. */
static const struct grammar {
	const char *theirs, *before, *after;
} grammar[] = {
	{ "missing equal sign after option '%s'", "no value for ", "; expected \"=\" after it" },
	{ "missing opening brace for section '%s'", "no begin of the ", "; expected \"{\"" },
	{ "missing title for section '%s'", "no name of the ",
	  "; expected it in quotes, then \"{\"" },
	{ "found duplicate title '%s'", "two of the name ", "; expected different names" },
	{ "unexpected token '%s'", "unexpected ",
	  "; expected KEY = VALUE; is a quote, comma or brace missing before it?" },
};

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	const struct grammar *g;
	char text[200];

	if (strcmp(fmt, "no such option '%s'") == 0) {
		conf_unknown_key(current, cfg->line, table_of(cfg), va_arg(ap, const char *));
		return;
	}
	for (g = grammar; g < grammar + sizeof grammar / sizeof grammar[0]; g++)
		if (strcmp(fmt, g->theirs) == 0) {
			conf_error(current, cfg->line, "%s\"%.100s\"%s", g->before,
			    va_arg(ap, const char *), g->after);
			return;
		}
	vsnprintf(text, sizeof text, fmt, ap);
	conf_error(current, cfg->line, "%s; expected KEY = VALUE", text);
}

/* ---- from libconfuse's tree to ours ---- */

/* The options of a table, as they stand in a line or elsewhere; returns how many. */
static size_t
add_options(cfg_opt_t *opts, const struct conf_table *table, bool in_line)
{
	size_t i, n = 0;

	for (i = 0; i < table->n; i++) {
		const cfg_opt_t one = CFG_PTR_CB(NULL, NULL, CFGF_NODEFAULT, keep_value,
		    drop_value);

		if (in_line && table->keys[i].pool)
			continue;
		opts[n] = one;
		opts[n].name = table->keys[i].name;
		if (conf_is_list(&table->keys[i]))
			opts[n].flags |= CFGF_LIST;
		n++;
	}
	return n;
}

static cfg_opt_t
section(const char *name, cfg_opt_t *inner, cfg_flag_t flags)
{
	cfg_opt_t one = CFG_SEC(NULL, NULL, flags);

	one.name = name;
	one.subopts = inner;
	return one;
}

#define TITLED (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

/* The tree of a text, to be freed by cfg_free(); NULL with the error written down. */
static cfg_t *
read_tree(const char *text)
{
	const cfg_opt_t end = CFG_END();
	cfg_opt_t top[OPTIONS_MAX], line[OPTIONS_MAX], service[OPTIONS_MAX], number[OPTIONS_MAX];
	cfg_opt_t status[OPTIONS_MAX];
	size_t n;
	cfg_t *cfg;

	number[add_options(number, &conf_numbers, false)] = end;
	service[add_options(service, &conf_services, false)] = end;
	status[add_options(status, &conf_status, false)] = end;
	n = add_options(line, &conf_lines, false);
	n += add_options(line + n, &conf_services, true);
	line[n++] = section("number", number, TITLED);
	line[n] = end;
	n = add_options(top, &conf_globals, false);
	top[n++] = section("line", line, TITLED);
	top[n++] = section("service", service, TITLED);
	top[n++] = section("status", status, CFGF_MULTI);
	top[n] = end;
	cfg = cfg_init(top, CFGF_NONE);
	if (cfg == NULL) {
		conf_no_memory(current, 0);
		return NULL;
	}
	cfg_set_error_function(cfg, on_error);
	errno = 0;
	if (cfg_parse_buf(cfg, text) == CFG_SUCCESS && current->report->errors == 0)
		return cfg;
	/* Half a tree is left alone: cfg_free() goes through pointers that were never set. */
	if (errno == ENOMEM) {
		conf_no_memory(current, cfg->line);
		return NULL;
	}
	if (current->report->errors == 0)
		conf_error(current, cfg->line, "cannot be read; expected KEY = VALUE");
	cfg_free(cfg);
	return NULL;
}

/* What a key is where the file does not say it, as a file would; NULL: nothing. */
static const char *
preset(const struct conf_key *key, const struct conf_target *target)
{
	const struct conf_service *service = target->service;
	const struct conf_line *line = target->line;

	if (line == NULL && service != NULL && service->n_lines > 0)
		line = &target->conf->lines[service->lines[0]];
	if (line != NULL && line->setup->kind == CONF_CONSOLE)
		return key->console;
	/* A virtual modem would only keep the texts. */
	if (line != NULL && line->setup->type == CONF_VIRTUAL && key->proof && conf_is_list(key))
		return NULL;
	return key->modem;
}

/* Puts one key into the target: what the file says, or its default.  Returns its line,
 * negative if its value is wrong, or 0 where the file does not say it. */
static int
take_key(cfg_t *cfg, const struct conf_key *key, int empty, struct conf_target *target)
{
	cfg_opt_t *opt = cfg_getopt(cfg, key->name);
	const struct conf_value **values;
	unsigned i, n = cfg_opt_size(opt);
	const char *text;
	int line = empty;

	if (n == 0 && key->type == CONF_INIT && empty > 0)
		return conf_set(current, key, NULL, 0, target) ? line : -line;
	if (n == 0) {
		if ((text = preset(key, target)) != NULL)
			conf_set_default(current, key, text, target);
		return 0;
	}
	values = calloc(n, sizeof *values);
	if (values == NULL) {
		conf_no_memory(current, cfg->line);
		return -cfg->line;
	}
	for (i = 0; i < n; i++)
		values[i] = cfg_opt_getnptr(opt, i);
	line = values[0]->line;
	if (!conf_set(current, key, values, n, target))
		line = -line;
	free(values);
	return line;
}

/* calloc with at least one element, its failure written down. */
static void *
make(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size);

	if (p == NULL)
		conf_no_memory(current, 0);
	return p;
}

/* Where the next section of this kind begins. */
static struct conf_section
next_section(struct reading *r, enum conf_section_kind kind)
{
	while (r->next < r->sections.n && r->sections.at[r->next].kind != kind)
		r->next++;
	return r->next < r->sections.n ? r->sections.at[r->next++] : (struct conf_section){ 0 };
}

static void
take_numbers(struct reading *r, cfg_t *cfg, struct conf_line *line, struct conf_origin *origin)
{
	size_t i, n = cfg_size(cfg, "number");
	struct conf_target target = { .conf = NULL };
	cfg_t *section;

	if (n == 0)
		return;
	line->setup->numbers = make(n, sizeof *line->setup->numbers);
	origin->numbers = make(n, sizeof *origin->numbers);
	if (line->setup->numbers == NULL || origin->numbers == NULL)
		return;
	for (i = 0; i < n; i++) {
		section = cfg_getnsec(cfg, "number", (unsigned)i);
		target.number = &line->setup->numbers[line->setup->n_numbers++];
		origin->numbers[i] = next_section(r, CONF_SECTION_LINE).begin;
		target.number->digits = strdup(cfg_title(section));
		if (target.number->digits == NULL)
			conf_no_memory(current, origin->numbers[i]);
		if (take_key(section, &conf_numbers.keys[0], 0, &target) == 0)
			conf_error(current, origin->numbers[i],
			    "number without \"to\"; expected to = \"echo\" or the like");
	}
}

static void
take_service_keys(cfg_t *cfg, struct conf_target *target, struct conf_origin *origin)
{
	size_t i;

	for (i = 0; i < conf_services.n; i++)
		if (target->line == NULL || !conf_services.keys[i].pool)
			origin->service[i] = take_key(cfg, &conf_services.keys[i], 0, target);
}

/* One section `line`: a line, and a service if it listens. */
static void
take_line(struct reading *r, cfg_t *cfg, struct conf *conf, struct conf_origin *origin)
{
	struct conf_line *line = &conf->lines[conf->n_lines];
	struct conf_service *service = &conf->services[conf->n_services];
	struct conf_target target = { .conf = conf, .line = line, .service = service };
	struct conf_section begin = next_section(r, CONF_SECTION_LINE);
	size_t i;

	origin->section = begin.begin;
	line->name = strdup(cfg_title(cfg));
	line->setup = &conf->setups[conf->n_lines];
	service->rules = &conf->rules[conf->n_services];
	service->name = strdup(cfg_title(cfg));
	service->lines = malloc(sizeof *service->lines);
	if (line->name == NULL || service->name == NULL || service->lines == NULL) {
		conf_no_memory(current, cfg->line);
		return;
	}
	service->lines[service->n_lines++] = conf->n_lines++;
	for (i = 0; i < conf_lines.n; i++)
		origin->line[i] = take_key(cfg, &conf_lines.keys[i], begin.empty, &target);
	take_service_keys(cfg, &target, origin);
	take_numbers(r, cfg, line, origin);
	if (conf_given(origin, "listen") != 0) {
		conf->n_services++;
		return;
	}
	conf_service_clear(service);
	acl_free(service->rules->allow);
	memset(service->rules, 0, sizeof *service->rules);
	memset(service, 0, sizeof *service);
}

/* One section `service`, when all lines are there. */
static void
take_service(struct reading *r, cfg_t *cfg, struct conf *conf, const struct conf_names *names,
    struct conf_origin *origin)
{
	struct conf_rules *rules = &conf->rules[conf->n_services];
	struct conf_service *service = &conf->services[conf->n_services++];
	struct conf_target target = { .conf = conf, .service = service, .names = names };

	origin->section = next_section(r, CONF_SECTION_SERVICE).begin;
	service->rules = rules;
	service->name = strdup(cfg_title(cfg));
	if (service->name == NULL)
		conf_no_memory(current, cfg->line);
	take_service_keys(cfg, &target, origin);
}

static void
take_services(struct reading *r, cfg_t *cfg, struct conf *conf, struct conf_origins *origins)
{
	size_t i, n = cfg_size(cfg, "service");
	struct conf_names *names;

	origins->n_single = conf->n_services;
	if (n == 0 || current->no_memory)
		return;
	names = conf_names_new(conf);
	if (names == NULL) {
		conf_no_memory(current, 0);
		return;
	}
	for (i = 0, r->next = 0; i < n; i++)
		take_service(r, cfg_getnsec(cfg, "service", (unsigned)i), conf, names,
		    &origins->pools[i]);
	conf_names_free(names);
}

/* The section is there at most once. */
static void
take_status(struct reading *r, cfg_t *cfg, struct conf_origins *origins, struct conf_target *target)
{
	if (cfg_size(cfg, "status") == 0)
		return;
	r->next = 0;
	origins->status = next_section(r, CONF_SECTION_STATUS).begin;
	origins->status_listen = take_key(cfg_getsec(cfg, "status"), &conf_status.keys[0], 0, target);
}

static void
take_all(struct reading *r, cfg_t *cfg, struct conf *conf, struct conf_origins *origins)
{
	struct conf_target target = { .conf = conf };
	size_t i, n = cfg_size(cfg, "line");

	for (i = 0; i < conf_globals.n; i++)
		origins->globals[i] = take_key(cfg, &conf_globals.keys[i], 0, &target);
	for (i = 0; i < n; i++)
		take_line(r, cfg_getnsec(cfg, "line", (unsigned)i), conf, &origins->lines[i]);
	take_services(r, cfg, conf, origins);
	take_status(r, cfg, origins, &target);
	if (!current->no_memory)
		conf_check(current, conf, origins);
	for (i = 0; i < n; i++)
		free(origins->lines[i].numbers);
}

static struct conf *
from_tree(struct reading *r, cfg_t *cfg)
{
	size_t n = cfg_size(cfg, "line"), pools = cfg_size(cfg, "service");
	struct conf *conf = make(1, sizeof *conf);
	struct conf_origins origins = { .lines = make(n, sizeof *origins.lines),
		.pools = make(pools, sizeof *origins.pools) };

	if (conf != NULL) {
		conf->lines = make(n, sizeof *conf->lines);
		conf->setups = make(n, sizeof *conf->setups);
		conf->services = make(n + pools, sizeof *conf->services);
		conf->rules = make(n + pools, sizeof *conf->rules);
	}
	if (current->report->errors == 0)
		take_all(r, cfg, conf, &origins);
	free(origins.lines);
	free(origins.pools);
	if (current->report->errors == 0)
		return conf;
	conf_drop(conf);
	return NULL;
}

static void
clear(struct conf_report *report)
{
	report->used = 0;
	report->text[0] = '\0';
	report->errors = report->warnings = 0;
}

/* Where it is another program's, that is the one thing to be said. */
static void
look_whose(const char *text, size_t n)
{
	struct conf_report *report = current->report;
	const char *program;
	int line;

	if (report->errors == 0 || current->no_memory)
		return;
	program = conf_foreign_file(text, n, &line);
	if (program == NULL)
		return;
	clear(report);
	conf_error(current, line, "this looks like a configuration of %s; expected one of modemshared, as "
	    "in modemshared.conf(5)", program);
}

struct conf *
conf_parse(const char *file, const char *text, size_t n, struct conf_report *report)
{
	struct conf_messages messages = { file, report, false };
	struct conf *conf = NULL;
	struct reading reading = { .next = 0 };
	char *copy;
	cfg_t *cfg;

	clear(report);
	current = &messages;
	if (n > CONF_FILE_MAX) {
		conf_error(current, 0, "longer than 1 MiB; expected less");
		return NULL;
	}
	copy = make(n + 1, 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy, text, n);
	if (conf_scan(current, copy, n, &reading.sections) && (cfg = read_tree(copy)) != NULL) {
		conf = from_tree(&reading, cfg);
		cfg_free(cfg);
	}
	free(copy);
	look_whose(text, n);
	if (conf != NULL && (conf = conf_pack(conf)) == NULL)
		conf_no_memory(current, 0);
	return conf;
}
