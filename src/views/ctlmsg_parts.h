/*
 * What ctlmsg.c and ctlmsg_reply.c share.
 */
#ifndef VIEWS_CTLMSG_PARTS_H
#define VIEWS_CTLMSG_PARTS_H

#include <jansson.h>

#include "views/ctlmsg.h"

/* One object of n bytes, nested at most `depth` deep; NULL with the error. */
json_t *ctlmsg_load(const char *, size_t n, int depth, char error[static CTLMSG_ERROR]);

/* Seconds of JSON as ms; false if it is no number that fits. */
bool ctlmsg_ms(const json_t *, int64_t *ms);

#endif
