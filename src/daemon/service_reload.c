/*
 * A service in a reload: listeners that stay are kept, with the clients that wait in them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/service_parts.h"
#include "io/listener.h"

bool
service_same_address(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->length == b->length && memcmp(&a->address, &b->address, a->length) == 0;
}

static bool
any_port(const struct conf_listen *l)
{
	if (l->address.sa.sa_family == AF_INET6)
		return l->address.v6.sin6_port == 0;
	return l->address.v4.sin_port == 0;
}

/*
 * The place of a listener at this address in an old service, of the same name if the kernel chose its port:
 * there may be many of these.  false: there is none.
 */
static bool
find(const struct service *s, const struct conf_listen *l, struct service *const *old, size_t n,
    struct service **in, size_t *at)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (any_port(l) && strcmp(old[i]->conf->name, s->conf->name) != 0)
			continue;
		for (k = 0; k < old[i]->conf->n_listen; k++) {
			if (old[i]->listeners[k] == NULL ||
			    !service_same_address(&old[i]->conf->listen[k], l))
				continue;
			*in = old[i];
			*at = k;
			return true;
		}
	}
	return false;
}

int
service_open_missing(struct service *s, struct service *const *old, size_t n, struct service *live,
    char *error, size_t cap)
{
	const struct conf_listen *l;
	char text[TEXT_ADDRESS];
	struct service *in;
	size_t i, at;

	for (i = 0; i < s->conf->n_listen; i++) {
		l = &s->conf->listen[i];
		if (find(s, l, old, n, &in, &at) || service_listen_on(s, l, live) == 0)
			continue;
		snprintf(error, cap, "service \"%.32s\" cannot listen on %s: %s; expected a free address",
		    s->conf->name, text_address(text, &l->address.sa, 1),
		    strerror(errno));
		return -1;
	}
	return 0;
}

void
service_adopt(struct service *s, struct service *const *old, size_t n, struct service *live)
{
	struct service *in;
	size_t i, at;

	for (i = 0; i < s->conf->n_listen; i++) {
		if (!find(s, &s->conf->listen[i], old, n, &in, &at))
			continue;
		listener_give(in->listeners[at], live);
		service_prepare(s, in->listeners[at]);
		s->listeners[i] = in->listeners[at];
		in->listeners[at] = NULL;
	}
}

void
service_exchange(struct service *live, struct service *made)
{
	struct service was = *live;

	live->conf = made->conf;
	live->members = made->members;
	live->listeners = made->listeners;
	made->conf = was.conf;
	made->members = was.members;
	made->listeners = was.listeners;
}

/* ---- the end of one ---- */

void
service_forget(struct service *s)
{
	struct service **at = &s->house->gone;

	while (*at != NULL && *at != s)
		at = &(*at)->next_gone;
	if (*at == s)
		*at = s->next_gone;
	service_free(s);
}

void
service_retire(struct service *s)
{
	s->gone = true; /* its lines may go before its last session does */
	service_stop_listening(s);
	s->listeners = NULL; /* nor do we know how many there were when conf has gone */
	if (s->sessions == 0) {
		service_free(s);
		return;
	}
	s->next_gone = s->house->gone;
	s->house->gone = s;
}
