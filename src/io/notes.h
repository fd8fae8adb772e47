/*
 * Notes that other threads leave for the loop's, and the descriptor that wakes it: loop.c's alone.
 */
#ifndef IO_NOTES_H
#define IO_NOTES_H

#include <pthread.h>

#include "io/loop.h"

struct notes {
	pthread_mutex_t lock; /* of list and end */
	struct loop_note *list, **end;
	struct loop_note *taken; /* the loop's, being called */
	int wakeup; /* eventfd; readable while there are some */
};

/* Returns 0, or -1 with errno. */
int notes_init(struct notes *);
void notes_free(struct notes *);

/* From any thread. */
void notes_post(struct notes *, struct loop_note *);

/* Takes all that wait, and calls them in the order of posting: what a note adds belongs to the next round. */
void notes_take(struct notes *);
void notes_run_taken(struct notes *);

/* One that is posted, or not, will not be called any more. */
void notes_drop(struct notes *, struct loop_note *);

/* Calls them in order. */
void notes_run(struct loop_note *);

#endif
