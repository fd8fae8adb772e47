/*
 * The subcommands that ask the daemon to do something and say what came of it.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"

#define TEST_PATIENCE 180000 /* ms: two attempts with all their commands */

static const struct act {
	const char *name;
	enum ctlmsg_verb verb;
	const char *done; /* "%s" is the line */
} acts[] = {
	{ "kick", CTLMSG_KICK, "the claim of %s is ended" },
	{ "disable", CTLMSG_DISABLE, "%s is disabled" },
	{ "enable", CTLMSG_ENABLE, "%s is enabled" },
	{ "drain", CTLMSG_DRAIN, "nobody new is given a line" },
	{ "resume", CTLMSG_RESUME, "lines are given again" },
	{ "test", CTLMSG_TEST, "%s works" },
	{ "reload", CTLMSG_RELOAD, "the configuration is in force" },
};

static bool
take_line(struct ctlmsg_request *r, const char *line)
{
	if (r->line[0] != '\0' || *line == '\0' || strlen(line) >= sizeof r->line)
		return false;
	memcpy(r->line, line, strlen(line) + 1);
	return true;
}

/* What is too long is said as it is: no other use of the command would help. */
static bool
take_message(struct ctlmsg_request *r, const char *text)
{
	if (strlen(text) >= sizeof r->message) {
		cli_fail(0, "a message of %zu bytes; expected at most %zu", strlen(text), sizeof r->message - 1);
		return false;
	}
	memcpy(r->message, text, strlen(text) + 1);
	return true;
}

/* Options and the line in any order; each only where the verb takes it. */
static bool
take_arguments(struct ctlmsg_request *r, int argc, char **argv)
{
	static const struct option options[] = { { "message", required_argument, NULL, 'm' },
		{ "exit", no_argument, NULL, 'x' }, { 0 } };
	bool takes_line =
	    r->verb != CTLMSG_DRAIN && r->verb != CTLMSG_RESUME && r->verb != CTLMSG_RELOAD;
	bool takes_text = r->verb == CTLMSG_KICK || r->verb == CTLMSG_DISABLE;
	int o;

	optind = 0;
	while ((o = getopt_long(argc, argv, "m:", options, NULL)) != -1) {
		if (o == 'm' && takes_text && take_message(r, optarg))
			continue;
		else if (o == 'x' && r->verb == CTLMSG_DRAIN)
			r->exit = true;
		else
			return false;
	}
	for (; optind < argc; optind++)
		if (!takes_line || !take_line(r, argv[optind]))
			return false;
	return !takes_line || r->line[0] != '\0';
}

static void
print_done(const struct cli *cli, const struct act *a, const struct ctlmsg_request *request,
    const struct ctlmsg_reply *r)
{
	char line[2048], text[4096];
	const char *mark = strstr(a->done, "%s");

	if (cli->json) {
		client_print(r);
	} else if (r->text != NULL) {
		puts(cli_text(text, sizeof text, r->text));
	} else if (mark != NULL) {
		cli_text(line, sizeof line, request->line);
		printf("%.*s%s%s\n", (int)(mark - a->done), a->done, line, mark + 2);
	} else {
		puts(a->done);
	}
}

int
act_main(struct cli *cli, int argc, char **argv)
{
	const struct act *a = acts;
	struct ctlmsg_request request = { .id = 1 };
	struct ctlmsg_reply r;
	struct client c;
	int status;

	while (strcmp(a->name, argv[0]) != 0)
		a++;
	request.verb = a->verb;
	if (!take_arguments(&request, argc, argv))
		return cli_usage(cli, argv[0]);
	if ((status = client_open(&c, cli->socket)) != EXIT_OK)
		return status;
	status = client_ask(&c, &request);
	if (status == EXIT_OK)
		status =
		    client_answer(&c, &r, a->verb == CTLMSG_TEST ? TEST_PATIENCE : CLIENT_PATIENCE);
	if (status == EXIT_OK) {
		print_done(cli, a, &request, &r);
		ctlmsg_reply_clear(&r);
	}
	client_close(&c);
	return status;
}
