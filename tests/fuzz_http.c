/*
 * Any bytes as the texts of HTTP: all of them as the head of a request, and the first line as a Host, the second
 * as an If-None-Match, the third as a path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/httphead.h"
#include "base/httptext.h"
#include "views/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What a host is must not depend on the reader, and what is let in is one of ours. */
static void
look_at_host(const char *text)
{
	static const char *const names[] = { "modems.example" };
	char host[HTTPTEXT_NAME], again[HTTPTEXT_NAME + 2];
	bool is_address = false, ours = httptext_is_for_us(text, names, 1);

	if (httptext_host(text, host, &is_address) != 0) {
		if (ours)
			abort();
		return;
	}
	if (*host == '\0' || strpbrk(host, "[] /@%\"<>") != NULL)
		abort();
	if (ours != (is_address || strcmp(host, "localhost") == 0 || strcmp(host, names[0]) == 0))
		abort();
	if (strchr(host, ':') != NULL) {
		again[0] = '[';
		strcpy(again + 1, host);
		strcat(again, "]");
	} else
		strcpy(again, host);
	if (ours && !httptext_is_for_us(again, names, 1))
		abort();
}

/* Its end is where it is, however much of it has been looked at before, and what is let through is in order. */
static void
look_at_head(const char *text, size_t n)
{
	size_t at, seen = 0, again = 0, end = 0;
	struct httphead h;
	int status;

	for (at = 0; at <= n && end == 0; at++)
		end = httphead_length(text, at, &seen);
	if (end != httphead_length(text, n, &again))
		abort();
	if (end == 0)
		return;
	status = httphead_read(text, end, &h);
	if (status != 0 && (status < 400 || status > 505))
		abort();
	if (status == 0 && ((h.path[0] != '/' && h.path[0] != '\0') || (!h.named && (h.host[0] != '\0' || !h.close)) ||
	    strpbrk(h.host, " /@\\") != NULL || strpbrk(h.path, " ?#") != NULL))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *line[3], *at = text;
	size_t i;

	if (text == NULL)
		return 0;
	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	look_at_head(text, n);
	for (i = 0; i < 3; i++) {
		line[i] = at;
		at += strcspn(at, "\n");
		if (*at == '\n')
			*at++ = '\0';
	}
	look_at_host(line[0]);
	if (httptext_has_tag(line[1], "\"0123456789abcdef\"") && strpbrk(line[1], "\"*") == NULL)
		abort();
	if (site_find(line[2]) != NULL && line[2][0] != '/')
		abort();
	free(text);
	return 0;
}
