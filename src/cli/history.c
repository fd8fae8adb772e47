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

/* "2d": so long ago; "2026-11-25", "2026-11-25 14:03", "... 14:03:12". */
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
		if (end != NULL && *end == '\0') {
			*since = (int64_t)mktime(&tm) * 1000;
			return *since > 0;
		}
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

static const char *
date_of(char dst[static CLI_TIME], const json_t *record, const char *key)
{
	int64_t ms = ms_of(record, key);

	if (ms < 0)
		dst[0] = '\0';
	else
		cli_date(dst, ms);
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

	put_field(date_of(d, r, "start"), ',');
	put_field(date_of(d, r, "end"), ',');
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
put_cell(const char *s, size_t width)
{
	char shown[2048];

	columns_put(stdout, cli_text(shown, sizeof shown, s), width, false);
	fputs("  ", stdout);
}

static void
put_row(const json_t *r)
{
	char d[CLI_TIME], took[TEXT_DURATION] = "", times[64] = "", what[2048], shown[4096];
	const char *number = text_of(r, "number"), *result = text_of(r, "result"),
		   *why = text_of(r, "why");
	int64_t start = ms_of(r, "start"), end = ms_of(r, "end");

	if (json_is_true(json_object_get(r, "refused")))
		strcpy(took, "refused");
	else if (count_of(r) > 1)
		strcpy(took, "<1s");
	else if (end < start)
		strcpy(took, "goes on");
	else
		text_duration(took, (end - start) / 1000 * 1000);
	put_cell(date_of(d, r, "start"), 19);
	put_cell(text_of(r, "line"), 10);
	put_cell(*text_of(r, "who") == '\0' ? "another client" : text_of(r, "who"), 15);
	put_cell(took, 7);
	if (count_of(r) > 1)
		snprintf(times, sizeof times, " (%lld times)", count_of(r));
	snprintf(what, sizeof what, "%s%s%s%s%s%s", number,
	    *number != '\0' && *result != '\0' ? " " : "", result,
	    (*number != '\0' || *result != '\0') && *why != '\0' ? "; " : "", why, times);
	puts(cli_text(shown, sizeof shown, what));
}

static void
put_json(const json_t *r)
{
	cli_json(json_deep_copy(r));
}

/* ---- all ---- */

static void
put_head(enum form form)
{
	if (form == CSV)
		puts("start,end,line,service,client,refused,from_client,to_client,number,result,"
		     "call_seconds,why,count");
	else if (form == TABLE)
		printf("%-19s  %-10s  %-15s  %-7s  %s\n", "START", "LINE", "CLIENT", "FOR", "WHAT");
}

static int
print_all(struct client *c, enum form form)
{
	static void (*const put[])(const json_t *) = { put_row, put_csv, put_json };
	struct ctlmsg_reply r;
	const json_t *record;
	bool more = true, first = true;
	size_t i;
	int status = EXIT_OK;

	while (more && (status = client_answer(c, &r, CLIENT_PATIENCE)) == EXIT_OK) {
		if (first)
			put_head(form);
		first = false;
		more = r.more;
		if (r.kind == CTLMSG_RECORDS)
			json_array_foreach(r.body, i, record)
				put[form](record);
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
		status = print_all(&c, form);
	client_close(&c);
	return status;
}
