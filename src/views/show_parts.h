/*
 * What show.c, show_all.c and show_table.c share: values out of the JSON of a status.
 */
#ifndef VIEWS_SHOW_PARTS_H
#define VIEWS_SHOW_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define REMARK 600

const char *show_text(const json_t *, const char *key);   /* "": none */
int64_t show_ms(const json_t *, const char *key);         /* -1: none */

/* In whole seconds, "-" for none; the second is rounded up. */
const char *show_duration(char dst[static TEXT_DURATION], const json_t *, const char *key);
const char *show_duration_up(char dst[static TEXT_DURATION], const json_t *, const char *key);

/* What stands instead of an owner; "" for nothing. */
const char *show_instead(char dst[static REMARK], const json_t *line);

const json_t *show_owner(const json_t *line); /* NULL: none */
const char *show_who(const json_t *);         /* "another client" where it is hidden */

#endif
