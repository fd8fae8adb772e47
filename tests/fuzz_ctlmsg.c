/*
 * Any line as a request, an answer and a greeting: what is understood comes back the same after it was
 * written again, and what is not has an error.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "views/ctlmsg.h"
#include "views/jsontext.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char error[CTLMSG_ERROR];

static void
as_request(const char *s, size_t n)
{
	struct ctlmsg_request r, again;
	char *line;

	if (ctlmsg_read_request(s, n, &r, error) != 0) {
		if (strlen(error) == 0)
			abort();
		return;
	}
	line = ctlmsg_write_request(&r);
	if (line == NULL || ctlmsg_read_request(line, strlen(line), &again, error) != 0)
		abort();
	free(line);
	if (r.id != again.id || r.verb != again.verb || strcmp(r.line, again.line) != 0 ||
	    strcmp(r.message, again.message) != 0 || strcmp(r.client, again.client) != 0 ||
	    r.since != again.since || r.max != again.max || r.exit != again.exit)
		abort();
}

/* The daemon writes a status from its text. */
static char *
written(const struct ctlmsg_reply *r)
{
	char head[CTLMSG_HEAD], tail[CTLMSG_TAIL], *status, *line;
	size_t size;

	if (r->kind != CTLMSG_STATUSES)
		return ctlmsg_write_reply(r);
	status = jsontext_line(json_incref(r->body));
	if (status == NULL)
		abort();
	ctlmsg_write_status(head, tail, r->id, r->missed);
	size = strlen(head) + strlen(status) + strlen(tail);
	line = malloc(size);
	if (line == NULL)
		abort();
	snprintf(line, size, "%s%.*s%s", head, (int)strlen(status) - 1, status, tail); /* without its newline */
	free(status);
	return line;
}

static void
as_reply(const char *s, size_t n)
{
	struct ctlmsg_reply r, again;
	char *line;

	if (ctlmsg_read_reply(s, n, &r, error) != 0) {
		if (strlen(error) == 0)
			abort();
		return;
	}
	line = written(&r);
	if (line == NULL || ctlmsg_read_reply(line, strlen(line), &again, error) != 0)
		abort();
	if (r.id != again.id || r.kind != again.kind || r.code != again.code || r.at != again.at ||
	    r.missed != again.missed || r.n != again.n || (r.n > 0 && memcmp(r.data, again.data, r.n) != 0))
		abort();
	free(line);
	ctlmsg_reply_clear(&r);
	ctlmsg_reply_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ctlmsg_greeting g;

	as_request((const char *)data, n);
	as_reply((const char *)data, n);
	if (ctlmsg_read_greeting((const char *)data, n, &g, error) != 0 && strlen(error) == 0)
		abort();
	return 0;
}
