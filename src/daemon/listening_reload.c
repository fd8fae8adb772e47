/*
 * Listening in a reload, see listening.h.
 *
 * The kernel refuses 0.0.0.0:P while 127.0.0.1:P is listened on, and the other way round.  To close the one first
 * could leave us with neither, and would lose who waits in it.  So the new one is opened beside the old one,
 * which is closed last.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/listening_parts.h"

static bool
same_address(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->length == b->length && memcmp(&a->address, &b->address, a->length) == 0;
}

/* 0: the kernel chooses. */
static in_port_t
port_of(const struct conf_listen *l)
{
	return l->address.sa.sa_family == AF_INET6 ? l->address.v6.sin6_port : l->address.v4.sin_port;
}

/* May both have one port?  Of a port that the kernel chose the configuration does not tell. */
static bool
may_share_port(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->address.sa.sa_family == b->address.sa.sa_family &&
	    (port_of(a) == port_of(b) || port_of(a) == 0 || port_of(b) == 0);
}

static bool
same_owner(const struct listening *a, const struct listening *b)
{
	return a->what == b->what && strcmp(a->name, b->name) == 0;
}

/* ---- the plan ---- */

/*
 * An old listener at this address that nobody goes on with yet, of the same owner if the kernel chose the port:
 * there may be many of these.  NULL: there is none.
 */
static struct listener *
find(const struct listening_change *c, const struct listening *s, const struct conf_listen *where)
{
	const struct listening *old;
	size_t i;

	for (old = c->old; old < c->old + c->n_old; old++) {
		if (port_of(where) == 0 && !same_owner(old, s))
			continue;
		for (i = 0; i < old->n; i++)
			if (old->at[i] != NULL && !listener_marked(old->at[i]) &&
			    same_address(&old->where[i], where))
				return old->at[i];
	}
	return NULL;
}

static void
keep_what_stays(struct listening_change *c)
{
	struct listening *s;
	size_t i;

	for (s = c->new; s < c->new + c->n_new; s++)
		for (i = 0; i < s->n; i++) {
			s->at[i] = find(c, s, &s->where[i]);
			if (s->at[i] != NULL)
				listener_mark(s->at[i], true);
		}
}

/* Lets another of ours be bound beside those that go and could be in its way; or not any more. */
static void
share(const struct listening_change *c, const struct conf_listen *where, bool on)
{
	const struct listening *old;
	size_t i;

	for (old = c->old; old < c->old + c->n_old; old++)
		for (i = 0; i < old->n; i++)
			if (old->at[i] != NULL && !listener_marked(old->at[i]) &&
			    may_share_port(&old->where[i], where))
				listener_share(old->at[i], on); /* if it fails, binding does */
}

static int
start(const struct listening_change *c, const struct listening *s, size_t i, struct loop *loop)
{
	int r, error;

	if (listening_start(s, i, loop, false) == 0)
		return 0;
	if (errno != EADDRINUSE || port_of(&s->where[i]) == 0)
		return -1;
	share(c, &s->where[i], true);
	r = listening_start(s, i, loop, true);
	error = errno;
	share(c, &s->where[i], false);
	errno = error;
	return r;
}

static int
complain(const struct listening *s, const struct conf_listen *where, char *error, size_t cap)
{
	const char *why = strerror(errno);
	char text[TEXT_ADDRESS];
	bool calls = s->what == LISTENING_CALLS;

	if (where == NULL)
		snprintf(error, cap, "%s \"%.32s\" has no address to listen on that exists here; expected one",
		    calls ? "line" : "service", s->name);
	else
		snprintf(error, cap, "%s \"%.32s\" cannot listen %son %s: %s; expected a free address",
		    calls ? "line" : "service", s->name, calls ? "for calls " : "",
		    text_address(text, &where->address.sa, 1), why);
	return -1;
}

int
listening_plan(struct listening_change *c, struct loop *loop, char *error, size_t cap)
{
	struct listening *s;
	size_t i;

	keep_what_stays(c);
	for (s = c->new; s < c->new + c->n_new; s++) {
		for (i = 0; i < s->n; i++)
			if (s->at[i] == NULL && start(c, s, i, loop) != 0)
				return complain(s, &s->where[i], error, cap);
		if (!listening_somewhere(s))
			return complain(s, NULL, error, cap);
	}
	return 0;
}

/* ---- clients that wait in a listener which is closed ---- */

static bool
offer(const struct listening *to, size_t n, int fd, const struct sockaddr *from, socklen_t len)
{
	const struct listening *s;
	size_t i;

	for (s = to; s < to + n; s++)
		for (i = 0; i < s->n; i++)
			if (s->at[i] != NULL && listener_offer(s->at[i], fd, from, len))
				return true;
	return false;
}

/* Until nobody waits, or nobody can be accepted; whoever still comes meanwhile is not waited for. */
static void
empty_into(struct listener *l, const struct listening *to, size_t n)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd, i;

	for (i = 0; i <= LISTENER_BACKLOG && (fd = listener_take(l, &from, &len)) >= 0; i++)
		if (!offer(to, n, fd, (struct sockaddr *)&from, len))
			close(fd);
	listener_free(l);
}

void
listening_give_up(struct listening_change *c)
{
	struct listening *s;
	size_t i;

	for (s = c->new; s < c->new + c->n_new; s++)
		for (i = 0; i < s->n; i++) {
			if (s->at[i] != NULL && listener_marked(s->at[i]))
				listener_mark(s->at[i], false);
			else if (s->at[i] != NULL)
				empty_into(s->at[i], c->old, c->n_old);
			s->at[i] = NULL;
		}
}

/* ---- putting it in place ---- */

void
listening_place(struct listening_change *c)
{
	struct listening *s;
	size_t i;

	for (s = c->old; s < c->old + c->n_old; s++)
		for (i = 0; i < s->n; i++) {
			if (s->at[i] != NULL && !listener_marked(s->at[i]))
				c->leaving[c->n_leaving++] = s->at[i];
			s->at[i] = NULL;
		}
	for (s = c->new; s < c->new + c->n_new; s++)
		for (i = 0; i < s->n; i++)
			if (s->at[i] != NULL) {
				if (!listener_marked(s->at[i]))
					listening_log_one(s, i);
				listener_give(s->at[i], s->fn, s->ctx);
				listener_mark(s->at[i], false);
			}
}

void
listening_leave(struct listening_change *c)
{
	size_t i;

	for (i = 0; i < c->n_leaving; i++)
		empty_into(c->leaving[i], c->new, c->n_new);
	c->n_leaving = 0;
}
