/*
 * What the files of the arbiter have of each other; for nobody else.
 */
#ifndef SHARING_ARBITER_INSIDE_H
#define SHARING_ARBITER_INSIDE_H

#include "sharing/arbiter.h"

/* arbiter_tell.c: what is given out next.  An answer replaces one that was not given out yet. */
void arbiter_answer(struct arbiter *, struct arbiter_client *, enum arbiter_do);
void arbiter_tell_line(struct arbiter *, struct arbiter_line *);
/* The client has nothing to do with its service any more, nor is it told anything. */
void arbiter_forget(struct arbiter *, struct arbiter_client *);

/* arbiter_line.c: a line's state, and with it the counts of its services. */
void arbiter_set(struct arbiter_line *, enum arbiter_line_state, bool ending, bool preparing);
/* The free line of the service whose turn it is, of those that are closed or of those that are not; or NULL. */
struct arbiter_member *arbiter_pick(const struct arbiter_service *, bool closed);
/* As arbiter_service_lines(), but who waits is not looked at. */
void arbiter_replace_lines(struct arbiter *, struct arbiter_service *, struct arbiter_member *,
    size_t n);

/* arbiter_queue.c.  Who is taken out is nowhere; in_order() when all have been taken out. */
void arbiter_enter(struct arbiter *, struct arbiter_service *, struct arbiter_client *,
    const struct arbiter_rules *, msec_t now);
void arbiter_take_out(struct arbiter *, struct arbiter_client *);
void arbiter_in_order(struct arbiter *, struct arbiter_service *);
/* Whose queue-wait ends first; NULL: nobody's does. */
struct arbiter_client *arbiter_first_wait(const struct arbiter *);
void arbiter_enter_first(struct arbiter *, struct arbiter_service *, struct arbiter_client *,
    const struct arbiter_rules *, msec_t now);
bool arbiter_waits_already(const struct arbiter_service *, const struct arbiter_identity *);
/* Of two who are next in their services: does a come before b? */
bool arbiter_before(const struct arbiter_client *a, const struct arbiter_client *b, msec_t now);

/* arbiter_cool.c: an identity cools down; until when it does, which is in the past if it does not. */
void arbiter_cool(struct arbiter *, const struct arbiter_identity *, msec_t until);
msec_t arbiter_cools(const struct arbiter *, const struct arbiter_identity *);

/* Lines of the service that are between two owners, or will be without anything else to happen. */
static inline size_t
arbiter_moving(const struct arbiter_service *s)
{
	return s->in[ARBITER_HANDOVER] + s->ending;
}

#endif
