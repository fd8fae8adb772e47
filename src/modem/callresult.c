/*
 * Recognizes result codes, see callresult.h.
 *
 * Of the numeric codes 0 to 8 are common to all modems.  Above, makers differ, but nearly all are
 * CONNECT at some rate; the others of the two large families are named here.  A code has no leading
 * zeros, unlike the registers that a modem shows (ATS7? gives 060).
 */
#include "modem/callresult.h"

#include <stdbool.h>
#include <string.h>

struct word {
	const char *text;
	enum callresult is;
	bool more; /* something may follow */
};

static const struct word words[] = {
	{ "OK", CALLRESULT_OK, false },
	{ "CONNECT", CALLRESULT_CONNECT, true },
	{ "BUSY", CALLRESULT_FAILED, false },
	{ "NO CARRIER", CALLRESULT_FAILED, false },
	{ "NO DIALTONE", CALLRESULT_FAILED, false },
	{ "NO DIAL TONE", CALLRESULT_FAILED, false },
	{ "NO ANSWER", CALLRESULT_FAILED, false },
	{ "ERROR", CALLRESULT_FAILED, false },
	{ "DELAYED", CALLRESULT_FAILED, true },
	{ "BLACKLISTED", CALLRESULT_FAILED, false },
	{ "+CME ERROR", CALLRESULT_FAILED, true },
	{ "CARRIER", CALLRESULT_PROGRESS, true },
	{ "PROTOCOL", CALLRESULT_PROGRESS, true },
	{ "COMPRESSION", CALLRESULT_PROGRESS, true },
	{ "+MCR", CALLRESULT_PROGRESS, true },
	{ "+MRR", CALLRESULT_PROGRESS, true },
	{ "+ER", CALLRESULT_PROGRESS, true },
	{ "+DR", CALLRESULT_PROGRESS, true },
};

/* Numbers from..to, in order; those in between are CONNECT. */
static const struct {
	unsigned from, to;
	enum callresult is;
	const char *words;
} codes[] = {
	{ 0, 0, CALLRESULT_OK, "OK" },
	{ 2, 2, CALLRESULT_NONE, "" },      /* RING */
	{ 3, 3, CALLRESULT_FAILED, "NO CARRIER" },
	{ 4, 4, CALLRESULT_FAILED, "ERROR" },
	{ 5, 5, CALLRESULT_CONNECT, "CONNECT 1200" },
	{ 6, 6, CALLRESULT_FAILED, "NO DIALTONE" },
	{ 7, 7, CALLRESULT_FAILED, "BUSY" },
	{ 8, 8, CALLRESULT_FAILED, "NO ANSWER" },
	{ 10, 10, CALLRESULT_CONNECT, "CONNECT 2400" },
	{ 11, 11, CALLRESULT_NONE, "" },    /* RINGING */
	{ 24, 24, CALLRESULT_FAILED, "DELAYED" },
	{ 32, 32, CALLRESULT_FAILED, "BLACKLISTED" },
	{ 33, 35, CALLRESULT_NONE, "" },    /* FAX, DATA */
	{ 40, 58, CALLRESULT_PROGRESS, "" }, /* CARRIER */
	{ 66, 82, CALLRESULT_PROGRESS, "" }, /* COMPRESSION, PROTOCOL, CARRIER */
};

static bool
is_alnum(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_word(const struct word *w, const char *line, size_t n)
{
	size_t len = strlen(w->text);

	if (n < len || memcmp(line, w->text, len) != 0)
		return false;
	return n == len || (w->more && !is_alnum(line[len]));
}

static enum callresult
of_code(unsigned code, const char **said)
{
	size_t i;

	*said = "CONNECT";
	for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (code >= codes[i].from && code <= codes[i].to) {
			*said = codes[i].words;
			return codes[i].is;
		}
	}
	return CALLRESULT_CONNECT;
}

/* At most three digits, else -1. */
static int
number_of(const char *line, size_t n)
{
	int value = 0;
	size_t i;

	if (n == 0 || n > 3 || (n > 1 && line[0] == '0'))
		return -1;
	for (i = 0; i < n; i++) {
		if (line[i] < '0' || line[i] > '9')
			return -1;
		value = 10 * value + (line[i] - '0');
	}
	return value;
}

enum callresult
callresult_of(const char *line, size_t n, const char **said)
{
	int code = number_of(line, n);
	size_t i;

	if (code >= 0)
		return of_code((unsigned)code, said);
	*said = line;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_word(&words[i], line, n))
			return words[i].is;
	return CALLRESULT_NONE;
}
