/*
 * Configurations that are in force or still spoken of, see generation.h.
 */
#include "daemon/generation.h"

#include <stdlib.h>

#include "daemon/house.h"

struct generation *
generation_new(struct conf *conf, struct generation *older)
{
	struct generation *g = calloc(1, sizeof *g);

	if (g == NULL) {
		conf_free(conf);
		return NULL;
	}
	g->conf = conf;
	g->next = older;
	return g;
}

/* The newest is in force, the oldest says what needs a restart: only those between go. */
static void
drop_unused(struct house *h)
{
	struct generation **at = &h->generation->next, *g;

	while ((g = *at) != NULL) {
		if (g->sessions > 0 || g->next == NULL) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		conf_free(g->conf);
		free(g);
	}
}

void
generation_leave(struct house *h, struct generation *g)
{
	if (--g->sessions == 0)
		drop_unused(h);
}

void
generations_free(struct house *h)
{
	struct generation *g;

	while ((g = h->generation) != NULL) {
		h->generation = g->next;
		conf_free(g->conf);
		free(g);
	}
}

const struct conf *
generation_first(const struct house *h)
{
	const struct generation *g = h->generation;

	while (g->next != NULL)
		g = g->next;
	return g->conf;
}
