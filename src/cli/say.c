/*
 * What the subcommands say: text for people, JSON, and what is wrong; see cli.h.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "views/clean.h"
#include "views/jsontext.h"

static bool in_json; /* what is wrong */

void
cli_say_json(void)
{
	in_json = true;
	opterr = 0; /* of getopt(3), whose text is none; the usage follows it */
}

/* false, and nothing is said: it is to be text, or there is no memory for it. */
static bool
said_in_json(int status, const char *text)
{
	char *line;

	if (!in_json)
		return false;
	line = jsontext_line(status == EXIT_OK ? json_pack("{s:o}", "note", jsontext(text)) :
	    json_pack("{s:o, s:i}", "error", jsontext(text), "status", status));
	if (line == NULL)
		return false;
	fputs(line, stderr);
	free(line);
	return true;
}

int
cli_usage(const struct cli *cli, const char *command)
{
	const struct command *c = cli->commands;
	char text[256];

	while (strcmp(c->name, command) != 0)
		c++;
	snprintf(text, sizeof text, "usage: modemshare %s%s%s", c->name, *c->usage == '\0' ? "" : " ", c->usage);
	if (!said_in_json(EXIT_USAGE, text))
		fprintf(stderr, "%s\n", text);
	return EXIT_USAGE;
}

bool
cli_arguments(const struct cli *cli, int argc, char **argv, int n)
{
	if (argc - 1 == n && (n == 0 || argv[1][0] != '-'))
		return true;
	cli_usage(cli, argv[0]);
	return false;
}

int
cli_json(struct json_t *v)
{
	char *line = jsontext_line(v);

	if (line == NULL)
		return cli_fail(EXIT_FAILED, "%s", strerror(ENOMEM));
	fputs(line, stdout);
	free(line);
	return EXIT_OK;
}

int
cli_fail(int status, const char *fmt, ...)
{
	char text[2 * CLEAN_MAX], clean[CLEAN_MAX], shown[4 * CLEAN_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	clean_text(clean, text);
	fflush(stdout);
	if (!said_in_json(status, clean))
		fprintf(stderr, "modemshare: %s\n", cli_text(shown, sizeof shown, clean));
	return status;
}

const char *
cli_text(char *dst, size_t cap, const char *s)
{
	char clean[CLEAN_MAX];

	clean_text(clean, s);
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		snprintf(dst, cap, "%s", clean);
	else
		text_vis(dst, cap, clean, strlen(clean));
	return dst;
}

static const char *
format_time(char dst[static CLI_TIME], const char *format, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(dst, CLI_TIME, format, &tm) == 0)
		strcpy(dst, "?");
	return dst;
}

const char *
cli_utc(char dst[static CLI_TIME], int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(dst, CLI_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strcpy(dst, "?");
	return dst;
}

const char *
cli_time(char dst[static CLI_TIME], int64_t ms)
{
	size_t n;

	format_time(dst, "%H:%M:%S", ms);
	n = strlen(dst);
	snprintf(dst + n, CLI_TIME - n, ".%03d", (int)(ms % 1000));
	return dst;
}

const char *
cli_date(char dst[static CLI_TIME], int64_t ms)
{
	return format_time(dst, "%Y-%m-%d %H:%M:%S", ms);
}

/* What the environment says; else 0. */
static size_t
number_from(const char *variable)
{
	const char *text = getenv(variable);

	return text != NULL && atoi(text) > 0 ? (size_t)atoi(text) : 0;
}

void
cli_look_at_terminal(struct cli *cli)
{
	struct winsize size = { .ws_row = 0 };

	cli->terminal = isatty(STDOUT_FILENO) != 0;
	if (cli->terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){ .ws_row = 0 };
	cli->columns = number_from("COLUMNS");
	if (cli->columns == 0)
		cli->columns = size.ws_col > 0 ? size.ws_col : 80;
	cli->rows = number_from("LINES");
	if (cli->rows == 0)
		cli->rows = size.ws_row > 0 ? size.ws_row : 24;
}
