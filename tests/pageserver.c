/*
 * Serves the status page of a made-up office (tests/snapshots.h), on a port of the kernel's choice on loopback.
 *
 *	pageserver [-c CONNECTIONS] [-s SHARE] [-r REQUEST-MS] [-a ANSWER-MS] [-n LINES]
 *
 * Writes "listening 127.0.0.1:PORT" and, for each line it reads from stdin, one line of answer:
 *
 *	claim LINE WHO IDLE-MS LIMIT-MS		LINE (a number) has an owner who is idle for so long
 *	free LINE | ring LINE
 *	reason LINE TEXT			out of service
 *	spoil TEXT				every string
 *	time MS					so much later
 *	made					"made N": how often something was made
 *	name NAME				it may be called by this name
 *
 * Ends at the end of stdin, cleanly, so that a leak is told.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/http.h"
#include "snapshots.h"
#include "views/site.h"

#define NAME_SIZE 32

static struct made_up office;
static struct loop *loop;
static struct http *http;
static char said[4096], spoilt[4096], who[PICTURE_LINES][256];
static const char *name;
static size_t n_said;
static unsigned made;

static enum http_found
find(void *ctx, const char *path, struct http_content *content)
{
	const struct site_page *page = site_find(path);

	(void)ctx;
	if (page == NULL)
		return HTTP_NOTHING;
	content->type = page->type;
	if (page->bytes != NULL) {
		content->bytes = page->bytes;
		content->n = *page->size;
		return HTTP_FOUND;
	}
	made++;
	content->made = page->make(&office.snapshot, &content->n);
	return content->made != NULL ? HTTP_FOUND : HTTP_CANNOT;
}

/* ---- what it is told ---- */

static void
claim(struct snapshot_line *l, const char *by, long idle, long limit)
{
	char *copy = who[l - office.lines];

	snprintf(copy, sizeof who[0], "%s", by);
	l->state = SNAPSHOT_IN_USE;
	l->reason = "";
	l->owner = (struct snapshot_owner){ .present = true, .who = copy, .service = "pool",
		.since = office.snapshot.now - 60000, .held = 60000, .idle = idle, .free_latest = 3600000,
		.free_if_idle = limit - idle, .idle_limit = limit, .number = "", .result = "" };
}

static void
set_state(struct snapshot_line *l, enum snapshot_state state, const char *reason)
{
	char *copy = who[l - office.lines];

	snprintf(copy, sizeof who[0], "%s", reason);
	l->state = state;
	l->reason = copy;
	l->owner.present = false;
}

static void
obey(char *text)
{
	char *verb = strtok(text, " "), *first = strtok(NULL, " "), *second = strtok(NULL, " ");
	char *third = strtok(NULL, " "), *fourth = strtok(NULL, " ");
	struct snapshot_line *l = &office.lines[first != NULL ? strtoul(first, NULL, 10) % PICTURE_LINES : 0];

	if (verb == NULL)
		return;
	if (strcmp(verb, "claim") == 0 && fourth != NULL)
		claim(l, second, strtol(third, NULL, 10), strtol(fourth, NULL, 10));
	else if (strcmp(verb, "free") == 0)
		set_state(l, SNAPSHOT_FREE, "");
	else if (strcmp(verb, "ring") == 0)
		set_state(l, SNAPSHOT_RINGING, "");
	else if (strcmp(verb, "reason") == 0 && second != NULL)
		set_state(l, SNAPSHOT_OUT, second);
	else if (strcmp(verb, "spoil") == 0 && first != NULL) {
		snprintf(spoilt, sizeof spoilt, "%s", first);
		made_up_spoil(&office, spoilt);
	} else if (strcmp(verb, "time") == 0 && first != NULL)
		office.snapshot.now += strtol(first, NULL, 10);
	else if (strcmp(verb, "name") == 0 && first != NULL) {
		snprintf(spoilt, sizeof spoilt, "%s", first);
		name = spoilt;
		http_names(http, &name, 1);
	}
	printf("made %u\n", made);
	fflush(stdout);
}

static void
on_stdin(void *ctx, int what)
{
	ssize_t n = read(STDIN_FILENO, said + n_said, sizeof said - 1 - n_said);
	char *end;

	(void)ctx;
	(void)what;
	if (n <= 0) {
		loop_stop(loop);
		return;
	}
	n_said += (size_t)n;
	said[n_said] = '\0';
	while ((end = strchr(said, '\n')) != NULL) {
		*end++ = '\0';
		obey(said);
		n_said -= (size_t)(end - said);
		memmove(said, end, n_said + 1);
	}
}

/* ---- */

/* As many lines as wanted, in one service. */
static void
enlarge(size_t n)
{
	struct snapshot_line *lines = calloc(n, sizeof *lines);
	char *names = calloc(n, NAME_SIZE);
	size_t i;

	if (lines == NULL || names == NULL)
		abort();
	for (i = 0; i < n; i++) {
		lines[i] = office.lines[i % PICTURE_LINES];
		snprintf(names + NAME_SIZE * i, NAME_SIZE, "line%zu", i);
		lines[i].name = names + NAME_SIZE * i;
	}
	office.snapshot.lines = lines;
	office.snapshot.n_lines = n;
}

static void
start(struct http_limits limits)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_storage bound;
	char text[TEXT_ADDRESS];
	socklen_t len;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	loop = loop_new();
	http = loop != NULL ? http_new(loop, limits, find, NULL) : NULL;
	if (http == NULL || http_listen(http, (struct sockaddr *)&sin, sizeof sin, &bound, &len) != 0) {
		perror("pageserver");
		exit(1);
	}
	printf("listening %s\n", text_address(text, (struct sockaddr *)&bound, 1));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct http_limits limits = HTTP_LIMITS;
	struct loop_fd *watch;
	int option;

	signal(SIGPIPE, SIG_IGN);
	made_up_fill(&office);
	while ((option = getopt(argc, argv, "a:c:n:r:s:")) != -1)
		switch (option) {
		case 'a':
			limits.answer_ms = strtol(optarg, NULL, 10);
			break;
		case 'c':
			limits.connections = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			enlarge(strtoul(optarg, NULL, 10));
			break;
		case 'r':
			limits.request_ms = strtol(optarg, NULL, 10);
			break;
		case 's':
			limits.share = strtoul(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	start(limits);
	watch = loop_fd_new(loop, STDIN_FILENO, LOOP_READ, on_stdin, NULL);
	loop_run(loop);
	loop_fd_free(watch);
	http_free(http);
	loop_free(loop);
	return 0;
}
