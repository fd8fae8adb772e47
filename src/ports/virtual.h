/*
 * The built-in Hayes modem as a port, and the exchange that connects such modems with each other.
 */
#ifndef PORTS_VIRTUAL_H
#define PORTS_VIRTUAL_H

#include "io/loop.h"
#include "ports/port.h"
#include "conf/conf.h"

/* All virtual modems of a daemon, found by the names of their lines. */
struct exchange;

struct exchange *exchange_new(struct loop *); /* NULL without memory */
void exchange_free(struct exchange *);        /* after its ports */

/*
 * A closed port for the virtual modem of `line`, of which only name and phone book are looked
 * at; the line outlives the port, or port_virtual_book() gives it a new one.  NULL without
 * memory.
 */
struct port *port_virtual_new(struct exchange *, const struct conf_line *line,
    const struct port_news *, void *ctx);

/* Somebody calls from the network: fd is a connected socket, non-blocking, now the port's. */
void port_virtual_ring(struct port *, int fd);

/* A changed phone book counts at the next dialling. */
void port_virtual_book(struct port *, const struct conf_line *line);

#endif
