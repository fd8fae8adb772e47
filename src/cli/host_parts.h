/*
 * What the files of host.h share.
 */
#ifndef CLI_HOST_PARTS_H
#define CLI_HOST_PARTS_H

#include "cli/host.h"

/* The first line of a file; "" without one. */
void host_read(const char *path, char *to, size_t cap);
void host_find_holders(struct host *);
void host_find_locks(struct host *);

#endif
