/*
 * Any bytes as values of a line of the log: a reader of logfmt takes back what was put in, no pair more and
 * none less, however short the line is cut.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/logfmt.h"
#include "logread.h"

#define PAIRS 5

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void line(char *, size_t, const char *, ...) __attribute__((format(printf, 3, 4)));

static void
line(char *dst, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (logfmt_line(dst, cap, fmt, ap) != strlen(dst) || strlen(dst) >= cap)
		abort();
	va_end(ap);
}

/* Of a value that was cut the begin is there, and what says so. */
static void
compare(const char *got, const char *value)
{
	static char want[LOGREAD_MAX];
	size_t n = strlen(got);

	logread_wanted(want, value);
	if (strcmp(got, want) == 0)
		return;
	if (n < 3 || strcmp(got + n - 3, "...") != 0 || strncmp(got, want, n - 3) != 0)
		abort();
}

static void
read_back(const char *text, const char *first, const char *second, int at_least)
{
	static struct logread_pair p;
	const char *const pairs[PAIRS][2] = {
		{ "words:", "" }, { "event", "x" }, { "a", first }, { "b", second }, { "c", first },
	};
	int n = 0, r;

	while ((r = logread_next(&text, &p)) > 0) {
		if (n == PAIRS || strcmp(p.key, pairs[n][0]) != 0)
			abort();
		compare(p.value, pairs[n++][1]);
	}
	if (r < 0 || n < at_least)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t cap = n > 0 ? 1 + data[0] : 1, size = n > 1 ? n - 1 : 0;
	char *text = malloc(size + 1), short_line[257], whole[4 * LOGFMT_VALUE];
	const char *second;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data + 1, size);
	text[size] = '\0';
	second = strlen(text) < size ? text + strlen(text) + 1 : "";
	line(short_line, cap, "words: event=x a=%s b=\"%s\" c=%s", text, second, text);
	read_back(short_line, text, second, 0);
	line(whole, sizeof whole, "words: event=x a=%s b=\"%s\" c=%s", text, second, text);
	read_back(whole, text, second, PAIRS);
	free(text);
	return 0;
}
