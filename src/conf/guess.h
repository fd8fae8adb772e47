/*
 * What a value that is wrong was meant to be.  For the files of this folder.
 */
#ifndef CONF_GUESS_H
#define CONF_GUESS_H

#include "conf/parts.h"

#define CONF_GUESS 128

/*
 * A duration as others write it ("300", "5min", "5 minutes", "1.5h", "never"), within the range of
 * the key, as "5m" or "300s or 5m".  Returns dst, a constant, or NULL where it is none.
 */
const char *conf_guess_duration(char dst[static CONF_GUESS], const char *text,
    const struct conf_key *);

/*
 * What is to be said of an address to listen on: what is expected instead, as "an address: names are
 * not looked up; ...".  Returns dst, or a constant.
 */
const char *conf_guess_listen(char dst[static CONF_GUESS], const char *text);

/* An entry of `allow`: the prefix in it, or "any" and "loopback" by other names; or NULL. */
const char *conf_guess_allow(char dst[static CONF_GUESS], const char *text);

/* Is it numbers with their units, as others write them, whatever they come to? */
bool conf_is_foreign_duration(const char *text);

#endif
