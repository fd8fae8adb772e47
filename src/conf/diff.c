/*
 * What differs between two configurations, by the table of keys: a new key is compared as its
 * type says, and one of a new type does not compile without saying how.  How a value is kept is
 * known only to the functions same_...().
 */
#include "conf/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/parts.h"

_Static_assert(CONF_DIFF_MAX >= CONF_KEYS_MAX + 2, "room for a phone book and who may ring, too");

/* One of the two; NULL where it does not apply. */
struct side {
	const struct conf *conf;
	const struct conf_line *line;
	const struct conf_service *service;
	const struct conf_number *number;
};

static const void *
field(const struct side *s, const struct conf_key *key)
{
	const char *base[] = {
		[CONF_OF_CONF] = (const char *)s->conf, [CONF_OF_LINE] = (const char *)s->line,
		[CONF_OF_SETUP] = s->line != NULL ? (const char *)s->line->setup : NULL,
		[CONF_OF_SERVICE] = (const char *)s->service,
		[CONF_OF_RULES] = s->service != NULL ? (const char *)s->service->rules : NULL,
		[CONF_OF_NUMBER] = (const char *)s->number
	};

	return base[key->of] + key->at;
}

/* ---- values ---- */

/* NULL is the same as NULL only. */
static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_texts(const char *const *a, size_t n, const char *const *b, size_t m)
{
	size_t i;

	for (i = 0; n == m && i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return n == m;
}

static bool
same_acl(const struct acl *a, const struct acl *b)
{
	return a == b || (a != NULL && b != NULL && acl_same(a, b));
}

static const struct conf_listen *
listeners(const struct side *s, const struct conf_key *key, size_t *n)
{
	switch (key->of) {
	case CONF_OF_SETUP:
		*n = s->line->setup->n_answer;
		return s->line->setup->answer;
	case CONF_OF_CONF:
		*n = s->conf->n_status;
		return s->conf->status;
	default:
		*n = s->service->n_listen;
		return s->service->listen;
	}
}

static bool
same_listeners(const struct side *a, const struct side *b, const struct conf_key *key)
{
	const struct conf_listen *x, *y;
	size_t i, n, m;

	x = listeners(a, key, &n);
	y = listeners(b, key, &m);
	for (i = 0; n == m && i < n; i++)
		if (x[i].length != y[i].length || x[i].optional != y[i].optional ||
		    memcmp(&x[i].address, &y[i].address, x[i].length) != 0)
			return false;
	return n == m;
}

static bool
same_lines(const struct side *a, const struct side *b)
{
	const struct conf_service *x = a->service, *y = b->service;
	size_t i;

	for (i = 0; x->n_lines == y->n_lines && i < x->n_lines; i++)
		if (strcmp(a->conf->lines[x->lines[i]].name, b->conf->lines[y->lines[i]].name) != 0)
			return false;
	return x->n_lines == y->n_lines;
}

static bool
same_number(const struct conf_number *a, const struct conf_number *b)
{
	return a->to == b->to && a->port == b->port && same_text(a->line, b->line) &&
	    same_text(a->host, b->host);
}

/* speed, format and flow are three keys of one struct: each compares only what it sets. */
static bool
same_part(const struct conf_key *key, const void *a, const void *b)
{
	const struct rfc2217_format *f = a, *g = b;

	switch (key->type) {
	case CONF_SPEED:
		return f->baud == g->baud;
	case CONF_FORMAT:
		return f->datasize == g->datasize && f->parity == g->parity &&
		    f->stopsize == g->stopsize;
	default:
		return f->outflow == g->outflow && f->inflow == g->inflow;
	}
}

/* Of a type whose value is the field itself; 0 of any other. */
static size_t
size_of(enum conf_type type)
{
	switch (type) {
	case CONF_DURATION:
	case CONF_SIZE:
		return sizeof(int64_t);
	case CONF_COUNT:
		return sizeof(size_t);
	case CONF_BOOL:
		return sizeof(bool);
	case CONF_WORD:
		return sizeof(int);
	case CONF_KEEPALIVE:
		return sizeof(struct conf_keepalive); /* three int: nothing between them */
	default:
		return 0;
	}
}

static bool
same(const struct side *a, const struct side *b, const struct conf_key *key)
{
	const void *x = field(a, key), *y = field(b, key);
	const struct conf_setup *d = a->line != NULL ? a->line->setup : NULL,
	    *e = b->line != NULL ? b->line->setup : NULL;

	switch (key->type) {
	case CONF_DURATION:
	case CONF_SIZE:
	case CONF_COUNT:
	case CONF_BOOL:
	case CONF_WORD:
	case CONF_KEEPALIVE:
		return memcmp(x, y, size_of(key->type)) == 0;
	case CONF_PATH:
	case CONF_USER:
		return same_text(*(char *const *)x, *(char *const *)y);
	case CONF_DEVICE:
		return d->type == e->type && same_text(a->line->device, b->line->device);
	case CONF_SPEED:
	case CONF_FORMAT:
	case CONF_FLOW:
		return same_part(key, x, y);
	case CONF_LISTEN:
		return same_listeners(a, b, key);
	case CONF_ALLOW:
		return same_acl(a->service->rules->allow, b->service->rules->allow);
	case CONF_HANGUP:
		return same_texts(d->hangup, d->n_hangup, e->hangup, e->n_hangup);
	case CONF_INIT:
		return same_texts(d->init, d->n_init, e->init, e->n_init);
	case CONF_LINES:
		return same_lines(a, b);
	case CONF_TO:
		return same_number(a->number, b->number);
	}
	return false;
}

/* ---- sections ---- */

static void
add(struct conf_diff *d, const char *key, enum conf_reload when)
{
	d->classes |= when;
	d->at[d->n].key = key;
	d->at[d->n].when = when;
	d->n++;
}

/* Can only one of the two lines have this key? */
static bool
beside(const struct side *a, const struct side *b, const struct conf_key *key)
{
	if (key->of != CONF_OF_LINE && key->of != CONF_OF_SETUP)
		return false;
	return (key->modem_only && a->line->setup->kind != b->line->setup->kind) ||
	    (key->proof && a->line->setup->type != b->line->setup->type);
}

static void
compare(const struct conf_table *table, const struct side *a, const struct side *b,
    struct conf_diff *d)
{
	const struct conf_key *key;

	for (key = table->keys; key < table->keys + table->n; key++)
		if (!beside(a, b, key) && !same(a, b, key))
			add(d, table == &conf_status ? table->section : key->name, key->reload);
}

unsigned
conf_diff_globals(const struct conf *old, const struct conf *new, struct conf_diff *d)
{
	const struct side a = { .conf = old }, b = { .conf = new };

	memset(d, 0, sizeof *d);
	compare(&conf_globals, &a, &b, d);
	compare(&conf_status, &a, &b, d);
	return d->classes;
}

/* The entry of a phone book, which is most often where it was. */
static const struct conf_number *
find_number(const struct conf_line *line, const char *digits, size_t likely)
{
	size_t i;

	if (strcmp(line->setup->numbers[likely].digits, digits) == 0)
		return &line->setup->numbers[likely];
	for (i = 0; i < line->setup->n_numbers; i++)
		if (strcmp(line->setup->numbers[i].digits, digits) == 0)
			return &line->setup->numbers[i];
	return NULL;
}

static bool
same_numbers(const struct conf_line *old, const struct conf_line *new)
{
	const struct conf_key *to = &conf_numbers.keys[0];
	struct side a = { .conf = NULL }, b = a;
	size_t i;

	for (i = 0; old->setup->n_numbers == new->setup->n_numbers && i < old->setup->n_numbers; i++) {
		a.number = &old->setup->numbers[i];
		b.number = find_number(new, a.number->digits, i);
		if (b.number == NULL || !same(&a, &b, to))
			return false;
	}
	return old->setup->n_numbers == new->setup->n_numbers;
}

unsigned
conf_diff_line(const struct conf_line *old, const struct conf_line *new, struct conf_diff *d)
{
	const struct conf_key *allow = &conf_services.keys[conf_find(&conf_services, "allow")];
	const struct side a = { .line = old }, b = { .line = new };

	memset(d, 0, sizeof *d);
	compare(&conf_lines, &a, &b, d);
	/* Of a virtual modem it says who may ring; another has none. */
	if (old->setup->type == new->setup->type && !same_acl(old->setup->allow, new->setup->allow))
		add(d, allow->name, allow->reload);
	if (!same_numbers(old, new))
		add(d, "number", conf_numbers.keys[0].reload);
	return d->classes;
}

unsigned
conf_diff_service(const struct conf *old_conf, const struct conf_service *old,
    const struct conf *new_conf, const struct conf_service *new, struct conf_diff *d)
{
	const struct side a = { .conf = old_conf, .service = old },
	    b = { .conf = new_conf, .service = new };
	size_t i;

	memset(d, 0, sizeof *d);
	compare(&conf_services, &a, &b, d);
	for (i = 0; i < d->n; i++) {
		d->listen = d->listen || strcmp(d->at[i].key, "listen") == 0;
		d->lines = d->lines || strcmp(d->at[i].key, "lines") == 0;
	}
	return d->classes;
}

void
conf_apply_now(struct conf_rules *running, const struct conf_rules *new)
{
	const struct conf_key *key;

	for (key = conf_services.keys; key < conf_services.keys + conf_services.n; key++)
		if (key->reload == CONF_RELOAD_NOW && key->of == CONF_OF_RULES)
			memcpy((char *)running + key->at, (const char *)new + key->at,
			    size_of(key->type));
}

/* ---- */

const char *
conf_diff_describe(char *dst, size_t cap, const struct conf_diff *d, unsigned classes)
{
	static const char more[] = "...";
	size_t i, used = 0, length = 0, n;

	dst[0] = '\0';
	for (i = 0; i < d->n; i++)
		if ((d->at[i].when & classes) != 0)
			length += strlen(d->at[i].key) + (length > 0 ? 2 : 0);
	for (i = 0; i < d->n; i++) {
		if ((d->at[i].when & classes) == 0)
			continue;
		n = strlen(d->at[i].key) + (used > 0 ? 2 : 0);
		if (length >= cap && used + n + strlen(", ...") >= cap) {
			snprintf(dst + used, cap - used, "%s%s", used > 0 ? ", " : "", more);
			break;
		}
		snprintf(dst + used, cap - used, "%s%s", used > 0 ? ", " : "", d->at[i].key);
		used += n;
	}
	return dst;
}

/* ---- the lines and services of one configuration in another ---- */

/* A line or service by its name, and its index. */
struct named {
	const char *name;
	size_t at;
};

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct named *
names_of_lines(const struct conf *conf)
{
	struct named *all = calloc(conf->n_lines + 1, sizeof *all);
	size_t i;

	for (i = 0; all != NULL && i < conf->n_lines; i++)
		all[i] = (struct named){ conf->lines[i].name, i };
	return all;
}

static struct named *
names_of_services(const struct conf *conf)
{
	struct named *all = calloc(conf->n_services + 1, sizeof *all);
	size_t i;

	for (i = 0; all != NULL && i < conf->n_services; i++)
		all[i] = (struct named){ conf->services[i].name, i };
	return all;
}

/* Frees both lists. */
static size_t *
match(struct named *of, size_t n, struct named *in, size_t m)
{
	size_t *found = calloc(n + 1, sizeof *found), i;
	const struct named *one;

	if (of == NULL || in == NULL || found == NULL) {
		free(of);
		free(in);
		free(found);
		return NULL;
	}
	qsort(in, m, sizeof *in, by_name);
	for (i = 0; i < n; i++) {
		one = bsearch(&of[i], in, m, sizeof *in, by_name);
		found[i] = one != NULL ? one->at : CONF_ABSENT;
	}
	free(of);
	free(in);
	return found;
}

size_t *
conf_match_lines(const struct conf *conf, const struct conf *other)
{
	return match(names_of_lines(conf), conf->n_lines, names_of_lines(other), other->n_lines);
}

size_t *
conf_match_services(const struct conf *conf, const struct conf *other)
{
	return match(names_of_services(conf), conf->n_services, names_of_services(other),
	    other->n_services);
}
