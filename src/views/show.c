/*
 * The snapshot as text, see show.h: the table, and one line.
 */
#include "views/show.h"

#include <string.h>

#include "base/text.h"
#include "views/columns.h"
#include "views/show_parts.h"

#define GAP 2

enum { LINE, STATE, OWNER, SINCE, IDLE, FREE_IN, QUEUE, CELLS };

static const char *const heads[CELLS] = {
	"LINE", "STATE", "OWNER", "SINCE", "IDLE", "FREE IN", "QUEUE"
};
static const size_t least[CELLS] = { 6, 6, 8, 0, 0, 0, 0 };

/* ---- values ---- */

const char *
show_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

int64_t
show_ms(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	double s = json_number_value(v);

	return json_is_number(v) && s >= 0 && s < 1e15 ? (int64_t)(s * 1000 + 0.5) : -1;
}

const char *
show_duration(char dst[static TEXT_DURATION], const json_t *o, const char *key)
{
	int64_t ms = show_ms(o, key);

	if (ms < 0)
		strcpy(dst, "-");
	else /* whole seconds are enough for a person */
		text_duration(dst, ms / 1000 * 1000);
	return dst;
}

const char *
show_duration_up(char dst[static TEXT_DURATION], const json_t *o, const char *key)
{
	int64_t ms = show_ms(o, key);

	if (ms < 0)
		strcpy(dst, "-");
	else
		text_duration_up(dst, (ms + 999) / 1000 * 1000);
	return dst;
}

const json_t *
show_owner(const json_t *line)
{
	const json_t *owner = json_object_get(line, "owner");

	return json_is_object(owner) ? owner : NULL;
}

const char *
show_who(const json_t *o)
{
	const char *who = show_text(o, "who");

	return *who == '\0' ? "another client" : who;
}

/* What stands instead of an owner; "" for nothing. */
static const char *
instead(char dst[static REMARK], const json_t *line)
{
	char d[TEXT_DURATION];
	const char *reason = show_text(line, "reason");

	dst[0] = '\0';
	if (*reason != '\0' && show_ms(line, "ready-in") >= 0)
		snprintf(dst, REMARK, "%s; tried again in %s", reason,
		    show_duration_up(d, line, "ready-in"));
	else if (*reason != '\0')
		snprintf(dst, REMARK, "%s", reason);
	else if (show_ms(line, "ready-in") >= 0)
		snprintf(dst, REMARK, "free in %s at the latest",
		    show_duration_up(d, line, "ready-in"));
	return dst;
}

/* ---- the table ---- */

struct row {
	char text[CELLS][REMARK];
	bool spans; /* the owner's cell goes to the end */
};

static void
fill_row(struct row *r, const json_t *line)
{
	const json_t *owner = show_owner(line);
	json_int_t waiting = json_integer_value(json_object_get(line, "waiting"));

	memset(r, 0, sizeof *r);
	snprintf(r->text[LINE], REMARK, "%s", show_text(line, "name"));
	snprintf(r->text[STATE], REMARK, "%s", show_text(line, "state"));
	snprintf(r->text[QUEUE], REMARK, "%lld", (long long)waiting);
	instead(r->text[OWNER], line);
	r->spans = r->text[OWNER][0] != '\0';
	if (r->spans) {
		size_t used = strlen(r->text[OWNER]);

		if (waiting > 0)
			snprintf(r->text[OWNER] + used, REMARK - used, "; waiting: %lld",
			    (long long)waiting);
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
put_row(FILE *f, const struct row *r, const size_t *widths, size_t columns)
{
	size_t i, used = 0;

	for (i = 0; i < CELLS; i++) {
		if (i > 0)
			fprintf(f, "%*s", GAP, "");
		if (r->spans && i == OWNER) {
			columns_put(f, r->text[i], columns - used - i * GAP, true);
			break;
		}
		columns_put(f, r->text[i], widths[i], i + 1 == CELLS);
		used += widths[i];
	}
	putc('\n', f);
}

void
show_table(FILE *f, const struct json_t *status, size_t columns)
{
	const json_t *lines = json_object_get(status, "lines"), *line;
	size_t widths[CELLS], i, cell;
	struct row r = { .spans = false };

	if (columns < SHOW_LEAST)
		columns = SHOW_LEAST;
	for (cell = 0; cell < CELLS; cell++) {
		snprintf(r.text[cell], REMARK, "%s", heads[cell]);
		widths[cell] = strlen(heads[cell]);
	}
	if (json_array_size(lines) > 0) {
		json_array_foreach(lines, i, line) {
			struct row each;

			fill_row(&each, line);
			for (cell = 0; cell < CELLS; cell++)
				if (columns_width(each.text[cell]) > widths[cell] &&
				    !(each.spans && cell == OWNER))
					widths[cell] = columns_width(each.text[cell]);
		}
		columns_fit(widths, least, CELLS, GAP, columns);
		put_row(f, &r, widths, columns);
	}
	json_array_foreach(lines, i, line) {
		fill_row(&r, line);
		put_row(f, &r, widths, columns);
	}
	if (json_is_true(json_object_get(status, "draining")))
		fputs("draining: nobody new is given a line\n", f);
}

/* ---- one line ---- */

void
show_line(FILE *f, const struct json_t *line)
{
	const json_t *owner = show_owner(line);
	char remark[REMARK], d[TEXT_DURATION];

	fputs(show_text(line, "state"), f);
	if (instead(remark, line)[0] != '\0')
		fprintf(f, ": %s", remark);
	else if (owner != NULL)
		fprintf(f, " by %s, idle %s", show_who(owner), show_duration(d, owner, "idle"));
	if (json_integer_value(json_object_get(line, "waiting")) > 0)
		fprintf(f, "; waiting: %lld",
		    (long long)json_integer_value(json_object_get(line, "waiting")));
}
