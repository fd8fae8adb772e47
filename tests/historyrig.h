/*
 * A history in a directory of its own, and what it tells.
 */
#ifndef TESTS_HISTORYRIG_H
#define TESTS_HISTORYRIG_H

#include <stdbool.h>

#include "io/history.h"
#include "unit.h"

#define RIG_PATIENCE 20000 /* ms */
#define RIG_ROWS 4096
#define RIG_BYTES (INT64_C(1) << 40)

struct rig_row {
	char line[300], service[300], client[300], number[300], result[300], why[300];
	struct history_record record; /* its texts are those above */
};

struct rig {
	char directory[64]; /* the history's, in base */
	char base[48];
	struct loop *loop;
	struct loop_timer *patience;
	struct history *history;
	bool late; /* the patience has ended */

	unsigned failed, newer, works, lost_told; /* how often */
	uint64_t lost;
	char why[600]; /* of the last failure */
	int until;     /* the news at which the loop stops; -1: none */

	struct rig_row *rows; /* of the last question */
	size_t n_rows, largest; /* records; in one call */
	enum history_more end;
	char error[600];
};

void rig_init(struct rig *);      /* directories and a loop, no history */
void rig_open(struct rig *, unsigned days); /* RIG_BYTES of it */
void rig_open_with(struct rig *, const struct history_keep *);
uint64_t rig_close(struct rig *); /* as history_free() */
void rig_end(struct rig *);       /* closes and removes all */

/* Runs the loop for ms, or until it is stopped. */
void rig_run(struct rig *, int64_t ms);

/* Until news of this kind, which must come. */
void rig_until(struct rig *, enum history_news);

/* Asks for everything that the filter wants (NULL: all); what was put before is written by then, or
 * has failed. */
void rig_ask(struct rig *, const struct history_filter *);

/* A record with these, and the rest made up. */
struct history_record rig_record(const char *client, int64_t start, int64_t end);

int64_t rig_now(void); /* ms since 1970 */

#endif
