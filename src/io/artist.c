/*
 * A thread that does one thing at a time, see artist.h.
 */
#include "io/artist.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io/thread.h"

#define STACK_SIZE (256 * 1024)

struct artist {
	/* The loop's. */
	struct loop *loop;
	loop_fn *work, *done;
	void *ctx;
	struct loop_note note;
	bool running; /* there is a thread */

	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake, ended;
	bool due, stop, gone;
};

/* The loop's thread goes first.  Whoever is nicer is never refused; if he were, nothing would be lost. */
static void
be_nice(void)
{
	id_t me = (id_t)syscall(SYS_gettid);

	(void)setpriority(PRIO_PROCESS, me, getpriority(PRIO_PROCESS, me) + ARTIST_NICE);
}

static void *
run(void *arg)
{
	struct artist *a = arg;

	be_nice();
	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->due && !a->stop)
			pthread_cond_wait(&a->wake, &a->lock);
		if (a->stop)
			break;
		a->due = false;
		pthread_mutex_unlock(&a->lock);
		a->work(a->ctx);
		pthread_mutex_lock(&a->lock);
		if (!a->stop)
			loop_post(a->loop, &a->note);
	}
	a->gone = true;
	pthread_cond_signal(&a->ended);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
init_lock(struct artist *a)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->wake, &attr);
	pthread_cond_init(&a->ended, &attr);
	pthread_condattr_destroy(&attr);
}

struct artist *
artist_new(struct loop *loop, loop_fn *work, loop_fn *done, void *ctx)
{
	struct artist *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->loop = loop;
	a->work = work;
	a->done = done;
	a->ctx = ctx;
	a->note = (struct loop_note){ NULL, done, ctx };
	init_lock(a);
	return a;
}

void
artist_begin(struct artist *a)
{
	a->running = a->running || thread_start(STACK_SIZE, run, a) == 0;
	if (!a->running) {
		a->work(a->ctx);
		loop_post(a->loop, &a->note);
		return;
	}
	pthread_mutex_lock(&a->lock);
	a->due = true;
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
}

static bool
ends_within(struct artist *a, int64_t ms)
{
	struct timespec ts;
	bool gone;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	ts.tv_sec += (time_t)(ms / 1000) + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->wake);
	while (!a->gone && pthread_cond_timedwait(&a->ended, &a->lock, &ts) == 0)
		;
	gone = a->gone;
	pthread_mutex_unlock(&a->lock);
	return gone;
}

bool
artist_free(struct artist *a, int64_t ms)
{
	if (a == NULL)
		return true;
	if (a->running && !ends_within(a, ms)) {
		loop_unpost(a->loop, &a->note);
		return false;
	}
	loop_unpost(a->loop, &a->note);
	pthread_cond_destroy(&a->wake);
	pthread_cond_destroy(&a->ended);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return true;
}
