/*
 * Any text in every string of a snapshot: the page has as much markup as with a plain name, the JSON
 * can be read back, and the metrics have as many lines.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "snapshots.h"
#include "views/metrics.h"
#include "views/page.h"
#include "views/statusjson.h"

#define TEXT_MAX 256 /* more only takes longer: check_clean cuts long ones */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t
count_of(const char *text, const char *bytes)
{
	size_t n = 0;

	for (; (text = strpbrk(text, bytes)) != NULL; text++)
		n++;
	return n;
}

/* How many bytes of markup a page has, and how many lines the metrics. */
static void
measure(const struct snapshot *s, size_t *markup, size_t *lines)
{
	size_t n;
	char *page = page_text(s, &n), *metrics = metrics_text(s, &n);

	if (page == NULL || metrics == NULL)
		abort();
	if (strpbrk(page, "\r\x1b\x7f") != NULL || strpbrk(metrics, "\r\x1b\x7f") != NULL)
		abort();
	*markup = count_of(page, "<>\"'\n");
	*lines = count_of(metrics, "\n");
	free(page);
	free(metrics);
}

static void
read_back(const struct snapshot *s)
{
	char *text = statusjson_text(s, true);
	json_t *all = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (json_array_size(json_object_get(all, "lines")) != s->n_lines)
		abort();
	json_decref(all);
	free(text);
}

/* A snapshot with two lines and this in every string. */
static void
spoil(struct made_up *p, const char *text)
{
	made_up_fill(p);
	made_up_spoil(p, text);
	p->snapshot.lines++;
	p->snapshot.n_lines = p->services[0].n_lines = 2;
	p->snapshot.n_services = 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static size_t markup[2], lines; /* of a page without any text, and with some */
	static struct made_up made_up;
	size_t markup_now, lines_now;
	char *text;

	if (lines == 0) {
		spoil(&made_up, "");
		measure(&made_up.snapshot, &markup[0], &lines);
		spoil(&made_up, "x");
		measure(&made_up.snapshot, &markup[1], &lines);
	}
	n = n < TEXT_MAX ? n : TEXT_MAX;
	text = malloc(n + 1);
	if (text == NULL)
		return 0;
	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	spoil(&made_up, text);
	measure(&made_up.snapshot, &markup_now, &lines_now);
	if (markup_now != markup[*text != '\0'] || lines_now != lines)
		abort();
	read_back(&made_up.snapshot);
	free(text);
	return 0;
}
