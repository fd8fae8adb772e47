/*
 * What sessions ask of the house, see house.h.
 */
#include "daemon/house.h"

#include "daemon/broker.h"
#include "daemon/claimlog.h"
#include "daemon/clients.h"
#include "daemon/crowd.h"
#include "daemon/generation.h"
#include "daemon/service.h"
#include "session/session.h"

static size_t
on_n_lines(const struct session_place *place)
{
	return service_n_lines(place->service);
}

static struct line *
on_line(const struct session_place *place, size_t i)
{
	return service_line(place->service, i);
}

static void
on_claim(void *ctx, struct session *s)
{
	struct house *h = ctx;

	clients_claimed(session_place(s)->client);
	broker_claim(h->broker, s);
}

static void
on_ending(void *ctx, struct session *s)
{
	struct house *h = ctx;

	broker_ending(h->broker, s);
}

static void
on_leave(void *ctx, struct session *s, bool idle)
{
	struct house *h = ctx;

	broker_leave(h->broker, s, idle);
	house_changed(h);
}

static bool
on_may_linger(const struct session_place *place)
{
	return clients_linger(place->client);
}

static uint64_t
on_begun(void *ctx, const struct session_place *place, const struct history_record *r)
{
	struct house *h = ctx;
	uint64_t id = claimlog_begin(h->claimlog, clients_key_of(place->client), r);

	place->service->claims++;
	house_changed(h);
	return id;
}

static uint64_t
on_lasts(void *ctx, const struct history_record *r)
{
	struct house *h = ctx;

	return claimlog_lasts(h->claimlog, r);
}

static bool
on_ended(void *ctx, const struct session_place *place, uint64_t id, bool brief, const struct history_record *r)
{
	struct house *h = ctx;
	bool told = claimlog_end(h->claimlog, clients_key_of(place->client), id, brief, r);

	house_changed(h);
	return told;
}

static bool
on_refused(void *ctx, const struct session_place *place, const char *reason, const struct history_record *r)
{
	struct house *h = ctx;
	bool told = claimlog_refused(h->claimlog, clients_key_of(place->client), reason, r);

	place->service->refusals++;
	house_changed(h);
	return told;
}

static void
on_changed(void *ctx)
{
	house_changed(ctx);
}

static void
on_left(void *ctx, const struct session_place *place)
{
	struct house *h = ctx;

	clients_leave(place->client);
	crowd_look(h);
	if (--place->service->sessions == 0 && place->service->gone)
		service_forget(place->service);
	generation_leave(h, place->generation);
}

static const struct session_ops ops = {
	.n_lines = on_n_lines,
	.line = on_line,
	.claim = on_claim,
	.ending = on_ending,
	.leave = on_leave,
	.may_linger = on_may_linger,
	.begun = on_begun,
	.lasts = on_lasts,
	.ended = on_ended,
	.refused = on_refused,
	.changed = on_changed,
	.left = on_left,
};

void
house_init(struct house *h, struct loop *loop)
{
	h->sessions.loop = loop;
	h->sessions.ops = &ops;
	h->sessions.ctx = h;
	TAILQ_INIT(&h->sessions.all);
}
