/*
 * What no two lines or services may have: the same device, the same address.  By sorting, so that a thousand
 * lines do not take a million comparisons; told is what comparing each with all before it would tell.
 */
#include "conf/check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* calloc with at least one element, its failure written down. */
static void *
make(struct conf_messages *m, size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size);

	if (p == NULL)
		conf_no_memory(m, 0);
	return p;
}

/* ---- devices ---- */

static int
by_device(const void *a, const void *b)
{
	const struct conf_line *x = *(const struct conf_line *const *)a,
	    *y = *(const struct conf_line *const *)b;
	int differ = strcmp(x->device, y->device);

	return differ != 0 ? differ : (x > y) - (x < y); /* in the order of the file */
}

/* Of each line the first one with its device, itself mostly; all of them by device in sorted. */
static void
find_first(const struct conf *conf, const struct conf_line **first, const struct conf_line **sorted)
{
	size_t i, n = 0;

	for (i = 0; i < conf->n_lines; i++)
		if (conf->lines[i].device != NULL)
			sorted[n++] = &conf->lines[i];
	qsort(sorted, n, sizeof *sorted, by_device);
	for (i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->device, sorted[i]->device) == 0)
			sorted[i] = first[sorted[i] - conf->lines] = sorted[i - 1];
}

void
conf_check_devices(struct conf_messages *m, const struct conf *conf,
    const struct conf_origins *origins)
{
	const struct conf_line **first = make(m, conf->n_lines, sizeof *first);
	const struct conf_line **sorted = make(m, conf->n_lines, sizeof *sorted);
	size_t i;

	if (first != NULL && sorted != NULL)
		find_first(conf, first, sorted);
	for (i = 0; first != NULL && i < conf->n_lines; i++)
		if (first[i] != NULL)
			conf_error(m, conf_given(&origins->lines[i], "device"), "line \"%.32s\" has the "
			    "device of line \"%.32s\", at line %d; expected a device of its own",
			    conf->lines[i].name, first[i]->name,
			    conf_given(&origins->lines[first[i] - conf->lines], "device"));
	free(first);
	free(sorted);
}

/* ---- addresses ---- */

/* One listener of the file: of each line its `listen`, then its `answer`; then of each section
 * `service`; then of the status page. */
struct listening {
	const struct conf_listen *listen;
	int at;
	const struct listening *clash; /* the first one that has its address */
};

static void
add(struct listening *all, size_t *n, const struct conf_listen *listen, size_t count, int at)
{
	size_t i;

	for (i = 0; i < count; i++)
		all[(*n)++] = (struct listening){ &listen[i], at, NULL };
}

static size_t
count_all(const struct conf *conf)
{
	size_t i, n = conf->n_status;

	for (i = 0; i < conf->n_services; i++)
		n += conf->services[i].n_listen;
	for (i = 0; i < conf->n_lines; i++)
		n += conf->lines[i].setup->n_answer;
	return n;
}

/* All of them; the caller frees.  NULL with the error written down. */
static struct listening *
collect(struct conf_messages *m, const struct conf *conf, const struct conf_origins *origins,
    size_t *n)
{
	struct listening *all = make(m, count_all(conf), sizeof *all);
	const struct conf_service *s = conf->services;
	size_t i, next = 0;

	*n = 0;
	if (all == NULL)
		return NULL;
	for (i = 0; i < conf->n_lines; i++) {
		if (next < origins->n_single && s[next].lines[0] == i) {
			add(all, n, s[next].listen, s[next].n_listen,
			    conf_given(&origins->lines[i], "listen"));
			next++;
		}
		add(all, n, conf->lines[i].setup->answer, conf->lines[i].setup->n_answer,
		    conf_given(&origins->lines[i], "answer"));
	}
	for (; next < conf->n_services; next++)
		add(all, n, s[next].listen, s[next].n_listen,
		    conf_given(conf_service_origin(conf, origins, next), "listen"));
	add(all, n, conf->status, conf->n_status, abs(origins->status_listen));
	return all;
}

static bool
is_v4(const struct listening *l)
{
	return l->listen->address.sa.sa_family == AF_INET;
}

static in_port_t
port(const struct listening *l)
{
	return is_v4(l) ? l->listen->address.v4.sin_port : l->listen->address.v6.sin6_port;
}

static bool
is_wildcard(const struct listening *l)
{
	return is_v4(l) ? l->listen->address.v4.sin_addr.s_addr == INADDR_ANY :
	    IN6_IS_ADDR_UNSPECIFIED(&l->listen->address.v6.sin6_addr);
}

static int
compare_hosts(const struct listening *x, const struct listening *y)
{
	return is_v4(x) ? memcmp(&x->listen->address.v4.sin_addr, &y->listen->address.v4.sin_addr,
	    sizeof(struct in_addr)) : memcmp(&x->listen->address.v6.sin6_addr,
	    &y->listen->address.v6.sin6_addr, sizeof(struct in6_addr));
}

static bool
same_port(const struct listening *x, const struct listening *y)
{
	return is_v4(x) == is_v4(y) && port(x) == port(y);
}

/* By family and port, and then by address: wildcards are the first of their port. */
static int
by_address(const void *a, const void *b)
{
	const struct listening *x = *(const struct listening *const *)a,
	    *y = *(const struct listening *const *)b;
	int differ = is_v4(x) - is_v4(y);

	if (differ == 0)
		differ = (port(x) > port(y)) - (port(x) < port(y));
	if (differ == 0)
		differ = compare_hosts(x, y);
	return differ != 0 ? differ : (x > y) - (x < y);
}

static const struct listening *
earlier(const struct listening *a, const struct listening *b)
{
	return a == NULL || (b != NULL && b < a) ? b : a;
}

/* Those of one port, sorted: the second of two finds its address in use, and a wildcard is every address. */
static void
find_clashes(struct listening **of, size_t n)
{
	const struct listening *wildcard = is_wildcard(of[0]) ? of[0] : NULL, *any = NULL, *same = NULL;
	const struct listening *clash;
	size_t i;

	for (i = 0; i < n; i++)
		any = earlier(any, of[i]);
	for (i = 0; i < n; i++) {
		if (i == 0 || compare_hosts(of[i - 1], of[i]) != 0)
			same = of[i];
		clash = is_wildcard(of[i]) ? any : earlier(same, wildcard);
		of[i]->clash = clash < of[i] ? clash : NULL;
	}
}

static void
find_all_clashes(struct listening *all, struct listening **sorted, size_t n)
{
	size_t i, from;

	for (i = 0; i < n; i++)
		sorted[i] = &all[i];
	qsort(sorted, n, sizeof *sorted, by_address);
	for (from = 0; from < n; from = i) {
		for (i = from + 1; i < n && same_port(sorted[from], sorted[i]); i++)
			;
		if (port(sorted[from]) != 0) /* 0 gets one from the kernel */
			find_clashes(sorted + from, i - from);
	}
}

/* One message for each key will do. */
void
conf_check_addresses(struct conf_messages *m, const struct conf *conf,
    const struct conf_origins *origins)
{
	char shown[TEXT_ADDRESS];
	size_t i, n;
	struct listening *all = collect(m, conf, origins, &n), **sorted = make(m, n, sizeof(void *));
	int told = 0;

	if (all != NULL && sorted != NULL)
		find_all_clashes(all, sorted, n);
	for (i = 0; i < n; i++) {
		if (all[i].clash == NULL || all[i].at == told)
			continue;
		told = all[i].at;
		conf_error(m, all[i].at, "%s is listened on twice, first at line %d; expected a port of "
		    "its own", text_address(shown, &all[i].listen->address.sa, 1), all[i].clash->at);
	}
	free(all);
	free(sorted);
}
