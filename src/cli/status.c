/*
 * status, and watch: the same again and again.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "views/show.h"

#define PIECE 500 /* bytes of a line, of which none may be too long */

/* How much of n bytes is a piece: no character is cut in two. */
static size_t
piece(const char *text, size_t n)
{
	size_t cut = n < PIECE ? n : PIECE;

	while (cut < n && cut > 1 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

/* The text goes through cli_text(), for terminals that take no UTF-8. */
static void
print_text(const char *text)
{
	char part[PIECE + 1], shown[4 * PIECE + 1];
	size_t n;

	for (; *text != '\0'; text += n) {
		n = piece(text, strcspn(text, "\n"));
		if (n == 0) {
			putchar(text[n++]);
			continue;
		}
		snprintf(part, sizeof part, "%.*s", (int)n, text);
		fputs(cli_text(shown, sizeof shown, part), stdout);
	}
}

static void
print_status(const struct cli *cli, const struct ctlmsg_reply *r, bool all, size_t rows)
{
	char *text = NULL;
	size_t n;
	FILE *f;

	if (cli->json) {
		client_print(r);
		return;
	}
	f = open_memstream(&text, &n);
	if (f == NULL)
		return;
	if (all)
		show_all(f, r->body);
	else
		show_table(f, r->body, cli->columns, rows);
	if (fclose(f) == 0)
		print_text(text);
	free(text);
}

/* The connection, on which the first status is on its way. */
static int
begin(struct cli *cli, struct client *c, enum ctlmsg_verb verb)
{
	const struct ctlmsg_request request = { .id = 1, .verb = verb };
	int status = client_open(c, cli->socket);

	if (status == EXIT_OK && (status = client_ask(c, &request)) != EXIT_OK)
		client_close(c);
	return status;
}

static int
no_status(void)
{
	return cli_fail(EXIT_FAILED, "the daemon answers without a status");
}

/* ---- one line, or those of a service ---- */

/* The name of a line or service; NULL: none. */
static const char *
name_of(const json_t *it)
{
	return json_string_value(json_object_get(it, "name"));
}

static bool
is_named(const json_t *o, const char *name)
{
	const char *own = name_of(o);

	return own != NULL && name != NULL && strcmp(own, name) == 0;
}

/* Of an array, what has this name; NULL: nothing. */
static const json_t *
named(const json_t *array, const char *name)
{
	const json_t *each;
	size_t i;

	json_array_foreach(array, i, each)
		if (is_named(each, name))
			return each;
	return NULL;
}

static bool
lists(const json_t *service, const json_t *line)
{
	const json_t *names = json_object_get(service, "lines"), *each;
	size_t i;

	json_array_foreach(names, i, each)
		if (json_is_string(each) && is_named(line, json_string_value(each)))
			return true;
	return false;
}

/* Takes out the lines that are not the one, or of the one service. */
static void
keep_lines(json_t *lines, const json_t *line, const json_t *service)
{
	size_t i;

	for (i = json_array_size(lines); i-- > 0;) {
		const json_t *each = json_array_get(lines, i);

		if (line != NULL ? each != line : !lists(service, each))
			json_array_remove(lines, i);
	}
}

/* Takes out the services that have nothing to do with the line, or are not the one. */
static void
keep_services(json_t *services, const json_t *line, const json_t *service)
{
	size_t i;

	for (i = json_array_size(services); i-- > 0;) {
		const json_t *each = json_array_get(services, i);

		if (line != NULL ? !lists(each, line) : each != service)
			json_array_remove(services, i);
	}
}

/* EXIT_OK, or what is told: there is neither a line nor a service of this name. */
static int
keep_one(json_t *status, const char *name)
{
	json_t *lines = json_object_get(status, "lines"), *services = json_object_get(status, "services");
	const json_t *line = named(lines, name), *service = named(services, name);

	if (line == NULL && service == NULL)
		return cli_fail(EXIT_UNKNOWN,
		    "there is no line \"%.100s\"; expected the name of one, or of a service", name);
	if (line != NULL)
		service = NULL;
	keep_services(services, line, service);
	keep_lines(lines, line, service);
	return EXIT_OK;
}

int
status_main(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = { { "verbose", no_argument, NULL, 'v' }, { 0 } };
	const char *name = NULL;
	struct ctlmsg_reply r;
	struct client c;
	bool all = false;
	int status, o;

	optind = 0;
	while ((o = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		if (o != 'v')
			return cli_usage(cli, argv[0]);
		all = true;
	}
	if (optind < argc)
		name = argv[optind++];
	if (optind < argc || (name != NULL && *name == '\0'))
		return cli_usage(cli, argv[0]);
	if ((status = begin(cli, &c, CTLMSG_STATUS)) != EXIT_OK)
		return status;
	status = client_answer(&c, &r, CLIENT_PATIENCE);
	if (status == EXIT_OK) {
		if (r.kind != CTLMSG_STATUSES)
			status = no_status();
		else if (name != NULL)
			status = keep_one(r.body, name);
		if (status == EXIT_OK)
			print_status(cli, &r, all, 0);
		ctlmsg_reply_clear(&r);
	}
	client_close(&c);
	return status;
}

/* ---- watch ---- */

static bool
is_same(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b) != 0;
}

/* One look, and a line of it; or the service. */
struct seen {
	const json_t *status, *it;
};

/* What a person sees of a line that has changed: not how long it has been idle. */
static bool
has_changed(struct seen at, struct seen was)
{
	static const char *const keys[] = { "state", "reason" };
	const json_t *now = at.it, *before = was.it;
	const json_t *owner = json_object_get(now, "owner"), *old = json_object_get(before, "owner");
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!is_same(json_object_get(now, keys[i]), json_object_get(before, keys[i])))
			return true;
	return before == NULL || show_waiting(at.status, now) != show_waiting(was.status, before) ||
	    !is_same(json_object_get(owner, "who"), json_object_get(old, "who")) ||
	    !is_same(json_object_get(owner, "since"), json_object_get(old, "since"));
}

/* How many wait for any line of a service. */
static void
put_pools(FILE *f, const char *when, const json_t *now, const json_t *before)
{
	const json_t *services = json_object_get(now, "services"), *service;
	char name[256];
	size_t i;

	json_array_foreach(services, i, service)
		if (name_of(service) != NULL && show_pool_waiting(service) !=
		    show_pool_waiting(named(json_object_get(before, "services"), name_of(service))))
			fprintf(f, "%s %s: waiting: %lld\n", when, cli_text(name, sizeof name, name_of(service)),
			    show_pool_waiting(service));
}

/* To a pipe: a line for each line, and each service of several, that is not as it was. */
static void
print_changes(const json_t *now, const json_t *before)
{
	const json_t *lines = json_object_get(now, "lines"), *line;
	char *text = NULL, time_of_day[CLI_TIME], name[256];
	size_t i, n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return;
	cli_date(time_of_day, (int64_t)(json_number_value(json_object_get(now, "now")) * 1000));
	json_array_foreach(lines, i, line) {
		const char *word = name_of(line);

		if (!has_changed((struct seen){ now, line }, (struct seen){ before, named(json_object_get(before, "lines"), word) }))
			continue;
		fprintf(f, "%s %s: ", time_of_day,
		    cli_text(name, sizeof name, word == NULL ? "" : word));
		show_line(f, now, line);
		putc('\n', f);
	}
	put_pools(f, time_of_day, now, before);
	if (fclose(f) == 0)
		print_text(text);
	free(text);
}

/* As much as the terminal has room for, which may have become another; the cursor's row stays empty. */
static void
redraw(struct cli *cli, const struct ctlmsg_reply *r)
{
	size_t other = r->missed > 0 ? 2 : 1;

	cli_look_at_terminal(cli);
	fputs("\033[H\033[2J", stdout);
	print_status(cli, r, false, cli->rows > other ? cli->rows - other : 1);
	if (r->missed > 0)
		printf("%llu snapshots were missed: this terminal is too slow\n",
		    (unsigned long long)r->missed);
}

int
watch_main(struct cli *cli, int argc, char **argv)
{
	struct ctlmsg_reply r;
	struct client c;
	json_t *before = NULL;
	int status;

	if (!cli_arguments(cli, argc, argv, 0))
		return EXIT_USAGE;
	if ((status = begin(cli, &c, CTLMSG_WATCH)) != EXIT_OK)
		return status;
	while ((status = client_answer(&c, &r, CLIENT_PATIENCE)) == EXIT_OK) {
		if (r.kind != CTLMSG_STATUSES)
			status = no_status();
		else if (cli->json)
			client_print(&r);
		else if (cli->terminal)
			redraw(cli, &r);
		else
			print_changes(r.body, before);
		json_decref(before);
		before = json_incref(r.body);
		ctlmsg_reply_clear(&r);
		if (status != EXIT_OK || fflush(stdout) != 0)
			break;
	}
	json_decref(before);
	client_close(&c);
	return status;
}
