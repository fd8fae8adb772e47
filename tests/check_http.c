/*
 * The status page where the kernel does not watch its listener: it says so, and is not deaf.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/http.h"
#include "io/loop.h"
#include "io/loop_parts.h"
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

static void
on_name(void *ctx, const char *path, const char *query, char name[static HTTP_NAME])
{
	(void)ctx;
	(void)path;
	(void)query;
	name[0] = '\0';
}

static enum http_found
on_find(void *ctx, const char *name, struct http_content *content)
{
	(void)ctx;
	(void)name;
	(void)content;
	return HTTP_NOTHING;
}

static const struct http_site site = { on_name, on_find };

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

START_TEST(says_that_it_cannot_listen)
{
	struct loop *loop = loop_new();
	struct http *h = http_new(loop, limits, &site, NULL);
	struct sockaddr_in bound;

	refusals = 1;
	ck_assert_int_eq(listen_on_loopback(h, &bound), -1);
	ck_assert_int_eq(errno, ENOSPC);
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

/* All places were taken, so it listened no more; and when it wants to again, the kernel would have no room for more. */
START_TEST(is_not_deaf_for_ever)
{
	struct loop *loop = loop_new();
	struct http_limits one = { .connections = 1, .request_ms = 100, .answer_ms = 100 };
	struct http *h = http_new(loop, one, &site, NULL);
	struct sockaddr_in bound;
	int tries;

	ck_assert_int_eq(listen_on_loopback(h, &bound), 0);
	refusals = 1;
	ck_assert(answers(loop, &bound, 200));
	for (tries = 0; tries < 20 && !answers(loop, &bound, 500); tries++)
		;
	ck_assert_int_lt(tries, 20);
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
