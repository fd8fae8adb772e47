/*
 * The status page where the kernel does not watch its listener: it says so, and is not deaf.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/http.h"
#include "io/log.h"
#include "io/loop.h"
#include "unit.h"

static int refusals; /* so many more times a listener is not watched */

static bool
listens(int fd)
{
	int on = 0;
	socklen_t len = sizeof on;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on != 0;
}

/* In the place of libc's, for libevent too. */
int
epoll_ctl(int epoll, int how, int fd, struct epoll_event *e)
{
	if (how == EPOLL_CTL_ADD && refusals > 0 && listens(fd)) {
		refusals--;
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epoll, how, fd, e);
}

static enum http_found
on_find(void *ctx, const char *path, struct http_content *content)
{
	(void)ctx;
	(void)path;
	(void)content;
	return HTTP_NOTHING;
}

static void
on_stop(void *ctx)
{
	loop_stop(ctx);
}

static const struct http_limits limits = { .connections = 4, .request_ms = 1000, .answer_ms = 1000 };

static int
listen_on_loopback(struct http *h, struct sockaddr_in *bound)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_storage sa;
	socklen_t len;
	int r;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r = http_listen(h, (struct sockaddr *)&sin, sizeof sin, &sa, &len);
	if (r == 0)
		memcpy(bound, &sa, sizeof *bound);
	return r;
}

/* What standard error gets while the page does not listen. */
static void
said_of(struct http *h, char *said, size_t cap)
{
	struct sockaddr_in bound;
	int ends[2], before = dup(STDERR_FILENO), r, error;
	ssize_t n;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	r = listen_on_loopback(h, &bound);
	error = errno;
	ck_assert_int_ge(dup2(before, STDERR_FILENO), 0);
	close(ends[1]);
	n = read(ends[0], said, cap - 1);
	said[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	close(before);
	ck_assert_int_eq(r, -1);
	ck_assert_int_eq(error, ENOSPC);
}

START_TEST(says_that_it_cannot_listen)
{
	struct loop *loop = loop_new();
	struct http *h = http_new(loop, limits, on_find, NULL);
	struct sockaddr_in bound;
	char said[2000];

	refusals = 1;
	said_of(h, said, sizeof said);
	ck_assert_msg(strncmp(said, "warning: libevent warns: event=libevent message=\"", 49) == 0, "%s", said);
	ck_assert_msg(strchr(said, '\n') == strrchr(said, '\n'), "%s", said);
	ck_assert_int_eq(listen_on_loopback(h, &bound), 0);
	http_free(h);
	loop_free(loop);
}
END_TEST

static bool
answers(struct loop *loop, const struct sockaddr_in *at, int64_t ms)
{
	static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct loop_timer *t = loop_timer_new(loop, on_stop, loop);
	char answer[16] = "";
	ssize_t n;

	(void)connect(fd, (const struct sockaddr *)at, sizeof *at);
	(void)write(fd, request, sizeof request - 1);
	loop_tick(loop);
	loop_timer_set(t, msec_add(loop_now(loop), ms));
	loop_run(loop);
	n = read(fd, answer, sizeof answer - 1);
	close(fd);
	loop_timer_free(t);
	return n > 0 && strncmp(answer, "HTTP/", 5) == 0;
}

/* All places were taken, so it listened no more; and when it wants to again, the kernel has no room: later it does. */
START_TEST(is_not_deaf_for_ever)
{
	struct loop *loop = loop_new();
	struct http_limits one = { .connections = 1, .request_ms = 100, .answer_ms = 100 };
	struct http *h = http_new(loop, one, on_find, NULL);
	struct sockaddr_in bound;
	int tries;

	ck_assert_int_eq(listen_on_loopback(h, &bound), 0);
	refusals = 1;
	ck_assert(answers(loop, &bound, 200));
	for (tries = 0; tries < 20 && !answers(loop, &bound, 500); tries++)
		;
	ck_assert_int_lt(tries, 20);
	ck_assert_int_eq(refusals, 0);
	http_free(h);
	loop_free(loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http");
	TCase *tc = tcase_create("http");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, says_that_it_cannot_listen);
	tcase_add_test(tc, is_not_deaf_for_ever);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
