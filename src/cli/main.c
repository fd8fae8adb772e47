/*
 * modemshare: the control tool.  A table of subcommands; each is a file.
 */
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

static int help_main(struct cli *, int, char **);

static const struct command commands[] = {
	{ "status", status_main, "[-v] [LINE]", "show the lines (the default), or one" },
	{ "watch", watch_main, "", "show them as they change" },
	{ "health", health_main, "", "say whether the daemon lives: exit status 0 or 1" },
	{ "kick", act_main, "LINE [-m TEXT]", "end the claim of its owner" },
	{ "disable", act_main, "LINE [-m TEXT]", "give it to nobody any more" },
	{ "enable", act_main, "LINE", "and again" },
	{ "drain", act_main, "[--exit]", "give nobody a line any more; and end when all are free" },
	{ "resume", act_main, "", "and again" },
	{ "test", act_main, "LINE", "test a free line now" },
	{ "monitor", monitor_main, "LINE [--hex] [--output FILE]", "show what passes over it" },
	{ "history", history_main, "[--since WHEN] [--line LINE] [--client WHO] [--max N] [--csv]",
	    "show the calls and refusals of the past" },
	{ "devices", devices_main, "", "show the serial ports of this host, and who holds them" },
	{ "doctor", doctor_main, "[-f FILE] [-u USER]", "find what is wrong, and say how to mend it" },
	{ "reload", act_main, "", "read the configuration again" },
	{ "help", help_main, "[COMMAND]", "say how it is used" },
	{ NULL, NULL, NULL, NULL }
};

static void
usage(FILE *f)
{
	const struct command *c;
	char line[100];

	fputs("usage: modemshare [-S SOCKET] [--json] [COMMAND]\n", f);
	for (c = commands; c->name != NULL; c++) {
		snprintf(line, sizeof line, "%s %s", c->name, c->usage);
		if (strlen(line) > 32)
			fprintf(f, "  %s\n%36s%s\n", line, "", c->what);
		else
			fprintf(f, "  %-32s  %s\n", line, c->what);
	}
}

/* The word that begins so; NULL: none. */
static const char *
find_beginning(const char *s, const char *const *words)
{
	for (; *words != NULL && strncmp(*words, s, strlen(s)) != 0; words++)
		;
	return *words;
}

/* What other tools call one of the commands; NULL: none does. */
static const char *
find_synonym(const char *word)
{
	static const char *const synonyms[][2] = {
		{ "list", "status" }, { "ls", "status" }, { "show", "status" }, { "info", "status" },
		{ "ps", "status" }, { "who", "status" }, { "lock", "disable" }, { "down", "disable" },
		{ "stop", "disable" }, { "unlock", "enable" }, { "up", "enable" }, { "start", "enable" },
		{ "log", "history" }, { "logs", "history" }, { "calls", "history" },
		{ "end", "kick" }, { "kill", "kick" }, { "disconnect", "kick" }, { "free", "kick" },
		{ "attach", "monitor" }, { "spy", "monitor" }, { "tail", "monitor" }, { "top", "watch" },
		{ "ports", "devices" }, { "check", "doctor" }, { "restart", "reload" },
	};
	size_t i;

	for (i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
		if (strcmp(synonyms[i][0], word) == 0)
			return synonyms[i][1];
	return NULL;
}

static int
unknown_command(const struct cli *cli, const char *word)
{
	const char *words[sizeof commands / sizeof *commands], *near = find_synonym(word);
	const struct command *c;
	size_t n = 0;

	for (c = commands; c->name != NULL; c++)
		words[n++] = c->name;
	words[n] = NULL;
	if (near == NULL)
		near = find_beginning(word, words);
	if (near == NULL)
		near = text_nearest(word, words);
	if (near != NULL)
		return cli_fail(EXIT_USAGE, "unknown command \"%s\"; did you mean \"%s\"?", word,
		    near);
	cli_fail(EXIT_USAGE, "unknown command \"%s\"", word);
	if (!cli->json)
		usage(stderr);
	return EXIT_USAGE;
}

static int
help_main(struct cli *cli, int argc, char **argv)
{
	const struct command *c;

	if (argc > 2)
		return cli_usage(cli, argv[0]);
	if (argc < 2) {
		usage(stdout);
		return EXIT_OK;
	}
	for (c = commands; c->name != NULL && strcmp(c->name, argv[1]) != 0; c++)
		;
	if (c->name == NULL)
		return unknown_command(cli, argv[1]);
	printf("usage: modemshare [-S SOCKET] [--json] %s%s%s\n%s\n", c->name,
	    *c->usage == '\0' ? "" : " ", c->usage, c->what);
	return EXIT_OK;
}

/* ---- options ---- */

/* --json may stand anywhere: it is taken out. */
static int
take_json(struct cli *cli, int argc, char **argv)
{
	int i, n = 1;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			cli->json = true;
		else
			argv[n++] = argv[i];
	for (; i < argc; i++)
		argv[n++] = argv[i];
	argv[n] = NULL;
	return n;
}

static int
run(struct cli *cli, int argc, char **argv)
{
	static char status[] = "status", *alone[] = { status, NULL };
	const struct command *c;

	if (argc == 0)
		return status_main(cli, 1, alone);
	for (c = commands; c->name != NULL; c++)
		if (strcmp(c->name, argv[0]) == 0)
			return c->fn(cli, argc, argv);
	return unknown_command(cli, argv[0]);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 }
	};
	struct cli cli = { .socket = CLI_SOCKET, .commands = commands };
	int c, status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_DFL);
	cli_look_at_terminal(&cli);
	argc = take_json(&cli, argc, argv);
	if (cli.json)
		cli_say_json();
	while ((c = getopt_long(argc, argv, "+S:hV", options, NULL)) != -1)
		switch (c) {
		case 'S':
			cli.socket = optarg;
			break;
		case 'V':
			puts(PACKAGE_STRING);
			return EXIT_OK;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			if (cli.json)
				return cli_fail(EXIT_USAGE, "unknown option, or one without its value");
			usage(stderr);
			return EXIT_USAGE;
		}
	status = run(&cli, argc - optind, argv + optind);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return cli_fail(EXIT_FAILED, "standard output: cannot be written");
	return status;
}
