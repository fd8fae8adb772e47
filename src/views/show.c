/*
 * The snapshot as text, see show.h: one line, and what the others share.
 */
#include "views/show.h"

#include <string.h>

#include "base/text.h"
#include "views/show_parts.h"

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

const char *
show_instead(char dst[static REMARK], const json_t *line)
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

/* ---- who waits ---- */

/* Behind an array of names: is it this one alone? */
static bool
is_alone(const json_t *names, const char *name)
{
	const char *first = json_string_value(json_array_get(names, 0));

	return json_array_size(names) == 1 && first != NULL && strcmp(first, name) == 0;
}

long long
show_waiting(const json_t *status, const json_t *line)
{
	const json_t *services = json_object_get(status, "services"), *service;
	size_t i, n = 0;

	json_array_foreach(services, i, service)
		if (is_alone(json_object_get(service, "lines"), show_text(line, "name")))
			n += json_array_size(json_object_get(service, "waiters"));
	return (long long)n;
}

long long
show_pool_waiting(const json_t *service)
{
	return json_array_size(json_object_get(service, "lines")) < 2 ? 0 :
	    (long long)json_array_size(json_object_get(service, "waiters"));
}

/* ---- one line ---- */

void
show_line(FILE *f, const struct json_t *status, const struct json_t *line)
{
	const json_t *owner = show_owner(line);
	char remark[REMARK], d[TEXT_DURATION];

	fputs(show_text(line, "state"), f);
	if (show_instead(remark, line)[0] != '\0')
		fprintf(f, ": %s", remark);
	else if (owner != NULL)
		fprintf(f, " by %s, idle %s", show_who(owner), show_duration(d, owner, "idle"));
	if (show_waiting(status, line) > 0)
		fprintf(f, "; waiting: %lld", show_waiting(status, line));
}
