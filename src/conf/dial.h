/*
 * Where a number of a phone book leads, as the configuration says it.
 */
#ifndef CONF_DIAL_H
#define CONF_DIAL_H

#include "conf/conf.h"

#define CONF_HOST_MAX 253 /* longest name of a host */

enum conf_read { CONF_READ, CONF_READ_WRONG, CONF_READ_NO_MEMORY };

/* Reads the value of `to`; what it has allocated is the number's also if it fails. */
enum conf_read conf_read_destination(const char *text, struct conf_number *);

/* What can be said there, NULL-terminated, as a person reads it. */
extern const char *const conf_destinations[];

#endif
