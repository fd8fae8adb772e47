/*
 * Who waits for which text, see easel.h.
 */
#include "views/easel.h"

#include <stdio.h>
#include <string.h>

void
easel_init(struct easel *e)
{
	*e = (struct easel){ .current = false };
	TAILQ_INIT(&e->waiting);
	TAILQ_INIT(&e->served);
}

static bool
is_fresh(const struct easel *e, msec_t now)
{
	return e->current && !msec_reached(msec_add(e->taken, EASEL_FRESH), now);
}

static struct print *
text_of(const struct easel *e, const char *form)
{
	size_t i;

	for (i = 0; i < e->n_texts; i++)
		if (strcmp(e->texts[i].form, form) == 0)
			return e->texts[i].print;
	return NULL;
}

static bool
suits(const struct easel_job *job, const struct easel_look *look)
{
	return strcmp(job->form, look->form) == 0 && (job->packs || !look->packs);
}

static void
wait_for(struct easel *e, struct easel_look *look, bool served)
{
	look->state = served ? EASEL_SERVED : EASEL_WAITS;
	TAILQ_INSERT_TAIL(served ? &e->served : &e->waiting, look, entry);
}

struct print *
easel_look(struct easel *e, struct easel_look *look, msec_t now, const char *form, bool packs)
{
	bool fresh = is_fresh(e, now);
	struct print *p = fresh ? text_of(e, form) : NULL;

	if (p != NULL && (p->packed || !packs))
		return print_ref(p);
	snprintf(look->form, sizeof look->form, "%s", form);
	look->packs = packs;
	wait_for(e, look, fresh && e->busy && e->in_force && suits(&e->job, look));
	return NULL;
}

void
easel_leave(struct easel *e, struct easel_look *look)
{
	if (look->state != EASEL_AWAY)
		TAILQ_REMOVE(look->state == EASEL_SERVED ? &e->served : &e->waiting, look, entry);
	look->state = EASEL_AWAY;
}

/* All who wait for this form are served by one drawing, in the way that suits them all. */
static void
choose(struct easel *e)
{
	struct easel_look *look = TAILQ_FIRST(&e->waiting), *next;

	e->job = (struct easel_job){ .packs = false };
	memcpy(e->job.form, look->form, sizeof e->job.form);
	for (; look != NULL; look = next) {
		next = TAILQ_NEXT(look, entry);
		if (strcmp(look->form, e->job.form) != 0)
			continue;
		e->job.packs = e->job.packs || look->packs;
		TAILQ_REMOVE(&e->waiting, look, entry);
		wait_for(e, look, true);
	}
}

bool
easel_begin(struct easel *e, msec_t now, struct easel_job *job)
{
	if (e->busy || TAILQ_EMPTY(&e->waiting))
		return false;
	choose(e);
	e->job.anew = !is_fresh(e, now);
	e->job.have = e->job.anew ? NULL : text_of(e, e->job.form);
	if (e->job.anew)
		easel_forget(e);
	e->busy = true;
	e->in_force = !e->job.anew;
	*job = e->job;
	return true;
}

void
easel_taken(struct easel *e, msec_t now)
{
	easel_forget(e);
	e->current = e->in_force = true;
	e->taken = now;
}

static void
drop_text(struct easel *e, size_t i)
{
	print_unref(e->texts[i].print);
	e->n_texts--;
	memmove(&e->texts[i], &e->texts[i + 1], (e->n_texts - i) * sizeof e->texts[i]);
}

static void
keep(struct easel *e, struct print *p)
{
	struct easel_text *to;

	if (text_of(e, e->job.form) != NULL)
		return;
	if (e->n_texts == EASEL_KEPT)
		drop_text(e, 0);
	to = &e->texts[e->n_texts++];
	memcpy(to->form, e->job.form, sizeof to->form);
	to->print = print_ref(p);
}

void
easel_drawn(struct easel *e, struct print *p)
{
	if (p != NULL && e->in_force)
		keep(e, p);
	e->busy = false;
	print_unref(p);
}

struct easel_look *
easel_answered(struct easel *e)
{
	struct easel_look *look = TAILQ_FIRST(&e->served);

	if (look == NULL || e->busy)
		return NULL;
	easel_leave(e, look);
	return look;
}

void
easel_forget(struct easel *e)
{
	while (e->n_texts > 0)
		drop_text(e, e->n_texts - 1);
	e->current = e->in_force = false;
}
