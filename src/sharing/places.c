/*
 * How many clients there are places for, see places.h.
 */
#include "sharing/places.h"

#include <stdio.h>

void
places_of(const struct conf *c, const struct conf *page, size_t descriptors, struct places *p)
{
	size_t i;

	*p = (struct places){
		.descriptors = descriptors, .lines = c->n_lines, .listeners = page->n_status,
		.readers = page->n_status > 0 ? PLACES_READERS : 0, .reserve = PLACES_RESERVE,
		.max_clients = c->max_clients,
	};
	for (i = 0; i < c->n_services; i++)
		p->listeners += c->services[i].n_listen;
	for (i = 0; i < c->n_lines; i++)
		p->listeners += c->lines[i].setup->n_answer;
}

static size_t
of_others(const struct places *p)
{
	return p->lines + p->listeners + p->readers + p->reserve;
}

int64_t
places_left(const struct places *p)
{
	return (int64_t)p->descriptors - (int64_t)of_others(p);
}

size_t
places_clients(const struct places *p)
{
	int64_t left = places_left(p);

	if (left < 0)
		return 0;
	return (size_t)left < p->max_clients ? (size_t)left : p->max_clients;
}

size_t
places_needed(const struct places *p)
{
	return of_others(p) + 1;
}

size_t
places_print(char *dst, size_t cap, const struct places *p)
{
	char readers[40] = "";
	int n;

	if (p->readers > 0)
		snprintf(readers, sizeof readers, " - readers %zu", p->readers);
	n = snprintf(dst, cap, "clients: at most %zu; descriptors %zu - lines %zu - listeners %zu%s - reserve %zu = %lld",
	    places_clients(p), p->descriptors, p->lines, p->listeners, readers, p->reserve,
	    (long long)places_left(p));
	if (n < 0)
		return 0;
	return (size_t)n < cap ? (size_t)n : cap - 1;
}
