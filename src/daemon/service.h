/*
 * What clients connect to: listeners, rules, and the lines behind them.  Owner: the daemon.
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/clients.h"
#include "daemon/house.h"
#include "daemon/listening.h"
#include "sharing/arbiter.h"
#include "conf/conf.h"

/* Read conf and seat; members are for broker.h and service_line(). */
struct service {
	struct house *house;
	const struct conf_service *conf;
	struct arbiter_service seat;
	struct arbiter_member *members; /* of each of conf->lines; behind them its listeners */
	struct clients_idle *idle;      /* clients that came by it and have claimed nothing; clients.c's */
	uint64_t claims, refusals;      /* since the start */
	uint32_t sessions;              /* that came by it */
	bool gone;                      /* no longer configured; freed with its last session */
	struct service *next_gone;
};

/*
 * A service that does not listen yet; all is what conf's indexes of lines point into.  house and conf
 * outlive it.  NULL after logging why.
 */
struct service *service_new(struct house *, const struct conf_service *, struct line *const *all);

/* Its lines, in their order; one that is gone has none. */
size_t service_n_lines(const struct service *);
struct line *service_line(const struct service *, size_t);

/* The one of this number in conf->listen; NULL: there is no such address here.  Not of one that is gone. */
struct listener *service_listener(const struct service *, size_t);

/* Listens on all its addresses; -1 after logging why not. */
int service_listen(struct service *);

/* The addresses it listens at, with clients for `live`: itself, or in a reload the one it is made for. */
struct listening service_listening(struct service *, struct service *live);

/* What its listeners accept sends keepalive probes as its rules say; after a reload has given it listeners. */
void service_prepare(const struct service *);

/* live, which stays, gets the conf, members and listeners that were made for it, and `made` the old ones. */
void service_exchange(struct service *live, struct service *made);

/* Nobody can connect any more. */
void service_stop_listening(struct service *);

/* Not configured any more: freed now, or with the last session that came by it. */
void service_retire(struct service *);
void service_forget(struct service *);

/* No session has it any more; NULL is nothing. */
void service_free(struct service *);

#endif
