/*
 * What repeats: refusals, and claims that end within a second, of one client at one line for one reason.  Some are told
 * whole; what follows is counted, and told in one at the end of each minute, until a minute brings none.  Knows
 * no loop and no clock.
 */
#ifndef DAEMON_REPEATS_H
#define DAEMON_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "daemon/clients.h"
#include "io/history.h"

#define REPEATS_MINUTE 60000
#define REPEATS_KEYS 64     /* at a time; what is more is counted for its line and service alone */
#define REPEATS_REFUSALS 1  /* told whole; each quiet minute gives one back */
#define REPEATS_CLAIMS 8    /* likewise */
#define REPEATS_OTHERS "others" /* the client of those */

enum repeats_kind { REPEATS_REFUSAL, REPEATS_CLAIM };

/* Line and service are the record's. */
struct repeats_key {
	enum repeats_kind kind;
	const uint8_t *client; /* ADDRKEY bytes */
	const char *reason;    /* the same for all that are alike */
};

struct repeats_found {
	bool whole;    /* it is to be told; else it is counted */
	bool others;   /* ... for its line and service alone */
	uint64_t name; /* of those that are alike, never 0; 0: there is no memory to count it */
};

struct repeats;

struct repeats *repeats_new(void); /* NULL without memory */
void repeats_free(struct repeats *); /* NULL is nothing */

/* Would one more of this kind, line and client be counted, if its reason is one that there was? */
bool repeats_counts(struct repeats *, const struct repeats_key *, const struct history_record *, msec_t now);

/* One more.  told: it has been told already, whatever there was before. */
struct repeats_found repeats_add(struct repeats *, const struct repeats_key *, const struct history_record *,
    bool told, msec_t now);

/* When repeats_take() has the next; never while nothing is counted. */
msec_t repeats_due(const struct repeats *);

/*
 * The next sum that is due; `now` MSEC_NEVER: whatever is counted.  Returns false if there is none; texts are valid
 * until the next call of anything here.
 */
bool repeats_take(struct repeats *, msec_t now, enum repeats_kind *, struct history_record *sum);

#endif
