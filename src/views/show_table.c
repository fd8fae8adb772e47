/*
 * The snapshot as text, see show.h: the table.
 */
#include "views/show.h"

#include <stdlib.h>
#include <string.h>

#include "views/columns.h"
#include "views/show_parts.h"

#define GAP 2

enum { LINE, STATE, OWNER, SINCE, IDLE, FREE_IN, QUEUE, CELLS };

static const char *const heads[CELLS] = {
	"LINE", "STATE", "OWNER", "SINCE", "IDLE", "FREE IN", "QUEUE"
};
static const size_t least[CELLS] = { 6, 6, 8, 0, 0, 0, 0 };

struct row {
	char text[CELLS][REMARK];
	bool spans; /* the owner's cell goes to the end */
};

struct table {
	FILE *f;
	const json_t *status;
	size_t columns;
	size_t widths[CELLS];
};

static void
fill_row(struct row *r, const json_t *status, const json_t *line)
{
	const json_t *owner = show_owner(line);
	long long waiting = show_waiting(status, line);

	memset(r, 0, sizeof *r);
	snprintf(r->text[LINE], REMARK, "%s", show_text(line, "name"));
	snprintf(r->text[STATE], REMARK, "%s", show_text(line, "state"));
	snprintf(r->text[QUEUE], REMARK, "%lld", waiting);
	show_instead(r->text[OWNER], line);
	r->spans = r->text[OWNER][0] != '\0';
	if (r->spans) {
		size_t used = strlen(r->text[OWNER]);

		if (waiting > 0)
			snprintf(r->text[OWNER] + used, REMARK - used, "; waiting: %lld", waiting);
		return;
	}
	if (owner == NULL) {
		strcpy(r->text[OWNER], "-");
		strcpy(r->text[SINCE], "-");
		strcpy(r->text[IDLE], "-");
		strcpy(r->text[FREE_IN], "-");
		return;
	}
	snprintf(r->text[OWNER], REMARK, "%s", show_who(owner));
	show_duration(r->text[SINCE], owner, "held");
	show_duration(r->text[IDLE], owner, "idle");
	if (show_ms(owner, "free-latest") < 0)
		strcpy(r->text[FREE_IN], "never");
	else
		show_duration_up(r->text[FREE_IN], owner, "free-latest");
}

static void
put_row(const struct table *t, const struct row *r)
{
	size_t i, used = 0;

	for (i = 0; i < CELLS; i++) {
		if (i > 0)
			fprintf(t->f, "%*s", GAP, "");
		if (r->spans && i == OWNER) {
			columns_put(t->f, r->text[i], t->columns - used - i * GAP, true);
			break;
		}
		columns_put(t->f, r->text[i], t->widths[i], i + 1 == CELLS);
		used += t->widths[i];
	}
	putc('\n', t->f);
}

/* ---- which lines ---- */

/* Is there nothing to tell of it but that it is there? */
static bool
is_quiet(const json_t *status, const json_t *line)
{
	return show_owner(line) == NULL && strcmp(show_text(line, "state"), "free") == 0 &&
	    show_waiting(status, line) == 0;
}

/*
 * The lines in the order in which they are shown, *n of them, at most `most`: the file's, but where not all find
 * room those with something to tell come first.  The caller's to free(); NULL without any.
 */
static const json_t **
choose(const json_t *status, size_t most, size_t *n)
{
	const json_t *lines = json_object_get(status, "lines"), *line;
	size_t all = json_array_size(lines), i, turn, turns = all > most ? 2 : 1;
	const json_t **chosen = all > 0 ? calloc(all, sizeof *chosen) : NULL;

	*n = 0;
	if (chosen == NULL)
		return NULL;
	for (turn = 0; turn < turns; turn++)
		json_array_foreach(lines, i, line)
			if (*n < most && (turns == 1 || is_quiet(status, line) == (turn == 1)))
				chosen[(*n)++] = line;
	return chosen;
}

/* ---- below them ---- */

/* How many lines of text put_below() writes. */
static size_t
count_below(const json_t *status)
{
	const json_t *services = json_object_get(status, "services"), *service;
	size_t n = json_is_true(json_object_get(status, "draining")), i;

	json_array_foreach(services, i, service)
		n += show_pool_waiting(service) > 0;
	return n;
}

static void
put_below(const struct table *t)
{
	const json_t *services = json_object_get(t->status, "services"), *service;
	char text[REMARK];
	size_t i;

	json_array_foreach(services, i, service) {
		if (show_pool_waiting(service) == 0)
			continue;
		snprintf(text, sizeof text, "waiting: %lld for %s", show_pool_waiting(service),
		    show_text(service, "name"));
		columns_put(t->f, text, t->columns, true);
		putc('\n', t->f);
	}
	if (json_is_true(json_object_get(t->status, "draining")))
		fputs("draining: nobody new is given a line\n", t->f);
}

/* ---- the table ---- */

static void
put_lines(struct table *t, const json_t *const *lines, size_t n)
{
	struct row r = { .spans = false };
	size_t i, cell;

	for (cell = 0; cell < CELLS; cell++) {
		snprintf(r.text[cell], REMARK, "%s", heads[cell]);
		t->widths[cell] = strlen(heads[cell]);
	}
	for (i = 0; i < n; i++) {
		struct row each;

		fill_row(&each, t->status, lines[i]);
		for (cell = 0; cell < CELLS; cell++)
			if (columns_width(each.text[cell]) > t->widths[cell] && !(each.spans && cell == OWNER))
				t->widths[cell] = columns_width(each.text[cell]);
	}
	columns_fit(t->widths, least, CELLS, GAP, t->columns);
	put_row(t, &r);
	for (i = 0; i < n; i++) {
		fill_row(&r, t->status, lines[i]);
		put_row(t, &r);
	}
}

/* How many of all lines find room in so many rows. */
static size_t
room_for(const json_t *status, size_t all, size_t rows)
{
	size_t others = 1 + count_below(status); /* the head */

	if (rows == 0 || all + others <= rows)
		return all;
	others++; /* how many more there are */
	return rows > others + 1 ? rows - others : 1;
}

void
show_table(FILE *f, const struct json_t *status, size_t columns, size_t rows)
{
	struct table t = { f, status, columns < SHOW_LEAST ? SHOW_LEAST : columns, { 0 } };
	size_t all = json_array_size(json_object_get(status, "lines")), n;
	const json_t **lines = choose(status, room_for(status, all, rows), &n);

	if (lines != NULL)
		put_lines(&t, lines, n);
	free(lines);
	if (n < all)
		fprintf(f, "%zu more\n", all - n);
	put_below(&t);
}
