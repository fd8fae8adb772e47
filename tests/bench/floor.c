/*
 * The floor that the daemon is measured against: a single-threaded epoll relay between ttys and TCP
 * sockets, and nothing else.
 *
 *	floor relay TTY...   doubles and un-doubles 255 with memchr()
 *	floor raw TTY...     does not even do that
 *	floor echo COUNT     answers each client with its own bytes, without a device
 *
 * Listens on a port of the kernel's choice for each tty, prints the ports on one line, and runs until
 * its standard input ends.  One client for each at a time; the next waits in the backlog.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define IAC 255
#define PIECE 16384

enum { LISTENER, SOCKET, TTY, ENDS };

/* What an end has not taken yet; meanwhile the other is not read. */
struct rest {
	uint8_t *b;
	size_t n, done;
};

struct line {
	int fd[ENDS];
	struct rest rest[ENDS];
	bool iac;               /* the client's last byte was the first of a pair */
};

static enum { MODE_RELAY, MODE_RAW, MODE_ECHO } mode;
static int poller;
static uint8_t in[PIECE], out[2 * PIECE];

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static void
want(const struct line *l, size_t i, int end, uint32_t events, int how)
{
	struct epoll_event e = { .events = events, .data.u64 = i << 2 | (unsigned)end };

	if (epoll_ctl(poller, how, l->fd[end], &e) != 0)
		fail("epoll_ctl");
}

static int
other(int end)
{
	if (mode == MODE_ECHO)
		return SOCKET;
	return end == TTY ? SOCKET : TTY;
}

/* ---- 255 ---- */

static size_t
double_iac(const uint8_t *b, size_t n, uint8_t *to)
{
	const uint8_t *end = b + n, *iac;
	uint8_t *start = to;

	while ((iac = memchr(b, IAC, (size_t)(end - b))) != NULL) {
		size_t run = (size_t)(iac - b) + 1;

		memcpy(to, b, run);
		to += run;
		*to++ = IAC;
		b = iac + 1;
	}
	memcpy(to, b, (size_t)(end - b));
	return (size_t)(to + (end - b) - start);
}

/* The second byte of any pair is data: nobody sends the floor a command. */
static size_t
undouble_iac(struct line *l, const uint8_t *b, size_t n, uint8_t *to)
{
	const uint8_t *end = b + n, *iac;
	uint8_t *start = to;

	if (l->iac && n > 0)
		*to++ = *b++;
	l->iac = false;
	while ((iac = memchr(b, IAC, (size_t)(end - b))) != NULL) {
		size_t run = (size_t)(iac - b);

		memcpy(to, b, run);
		to += run;
		b = iac + 1;
		if (b == end) {
			l->iac = true;
			break;
		}
		*to++ = *b++;
	}
	memcpy(to, b, (size_t)(end - b));
	return (size_t)(to + (end - b) - start);
}

/* ---- moving ---- */

/* What is wanted of both ends follows from what waits. */
static void
update(const struct line *l, size_t i)
{
	int end;

	for (end = SOCKET; end <= other(SOCKET); end++)
		if (l->fd[end] >= 0)
			want(l, i, end, (l->rest[other(end)].b == NULL ? EPOLLIN : 0U) |
			    (l->rest[end].b != NULL ? EPOLLOUT : 0U), EPOLL_CTL_MOD);
}

static void
keep(struct line *l, size_t i, int to, const uint8_t *b, size_t n)
{
	struct rest *r = &l->rest[to];

	if ((r->b = malloc(n)) == NULL)
		fail("malloc");
	memcpy(r->b, b, n);
	r->n = n;
	r->done = 0;
	update(l, i);
}

static void
hang_up(struct line *l, size_t i)
{
	int end;

	close(l->fd[SOCKET]);
	l->fd[SOCKET] = -1;
	l->iac = false;
	for (end = SOCKET; end < ENDS; end++) {
		free(l->rest[end].b);
		l->rest[end].b = NULL;
	}
	update(l, i);
	want(l, i, LISTENER, EPOLLIN, EPOLL_CTL_MOD);
}

static void
move(struct line *l, size_t i, int from)
{
	int to = other(from);
	ssize_t n = read(l->fd[from], in, from == TTY ? PIECE / 4 : PIECE), sent;
	const uint8_t *b = in;
	size_t made;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			if (from == TTY)
				exit(0); /* the master has gone: the measurement is over */
			hang_up(l, i);
		}
		return;
	}
	made = (size_t)n;
	if (mode == MODE_RELAY) {
		made = from == TTY ? double_iac(in, made, out) : undouble_iac(l, in, made, out);
		b = out;
	}
	if (made == 0 || l->fd[to] < 0)
		return;
	sent = write(l->fd[to], b, made);
	if (sent < 0)
		sent = 0;
	if ((size_t)sent < made)
		keep(l, i, to, b + sent, made - (size_t)sent);
}

static void
go_on(struct line *l, size_t i, int to)
{
	struct rest *r = &l->rest[to];
	ssize_t sent = write(l->fd[to], r->b + r->done, r->n - r->done);

	if (sent > 0)
		r->done += (size_t)sent;
	if (sent < 0 && errno != EAGAIN && to == SOCKET) {
		hang_up(l, i);
		return;
	}
	if (r->done < r->n)
		return;
	free(r->b);
	r->b = NULL;
	update(l, i);
}

static void
answer(struct line *l, size_t i)
{
	int one = 1, fd = accept4(l->fd[LISTENER], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	l->fd[SOCKET] = fd;
	want(l, i, SOCKET, EPOLLIN, EPOLL_CTL_ADD);
	want(l, i, LISTENER, 0, EPOLL_CTL_MOD);
}

/* ---- start ---- */

static void
open_tty(struct line *l, size_t i, const char *path)
{
	struct termios t;

	l->fd[TTY] = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (l->fd[TTY] < 0 || tcgetattr(l->fd[TTY], &t) != 0)
		fail(path);
	cfmakeraw(&t);
	tcsetattr(l->fd[TTY], TCSANOW, &t);
	want(l, i, TTY, EPOLLIN, EPOLL_CTL_ADD);
}

static void
start_line(struct line *l, size_t i, const char *path)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l->fd[SOCKET] = -1;
	l->fd[LISTENER] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd[LISTENER] < 0 || bind(l->fd[LISTENER], (struct sockaddr *)&a, len) != 0 ||
	    listen(l->fd[LISTENER], 64) != 0 ||
	    getsockname(l->fd[LISTENER], (struct sockaddr *)&a, &len) != 0)
		fail("listen");
	want(l, i, LISTENER, EPOLLIN, EPOLL_CTL_ADD);
	if (mode != MODE_ECHO)
		open_tty(l, i, path);
	printf("%d ", ntohs(a.sin_port));
}

static void
on_event(struct line *l, size_t i, int end, uint32_t events)
{
	if (end == LISTENER) {
		answer(l, i);
		return;
	}
	if (l->fd[end] >= 0 && l->rest[end].b != NULL && (events & ~(uint32_t)EPOLLIN) != 0)
		go_on(l, i, end);
	if (l->fd[end] >= 0 && l->rest[other(end)].b == NULL && (events & ~(uint32_t)EPOLLOUT) != 0)
		move(l, i, end);
}

static void
run(struct line *lines)
{
	struct epoll_event events[64];
	int n, k;

	for (;;) {
		n = epoll_wait(poller, events, 64, -1);
		for (k = 0; k < n; k++) {
			uint64_t which = events[k].data.u64;

			if (which == UINT64_MAX)
				return;
			on_event(&lines[which >> 2], which >> 2, (int)(which & 3), events[k].events);
		}
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event end = { .events = EPOLLIN | EPOLLHUP, .data.u64 = UINT64_MAX };
	struct line *lines;
	size_t i, n;

	if (argc < 3) {
		fputs("usage: floor relay | raw TTY...; floor echo COUNT\n", stderr);
		return 2;
	}
	mode = strcmp(argv[1], "echo") == 0 ? MODE_ECHO :
	    strcmp(argv[1], "raw") == 0 ? MODE_RAW : MODE_RELAY;
	signal(SIGPIPE, SIG_IGN);
	n = mode == MODE_ECHO ? (size_t)atoi(argv[2]) : (size_t)argc - 2;
	lines = calloc(n, sizeof *lines);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (lines == NULL || poller < 0)
		fail("floor");
	if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &end) != 0)
		fail("standard input");
	for (i = 0; i < n; i++)
		start_line(&lines[i], i, mode == MODE_ECHO ? NULL : argv[2 + i]);
	printf("\n");
	fflush(stdout);
	run(lines);
	return 0;
}
