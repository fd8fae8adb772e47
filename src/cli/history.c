/*
 * history: the calls and refusals of the past, newest first.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/client.h"
#include "views/columns.h"

enum form { TABLE, CSV, JSON };

/* ---- options ---- */

/* "2d": so long ago; "2026-11-25", "2026-11-25 14:03", "... 14:03:12"; "2026-11-25T13:03:12Z" as --csv has it. */
static bool
take_since(const char *s, int64_t *since)
{
	static const char *const formats[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%dT%H:%M:%S" };
	const char *end;
	struct tm tm;
	int64_t ago;
	size_t i;

	if (text_parse_duration(s, &ago) == 0) {
		*since = (int64_t)time(NULL) * 1000 - ago;
		return *since > 0;
	}
	for (i = 0; i < sizeof formats / sizeof *formats; i++) {
		tm = (struct tm){ .tm_isdst = -1 };
		end = strptime(s, formats[i], &tm);
		if (end != NULL && strcmp(end, "Z") == 0 && strlen(s) == sizeof "2026-11-25T13:03:12Z" - 1)
			*since = (int64_t)timegm(&tm) * 1000;
		else if (end != NULL && *end == '\0')
			*since = (int64_t)mktime(&tm) * 1000;
		else
			continue;
		return *since > 0;
	}
	return false;
}

static bool
take_name(char *to, size_t size, const char *s)
{
	if (*s == '\0' || strlen(s) >= size)
		return false;
	memcpy(to, s, strlen(s) + 1);
	return true;
}

static bool
take_max(uint64_t *max, const char *s)
{
	char *end;

	*max = strtoull(s, &end, 10);
	return *s >= '1' && *s <= '9' && *end == '\0' && *max <= INT64_MAX;
}

static bool
take_options(struct ctlmsg_request *r, enum form *form, int argc, char **argv)
{
	static const struct option options[] = {
		{ "since", required_argument, NULL, 's' }, { "line", required_argument, NULL, 'l' },
		{ "client", required_argument, NULL, 'c' }, { "max", required_argument, NULL, 'n' },
		{ "csv", no_argument, NULL, 'C' }, { 0 }
	};
	bool good = true;
	int o;

	optind = 0;
	while (good && (o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 's':
			good = take_since(optarg, &r->since);
			if (!good)
				cli_fail(0, "--since %s: expected as 2d, or as 2026-11-25", optarg);
			break;
		case 'l':
			good = take_name(r->line, sizeof r->line, optarg);
			break;
		case 'c':
			good = take_name(r->client, sizeof r->client, optarg);
			break;
		case 'n':
			good = take_max(&r->max, optarg);
			break;
		case 'C':
			*form = CSV;
			break;
		default:
			good = false;
		}
	return good && optind == argc;
}

/* ---- one record ---- */

static const char *
text_of(const json_t *record, const char *key)
{
	const char *s = json_string_value(json_object_get(record, key));

	return s == NULL ? "" : s;
}

static int64_t
ms_of(const json_t *record, const char *key)
{
	const json_t *v = json_object_get(record, key);
	double s = json_number_value(v);

	return json_is_number(v) && s >= 0 && s < 1e12 ? (int64_t)(s * 1000 + 0.5) : -1;
}

/* How many were alike; a daemon that is older says nothing of it. */
static long long
count_of(const json_t *record)
{
	json_int_t n = json_integer_value(json_object_get(record, "count"));

	return n > 0 ? (long long)n : 1;
}

/* "" while there is none. */
static const char *
time_of(char dst[static CLI_TIME], const json_t *record, const char *key,
    const char *write_time(char dst[static CLI_TIME], int64_t ms))
{
	int64_t ms = ms_of(record, key);

	if (ms < 0)
		dst[0] = '\0';
	else
		write_time(dst, ms);
	return dst;
}

/* As RFC 4180 has it; nothing that a spreadsheet would take for a formula. */
static void
put_field(const char *s, char end)
{
	putchar('"');
	if (*s != '\0' && strchr("=+-@", *s) != NULL)
		putchar('\'');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	printf("\"%c", end);
}

static void
put_csv(const json_t *r)
{
	static const char *const texts[] = { "line", "service", "who" };
	char d[CLI_TIME];
	size_t i;

	put_field(time_of(d, r, "start", cli_utc), ',');
	put_field(time_of(d, r, "end", cli_utc), ',');
	for (i = 0; i < 3; i++)
		put_field(text_of(r, texts[i]), ',');
	printf("%d,%lld,%lld,", json_is_true(json_object_get(r, "refused")) ? 1 : 0,
	    (long long)json_integer_value(json_object_get(r, "from-client")),
	    (long long)json_integer_value(json_object_get(r, "to-client")));
	put_field(text_of(r, "number"), ',');
	put_field(text_of(r, "result"), ',');
	printf("%.3f,", ms_of(r, "call-for") < 0 ? 0 : (double)ms_of(r, "call-for") / 1000);
	put_field(text_of(r, "why"), ',');
	printf("%lld\n", count_of(r));
}

static void
put_json(const json_t *r)
{
	cli_json(json_deep_copy(r));
}

/* ---- the table: as wide as what is in it, and as the terminal where it is one ---- */

enum cell { START, LINE, WHO, TOOK, WHAT, CELLS };

#define GAP 2
#define SHOWN 4096

struct history_table {
	size_t widths[CELLS];
	bool begun; /* its head is written */
};

static const char *const heads[CELLS] = { "START", "LINE", "CLIENT", "FOR", "WHAT" };
static const size_t least[CELLS] = { 0, 10, 15, 0, 20 }; /* to which a cell shrinks in a narrow terminal; 0: not */

static void
say_took(char dst[static TEXT_DURATION], const json_t *r)
{
	int64_t start = ms_of(r, "start"), end = ms_of(r, "end");

	if (json_is_true(json_object_get(r, "refused")))
		strcpy(dst, "refused");
	else if (count_of(r) > 1)
		strcpy(dst, "<1s");
	else if (end < start)
		strcpy(dst, "goes on");
	else
		text_duration(dst, (end - start) / 1000 * 1000);
}

static void
say_what(char *dst, size_t cap, const json_t *r)
{
	const char *number = text_of(r, "number"), *result = text_of(r, "result"), *why = text_of(r, "why");
	char times[64] = "";

	if (count_of(r) > 1)
		snprintf(times, sizeof times, " (%lld times)", count_of(r));
	snprintf(dst, cap, "%s%s%s%s%s%s", number, *number != '\0' && *result != '\0' ? " " : "", result,
	    (*number != '\0' || *result != '\0') && *why != '\0' ? "; " : "", why, times);
}

/* One cell of a record as it is shown. */
static const char *
cell(char dst[static SHOWN], const json_t *r, enum cell which)
{
	char text[2048];

	switch (which) {
	case START:
		return time_of(dst, r, "start", cli_date);
	case LINE:
		return cli_text(dst, SHOWN, text_of(r, "line"));
	case WHO:
		return cli_text(dst, SHOWN, *text_of(r, "who") == '\0' ? "another client" : text_of(r, "who"));
	case TOOK:
		say_took(dst, r);
		return dst;
	default:
		say_what(text, sizeof text, r);
		return cli_text(dst, SHOWN, text);
	}
}

/* For all that were shown yet, since it comes in pieces. */
static void
widen(size_t widths[static CELLS], const json_t *records)
{
	char shown[SHOWN];
	const json_t *record;
	size_t i, k, width;

	json_array_foreach(records, i, record)
		for (k = 0; k < CELLS; k++) {
			width = columns_width(cell(shown, record, (enum cell)k));
			if (width > widths[k])
				widths[k] = width;
		}
}

static void
put_rows(const struct cli *cli, struct history_table *t, const json_t *records)
{
	char shown[SHOWN];
	size_t widths[CELLS], i, k;
	const json_t *record;

	widen(t->widths, records);
	memcpy(widths, t->widths, sizeof widths);
	if (cli->terminal)
		columns_fit(widths, least, CELLS, GAP, cli->columns);
	for (k = 0; k < CELLS && !t->begun; k++)
		columns_put(stdout, heads[k], widths[k] + (k < WHAT ? GAP : 0), k == WHAT);
	if (!t->begun)
		putchar('\n');
	t->begun = true;
	json_array_foreach(records, i, record) {
		for (k = 0; k < CELLS; k++) {
			columns_put(stdout, cell(shown, record, (enum cell)k), widths[k], k == WHAT);
			fputs(k < WHAT ? "  " : "\n", stdout);
		}
	}
}

/* ---- all ---- */

static void
put_records(const struct cli *cli, enum form form, struct history_table *t, const json_t *records)
{
	const json_t *record;
	size_t i;

	if (form == TABLE) {
		put_rows(cli, t, records);
		return;
	}
	if (form == CSV && !t->begun)
		puts("start,end,line,service,client,refused,from_client,to_client,number,result,"
		     "call_seconds,why,count");
	t->begun = true;
	json_array_foreach(records, i, record) {
		if (form == CSV)
			put_csv(record);
		else
			put_json(record);
	}
}

static int
print_all(const struct cli *cli, struct client *c, enum form form)
{
	struct history_table table = { .begun = false };
	struct ctlmsg_reply r;
	bool more = true, noted = false;
	size_t k;
	int status = EXIT_OK;

	for (k = 0; k < CELLS; k++)
		table.widths[k] = strlen(heads[k]);
	while (more && (status = client_answer(c, &r, CLIENT_PATIENCE)) == EXIT_OK) {
		if (r.kind == CTLMSG_RECORDS && r.text != NULL && !noted)
			cli_fail(0, "nothing new is kept: %s", r.text);
		noted = noted || r.text != NULL;
		more = r.more;
		if (r.kind == CTLMSG_RECORDS)
			put_records(cli, form, &table, r.body);
		ctlmsg_reply_clear(&r);
		if (fflush(stdout) != 0)
			break;
	}
	return status;
}

int
history_main(struct cli *cli, int argc, char **argv)
{
	struct ctlmsg_request request = { .id = 1, .verb = CTLMSG_HISTORY };
	enum form form = cli->json ? JSON : TABLE;
	struct client c;
	int status;

	if (!take_options(&request, &form, argc, argv))
		return cli_usage(cli, argv[0]);
	if ((status = client_open(&c, cli->socket)) != EXIT_OK)
		return status;
	status = client_ask(&c, &request);
	if (status == EXIT_OK)
		status = print_all(cli, &c, form);
	client_close(&c);
	return status;
}
