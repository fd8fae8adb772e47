/*
 * The connections of an HTTP server, see http_conns.h.
 */
#include "io/http_conns.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "io/logquiet.h"

#define LISTENERS 16
#define INPUT_MAX ((size_t)2 * HTTP_HEADER) /* read ahead of what has been answered */
#define SWEEP_MS 1000
#define FULL_SWEEP_MS 100
#define QUIET_MS 10000 /* between two log lines about no descriptors */

struct conn {
	struct bufferevent *bev; /* NULL: this place is free */
	msec_t since; /* accepted, answered or taken away */
	bool answering;
};

struct http_conns {
	struct http_conns *next; /* of all */
	struct loop *loop;
	struct evhttp *ev;
	struct evconnlistener *listeners[LISTENERS];
	size_t n_listeners;
	struct http_limits limits;
	struct conn *conns; /* limits.connections places */
	size_t n_conns;
	struct loop_timer *timer; /* the next sweep */
	struct loop_note note;
	bool noted, gone;
	bool resting; /* no descriptors or memory were left: not listening until the next sweep */
	struct logquiet quiet;
};

/* on_accept_failed() gets evhttp's own context, and finds the one of these that belongs to it. */
static struct http_conns *all;

/* Does all of it listen? */
static bool
listen_again(struct http_conns *h)
{
	bool all_do = true;
	size_t i;

	for (i = 0; i < h->n_listeners; i++)
		all_do &= evconnlistener_enable(h->listeners[i]) == 0;
	return all_do;
}

static void
listen_no_more(struct http_conns *h)
{
	size_t i;

	for (i = 0; i < h->n_listeners; i++)
		evconnlistener_disable(h->listeners[i]);
}

static bool
is_freed(const struct conn *c)
{
	bufferevent_event_cb told;

	bufferevent_getcb(c->bev, NULL, NULL, &told, NULL);
	return told == NULL;
}

static void
forget(struct http_conns *h, struct conn *c)
{
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	bufferevent_decref(c->bev);
	c->bev = NULL;
	h->n_conns--;
}

static bool
is_late(const struct http_conns *h, const struct conn *c, bool full)
{
	int64_t ms = c->answering ? h->limits.answer_ms : h->limits.request_ms;

	return msec_reached(msec_add(c->since, full ? ms / 10 : ms), loop_now(h->loop));
}

/* Closes who is late, forgets who is closed, and listens again if there is room. */
static void
sweep(struct http_conns *h)
{
	bool full = h->n_conns == h->limits.connections;
	struct conn *c;

	for (c = h->conns; c < h->conns + h->limits.connections; c++) {
		if (c->bev != NULL && !is_freed(c) && is_late(h, c, full))
			bufferevent_trigger_event(c->bev, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
		if (c->bev != NULL && is_freed(c))
			forget(h, c);
	}
	h->resting = h->n_conns < h->limits.connections && !listen_again(h);
}

static void
set_timer(struct http_conns *h)
{
	int64_t ms = h->n_conns == h->limits.connections ? FULL_SWEEP_MS : SWEEP_MS;

	loop_timer_set(h->timer, h->n_conns == 0 && !h->resting ? MSEC_NEVER :
	    msec_add(loop_now(h->loop), ms));
}

static void
on_timer(void *ctx)
{
	struct http_conns *h = ctx;

	sweep(h);
	set_timer(h);
}

/* A connection may just have been freed: looked at when this turn ends. */
static void
on_turn_end(void *ctx)
{
	struct http_conns *h = ctx;

	h->noted = false;
	if (h->gone) {
		free(h);
		return;
	}
	sweep(h);
	set_timer(h);
}

/* evhttp has accepted a client and asks for its buffers.  Without ours it would make its own, with
 * no limits: so there is always a free place, and without memory there is no client. */
static struct bufferevent *
on_accept(struct event_base *base, void *ctx)
{
	struct http_conns *h = ctx;
	struct bufferevent *bev;
	struct conn *c = h->conns;

	loop_tick(h->loop);
	while (c < h->conns + h->limits.connections && c->bev != NULL)
		c++;
	bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL || c == h->conns + h->limits.connections)
		return bev;
	bufferevent_incref(bev);
	bufferevent_setwatermark(bev, EV_READ, 0, INPUT_MAX);
	*c = (struct conn){ .bev = bev, .since = loop_now(h->loop) };
	if (++h->n_conns == h->limits.connections)
		listen_no_more(h);
	set_timer(h);
	return bev;
}

/* No descriptors are left: evconnlistener would ask again at once, and again. */
static void
on_accept_failed(struct evconnlistener *listener, void *ev)
{
	int error = errno;
	struct http_conns *h = all;
	unsigned unlogged;

	(void)listener;
	while (h != NULL && h->ev != ev)
		h = h->next;
	if (h == NULL)
		return;
	loop_tick(h->loop);
	listen_no_more(h);
	h->resting = true;
	set_timer(h);
	if (logquiet_may_speak(&h->quiet, loop_now(h->loop), QUIET_MS, &unlogged))
		log_warn("cannot accept a reader: event=accept error=\"%s\" unlogged=%u",
		    strerror(error), unlogged);
}

static struct conn *
find(struct http_conns *h, const struct bufferevent *bev)
{
	struct conn *c = h->conns;

	while (c < h->conns + h->limits.connections && c->bev != bev)
		c++;
	return c < h->conns + h->limits.connections ? c : NULL;
}

void
http_conns_asked(struct http_conns *h, const struct bufferevent *bev)
{
	struct conn *c = find(h, bev);

	if (c != NULL)
		*c = (struct conn){ .bev = c->bev, .since = loop_now(h->loop), .answering = true };
}

void
http_conns_answered(struct http_conns *h, const struct bufferevent *bev)
{
	struct conn *c = find(h, bev);

	if (c != NULL)
		*c = (struct conn){ .bev = c->bev, .since = loop_now(h->loop) };
	if (!h->noted) {
		h->noted = true;
		loop_reap(h->loop, &h->note);
	}
}

struct http_conns *
http_conns_new(struct loop *loop, struct evhttp *ev, struct http_limits limits)
{
	struct http_conns *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->loop = loop;
	h->ev = ev;
	h->limits = limits;
	h->note = (struct loop_note){ NULL, on_turn_end, h };
	h->next = all;
	all = h;
	h->conns = calloc(limits.connections, sizeof *h->conns);
	h->timer = loop_timer_new(loop, on_timer, h);
	if (h->conns == NULL || h->timer == NULL) {
		http_conns_free(h);
		return NULL;
	}
	evhttp_set_bevcb(ev, on_accept, h);
	return h;
}

int
http_conns_listen(struct http_conns *h, const struct sockaddr *sa, socklen_t len,
    struct sockaddr_storage *bound, socklen_t *bound_len)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE | LEV_OPT_DISABLED |
	    (sa->sa_family == AF_INET6 ? LEV_OPT_BIND_IPV6ONLY : 0);
	struct evconnlistener *listener;
	struct evhttp_bound_socket *taken;
	int error;

	if (h->n_listeners == LISTENERS) {
		errno = ENOSPC;
		return -1;
	}
	listener = evconnlistener_new_bind(loop_base(h->loop), NULL, NULL, flags, 128, sa, (int)len);
	if (listener == NULL)
		return -1;
	*bound_len = sizeof *bound;
	if (getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)bound, bound_len) != 0 ||
	    (taken = evhttp_bind_listener(h->ev, listener)) == NULL) {
		evconnlistener_free(listener);
		return -1;
	}
	/* Left to itself evhttp would not ask whether it is watched. */
	if (evconnlistener_enable(listener) != 0) {
		error = errno;
		evhttp_del_accept_socket(h->ev, taken);
		errno = error;
		return -1;
	}
	evconnlistener_set_error_cb(listener, on_accept_failed);
	h->listeners[h->n_listeners++] = listener;
	return 0;
}

void
http_conns_free(struct http_conns *h)
{
	struct http_conns **at = &all;
	size_t i;

	if (h == NULL)
		return;
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	for (i = 0; h->conns != NULL && i < h->limits.connections; i++)
		if (h->conns[i].bev != NULL)
			forget(h, &h->conns[i]);
	loop_timer_free(h->timer);
	free(h->conns);
	h->gone = true;
	if (!h->noted)
		free(h);
}
