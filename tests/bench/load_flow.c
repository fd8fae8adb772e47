/*
 * The load generator's streams: as fast as it goes, and at the rate of a line.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define PATTERN 65536
#define TICKS 10 /* ms between two pieces from a line, and groups of lines that take turns */

/* A stream repeats the pattern; it is sent encoded and received un-encoded. */
static uint8_t pattern[PATTERN], encoded[2 * PATTERN], in[65536];
static size_t encoded_len;

/* One direction. */
struct stream {
	const uint8_t *b;
	size_t len, at;  /* what is sent, round and round */
	size_t sent, total; /* bytes on this wire */
	size_t came, expected; /* data bytes */
	int from, to;
	bool telnet;     /* what is received is escaped */
};

static void
make_pattern(const char *payload)
{
	uint32_t x = 2463534242U;
	size_t i;

	for (i = 0; i < PATTERN; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		pattern[i] = strcmp(payload, "iac") == 0 ? 255 : (uint8_t)(x >> 11);
	}
	encoded_len = load_double(pattern, PATTERN, encoded);
}

static void
send_some(struct stream *s)
{
	size_t n = s->len - s->at;
	ssize_t w;

	if (n > s->total - s->sent)
		n = s->total - s->sent;
	if (n > 16384)
		n = 16384;
	w = write(s->from, s->b + s->at, n);
	if (w < 0 && errno != EAGAIN)
		load_fail("write");
	if (w <= 0)
		return;
	s->sent += (size_t)w;
	s->at = (s->at + (size_t)w) % s->len;
}

static void
compare(struct stream *s, const uint8_t *b, size_t n)
{
	size_t at, run;

	while (n > 0) {
		at = s->came % PATTERN;
		run = n < PATTERN - at ? n : PATTERN - at;
		if (memcmp(b, pattern + at, run) != 0) {
			errno = EBADMSG;
			load_fail("wrong bytes");
		}
		s->came += run;
		b += run;
		n -= run;
	}
}

static void
receive_some(struct stream *s, struct load_line *l)
{
	ssize_t n = read(s->to, in, sizeof in);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		load_fail("read");
	compare(s, in, s->telnet ? load_undo(l, in, (size_t)n) : (size_t)n);
}

static bool
runs(const struct stream *s)
{
	return s->came < s->expected;
}

/* down: the line to the client, up: the client to the line. */
static void
move(struct stream *down, struct stream *up, struct load_line *l)
{
	struct pollfd p[2] = { { .fd = l->master }, { .fd = l->sock } };

	while (runs(down) || runs(up)) {
		p[0].events = (short)((down->sent < down->total ? POLLOUT : 0) | POLLIN);
		p[1].events = (short)((up->sent < up->total ? POLLOUT : 0) | POLLIN);
		if (poll(p, 2, 10000) <= 0) {
			errno = ETIMEDOUT;
			load_fail("nothing moves");
		}
		if ((p[0].revents & POLLIN) != 0)
			receive_some(up, l);
		if ((p[1].revents & POLLIN) != 0)
			receive_some(down, l);
		if ((p[0].revents & POLLOUT) != 0)
			send_some(down);
		if ((p[1].revents & POLLOUT) != 0)
			send_some(up);
	}
}

void
load_bulk(struct load_line *l, const char *direction, const char *payload, size_t bytes)
{
	struct stream down = { .from = l->master, .to = l->sock, .telnet = true };
	struct stream up = { .from = l->sock, .to = l->master };
	double start;

	make_pattern(payload);
	bytes -= bytes % PATTERN;
	down.b = pattern;
	down.len = PATTERN;
	up.b = encoded;
	up.len = encoded_len;
	if (strcmp(direction, "line") != 0)
		down.total = down.expected = bytes;
	if (strcmp(direction, "net") != 0) {
		up.expected = bytes;
		up.total = bytes / PATTERN * encoded_len;
	}
	fcntl(l->master, F_SETFL, O_NONBLOCK);
	fcntl(l->sock, F_SETFL, O_NONBLOCK);
	start = load_now();
	move(&down, &up, l);
	fcntl(l->master, F_SETFL, 0); /* it is shared with who started us */
	printf("%.4f\n", load_now() - start);
}

/* ---- at the rate of a line ---- */

static size_t
receive_all(int poller)
{
	static struct epoll_event events[64];
	size_t total = 0;
	int i, n;

	while ((n = epoll_wait(poller, events, 64, 0)) > 0) {
		for (i = 0; i < n; i++) {
			ssize_t got = read(events[i].data.fd, in, sizeof in);

			if (got <= 0)
				load_fail("closed");
			total += (size_t)got;
		}
	}
	return total;
}

static void
sleep_until(double when)
{
	struct timespec ts = { .tv_sec = (time_t)when };

	ts.tv_nsec = (long)((when - (double)ts.tv_sec) * 1e9);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* Lines take turns, a tenth of them each millisecond: real ones are not in step either. */
void
load_paced(struct load_line *lines, size_t n, double seconds, unsigned rate)
{
	size_t piece = rate / (1000 / TICKS), turns = (size_t)(seconds * 1000), turn, i, total = 0;
	int poller = epoll_create1(0);
	double start = load_now();

	memset(in, 'p', piece);
	for (i = 0; i < n; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = lines[i].sock };

		epoll_ctl(poller, EPOLL_CTL_ADD, lines[i].sock, &e);
	}
	memset(pattern, 'p', piece);
	for (turn = 0; turn < turns; turn++) {
		for (i = turn % TICKS; i < n; i += TICKS)
			if (write(lines[i].master, pattern, piece) < 0)
				load_fail("write to the line");
		total += receive_all(poller);
		sleep_until(start + (double)(turn + 1) / 1000);
	}
	for (turn = 0; turn < 100 && total < n * piece * (turns / TICKS); turn++) {
		total += receive_all(poller);
		sleep_until(load_now() + 0.01);
	}
	if (total != n * piece * (turns / TICKS)) {
		errno = EBADMSG;
		load_fail("bytes are lost");
	}
	printf("%zu\n", total);
	close(poller);
}
