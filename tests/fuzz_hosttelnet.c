/*
 * Fuzzes Telnet towards a host.  The input is what the host sends; whatever it has made of the options,
 * data that is encoded for it is the same data again at a host that holds to what was agreed.
 */
#include <stdlib.h>

#include "modem/hosttelnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

#define BINARY 1 /* the bit of struct hosttelnet */

/* One byte there; the host's BINARY for what it hears is ours for what we say. */
static void
carry(struct hosttelnet *t, struct hosttelnet *host, uint8_t c)
{
	uint8_t reply[HOSTTELNET_REPLY], dst[HOSTTELNET_ENCODED], one = 0, data = 0;
	size_t i, n = hosttelnet_encode(t, c, dst), got = 0, more;

	for (i = 0; i < n; i++)
		if (hosttelnet_input(host, dst[i], &one, reply, &more)) {
			data = one;
			got++;
		}
	REQUIRE(got == 1 && data == c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hosttelnet t = { 0 }, host;
	uint8_t reply[HOSTTELNET_REPLY], c;
	size_t i, more, in = 0;

	for (i = 0; i < size; i++) {
		in += hosttelnet_input(&t, data[i], &c, reply, &more);
		REQUIRE(more == 0 || more == 3);
		REQUIRE(more == 0 || (reply[0] == 255 && reply[1] >= 251 && reply[1] <= 254));
		REQUIRE(more == 0 || reply[2] == data[i]);
		REQUIRE((t.ours & ~5) == 0 && (t.theirs & ~7) == 0);
		REQUIRE(in <= i + 1);
	}
	host = (struct hosttelnet){ .theirs = t.ours & BINARY };
	for (i = 0; i < size; i++)
		carry(&t, &host, data[i]);
	return 0;
}
