/*
 * The memory of a configuration, see pack.h: what is read once and kept for long lies in one piece, which costs
 * nothing between its parts and leaves no holes where parsing was.  The same walk measures first, without a base,
 * and then copies.
 */
#include "conf/pack.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NEAR 16 /* how many are looked back for the same one */

/* ---- what is the same in many lines or services ---- */

static void
share_acl(struct conf *conf, struct acl **acl)
{
	size_t i;

	if (*acl == NULL)
		return;
	for (i = conf->n_acls; i > 0 && i + NEAR > conf->n_acls; i--) {
		if (!acl_same(conf->acls[i - 1], *acl))
			continue;
		acl_free(*acl);
		*acl = conf->acls[i - 1];
		return;
	}
	conf->acls[conf->n_acls++] = *acl;
}

/* memcmp() compares what lies between the members, too: it is zero, as calloc() has made it. */
static void
share_rules(struct conf *conf, struct conf_service *service)
{
	size_t i;

	for (i = conf->n_rules; i > 0 && i + NEAR > conf->n_rules; i--) {
		if (memcmp(&conf->rules[i - 1], service->rules, sizeof *service->rules) != 0)
			continue;
		service->rules = &conf->rules[i - 1];
		return;
	}
	memmove(&conf->rules[conf->n_rules], service->rules, sizeof *service->rules);
	service->rules = &conf->rules[conf->n_rules++];
}

static bool
same_texts(const char *const *a, const char *const *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* One with a phone book or an address to answer on is its line's alone: no other could have the same. */
static bool
same_setup(const struct conf_setup *a, const struct conf_setup *b)
{
	struct conf_setup x = *a, y = *b;

	x.hangup = y.hangup = x.init = y.init = NULL;
	return a->n_numbers == 0 && a->n_answer == 0 && memcmp(&x, &y, sizeof x) == 0 &&
	    same_texts(a->hangup, b->hangup, a->n_hangup) && same_texts(a->init, b->init, a->n_init);
}

static void
share_setup(struct conf *conf, struct conf_line *line)
{
	size_t i;

	for (i = conf->n_setups; i > 0 && i + NEAR > conf->n_setups; i--) {
		if (!same_setup(&conf->setups[i - 1], line->setup))
			continue;
		free(line->setup->hangup);
		free(line->setup->init);
		line->setup = &conf->setups[i - 1];
		return;
	}
	memmove(&conf->setups[conf->n_setups], line->setup, sizeof *line->setup);
	line->setup = &conf->setups[conf->n_setups++];
}

bool
conf_share(struct conf *conf)
{
	size_t i;

	conf->acls = calloc(conf->n_lines + conf->n_services + 1, sizeof *conf->acls);
	if (conf->acls == NULL)
		return false;
	for (i = 0; i < conf->n_lines; i++) {
		share_acl(conf, &conf->lines[i].setup->allow);
		share_setup(conf, &conf->lines[i]);
	}
	for (i = 0; i < conf->n_services; i++)
		share_acl(conf, &conf->services[i].rules->allow);
	for (i = 0; i < conf->n_services; i++)
		share_rules(conf, &conf->services[i]);
	return true;
}

/* ---- one piece ---- */

struct pack {
	char *base; /* NULL: only measured */
	size_t used;
	const struct conf *from;
	struct conf to; /* its arrays are NULL while measuring */
};

/* NULL while measuring. */
static void *
take(struct pack *p, size_t n)
{
	size_t at = p->used;

	p->used += n;
	return p->base != NULL ? p->base + at : NULL;
}

/* NULL for nothing, and while measuring. */
static void *
copy(struct pack *p, const void *from, size_t n)
{
	void *at = take(p, n);

	return at != NULL && n > 0 ? memcpy(at, from, n) : NULL;
}

/* For what pointers and numbers are in. */
static void
align(struct pack *p)
{
	p->used += -p->used % alignof(max_align_t);
}

static void *
copy_all(struct pack *p, const void *from, size_t count, size_t size)
{
	align(p);
	return copy(p, from, count * size);
}

static char *
copy_text(struct pack *p, const char *text)
{
	return text != NULL ? copy(p, text, strlen(text) + 1) : NULL;
}

/* ---- what many share ---- */

static const char **
copy_texts(struct pack *p, const char *const *texts, size_t n)
{
	const char **to = copy_all(p, texts, n, sizeof *texts), *text;
	size_t i;

	for (i = 0; i < n; i++) {
		text = copy_text(p, texts[i]);
		if (to != NULL)
			to[i] = text;
	}
	return to;
}

static void
pack_acls(struct pack *p)
{
	const struct conf *from = p->from;
	void *at;
	size_t i;

	p->to.acls = copy_all(p, from->acls, from->n_acls, sizeof *from->acls);
	for (i = 0; i < from->n_acls; i++) {
		align(p);
		at = take(p, acl_size(from->acls[i]));
		if (at != NULL)
			p->to.acls[i] = acl_copy(from->acls[i], at);
	}
}

/* The copy of a list, which is one of conf's. */
static struct acl *
copy_of(const struct pack *p, const struct acl *acl)
{
	size_t i;

	for (i = 0; acl != NULL && p->to.acls != NULL && i < p->from->n_acls; i++)
		if (p->from->acls[i] == acl)
			return p->to.acls[i];
	return NULL;
}

static void
pack_rules(struct pack *p)
{
	const struct conf *from = p->from;
	size_t i;

	p->to.rules = copy_all(p, from->rules, from->n_rules, sizeof *from->rules);
	for (i = 0; p->to.rules != NULL && i < from->n_rules; i++)
		p->to.rules[i].allow = copy_of(p, from->rules[i].allow);
}

static struct conf_number *
copy_numbers(struct pack *p, const struct conf_setup *setup)
{
	struct conf_number *numbers = copy_all(p, setup->numbers, setup->n_numbers, sizeof *numbers), one;
	size_t i;

	for (i = 0; i < setup->n_numbers; i++) {
		one = setup->numbers[i];
		one.digits = copy_text(p, one.digits);
		one.line = copy_text(p, one.line);
		one.host = copy_text(p, one.host);
		if (numbers != NULL)
			numbers[i] = one;
	}
	return numbers;
}

static void
pack_setups(struct pack *p)
{
	const struct conf *from = p->from;
	struct conf_setup one;
	size_t i;

	p->to.setups = copy_all(p, from->setups, from->n_setups, sizeof one);
	for (i = 0; i < from->n_setups; i++) {
		one = from->setups[i];
		one.hangup = copy_texts(p, one.hangup, one.n_hangup);
		one.init = copy_texts(p, one.init, one.n_init);
		one.numbers = copy_numbers(p, &one);
		one.answer = copy_all(p, one.answer, one.n_answer, sizeof *one.answer);
		one.allow = copy_of(p, one.allow);
		if (p->to.setups != NULL)
			p->to.setups[i] = one;
	}
}

/* ---- lines and services ---- */

static void
pack_line(struct pack *p, size_t i)
{
	struct conf_line line = p->from->lines[i];

	line.name = copy_text(p, line.name);
	line.device = copy_text(p, line.device);
	if (p->base == NULL)
		return;
	line.setup = p->to.setups + (line.setup - p->from->setups);
	p->to.lines[i] = line;
}

/* A service of a single line is called as the line, and needs no copy. */
static char *
copy_name(struct pack *p, const struct conf_service *service)
{
	size_t line = service->lines[0];

	if (strcmp(service->name, p->from->lines[line].name) != 0)
		return copy_text(p, service->name);
	return p->base != NULL ? p->to.lines[line].name : NULL;
}

static void
pack_service(struct pack *p, size_t i)
{
	struct conf_service service = p->from->services[i];

	service.name = copy_name(p, &service);
	service.lines = copy_all(p, service.lines, service.n_lines, sizeof *service.lines);
	service.listen = copy_all(p, service.listen, service.n_listen, sizeof *service.listen);
	if (p->base == NULL)
		return;
	service.rules = p->to.rules + (service.rules - p->from->rules);
	p->to.services[i] = service;
}

static struct conf *
pack(struct pack *p)
{
	const struct conf *from = p->from;
	struct conf *to = copy_all(p, from, 1, sizeof *from);
	size_t i;

	p->to = *from;
	pack_acls(p);
	pack_rules(p);
	pack_setups(p);
	p->to.lines = copy_all(p, from->lines, from->n_lines, sizeof *from->lines);
	p->to.services = copy_all(p, from->services, from->n_services, sizeof *from->services);
	for (i = 0; i < from->n_lines; i++)
		pack_line(p, i);
	for (i = 0; i < from->n_services; i++)
		pack_service(p, i);
	p->to.status = copy_all(p, from->status, from->n_status, sizeof *from->status);
	p->to.control_socket = copy_text(p, from->control_socket);
	p->to.state_directory = copy_text(p, from->state_directory);
	p->to.lock_directory = copy_text(p, from->lock_directory);
	p->to.run_as = copy_text(p, from->run_as);
	if (to != NULL)
		*to = p->to;
	return to;
}

static struct conf *
pack_one(const struct conf *conf)
{
	struct pack p = { .from = conf };

	pack(&p);
	p.base = malloc(p.used);
	if (p.base == NULL)
		return NULL;
	p.used = 0;
	return pack(&p);
}

/*
 * Packed twice: the first copy lies in the heap above all that it was made from, and as long as it is there the heap
 * cannot give back what is freed below it.  The second finds room down there.
 */
struct conf *
conf_pack(struct conf *conf)
{
	struct conf *first = conf_share(conf) ? pack_one(conf) : NULL, *second;

	conf_drop(conf);
	if (first == NULL)
		return NULL;
	second = pack_one(first);
	if (second == NULL)
		return first;
	conf_free(first);
	return second;
}

/* ---- giving it back ---- */

static void
setup_clear(struct conf_setup *setup)
{
	size_t i;

	for (i = 0; i < setup->n_numbers; i++) {
		free(setup->numbers[i].digits);
		free(setup->numbers[i].line);
		free(setup->numbers[i].host);
	}
	free(setup->numbers);
	free(setup->answer);
	free(setup->hangup);
	free(setup->init);
}

void
conf_service_clear(struct conf_service *service)
{
	free(service->name);
	free(service->lines);
	free(service->listen);
}

/* What lines and services share, or will: each has its own until then. */
static void
drop_shared(struct conf *conf)
{
	bool shared = conf->acls != NULL;
	size_t i, n = shared ? conf->n_setups : conf->n_lines;

	for (i = 0; shared && i < conf->n_acls; i++)
		acl_free(conf->acls[i]);
	for (i = 0; i < n; i++) {
		if (!shared)
			acl_free(conf->setups[i].allow);
		setup_clear(&conf->setups[i]);
	}
	for (i = 0; !shared && i < conf->n_services; i++)
		acl_free(conf->rules[i].allow);
	free(conf->acls);
	free(conf->rules);
	free(conf->setups);
}

/* What was given up half made, too: what is not there is NULL or none. */
void
conf_drop(struct conf *conf)
{
	size_t i;

	if (conf == NULL)
		return;
	drop_shared(conf);
	for (i = 0; i < conf->n_lines; i++) {
		free(conf->lines[i].name);
		free(conf->lines[i].device);
	}
	for (i = 0; i < conf->n_services; i++)
		conf_service_clear(&conf->services[i]);
	free(conf->lines);
	free(conf->services);
	free(conf->status);
	free(conf->control_socket);
	free(conf->state_directory);
	free(conf->lock_directory);
	free(conf->run_as);
	free(conf);
}

void
conf_free(struct conf *conf)
{
	free(conf);
}
