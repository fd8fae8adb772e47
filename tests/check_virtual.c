/*
 * The built-in modem as a port, two of them at one exchange, in a real loop: what reaches the
 * owners, and when. The modem's own rules and times are in check_vmodem.c and check_calls.c.
 */
#include "portowner.h"
#include "ports/virtual.h"
#include "unit.h"

#include <string.h>

#define IDLE (RFC2217_DSR | RFC2217_CTS)

static char one[] = "one", two[] = "two", nobody[] = "nobody";
static struct conf_number book[] = {
	{ (char[]){ "1" }, CONF_DIAL_ECHO, NULL, NULL, 0 },
	{ (char[]){ "2" }, CONF_DIAL_LINE, two, NULL, 0 },
	{ (char[]){ "3" }, CONF_DIAL_BUSY, NULL, NULL, 0 },
	{ (char[]){ "4" }, CONF_DIAL_NO_ANSWER, NULL, NULL, 0 },
	{ (char[]){ "5" }, CONF_DIAL_NO_DIALTONE, NULL, NULL, 0 },
	{ (char[]){ "6" }, CONF_DIAL_NO_CARRIER, NULL, NULL, 0 },
	{ (char[]){ "7" }, CONF_DIAL_LINE, nobody, NULL, 0 },
};
static struct conf_setup setups[2] = {
	{ .type = CONF_VIRTUAL, .numbers = book, .n_numbers = sizeof book / sizeof *book },
	{ .type = CONF_VIRTUAL },
};
static const struct conf_line lines[2] = {
	{ .name = one, .setup = &setups[0] },
	{ .name = two, .setup = &setups[1] },
};

static struct exchange *exchange;
static struct owner a, b;
static const char *expected;
static uint8_t bytes[OWNER_DATA];

static bool
both_open(void)
{
	return a.opened && b.opened;
}

static bool
both_closed(void)
{
	return a.closed && b.closed;
}

static bool
a_reads(void)
{
	a.data[a.used] = '\0';
	return strstr((char *)a.data, expected) != NULL;
}

static bool
b_reads(void)
{
	b.data[b.used] = '\0';
	return strstr((char *)b.data, expected) != NULL;
}

static void
forget(struct owner *o)
{
	o->log[0] = '\0';
	o->used = 0;
	o->room = OWNER_DATA;
}

static void
start(struct owner *o, const struct conf_line *line)
{
	memset(o, 0, sizeof *o);
	o->room = OWNER_DATA;
	o->port = port_virtual_new(exchange, line, &owner_news, o);
	ck_assert_ptr_nonnull(o->port);
	owner_open(o);
}

static void
setup(void)
{
	size_t i;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 % 251);
	loop = loop_new();
	exchange = exchange_new(loop);
	ck_assert(loop != NULL && exchange != NULL);
	start(&a, &lines[0]);
	start(&b, &lines[1]);
	owner_wait(both_open);
}

static void
teardown(void)
{
	owner_close(&a);
	owner_close(&b);
	owner_wait(both_closed);
	port_free(a.port);
	port_free(b.port);
	exchange_free(exchange);
	loop_free(loop);
}

static void
type(struct owner *o, const char *text)
{
	ck_assert_uint_eq(owner_send(o, text, strlen(text)), strlen(text));
}

static void
a_expects(const char *text)
{
	expected = text;
	owner_wait(a_reads);
}

static void
b_expects(const char *text)
{
	expected = text;
	owner_wait(b_reads);
}

/* a calls b, which answers; all news of it are forgotten. */
static void
call(void)
{
	type(&a, "ATE0S2=255D2\r");
	b_expects("RING");
	type(&b, "ATE0S2=255A\r");
	a_expects("CONNECT 9600\r\n");
	b_expects("CONNECT 9600\r\n");
	forget(&a);
	forget(&b);
}

START_TEST(a_modem)
{
	owner_has_format(&a, &owner_format);
	ck_assert_uint_eq(a.state.rfc.modem, IDLE);
	ck_assert(a.state.lines && a.state.rfc.dtr && a.state.rfc.rts);
	type(&a, "ATI\r");
	a_expects("ATI\r\r\nmodemshare\r\n\r\nOK\r\n");
	ck_assert_str_eq(a.log, "");
}
END_TEST

/* Each number of the book, and what is told of the call. */
static const struct {
	const char *typed, *answer, *log;
} numbers[] = {
	{ "ATD1\r", "\r\nCONNECT 9600\r\n", "call 1\ncall 2\nmodem b0 08\n" },
	{ "ATD3\r", "\r\nBUSY\r\n", "call 1\ncall 0\n" },
	{ "ATS7=1D4\r", "\r\nNO ANSWER\r\n", "call 1\ncall 0\n" },
	{ "ATD5\r", "\r\nNO DIALTONE\r\n", "call 1\ncall 0\n" },
	{ "ATD6\r", "\r\nNO CARRIER\r\n", "call 1\ncall 0\n" },
	{ "ATS7=1D7\r", "\r\nNO ANSWER\r\n", "call 1\ncall 0\n" },
	{ "ATD8\r", "\r\nNO CARRIER\r\n", "call 1\ncall 0\n" },
};

START_TEST(a_number)
{
	owner_watch(&a, true, true);
	type(&a, numbers[_i].typed);
	a_expects(numbers[_i].answer);
	ck_assert_str_eq(a.log, numbers[_i].log);
}
END_TEST

START_TEST(another_book)
{
	struct conf_setup setup = { .type = CONF_VIRTUAL };
	const struct conf_line line = { .name = one, .setup = &setup };

	port_virtual_book(a.port, &line);
	type(&a, "ATD1\r");
	a_expects("\r\nNO CARRIER\r\n");
	port_virtual_book(a.port, &lines[0]);
	type(&a, "ATD1\r");
	a_expects("\r\nCONNECT 9600\r\n");
}
END_TEST

START_TEST(a_call)
{
	owner_watch(&a, true, false);
	owner_watch(&b, true, false);
	type(&a, "ATD2\r");
	b_expects("\r\nRING\r\n");
	ck_assert_str_eq(a.log, "call 1\n");
	ck_assert_str_eq(b.log, "modem 70 00\n");
	owner_set(&b, RFC2217_OP_BAUD, 300);
	ck_assert_uint_eq(b.state.rfc.modem, IDLE | RFC2217_RI);
	type(&b, "ATA\r");
	b_expects("\r\nCONNECT 300\r\n");
	a_expects("\r\nCONNECT 9600\r\n");
	ck_assert_str_eq(a.log, "call 1\ncall 2\nmodem b0 08\n");
	ck_assert_str_eq(b.log, "modem 70 00\ncall 2\nmodem b0 0c\n");
	type(&a, "hello");
	b_expects("CONNECT 300\r\nhello");
	forget(&a);
	forget(&b);
	owner_set(&b, RFC2217_OP_DTR, RFC2217_DTR_OFF);
	ck_assert_uint_eq(b.state.rfc.modem, IDLE);
	a_expects("\r\nNO CARRIER\r\n");
	b_expects("\r\nNO CARRIER\r\n");
	ck_assert_str_eq(a.log, "call 0\nmodem 30 08\n");
	ck_assert_str_eq(b.log, "call 0\nmodem 30 08\n");
}
END_TEST

START_TEST(reset_and_purge)
{
	struct port_op op = { .kind = PORT_RESET };

	call();
	b.room = 0;
	type(&a, "for nobody's eyes");
	owner_submit(&b, &op);
	ck_assert_uint_eq(b.state.rfc.modem, IDLE);
	op = (struct port_op){ .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };
	owner_submit(&b, &op);
	op.purge = RFC2217_PURGE_RX;
	owner_submit(&b, &op);
	owner_resume(&b, OWNER_DATA);
	a_expects("\r\nNO CARRIER\r\n");
	ck_assert_uint_eq(b.used, 0);
	ck_assert_str_eq(b.log, "call 0\n");
	type(&b, "AT\r");
	b_expects("AT\r\r\nOK\r\n"); /* it echoes again */
}
END_TEST

START_TEST(purge_of_what_is_sent)
{
	struct port_op op = { .kind = PORT_PURGE, .purge = RFC2217_PURGE_TX };

	call();
	b.room = 0;
	type(&a, "under way");
	type(&b, "back");
	owner_submit(&b, &op);
	owner_resume(&b, OWNER_DATA);
	b_expects("under way");
	a_expects("back");
}
END_TEST

START_TEST(closing_ends_the_call)
{
	call();
	owner_close(&b);
	a_expects("\r\nNO CARRIER\r\n");
	ck_assert_str_eq(a.log, "call 0\n");
	ck_assert_str_eq(b.log, "");
	type(&a, "ATS7=1D2\r");
	a_expects("\r\nNO ANSWER\r\n"); /* not busy: it rings where nobody is */
}
END_TEST

START_TEST(break_is_nothing)
{
	struct port_op op = { .kind = PORT_BREAK, .ms = 250 };

	owner_watch(&a, true, true);
	owner_submit(&a, &op);
	owner_set(&a, RFC2217_OP_BREAK, RFC2217_BREAK_ON);
	ck_assert(a.state.rfc.brk);
	owner_settle();
	ck_assert_str_eq(a.log, "");
}
END_TEST

static void
push(struct owner *from, size_t *sent, size_t total)
{
	*sent += owner_send(from, bytes + *sent, total - *sent);
}

static size_t all;

static bool
something_new(void)
{
	return a.writable || b.writable || (a.used == all && b.used == all);
}

/* The readers take everything; the senders wait for news that there is room. */
START_TEST(both_ways)
{
	size_t sent[2] = { 0, 0 };

	all = 256 * 1024;
	call();
	while (a.used < all || b.used < all) {
		a.writable = b.writable = false;
		push(&a, &sent[0], all);
		push(&b, &sent[1], all);
		owner_wait(something_new);
	}
	ck_assert_mem_eq(a.data, bytes, all);
	ck_assert_mem_eq(b.data, bytes, all);
	ck_assert_str_eq(a.log, "");
}
END_TEST

START_TEST(reader_stops)
{
	size_t took, more;

	call();
	b.room = 0;
	took = owner_send(&a, bytes, OWNER_DATA);
	ck_assert_uint_gt(took, 1000);
	ck_assert_uint_lt(took, 20000);
	owner_settle();
	ck_assert(!a.writable);
	ck_assert_uint_eq(b.used, 0);
	owner_resume(&b, 100);
	owner_settle();
	ck_assert(a.writable);
	ck_assert_uint_eq(b.used, 100);
	more = owner_send(&a, bytes + took, 1000);
	ck_assert_uint_eq(more, 100);
	owner_resume(&b, OWNER_DATA);
	owner_settle();
	ck_assert_uint_eq(b.used, took + more);
	ck_assert_mem_eq(b.data, bytes, took + more);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("virtual");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_modem);
	tcase_add_loop_test(tc, a_number, 0, ROWS(numbers));
	tcase_add_test(tc, another_book);
	tcase_add_test(tc, a_call);
	tcase_add_test(tc, reset_and_purge);
	tcase_add_test(tc, purge_of_what_is_sent);
	tcase_add_test(tc, closing_ends_the_call);
	tcase_add_test(tc, break_is_nothing);
	tcase_add_test(tc, both_ways);
	tcase_add_test(tc, reader_stops);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
