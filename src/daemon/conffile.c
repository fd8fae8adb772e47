/*
 * The configuration from its file, see conffile.h.
 *
 * Whatever the path leads to is opened without waiting, and nothing but a regular file is read: a FIFO would keep
 * the daemon until somebody writes, a device for ever.
 */
#include "daemon/conffile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/log.h"

#define FILE_MAX (1 << 20) /* more is told to be too much by the parser */

void
conffile_fail(struct conf_report *r, const char *path, const char *what)
{
	int n = snprintf(r->text, sizeof r->text, "%s: %s\n", path, what);

	r->used = n > 0 && (size_t)n < sizeof r->text ? (size_t)n : 0;
	r->errors = 1;
	r->warnings = 0;
}

static const char *
kind_of(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		return "a directory; expected a file";
	case S_IFIFO:
		return "a FIFO; expected a file";
	default:
		return "a device; expected a file";
	}
}

/* Up to FILE_MAX + 1 bytes into text; NULL, or what is wrong. */
static const char *
read_all(int fd, char *text, size_t *n)
{
	ssize_t got;

	*n = 0;
	do {
		got = read(fd, text + *n, FILE_MAX + 1 - *n);
		if (got > 0)
			*n += (size_t)got;
	} while ((got > 0 && *n <= FILE_MAX) || (got < 0 && errno == EINTR));
	return got < 0 ? strerror(errno) : NULL;
}

static bool
is_as_before(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Half of the old text and half of the new may be a configuration, too, and nobody's. */
static const char *
read_regular(int fd, char *text, size_t *n)
{
	struct stat before, after;
	const char *wrong;

	if (fstat(fd, &before) != 0)
		return strerror(errno);
	if (!S_ISREG(before.st_mode))
		return kind_of(&before);
	wrong = read_all(fd, text, n);
	if (wrong != NULL)
		return wrong;
	if (fstat(fd, &after) != 0)
		return strerror(errno);
	return is_as_before(&before, &after) ? NULL : "written to while it was read; expected it whole";
}

char *
conffile_read(const char *path, size_t *n, struct conf_report *r)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *wrong = fd < 0 ? strerror(errno) : NULL;
	char *text = NULL;

	if (fd >= 0 && (text = malloc(FILE_MAX + 1)) == NULL)
		wrong = strerror(ENOMEM);
	if (wrong == NULL)
		wrong = read_regular(fd, text, n);
	if (fd >= 0)
		close(fd);
	if (wrong == NULL)
		return text;
	conffile_fail(r, path, wrong);
	free(text);
	return NULL;
}

struct conf *
conffile_load(const char *path, struct conf_report *r)
{
	struct conf *conf;
	char *text;
	size_t n;

	r->text[0] = '\0';
	if ((text = conffile_read(path, &n, r)) == NULL)
		return NULL;
	conf = conf_parse(path, text, n, r);
	free(text);
	return conf;
}

/* A line of the report without what the log says itself. */
static void
log_one(const char *line, size_t n)
{
	static const char level[] = ": warning: ";
	char text[2048];
	char *at;

	snprintf(text, sizeof text, "%.*s", (int)n, line);
	if ((at = strstr(text, level)) != NULL)
		memmove(at + 2, at + sizeof level - 1, strlen(at + sizeof level - 1) + 1);
	log_warn("in the configuration: event=configuration warning=\"%s\"", text);
}

void
conffile_log(const struct conf_report *r)
{
	const char *line = r->text;
	size_t n;

	for (; *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		log_one(line, n);
	}
}
