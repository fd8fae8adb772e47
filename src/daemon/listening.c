/*
 * Listening, see listening.h.
 */
#include "daemon/listening_parts.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "io/log.h"

/* Of each enum listening_for. */
static const struct {
	const char *doing, *key;
} words[] = {
	[LISTENING_CLIENTS] = { "listening", "service" },
	[LISTENING_CALLS] = { "listening for calls", "line" },
	[LISTENING_BROWSERS] = { "listening for browsers", "page" },
};

bool
listening_excused(const struct conf_listen *where, int error)
{
	return where->optional && (error == EADDRNOTAVAIL || error == EAFNOSUPPORT);
}

void
listening_log(enum listening_for what, const char *name, const struct sockaddr *sa)
{
	char text[TEXT_ADDRESS];

	log_info("%s: event=listen %s=%s address=%s", words[what].doing, words[what].key, name,
	    text_address(text, sa, 1));
}

void
listening_log_failure(enum listening_for what, const char *name, const struct sockaddr *sa, int error)
{
	char text[TEXT_ADDRESS];

	log_error("cannot listen: event=listen-failed %s=%s address=%s error=\"%s\"", words[what].key, name,
	    text_address(text, sa, 1), strerror(error));
}

int
listening_start(const struct listening *s, size_t i, struct loop *loop, bool beside)
{
	const struct conf_listen *where = &s->where[i];

	s->at[i] = (beside ? listener_new_beside : listener_new)(loop, &where->address.sa, where->length, s->fn,
	    s->ctx);
	return s->at[i] != NULL || listening_excused(where, errno) ? 0 : -1;
}

void
listening_log_one(const struct listening *s, size_t i)
{
	struct sockaddr_storage sa;
	socklen_t len;

	listener_address(s->at[i], &sa, &len);
	listening_log(s->what, s->name, (struct sockaddr *)&sa);
}

bool
listening_somewhere(const struct listening *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->at[i] != NULL)
			return true;
	return s->n == 0;
}

int
listening_open(const struct listening *s, struct loop *loop)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (listening_start(s, i, loop, false) != 0) {
			listening_log_failure(s->what, s->name, &s->where[i].address.sa, errno);
			return -1;
		}
		if (s->at[i] != NULL)
			listening_log_one(s, i);
	}
	if (listening_somewhere(s))
		return 0;
	log_error("no address to listen on exists here: event=listen-failed %s=%s", words[s->what].key, s->name);
	return -1;
}

void
listening_close(const struct listening *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		listener_free(s->at[i]);
		s->at[i] = NULL;
	}
}
