/*
 * Dialling a host: what is told, once, and never from inside; names and addresses; and stopping or
 * freeing at any moment, also while a name is looked up.
 */
#include "io/dial.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NO_HOST "no..such.host" /* a name that is none: no name server is asked */
#define PATIENCE 20000 /* ms */

static struct loop *loop;
static struct dial *dial;
static struct loop_timer *patience;
static bool inside;
static int told, fd, listener;
static enum dial_end end;
static uint16_t port;

static void
on_dialled(void *ctx, enum dial_end how, int socket)
{
	(void)ctx;
	ck_assert(!inside);
	told++;
	end = how;
	fd = socket;
	ck_assert((how == DIAL_CONNECTED) == (socket >= 0));
	loop_stop(loop);
}

static void
on_patience(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void
run_for(int64_t ms)
{
	loop_timer_set(patience, msec_add(loop_now(loop), ms));
	ck_assert_int_eq(loop_run(loop), 0);
}

static void
setup(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof a;

	loop = loop_new();
	dial = dial_new(loop, on_dialled, NULL);
	patience = loop_timer_new(loop, on_patience, NULL);
	ck_assert(loop != NULL && dial != NULL && patience != NULL);
	told = 0;
	fd = -1;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	port = ntohs(a.sin_port);
}

static void
teardown(void)
{
	if (fd >= 0)
		close(fd);
	close(listener);
	dial_free(dial);
	loop_timer_free(patience);
	loop_free(loop);
}

static void
start(const char *host)
{
	inside = true;
	dial_start(dial, host, port);
	inside = false;
}

static const struct {
	const char *host;
	bool listens;
	enum dial_end end;
} rows[] = {
	{ "127.0.0.1", true, DIAL_CONNECTED },
	{ "localhost", true, DIAL_CONNECTED },
	{ "127.0.0.1", false, DIAL_REFUSED },
	{ "localhost", false, DIAL_REFUSED },
	{ NO_HOST, true, DIAL_UNKNOWN },
	{ "255.255.255.255", true, DIAL_FAILED },
};

START_TEST(a_host)
{
	if (rows[_i].listens)
		ck_assert_int_eq(listen(listener, 5), 0);
	start(rows[_i].host);
	run_for(PATIENCE);
	ck_assert_int_eq(told, 1);
	ck_assert_msg(end == rows[_i].end, "%s: %d", rows[_i].host, end);
	run_for(20);
	ck_assert_int_eq(told, 1);
}
END_TEST

START_TEST(stopped)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", NO_HOST };

	start(hosts[_i]);
	dial_stop(dial);
	run_for(200);
	ck_assert_int_eq(told, 0);
}
END_TEST

/* The look-up of the first is still running when the second begins. */
START_TEST(another_name)
{
	ck_assert_int_eq(listen(listener, 5), 0);
	start(NO_HOST);
	start("localhost");
	run_for(PATIENCE);
	ck_assert_int_eq(told, 1);
	ck_assert_int_eq(end, DIAL_CONNECTED);
}
END_TEST

/* An address overtakes a name that is looked up, and the answer for the name is not mistaken for it. */
START_TEST(an_address_meanwhile)
{
	ck_assert_int_eq(listen(listener, 5), 0);
	start(NO_HOST);
	start("127.0.0.1");
	run_for(PATIENCE);
	ck_assert_int_eq(end, DIAL_CONNECTED);
	run_for(300);
	ck_assert_int_eq(told, 1);
}
END_TEST

START_TEST(freed_while_looking_up)
{
	int i;

	for (i = 0; i < 20; i++) {
		start("localhost");
		if (i % 2 == 0)
			run_for(0);
		dial_free(dial);
		dial = dial_new(loop, on_dialled, NULL);
	}
	run_for(300);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("dial");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_host, 0, ROWS(rows));
	tcase_add_loop_test(tc, stopped, 0, 3);
	tcase_add_test(tc, another_name);
	tcase_add_test(tc, an_address_meanwhile);
	tcase_add_test(tc, freed_while_looking_up);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
