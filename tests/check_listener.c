/*
 * Listeners side by side at one port: only while it is wanted, and each client goes to the one that listens where it
 * connected to.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/listener.h"
#include "unit.h"

#define LOOPBACK 0x7f000001
#define OTHER 0x7f000002 /* this host, too */

static struct loop *loop;
static const void *came_to; /* the ctx of the listener that a client came to last */
static int clients;

static void
on_client(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	ck_assert_int_eq(from->sa_family, AF_INET);
	ck_assert_uint_eq(len, sizeof(struct sockaddr_in));
	came_to = ctx;
	clients++;
	close(fd);
}

static int failures, failed_with;

static void
on_client_or_failure(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	int error = errno;

	if (fd < 0) {
		ck_assert(from == NULL && len == 0);
		failures++;
		failed_with = error;
		loop_stop(loop);
		return;
	}
	on_client(ctx, fd, from, len);
	loop_stop(loop);
}

static struct sockaddr_in
address(uint32_t host, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	sin.sin_addr.s_addr = htonl(host);
	return sin;
}

static struct listener *
start(uint32_t host, uint16_t port, bool beside, void *ctx)
{
	struct sockaddr_in sin = address(host, port);

	return (beside ? listener_new_beside : listener_new)(loop, (struct sockaddr *)&sin, sizeof sin, on_client,
	    ctx);
}

static uint16_t
port_of(const struct listener *l)
{
	struct sockaddr_storage sa;
	struct sockaddr_in sin;
	socklen_t len;

	listener_address(l, &sa, &len);
	memcpy(&sin, &sa, sizeof sin);
	return ntohs(sin.sin_port);
}

/* A port that is free at every address: the kernel's choice for one may be a client's port at another. */
static uint16_t
free_port(void)
{
	struct listener *l = start(INADDR_ANY, 0, false, NULL);
	uint16_t port = port_of(l);

	listener_free(l);
	return port;
}

/* A client; it waits, as the loop does not run. */
static int
connect_to(uint32_t host, uint16_t port)
{
	struct sockaddr_in sin = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	return fd;
}

/* Takes one out of `from`, and offers it; is it taken? */
static bool
pass_on(struct listener *from, struct listener *to)
{
	struct sockaddr_storage sa;
	socklen_t len;
	int fd = listener_take(from, &sa, &len);
	bool taken;

	ck_assert_int_ge(fd, 0);
	taken = listener_offer(to, fd, (struct sockaddr *)&sa, len);
	if (!taken)
		ck_assert_int_eq(close(fd), 0);
	return taken;
}

static void
set_up(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	came_to = NULL;
	clients = failures = 0;
}

static void
tear_down(void)
{
	loop_free(loop);
}

static const uint32_t pairs[][2] = { { LOOPBACK, INADDR_ANY }, { INADDR_ANY, LOOPBACK } };

/* i: 127.0.0.1 goes and 0.0.0.0 comes, or the other way round. */
START_TEST(only_while_shared)
{
	uint16_t port = free_port();
	struct listener *old = start(pairs[_i][0], port, false, NULL), *new;

	ck_assert_ptr_null(start(pairs[_i][1], port, false, NULL));
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_ptr_null(start(pairs[_i][1], port, true, NULL));
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_int_eq(listener_share(old, true), 0);
	new = start(pairs[_i][1], port, true, NULL);
	ck_assert_ptr_nonnull(new);
	ck_assert_int_eq(listener_share(old, false), 0);
	ck_assert_ptr_null(start(OTHER, port, false, NULL));
	listener_free(old);
	listener_free(new);
	ck_assert_ptr_nonnull(new = start(pairs[_i][0], port, false, NULL));
	listener_free(new);
}
END_TEST

START_TEST(clients_that_wait_go_on)
{
	uint16_t port = free_port();
	struct listener *one = start(LOOPBACK, port, false, &one), *all;
	int fds[3] = { connect_to(LOOPBACK, port), -1, -1 };
	size_t i;

	listener_share(one, true);
	all = start(INADDR_ANY, port, true, &all);
	listener_share(one, false);
	ck_assert(pass_on(one, all));
	ck_assert_ptr_eq(came_to, &all);
	fds[1] = connect_to(OTHER, port);
	ck_assert(!pass_on(all, one)); /* that one never listened there */
	fds[2] = connect_to(LOOPBACK, port);
	ck_assert(pass_on(one, one)); /* it came to the address that is no wildcard */
	ck_assert_ptr_eq(came_to, &one);
	ck_assert_int_eq(clients, 2);
	for (i = 0; i < 3; i++)
		close(fds[i]);
	listener_free(one);
	listener_free(all);
}
END_TEST

START_TEST(nobody_waits)
{
	struct listener *l = start(LOOPBACK, 0, false, NULL);
	struct sockaddr_storage sa;
	socklen_t len;

	ck_assert_int_eq(listener_take(l, &sa, &len), -1);
	ck_assert_int_eq(errno, EAGAIN);
	listener_free(l);
}
END_TEST

static void
on_client_stop(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	on_client(ctx, fd, from, len);
	loop_stop(loop);
}

static void
on_too_late(void *ctx)
{
	(void)ctx;
	ck_abort_msg("nobody came");
}

START_TEST(given_to_another)
{
	struct listener *l = start(LOOPBACK, 0, false, &l);
	struct loop_timer *late = loop_timer_new(loop, on_too_late, NULL);
	int fd, other;

	listener_mark(l, true);
	ck_assert(listener_marked(l));
	listener_give(l, on_client_stop, &other);
	fd = connect_to(LOOPBACK, port_of(l));
	loop_timer_set(late, msec_add(loop_now(loop), 10000));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_ptr_eq(came_to, &other);
	loop_timer_free(late);
	close(fd);
	listener_free(l);
}
END_TEST

static void
stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* Whoever connects meanwhile waits, and is not lost. */
START_TEST(pauses)
{
	struct listener *l = start(LOOPBACK, 0, false, &loop);
	struct loop_timer *timer = loop_timer_new(loop, stop, NULL);
	int fd;

	listener_pause(l, true);
	fd = connect_to(LOOPBACK, port_of(l));
	loop_timer_set(timer, msec_add(loop_now(loop), 50));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(clients, 0);
	listener_pause(l, false);
	listener_give(l, on_client_stop, &loop);
	loop_timer_set(timer, msec_add(loop_now(loop), 10000));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(clients, 1);
	close(fd);
	loop_timer_free(timer);
	listener_free(l);
}
END_TEST

/* Without a descriptor its owner is told so, the client stays, and comes when there is one. */
START_TEST(no_descriptors)
{
	struct listener *l = start(LOOPBACK, 0, false, &l);
	struct loop_timer *late = loop_timer_new(loop, on_too_late, NULL);
	struct rlimit was, none;
	int fd;

	listener_give(l, on_client_or_failure, &l);
	fd = connect_to(LOOPBACK, port_of(l));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	loop_timer_set(late, msec_add(loop_now(loop), 10000));
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(failures, 1);
	ck_assert_int_eq(failed_with, EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(clients, 1);
	ck_assert_int_eq(failures, 1);
	loop_timer_free(late);
	close(fd);
	listener_free(l);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("listener");
	TCase *t = tcase_create("listener");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, only_while_shared, 0, 2);
	tcase_add_test(t, clients_that_wait_go_on);
	tcase_add_test(t, nobody_waits);
	tcase_add_test(t, given_to_another);
	tcase_add_test(t, pauses);
	tcase_add_test(t, no_descriptors);
	suite_add_tcase(s, t);
	return unit_run(s);
}
