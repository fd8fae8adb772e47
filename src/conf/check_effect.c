/*
 * Keys that have no effect beside others, each told by a warning at the one that was given.  What
 * was refused is no reason for one: its value is not known.
 */
#include "conf/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One service with all that belongs to it. */
struct checked {
	struct conf_messages *messages;
	const struct conf *conf;
	const struct conf_service *service;
	const struct conf_rules *rules;
	const struct conf_origin *origin;
	const struct conf_origins *origins;
	const char *section; /* which it stands in */
	bool modem;
	bool awaited;        /* somebody may wait for one of its lines while it is in use */
	bool awaited_known;  /* no `busy` was refused */
};

/* The line where a key was given with a value that says something; 0: nowhere. */
static int
at(const struct checked *c, const char *key)
{
	return conf_known(c->origin, key) ? conf_given(c->origin, key) : 0;
}

static bool
refused(const struct checked *c, const char *key)
{
	return conf_given(c->origin, key) != 0 && !conf_known(c->origin, key);
}

static int
first_of(int a, int b)
{
	return a != 0 ? a : b;
}

/* ---- limits ---- */

/* A limit that ends a claim, of those without activity. */
struct limit {
	const char *key;
	int64_t ms; /* 0: none */
	bool by_default; /* told of, too, where only the other key was given */
};

#define LIMITS 3

static void
limits_of(const struct checked *c, struct limit limits[static LIMITS])
{
	limits[0] = (struct limit){ "inactivity", c->rules->inactivity, true };
	limits[1] = (struct limit){ "inactivity-in-call", c->modem ? c->rules->inactivity_in_call : 0,
		true };
	limits[2] = (struct limit){ "after-call", c->modem ? c->rules->after_call : 0, false };
}

static void
check_session_limit(const struct checked *c)
{
	int64_t most = c->rules->session_limit;
	struct limit limits[LIMITS];
	int limit = at(c, "session-limit"), idle;
	size_t i;

	if (refused(c, "session-limit"))
		return;
	if (most == 0)
		conf_warning(c->messages, limit != 0 ? limit : c->origin->section,
		    "%s \"%.32s\" has no session-limit: a client that stays active keeps it for "
		    "ever", c->section, c->service->name);
	limits_of(c, limits);
	for (i = 0; i < LIMITS; i++) {
		idle = at(c, limits[i].key);
		if (refused(c, limits[i].key) || most == 0 || limits[i].ms < most)
			continue;
		if (idle != 0 || limits[i].by_default)
			conf_warning(c->messages, first_of(idle, limit),
			    "%s is not shorter than session-limit and never applies", limits[i].key);
	}
}

static void
append(char *dst, size_t cap, const char *key, bool last)
{
	size_t used = strlen(dst);

	snprintf(dst + used, cap - used, "%s%s", used == 0 ? "" : last ? " and " : ", ", key);
}

/* Of a limit that is not longer than `warning` nobody is warned. */
static void
check_warning(const struct checked *c)
{
	struct limit limits[LIMITS + 1];
	int where = at(c, "warning"), given;
	const char *without[LIMITS + 1];
	char names[128] = "";
	size_t i, n = 0;

	if (refused(c, "warning") || refused(c, "say-why") || c->rules->warning == 0)
		return;
	if (!c->rules->say_why) {
		if (where != 0)
			conf_warning(c->messages, where, "warning with say-why = false: nobody is told");
		return;
	}
	limits_of(c, limits);
	limits[LIMITS] = (struct limit){ "session-limit", c->rules->session_limit, true };
	for (i = 0; i <= LIMITS; i++) {
		given = at(c, limits[i].key);
		if (limits[i].ms == 0 || limits[i].ms > c->rules->warning)
			continue;
		where = first_of(where, given);
		if (!refused(c, limits[i].key))
			without[n++] = limits[i].key;
	}
	if (where == 0 || n == 0)
		return;
	for (i = 0; i < n; i++)
		append(names, sizeof names, without[i], i + 1 == n);
	conf_warning(c->messages, where,
	    "warning is not shorter than %s: no warning of that is ever given", names);
}

/* Is anybody ever cut for inactivity? */
static bool
cuts_the_idle(const struct checked *c)
{
	const struct conf_rules *r = c->rules;

	return r->inactivity > 0 || (c->modem && (r->inactivity_in_call > 0 || r->after_call > 0)) ||
	    (r->inactivity_contended > 0 && (c->awaited || !c->awaited_known)) ||
	    refused(c, "inactivity") || refused(c, "inactivity-in-call") || refused(c, "after-call") ||
	    refused(c, "inactivity-contended");
}

static void
check_idle(const struct checked *c)
{
	static const char *const keys[] = { "activity", "cool-down" };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof keys[0] && !cuts_the_idle(c); i++)
		if (at(c, keys[i]) != 0 && (i == 0 || c->rules->cool_down > 0))
			conf_warning(c->messages, at(c, keys[i]),
			    "%s without inactivity: nobody is cut for it", keys[i]);
}

static void
check_claims(const struct checked *c)
{
	const struct conf_rules *r = c->rules;
	int timeout = at(c, "claim-timeout"), pick = at(c, "pick"), alive = at(c, "keepalive");

	if (r->keepalive.idle == 0 && alive != 0)
		conf_warning(c->messages, alive,
		    "keepalive is off: a dead client keeps the line until another limit ends");
	if (timeout != 0 && r->claim_timeout > 0 && r->claim == CONF_CLAIM_CONNECT)
		conf_warning(c->messages, timeout, "claim-timeout with %s: whoever has connected has "
		    "claimed", r->protocol == CONF_RAW ? "protocol = \"raw\"" : "claim = \"connect\"");
	if (pick != 0 && c->service->n_lines == 1)
		conf_warning(c->messages, pick, "pick with one line: there is nothing to pick");
}

/* ---- who waits ---- */

/* Is there always another rule that cuts no later? */
static bool
contended_never_applies(const struct conf_rules *s, bool modem)
{
	int64_t contended = s->inactivity_contended;

	if (contended == 0)
		return false;
	if (s->session_limit > 0 && contended >= s->session_limit)
		return true;
	if (s->inactivity == 0 || contended < s->inactivity)
		return false;
	if (!modem)
		return true;
	return s->inactivity_in_call > 0 && contended >= s->inactivity_in_call &&
	    contended >= s->after_call;
}

static void
check_contended(const struct checked *c)
{
	int contended = at(c, "inactivity-contended");

	if (contended == 0 || !c->awaited_known || c->rules->inactivity_contended == 0)
		return;
	if (!c->awaited)
		conf_warning(c->messages, contended, "inactivity-contended without busy = \"queue\" in "
		    "any service of its lines: nobody waits while a line is in use");
	else if (contended_never_applies(c->rules, c->modem) && !refused(c, "inactivity") &&
	    !refused(c, "inactivity-in-call") && !refused(c, "after-call") &&
	    !refused(c, "session-limit"))
		conf_warning(c->messages, contended,
		    "inactivity-contended is not shorter than inactivity and never applies");
}

static void
check_queue(const struct checked *c)
{
	int wait = at(c, "queue-wait"), limit = at(c, "queue-limit");

	if (refused(c, "busy"))
		return;
	if (wait != 0 && c->rules->busy == CONF_BUSY_REFUSE)
		conf_warning(c->messages, wait,
		    "queue-wait without busy = \"queue\": nobody waits in a queue");
	if (limit != 0 && c->rules->queue_limit == 0 && c->rules->busy == CONF_BUSY_QUEUE)
		conf_warning(c->messages, limit,
		    "queue-limit = 0 with busy = \"queue\": nobody waits in a queue");
}

/* ---- who connects ---- */

static bool
is_everywhere(const struct sockaddr *sa)
{
	static const struct in6_addr any = IN6ADDR_ANY_INIT;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		return v4.sin_addr.s_addr == INADDR_ANY;
	}
	memcpy(&v6, sa, sizeof v6);
	return memcmp(&v6.sin6_addr, &any, sizeof any) == 0;
}

/* May somebody of the list reach one of the addresses, from this host or from elsewhere? */
static bool
reaches(const struct acl *allow, const struct conf_listen *listen, size_t n, bool loopback)
{
	const struct sockaddr *sa;
	size_t i;

	for (i = 0; i < n; i++) {
		sa = &listen[i].address.sa;
		if (acl_is_loopback(sa) != loopback && !is_everywhere(sa))
			continue;
		if (acl_holds_some(allow, sa->sa_family, loopback))
			return true;
	}
	return false;
}

static bool
is_on_loopback(const struct conf_listen *listen, size_t n)
{
	while (n > 0 && acl_is_loopback(&listen[n - 1].address.sa))
		n--;
	return n == 0;
}

void
conf_check_reach(struct conf_messages *m, const struct conf_origin *origin, const char *key,
    const struct conf_listen *listen, size_t n, const struct acl *allow)
{
	if (!conf_known(origin, "allow") || !conf_known(origin, key))
		return;
	if (reaches(allow, listen, n, true) || reaches(allow, listen, n, false))
		return;
	if (is_on_loopback(listen, n))
		conf_warning(m, conf_given(origin, "allow"), "allow has no address of loopback, and %s "
		    "no other: nobody can connect", key);
	else
		conf_warning(m, conf_given(origin, "allow"),
		    "allow has no address that can reach %s: nobody can connect", key);
}

/* What goes by the address of a client tells none on loopback from another. */
static void
check_addresses(const struct checked *c)
{
	const struct conf_service *s = c->service;
	int takeover = c->rules->takeover != CONF_TAKEOVER_OFF ? at(c, "takeover") : 0,
	    cool_down = c->rules->cool_down > 0 ? at(c, "cool-down") : 0;

	conf_check_reach(c->messages, c->origin, "listen", s->listen, s->n_listen, c->rules->allow);
	if (takeover != 0 && c->conf->max_clients_per_address == 1)
		conf_warning(c->messages, takeover, "takeover with max-clients-per-address = 1: the second "
		    "connection of an address is closed");
	if (refused(c, "allow") || refused(c, "listen") ||
	    !reaches(c->rules->allow, s->listen, s->n_listen, true) ||
	    reaches(c->rules->allow, s->listen, s->n_listen, false))
		return;
	if (takeover != 0)
		conf_warning(c->messages, takeover, "takeover where all clients are on loopback: none of "
		    "them takes over");
	if (cool_down != 0)
		conf_warning(c->messages, cool_down, "cool-down where all clients are on loopback: it "
		    "counts for none of them");
}

/* ---- lines ---- */

static bool
has_escape(const struct conf_setup *setup)
{
	size_t i;

	for (i = 0; i < setup->n_hangup; i++)
		if (strcmp(setup->hangup[i], "escape") == 0)
			return true;
	return false;
}

/* How a modem with a device of its own is brought back. */
static void
check_handover(struct conf_messages *m, const struct conf_setup *setup,
    const struct conf_origin *origin)
{
	if (conf_known(origin, "init-pause") && conf_known(origin, "init") && setup->n_init == 0)
		conf_warning(m, conf_given(origin, "init-pause"),
		    "init-pause without commands in init: there is nothing to pause after");
	if (conf_known(origin, "guard-time") && conf_known(origin, "hangup") && !has_escape(setup))
		conf_warning(m, conf_given(origin, "guard-time"),
		    "guard-time without \"escape\" in hangup: nothing is guarded");
}

static void
check_line(struct conf_messages *m, const struct conf_line *line, const struct conf_origin *origin)
{
	const struct conf_setup *setup = line->setup;

	if (setup->kind == CONF_MODEM && setup->type == CONF_SERIAL)
		check_handover(m, setup, origin);
	if (conf_known(origin, "dtr-when-free") && setup->dtr_when_free && setup->host_sharing &&
	    setup->hangup_time > 0)
		conf_warning(m, conf_given(origin, "dtr-when-free"), "dtr-when-free with host-sharing: "
		    "a line that is free is closed, and its DTR off");
	if (setup->type == CONF_VIRTUAL && setup->n_answer > 0)
		conf_check_reach(m, origin, "answer", setup->answer, setup->n_answer, setup->allow);
}

/* ---- the file ---- */

/* The line of a global key with a value that says something. */
static int
global(const struct conf_origins *origins, const char *key)
{
	int line = origins->globals[conf_find(&conf_globals, key)];

	return line > 0 ? line : 0;
}

static void
check_globals(struct conf_messages *m, const struct conf *conf, const struct conf_origins *origins)
{
	static const char *const history[] = { "history-days", "history-size" };
	bool none = global(origins, "state-directory") != 0 && conf->state_directory[0] == '\0';
	int each = global(origins, "max-clients-per-address"), all = global(origins, "max-clients");
	size_t i;

	for (i = 0; i < sizeof history / sizeof history[0] && none; i++)
		if (global(origins, history[i]) != 0)
			conf_warning(m, global(origins, history[i]),
			    "%s without state-directory: there is no history", history[i]);
	if (each != 0 && all != 0 && conf->max_clients_per_address > conf->max_clients)
		conf_warning(m, each, "max-clients-per-address is above max-clients and never applies");
}

/* Of each line whether somebody may wait for it while it is in use; *known: no `busy` was refused. */
static bool *
awaited_lines(const struct conf *conf, const struct conf_origins *origins, bool *known)
{
	bool *awaited = calloc(conf->n_lines + 1, sizeof *awaited);
	const struct conf_origin *origin;
	const struct conf_service *s;
	size_t i, k;

	*known = true;
	for (i = 0; awaited != NULL && i < conf->n_services; i++) {
		s = &conf->services[i];
		origin = conf_service_origin(conf, origins, i);
		if (conf_given(origin, "busy") != 0 && !conf_known(origin, "busy"))
			*known = false;
		for (k = 0; k < s->n_lines && s->rules->busy == CONF_BUSY_QUEUE; k++)
			awaited[s->lines[k]] = true;
	}
	return awaited;
}

static void
check_service(struct checked *c, const bool *awaited)
{
	const struct conf_service *s = c->service;
	size_t i;

	for (i = 0; i < s->n_lines; i++)
		c->awaited = c->awaited || awaited[s->lines[i]];
	c->modem = s->n_lines > 0 && c->conf->lines[s->lines[0]].setup->kind == CONF_MODEM;
	check_session_limit(c);
	check_warning(c);
	check_idle(c);
	check_claims(c);
	check_queue(c);
	check_contended(c);
	check_addresses(c);
}

void
conf_check_effects(struct conf_messages *m, const struct conf *conf,
    const struct conf_origins *origins)
{
	bool known, *awaited = awaited_lines(conf, origins, &known);
	size_t i;

	if (awaited == NULL) {
		conf_no_memory(m, 0);
		return;
	}
	check_globals(m, conf, origins);
	for (i = 0; i < conf->n_lines; i++)
		check_line(m, &conf->lines[i], &origins->lines[i]);
	for (i = 0; i < conf->n_services; i++) {
		struct checked c = {
			.messages = m, .conf = conf, .service = &conf->services[i],
			.rules = conf->services[i].rules,
			.origin = conf_service_origin(conf, origins, i), .origins = origins,
			.section = i < origins->n_single ? "line" : "service", .awaited_known = known
		};

		check_service(&c, awaited);
	}
	free(awaited);
}
