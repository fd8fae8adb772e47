/*
 * How many descriptors the process may have.
 */
#ifndef DAEMON_DESCRIPTORS_H
#define DAEMON_DESCRIPTORS_H

#include <stddef.h>

/* As many as it may give itself; -1 with errno where it may not: then it is as many as it was. */
int descriptors_raise(void);

size_t descriptors_limit(void);

#endif
