/*
 * The rest of a host that is played, see playhost.h.
 */
#include "playhost.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/conffile.h"
#include "daemon/confread.h"
#include "daemon/memory.h"
#include "io/dirwatch.h"
#include "io/listener.h"
#include "io/log.h"

const char *play_conf;

/* ---- the log: what must never be in it ---- */

static void
take(const char *fmt, va_list args)
{
	char line[2048];

	vsnprintf(line, sizeof line, fmt, args);
	if (getenv("PLAY_LOG") != NULL)
		fprintf(stderr, "%s\n", line);
	if (strstr(line, "please report it") != NULL)
		abort();
}

#define LOGS(name) \
	void \
	name(const char *fmt, ...) \
	{ \
		va_list args; \
		va_start(args, fmt); \
		take(fmt, args); \
		va_end(args); \
	}
LOGS(log_error)
LOGS(log_warn)
LOGS(log_info)
LOGS(log_debug)

void
log_set_level(enum log_level level)
{
	(void)level;
}

void
log_to_syslog(const char *name)
{
	(void)name;
}

void
log_to_stderr(void)
{
}

bool
log_shows(enum log_level level)
{
	(void)level;
	return true;
}

void
log_on_waiting(log_waits_fn *fn, void *ctx)
{
	(void)fn;
	(void)ctx;
}

enum log_flushed
log_flush(void)
{
	return LOG_FLUSHED;
}

void
log_end(void)
{
}

uint64_t
log_lost(void)
{
	return 0;
}

/* ---- the file ---- */

struct conf *
conffile_load(const char *path, struct conf_report *r)
{
	return conf_parse(path != NULL ? path : "played", play_conf, strlen(play_conf), r);
}

void
conffile_log(const struct conf_report *r)
{
	(void)r;
}

/* Read by nobody else, and known as the turn ends. */
struct confread {
	struct loop *loop;
	confread_fn *fn;
	void *ctx;
	struct loop_note note;
};

static void
tell_conf(void *ctx)
{
	static struct conf_report report;
	struct confread *r = ctx;
	struct conf *conf = conffile_load(NULL, &report);

	r->fn(r->ctx, conf, &report);
}

struct confread *
confread_new(struct loop *loop, const char *path, confread_fn *fn, void *ctx)
{
	struct confread *r = calloc(1, sizeof *r);

	(void)path;
	if (r != NULL)
		*r = (struct confread){ loop, fn, ctx, { NULL, tell_conf, r } };
	return r;
}

bool
confread_begin(struct confread *r, struct conf_report *report)
{
	(void)report;
	loop_soon(r->loop, &r->note);
	return true;
}

void
confread_free(struct confread *r)
{
	if (r != NULL)
		loop_unsoon(r->loop, &r->note);
	free(r);
}

/* ---- where it listens ---- */

struct listener {
	LIST_ENTRY(listener) entry;
	listener_fn *fn;
	void *ctx;
	struct sockaddr_in at;
	bool marked;
};

static LIST_HEAD(, listener) listeners;

struct listener *
listener_new(struct loop *loop, const struct sockaddr *at, socklen_t len, listener_fn *fn, void *ctx)
{
	struct listener *l;

	(void)loop;
	if (at->sa_family != AF_INET || len != sizeof l->at) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->fn = fn;
	l->ctx = ctx;
	memcpy(&l->at, at, sizeof l->at);
	LIST_INSERT_HEAD(&listeners, l, entry);
	return l;
}

struct listener *
listener_new_beside(struct loop *loop, const struct sockaddr *at, socklen_t len, listener_fn *fn, void *ctx)
{
	return listener_new(loop, at, len, fn, ctx);
}

int
listener_share(struct listener *l, bool on)
{
	(void)l;
	(void)on;
	return 0;
}

/* One that nothing is known of. */
int
listener_fd(const struct listener *l)
{
	(void)l;
	return -1;
}

void
listener_address(const struct listener *l, struct sockaddr_storage *at, socklen_t *len)
{
	memset(at, 0, sizeof *at);
	memcpy(at, &l->at, sizeof l->at);
	*len = sizeof l->at;
}

void
listener_give(struct listener *l, listener_fn *fn, void *ctx)
{
	l->fn = fn;
	l->ctx = ctx;
}

void
listener_pause(struct listener *l, bool on)
{
	(void)l;
	(void)on;
}

void
listener_log_failure(struct loop *loop, const char *key, const char *name, int error)
{
	(void)loop;
	log_warn("event=accept %s=%s error=%d", key, name, error);
}

void
listener_mark(struct listener *l, bool on)
{
	l->marked = on;
}

bool
listener_marked(const struct listener *l)
{
	return l->marked;
}

int
listener_take(struct listener *l, struct sockaddr_storage *from, socklen_t *len)
{
	(void)l;
	(void)from;
	(void)len;
	errno = EAGAIN;
	return -1;
}

bool
listener_offer(struct listener *l, int fd, const struct sockaddr *from, socklen_t len)
{
	(void)l;
	(void)fd;
	(void)from;
	(void)len;
	return false;
}

void
listener_free(struct listener *l)
{
	if (l != NULL)
		LIST_REMOVE(l, entry);
	free(l);
}

bool
play_knock(int fd, unsigned port, const struct sockaddr *from, socklen_t len)
{
	struct listener *l;

	LIST_FOREACH(l, &listeners, entry)
		if (ntohs(l->at.sin_port) == port)
			break;
	if (l != NULL)
		l->fn(l->ctx, fd, from, len);
	return l != NULL;
}

/* ---- nothing is watched, and the heap is the sanitizer's ---- */

struct dirwatch *
dirwatch_new(struct loop *loop)
{
	(void)loop;
	errno = ENOSYS;
	return NULL;
}

void
dirwatch_free(struct dirwatch *w)
{
	(void)w;
}

struct dirwatch_file *
dirwatch_add(struct dirwatch *w, const char *path, dirwatch_fn *fn, void *ctx)
{
	(void)w;
	(void)path;
	(void)fn;
	(void)ctx;
	return NULL;
}

void
dirwatch_remove(struct dirwatch_file *f)
{
	(void)f;
}

bool
dirwatch_works(struct dirwatch_file *f)
{
	(void)f;
	return false;
}

bool
dirwatch_came(struct dirwatch_file *f)
{
	(void)f;
	return false;
}

void
memory_use_one_heap(void)
{
}

void
memory_give_back(void)
{
}
