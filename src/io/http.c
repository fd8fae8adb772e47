/*
 * An HTTP server, see http.h: who may connect, for how long, and what is asked.
 */
#include "io/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/httptext.h"
#include "io/http_answer.h"
#include "io/http_cache.h"
#include "io/http_conn.h"
#include "io/listener.h"

#define SWEEP_MS 1000
#define FULL_SWEEP_MS 100

struct http {
	struct loop *loop;
	struct http_limits limits;
	struct listener *listeners[HTTP_LISTENERS];
	size_t n_listeners;
	struct http_conn **conns; /* limits.connections places; NULL: free */
	size_t n_conns;
	struct loop_timer timer; /* the next sweep, */
	msec_t sweep;            /* which is then; never: while nobody is there */
	struct loop_note note;   /* one of them is over */
	struct http_cache cache;
	const struct http_site *site;
	struct gallery *gallery;
	void *ctx;
	const char *const *names;
	size_t n_names;
};

/* ---- places ---- */

static bool
is_full(const struct http *h)
{
	return h->n_conns == h->limits.connections;
}

/* Further clients wait in the kernel while all places are taken. */
static void
listen_if_room(struct http *h)
{
	size_t i;

	for (i = 0; i < h->n_listeners; i++)
		listener_pause(h->listeners[i], is_full(h));
}

/* Sooner, but never later than it was to be: each second somebody comes or goes. */
static void
set_timer(struct http *h)
{
	msec_t soon = msec_add(loop_now(h->loop), is_full(h) ? FULL_SWEEP_MS : SWEEP_MS);

	h->sweep = h->n_conns == 0 ? MSEC_NEVER : msec_min(h->sweep, soon);
	loop_timer_set(&h->timer, h->sweep);
}

static bool
is_late(const struct http *h, const struct http_conn *c)
{
	int64_t ms = c->state == HTTP_CONN_LINGERING ? HTTP_CONN_LINGER :
	    c->state != HTTP_CONN_ASKING ? h->limits.answer_ms : h->limits.request_ms;

	return msec_reached(msec_add(c->since, is_full(h) ? ms / 10 : ms), loop_now(h->loop));
}

/* Frees who is over. */
static void
clear_away(void *ctx)
{
	struct http *h = ctx;
	size_t i;

	for (i = 0; i < h->limits.connections; i++) {
		if (h->conns[i] == NULL || h->conns[i]->state != HTTP_CONN_OVER)
			continue;
		http_conn_free(h->conns[i]);
		h->conns[i] = NULL;
		h->n_conns--;
	}
	listen_if_room(h);
	set_timer(h);
}

/* Ends who is late. */
static void
on_timer(void *ctx)
{
	struct http *h = ctx;
	size_t i;

	h->sweep = MSEC_NEVER;
	for (i = 0; i < h->limits.connections; i++)
		if (h->conns[i] != NULL && is_late(h, h->conns[i]))
			http_conn_end(h->conns[i]);
	set_timer(h);
}

static void
on_over(void *ctx, struct http_conn *c)
{
	struct http *h = ctx;

	(void)c;
	loop_soon(h->loop, &h->note);
}

/* It is not answered, and nothing that it has asked waits to be read, as it may while owners of lines keep us busy. */
static bool
may_go(const struct http_conn *c)
{
	return c->state == HTTP_CONN_LINGERING || (c->state == HTTP_CONN_ASKING && !http_conn_unread(c));
}

/* Those go first that have had their last answer, and then who has waited longest. */
static bool
goes_before(const struct http_conn *a, const struct http_conn *b)
{
	if (a->state != b->state)
		return a->state == HTTP_CONN_LINGERING;
	return msec_before(a->since, b->since);
}

/*
 * Room within the share of whoever this is: of those that his address has, one that asks nothing ends.  False: all of
 * them are being answered, or about to be.
 */
static bool
make_room(struct http *h, const struct http_conn *newcomer)
{
	struct http_conn *first = NULL, *c;
	size_t i, n = 0;

	for (i = 0; i < h->limits.connections; i++) {
		c = h->conns[i];
		if (c == NULL || c->state == HTTP_CONN_OVER || memcmp(c->key, newcomer->key, ADDRKEY) != 0)
			continue;
		n++;
		if (may_go(c) && (first == NULL || goes_before(c, first)))
			first = c;
	}
	if (n < h->limits.share)
		return true;
	if (first == NULL)
		return false;
	http_conn_end(first);
	return true;
}

/* ---- requests ---- */

/* What is known of it is answered; else it is drawn, and its reader waits. */
static void
find(struct http *h, struct http_conn *c, const struct httphead *head, const char *name)
{
	bool packs = httptext_takes_gzip(head->accept_encoding);
	struct http_content content;
	struct print *p;

	switch (h->site->find(h->ctx, name, &content)) {
	case HTTP_FIXED:
		p = http_cache_get(&h->cache, content.bytes, content.n, packs);
		break;
	case HTTP_DRAWN:
		p = gallery_look(h->gallery, &c->look, name, packs);
		break;
	default:
		http_answer_refuse(c, head->head, 404);
		return;
	}
	c->asked = (struct http_asked){ content.type, packs, head->head, head->close, "" };
	memcpy(c->asked.has, head->if_none_match, sizeof c->asked.has);
	if (p == NULL && gallery_waits(&c->look))
		http_conn_wait(c);
	else
		http_answer(c, p);
}

static void
on_drawn(void *ctx, struct print *p)
{
	http_answer(ctx, p != NULL ? print_ref(p) : NULL);
}

static void
on_asked(void *ctx, struct http_conn *c, const struct httphead *head, int refused)
{
	struct http *h = ctx;
	char name[HTTP_NAME] = "";
	int status = refused;

	/* Who does not say whom he means, as HTTP/1.0 need not, is no browser that somebody else's page leads here. */
	if (status == 0 && head->named &&
	    !httptext_is_for_us(head->host, h->names, h->n_names))
		status = 421;
	if (status == 0) {
		h->site->name(h->ctx, head->path, head->query, name);
		status = 404;
	}
	if (*name == '\0')
		http_answer_refuse(c, head->head, status);
	else
		find(h, c, head, name);
}

static const struct http_conn_news news = { on_asked, on_over };

static void
on_accept(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	struct http *h = ctx;
	struct http_conn *c;
	size_t i = 0;
	bool room;

	(void)len;
	if (fd < 0)
		listener_log_failure(h->loop, "page", "status", errno);
	if (fd < 0 || (c = http_conn_new(h->loop, fd, from, &news, h)) == NULL)
		return;
	room = make_room(h, c);
	while (i < h->limits.connections && h->conns[i] != NULL)
		i++;
	if (i == h->limits.connections) { /* it came in the turn in which the last place was taken */
		http_conn_free(c);
		return;
	}
	c->look.fn = on_drawn;
	c->look.ctx = c;
	h->conns[i] = c;
	h->n_conns++;
	listen_if_room(h);
	set_timer(h);
	if (!room)
		http_answer_refuse(c, false, 503);
}

/* ---- the server ---- */

struct http *
http_new(struct loop *loop, struct http_limits limits, const struct http_site *site, struct gallery *gallery, void *ctx)
{
	struct http *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->loop = loop;
	h->limits = limits;
	h->site = site;
	h->gallery = gallery;
	h->ctx = ctx;
	h->note = (struct loop_note){ NULL, clear_away, h };
	h->sweep = MSEC_NEVER;
	loop_timer_init(&h->timer, loop, on_timer, h);
	h->conns = calloc(limits.connections, sizeof *h->conns);
	if (h->conns == NULL) {
		http_free(h);
		return NULL;
	}
	return h;
}

int
http_listen(struct http *h, const struct sockaddr *sa, socklen_t len, struct sockaddr_storage *bound,
    socklen_t *bound_len)
{
	struct listener *l;

	if (h->n_listeners == HTTP_LISTENERS) {
		errno = ENOSPC;
		return -1;
	}
	l = listener_new(h->loop, sa, len, on_accept, h);
	if (l == NULL)
		return -1;
	listener_address(l, bound, bound_len);
	h->listeners[h->n_listeners++] = l;
	return 0;
}

void
http_names(struct http *h, const char *const *names, size_t n)
{
	h->names = names;
	h->n_names = n;
}

void
http_free(struct http *h)
{
	size_t i;

	if (h == NULL)
		return;
	for (i = 0; i < h->n_listeners; i++)
		listener_free(h->listeners[i]);
	for (i = 0; h->conns != NULL && i < h->limits.connections; i++)
		http_conn_free(h->conns[i]);
	loop_unsoon(h->loop, &h->note);
	loop_timer_set(&h->timer, MSEC_NEVER);
	free(h->conns);
	http_cache_clear(&h->cache);
	free(h);
}
