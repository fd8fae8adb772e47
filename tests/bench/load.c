/*
 * The load generator: plays the clients and, on the masters of ptys that it is given open, the devices.
 * Bytes are compared as they come; wrong ones, or none for 10 s, end it with status 1.
 *
 * It prints "ready" once its clients have their lines, begins when it is sent a line, prints its result,
 * and closes when it is sent another: between them its caller looks at what the server has used.
 *
 *	load bulk net|line|both random|iac BYTES LINE    moves so much; prints s
 *	load ping COUNT LINE...      one byte to the line and one back, in turn; prints p50 and p99 in us
 *	load query COUNT PORT        asks for the baud rate; prints p50 and p99 in us
 *	load sessions SECONDS LINE   connect, a byte each way, close; prints how many and how many refused
 *	load paced SECONDS RATE LINE...  RATE bytes/s from each line; prints how many bytes came
 *
 * LINE is FD:PORT, the descriptor of a master and the port.
 */
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 10000 /* ms */

double
load_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

_Noreturn void
load_fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

void
load_wait(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, PATIENCE) <= 0) {
		errno = ETIMEDOUT;
		load_fail("nothing comes");
	}
}

int
load_connect(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		load_fail("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

/* Until our caller says so. */
static void
await(void)
{
	char line[8];

	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL)
		exit(1);
}

/* ---- Telnet ---- */

size_t
load_undo(struct load_line *l, uint8_t *b, size_t n)
{
	uint8_t *from = b, *to = b, *end = b + n, *next;

	while (from < end) {
		if (!l->iac && !l->verb && !l->sub) {
			next = memchr(from, 255, (size_t)(end - from));
			if (next == NULL)
				next = end;
			memmove(to, from, (size_t)(next - from));
			to += next - from;
			from = next + 1;
			l->iac = next < end;
		} else if (l->iac) {
			l->iac = false;
			if (*from == 255 && !l->sub)
				*to++ = 255;
			l->verb = *from >= 251 && *from != 255;
			l->sub = *from == 250 || (l->sub && *from != 240);
			from++;
		} else if (l->verb) {
			l->verb = false;
			from++;
		} else {
			l->iac = *from++ == 255;
		}
	}
	return (size_t)(to - b);
}

size_t
load_double(const uint8_t *b, size_t n, uint8_t *to)
{
	uint8_t *start = to;
	size_t i;

	for (i = 0; i < n; i++) {
		*to++ = b[i];
		if (b[i] == 255)
			*to++ = 255;
	}
	return (size_t)(to - start);
}

/* ---- one byte ---- */

bool
load_one_up(struct load_line *l, uint8_t byte)
{
	struct pollfd p[2] = { { .fd = l->master, .events = POLLIN },
		{ .fd = l->sock, .events = POLLIN } };
	uint8_t b[512];
	ssize_t n;

	if (write(l->sock, &byte, 1) != 1)
		return false;
	for (;;) {
		if (poll(p, 2, PATIENCE) <= 0)
			load_fail("no byte at the line");
		if (p[0].revents != 0) {
			n = read(l->master, b, sizeof b);
			if (n != 1 || b[0] != byte) {
				errno = EBADMSG;
				load_fail("wrong bytes at the line");
			}
			return true;
		}
		n = read(l->sock, b, sizeof b); /* its greeting, or its refusal */
		if (n <= 0)
			return false;
		load_undo(l, b, (size_t)n);
	}
}

bool
load_one_down(struct load_line *l, uint8_t byte)
{
	uint8_t b[512];
	ssize_t n;
	size_t made;

	if (write(l->master, &byte, 1) != 1)
		load_fail("write to the line");
	do {
		load_wait(l->sock, POLLIN);
		n = read(l->sock, b, sizeof b);
		if (n <= 0)
			return false;
		made = load_undo(l, b, (size_t)n);
	} while (made == 0);
	if (made != 1 || b[0] != byte) {
		errno = EBADMSG;
		load_fail("wrong bytes at the client");
	}
	return true;
}

bool
load_claim(struct load_line *l)
{
	l->sock = load_connect(l->port);
	l->iac = l->verb = l->sub = false;
	return load_one_up(l, 'c') && load_one_down(l, 'd');
}

/* ---- small measures ---- */

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_percentiles(double *took, size_t n)
{
	qsort(took, n, sizeof *took, by_size);
	printf("%.1f %.1f\n", took[n / 2] * 1e6, took[n - 1 - n / 100] * 1e6);
}

static void
ping(struct load_line *lines, size_t n, size_t count)
{
	double *took = calloc(count, sizeof *took), start;
	size_t i;

	if (took == NULL)
		load_fail("calloc");
	for (i = 0; i < count; i++) {
		struct load_line *l = &lines[i % n];

		start = load_now();
		if (!load_one_up(l, (uint8_t)(i % 250)) || !load_one_down(l, (uint8_t)(i % 250)))
			load_fail("closed");
		took[i] = load_now() - start;
	}
	print_percentiles(took, count);
	free(took);
}

/* The echo returns the command as it is, a server with code 101: ten bytes either way. */
static void
query(int sock, size_t count)
{
	static const uint8_t ask[] = { 255, 250, 44, 1, 0, 0, 0, 0, 255, 240 };
	double *took = calloc(count, sizeof *took), start;
	uint8_t b[4096];
	size_t i, got;
	ssize_t n;

	if (took == NULL)
		load_fail("calloc");
	for (i = 0; i < count; i++) {
		start = load_now();
		if (write(sock, ask, sizeof ask) != (ssize_t)sizeof ask)
			load_fail("write");
		for (got = 0; got < 10; got += (size_t)n) {
			load_wait(sock, POLLIN);
			n = read(sock, b + got, sizeof b - got);
			if (n <= 0)
				load_fail("closed");
		}
		took[i] = load_now() - start;
		if (got != 10 || memcmp(b, ask, 3) != 0 || b[3] % 100 != 1 || b[8] != 255) {
			errno = EBADMSG;
			load_fail("wrong answer");
		}
	}
	print_percentiles(took, count);
	free(took);
}

/* Lets the greeting pass, and what answers to the first query besides. */
static void
settle(int sock)
{
	static const uint8_t hello[] = { 255, 251, 44, 255, 250, 44, 1, 0, 0, 0, 0, 255, 240 };
	struct pollfd p = { .fd = sock, .events = POLLIN };
	uint8_t b[512];

	if (write(sock, hello, sizeof hello) < 0)
		load_fail("write");
	while (poll(&p, 1, 300) > 0)
		if (read(sock, b, sizeof b) <= 0)
			load_fail("closed");
}

static void
sessions(struct load_line *l, double seconds)
{
	double end = load_now() + seconds, from = load_now();
	size_t done = 0, refused = 0;

	while (load_now() < end) {
		if (load_claim(l))
			done++;
		else
			refused++;
		close(l->sock);
	}
	printf("%zu %zu %.3f\n", done, refused, load_now() - from);
}

/* ---- what to do ---- */

static struct load_line *
parse_lines(char **arg, size_t n)
{
	struct load_line *lines = calloc(n > 0 ? n : 1, sizeof *lines);
	size_t i;

	if (lines == NULL)
		load_fail("calloc");
	for (i = 0; i < n; i++)
		if (sscanf(arg[i], "%d:%d", &lines[i].master, &lines[i].port) != 2)
			load_fail(arg[i]);
	return lines;
}

static void
claim_all(struct load_line *lines, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!load_claim(&lines[i]))
			load_fail("closed at once");
}

static void
usage(void)
{
	fputs("usage: load bulk | ping | query | sessions | paced ...\n", stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	size_t used = strcmp(what, "bulk") == 0 ? 5 : strcmp(what, "paced") == 0 ? 4 : 3;
	size_t n = argc > (int)used ? (size_t)argc - used : 0;
	struct load_line *lines;

	signal(SIGPIPE, SIG_IGN);
	if (n == 0)
		usage();
	if (strcmp(what, "query") == 0) {
		int sock = load_connect(atoi(argv[3]));

		settle(sock);
		puts("ready");
		await();
		query(sock, (size_t)atol(argv[2]));
		await();
		return 0;
	}
	lines = parse_lines(argv + used, n);
	if (strcmp(what, "sessions") != 0)
		claim_all(lines, n);
	puts("ready");
	await();
	if (strcmp(what, "sessions") == 0)
		sessions(lines, atof(argv[2]));
	else if (strcmp(what, "bulk") == 0)
		load_bulk(lines, argv[2], argv[3], (size_t)atol(argv[4]));
	else if (strcmp(what, "ping") == 0)
		ping(lines, n, (size_t)atol(argv[2]));
	else if (strcmp(what, "paced") == 0)
		load_paced(lines, n, atof(argv[2]), (unsigned)atoi(argv[3]));
	else
		usage();
	await();
	free(lines);
	return 0;
}
