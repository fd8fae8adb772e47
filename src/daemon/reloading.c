/*
 * Who has asked for a reload, see reloading.h.
 */
#include "daemon/reloading.h"

#include <string.h>

#include "io/control.h"
#include "io/log.h"

bool
reloading_ask(struct reloading *r, struct control_call *call)
{
	if (call != NULL && r->n_next == RELOADING_CALLS) {
		control_refuse(call, CTLMSG_FAILED, "too many wait for it already");
		return false;
	}
	if (call != NULL)
		r->next[r->n_next++] = call;
	r->again = true;
	return true;
}

void
reloading_turn(struct reloading *r)
{
	memcpy(r->asked, r->next, r->n_next * sizeof *r->next);
	r->n_asked = r->n_next;
	r->n_next = 0;
	r->again = false;
}

static void
refuse_calls(struct reloading *r, const char *why)
{
	size_t i, n = r->n_asked;

	r->n_asked = 0;
	for (i = 0; i < n; i++)
		control_refuse(r->asked[i], CTLMSG_FAILED, why);
}

void
reloading_done(struct reloading *r, const char *text)
{
	size_t i, n = r->n_asked;

	r->n_asked = 0;
	for (i = 0; i < n; i++)
		control_done(r->asked[i], text);
}

void
reloading_refuse(struct reloading *r, const char *why)
{
	log_error("the configuration stays as it was: event=reload-failed error=\"%s\"", why);
	refuse_calls(r, why);
}

void
reloading_end(struct reloading *r)
{
	static const char why[] = "the server ends";

	confread_free(r->reader);
	r->reader = NULL;
	if (r->state == RELOADING_NOT && !r->again)
		return;
	r->state = RELOADING_NOT;
	reloading_refuse(r, why);
	reloading_turn(r);
	refuse_calls(r, why);
}
