/*
 * Calls from the network, see answering.h.
 */
#include "daemon/answering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/listener.h"
#include "io/log.h"

#define QUIET_MS 1000 /* between two log lines about callers */

struct answering {
	struct loop *loop;
	const struct conf_line *conf;
	struct line *line;
	msec_t quiet; /* no further log line until then */
	unsigned unlogged;
	size_t n;
	struct listener *listeners[];
};

/* A flood of callers makes one line a second. */
static void
log_caller(struct answering *a, const struct sockaddr *from, bool allowed)
{
	msec_t now = loop_now(a->loop);
	char who[TEXT_ADDRESS];

	if (msec_before(now, a->quiet)) {
		a->unlogged++;
		return;
	}
	text_address(who, from, 0);
	if (allowed)
		log_info("it rings: event=ring line=%s client=%s unlogged=%u", a->conf->name, who,
		    a->unlogged);
	else
		log_warn("caller turned away: event=turned-away line=%s client=%s why=\"not allowed\" "
		    "unlogged=%u", a->conf->name, who, a->unlogged);
	a->unlogged = 0;
	a->quiet = msec_add(now, QUIET_MS);
}

static void
on_caller(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	struct answering *a = ctx;
	bool allowed = acl_allows(a->conf->setup->allow, from);

	(void)len;
	log_caller(a, from, allowed);
	if (allowed)
		line_ring(a->line, fd);
	else
		close(fd);
}

static void
log_listener(const struct answering *a, const struct listener *l)
{
	struct sockaddr_storage sa;
	char text[TEXT_ADDRESS];
	socklen_t len;

	listener_address(l, &sa, &len);
	log_info("listening for calls: event=listen line=%s address=%s", a->conf->name,
	    text_address(text, (struct sockaddr *)&sa, 1));
}

/* Returns 0, also where an optional address does not exist here; -1 after logging. */
static int
listen_on(struct answering *a, const struct conf_listen *where)
{
	const struct sockaddr *sa = &where->address.sa;
	struct listener *l = listener_new(a->loop, sa, where->length, on_caller, a);
	char text[TEXT_ADDRESS];

	if (l != NULL) {
		a->listeners[a->n++] = l;
		log_listener(a, l);
		return 0;
	}
	if (where->optional && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT))
		return 0;
	log_error("cannot listen: event=listen-failed line=%s address=%s error=\"%s\"", a->conf->name,
	    text_address(text, sa, 1), strerror(errno));
	return -1;
}

struct answering *
answering_new(struct loop *loop, const struct conf_line *conf, struct line *line)
{
	struct answering *a = calloc(1, sizeof *a + conf->setup->n_answer * sizeof a->listeners[0]);
	size_t i;

	if (a == NULL) {
		log_error("no memory: event=no-memory line=%s", conf->name);
		return NULL;
	}
	a->loop = loop;
	a->conf = conf;
	a->line = line;
	a->quiet = loop_now(loop);
	for (i = 0; i < conf->setup->n_answer; i++)
		if (listen_on(a, &conf->setup->answer[i]) != 0) {
			answering_free(a);
			return NULL;
		}
	return a;
}

void
answering_change(struct answering *a, const struct conf_line *conf)
{
	a->conf = conf;
}

void
answering_free(struct answering *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		listener_free(a->listeners[i]);
	free(a);
}
