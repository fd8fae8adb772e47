/*
 * What a modem answers, see hayes.h: ITU-T V.250 section 5.7, and the view of &V.
 */
#include "modem/hayes_parts.h"

#include <stdio.h>
#include <string.h>

/* X0 and X1 hear neither busy nor dial tone, X2 no busy, X3 no dial tone. */
static enum result
heard(const struct hayes *h, enum result code)
{
	if (code == RESULT_BUSY && h->results < 3)
		return RESULT_NO_CARRIER;
	if (code == RESULT_NO_DIALTONE && h->results != 2 && h->results < 4)
		return RESULT_NO_CARRIER;
	return code;
}

/* The rates that had a number of their own before everybody made up his. */
static unsigned
numeric(const struct hayes *h, enum result code, uint32_t rate)
{
	static const struct {
		unsigned rate, code;
	} rates[] = { { 600, 9 }, { 1200, 5 }, { 2400, 10 }, { 4800, 11 }, { 9600, 12 } };
	size_t i;

	if (code == RESULT_CONNECT && h->results > 0)
		for (i = 0; i < sizeof rates / sizeof *rates; i++)
			if (rates[i].rate == rate)
				return rates[i].code;
	return code;
}

/* S3 may be NUL, so the text is put together by length. */
static size_t
verbose(const struct hayes *h, const char *text, char dst[static HAYES_TEXT])
{
	char end[2] = { (char)hayes_s(h, 3), (char)hayes_s(h, 4) };
	size_t n = strnlen(text, HAYES_TEXT - 2 * sizeof end);

	memcpy(dst, end, sizeof end);
	memcpy(dst + sizeof end, text, n);
	memcpy(dst + sizeof end + n, end, sizeof end);
	return n + 2 * sizeof end;
}

size_t
hayes_result(const struct hayes *h, enum result code, uint32_t rate,
    char dst[static HAYES_TEXT])
{
	char text[HAYES_TEXT];
	size_t n;

	if (h->quiet != 0)
		return 0;
	code = heard(h, code);
	if (h->verbose == 0) {
		n = (size_t)snprintf(dst, HAYES_TEXT, "%u", numeric(h, code, rate));
		dst[n] = (char)hayes_s(h, 3);
		return n + 1;
	}
	if (code == RESULT_CONNECT && h->results > 0)
		snprintf(text, sizeof text, "%s %u", result_word(code), (unsigned)rate);
	else
		snprintf(text, sizeof text, "%s", result_word(code));
	return verbose(h, text, dst);
}

size_t
hayes_info(const struct hayes *h, const char *text, char dst[static HAYES_TEXT])
{
	char whole[HAYES_TEXT];
	size_t n = verbose(h, text, whole);

	/* V0: without the line end before it (V.250 section 6.2.6). */
	if (h->verbose != 0) {
		memcpy(dst, whole, n);
		return n;
	}
	memcpy(dst, whole + 2, n - 2);
	return n - 2;
}

/* ---- the view ---- */

#define VIEW_ROW 4 /* registers in a line */

void
hayes_view(const struct hayes *h, unsigned i, char dst[static HAYES_TEXT])
{
	unsigned r, number;
	size_t n = 0;

	if (i == 0) {
		snprintf(dst, HAYES_TEXT, "E%u Q%u V%u X%u &C%u &D%u &K%u", h->echo, h->quiet,
		    h->verbose, h->results, h->carrier, h->dtr, h->flow);
		return;
	}
	for (r = (i - 1) * VIEW_ROW; r < HAYES_REGISTERS && r < i * VIEW_ROW; r++) {
		number = hayes_register(r);
		n += (size_t)snprintf(dst + n, HAYES_TEXT - n, "%sS%02u:%03u", n > 0 ? " " : "", number,
		    hayes_s(h, number));
	}
}
