/*
 * The rules of a configuration that a single value cannot break: between keys of a line, between
 * lines.  Every line is looked at, so that one run tells all that is wrong.
 */
#include "sharing/conf_parts.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One line with all that belongs to it. */
struct checked {
	struct conf_messages *messages;
	const struct conf *conf;
	const struct conf_line *line;
	struct conf_service *service; /* NULL: it does not listen */
	const struct conf_origin *origin;
};

/* The line of a key, 0: not given. */
static int
given(const struct conf_origin *origin, const char *key)
{
	return abs(origin->key[conf_find(&conf_lines, key)]);
}

/* Given with a value that says something; else no rule can be broken with it. */
static bool
known(const struct checked *c, const char *key)
{
	return c->origin->key[conf_find(&conf_lines, key)] > 0;
}

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
		if (given(c->origin, required[i]) == 0)
			conf_error(c->messages, c->origin->section, "line \"%.32s\" without %s; "
			    "expected %s = %s", c->line->name, required[i], required[i],
			    expected[i]);
}

/* Keys of a modem on a console, keys of a service where nothing listens. */
static void
check_keys(const struct checked *c)
{
	const struct conf_key *key;
	bool console = c->line->kind == CONF_CONSOLE && known(c, "kind");
	size_t i;
	int at;

	for (i = 0; i < conf_lines.n; i++) {
		key = &conf_lines.keys[i];
		at = abs(c->origin->key[i]);
		if (at == 0)
			continue;
		if (key->modem_only && console)
			conf_error(c->messages, at,
			    "%s on a console; expected it only with kind = \"modem\"", key->name);
		if (strcmp(key->name, "allow") == 0 && given(c->origin, "answer") != 0)
			continue;
		if (key->of == CONF_OF_SERVICE && c->service == NULL)
			conf_error(c->messages, at,
			    "%s without listen; expected listen in this line", key->name);
	}
}

static void
check_device(const struct checked *c)
{
	int at = given(c->origin, "device");

	if (!known(c, "device") || !known(c, "kind"))
		return;
	if (c->line->type == CONF_VIRTUAL && c->line->kind != CONF_MODEM)
		conf_error(c->messages, at,
		    "device = \"virtual\" on a console; expected kind = \"modem\" with it");
	if (c->line->type == CONF_LOOPBACK && c->line->kind != CONF_CONSOLE)
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
	if (to == NULL || to == c->line || to->type != CONF_VIRTUAL)
		conf_error(c->messages, at, "number to line \"%s\"; expected the name of another "
		    "line with device = \"virtual\"", number->line);
}

static void
check_numbers(const struct checked *c)
{
	size_t i;

	if (c->line->n_numbers > 0 && c->line->type != CONF_VIRTUAL && known(c, "device")) {
		conf_error(c->messages, c->origin->numbers[0],
		    "number in a line with a device of its own; expected it only with device = "
		    "\"virtual\"");
		return;
	}
	for (i = 0; i < c->line->n_numbers; i++)
		check_number(c, &c->line->numbers[i], c->origin->numbers[i]);
}

/* Who listens for others than this host says for whom. */
static void
check_allow(const struct checked *c, const char *key, const struct conf_listen *listen, size_t n)
{
	const struct sockaddr *sa;
	char shown[TEXT_ADDRESS];
	size_t i;

	if (given(c->origin, "allow") != 0)
		return;
	for (i = 0; i < n; i++) {
		sa = (const struct sockaddr *)&listen[i].address;
		if (acl_is_loopback(sa))
			continue;
		conf_error(c->messages, given(c->origin, key), "%s on %s, which is not "
		    "loopback, without allow; expected the addresses that may connect, or allow = "
		    "{ \"any\" }", key, text_address(shown, sa, 1));
		return;
	}
}

/* Only a virtual modem can be rung from the network, or be slower than it is. */
static void
check_virtual(const struct checked *c)
{
	static const char *const keys[] = { "answer", "pace", NULL };
	size_t i;

	if (!known(c, "device"))
		return;
	for (i = 0; keys[i] != NULL; i++)
		if (c->line->type != CONF_VIRTUAL && given(c->origin, keys[i]) != 0)
			conf_error(c->messages, given(c->origin, keys[i]), "%s in a line with a device "
			    "of its own; expected it only with device = \"virtual\"", keys[i]);
	if (c->line->type == CONF_VIRTUAL)
		check_allow(c, "answer", c->line->answer, c->line->n_answer);
}

static void
check_claim(const struct checked *c)
{
	int at = given(c->origin, "claim");

	if (c->service->protocol != CONF_RAW)
		return;
	if (at != 0 && c->service->claim == CONF_CLAIM_USE)
		conf_error(c->messages, at,
		    "claim = \"use\" with protocol = \"raw\"; expected \"connect\", or no claim");
	c->service->claim = CONF_CLAIM_CONNECT;
}

static void
check_limits(const struct checked *c)
{
	const struct conf_service *s = c->service;
	int limit = given(c->origin, "session-limit"), idle = given(c->origin, "inactivity"),
	    in_call = given(c->origin, "inactivity-in-call"),
	    alive = given(c->origin, "keepalive");

	if (s->session_limit == 0)
		conf_warning(c->messages, limit != 0 ? limit : c->origin->section,
		    "line \"%.32s\" has no session-limit: a client that stays active keeps it for "
		    "ever", s->name);
	if (s->session_limit > 0 && s->inactivity >= s->session_limit)
		conf_warning(c->messages, idle != 0 ? idle : limit,
		    "inactivity is not shorter than session-limit and never applies");
	if (s->session_limit > 0 && s->inactivity_in_call >= s->session_limit)
		conf_warning(c->messages, in_call != 0 ? in_call : limit,
		    "inactivity-in-call is not shorter than session-limit and never applies");
	if (s->keepalive.idle == 0)
		conf_warning(c->messages, alive,
		    "keepalive is off: a dead client keeps the line until another limit ends");
}

static void
check_services(const struct checked *c)
{
	if (c->service != NULL) {
		check_claim(c);
		check_allow(c, "listen", c->service->listen, c->service->n_listen);
		check_limits(c);
	} else if (c->line->type != CONF_VIRTUAL) {
		conf_warning(c->messages, c->origin->section,
		    "line \"%.32s\" has no listen: nobody can connect to it", c->line->name);
	}
}

static void
check_devices_differ(struct conf_messages *m, const struct conf *conf,
    const struct conf_origin *origins)
{
	const struct conf_line *a, *b;
	size_t i, j;

	for (i = 0; i < conf->n_lines; i++)
		for (j = 0; j < i; j++) {
			a = &conf->lines[j];
			b = &conf->lines[i];
			if (a->device == NULL || b->device == NULL || strcmp(a->device, b->device) != 0)
				continue;
			conf_error(m, given(&origins[i], "device"), "line \"%.32s\" has the device of "
			    "line \"%.32s\", at line %d; expected a device of its own", b->name,
			    a->name, given(&origins[j], "device"));
			break;
		}
}

/* Would the second of two listeners find its address in use?  Port 0 gets one from the kernel. */
static bool
clash(const struct conf_listen *a, const struct conf_listen *b)
{
	struct sockaddr_in a4, b4;
	struct sockaddr_in6 a6, b6;

	if (a->address.ss_family != b->address.ss_family)
		return false;
	if (a->address.ss_family == AF_INET) {
		memcpy(&a4, &a->address, sizeof a4);
		memcpy(&b4, &b->address, sizeof b4);
		return a4.sin_port != 0 && a4.sin_port == b4.sin_port &&
		    (a4.sin_addr.s_addr == b4.sin_addr.s_addr ||
		    a4.sin_addr.s_addr == INADDR_ANY || b4.sin_addr.s_addr == INADDR_ANY);
	}
	memcpy(&a6, &a->address, sizeof a6);
	memcpy(&b6, &b->address, sizeof b6);
	return a6.sin6_port != 0 && a6.sin6_port == b6.sin6_port &&
	    (memcmp(&a6.sin6_addr, &b6.sin6_addr, sizeof a6.sin6_addr) == 0 ||
	    IN6_IS_ADDR_UNSPECIFIED(&a6.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&b6.sin6_addr));
}

/* One listener of the file, in the order in which they stand: of each line `listen`, then `answer`. */
struct listening {
	const struct conf_listen *listen;
	int at;
};

/* All of them; the caller frees.  NULL with none, or with the error written down. */
static struct listening *
collect(struct conf_messages *m, const struct conf *conf, const struct conf_origin *origins, size_t *n)
{
	size_t i, j, next = 0, most = 0;
	const struct conf_service *s;
	struct listening *all;

	for (i = 0; i < conf->n_services; i++)
		most += conf->services[i].n_listen;
	for (i = 0; i < conf->n_lines; i++)
		most += conf->lines[i].n_answer;
	*n = 0;
	all = calloc(most > 0 ? most : 1, sizeof *all);
	if (all == NULL)
		conf_no_memory(m, 0);
	for (i = 0; all != NULL && i < conf->n_lines; i++) {
		s = next < conf->n_services && conf->services[next].line == i ?
		    &conf->services[next++] : NULL;
		for (j = 0; s != NULL && j < s->n_listen; j++)
			all[(*n)++] = (struct listening){ &s->listen[j], given(&origins[i], "listen") };
		for (j = 0; j < conf->lines[i].n_answer; j++)
			all[(*n)++] = (struct listening){ &conf->lines[i].answer[j],
				given(&origins[i], "answer") };
	}
	return all;
}

/* One message for each key will do. */
static void
check_addresses_differ(struct conf_messages *m, const struct conf *conf,
    const struct conf_origin *origins)
{
	char shown[TEXT_ADDRESS];
	size_t i, j, n;
	struct listening *all = collect(m, conf, origins, &n);
	int told = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i && !clash(all[j].listen, all[i].listen); j++)
			;
		if (j == i || all[i].at == told)
			continue;
		told = all[i].at;
		conf_error(m, all[i].at, "%s is listened on twice, first at line %d; expected a port of "
		    "its own", text_address(shown, (const struct sockaddr *)&all[i].listen->address, 1),
		    all[j].at);
	}
	free(all);
}

void
conf_check(struct conf_messages *m, struct conf *conf, const struct conf_origin *origins)
{
	size_t i, service = 0;

	if (conf->n_lines == 0)
		conf_error(m, 0, "no line; expected at least one, as line \"modem1\" { ... }");
	for (i = 0; i < conf->n_lines; i++) {
		struct checked c = { m, conf, &conf->lines[i], NULL, &origins[i] };

		if (service < conf->n_services && conf->services[service].line == i)
			c.service = &conf->services[service++];
		check_required(&c);
		check_keys(&c);
		check_device(&c);
		check_numbers(&c);
		check_virtual(&c);
		check_services(&c);
	}
	check_devices_differ(m, conf, origins);
	check_addresses_differ(m, conf, origins);
}
