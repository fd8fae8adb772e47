/*
 * The configuration read anew, see confread.h.
 *
 * The child reads and parses, and gives the text back, which is then parsed here, once more: what has not killed it
 * does not kill us.  libconfuse ends the process where its scanner gets no memory; the child, who has text and answer
 * at once, needs more of it than we do.
 */
#include "daemon/confread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/conffile.h"
#include "io/child.h"

#define ANSWER (2 << 20) /* bytes: what the parser finds too long ends earlier */
#define MEMORY (256 << 20) /* bytes beyond what we have; 1 MiB of text takes a fraction of that */

/* What an answer begins with: the text, or what is wrong with it. */
#define IS_TEXT 't'
#define IS_WRONG 'w'

struct confread {
	struct child *child;
	const char *path;
	confread_fn *fn;
	void *ctx;
	struct conf_report report;
};

/* ---- in the child ---- */

/* What cannot be written is missed at the other end. */
static void
put(int out, const char *b, size_t n)
{
	ssize_t sent;

	for (; n > 0; b += sent, n -= (size_t)sent) {
		sent = write(out, b, n);
		if (sent < 0)
			_exit(EXIT_FAILURE);
	}
}

static void
read_and_try(void *arg, int out)
{
	struct confread *r = arg;
	char *text;
	size_t n;

	text = conffile_read(r->path, &n, &r->report);
	if (text == NULL || conf_parse(r->path, text, n, &r->report) == NULL) {
		put(out, &(char){ IS_WRONG }, 1);
		put(out, r->report.text, strlen(r->report.text));
		return;
	}
	put(out, &(char){ IS_TEXT }, 1);
	put(out, text, n);
}

/* ---- here ---- */

static void
say_wrong(struct conf_report *report, const char *text, size_t n)
{
	if (n >= sizeof report->text)
		n = sizeof report->text - 1;
	memcpy(report->text, text, n);
	report->text[n] = '\0';
	report->used = n;
	report->errors = 1;
	report->warnings = 0;
}

static void
on_ended(void *ctx, const char *wrong, const uint8_t *bytes, size_t n)
{
	struct confread *r = ctx;
	const char *answer = (const char *)bytes;
	struct conf *conf = NULL;
	char why[400];

	if (wrong == NULL && n > 0 && answer[0] == IS_TEXT) {
		conf = conf_parse(r->path, answer + 1, n - 1, &r->report);
	} else if (wrong == NULL && n > 0) {
		say_wrong(&r->report, answer + 1, n - 1);
	} else {
		snprintf(why, sizeof why, "whoever read it %s", wrong != NULL ? wrong : "said nothing");
		conffile_fail(&r->report, r->path, why);
	}
	r->fn(r->ctx, conf, &r->report);
}

bool
confread_begin(struct confread *r, struct conf_report *report)
{
	if (child_start(r->child, read_and_try, r, CONFREAD_AT_MOST, MEMORY) == 0)
		return true;
	conffile_fail(report, r->path, errno == EBUSY ? "the disk hangs" : strerror(errno));
	return false;
}

struct confread *
confread_new(struct loop *loop, const char *path, confread_fn *fn, void *ctx)
{
	struct confread *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->path = path;
	r->fn = fn;
	r->ctx = ctx;
	r->child = child_new(loop, ANSWER, on_ended, r);
	if (r->child == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
confread_free(struct confread *r)
{
	if (r == NULL)
		return;
	child_free(r->child);
	free(r);
}
