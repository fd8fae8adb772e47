/*
 * The inside of a service, for the files that make it up: service.c, service_reload.c.
 */
#ifndef DAEMON_SERVICE_PARTS_H
#define DAEMON_SERVICE_PARTS_H

#include "daemon/service.h"

/*
 * Listens at one of its addresses, for clients of `live`.  Returns 0, also where an optional address does not
 * exist here; -1 with errno.
 */
int service_listen_on(struct service *, const struct conf_listen *, struct service *live);

/* The sockets that it accepts send keepalive probes as the service's rules say. */
void service_prepare(const struct service *, struct listener *);

bool service_same_address(const struct conf_listen *, const struct conf_listen *);

#endif
