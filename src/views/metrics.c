/*
 * The snapshot as metrics, see metrics.h: a table of families, each with what it takes its value from.
 * The format wants all samples of a family together, so each family walks over all lines.
 */
#include "views/metrics.h"

#include <inttypes.h>
#include <string.h>

/* A value; milliseconds become seconds with a fraction. */
struct value {
	bool known, is_ms;
	int64_t n;
};

static struct value
number(uint64_t n)
{
	return (struct value){ .known = true, .n = n > INT64_MAX ? INT64_MAX : (int64_t)n };
}

static struct value
time_of(int64_t ms)
{
	return (struct value){ .known = ms >= 0, .is_ms = true, .n = ms };
}

static struct value
no_value(void)
{
	return (struct value){ .known = false };
}

/* ---- what is written ---- */

static void
write_value(struct sheet *s, struct value v)
{
	if (v.is_ms)
		sheet_print(s, " %" PRId64 ".%03d\n", v.n / 1000, (int)(v.n % 1000));
	else
		sheet_print(s, " %" PRId64 "\n", v.n);
}

static void
write_label(struct sheet *s, const char *label, const char *foreign)
{
	/* No newline is left by what cleans the text. */
	static const char *const instead[] = { "\\\\", "\\\"" };

	sheet_print(s, "%s=\"", label);
	sheet_foreign(s, foreign, "\\\"", instead);
	sheet_print(s, "\"");
}

static void
write_head(struct sheet *s, const char *name, const char *type, const char *help)
{
	sheet_print(s, "# HELP modemshare_%s %s\n# TYPE modemshare_%s %s\n", name, help, name, type);
}

#define GAUGE "gauge"
#define COUNTER "counter"

/* ---- the daemon ---- */

#define DAEMON_VALUE(name, expression) \
	static struct value \
	name(const struct snapshot *s) \
	{ \
		return expression; \
	}

DAEMON_VALUE(started, time_of(s->started))
DAEMON_VALUE(draining, number(s->draining))
DAEMON_VALUE(clients, number(s->clients))
DAEMON_VALUE(max_clients, number(s->max_clients))
DAEMON_VALUE(accepted, number(s->accepted))
DAEMON_VALUE(turned_away, number(s->turned_away))
DAEMON_VALUE(loop_turns, number(s->loop_turns))
DAEMON_VALUE(log_lines_lost, number(s->log_lines_lost))

static const struct {
	const char *name, *type, *help;
	struct value (*of)(const struct snapshot *);
} of_daemon[] = {
	{ "start_time_seconds", GAUGE, "When the daemon started, in seconds since 1970.", started },
	{ "draining", GAUGE, "1 while no new claims are granted.", draining },
	{ "clients", GAUGE, "Clients that are connected.", clients },
	{ "clients_limit", GAUGE, "The most clients that may be connected.", max_clients },
	{ "connections_accepted_total", COUNTER, "Connections that were accepted.", accepted },
	{ "connections_turned_away_total", COUNTER, "Connections that were closed at once.", turned_away },
	{ "loop_turns_total", COUNTER, "Turns of the event loop.", loop_turns },
	{ "log_lines_lost_total", COUNTER, "Lines of the log that could not be written.", log_lines_lost },
};

static void
write_daemon(struct sheet *sheet, const struct snapshot *s)
{
	size_t i;

	write_head(sheet, "build_info", GAUGE, "Always 1; the version of the daemon is its label.");
	sheet_print(sheet, "modemshare_build_info{");
	write_label(sheet, "version", s->version);
	sheet_print(sheet, "} 1\n");
	for (i = 0; i < sizeof of_daemon / sizeof of_daemon[0]; i++) {
		write_head(sheet, of_daemon[i].name, of_daemon[i].type, of_daemon[i].help);
		sheet_print(sheet, "modemshare_%s", of_daemon[i].name);
		write_value(sheet, of_daemon[i].of(s));
	}
}

/* ---- lines ---- */

static bool
is_up(enum snapshot_state state)
{
	return state == SNAPSHOT_FREE || state == SNAPSHOT_IN_USE || state == SNAPSHOT_HANDOVER ||
	    state == SNAPSHOT_RINGING;
}

#define LINE_VALUE(name, expression) \
	static struct value \
	name(const struct snapshot_line *l) \
	{ \
		return expression; \
	}

LINE_VALUE(up, number(is_up(l->state)))
LINE_VALUE(in_use, number(l->owner.present))
LINE_VALUE(in_call, number(l->owner.present && l->owner.call == SNAPSHOT_IN_CALL))
LINE_VALUE(waiting, number(l->waiting))
LINE_VALUE(held, l->owner.present ? time_of(l->owner.held) : no_value())
LINE_VALUE(idle, l->owner.present ? time_of(l->owner.idle) : no_value())
LINE_VALUE(claims, number(l->claims))
LINE_VALUE(refusals, number(l->refusals))
LINE_VALUE(cuts, number(l->cuts))
LINE_VALUE(failures, number(l->failures))
LINE_VALUE(from_clients, number(l->from_clients))
LINE_VALUE(to_clients, number(l->to_clients))

static const struct {
	const char *name, *type, *help; /* no help: more of the family before it */
	struct value (*of)(const struct snapshot_line *);
	const char *label;
} of_line[] = {
	{ "line_up", GAUGE, "1 if the line is in service.", up, "" },
	{ "line_in_use", GAUGE, "1 if a client has the line.", in_use, "" },
	{ "line_in_call", GAUGE, "1 if the line has an owner and a call.", in_call, "" },
	{ "line_waiting", GAUGE, "Clients that wait for the line.", waiting, "" },
	{ "line_held_seconds", GAUGE, "For how long the owner has had the line.", held, "" },
	{ "line_idle_seconds", GAUGE, "For how long the owner has been idle.", idle, "" },
	{ "line_claims_total", COUNTER, "Claims that were granted.", claims, "" },
	{ "line_refusals_total", COUNTER, "Claims that were refused.", refusals, "" },
	{ "line_cuts_total", COUNTER, "Claims that the daemon ended.", cuts, "" },
	{ "line_handover_failures_total", COUNTER, "Hand-overs that failed.", failures, "" },
	{ "line_bytes_total", COUNTER, "Bytes that passed.", from_clients, "from_clients" },
	{ "line_bytes_total", COUNTER, NULL, to_clients, "to_clients" },
};

static void
write_line_family(struct sheet *sheet, const struct snapshot *s, size_t family)
{
	const char *direction = of_line[family].label;
	struct value v;
	size_t i;

	if (of_line[family].help != NULL)
		write_head(sheet, of_line[family].name, of_line[family].type, of_line[family].help);
	for (i = 0; i < s->n_lines && !sheet->failed; i++) {
		v = of_line[family].of(&s->lines[i]);
		if (!v.known)
			continue;
		sheet_print(sheet, "modemshare_%s{", of_line[family].name);
		write_label(sheet, "line", s->lines[i].name);
		if (*direction != '\0')
			sheet_print(sheet, ",direction=\"%s\"", direction);
		sheet_print(sheet, "}");
		write_value(sheet, v);
	}
}

/* One of the states is 1, the others are 0. */
static void
write_states(struct sheet *sheet, const struct snapshot *s)
{
	size_t i;
	unsigned state;

	write_head(sheet, "line_state", GAUGE, "1 for the state that the line is in.");
	for (i = 0; i < s->n_lines && !sheet->failed; i++)
		for (state = 0; state < SNAPSHOT_STATES; state++) {
			sheet_print(sheet, "modemshare_line_state{");
			write_label(sheet, "line", s->lines[i].name);
			sheet_print(sheet, ",state=\"%s\"} %d\n",
			    snapshot_state_word((enum snapshot_state)state), s->lines[i].state == state);
		}
}

/* ---- services ---- */

static uint64_t
service_waiting(const struct snapshot_service *v)
{
	return v->n_waiters;
}

static uint64_t
service_claims(const struct snapshot_service *v)
{
	return v->claims;
}

static uint64_t
service_refusals(const struct snapshot_service *v)
{
	return v->refusals;
}

static const struct {
	const char *name, *type, *help;
	uint64_t (*of)(const struct snapshot_service *);
} of_service[] = {
	{ "service_waiting", GAUGE, "Clients that wait at the service.", service_waiting },
	{ "service_claims_total", COUNTER, "Claims that were granted.", service_claims },
	{ "service_refusals_total", COUNTER, "Claims that were refused.", service_refusals },
};

static void
write_service_family(struct sheet *sheet, const struct snapshot *s, size_t family)
{
	size_t i;

	write_head(sheet, of_service[family].name, of_service[family].type, of_service[family].help);
	for (i = 0; i < s->n_services && !sheet->failed; i++) {
		sheet_print(sheet, "modemshare_%s{", of_service[family].name);
		write_label(sheet, "service", s->services[i].name);
		sheet_print(sheet, "}");
		write_value(sheet, number(of_service[family].of(&s->services[i])));
	}
}

void
metrics_write(struct sheet *sheet, const struct snapshot *s)
{
	size_t i;

	write_daemon(sheet, s);
	for (i = 0; i < sizeof of_line / sizeof of_line[0]; i++)
		write_line_family(sheet, s, i);
	write_states(sheet, s);
	for (i = 0; i < sizeof of_service / sizeof of_service[0]; i++)
		write_service_family(sheet, s, i);
}

char *
metrics_text(const struct snapshot *s, size_t *n)
{
	struct sheet sheet;

	sheet_init(&sheet, SHEET_LIMIT);
	metrics_write(&sheet, s);
	return sheet_take(&sheet, n);
}
