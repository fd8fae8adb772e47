/*
 * Telnet towards a host: what of its bytes is data, what is answered, and what data becomes on its way
 * there; at every split, since every byte comes alone.
 */
#include "modem/hosttelnet.h"
#include "unit.h"

#include <string.h>

#define IAC "\xff"
#define DONT "\xfe"
#define DO "\xfd"
#define WONT "\xfc"
#define WILL "\xfb"
#define SB "\xfa"
#define SE "\xf0"
#define TEXT(t) t, sizeof t - 1

static struct hosttelnet telnet;

static const struct {
	const char *sent;
	size_t n;
	const char *data;
	size_t n_data;
	const char *replies;
	size_t n_replies;
} rows[] = {
	{ TEXT("plain\r\n"), TEXT("plain\r\n"), TEXT("") },
	{ TEXT("a" IAC IAC "b"), TEXT("a" IAC "b"), TEXT("") },
	{ TEXT("\r\0x\0\r\r\0"), TEXT("\rx\0\r\r"), TEXT("") },
	{ TEXT(IAC "\xf1" "a" IAC "\xf9" "b" IAC "\xf6"), TEXT("ab"), TEXT("") }, /* NOP, GA, AYT */
	{ TEXT(IAC WILL "\1" "x"), TEXT("x"), TEXT(IAC DO "\1") },
	{ TEXT(IAC WILL "\1" IAC WILL "\1"), TEXT(""), TEXT(IAC DO "\1") },
	{ TEXT(IAC WILL "\1" IAC WONT "\1" IAC WONT "\1"), TEXT(""), TEXT(IAC DO "\1" IAC DONT "\1") },
	{ TEXT(IAC DO "\1"), TEXT(""), TEXT(IAC WONT "\1") },
	{ TEXT(IAC DO "\3" IAC WILL "\3"), TEXT(""), TEXT(IAC WILL "\3" IAC DO "\3") },
	{ TEXT(IAC DO "\3" IAC DONT "\3" IAC DONT "\3"), TEXT(""), TEXT(IAC WILL "\3" IAC WONT "\3") },
	{ TEXT(IAC DO "\x18" IAC DO "\x1f" IAC DO "\x18"), TEXT(""),
	  TEXT(IAC WONT "\x18" IAC WONT "\x1f" IAC WONT "\x18") },
	{ TEXT(IAC WILL "\x2c" IAC WILL "\xff" "x"), TEXT("x"), TEXT(IAC DONT "\x2c" IAC DONT "\xff") },
	{ TEXT(IAC DONT "\x18" IAC WONT "\x2c" IAC WONT "\1" IAC DONT "\3"), TEXT(""), TEXT("") },
	{ TEXT("a" IAC SB "\x18\1" IAC SE "b"), TEXT("ab"), TEXT("") },
	{ TEXT("a" IAC SB "\x18" IAC IAC SE "x" IAC SE "b"), TEXT("ab"), TEXT("") },
	{ TEXT("\r" IAC "\xf1" "\0" "x"), TEXT("\rx"), TEXT("") },
	{ TEXT(IAC WILL "\0" "\r\0x"), TEXT("\r\0x"), TEXT(IAC DO "\0") },
};

START_TEST(from_the_host)
{
	char data[64], replies[64];
	uint8_t reply[HOSTTELNET_REPLY], c;
	size_t i, n = 0, answered = 0, more;

	telnet = (struct hosttelnet){ 0 };
	for (i = 0; i < rows[_i].n; i++) {
		if (hosttelnet_input(&telnet, (uint8_t)rows[_i].sent[i], &c, reply, &more))
			data[n++] = (char)c;
		memcpy(replies + answered, reply, more);
		answered += more;
	}
	ck_assert_msg(n == rows[_i].n_data && memcmp(data, rows[_i].data, n) == 0, "row %d", _i);
	ck_assert_msg(answered == rows[_i].n_replies &&
	    memcmp(replies, rows[_i].replies, answered) == 0, "answers of row %d", _i);
}
END_TEST

static void
tell(const char *text, size_t n)
{
	uint8_t reply[HOSTTELNET_REPLY], c;
	size_t i, more;

	for (i = 0; i < n; i++)
		hosttelnet_input(&telnet, (uint8_t)text[i], &c, reply, &more);
}

/* What becomes of a text on its way; a '|' is a pause in which nothing follows. */
static const struct {
	const char *text;
	size_t n;
	const char *wire;
	size_t n_wire;
} sent[] = {
	{ TEXT("a"), TEXT("a") },
	{ TEXT("\xff"), TEXT(IAC IAC) },
	{ TEXT("user\r\npassword\r\n"), TEXT("user\r\npassword\r\n") },
	{ TEXT("user\r|"), TEXT("user\r\0") },
	{ TEXT("\rx"), TEXT("\r\0x") },
	{ TEXT("\r\xff"), TEXT("\r\0" IAC IAC) },
	{ TEXT("\r\r\n\n"), TEXT("\r\0\r\n\n") },
	{ TEXT("\r\0x"), TEXT("\r\0\0x") },
	{ TEXT("\r|\n|"), TEXT("\r\0\n") },
	{ TEXT("\r"), TEXT("\r") }, /* and it is owed */
};

static size_t
encode(const char *text, size_t n, char *wire)
{
	size_t i, used = 0;

	for (i = 0; i < n; i++) {
		if (text[i] != '|')
			used += hosttelnet_encode(&telnet, (uint8_t)text[i], (uint8_t *)wire + used);
		else if (hosttelnet_settle(&telnet))
			wire[used++] = '\0';
	}
	return used;
}

START_TEST(to_the_host)
{
	char wire[64];
	size_t n;

	telnet = (struct hosttelnet){ 0 };
	n = encode(sent[_i].text, sent[_i].n, wire);
	ck_assert_msg(n == sent[_i].n_wire && memcmp(wire, sent[_i].wire, n) == 0, "row %d", _i);
	ck_assert(telnet.owes == (wire[n - 1] == '\r'));
}
END_TEST

/* In BINARY CR is a byte like all others; what is owed comes before it begins. */
START_TEST(to_the_host_in_binary)
{
	uint8_t reply[HOSTTELNET_REPLY], c;
	char wire[64];
	size_t more;

	telnet = (struct hosttelnet){ 0 };
	tell(TEXT(IAC DO "\0"));
	ck_assert_uint_eq(encode(TEXT("\r|\r\n\rx"), wire), 5);
	ck_assert_mem_eq(wire, "\r\r\n\rx", 5);
	tell(TEXT(IAC DONT "\0"));
	ck_assert_uint_eq(encode(TEXT("\r|"), wire), 2);
	ck_assert_uint_eq(encode(TEXT("\r"), wire), 1);
	tell(TEXT(IAC "\xfd"));
	hosttelnet_input(&telnet, 0, &c, reply, &more);
	ck_assert_uint_eq(more, 4);
	ck_assert_mem_eq(reply, "\0" IAC WILL "\0", 4);
	ck_assert_uint_eq(encode(TEXT("x"), wire), 1);
	ck_assert_uint_eq(encode(TEXT("\r"), wire), 1);
	tell(TEXT(IAC DO "\x18")); /* others may come between CR and LF */
	ck_assert_uint_eq(encode(TEXT("\n"), wire), 1);
}
END_TEST

/* How many data bytes become of one on its way to the other end, the last of them in *data. */
static size_t
carry(struct hosttelnet *other, uint8_t c, uint8_t *data)
{
	uint8_t reply[HOSTTELNET_REPLY], dst[HOSTTELNET_ENCODED], one;
	size_t i, n = hosttelnet_encode(&telnet, c, dst), got = 0, more;

	for (i = 0; i < n; i++)
		if (hosttelnet_input(other, dst[i], &one, reply, &more)) {
			*data = one;
			got++;
		}
	return got;
}

/* Every pair of bytes is the same data again at the other end, in both modes. */
START_TEST(there_and_back)
{
	struct hosttelnet other = { 0 };
	uint8_t reply[HOSTTELNET_REPLY], c = 0;
	size_t i, more;

	telnet = (struct hosttelnet){ 0 };
	if (_i == 1) {
		tell(TEXT(IAC DO "\0"));
		for (i = 0; i < 3; i++)
			hosttelnet_input(&other, (uint8_t)(IAC WILL "\0")[i], &c, reply, &more);
	}
	for (i = 0; i < 65536; i++) {
		ck_assert_uint_eq(carry(&other, (uint8_t)(i >> 8), &c), 1);
		ck_assert_uint_eq(c, i >> 8);
		ck_assert_uint_eq(carry(&other, (uint8_t)i, &c), 1);
		ck_assert_uint_eq(c, (uint8_t)i);
	}
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

int
main(void)
{
	Suite *suite = suite_create("hosttelnet");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, from_the_host, 0, ROWS(rows));
	tcase_add_loop_test(tc, to_the_host, 0, ROWS(sent));
	tcase_add_test(tc, to_the_host_in_binary);
	tcase_add_loop_test(tc, there_and_back, 0, 2);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
