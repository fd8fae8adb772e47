/*
 * Where the house listens, over a reload: every client that waits goes to who listens where it connected to, whether
 * the plan comes about or not.
 */
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "daemon/listening.h"
#include "io/log.h"
#include "unit.h"

#define LOOPBACK 0x7f000001
#define OTHER 0x7f000002 /* this host, too */
#define MANY 3           /* addresses of one list at most */

/* A service with its list; how many clients came to it. */
struct place {
	struct conf_listen where[MANY];
	struct listener *at[MANY];
	struct listening list;
	int clients;
};

static struct loop *loop;
static struct place a, b, c;
static struct listening old[2], new[2];
static struct listener *leaving[2 * MANY];
static struct listening_change change;
static char error[256];

static void
on_client(void *ctx, int fd, const struct sockaddr *from, socklen_t len)
{
	struct place *p = ctx;

	ck_assert_int_eq(from->sa_family, AF_INET);
	ck_assert_uint_eq(len, sizeof(struct sockaddr_in));
	p->clients++;
	close(fd);
}

static struct conf_listen
address(uint32_t host, uint16_t port)
{
	struct conf_listen l;

	memset(&l, 0, sizeof l);
	l.address.v4.sin_family = AF_INET;
	l.address.v4.sin_port = htons(port);
	l.address.v4.sin_addr.s_addr = htonl(host);
	l.length = sizeof l.address.v4;
	return l;
}

/* A list of n addresses, which is not open. */
static struct listening
list(struct place *p, const char *name, size_t n, const struct conf_listen *where)
{
	memset(p, 0, sizeof *p);
	memcpy(p->where, where, n * sizeof *where);
	p->list = (struct listening){ LISTENING_CLIENTS, name, p->where, p->at, n, on_client, p };
	return p->list;
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

/* A port that is free, at least a moment ago. */
static uint16_t
free_port(void)
{
	struct conf_listen any = address(INADDR_ANY, 0);
	struct listener *l = listener_new(loop, &any.address.sa, any.length, on_client, NULL);
	uint16_t port = port_of(l);

	listener_free(l);
	return port;
}

/* A client that connects and goes; it waits, as the loop does not run. */
static void
come(uint32_t host, uint16_t port)
{
	struct conf_listen to = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, &to.address.sa, to.length), 0);
	close(fd);
}

static int
plan(size_t n_old, size_t n_new)
{
	change = (struct listening_change){ old, new, n_old, n_new, leaving, 0 };
	return listening_plan(&change, loop, error, sizeof error);
}

static void
set_up(void)
{
	log_set_level(LOG_LEVEL_ERROR);
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

static void
tear_down(void)
{
	loop_free(loop);
}

/* From everywhere to this host alone: who came by another address finds nobody any more. */
START_TEST(comes_about)
{
	uint16_t port = free_port();

	old[0] = list(&a, "a", 1, (struct conf_listen[]){ address(INADDR_ANY, port) });
	ck_assert_int_eq(listening_open(&old[0], loop), 0);
	come(LOOPBACK, port);
	come(OTHER, port);
	new[0] = list(&b, "b", 1, (struct conf_listen[]){ address(LOOPBACK, port) });
	ck_assert_int_eq(plan(1, 1), 0);
	listening_place(&change);
	ck_assert_ptr_null(a.at[0]);
	ck_assert_int_eq(b.clients, 0);
	listening_leave(&change);
	ck_assert_int_eq(a.clients, 0);
	ck_assert_int_eq(b.clients, 1);
	listening_close(&new[0]);
}
END_TEST

/* The second list cannot be had: who came to the first, which listened already, is the old one's again. */
START_TEST(does_not_come_about)
{
	uint16_t port = free_port(), taken = free_port();
	struct listener *was;

	old[0] = list(&a, "a", 1, (struct conf_listen[]){ address(INADDR_ANY, port) });
	ck_assert_int_eq(listening_open(&old[0], loop), 0);
	was = a.at[0];
	list(&c, "somebody else", 1, (struct conf_listen[]){ address(LOOPBACK, taken) });
	ck_assert_int_eq(listening_open(&c.list, loop), 0);
	new[0] = list(&b, "a", 2, (struct conf_listen[]){ address(LOOPBACK, port), address(INADDR_ANY, taken) });
	ck_assert_int_eq(plan(1, 1), -1);
	ck_assert_ptr_nonnull(strstr(error, "service \"a\" cannot listen on 0.0.0.0:"));
	ck_assert_ptr_nonnull(strstr(error, ": Address already in use; expected a free address"));
	come(LOOPBACK, port);
	listening_give_up(&change);
	ck_assert_int_eq(a.clients, 1);
	ck_assert_int_eq(b.clients, 0);
	ck_assert_ptr_eq(a.at[0], was);
	ck_assert(!listener_marked(was));
	ck_assert_ptr_null(b.at[0]);
	listening_close(&old[0]);
	listening_close(&c.list);
}
END_TEST

/* What stays is the same listener, whoever has it now; and of a port of the kernel's choice its owner's. */
START_TEST(goes_on)
{
	uint16_t port = free_port();
	struct listener *was[2];

	old[0] = list(&a, "a", 2, (struct conf_listen[]){ address(LOOPBACK, 0), address(LOOPBACK, port) });
	ck_assert_int_eq(listening_open(&old[0], loop), 0);
	memcpy(was, a.at, sizeof was);
	come(LOOPBACK, port);
	new[0] = list(&b, "b", 2, (struct conf_listen[]){ address(LOOPBACK, port), address(LOOPBACK, 0) });
	new[1] = list(&c, "a", 2, (struct conf_listen[]){ address(LOOPBACK, 0), address(LOOPBACK, 0) });
	ck_assert_int_eq(plan(1, 2), 0);
	listening_place(&change);
	ck_assert_uint_eq(change.n_leaving, 0);
	ck_assert_ptr_eq(b.at[0], was[1]);
	ck_assert_ptr_eq(c.at[0], was[0]);
	ck_assert_ptr_nonnull(b.at[1]);
	ck_assert_ptr_nonnull(c.at[1]);
	ck_assert_ptr_ne(b.at[1], c.at[1]);
	ck_assert(!listener_marked(was[0]) && !listener_marked(was[1]));
	listening_leave(&change);
	listening_close(&new[0]);
	listening_close(&new[1]);
}
END_TEST

/* An optional address that is not of this host is no error, but to listen nowhere at all is. */
START_TEST(of_another_host)
{
	struct conf_listen far = address(0xc0000201, 2217); /* 192.0.2.1, for documentation */

	old[0] = list(&a, "a", 1, (struct conf_listen[]){ address(LOOPBACK, 0) });
	ck_assert_int_eq(listening_open(&old[0], loop), 0);
	far.optional = true;
	new[0] = list(&b, "a", 2, (struct conf_listen[]){ far, address(LOOPBACK, 0) });
	ck_assert_int_eq(plan(1, 1), 0);
	listening_give_up(&change);
	new[0] = list(&b, "a", 1, &far);
	ck_assert_int_eq(plan(1, 1), -1);
	ck_assert_ptr_nonnull(strstr(error, "no address to listen on that exists here"));
	listening_give_up(&change);
	far.optional = false;
	new[0] = list(&b, "a", 1, &far);
	ck_assert_int_eq(plan(1, 1), -1);
	ck_assert_ptr_nonnull(strstr(error, "192.0.2.1:2217: "));
	listening_give_up(&change);
	listening_close(&old[0]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("listening");
	TCase *t = tcase_create("listening");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, comes_about);
	tcase_add_test(t, does_not_come_about);
	tcase_add_test(t, goes_on);
	tcase_add_test(t, of_another_host);
	suite_add_tcase(s, t);
	return unit_run(s);
}
