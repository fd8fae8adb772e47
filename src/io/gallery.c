/*
 * What all who look are shown, see gallery.h.
 *
 * While the artist draws, `job` and what it points to are his, but that the loop may read what a print has; the loop
 * hands it to him by artist_begin() and has it back in on_done().
 */
#include "io/gallery.h"

#include <stdlib.h>

#include "io/artist.h"
#include "io/http_gzip.h"

struct picture {
	unsigned refs; /* the loop's */
	void *it;
};

struct gallery {
	struct loop *loop;
	const struct gallery_ops *ops;
	void *ctx;
	struct artist *artist;
	struct easel easel;
	struct picture *picture; /* the current one, or NULL */
	struct loop_timer old;   /* set while there is one: nothing is kept that nobody looks at */
	struct loop_note due;    /* something may be begun */
	struct {
		struct easel_job what;
		struct picture *of;
		struct print *print; /* what is there already, or is drawn; NULL: it cannot be */
		char *gzip;
		size_t n_gzip;
	} job;
};

static void
unref(const struct gallery *g, struct picture *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	g->ops->drop(p->it);
	free(p);
}

/* ---- in the artist's thread ---- */

static void
work(void *ctx)
{
	struct gallery *g = ctx;
	size_t n;
	char *text;

	if (g->job.print == NULL) {
		text = g->ops->draw(g->ctx, g->job.of->it, g->job.what.form, &n);
		g->job.print = print_new(text, n);
	}
	if (g->job.print != NULL && g->job.what.packs)
		g->job.gzip = http_gzip(g->job.print->bytes, g->job.print->n, &g->job.n_gzip);
}

/* ---- in the loop ---- */

static void
forget(void *ctx)
{
	struct gallery *g = ctx;

	easel_forget(&g->easel);
	unref(g, g->picture);
	g->picture = NULL;
	loop_timer_set(&g->old, MSEC_NEVER);
}

static void
take(struct gallery *g)
{
	struct picture *p = malloc(sizeof *p);

	if (p != NULL)
		*p = (struct picture){ .refs = 1, .it = g->ops->take(g->ctx) };
	if (p == NULL || p->it == NULL) {
		free(p);
		return;
	}
	forget(g); /* what has changed while it was taken is on it */
	g->picture = p;
	easel_taken(&g->easel, loop_now(g->loop));
	loop_timer_set(&g->old, msec_add(loop_now(g->loop), EASEL_FRESH));
}

/* With the reference of the print, or NULL. */
static void
answer_all(struct gallery *g, struct print *p)
{
	struct easel_look *look;
	struct gallery_look *l;

	while ((look = easel_answered(&g->easel)) != NULL) {
		l = (struct gallery_look *)(void *)look;
		l->of = NULL;
		l->fn(l->ctx, p);
	}
	print_unref(p);
	loop_soon(g->loop, &g->due);
}

static void
on_done(void *ctx)
{
	struct gallery *g = ctx;
	struct print *p = g->job.print;

	unref(g, g->job.of);
	if (p != NULL && g->job.what.packs)
		print_pack(p, g->job.gzip, g->job.n_gzip);
	if (g->ops->drawn != NULL)
		g->ops->drawn(g->ctx);
	easel_drawn(&g->easel, p != NULL ? print_ref(p) : NULL);
	answer_all(g, p);
}

static void
on_due(void *ctx)
{
	struct gallery *g = ctx;

	if (!easel_begin(&g->easel, loop_now(g->loop), &g->job.what))
		return;
	if (g->job.what.anew) {
		forget(g);
		take(g);
	}
	if (g->picture == NULL) {
		easel_drawn(&g->easel, NULL);
		answer_all(g, NULL);
		return;
	}
	g->job.of = g->picture;
	g->job.of->refs++;
	g->job.print = g->job.what.have != NULL ? print_ref(g->job.what.have) : NULL;
	g->job.gzip = NULL;
	g->job.n_gzip = 0;
	artist_begin(g->artist);
}

/* ---- who looks ---- */

struct print *
gallery_look(struct gallery *g, struct gallery_look *l, const char *form, bool packs)
{
	struct print *p = easel_look(&g->easel, &l->look, loop_now(g->loop), form, packs);

	if (p == NULL) {
		l->of = g;
		loop_soon(g->loop, &g->due);
	}
	return p;
}

bool
gallery_waits(const struct gallery_look *l)
{
	return l->of != NULL;
}

void
gallery_leave(struct gallery_look *l)
{
	if (l->of != NULL)
		easel_leave(&l->of->easel, &l->look);
	l->of = NULL;
}

void
gallery_changed(struct gallery *g)
{
	forget(g);
}

/* ---- begin and end ---- */

struct gallery *
gallery_new(struct loop *loop, const struct gallery_ops *ops, void *ctx)
{
	struct gallery *g = calloc(1, sizeof *g);

	if (g == NULL || (g->artist = artist_new(loop, work, on_done, g)) == NULL) {
		free(g);
		return NULL;
	}
	g->loop = loop;
	g->ops = ops;
	g->ctx = ctx;
	g->due = (struct loop_note){ NULL, on_due, g };
	easel_init(&g->easel);
	loop_timer_init(&g->old, loop, forget, g);
	return g;
}

bool
gallery_free(struct gallery *g, int64_t ms)
{
	bool busy;

	if (g == NULL)
		return true;
	busy = g->easel.busy;
	forget(g);
	loop_unsoon(g->loop, &g->due);
	if (!artist_free(g->artist, ms))
		return false;
	if (busy) {
		unref(g, g->job.of);
		free(g->job.gzip);
		print_unref(g->job.print);
	}
	free(g);
	return true;
}
