/*
 * The rules of a configuration between the keys of a service, and between services and lines.
 */
#include "conf/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One service with all that belongs to it. */
struct checked {
	struct conf_messages *messages;
	const struct conf *conf;
	struct conf_service *service;
	const struct conf_origin *origin;
};

void
conf_check_allow(struct conf_messages *m, const struct conf_origin *origin, const char *key,
    const struct conf_listen *listen, size_t n)
{
	const struct sockaddr *sa;
	char shown[TEXT_ADDRESS];
	size_t i;

	if (conf_given(origin, "allow") != 0)
		return;
	for (i = 0; i < n; i++) {
		sa = &listen[i].address.sa;
		if (acl_is_loopback(sa))
			continue;
		conf_error(m, conf_given(origin, key), "%s on %s, which is not "
		    "loopback, without allow; expected the addresses that may connect, or allow = "
		    "{ \"any\" }", key, text_address(shown, sa, 1));
		return;
	}
}

static void
check_claim(const struct checked *c)
{
	int at = conf_given(c->origin, "claim");

	if (c->service->rules->protocol != CONF_RAW)
		return;
	if (at != 0 && c->service->rules->claim == CONF_CLAIM_USE)
		conf_error(c->messages, at,
		    "claim = \"use\" with protocol = \"raw\"; expected \"connect\", or no claim");
	c->service->rules->claim = CONF_CLAIM_CONNECT;
}

/* ---- sections `service` ---- */

static void
check_name(const struct checked *c, size_t n_single)
{
	char shown[100];
	size_t i;

	if (!conf_is_name(c->service->name)) {
		text_vis(shown, sizeof shown, c->service->name, strlen(c->service->name));
		conf_error(c->messages, c->origin->section, "service \"%s\"; expected a name of 1 to "
		    "32 letters, digits, \".\", \"_\" and \"-\"", shown);
	}
	for (i = 0; i < n_single; i++)
		if (strcmp(c->conf->services[i].name, c->service->name) == 0)
			conf_error(c->messages, c->origin->section, "service \"%.32s\" and a line of "
			    "that name that listens; expected different names", c->service->name);
}

static void
check_required(const struct checked *c)
{
	static const char *const required[] = { "listen", "lines", NULL };
	static const char *const expected[] = { "addresses to listen on", "names of lines" };
	size_t i;

	for (i = 0; required[i] != NULL; i++)
		if (conf_given(c->origin, required[i]) == 0)
			conf_error(c->messages, c->origin->section, "service \"%.32s\" without %s; "
			    "expected %s = { %s }", c->service->name, required[i], required[i],
			    expected[i]);
}

/* Defaults and rules are those of one kind. */
static void
check_kinds(const struct checked *c, const struct conf_origins *origins)
{
	static const char *const kinds[] = { [CONF_MODEM] = "modem", [CONF_CONSOLE] = "console" };
	const struct conf_service *s = c->service;
	const struct conf_line *first, *other;
	size_t i;

	if (s->n_lines == 0 || !conf_known(&origins->lines[s->lines[0]], "kind"))
		return;
	first = &c->conf->lines[s->lines[0]];
	for (i = 1; i < s->n_lines; i++) {
		other = &c->conf->lines[s->lines[i]];
		if (other->setup->kind == first->setup->kind ||
		    !conf_known(&origins->lines[s->lines[i]], "kind"))
			continue;
		conf_error(c->messages, conf_given(c->origin, "lines"), "line \"%.32s\" is a %s and line "
		    "\"%.32s\" a %s; expected lines of one kind in a service", first->name,
		    kinds[first->setup->kind], other->name, kinds[other->setup->kind]);
		return;
	}
	for (i = 0; first->setup->kind == CONF_CONSOLE && i < conf_services.n; i++)
		if (conf_services.keys[i].modem_only && c->origin->service[i] != 0)
			conf_error(c->messages, abs(c->origin->service[i]), "%s in a service of "
			    "consoles; expected it only with modems", conf_services.keys[i].name);
}

/* ---- */

/* Lines that nobody can reach; a virtual modem can be called by others. */
static void
check_reached(struct conf_messages *m, const struct conf *conf, const struct conf_origins *origins)
{
	bool *reached = calloc(conf->n_lines + 1, sizeof *reached);
	size_t i, k;

	if (reached == NULL) {
		conf_no_memory(m, 0);
		return;
	}
	for (i = 0; i < conf->n_services; i++)
		for (k = 0; k < conf->services[i].n_lines; k++)
			reached[conf->services[i].lines[k]] = true;
	for (i = 0; i < conf->n_lines; i++)
		if (!reached[i] && conf->lines[i].setup->type != CONF_VIRTUAL)
			conf_warning(m, origins->lines[i].section,
			    "line \"%.32s\" has no listen: nobody can connect to it",
			    conf->lines[i].name);
	free(reached);
}

void
conf_check_services(struct conf_messages *m, struct conf *conf, const struct conf_origins *origins)
{
	size_t i;

	for (i = 0; i < conf->n_services; i++) {
		struct checked c = { m, conf, &conf->services[i],
			conf_service_origin(conf, origins, i) };

		if (i >= origins->n_single) {
			check_name(&c, origins->n_single);
			check_required(&c);
			check_kinds(&c, origins);
		}
		check_claim(&c);
		conf_check_allow(m, c.origin, "listen", c.service->listen, c.service->n_listen);
	}
	check_reached(m, conf, origins);
}
