/*
 * monitor: what passes over a line, both ways, as it passes.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/client.h"

#define ROW 16      /* bytes of a row of --hex */
#define TEXT_ROW 64 /* at most, of one of text */

struct monitor {
	FILE *out;
	bool hex, json;
};

/* > from the client to the line, < from the line. */
static void
put_head(const struct monitor *m, const struct ctlmsg_reply *r, char mark)
{
	char at[CLI_TIME];

	fprintf(m->out, "%s %c ", cli_time(at, r->at), mark);
}

static void
put_hex(const struct monitor *m, const struct ctlmsg_reply *r)
{
	size_t at, i, n;

	for (at = 0; at < r->n; at += ROW) {
		n = r->n - at < ROW ? r->n - at : ROW;
		put_head(m, r, r->from_client ? '>' : '<');
		for (i = 0; i < ROW; i++)
			if (i < n)
				fprintf(m->out, "%02x ", r->data[at + i]);
			else
				fputs("   ", m->out);
		putc('|', m->out);
		for (i = 0; i < n; i++)
			putc(isprint(r->data[at + i]) ? r->data[at + i] : '.', m->out);
		fputs("|\n", m->out);
	}
}

/* A row for each line of the data, or more, with the bytes that are no text shown as such. */
static void
put_text(const struct monitor *m, const struct ctlmsg_reply *r)
{
	char shown[4 * TEXT_ROW + 1];
	const uint8_t *at = r->data, *end = r->data + r->n, *next;
	size_t n;

	for (; at < end; at = next) {
		n = end - at < TEXT_ROW ? (size_t)(end - at) : TEXT_ROW;
		next = memchr(at, '\n', n);
		next = next == NULL ? at + n : next + 1;
		put_head(m, r, r->from_client ? '>' : '<');
		fprintf(m->out, "%s\n", text_vis(shown, sizeof shown, at, (size_t)(next - at)));
	}
}

static void
put_event(const struct monitor *m, const struct ctlmsg_reply *r)
{
	char text[4096];

	switch (r->kind) {
	case CTLMSG_SOME_DATA:
		if (m->hex)
			put_hex(m, r);
		else
			put_text(m, r);
		break;
	case CTLMSG_LOST:
		put_head(m, r, '!');
		fprintf(m->out, "%llu bytes lost: read too slowly\n", (unsigned long long)r->missed);
		break;
	case CTLMSG_NOTE:
	case CTLMSG_END:
		put_head(m, r, '-');
		fprintf(m->out, "%s\n", cli_text(text, sizeof text, r->text));
		break;
	default:
		break;
	}
}

static int
run(struct client *c, const struct monitor *m)
{
	struct ctlmsg_reply r;
	bool ended = false;
	int status;

	while (!ended && (status = client_answer(c, &r, -1)) == EXIT_OK) {
		ended = r.kind == CTLMSG_END;
		if (m->json && r.kind != CTLMSG_OK)
			client_print(&r);
		else
			put_event(m, &r);
		ctlmsg_reply_clear(&r);
		if (fflush(m->out) != 0)
			return cli_fail(EXIT_FAILED, "cannot write: %s", strerror(errno));
	}
	return status;
}

int
monitor_main(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		{ "hex", no_argument, NULL, 'x' }, { "output", required_argument, NULL, 'o' }, { 0 }
	};
	struct ctlmsg_request request = { .id = 1, .verb = CTLMSG_MONITOR };
	struct monitor m = { .out = stdout, .json = cli->json };
	const char *file = NULL;
	struct client c;
	int status, o;

	optind = 0;
	while ((o = getopt_long(argc, argv, "xo:", options, NULL)) != -1) {
		if (o == 'x')
			m.hex = true;
		else if (o == 'o')
			file = optarg;
		else
			return cli_usage(cli, argv[0]);
	}
	if (argc - optind != 1 || *argv[optind] == '\0' ||
	    strlen(argv[optind]) >= sizeof request.line)
		return cli_usage(cli, argv[0]);
	memcpy(request.line, argv[optind], strlen(argv[optind]) + 1);
	if (file != NULL && freopen(file, "ae", stdout) == NULL)
		return cli_fail(EXIT_FAILED, "%s: %s", file, strerror(errno));
	if ((status = client_open(&c, cli->socket)) != EXIT_OK)
		return status;
	status = client_ask(&c, &request);
	if (status == EXIT_OK)
		status = run(&c, &m);
	client_close(&c);
	return status;
}
