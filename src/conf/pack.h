/*
 * The memory of a configuration.
 */
#ifndef CONF_PACK_H
#define CONF_PACK_H

#include "conf/conf.h"

/*
 * While it is made each thing has memory of its own, and each line and service a setup and rules of its own:
 * conf_drop() gives all of it back (NULL is nothing), conf_service_clear() what one service holds, but not the
 * structs.
 */
void conf_drop(struct conf *);
void conf_service_clear(struct conf_service *);

/* What is the same is there once from now on.  false: no memory, nothing was done. */
bool conf_share(struct conf *);

/*
 * Makes one piece of it all, with what is the same once, and drops what it was given; NULL without memory:
 * then that is dropped too.  A new pointer in struct conf has its place there.
 */
struct conf *conf_pack(struct conf *);

#endif
