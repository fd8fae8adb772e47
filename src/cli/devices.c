/*
 * devices: the serial ports of this host, and who holds them.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/host.h"
#include "views/jsontext.h"

static json_t *
json_of(const struct host_tty *t)
{
	json_t *holders = json_array();
	size_t i;

	for (i = 0; i < t->n_holders; i++)
		json_array_append_new(holders,
		    json_pack("{s:i, s:o}", "pid", t->holders[i].pid, "program",
			jsontext_or_null(t->holders[i].program)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
	    "device", jsontext_or_null(t->node), "driver", jsontext_or_null(t->driver),
	    "by-id", jsontext_or_null(t->by_id), "vendor", jsontext_or_null(t->vendor),
	    "product", jsontext_or_null(t->product), "serial", jsontext_or_null(t->serial),
	    "maker", jsontext_or_null(t->maker), "model", jsontext_or_null(t->model),
	    "interface", jsontext_or_null(t->interface), "holders", holders,
	    "lock", t->lock_pid == 0 ? json_null() : json_integer(t->lock_pid), "console", (int)t->console);
}

static int
print_json(const struct host *h)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < h->n; i++)
		json_array_append_new(all, json_of(&h->ttys[i]));
	return cli_json(all);
}

static void
print_fact(const char *what, const char *value)
{
	char shown[4 * HOST_PATH];

	if (*value != '\0')
		printf("  %-9s %s\n", what, cli_text(shown, sizeof shown, value));
}

static void
print_tty(const struct host_tty *t)
{
	char line[HOST_PATH];
	size_t i;

	puts(t->node);
	print_fact("by id", t->by_id);
	print_fact("driver", t->driver);
	if (t->usb) {
		snprintf(line, sizeof line, "%s:%s %s %s", t->vendor, t->product, t->maker,
		    t->model);
		print_fact("USB", line);
		print_fact("serial", t->serial);
		print_fact("interface", t->interface);
	}
	if (t->console)
		print_fact("console", "the kernel writes here");
	for (i = 0; i < t->n_holders; i++) {
		snprintf(line, sizeof line, "%s, process %d", t->holders[i].program,
		    t->holders[i].pid);
		print_fact("held by", line);
	}
	if (t->lock_pid != 0) {
		snprintf(line, sizeof line, "process %d%s", t->lock_pid,
		    t->lock_lives ? "" : ", which is gone");
		print_fact("lock of", t->lock_pid > 0 ? line : "nobody knows whom");
	}
}

int
devices_main(struct cli *cli, int argc, char **argv)
{
	struct host h;
	size_t i;
	int status = EXIT_OK;

	if (!cli_arguments(cli, argc, argv, 0))
		return EXIT_USAGE;
	if (host_look(&h, "", "/run/lock") != 0)
		return cli_fail(EXIT_FAILED, "/sys/class/tty: %s", strerror(errno));
	if (cli->json)
		status = print_json(&h);
	else if (h.n == 0)
		puts("no serial ports");
	for (i = 0; !cli->json && i < h.n; i++)
		print_tty(&h.ttys[i]);
	if (h.blind)
		cli_fail(0,
		    "processes of other users are not seen: be root to see who holds a port");
	host_clear(&h);
	return status;
}
