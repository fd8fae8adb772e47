/*
 * The snapshot as JSON, for /status.json, `status --json` and `watch --json`.  Pure; jansson behind it.
 *
 * Names of keys are lower-case words with "-", and stay.  Durations and points in time (since 1970) are
 * seconds with a fraction of milliseconds; null: none, no limit, does not apply, not shown.  Numbers
 * are numbers, also counters; text is UTF-8 without control characters (views/clean.h).
 *
 *	version, now, started, draining, clients, max-clients, accepted, turned-away, loop-turns,
 *	log-lines-lost
 *	lines: [ name, kind, device, state (snapshot_state_word), reason, ready-in, settings, waiting,
 *		claims, refusals, cuts, failures, from-clients, to-clients,
 *		lamps: null or { dtr, rts, cts, dsr, dcd, ri },
 *		owner: null or { who, service, since, held, idle, free-latest, free-if-idle, idle-limit,
 *			contended, from-client, to-client,
 *			call: null, "dials" or "in call"; number, result, call-for } ]
 *	services: [ name, listen, protocol, lines: [ names ], claims, refusals,
 *		waiters: [ who, place, waited, held ] ]
 *	recent: [ line, service, who, start, end, refused, from-client, to-client, number, result,
 *		call-for, why, count ]; count above 1: so many alike, from start to end
 */
#ifndef VIEWS_STATUSJSON_H
#define VIEWS_STATUSJSON_H

#include <stdbool.h>

#include "views/snapshot.h"

struct json_t;

/*
 * A new object, the caller's to json_decref(); NULL without memory.  Where `who` is hidden, it and
 * the dialled number are null unless the reader may act.
 */
struct json_t *statusjson(const struct snapshot *, bool may_act);

/* One of "recent" alone, likewise. */
struct json_t *statusjson_record(const struct snapshot_record *, bool may_act);

/* All as text with a newline, the caller's to free(); NULL without memory. */
char *statusjson_text(const struct snapshot *, bool may_act);

#endif
