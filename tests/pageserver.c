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
 *	time MS					so much later, for all that there is
 *	made					"made N": how often something was made
 *	looked					"made N": how often it was looked for changes
 *	lines N					so many lines; what is told of LINE is then told of that one
 *	drain					or not any more
 *	name NAME				it may be called by this name
 *
 * Ends at the end of stdin, cleanly, so that a leak is told.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/gallery.h"
#include "io/http.h"
#include "snapshots.h"
#include "views/site.h"

#define OFFICE_SERVICES 3

static struct made_up office;
static struct loop *loop;
static struct gallery *gallery;
static struct http *http;
static char said[4096], spoilt[4096];
static const char *name;
static size_t n_said;
static unsigned made, looked, pictures, last_look;

static struct page_changes *changes;

static struct page_versions versions;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the office, which is told of while it is drawn */

static void
name_of(void *ctx, const char *path, const char *query, char to[static HTTP_NAME])
{
	(void)ctx;
	site_name(&versions, path, query, to);
}

static enum http_found
find(void *ctx, const char *what, struct http_content *content)
{
	const char *version;
	const struct site_page *page = site_named(what, &version);

	(void)ctx;
	if (page == NULL)
		return HTTP_NOTHING;
	content->type = page->type;
	if (page->bytes == NULL)
		return HTTP_DRAWN;
	content->bytes = page->bytes;
	content->n = *page->size;
	return HTTP_FIXED;
}

static const struct http_site site = { name_of, find };

static void *
take(void *ctx)
{
	(void)ctx;
	pictures++;
	return &pictures;
}

static void
drop(void *picture)
{
	(void)picture;
}

/* As the daemon does it: one look at each picture. */
static char *
look(const char *version, size_t *n)
{
	if (last_look != pictures) {
		if (page_changes_look(changes, &office.snapshot) != 0)
			return NULL;
		last_look = pictures;
		looked++;
	}
	return page_changes_text(changes, version, n);
}

static char *
draw(void *ctx, const void *picture, const char *form, size_t *n)
{
	const char *version;
	const struct site_page *page = site_named(form, &version);
	char *text;

	(void)ctx;
	(void)picture;
	pthread_mutex_lock(&lock);
	made++;
	text = page->changes ? look(version, n) : page->make(&office.snapshot, n);
	pthread_mutex_unlock(&lock);
	return text;
}

static void
drawn(void *ctx)
{
	(void)ctx;
	page_changes_versions(changes, &versions);
}

static const struct gallery_ops gallery_ops = { take, draw, drawn, drop };

/* ---- many lines ---- */

#define NAME_SIZE 32
#define WORDS_SIZE 256

static struct many {
	struct snapshot_line *lines; /* NULL: those of the office */
	struct snapshot_service *services;
	size_t *numbers;
	char (*names)[NAME_SIZE], (*listen)[NAME_SIZE], (*words)[WORDS_SIZE];
} many;

static char office_words[PICTURE_LINES][WORDS_SIZE];

static void
free_many(void)
{
	free(many.lines);
	free(many.services);
	free(many.numbers);
	free(many.names);
	free(many.listen);
	free(many.words);
}

/* As many lines as wanted, at least those of the office, each with a service of its own beside the office's. */
static void
enlarge(size_t n)
{
	size_t i;

	free_many();
	many = (struct many){ calloc(n, sizeof *many.lines), calloc(n + OFFICE_SERVICES, sizeof *many.services),
		calloc(n, sizeof *many.numbers), calloc(n, NAME_SIZE), calloc(n, NAME_SIZE), calloc(n, WORDS_SIZE) };
	if (n < PICTURE_LINES || many.lines == NULL || many.services == NULL || many.numbers == NULL ||
	    many.names == NULL || many.listen == NULL || many.words == NULL)
		abort();
	memcpy(many.services, office.services, OFFICE_SERVICES * sizeof *many.services);
	for (i = 0; i < n; i++) {
		many.lines[i] = office.lines[i % PICTURE_LINES];
		snprintf(many.names[i], NAME_SIZE, "line%zu", i);
		snprintf(many.listen[i], NAME_SIZE, "127.0.0.1:%zu", 2000 + i);
		many.lines[i].name = many.names[i];
		many.numbers[i] = i;
		many.services[OFFICE_SERVICES + i] = (struct snapshot_service){ .name = many.names[i],
			.listen = many.listen[i], .protocol = "telnet", .lines = &many.numbers[i], .n_lines = 1 };
	}
	office.snapshot.lines = many.lines;
	office.snapshot.n_lines = n;
	office.snapshot.services = many.services;
	office.snapshot.n_services = OFFICE_SERVICES + n;
}

/* A line, and where its words are kept. */
static struct snapshot_line *
line_at(size_t at, char **words)
{
	at %= office.snapshot.n_lines;
	*words = many.lines != NULL ? many.words[at] : office_words[at];
	return many.lines != NULL ? &many.lines[at] : &office.lines[at];
}

/* ---- what it is told ---- */

static void
claim(size_t line, const char *by, long idle, long limit)
{
	char *copy;
	struct snapshot_line *l = line_at(line, &copy);

	snprintf(copy, WORDS_SIZE, "%s", by);
	l->state = SNAPSHOT_IN_USE;
	l->reason = "";
	l->owner = (struct snapshot_owner){ .present = true, .who = copy, .service = "pool",
		.since = office.snapshot.now - 60000, .held = 60000, .idle = idle, .free_latest = 3600000,
		.free_if_idle = limit - idle, .idle_limit = limit, .number = "", .result = "" };
}

static void
set_state(size_t line, enum snapshot_state state, const char *reason)
{
	char *copy;
	struct snapshot_line *l = line_at(line, &copy);

	snprintf(copy, WORDS_SIZE, "%s", reason);
	l->state = state;
	l->reason = copy;
	l->owner.present = false;
}

static void
pass(int64_t *from_it, int64_t ms)
{
	if (*from_it >= 0)
		*from_it = *from_it > ms ? *from_it - ms : 0;
}

/* All that there is gets older. */
static void
pass_all(int64_t ms)
{
	struct snapshot_owner *o;
	size_t i;

	office.snapshot.now += ms;
	for (i = 0; i < office.snapshot.n_lines; i++) {
		o = many.lines != NULL ? &many.lines[i].owner : &office.lines[i].owner;
		pass(many.lines != NULL ? &many.lines[i].ready_in : &office.lines[i].ready_in, ms);
		pass(&o->free_latest, ms);
		pass(&o->free_if_idle, ms);
		o->held += ms;
		o->idle += ms;
		o->call_ms += ms;
	}
	for (i = 0; i < sizeof office.waiters / sizeof *office.waiters; i++)
		office.waiters[i].waited += ms;
}

static void
obey(char *text)
{
	char *verb = strtok(text, " "), *first = strtok(NULL, " "), *second = strtok(NULL, " ");
	char *third = strtok(NULL, " "), *fourth = strtok(NULL, " ");
	size_t at = first != NULL ? strtoul(first, NULL, 10) : 0;

	if (verb == NULL)
		return;
	if (strcmp(verb, "claim") == 0 && fourth != NULL)
		claim(at, second, strtol(third, NULL, 10), strtol(fourth, NULL, 10));
	else if (strcmp(verb, "free") == 0)
		set_state(at, SNAPSHOT_FREE, "");
	else if (strcmp(verb, "ring") == 0)
		set_state(at, SNAPSHOT_RINGING, "");
	else if (strcmp(verb, "reason") == 0 && second != NULL)
		set_state(at, SNAPSHOT_OUT, second);
	else if (strcmp(verb, "spoil") == 0 && first != NULL) {
		snprintf(spoilt, sizeof spoilt, "%s", first);
		made_up_spoil(&office, spoilt);
	} else if (strcmp(verb, "time") == 0 && first != NULL)
		pass_all(strtol(first, NULL, 10));
	else if (strcmp(verb, "name") == 0 && first != NULL) {
		snprintf(spoilt, sizeof spoilt, "%s", first);
		name = spoilt;
		http_names(http, &name, 1);
	} else if (strcmp(verb, "lines") == 0)
		enlarge(at);
	else if (strcmp(verb, "drain") == 0)
		office.snapshot.draining = !office.snapshot.draining;
	printf("made %u\n", strcmp(verb, "looked") == 0 ? looked : made);
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
		pthread_mutex_lock(&lock);
		obey(said);
		pthread_mutex_unlock(&lock);
		n_said -= (size_t)(end - said);
		memmove(said, end, n_said + 1);
	}
}

/* ---- */

static void
start(struct http_limits limits)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_storage bound;
	char text[TEXT_ADDRESS];
	socklen_t len;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	loop = loop_new();
	gallery = loop != NULL ? gallery_new(loop, &gallery_ops, NULL) : NULL;
	http = gallery != NULL ? http_new(loop, limits, &site, gallery, NULL) : NULL;
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
	office.snapshot.now -= office.snapshot.now % 1000; /* so durations of the script are those of the page */
	changes = page_changes_new(PICTURE_NOW);
	if (changes == NULL)
		return 1;
	drawn(NULL);
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
	if (!gallery_free(gallery, 10000))
		return 1;
	page_changes_free(changes);
	free_many();
	loop_free(loop);
	return 0;
}
