/*
 * Recognizes result codes, see result.h.
 *
 * Of the numeric codes 0 to 8 are common to all modems.  Above, makers differ, but nearly all are
 * CONNECT at some rate; the others of the two large families are named here.  A code has no leading
 * zeros, unlike the registers that a modem shows (ATS7? gives 060).
 */
#include "modem/result.h"

#include <stdbool.h>
#include <string.h>

/* The first of a result is how V.250 writes it. */
static const struct word {
	const char *text;
	enum result is;
	bool more; /* something may follow */
} words[] = {
	{ "OK", RESULT_OK, false },
	{ "CONNECT", RESULT_CONNECT, true },
	{ "RING", RESULT_RING, true },
	{ "+CRING", RESULT_RING, true },
	{ "NO CARRIER", RESULT_NO_CARRIER, false },
	{ "ERROR", RESULT_ERROR, false },
	{ "+CME ERROR", RESULT_ERROR, true },
	{ "+CMS ERROR", RESULT_MESSAGE_ERROR, true },
	{ "COMMAND NOT SUPPORT", RESULT_ERROR, true },
	{ "COMMAND NOT SUPPORTED", RESULT_ERROR, true },
	{ "NO DIALTONE", RESULT_NO_DIALTONE, false },
	{ "NO DIAL TONE", RESULT_NO_DIALTONE, false },
	{ "BUSY", RESULT_BUSY, false },
	{ "NO ANSWER", RESULT_NO_ANSWER, false },
	{ "DELAYED", RESULT_DELAYED, true },
	{ "BLACKLISTED", RESULT_BLACKLISTED, true },
	{ "+FCON", RESULT_FAX, false },
	{ "+FCO", RESULT_FAX, false },
	{ "+FHNG", RESULT_FAX_ENDED, true },
	{ "+FHS", RESULT_FAX_ENDED, true },
	{ "RRING", RESULT_OTHER, false },
	{ "RINGING", RESULT_OTHER, false },
	{ "VCON", RESULT_OTHER, false },
	{ "CARRIER", RESULT_PROGRESS, true },
	{ "PROTOCOL", RESULT_PROGRESS, true },
	{ "COMPRESSION", RESULT_PROGRESS, true },
	{ "+MCR", RESULT_PROGRESS, true },
	{ "+MRR", RESULT_PROGRESS, true },
	{ "+ER", RESULT_PROGRESS, true },
	{ "+DR", RESULT_PROGRESS, true },
};

/* Numbers from..to, in order; those in between are CONNECT.  words: NULL for those of the result. */
static const struct {
	unsigned from, to;
	enum result is;
	const char *words;
} codes[] = {
	{ 0, 0, RESULT_OK, NULL },
	{ 2, 2, RESULT_RING, NULL },
	{ 3, 3, RESULT_NO_CARRIER, NULL },
	{ 4, 4, RESULT_ERROR, NULL },
	{ 5, 5, RESULT_CONNECT, "CONNECT 1200" },
	{ 6, 6, RESULT_NO_DIALTONE, NULL },
	{ 7, 7, RESULT_BUSY, NULL },
	{ 8, 8, RESULT_NO_ANSWER, NULL },
	{ 10, 10, RESULT_CONNECT, "CONNECT 2400" },
	{ 11, 11, RESULT_OTHER, "RINGING" },
	{ 24, 24, RESULT_DELAYED, NULL },
	{ 32, 32, RESULT_BLACKLISTED, NULL },
	{ 33, 35, RESULT_OTHER, "" },    /* FAX, DATA */
	{ 40, 58, RESULT_PROGRESS, "" }, /* CARRIER */
	{ 66, 82, RESULT_PROGRESS, "" }, /* COMPRESSION, PROTOCOL, CARRIER */
};

const char *
result_word(enum result result)
{
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].is == result)
			return words[i].text;
	return "";
}

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

static enum result
of_code(unsigned code, const char **said)
{
	size_t i;

	for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (code < codes[i].from || code > codes[i].to)
			continue;
		*said = codes[i].words != NULL ? codes[i].words : result_word(codes[i].is);
		return codes[i].is;
	}
	*said = result_word(RESULT_CONNECT);
	return RESULT_CONNECT;
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

enum result
result_of(const char *line, size_t n, const char **said)
{
	int code = number_of(line, n);
	size_t i;

	if (code >= 0)
		return of_code((unsigned)code, said);
	*said = line;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_word(&words[i], line, n))
			return words[i].is;
	return RESULT_NONE;
}
