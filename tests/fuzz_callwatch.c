/*
 * Fuzzes what watches calls.  The input is a list of steps: a byte that says what happens and to how many
 * bytes, then these.  Whatever they are, two watchers that get the same bytes in other pieces agree,
 * and what is kept is printable and bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "modem/callwatch.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

typedef void feed_fn(struct callwatch *, const uint8_t *, size_t, msec_t);

static void
feed(struct callwatch c[2], feed_fn *fn, const uint8_t *b, size_t n, msec_t now)
{
	size_t i;

	fn(&c[0], b, n, now);
	for (i = 0; i < n; i++)
		fn(&c[1], b + i, 1, now);
}

static void
check_one(const struct callwatch *c, msec_t now)
{
	const char *s;

	REQUIRE(strlen(callwatch_number(c)) < CALLWATCH_NUMBER);
	REQUIRE(strlen(callwatch_result(c)) < CALLWATCH_RESULT);
	for (s = callwatch_number(c); *s != '\0'; s++)
		REQUIRE(strchr("0123456789*#+ABCD,WLS=", *s) != NULL);
	for (s = callwatch_result(c); *s != '\0'; s++)
		REQUIRE(*s >= ' ' && *s < 0x7f && *s != '"' && *s != '\\');
	REQUIRE(callwatch_talked(c, now) >= 0 && callwatch_talked(c, now) <= now.v);
	REQUIRE(!c->carrier || callwatch_state(c) == CALLWATCH_IN_CALL);
	REQUIRE(!msec_reached(callwatch_due(c), now));
}

static void
check(const struct callwatch c[2], msec_t now)
{
	check_one(&c[0], now);
	REQUIRE(callwatch_state(&c[0]) == callwatch_state(&c[1]));
	REQUIRE(callwatch_due(&c[0]).v == callwatch_due(&c[1]).v);
	REQUIRE(callwatch_dialled(&c[0]) == callwatch_dialled(&c[1]));
	REQUIRE(callwatch_talked(&c[0], now) == callwatch_talked(&c[1], now));
	REQUIRE(strcmp(callwatch_number(&c[0]), callwatch_number(&c[1])) == 0);
	REQUIRE(strcmp(callwatch_result(&c[0]), callwatch_result(&c[1])) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callwatch c[2];
	msec_t now = { 0 };
	size_t i = 0, n;
	int k;

	for (k = 0; k < 2; k++)
		callwatch_init(&c[k], size > 0 && (data[0] & 0x80) != 0);
	while (i < size) {
		uint8_t op = data[i++];

		n = op >> 3 & 0x0f;
		n = n < size - i ? n : size - i;
		now = msec_add(now, (op & 7) == 4 ? (op >> 3 & 0x0f) * 100 : 0);
		for (k = 0; k < 2; k++) {
			callwatch_time(&c[k], now);
			if ((op & 7) == 2)
				callwatch_carrier(&c[k], (op & 8) != 0, now);
			else if ((op & 7) == 3)
				callwatch_dtr(&c[k], (op & 8) != 0, now);
		}
		if ((op & 7) < 2) {
			feed(c, (op & 7) == 0 ? callwatch_client : callwatch_line, data + i, n, now);
			i += n;
		}
		check(c, now);
	}
	return 0;
}
