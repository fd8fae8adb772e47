/*
 * Two configurations compared, for a reload: what differs, and when each of it counts.
 */
#ifndef CONF_DIFF_H
#define CONF_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* When a changed value of a key counts; each one bit. */
enum conf_reload {
	CONF_RELOAD_NOW = 1,       /* at once, for a claim that lasts, too */
	CONF_RELOAD_HANDOVER = 2,  /* at the line's next hand-over */
	CONF_RELOAD_ENDS = 4,      /* at once; a claim on the line ends */
	CONF_RELOAD_CLIENTS = 8,   /* for clients that connect from then on */
	CONF_RELOAD_RESTART = 16   /* not before the daemon is started again */
};

#define CONF_DIFF_MAX 34 /* keys of one section */

/* What differs between two sections. */
struct conf_diff {
	unsigned classes;   /* of all that differs, ored; 0: nothing does */
	bool listen, lines; /* of a service: these two do, which are no values to be copied */
	size_t n;
	struct {
		const char *key; /* a constant; a phone book is "number", a page's listeners "status" */
		enum conf_reload when;
	} at[CONF_DIFF_MAX]; /* in the order of the table */
};

/*
 * Each fills in *diff and returns its classes.  Names are not compared: whoever asks has found
 * the two by them.  Lists are the same if they have the same values in the same order; only a
 * phone book has none.
 */
unsigned conf_diff_globals(const struct conf *old, const struct conf *new, struct conf_diff *);
/* Of the keys that only one of the two can have, as those of a modem beside a console, none
 * differs. */
unsigned conf_diff_line(const struct conf_line *old, const struct conf_line *new,
    struct conf_diff *);
/* Each service with its conf, whose lines it names: they are the same if their names are. */
unsigned conf_diff_service(const struct conf *old_conf, const struct conf_service *old,
    const struct conf *new_conf, const struct conf_service *new, struct conf_diff *);

/*
 * The keys that differ and are of these classes, as "control-socket, status", into dst; what has
 * no room in cap bytes (at least 4) is "...".  Returns dst.
 */
const char *conf_diff_describe(char *dst, size_t cap, const struct conf_diff *, unsigned classes);

/*
 * Copies all values of class CONF_RELOAD_NOW into older rules, and nothing else.  Rules of a struct conf
 * may be of many services.
 */
void conf_apply_now(struct conf_rules *running, const struct conf_rules *new);

#define CONF_ABSENT SIZE_MAX

/*
 * For each line (service) of conf the index of the one of its name in other, or
 * CONF_ABSENT.  Returns an array to be freed by free(), or NULL without memory.
 */
size_t *conf_match_lines(const struct conf *conf, const struct conf *other);
size_t *conf_match_services(const struct conf *conf, const struct conf *other);

#endif
