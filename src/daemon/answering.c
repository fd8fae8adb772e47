/*
 * Calls from the network, see answering.h.
 */
#include "daemon/answering.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "io/log.h"
#include "io/logquiet.h"

#define QUIET_MS 1000 /* between two log lines about callers */

struct answering {
	struct loop *loop;
	const struct conf_line *conf;
	struct line *line;
	struct logquiet quiet;
	size_t n;
	struct listener *listeners[];
};

static void
log_caller(struct answering *a, const struct sockaddr *from, bool allowed)
{
	char who[TEXT_ADDRESS];
	unsigned unlogged;

	if (!logquiet_may_speak(&a->quiet, loop_now(a->loop), QUIET_MS, &unlogged))
		return;
	text_address(who, from, 0);
	if (allowed)
		log_info("it rings: event=ring line=%s client=%s unlogged=%u", a->conf->name, who, unlogged);
	else
		log_warn("caller turned away: event=turned-away line=%s client=%s why=\"not allowed\" "
		    "unlogged=%u", a->conf->name, who, unlogged);
}

static void
on_caller(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	struct answering *a = ctx;
	bool allowed;

	(void)len;
	if (fd < 0) {
		listener_log_failure(a->loop, "line", a->conf->name, errno);
		return;
	}
	allowed = acl_allows(a->conf->setup->allow, from);
	log_caller(a, from, allowed);
	if (allowed)
		line_ring(a->line, fd);
	else
		close(fd);
}

struct listening
answering_listening(struct answering *a)
{
	return (struct listening){ LISTENING_CALLS, a->conf->name, a->conf->setup->answer, a->listeners, a->n,
		on_caller, a };
}

struct answering *
answering_new(struct loop *loop, const struct conf_line *conf, struct line *line)
{
	struct answering *a = calloc(1, sizeof *a + conf->setup->n_answer * sizeof a->listeners[0]);

	if (a == NULL) {
		log_error("no memory: event=no-memory line=%s", conf->name);
		return NULL;
	}
	a->loop = loop;
	a->conf = conf;
	a->line = line;
	a->n = conf->setup->n_answer;
	return a;
}

void
answering_free(struct answering *a)
{
	struct listening all;

	if (a == NULL)
		return;
	all = answering_listening(a);
	listening_close(&all);
	free(a);
}
