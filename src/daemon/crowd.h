/*
 * All places are taken: who has claimed nothing is hurried, and goes for others.
 */
#ifndef DAEMON_CROWD_H
#define DAEMON_CROWD_H

#include <stdbool.h>

struct house;

/* After somebody has come or left, or the limits are others. */
void crowd_look(struct house *);

/* A clients_yield_fn of sessions. */
bool crowd_yields(void *session);

#endif
