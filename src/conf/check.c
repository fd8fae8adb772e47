/*
 * The rules of a configuration that a single value cannot break: between keys of a line, between
 * lines.  Every line is looked at, so that one run tells all that is wrong.
 */
#include "conf/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One line with all that belongs to it. */
struct checked {
	struct conf_messages *messages;
	const struct conf *conf;
	const struct conf_line *line;
	const struct conf_origin *origin;
	size_t n_single; /* services of single lines */
};

static void
check_required(const struct checked *c)
{
	static const char *const required[] = { "kind", "device", NULL };
	static const char *const expected[] = {
		"\"modem\" or \"console\"", "a path, \"virtual\" or \"loopback\""
	};
	char shown[100];
	size_t i;

	if (!conf_is_name(c->line->name)) {
		text_vis(shown, sizeof shown, c->line->name, strlen(c->line->name));
		conf_error(c->messages, c->origin->section, "line \"%s\"; expected a name of 1 to "
		    "32 letters, digits, \".\", \"_\" and \"-\"", shown);
	}
	for (i = 0; required[i] != NULL; i++)
		if (conf_given(c->origin, required[i]) == 0)
			conf_error(c->messages, c->origin->section, "line \"%.32s\" without %s; "
			    "expected %s = %s", c->line->name, required[i], required[i],
			    expected[i]);
}

/* Keys of a modem on a console. */
static void
check_kind(const struct checked *c, const struct conf_table *table, const int *given)
{
	size_t i;

	if (c->line->setup->kind != CONF_CONSOLE || !conf_known(c->origin, "kind"))
		return;
	for (i = 0; i < table->n; i++)
		if (table->keys[i].modem_only && given[i] != 0)
			conf_error(c->messages, abs(given[i]), "%s on a console; expected it only with "
			    "kind = \"modem\"", table->keys[i].name);
}

/* The first section `service` that has the line; NULL: none. */
static const struct conf_service *
pool_of(const struct checked *c)
{
	size_t line = (size_t)(c->line - c->conf->lines), i, k;
	const struct conf_service *s;

	for (i = c->n_single; i < c->conf->n_services; i++) {
		s = &c->conf->services[i];
		for (k = 0; k < s->n_lines; k++)
			if (s->lines[k] == line)
				return s;
	}
	return NULL;
}

/* Keys of a service where nothing listens. */
static void
check_listens(const struct checked *c)
{
	const struct conf_service *pool = NULL;
	bool looked = false;
	const char *name;
	size_t i;

	for (i = 0; i < conf_services.n; i++) {
		name = conf_services.keys[i].name;
		if (c->origin->service[i] == 0 || conf_given(c->origin, "listen") != 0 ||
		    (strcmp(name, "allow") == 0 && conf_given(c->origin, "answer") != 0))
			continue;
		/* There may be thousands of lines, and the report is full by then. */
		if (!looked && c->messages->report->errors <= 100)
			pool = pool_of(c);
		looked = true;
		if (pool == NULL)
			conf_error(c->messages, abs(c->origin->service[i]),
			    "%s without listen; expected listen in this line", name);
		else
			conf_error(c->messages, abs(c->origin->service[i]), "%s without listen; expected "
			    "listen in this line, or %s in the service \"%.32s\", which has this line",
			    name, name, pool->name);
	}
}

static void
check_device(const struct checked *c)
{
	int at = conf_given(c->origin, "device");

	if (!conf_known(c->origin, "device") || !conf_known(c->origin, "kind"))
		return;
	if (c->line->setup->type == CONF_VIRTUAL && c->line->setup->kind != CONF_MODEM)
		conf_error(c->messages, at,
		    "device = \"virtual\" on a console; expected kind = \"modem\" with it");
	if (c->line->setup->type == CONF_LOOPBACK && c->line->setup->kind != CONF_CONSOLE)
		conf_error(c->messages, at,
		    "device = \"loopback\" on a modem; expected kind = \"console\" with it");
}

static const struct conf_line *
find_line(const struct conf *conf, const char *name)
{
	size_t i;

	for (i = 0; i < conf->n_lines; i++)
		if (strcmp(conf->lines[i].name, name) == 0)
			return &conf->lines[i];
	return NULL;
}

static bool
is_number(const char *s)
{
	size_t n = strspn(s, "0123456789*#ABCD");

	return n > 0 && n <= CONF_NAME_MAX && s[n] == '\0';
}

static void
check_number(const struct checked *c, const struct conf_number *number, int at)
{
	const struct conf_line *to;
	char shown[100];

	if (!is_number(number->digits)) {
		text_vis(shown, sizeof shown, number->digits, strlen(number->digits));
		conf_error(c->messages, at,
		    "number \"%s\"; expected 1 to 32 of the digits 0 to 9, *, #, A to D", shown);
	}
	if (number->to != CONF_DIAL_LINE || number->line == NULL)
		return;
	to = find_line(c->conf, number->line);
	if (to == NULL || to == c->line || to->setup->type != CONF_VIRTUAL)
		conf_error(c->messages, at, "number to line \"%s\"; expected the name of another "
		    "line with device = \"virtual\"", number->line);
}

static void
check_numbers(const struct checked *c)
{
	size_t i;

	if (c->line->setup->n_numbers > 0 && c->line->setup->type != CONF_VIRTUAL &&
	    conf_known(c->origin, "device")) {
		conf_error(c->messages, c->origin->numbers[0],
		    "number in a line with a device of its own; expected it only with device = "
		    "\"virtual\"");
		return;
	}
	for (i = 0; i < c->line->setup->n_numbers; i++)
		check_number(c, &c->line->setup->numbers[i], c->origin->numbers[i]);
}

/* Only a virtual modem can be rung from the network, or be slower than it is. */
static void
check_virtual(const struct checked *c)
{
	static const char *const keys[] = { "answer", "pace", NULL };
	size_t i;

	if (!conf_known(c->origin, "device"))
		return;
	for (i = 0; keys[i] != NULL; i++)
		if (c->line->setup->type != CONF_VIRTUAL && conf_given(c->origin, keys[i]) != 0)
			conf_error(c->messages, conf_given(c->origin, keys[i]), "%s in a line with a "
			    "device of its own; expected it only with device = \"virtual\"", keys[i]);
	if (c->line->setup->type == CONF_VIRTUAL)
		conf_check_allow(c->messages, c->origin, "answer", c->line->setup->answer,
		    c->line->setup->n_answer);
}

/* A built-in device is brought back without a dialogue, and no other program can open it. */
static void
check_built_in(const struct checked *c)
{
	const char *device = c->line->setup->type == CONF_VIRTUAL ? "virtual" : "loopback";
	int sharing = conf_given(c->origin, "host-sharing");
	size_t i;

	if (c->line->setup->type == CONF_SERIAL || !conf_known(c->origin, "device"))
		return;
	if (sharing != 0)
		conf_error(c->messages, sharing, "host-sharing with device = \"%s\"; expected it only "
		    "with a path as device", device);
	if (c->line->setup->type != CONF_VIRTUAL)
		return;
	for (i = 0; i < conf_lines.n; i++)
		if (conf_lines.keys[i].proof && c->origin->line[i] != 0)
			conf_error(c->messages, abs(c->origin->line[i]), "%s with device = \"%s\"; "
			    "expected it only with a path as device", conf_lines.keys[i].name, device);
}

static void
check_hangup(const struct checked *c)
{
	int at = conf_given(c->origin, "hangup");
	size_t i;

	if (at == 0 || c->line->setup->hangup_time > 0 || !conf_known(c->origin, "hangup-time"))
		return;
	for (i = 0; i < c->line->setup->n_hangup; i++)
		if (strcmp(c->line->setup->hangup[i], "dtr") == 0)
			conf_warning(c->messages, at,
			    "\"dtr\" in hangup with hangup-time = 0: this way is left out");
}

/* The page has no list of who may read it. */
static void
check_status(struct conf_messages *m, const struct conf *conf, const struct conf_origins *origins)
{
	const struct sockaddr *sa;
	char shown[TEXT_ADDRESS];
	size_t i;

	if (origins->status != 0 && origins->status_listen == 0)
		conf_error(m, origins->status,
		    "status without listen; expected listen = { addresses to listen on }");
	if (conf->n_status > CONF_STATUS_MAX)
		conf_error(m, origins->status_listen, "status on %zu addresses; expected at most %d, where a port "
		    "alone is two", conf->n_status, CONF_STATUS_MAX);
	for (i = 0; i < conf->n_status; i++) {
		sa = &conf->status[i].address.sa;
		if (acl_is_loopback(sa))
			continue;
		conf_warning(m, abs(origins->status_listen), "status page on %s, which is not loopback: "
		    "everybody who can reach it can read it", text_address(shown, sa, 1));
		return;
	}
}

void
conf_check(struct conf_messages *m, struct conf *conf, const struct conf_origins *origins)
{
	size_t i;

	if (conf->n_lines == 0)
		conf_error(m, 0, "no line; expected at least one, as line \"modem1\" { ... }");
	for (i = 0; i < conf->n_lines; i++) {
		struct checked c = { m, conf, &conf->lines[i], &origins->lines[i],
			origins->n_single };

		check_required(&c);
		check_kind(&c, &conf_lines, c.origin->line);
		check_kind(&c, &conf_services, c.origin->service);
		check_listens(&c);
		check_device(&c);
		check_numbers(&c);
		check_virtual(&c);
		check_built_in(&c);
		check_hangup(&c);
	}
	conf_check_services(m, conf, origins);
	conf_check_effects(m, conf, origins);
	check_status(m, conf, origins);
	conf_check_devices(m, conf, origins);
	conf_check_addresses(m, conf, origins);
}
