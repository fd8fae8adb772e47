/*
 * Lists of texts in a configuration: commands, and the names of lines.
 */
#ifndef CONF_LISTS_H
#define CONF_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/parts.h"

#define CONF_COMMAND_MAX 64 /* characters of one */

/* "AT" in any case and what follows: printable ASCII, at most CONF_COMMAND_MAX. */
bool conf_is_command(const char *);

/* Copies of the texts of n values in one block, to be freed by free(); NULL without memory. */
const char **conf_texts(const struct conf_value *const *, size_t n);

/* The names of all lines, to look them up; NULL without memory.  The conf outlives it. */
struct conf_names *conf_names_new(const struct conf *);
void conf_names_free(struct conf_names *);
/* The index into conf.lines, or -1. */
long conf_names_find(const struct conf_names *, const char *name);
/* All of them, NULL-terminated. */
const char *const *conf_names_all(const struct conf_names *);

#endif
