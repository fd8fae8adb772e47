/*
 * A reader of logfmt, written by what others do (go-logfmt, Loki), not by base/logfmt.c.
 */
#ifndef TESTS_LOGREAD_H
#define TESTS_LOGREAD_H

#include <stddef.h>

#define LOGREAD_MAX 2048

struct logread_pair {
	char key[LOGREAD_MAX], value[LOGREAD_MAX];
};

/*
 * The next pair at *line, which is moved behind it; a word without = is a key whose value is "".  Returns
 * 1, 0 at the end, or -1: a reader gives up here.
 */
int logread_next(const char **line, struct logread_pair *);

/* What a reader should take back of src: the same, with U+FFFD for each byte that is no UTF-8. */
void logread_wanted(char dst[static LOGREAD_MAX], const char *src);

#endif
