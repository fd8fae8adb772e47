/*
 * Lines of the log that wait, see logretry.h.
 */
#include "io/logretry.h"

#include "io/log.h"

#define FIRST 20 /* ms */
#define LAST 10000

static void
set(struct logretry *r, int64_t pause)
{
	r->pause = pause < LAST ? pause : LAST;
	loop_timer_set(&r->timer, msec_add(loop_now(r->timer.loop), r->pause));
}

static void
on_waiting(void *ctx)
{
	set(ctx, FIRST);
}

static void
on_time(void *ctx)
{
	struct logretry *r = ctx;
	enum log_flushed done = log_flush();

	if (done != LOG_FLUSHED)
		set(r, done == LOG_STUCK ? 2 * r->pause : FIRST);
}

void
logretry_start(struct logretry *r, struct loop *loop)
{
	loop_timer_init(&r->timer, loop, on_time, r);
	log_on_waiting(on_waiting, r);
	if (log_flush() != LOG_FLUSHED)
		set(r, FIRST);
}

void
logretry_stop(struct logretry *r)
{
	log_on_waiting(NULL, NULL);
	loop_timer_set(&r->timer, MSEC_NEVER);
}
