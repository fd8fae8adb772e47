#include "arbiterscript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identities.h"
#include "sharing/arbiter.h"
#include "unit.h"

#define LINES 6
#define SERVICES 3
#define CLIENTS 26

struct play {
	struct arbiter arbiter;
	struct arbiter_line lines[LINES];
	struct arbiter_service services[SERVICES];
	struct arbiter_member members[SERVICES][2][LINES]; /* two of each, used in turn */
	unsigned turn[SERVICES];
	struct arbiter_client clients[CLIENTS];
	msec_t now;
	char text[1024]; /* what came of the step */
	size_t used;
};

static void
put(struct play *p, const char *what, char client, char line, size_t number)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%s%s", p->used > 0 ? ", " : "", what);

	if (client != '\0')
		n += snprintf(text + n, sizeof text - (size_t)n, " %c", client);
	if (line != '\0')
		n += snprintf(text + n, sizeof text - (size_t)n, " %c", line);
	if (number > 0)
		n += snprintf(text + n, sizeof text - (size_t)n, " %zu", number);
	ck_assert_uint_lt(p->used + (size_t)n, sizeof p->text);
	memcpy(p->text + p->used, text, (size_t)n + 1);
	p->used += (size_t)n;
}

static void
put_action(struct play *p, const struct arbiter_action *a)
{
	static const char *const words[] = {
		[ARBITER_GRANT] = "GRANT", [ARBITER_WAIT] = "WAIT", [ARBITER_REFUSE_BUSY] = "BUSY",
		[ARBITER_REFUSE_FULL] = "FULL", [ARBITER_REFUSE_OUT] = "OUT",
		[ARBITER_REFUSE_TWICE] = "TWICE", [ARBITER_REFUSE_WAITED] = "WAITED",
		[ARBITER_REFUSE_GONE] = "GONE", [ARBITER_START_HANDOVER] = "START",
		[ARBITER_PREPARE] = "PREPARE", [ARBITER_CONTENDED] = "CONTENDED",
		[ARBITER_UNCONTENDED] = "UNCONTENDED"
	};
	char client = a->client != NULL ? (char)('a' + (a->client - p->clients)) : '\0';
	char line = a->line != NULL ? (char)('1' + (a->line - p->lines)) : '\0';

	ck_assert((a->client != NULL) == (a->service != NULL));
	put(p, a->held ? "HELD" : words[a->what], client, line, a->number);
}

static struct arbiter_rules
read_rules(char *rest)
{
	struct arbiter_rules rules = { .pick = ARBITER_FIRST, .limit = 8 };
	char *word, *save = NULL;

	for (word = strtok_r(rest, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		if (strcmp(word, "first") == 0)
			rules.pick = ARBITER_FIRST;
		else if (strcmp(word, "round-robin") == 0)
			rules.pick = ARBITER_ROUND_ROBIN;
		else if (strcmp(word, "least-used") == 0)
			rules.pick = ARBITER_LEAST_USED;
		else if (strcmp(word, "queue") == 0)
			rules.queue = true;
		else if (strcmp(word, "limit") == 0)
			rules.limit = (size_t)atoi(strtok_r(NULL, " ", &save));
		else if (strcmp(word, "wait") == 0)
			rules.wait = atoi(strtok_r(NULL, " ", &save));
		else if (strcmp(word, "cool-down") == 0)
			rules.cool_down = atoi(strtok_r(NULL, " ", &save));
		else
			ck_abort_msg("no rule: %s", word);
	}
	return rules;
}

static void
set_lines(struct play *p, unsigned s, const char *lines)
{
	struct arbiter_member *members = p->members[s][++p->turn[s] % 2];
	size_t n = 0;

	memset(members, 0x5a, sizeof p->members[s][0]);
	for (; *lines >= '1' && *lines <= '6'; lines++)
		members[n++].line = &p->lines[*lines - '1'];
	arbiter_service_lines(&p->arbiter, &p->services[s], members, n);
	memset(p->members[s][(p->turn[s] + 1) % 2], 0x5a, sizeof p->members[s][0]); /* the old ones */
}

/* Steps that begin with a word.  False if it is none of them. */
static bool
do_word(struct play *p, const char *word, char *rest)
{
	struct arbiter_rules rules;
	unsigned s = (unsigned)(rest[0] - '1');
	char text[32];

	if (strcmp(word, "rules") == 0) {
		rules = read_rules(rest + 1);
		arbiter_service_rules(&p->services[s], &rules);
	} else if (strcmp(word, "lines") == 0) {
		set_lines(p, s, rest + 2);
	} else if (strcmp(word, "shared") == 0) {
		arbiter_line_init(&p->lines[s], true);
	} else if (strcmp(word, "identity") == 0) {
		client_of(&p->clients[rest[0] - 'a'], (uint64_t)atoi(rest + 2));
	} else if (strcmp(word, "at") == 0) {
		p->now = (msec_t){ atoi(rest) };
		arbiter_time(&p->arbiter, p->now);
	} else if (strcmp(word, "due") == 0) {
		snprintf(text, sizeof text, "%lld", (long long)arbiter_due(&p->arbiter).v);
		put(p, msec_is_never(arbiter_due(&p->arbiter)) ? "never" : text, 0, 0, 0);
	} else if (strcmp(word, "state") == 0) {
		static const char *const states[] = { "out", "handover", "free", "owned" };
		put(p, states[p->lines[s].state], 0, 0, 0);
	} else if (strcmp(word, "users") == 0) {
		snprintf(text, sizeof text, "%zu", arbiter_service_users(&p->services[s]));
		put(p, text, 0, 0, 0);
	} else {
		return false;
	}
	return true;
}

static void
do_client(struct play *p, struct arbiter_client *c, const char *verb)
{
	struct arbiter_service *service = &p->services[verb[6] == ' ' ? verb[7] - '1' : 0];

	if (strncmp(verb, "claims", 6) == 0)
		arbiter_claim(&p->arbiter, service, c, &service->rules, p->now);
	else if (strncmp(verb, "takes ", 6) == 0)
		put(p, arbiter_take_over(&p->arbiter, &p->services[verb[8] - '1'], c,
		    &p->clients[verb[6] - 'a'], &p->services[verb[8] - '1'].rules, p->now) ? "over" : "not",
		    0, 0, 0);
	else if (strcmp(verb, "leaves") == 0 || strcmp(verb, "cut") == 0)
		arbiter_leave(&p->arbiter, c, verb[0] == 'c', p->now);
	else if (strcmp(verb, "ends") == 0)
		arbiter_ending(c);
	else
		ck_abort_msg("no verb: %s", verb);
}

static void
do_line(struct play *p, struct arbiter_line *line, const char *verb)
{
	bool opens = strcmp(verb, "opens") == 0;

	if (opens || strcmp(verb, "found") == 0)
		arbiter_found(line);
	if (opens || strcmp(verb, "ready") == 0)
		arbiter_ready(&p->arbiter, line, p->now);
	else if (strcmp(verb, "unready") == 0)
		arbiter_unready(line);
	else if (strcmp(verb, "out") == 0)
		arbiter_out(&p->arbiter, line);
	else if (strcmp(verb, "found") != 0)
		ck_abort_msg("no verb: %s", verb);
}

static void
do_step(struct play *p, const char *step)
{
	bool later = strncmp(step, "later ", 6) == 0;
	struct arbiter_action action;
	char text[80], *rest;

	snprintf(text, sizeof text, "%s", later ? step + 6 : step);
	p->used = 0;
	p->text[0] = '\0';
	rest = text + strcspn(text, " ");
	if (*rest != '\0')
		*rest++ = '\0';
	if (text[1] == '\0' && text[0] >= 'a' && text[0] <= 'z')
		do_client(p, &p->clients[text[0] - 'a'], rest);
	else if (text[1] == '\0' && text[0] >= '1' && text[0] <= '6')
		do_line(p, &p->lines[text[0] - '1'], rest);
	else if (!do_word(p, text, rest))
		ck_abort_msg("no step: %s", step);
	while (!later && arbiter_next(&p->arbiter, &action))
		put_action(p, &action);
}

static void
init(struct play *p)
{
	const struct arbiter_rules rules = { .limit = 8 };
	size_t i;

	memset(p, 0, sizeof *p);
	arbiter_init(&p->arbiter);
	for (i = 0; i < LINES; i++)
		arbiter_line_init(&p->lines[i], false);
	for (i = 0; i < SERVICES; i++)
		arbiter_service_init(&p->services[i], &rules);
	for (i = 0; i < CLIENTS; i++)
		client_of(&p->clients[i], 100 + i);
}

void
arbiterscript_run(const struct arbiterscript *script)
{
	static struct play p;
	const char *gives;
	size_t i;

	init(&p);
	for (i = 0; i < ARBITERSCRIPT_STEPS && script->steps[i].does != NULL; i++) {
		do_step(&p, script->steps[i].does);
		gives = script->steps[i].gives;
		if (strcmp(p.text, gives) != 0)
			ck_abort_msg("%s, step %zu, \"%s\": gave \"%s\", not \"%s\"", script->name, i,
			    script->steps[i].does, p.text, gives);
	}
	ck_assert_uint_gt(i, 0);
}
