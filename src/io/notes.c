/*
 * Notes from other threads, see notes.h.
 */
#include "io/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
notes_init(struct notes *n)
{
	pthread_mutex_init(&n->lock, NULL);
	n->list = NULL;
	n->end = &n->list;
	n->taken = NULL;
	n->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return n->wakeup < 0 ? -1 : 0;
}

void
notes_free(struct notes *n)
{
	if (n->wakeup >= 0)
		close(n->wakeup);
	pthread_mutex_destroy(&n->lock);
}

void
notes_post(struct notes *n, struct loop_note *note)
{
	const uint64_t one = 1;
	bool first;

	note->next = NULL;
	pthread_mutex_lock(&n->lock);
	first = n->list == NULL;
	*n->end = note;
	n->end = &note->next;
	pthread_mutex_unlock(&n->lock);
	/* An eventfd counter takes 2^64 - 2 wake-ups before a write could fail. */
	if (first && write(n->wakeup, &one, sizeof one) < 0)
		abort();
}

void
notes_take(struct notes *n)
{
	uint64_t count;

	if (read(n->wakeup, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
		return;
	pthread_mutex_lock(&n->lock);
	n->taken = n->list;
	n->list = NULL;
	n->end = &n->list;
	pthread_mutex_unlock(&n->lock);
}

void
notes_run_taken(struct notes *n)
{
	struct loop_note *note;

	while ((note = n->taken) != NULL) {
		n->taken = note->next; /* fn may free the note */
		note->fn(note->ctx);
	}
}

/* Returns where the list ends then. */
static struct loop_note **
take_out(struct loop_note **list, const struct loop_note *note)
{
	while (*list != NULL)
		if (*list == note)
			*list = note->next;
		else
			list = &(*list)->next;
	return list;
}

void
notes_drop(struct notes *n, struct loop_note *note)
{
	take_out(&n->taken, note);
	pthread_mutex_lock(&n->lock);
	n->end = take_out(&n->list, note);
	pthread_mutex_unlock(&n->lock);
}

/* What a note adds belongs to the next round. */
void
notes_run(struct loop_note *n)
{
	struct loop_note *next;

	for (; n != NULL; n = next) {
		next = n->next; /* fn may free the note */
		n->fn(n->ctx);
	}
}
