/*
 * health: does the daemon live?
 */
#include <jansson.h>
#include <stdio.h>

#include "cli/client.h"

/* It greets whoever connects, also where nobody else may be served just now: so its loop turns.  For whoever asks, as
 * supervisors do, there is no other answer than no. */
int
health_main(struct cli *cli, int argc, char **argv)
{
	struct client c;

	if (!cli_arguments(cli, argc, argv, 0))
		return EXIT_USAGE;
	if (client_open(&c, cli->socket) != EXIT_OK)
		return EXIT_FAILED;
	client_close(&c);
	if (cli->json)
		return cli_json(json_pack("{s:b}", "ok", 1));
	puts("ok");
	return EXIT_OK;
}
