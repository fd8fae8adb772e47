/*
 * What all who look at the control socket see, see picture.h.
 */
#include "daemon/picture.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/daemon_parts.h"
#include "daemon/snapshot_take.h"
#include "views/statusjson.h"

static void
on_old(void *ctx)
{
	picture_forget(ctx);
}

void
picture_init(struct picture *p, struct loop *loop)
{
	loop_timer_init(&p->old, loop, on_old, p);
}

static char *
draw(struct daemon *d, bool may_act)
{
	struct snapshot_taken taken;
	char *json;

	if (snapshot_take(&taken, d) != 0)
		return NULL;
	json = statusjson_text(&taken.snapshot, may_act);
	snapshot_taken_free(&taken);
	return json;
}

const char *
picture_status(struct picture *p, struct daemon *d, bool may_act, size_t *n)
{
	struct picture_text *text = &p->text[may_act];

	if (text->json == NULL) {
		text->json = draw(d, may_act);
		if (text->json == NULL)
			return NULL;
		text->n = strlen(text->json) - 1;
		if (p->text[!may_act].json == NULL)
			loop_timer_set(&p->old, msec_add(loop_now(d->loop), PICTURE_FRESH));
	}
	*n = text->n;
	return text->json;
}

void
picture_forget(struct picture *p)
{
	if (p->text[0].json == NULL && p->text[1].json == NULL)
		return;
	free(p->text[0].json);
	free(p->text[1].json);
	p->text[0] = p->text[1] = (struct picture_text){ NULL, 0 };
	loop_timer_set(&p->old, MSEC_NEVER);
}
