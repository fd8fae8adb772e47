/*
 * Answers in what a modem says: each form whole, byte by byte and at every split; echo, and what
 * is garbage; what may be shown of a command.
 */
#include "modem/chat.h"

#include <string.h>

#include "unit.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])
#define TEXT(x) x, sizeof(x) - 1
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

struct answer {
	const char *bytes;
	size_t n;
	enum chat_word word;
	bool garbage;
	const char *command; /* NULL: AT */
};

static const struct answer answers[] = {
	{ TEXT(""), CHAT_NOTHING, false, NULL },
	{ TEXT("\r\n\r\n"), CHAT_NOTHING, false, NULL },
	{ TEXT("\r\nOK\r\n"), CHAT_OK, false, NULL },
	{ TEXT("OK\r"), CHAT_OK, false, NULL },
	{ TEXT("OK\n"), CHAT_OK, false, NULL },
	{ TEXT("\n\rOK\n\r"), CHAT_OK, false, NULL },
	{ TEXT("AT\rOK\r"), CHAT_OK, false, NULL },
	{ TEXT("AT\r\r\nOK\r\n"), CHAT_OK, false, NULL },
	{ TEXT("ATZ\r\r\nOK\r\n"), CHAT_OK, false, "ATZ" },
	{ TEXT("AT\r0\r"), CHAT_OK, false, NULL },
	{ TEXT("0\r"), CHAT_OK, false, NULL },
	{ TEXT(" OK \r"), CHAT_OK, false, NULL },
	{ TEXT("\t \rOK\t\r"), CHAT_OK, false, NULL },
	{ TEXT("\xcf\x4b\x8d"), CHAT_OK, false, NULL }, /* even parity */
	{ TEXT("\0\x11O\x7fK\x13\r"), CHAT_OK, false, NULL },
	{ TEXT("ERROR\r"), CHAT_ERROR, false, NULL },
	{ TEXT("4\r"), CHAT_ERROR, false, NULL },
	{ TEXT("\r\n+CME ERROR: 10\r\n"), CHAT_ERROR, false, NULL },
	{ TEXT("+CMS ERROR: 310\r"), CHAT_ERROR, false, NULL },
	{ TEXT("COMMAND NOT SUPPORT\r"), CHAT_ERROR, false, NULL },
	{ TEXT("NO CARRIER\r"), CHAT_NO_CARRIER, false, NULL },
	{ TEXT("3\r"), CHAT_NO_CARRIER, false, NULL },

	/* passed over */
	{ TEXT("^RSSI:19\r\n+CREG: 1\r\n*X\r%Y\r#Z\r$Q\rOK\r"), CHAT_OK, false, NULL },
	{ TEXT("RING\rRING 1\r2\r+CRING: VOICE\rRRING\rOK\r"), CHAT_OK, false, NULL },
	{ TEXT("CONNECT 9600\rBUSY\rNO DIALTONE\rNO DIAL TONE\rNO ANSWER\rVCON\r0\r"), CHAT_OK, false,
	    NULL },
	{ TEXT("DELAYED 00:10\rBLACKLISTED\r12\r7\rOK\r"), CHAT_OK, false, NULL },

	/* what a modem says at the begin and the end of calls is no garbage, either */
	{ TEXT("CARRIER 33600\rPROTOCOL: LAPM\rCOMPRESSION: V.42bis\rRINGING\rOK\r"), CHAT_OK, false,
	    NULL },

	/* no answer */
	{ TEXT("OK"), CHAT_NOTHING, false, NULL }, /* not yet */
	{ TEXT("NOT OK\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("OKAY\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("OK OK\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("ok\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("ATOK\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("ERRORS\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("00\r"), CHAT_NOTHING, false, NULL },
	{ TEXT("000\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("0 0\r"), CHAT_NOTHING, true, NULL },
	{ TEXT(LONG "OK\r"), CHAT_NOTHING, true, NULL },
	{ TEXT(LONG), CHAT_NOTHING, true, NULL },
	{ TEXT("+" LONG "\r"), CHAT_NOTHING, true, NULL },
	{ TEXT(LONG "\rOK\r"), CHAT_OK, true, NULL },
	{ TEXT("\x01\x02\rOK\r"), CHAT_OK, true, NULL },
	{ TEXT("^\x01\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("^RSSI"), CHAT_NOTHING, false, NULL },
	{ TEXT("login: "), CHAT_NOTHING, true, NULL },

	/* echo */
	{ TEXT("AT"), CHAT_NOTHING, false, NULL },
	{ TEXT("A"), CHAT_NOTHING, false, NULL },
	{ TEXT("A\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("AT\r"), CHAT_NOTHING, false, NULL },
	{ TEXT("ATAT\r"), CHAT_NOTHING, true, NULL },
	{ TEXT("AT\r\nAT\r\n"), CHAT_NOTHING, false, NULL },
	{ TEXT("\xc1\xd4\r"), CHAT_NOTHING, false, NULL },
	{ TEXT(LONG "\r"), CHAT_NOTHING, false, LONG },
	{ TEXT(LONG), CHAT_NOTHING, false, LONG },
	{ TEXT("+++"), CHAT_NOTHING, false, "+++" },
	{ TEXT("AT \r"), CHAT_NOTHING, true, NULL },
};

/* Fed in pieces of `piece` bytes, each at a guard page. */
static enum chat_word
feed(struct chat *c, const struct answer *a, size_t piece)
{
	enum chat_word word = CHAT_NOTHING;
	size_t at, n, used;
	uint8_t *b;

	chat_begin(c, a->command != NULL ? a->command : "AT");
	for (at = 0; at < a->n && word == CHAT_NOTHING; at += n) {
		n = a->n - at < piece ? a->n - at : piece;
		b = unit_guarded(a->bytes + at, n);
		word = chat_input(c, b, n, &used);
		ck_assert(used <= n && (used == n || word != CHAT_NOTHING));
		unit_unguard(b, n);
	}
	return word;
}

START_TEST(an_answer)
{
	const struct answer *a = &answers[_i];
	struct chat c;
	size_t piece;

	for (piece = 1; piece <= a->n + 1; piece++) {
		ck_assert_msg(feed(&c, a, piece) == a->word, "%s in %zu", a->bytes, piece);
		ck_assert_msg(chat_garbage(&c) == a->garbage, "%s in %zu", a->bytes, piece);
		ck_assert(c.line.len < CHAT_LINE && c.line.text[c.line.len] == '\0');
	}
}
END_TEST

/* What is behind an answer is not taken, and is nothing after the next command. */
START_TEST(one_at_a_time)
{
	static const uint8_t b[] = "\r\nERROR 1\r\nERROR\r\nOK\r\nO";
	struct chat c;
	size_t used;

	chat_begin(&c, "AT");
	ck_assert_int_eq(chat_input(&c, b, sizeof b - 1, &used), CHAT_ERROR);
	ck_assert_uint_eq(used, 17);
	ck_assert_str_eq(c.line.text, "ERROR");
	ck_assert_int_eq(chat_input(&c, b + 17, sizeof b - 1 - 17, &used), CHAT_OK);
	ck_assert_uint_eq(used, 4);
	ck_assert_int_eq(chat_input(&c, b + 21, sizeof b - 1 - 21, &used), CHAT_NOTHING);
	ck_assert(chat_garbage(&c));
	chat_begin(&c, "AT");
	ck_assert(!chat_garbage(&c));
	ck_assert_int_eq(chat_input(&c, (const uint8_t *)"K\r", 2, &used), CHAT_NOTHING);
}
END_TEST

/* The longest line that is kept, and one more. */
START_TEST(line_length)
{
	struct chat_line l = { .len = 0 };
	int i;

	for (i = 0; i < CHAT_LINE - 1; i++)
		ck_assert(!chat_line_input(&l, '+'));
	ck_assert(chat_line_input(&l, '\r'));
	ck_assert_uint_eq(strlen(l.text), CHAT_LINE - 1);
	ck_assert_int_eq(chat_word(&l), CHAT_CHATTER);
	for (i = 0; i < CHAT_LINE; i++)
		ck_assert(!chat_line_input(&l, '+'));
	ck_assert(chat_line_input(&l, '\r'));
	ck_assert_int_eq(chat_word(&l), CHAT_UNKNOWN);
	ck_assert(!chat_line_input(&l, '\n'));
	ck_assert(!chat_line_input(&l, '+'));
	ck_assert(chat_line_input(&l, '\n'));
	ck_assert_str_eq(l.text, "+");
}
END_TEST

static const struct {
	const char *command, *shown;
} shown[] = {
	{ "ATZ", "ATZ" },
	{ "", "" },
	{ "AT\x1b\\\xff", "AT\\x1b\\\\\\xff" },
	{ "AT+CPIN=1234", "AT+CPIN..." },
	{ "AT+CPIN", "AT+CPIN..." },
	{ "AT+CPIN?", "AT+CPIN..." },
	{ "at+cpin=\"1234\"", "at+cpin..." },
	{ "AT + C P\tIN = 1234", "AT + C P\\tIN..." },
	{ "ATE0+CPIN=1234", "ATE0+CPIN..." },
	{ "AT^CPIN=1234", "AT^CPIN..." },
	{ "AT+CPWD=\"SC\",\"1\",\"2\"", "AT+CPWD..." },
	{ "AT+CLCK=\"SC\",0,\"1234\"", "AT+CLCK..." },
	{ "AT+CCPIN=1", "AT+CCPIN..." },
	{ "AT+CACM=\"1234\"", "AT+CACM..." }, /* 27.007, 8.25 to 8.27: PIN2 */
	{ "AT+CAMM=\"00001E\",\"1234\"", "AT+CAMM..." },
	{ "AT+CPUC=\"GBP\",\"2.66\",\"1234\"", "AT+CPUC..." },
	{ "AT+CUSD=1,\"*150*1234#\"", "AT+CUSD..." },
	{ "AT+CPI", "AT+CPI" },
	{ "AT+CPMS?", "AT+CPMS?" },
	{ "AT+CGAUTH=1,1,\"me\",\"1234\"", "AT+CGAUTH..." },
	{ "AT^AUTHDATA=1,1,\"\",\"1234\",\"me\"", "AT^AUTHDATA..." },
	{ "AT%PWD=1234", "AT%PWD..." },
	{ "AT$QCPDPP=1,1,\"1234\"", "AT$QCPDPP..." },
	{ "AT#PASSW = 1234", "AT#PASSW ..." },
	{ "AT*PSEC=1234", "AT*PSEC..." },
	{ "AT_OPWD=1234", "AT_OPWD..." },
	{ "AT&Z0=1234", "AT&Z0..." },
	{ "AT=1234", "AT..." },
	{ "=1234", "..." },
	{ "AT+FCLASS=8;+XPW=1234", "AT+FCLASS=8;+XPW..." },
	{ "ATS0=0+XPWS=1234", "ATS0=0+XPWS..." },
	{ "AT+XS0=1234", "AT+XS0..." },
	{ "ATS=1234", "ATS..." },
	{ "AT7=1234", "AT7..." },
	{ "AT+LONGLONGFCLASS=1234", "AT+LONGLONGFCLASS..." },
	{ "ATE1V1Q0S0=0X4&C1&D2", "ATE1V1Q0S0=0X4&C1&D2" },
	{ "AT S0 = 0 S7=60", "AT S0 = 0 S7=60" },
	{ "AT&C1S0=0\\N3%C1S7=60", "AT&C1S0=0\\\\N3%C1S7=60" },
	{ "at+fclass=0;+ipr = 9600", "at+fclass=0;+ipr = 9600" },
	{ "AT+CMEE=2;+CREG=1", "AT+CMEE=2;+CREG=1" },
	{ "AT+XPW=?", "AT+XPW=?" },
	{ "ATD**04*1234*5*5#;", "ATD**04..." },
	{ "atd t ** 05 * 1234 *5*5#;", "atd t ** 05..." },
	{ "AT&D2#CID?", "AT&D2#CID?" },
	{ "ATD*#06#;", "ATD*#06#;" },
	{ "AT+XPW=?;+IFC=2,2", "AT+XPW=?;+IFC=2,2" },
	{ "AT+XPW=?1234", "AT+XPW..." },
};

START_TEST(what_is_shown)
{
	const char *command = shown[_i].command, *whole = shown[_i].shown;
	char dst[64];
	size_t cap;

	ck_assert_str_eq(chat_show(dst, sizeof dst, command), whole);
	ck_assert_int_eq(chat_secret(command), strstr(whole, "...") != NULL);
	for (cap = 1; cap < sizeof dst; cap++) {
		memset(dst, '!', sizeof dst);
		chat_show(dst, cap, command);
		ck_assert(strlen(dst) < cap && strstr(dst, "123") == NULL);
		if (cap < sizeof dst)
			ck_assert_int_eq(dst[cap], '!');
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("chat");
	TCase *tc = tcase_create("chat");

	tcase_add_loop_test(tc, an_answer, 0, (int)COUNT(answers));
	tcase_add_test(tc, one_at_a_time);
	tcase_add_test(tc, line_length);
	tcase_add_loop_test(tc, what_is_shown, 0, (int)COUNT(shown));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
