/*
 * The snapshot as text for a person, out of the JSON of statusjson.h, since the control tool has
 * nothing else.  Pure; what is missing or of another type in the JSON is shown as "-".
 */
#ifndef VIEWS_SHOW_H
#define VIEWS_SHOW_H

#include <stddef.h>
#include <stdio.h>

struct json_t;

#define SHOW_LEAST 60 /* columns */

/*
 * A table with a row for each line: its state, owner, since when, idle, free at the latest, and how
 * many wait for it alone; below it how many wait for any of several.  It fits into `columns`, of which there are at
 * least SHOW_LEAST, and into `rows`, 0 for any number: where not all lines find room, those with something to tell
 * come first, and how many more there are is told.
 */
void show_table(FILE *, const struct json_t *status, size_t columns, size_t rows);

/* All that is known of the daemon, its lines and services. */
void show_all(FILE *, const struct json_t *status);

/* "in use by 192.0.2.7, idle 12s", "out of service: no device": one line of a status, without its
 * name and end. */
void show_line(FILE *, const struct json_t *status, const struct json_t *line);

/* How many wait for this line alone; for a service of several lines (else 0). */
long long show_waiting(const struct json_t *status, const struct json_t *line);
long long show_pool_waiting(const struct json_t *service);

#endif
