/*
 * Who waits for which text of which picture.  A picture is what there is at one moment; texts are drawn of it, of which
 * each has a form, one at a time.  Pure: whoever has the pictures and draws says what happens and when.
 *
 * A picture is used for EASEL_FRESH ms, and only as long as nothing changes: after a change, whoever looks waits for a
 * text of a picture that is taken later.  What is drawn meanwhile is for those who looked before.  A picture is taken
 * when it is drawn and not when somebody looks, so there are never more of them than drawings.
 */
#ifndef VIEWS_EASEL_H
#define VIEWS_EASEL_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "views/print.h"

#define EASEL_FRESH 200 /* ms; idle times and counts of bytes may be that old */
#define EASEL_FORM 64   /* bytes of a form's name, with NUL */
#define EASEL_KEPT 16   /* texts of a picture that are kept; of more the oldest goes */

/* Lies in who looks; all zero at first. */
struct easel_look {
	TAILQ_ENTRY(easel_look) entry;
	enum { EASEL_AWAY, EASEL_WAITS, EASEL_SERVED } state; /* served: by what is drawn, or has been */
	char form[EASEL_FORM];
	bool packs; /* it is to be packed, too */
};
TAILQ_HEAD(easel_looks, easel_look);

/* What is to be drawn. */
struct easel_job {
	char form[EASEL_FORM];
	bool packs;
	bool anew;          /* of a picture that has to be taken first */
	struct print *have; /* the text, which is there, and only has to be packed; or NULL */
};

struct easel {
	struct easel_looks waiting, served; /* in the order in which they came */
	bool current; /* there is a picture, and it is true */
	msec_t taken; /* when it was */
	struct easel_text {
		char form[EASEL_FORM];
		struct print *print;
	} texts[EASEL_KEPT]; /* of the current one, the oldest first */
	size_t n_texts;
	bool busy;     /* with this: */
	bool in_force; /* its picture is the current one */
	struct easel_job job;
};

void easel_init(struct easel *);

/*
 * Somebody looks who does not wait yet.  Returns a text, with a reference for him; or NULL: he waits, and is answered
 * by easel_answered() or leaves.
 */
struct print *easel_look(struct easel *, struct easel_look *, msec_t now, const char *form, bool packs);
void easel_leave(struct easel *, struct easel_look *); /* also one who does not wait */

/* What is to be drawn next, which is begun by that; false: nothing is, or something is being drawn. */
bool easel_begin(struct easel *, msec_t now, struct easel_job *);

/* The picture that was asked for with it (anew) was taken. */
void easel_taken(struct easel *, msec_t now);

/* It is drawn; takes the reference.  NULL: it could not be. */
void easel_drawn(struct easel *, struct print *);

/* After that, until NULL: one who has waited for it. */
struct easel_look *easel_answered(struct easel *);

/* Something has changed, or it ends: what there is is shown to nobody any more who looks from now on. */
void easel_forget(struct easel *);

#endif
