/*
 * Lines and the services they are in: which has how many in what state, and whose turn it is.
 */
#include "sharing/arbiter_inside.h"

static void
count(struct arbiter_service *s, const struct arbiter_line *line)
{
	s->in[line->state]++;
	s->ending += line->ending;
	s->preparing += line->preparing;
}

static void
uncount(struct arbiter_service *s, const struct arbiter_line *line)
{
	s->in[line->state]--;
	s->ending -= line->ending;
	s->preparing -= line->preparing;
}

void
arbiter_set(struct arbiter_line *line, enum arbiter_line_state state, bool ending, bool preparing)
{
	struct arbiter_member *m;

	LIST_FOREACH(m, &line->services, entry)
		uncount(m->service, line);
	line->state = state;
	line->ending = ending;
	line->preparing = preparing;
	LIST_FOREACH(m, &line->services, entry)
		count(m->service, line);
}

struct arbiter_member *
arbiter_pick(const struct arbiter_service *s, bool closed)
{
	struct arbiter_member *m, *best = NULL;
	size_t i, first = 0;

	if (s->in[ARBITER_FREE] == 0)
		return NULL;
	if (s->rules.pick == ARBITER_ROUND_ROBIN && s->last < s->n)
		first = s->last + 1;
	for (i = 0; i < s->n; i++) {
		m = &s->members[(first + i) % s->n];
		if (m->line->state != ARBITER_FREE || m->line->shared != closed)
			continue;
		if (best == NULL || m->line->claims < best->line->claims)
			best = m;
		if (s->rules.pick != ARBITER_LEAST_USED)
			break;
	}
	return best;
}

static void
leave_lines(struct arbiter *a, struct arbiter_service *s)
{
	struct arbiter_member *m;
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		m = &s->members[i];
		uncount(s, m->line);
		LIST_REMOVE(m, entry);
		m->line->waited -= s->waiting > 0;
		arbiter_tell_line(a, m->line);
	}
}

static void
join(struct arbiter *a, struct arbiter_service *s, struct arbiter_member *m)
{
	m->service = s;
	LIST_INSERT_HEAD(&m->line->services, m, entry);
	count(s, m->line);
	m->line->waited += s->waiting > 0;
	arbiter_tell_line(a, m->line);
}

void
arbiter_replace_lines(struct arbiter *a, struct arbiter_service *s, struct arbiter_member *members,
    size_t n)
{
	const struct arbiter_line *last = s->last < s->n ? s->members[s->last].line : NULL;
	size_t i;

	leave_lines(a, s);
	s->members = members;
	s->last = s->n = (uint32_t)n;
	for (i = 0; i < n; i++) {
		join(a, s, &members[i]);
		if (members[i].line == last)
			s->last = (uint32_t)i;
	}
}

void
arbiter_line_init(struct arbiter_line *line, bool shared)
{
	*line = (struct arbiter_line){ .state = ARBITER_OUT, .shared = shared };
	LIST_INIT(&line->services);
}

void
arbiter_service_init(struct arbiter_service *s, const struct arbiter_rules *rules)
{
	*s = (struct arbiter_service){ .rules = *rules };
	TAILQ_INIT(&s->queue);
}

void
arbiter_service_rules(struct arbiter_service *s, const struct arbiter_rules *rules)
{
	s->rules = *rules;
}

size_t
arbiter_service_users(const struct arbiter_service *s)
{
	return s->users;
}

size_t
arbiter_service_waiting(const struct arbiter_service *s)
{
	return s->waiting;
}

size_t
arbiter_line_waiting(const struct arbiter_line *line)
{
	const struct arbiter_member *m;
	size_t n = 0;

	LIST_FOREACH(m, &line->services, entry)
		n += m->service->waiting;
	return n;
}
