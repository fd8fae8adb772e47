/*
 * The daemon as all who look see it, see picture.h.
 */
#include "daemon/picture.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/daemon_parts.h"
#include "daemon/snapshot_take.h"
#include "io/control.h"
#include "views/site.h"
#include "views/statusjson.h"

struct picture {
	/* The loop's. */
	struct daemon *daemon;
	struct gallery *gallery;
	struct page_versions versions;
	uint64_t taken; /* so many pictures */

	/* The drawing's, and the loop's while there is none. */
	struct page_changes *changes;
	uint64_t looked; /* the last picture that was looked at for them; 0: none */
};

/* One of them, which nobody changes. */
struct seen {
	uint64_t number; /* 1 is the first */
	struct snapshot_taken taken;
};

/* ---- in the loop ---- */

static void *
take(void *ctx)
{
	struct picture *p = ctx;
	struct seen *seen = malloc(sizeof *seen);

	if (seen == NULL || snapshot_take(&seen->taken, p->daemon) != 0) {
		free(seen);
		return NULL;
	}
	seen->number = ++p->taken;
	return seen;
}

static void
drop(void *picture)
{
	struct seen *seen = picture;

	snapshot_taken_free(&seen->taken);
	free(seen);
}

static void
drawn(void *ctx)
{
	struct picture *p = ctx;

	page_changes_versions(p->changes, &p->versions);
}

/* ---- in the thread that draws ---- */

static char *
draw_status(const struct snapshot *s, bool may_act, size_t *n)
{
	char *json = statusjson_text(s, may_act);

	if (json != NULL)
		*n = strlen(json) - 1; /* without its newline */
	return json;
}

/* One look for all who have the same picture, whatever they had before. */
static char *
draw_changes(struct picture *p, const struct seen *seen, const char *version, size_t *n)
{
	if (p->looked != seen->number) {
		p->looked = 0;
		if (page_changes_look(p->changes, &seen->taken.snapshot) != 0)
			return NULL;
		p->looked = seen->number;
	}
	return page_changes_text(p->changes, version, n);
}

static char *
draw(void *ctx, const void *picture, const char *form, size_t *n)
{
	const struct seen *seen = picture;
	const struct snapshot *s = &seen->taken.snapshot;
	const struct site_page *page;
	const char *version;

	if (strcmp(form, CONTROL_TO_ACT) == 0 || strcmp(form, CONTROL_TO_LOOK) == 0)
		return draw_status(s, strcmp(form, CONTROL_TO_ACT) == 0, n);
	page = site_named(form, &version);
	if (page == NULL || page->bytes != NULL)
		return NULL;
	return page->changes ? draw_changes(ctx, seen, version, n) : page->make(s, n);
}

/* ---- begin and end ---- */

struct picture *
picture_new(struct daemon *d)
{
	static const struct gallery_ops ops = { take, draw, drawn, drop };
	struct picture *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->daemon = d;
	p->changes = page_changes_new((uint64_t)d->started);
	p->gallery = gallery_new(d->loop, &ops, p);
	if (p->changes == NULL || p->gallery == NULL) {
		picture_free(p);
		return NULL;
	}
	drawn(p);
	return p;
}

struct gallery *
picture_gallery(const struct picture *p)
{
	return p->gallery;
}

const struct page_versions *
picture_versions(const struct picture *p)
{
	return &p->versions;
}

/* What is still being drawn then goes on with what it has, and the program ends before that. */
void
picture_free(struct picture *p)
{
	if (p == NULL || !gallery_free(p->gallery, PICTURE_END))
		return;
	page_changes_free(p->changes);
	free(p);
}
