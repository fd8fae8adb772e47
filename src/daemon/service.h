/*
 * What clients connect to: listeners, rules, and the lines behind them.  Owner: the daemon.
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include <stddef.h>

#include "daemon/session.h"
#include "sharing/arbiter.h"
#include "sharing/conf.h"

struct listener;

/* Read conf, seat, lines and n_lines; members are for broker.h. */
struct service {
	struct session_house *house;
	const struct conf_service *conf;
	struct arbiter_service seat;
	struct arbiter_member *members; /* n_lines */
	struct line **lines;            /* not ours */
	size_t n_lines;
	struct listener **listeners;
	size_t n_listeners;
};

/*
 * A service that does not listen yet; all is what conf's indexes of lines point into.  house and conf
 * outlive it.  NULL after logging why.
 */
struct service *service_new(struct session_house *, const struct conf_service *, struct line *const *all);

/* Listens on all its addresses; -1 after logging why not. */
int service_listen(struct service *);

/* Nobody can connect any more. */
void service_stop_listening(struct service *);

/* No session has it any more; NULL is nothing. */
void service_free(struct service *);

#endif
