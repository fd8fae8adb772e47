/*
 * All places are taken, see crowd.h.
 */
#include "daemon/crowd.h"

#include "daemon/clients.h"
#include "daemon/house.h"
#include "io/log.h"
#include "io/loop.h"
#include "session/session.h"

#define QUIET_MS 10000 /* between two log lines about that */

static void
tell_to_hurry(struct house *h)
{
	struct session *s;
	unsigned unlogged;

	for (s = TAILQ_FIRST(&h->sessions.all); s != NULL; s = session_next(s))
		session_hurry(s);
	if (logquiet_may_speak(&h->crowded_quiet, loop_now(h->sessions.loop), QUIET_MS, &unlogged))
		log_warn("all places are taken, whoever has claimed nothing goes first: event=crowded clients=%zu "
		    "unlogged=%u", clients_count(h->clients), unlogged);
}

void
crowd_look(struct house *h)
{
	bool was = h->sessions.crowded;

	h->sessions.crowded = clients_crowded(h->clients);
	if (h->sessions.crowded && !was)
		tell_to_hurry(h);
}

bool
crowd_yields(void *session)
{
	return session_yields(session);
}
