/*
 * The status page where the kernel does not watch its listener: it says so, with the reason, and is not deaf.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/http.h"
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

static const struct http_site site = { .name = on_name, .find = on_find };

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
	struct http *h = http_new(loop, HTTP_LIMITS, &site, NULL, NULL);
	struct sockaddr_in bound;

	refusals = 1;
	errno = 0;
	ck_assert_int_eq(listen_on_loopback(h, &bound), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_int_eq(refusals, 0);
	ck_assert_int_eq(listen_on_loopback(h, &bound), 0);
	http_free(h);
	loop_free(loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http");
	TCase *tc = tcase_create("http");

	tcase_add_test(tc, says_that_it_cannot_listen);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
